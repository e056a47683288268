//! What may be wrong with recovery plans.
use super::{resolve, spec::DisasterRecoveryPlan};
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
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

/// Declares a rule whose findings are made where a plan is resolved.
macro_rules! resolving {
    ($rule:ident, $code:literal, $name:literal, $check:ident, $what:literal) => {
        #[doc = $what]
        pub static $rule: Rule = Rule {
            code: $code,
            name: $name,
            level: Level::Error,
            fixable: false,
            page: include_str!(concat!($name, ".md")),
            check: Check::Document($check),
        };

        fn $check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
            found(&$rule, context, document, findings);
        }
    };
}

resolving!(RECOVERY_CIRCLE, "REC001", "recovery-circle", circle, "Steps wait for each other.");
resolving!(
    UNKNOWN_STEP,
    "REC002",
    "unknown-recovery-step",
    unknown_step,
    "A step waits for one that does not exist."
);
resolving!(
    UNKNOWN_DISRUPTION,
    "REC003",
    "unknown-disruption",
    unknown_disruption,
    "A disruption is named that the plan does not have."
);
resolving!(
    RECOVERY_NAME_TAKEN,
    "REC004",
    "recovery-name-taken",
    name_taken,
    "Two things of a plan have the same name."
);

fn found(rule: &Rule, context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(plan) = document.spec::<DisasterRecoveryPlan>() else { return };
    let wrong = resolve::resolve(context.catalog, document, plan).err().unwrap_or_default();
    findings.extend(wrong.into_iter().filter(|finding| finding.rule.code == rule.code));
}
