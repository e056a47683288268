//! A budget of less than one slice.
use crate::{
    domains::slo::{
        model::{Budgeting, Objective},
        resolve,
        spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO021",
    name: "slice-longer-than-budget",
    level: Level::Warning,
    fixable: false,
    page: include_str!("slice-longer-than-budget.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    // A ratio of slices spends parts of a slice.
    let Ok(Budgeting::Timeslices { slice, .. }) = resolve::budgeting(slo) else { return };
    let Some((target, place)) = slo.target.pair() else { return };
    for window in resolve::windows(document, slo, context.settings) {
        let Ok(objective) = Objective::new(*target, window.length()) else { continue };
        let minutes = objective.allowed_minutes();
        if minutes < slice.minutes() {
            let message = format!(
                "{} of `{window}` allows {minutes:.1} minutes: one bad slice of `{slice}` misses it",
                target.percent()
            );
            findings.push(
                Finding::new(&RULE, place, message)
                    .help("write a shorter `slice` or a lower target, or count events"),
            );
            return;
        }
    }
}
