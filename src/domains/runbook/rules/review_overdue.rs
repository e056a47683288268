//! A runbook that nobody has looked at for too long.
use super::due;
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Field, Optional as _},
};

pub(super) static RULE: Rule = Rule {
    code: "RUN015",
    name: "review-overdue",
    level: Level::Warning,
    fixable: false,
    page: include_str!("review-overdue.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    let (Some(since), Some(every)) = (due::review(spec, context.now), spec.review_every.pair())
    else {
        return;
    };
    let place = spec.reviewed.as_ref().map_or(every.1, Field::place);
    let message = match spec.reviewed.value() {
        Some(day) => {
            format!("it was reviewed on {}, and another review is overdue since {since}", day.0)
        }
        None => format!("it is to be reviewed every {}, and never was", every.0),
    };
    findings.push(
        Finding::new(&RULE, place, message)
            .help("read it against what is true now, then write the day under `reviewed`"),
    );
}
