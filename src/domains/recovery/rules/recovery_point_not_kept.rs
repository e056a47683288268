//! Copies from which more is lost than the plan allows.
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
    code: "REC008",
    name: "recovery-point-not-kept",
    level: Level::Warning,
    fixable: false,
    page: include_str!("recovery-point-not-kept.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<DisasterRecoveryPlan>() else { return };
    if spec.backups.is_empty() {
        return;
    }
    let Ok(plan) = resolve::resolve(context.catalog, document, spec) else { return };
    for disruption in &plan.disruptions {
        let of = disruption.name.map_or_else(String::new, |name| format!(" after `{name}`"));
        let best = disruption.copies.iter().min_by_key(|copy| (copy.loss, copy.id));
        let (message, place, help) = match best {
            None => (
                format!("no copy of the data is left{of}"),
                document.name_place(),
                "add a backup that survives it, or say under `survives` which one does".to_owned(),
            ),
            Some(copy) if copy.loss.worst > disruption.rpo => (
                format!(
                    "up to {} of data are lost{of}, and {} is promised",
                    copy.loss.worst, disruption.rpo
                ),
                copy.spec.id.place(),
                "back up more often, or let a copy follow that survives it".to_owned(),
            ),
            Some(_) => continue,
        };
        findings.push(Finding::new(&RULE, place, message).help(help));
    }
}
