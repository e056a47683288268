//! What may be wrong with recovery plans.
use super::{resolve, spec::DisasterRecoveryPlan};
use crate::kernel::{
    diagnostic::{
        Finding, Rule,
        rule::{Context, resolving_rule},
    },
    spec::Document,
};

mod dependency_recovers_later;
mod downtime_shorter_than_recovery;
mod drill_does_not_fit;
mod recovery_drill_overdue;
mod recovery_point_not_kept;
mod recovery_step_without_duration;
mod recovery_time_not_kept;
mod recovery_without_contacts;
mod recovery_without_steps;
mod restore_not_tested;
mod spoiled_copy;

/// All of them.
pub static RULES: &[&Rule] = &[
    &RECOVERY_CIRCLE,
    &UNKNOWN_STEP,
    &UNKNOWN_DISRUPTION,
    &RECOVERY_NAME_TAKEN,
    &recovery_without_steps::RULE,
    &recovery_step_without_duration::RULE,
    &recovery_time_not_kept::RULE,
    &recovery_point_not_kept::RULE,
    &spoiled_copy::RULE,
    &recovery_drill_overdue::RULE,
    &restore_not_tested::RULE,
    &dependency_recovers_later::RULE,
    &downtime_shorter_than_recovery::RULE,
    &drill_does_not_fit::RULE,
    &recovery_without_contacts::RULE,
];

resolving_rule!(
    RECOVERY_CIRCLE,
    "REC001",
    "recovery-circle",
    Error,
    circle,
    "Steps wait for each other."
);
resolving_rule!(
    UNKNOWN_STEP,
    "REC002",
    "unknown-recovery-step",
    Error,
    unknown_step,
    "A step waits for one that does not exist."
);
resolving_rule!(
    UNKNOWN_DISRUPTION,
    "REC003",
    "unknown-disruption",
    Error,
    unknown_disruption,
    "A disruption is named that the plan does not have."
);
resolving_rule!(
    RECOVERY_NAME_TAKEN,
    "REC004",
    "recovery-name-taken",
    Error,
    name_taken,
    "Two things of a plan have the same name."
);

fn found(rule: &Rule, context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(plan) = document.spec::<DisasterRecoveryPlan>() else { return };
    let wrong = resolve::resolve(context.catalog, document, plan).err().unwrap_or_default();
    findings.extend(wrong.into_iter().filter(|finding| finding.rule.code == rule.code));
}
