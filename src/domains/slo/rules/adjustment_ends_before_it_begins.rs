//! A stretch of time that holds no time.
use crate::{
    domains::slo::spec::BudgetAdjustment,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Moment, Optional},
        time::rfc3339,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ADJ005",
    name: "adjustment-ends-before-it-begins",
    level: Level::Error,
    fixable: false,
    page: include_str!("adjustment-ends-before-it-begins.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(adjustment) = document.spec::<BudgetAdjustment>() else { return };
    if let Some(interval) = adjustment.interval.value() {
        findings.extend(finding(interval.from.pair(), interval.to.pair()));
    }
    if let Some(recurrence) = adjustment.recurrence.value() {
        findings.extend(finding(recurrence.start.pair(), recurrence.until.pair()));
        if let Some((duration, place)) = recurrence.duration.pair()
            && duration.is_zero()
        {
            findings.push(
                Finding::new(&RULE, place, "a stretch of time of `0s` holds nothing")
                    .help("say how long it lasts each time: `1h`"),
            );
        }
    }
}

fn finding(from: Option<(&Moment, Place)>, to: Option<(&Moment, Place)>) -> Option<Finding> {
    let ((from, begin), (to, end)) = (from?, to?);
    (to.0 <= from.0).then(|| {
        let message = format!("ends at {}, not after it begins", rfc3339(to.0));
        Finding::new(&RULE, end, message)
            .related(begin, format!("begins at {}", rfc3339(from.0)))
            .help("check the dates and their offsets")
    })
}
