//! A runbook that nobody has tried out for too long.
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
    code: "RUN016",
    name: "drill-overdue",
    level: Level::Warning,
    fixable: false,
    page: include_str!("drill-overdue.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    // Transcripts are not read here: `sre runbook list` and `coverage` count runs as well.
    let (Some(since), Some(every)) = (due::drill(spec, None, context.now), spec.drill_every.pair())
    else {
        return;
    };
    let place = spec.drilled.as_ref().map_or(every.1, Field::place);
    let message = match spec.drilled.value() {
        Some(day) => {
            format!("it was tried out on {}, and another drill is overdue since {since}", day.0)
        }
        None => format!("it is to be tried out every {}, and never was", every.0),
    };
    findings.push(
        Finding::new(&RULE, place, message)
            .help("run it where nothing can break, then write the day under `drilled`"),
    );
}
