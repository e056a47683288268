//! Names of the metrics and labels that rules make: those of Sloth, whose dashboards many teams have,
//! and ours beside them.
//!
//! Source of Sloth's names: the rules that it writes, and the queries of its two Grafana dashboards.

/// Share of bad events over the window that its name ends with and its `sloth_window` says.
pub const ERROR_RATIO: &str = "slo:sli_error:ratio_rate";
/// The target.
pub const OBJECTIVE: &str = "slo:objective:ratio";
/// The target's complement.
pub const ERROR_BUDGET: &str = "slo:error_budget:ratio";
/// Length of the window of the objective, in days.
pub const PERIOD_DAYS: &str = "slo:time_period:days";
/// Burn rate over the shortest window.
pub const CURRENT_BURN_RATE: &str = "slo:current_burn_rate:ratio";
/// Burn rate over the window of the objective.
pub const PERIOD_BURN_RATE: &str = "slo:period_burn_rate:ratio";
/// Share of the budget that is left.
pub const BUDGET_REMAINING: &str = "slo:period_error_budget_remaining:ratio";
/// One series per objective, whose labels tell about it.
pub const INFO: &str = "sloth_slo_info";

/// All events of the window that its name ends with; not known to Sloth.
pub const TOTAL: &str = "slo:sli_total:increase";
/// Bad events of the window that its name ends with; not known to Sloth.
pub const BAD: &str = "slo:sli_bad:increase";
/// Share of a slice of time that is bad, a slice being as long as its name ends with; not known to Sloth.
pub const SLICE: &str = "slo:sli_slice_error:ratio";

/// Slices of time that count, in the window that its name ends with; not known to Sloth.
pub const SLICES: &str = "slo:sli_slice:count";
/// Slices' shares of bad, added up over the window that its name ends with; not known to Sloth.
pub const SLICES_BAD: &str = "slo:sli_slice_error:sum";
/// The number of the hour that runs, since the epoch; not known to Sloth.
pub const HOUR_INDEX: &str = "slo:time_hour:index";
/// The number of the calendar period that runs; not known to Sloth.
pub const PERIOD_INDEX: &str = "slo:time_period:index";
/// Events or slices that the calendar period has to its end, counted and expected; not known to Sloth.
pub const PERIOD_EXPECTED: &str = "slo:time_period:expected";
/// Mean number of events in five minutes, over the window of the objective; not known to Sloth.
pub const MEAN: &str = "slo:sli_total:mean5m";
/// As [`PERIOD_BURN_RATE`], for the other windows of an objective with several; not known to Sloth.
pub const WINDOW_BURN_RATE: &str = "slo:window_burn_rate:ratio";
/// As [`BUDGET_REMAINING`], for the other windows of an objective with several; not known to Sloth.
pub const WINDOW_REMAINING: &str = "slo:window_error_budget_remaining:ratio";

/// Label of every series: the objective, unique.
pub const ID_LABEL: &str = "sloth_id";
/// Label of every series: the service.
pub const SERVICE_LABEL: &str = "sloth_service";
/// Label of every series: the objective's name within the service.
pub const SLO_LABEL: &str = "sloth_slo";
/// Label of series about a window: its length.
pub const WINDOW_LABEL: &str = "sloth_window";
/// Label of alerts: `page` or `ticket`.
pub const SEVERITY_LABEL: &str = "sloth_severity";
/// Label of alerts on a burn rate: the tier of the alert policy. Not known to Sloth; it is what tells
/// tiers apart where one is to be routed or inhibited by itself.
pub const TIER_LABEL: &str = "slo_tier";
/// The tier that alerts on spent budgets are said to be of.
pub const EXHAUSTED_TIER: &str = "budget-exhausted";
/// The tier that alerts on absent indicators are said to be of.
pub const ABSENT_TIER: &str = "sli-absent";

/// Labels that rules give themselves, and nobody else may.
pub const RESERVED_LABELS: [&str; 7] =
    [ID_LABEL, SERVICE_LABEL, SLO_LABEL, WINDOW_LABEL, SEVERITY_LABEL, TIER_LABEL, "__name__"];

/// Whether a label can have this name, by the data model of Prometheus before version 3.
pub fn is_label(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a metric can have this name.
pub fn is_metric(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
}

/// What is wrong with the name of a label that somebody adds, and what to do; `None` where nothing is.
pub fn wrong_label(name: &str) -> Option<(String, &'static str)> {
    if RESERVED_LABELS.contains(&name) || name == "alertname" || name == "alertstate" {
        let message = format!("`{name}` is a label that rules give themselves");
        return Some((message, "choose another name"));
    }
    (!is_label(name) || name.starts_with("__")).then(|| {
        let message = format!("`{name}` is no name of a label");
        (message, "letters, digits and `_`, the first of them no digit, not two `_` at the front")
    })
}
