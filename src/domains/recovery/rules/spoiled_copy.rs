//! A copy that is spoiled with the data.
use crate::{
    domains::recovery::spec::DisasterRecoveryPlan,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "REC009",
    name: "spoiled-copy",
    level: Level::Warning,
    fixable: false,
    page: include_str!("spoiled-copy.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(plan) = document.spec::<DisasterRecoveryPlan>() else { return };
    let spoils =
        || values(&plan.disruptions).filter(|one| one.corrupts_data.value() == Some(&true));
    for backup in values(&plan.backups) {
        let follows =
            backup.replication_lag.is_some() && backup.point_in_time.value() != Some(&true);
        for (survives, place) in backup.survives.iter().filter_map(|one| one.pair()) {
            let Some(disruption) = spoils().find(|one| one.name.get() == Some(survives)) else {
                continue;
            };
            if follows {
                let message = format!("a copy that follows at once is spoiled by `{survives}` too");
                findings.push(Finding::new(&RULE, place, message).help(
                    "say `point_in_time: true` with a `retention` where it can be brought back as it was before",
                ));
                continue;
            }
            let noticed = disruption.detected_within.value();
            if let (Some(kept), Some(noticed)) = (backup.retention.value(), noticed)
                && kept < noticed
            {
                let message = format!(
                    "copies are kept for {kept}, and `{survives}` may be noticed after {noticed}"
                );
                findings.push(
                    Finding::new(&RULE, place, message).help(
                        "keep copies for longer than it takes to notice that they are spoiled",
                    ),
                );
            }
        }
    }
}
