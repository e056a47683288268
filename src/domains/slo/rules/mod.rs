//! What may be wrong with objectives and what belongs to them.
use crate::kernel::diagnostic::Rule;

mod resolved;
mod slo_target_low;
mod slo_target_unreachable;
mod slo_without_indicator;
mod slo_without_owner;
mod slo_without_runbook;
mod slo_without_service;
mod slo_without_window;

/// All of them.
pub static RULES: &[&Rule] = &[
    &slo_target_unreachable::RULE,
    &slo_target_low::RULE,
    &slo_without_service::RULE,
    &slo_without_runbook::RULE,
    &slo_without_indicator::RULE,
    &slo_without_owner::RULE,
    &slo_without_window::RULE,
];
