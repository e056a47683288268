//! What may be wrong with objectives and what belongs to them.
use crate::kernel::diagnostic::Rule;

mod adjustment_ends_before_it_begins;
mod adjustment_excludes_too_much;
mod adjustment_rule_invalid;
mod adjustment_without_approval;
mod adjustment_without_end;
mod adjustment_without_reason;
mod adjustment_without_slo;
mod adjustment_without_ticket;
mod alert_one_window;
mod alert_page_within_budget;
mod alert_policy_empty;
mod alert_policy_without_page;
mod alert_short_not_below_long;
mod alert_tier_implied;
mod alert_tier_name_taken;
mod alert_tier_never_fires;
mod alert_tiers_unordered;
mod alert_waits_too_long;
mod alert_window_longer_than_slo_window;
mod alert_window_shorter_than_step;
mod composite_cycle;
mod composite_field_without_effect;
mod composite_part_has_group_by;
mod composite_part_repeated;
mod composite_part_without_slices;
mod dependency_without_objective;
mod group_by_label_taken;
mod group_by_without_labels;
mod histogram_not_a_selector;
mod histogram_with_suffix;
mod latency_category_without_threshold;
mod latency_slo_without_threshold;
pub(in crate::domains::slo) mod memo;
mod minimum_coverage_without_effect;
mod policy_condition_empty;
mod policy_exemption_expired;
mod policy_exemption_without_expiry;
mod policy_exemption_without_ticket;
mod policy_states_unordered;
mod policy_window_without_condition;
mod policy_without_states;
mod predicate_invalid;
mod promql_counter_without_rate;
mod promql_invalid;
mod promql_sides_differ;
mod promql_unchecked;
mod promql_unparsable;
mod promql_window_missing;
mod recurrence;
mod resolved;
mod service_without_slo;
mod sla_credit_tiers_unordered;
mod sla_exclusion_not_excluding;
mod sla_field_without_effect;
mod sla_service_differs;
mod sla_stricter_than_slo;
mod sla_tier_above_target;
mod sla_without_slo;
mod sla_without_time_zone;
mod sli_good_equals_total;
mod sli_good_total_swapped;
mod sli_indicator_not_a_ratio;
mod sli_sides_incomplete;
mod sli_source_mismatch;
mod sli_without_measurement;
mod sli_without_source;
mod slice_longer_than_budget;
mod slice_not_whole_steps;
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
pub(in crate::domains::slo) mod sloth_field_ignored;
pub(in crate::domains::slo) mod sloth_name_refused;
pub(in crate::domains::slo) mod sloth_plugin_not_run;
mod test_cannot_pass;
mod threshold_without_latency;
mod windows_repeated;

/// All of them.
pub static RULES: &[&Rule] = &[
    &adjustment_without_ticket::RULE,
    &adjustment_without_reason::RULE,
    &adjustment_without_approval::RULE,
    &adjustment_without_end::RULE,
    &adjustment_ends_before_it_begins::RULE,
    &adjustment_rule_invalid::RULE,
    &adjustment_excludes_too_much::RULE,
    &adjustment_without_slo::RULE,
    &alert_tier_never_fires::RULE,
    &alert_tier_implied::RULE,
    &alert_short_not_below_long::RULE,
    &alert_window_longer_than_slo_window::RULE,
    &alert_tier_name_taken::RULE,
    &alert_policy_empty::RULE,
    &alert_policy_without_page::RULE,
    &alert_tiers_unordered::RULE,
    &alert_page_within_budget::RULE,
    &alert_window_shorter_than_step::RULE,
    &alert_one_window::RULE,
    &alert_waits_too_long::RULE,
    &policy_exemption_without_expiry::RULE,
    &policy_exemption_without_ticket::RULE,
    &policy_exemption_expired::RULE,
    &policy_states_unordered::RULE,
    &policy_condition_empty::RULE,
    &policy_without_states::RULE,
    &policy_window_without_condition::RULE,
    &sla_without_slo::RULE,
    &sla_stricter_than_slo::RULE,
    &sla_credit_tiers_unordered::RULE,
    &sla_tier_above_target::RULE,
    &sla_service_differs::RULE,
    &sla_without_time_zone::RULE,
    &sla_exclusion_not_excluding::RULE,
    &sla_field_without_effect::RULE,
    &sli_without_measurement::RULE,
    &sli_without_source::RULE,
    &sli_source_mismatch::RULE,
    &predicate_invalid::RULE,
    &sli_good_equals_total::RULE,
    &sli_good_total_swapped::RULE,
    &sli_indicator_not_a_ratio::RULE,
    &sli_sides_incomplete::RULE,
    &promql_invalid::RULE,
    &promql_unparsable::RULE,
    &promql_unchecked::RULE,
    &promql_sides_differ::RULE,
    &promql_counter_without_rate::RULE,
    &promql_window_missing::RULE,
    &histogram_not_a_selector::RULE,
    &histogram_with_suffix::RULE,
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
    &composite_cycle::RULE,
    &composite_part_repeated::RULE,
    &composite_part_has_group_by::RULE,
    &composite_field_without_effect::RULE,
    &composite_part_without_slices::RULE,
    &group_by_without_labels::RULE,
    &group_by_label_taken::RULE,
    &slice_not_whole_steps::RULE,
    &slice_longer_than_budget::RULE,
    &windows_repeated::RULE,
    &minimum_coverage_without_effect::RULE,
    &service_without_slo::RULE,
    &dependency_without_objective::RULE,
    &sloth_field_ignored::RULE,
    &sloth_name_refused::RULE,
    &sloth_plugin_not_run::RULE,
    &test_cannot_pass::RULE,
];
