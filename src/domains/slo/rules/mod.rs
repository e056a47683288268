//! What may be wrong with objectives and what belongs to them.
use crate::kernel::diagnostic::Rule;

mod alert_page_within_budget;
mod alert_policy_empty;
mod alert_policy_without_page;
mod alert_short_not_below_long;
mod alert_tier_implied;
mod alert_tier_name_taken;
mod alert_tier_never_fires;
mod alert_tiers_unordered;
mod alert_window_longer_than_slo_window;
mod dependency_without_objective;
mod latency_category_without_threshold;
mod latency_slo_without_threshold;
mod resolved;
mod service_without_slo;
mod slo_duplicates_another;
mod slo_stricter_than_dependencies;
mod slo_target_beyond_measurement;
mod slo_target_low;
mod slo_target_unreachable;
mod slo_without_indicator;
mod slo_without_owner;
mod slo_without_runbook;
mod slo_without_service;
mod slo_without_window;
mod threshold_without_latency;

/// All of them.
pub static RULES: &[&Rule] = &[
    &alert_tier_never_fires::RULE,
    &alert_tier_implied::RULE,
    &alert_short_not_below_long::RULE,
    &alert_window_longer_than_slo_window::RULE,
    &alert_tier_name_taken::RULE,
    &alert_policy_empty::RULE,
    &alert_policy_without_page::RULE,
    &alert_tiers_unordered::RULE,
    &alert_page_within_budget::RULE,
    &slo_target_unreachable::RULE,
    &slo_target_low::RULE,
    &slo_without_service::RULE,
    &slo_without_runbook::RULE,
    &slo_without_indicator::RULE,
    &slo_without_owner::RULE,
    &slo_without_window::RULE,
    &latency_slo_without_threshold::RULE,
    &latency_category_without_threshold::RULE,
    &threshold_without_latency::RULE,
    &slo_stricter_than_dependencies::RULE,
    &slo_duplicates_another::RULE,
    &slo_target_beyond_measurement::RULE,
    &service_without_slo::RULE,
    &dependency_without_objective::RULE,
];
