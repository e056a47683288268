//! Steps that take longer than the plan promises.
use crate::{
    domains::recovery::{resolve, spec::DisasterRecoveryPlan},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "REC007",
    name: "recovery-time-not-kept",
    level: Level::Warning,
    fixable: false,
    page: include_str!("recovery-time-not-kept.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<DisasterRecoveryPlan>() else { return };
    let Ok(plan) = resolve::resolve(context.catalog, document, spec) else { return };
    for disruption in &plan.disruptions {
        let Some(path) = disruption.path.as_ref().filter(|path| path.total > disruption.rto) else {
            continue;
        };
        let longest = path.critical().into_iter().max_by_key(|step| path.ends[*step]);
        let steps: Vec<&str> =
            path.critical().iter().map(|step| disruption.steps[*step].id).take(6).collect();
        let of = disruption.name.map_or_else(String::new, |name| format!(" after `{name}`"));
        let message =
            format!("recovery{of} takes {}, and {} is promised", path.total, disruption.rto);
        let place =
            longest.map_or(document.name_place(), |step| disruption.steps[step].spec.id.place());
        findings.push(
            Finding::new(&RULE, place, message)
                .help(format!("what takes longest is {}", steps.join(", then "))),
        );
    }
}
