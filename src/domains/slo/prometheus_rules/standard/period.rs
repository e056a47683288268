//! The budgets of an objective's windows.
use super::{
    super::{
        Rule,
        names::{
            BAD, BUDGET_REMAINING, CURRENT_BURN_RATE, ERROR_RATIO, HOUR_INDEX, MEAN,
            PERIOD_BURN_RATE, PERIOD_EXPECTED, PERIOD_INDEX, SLICE, SLICES, SLICES_BAD, TOTAL,
            WINDOW_BURN_RATE, WINDOW_LABEL, WINDOW_REMAINING,
        },
    },
    BASE, HOUR, Subject, calendar,
    recordings::{self, record},
};
use crate::{
    domains::slo::{
        engine::calendar_budget::ToCome,
        model::{Budgeting, Window},
        resolve::ResolvedObjective,
    },
    kernel::{measure::server::window_text, time::Calendar, units::Duration},
};

/// The label that tells the further windows of an objective apart.
pub(super) const FURTHER_WINDOW: &str = "slo_window";

/// The share of bad events over each window, how fast that spends the budget, and what is left; and how
/// fast it is spent now.
pub(super) fn rules(subject: &Subject<'_>) -> Vec<Rule> {
    let budget = subject.objective.objective.error_budget();
    let now = subject.of_window(ERROR_RATIO, subject.base());
    let now = format!("max without ({WINDOW_LABEL}) ({now})\n/\n{budget}");
    let mut rules = vec![Rule::record(CURRENT_BURN_RATE, now)];
    for window in subject.windows {
        rules.extend(of_window(subject, window));
    }
    if subject.tiers.iter().any(|tier| tier.event_weighted) && subject.counts_events() {
        let range = window_text(subject.objective.objective.window());
        let total = subject.of_window(TOTAL, BASE);
        let mean = format!("max without ({WINDOW_LABEL}) (avg_over_time({total}[{range}]))");
        rules.push(Rule::record(MEAN, mean));
    }
    rules
}

/// One window: the first one under Sloth's names, further ones under ours.
fn of_window(subject: &Subject<'_>, window: &ResolvedObjective<'_>) -> Vec<Rule> {
    let first = window.first_window;
    let (burn_rate, remaining) = if first {
        (PERIOD_BURN_RATE, BUDGET_REMAINING)
    } else {
        (WINDOW_BURN_RATE, WINDOW_REMAINING)
    };
    let named = |rule: Rule| {
        if first { rule } else { rule.label(FURTHER_WINDOW, window.window.to_string()) }
    };
    let budget = window.objective.error_budget();
    let (mut rules, suffix, left) = match &window.window {
        Window::Rolling(length) => (rolling(subject, *length), length.to_string(), None),
        Window::Calendar(calendar) => {
            let suffix = format!("_{}", calendar.unit.name());
            let step = calendar::step(calendar.unit, subject.objective.budgeting.slice());
            let expected = format!("{PERIOD_EXPECTED}{suffix}");
            let bad = summed(subject, step, calendar, false);
            let expected = subject.series(&expected);
            let left =
                format!("max without ({WINDOW_LABEL}) (\n{bad}\n)\n/\n({budget} * {expected} > 0)");
            (in_calendar(subject, calendar, step), suffix, Some(left))
        }
    };
    let ratio = subject.series(&format!("{ERROR_RATIO}{suffix}"));
    let burn = format!("max without ({WINDOW_LABEL}) ({ratio})\n/\n{budget}");
    rules.push(named(Rule::record(burn_rate, burn)));
    let spent = left.unwrap_or_else(|| {
        // A series with the label of its window, where several share a metric.
        if first {
            subject.series(burn_rate)
        } else {
            format!("(max without ({WINDOW_LABEL}) ({ratio}) / {budget})")
        }
    });
    rules.push(named(Rule::record(remaining, format!("1 - {spent}"))));
    rules
}

/// The share of bad events over a rolling window, from what was recorded in it.
///
/// Long windows are added up from whole hours, and five-minute steps of the hour that runs: a subquery costs
/// as many evaluations as it has steps.
fn rolling(subject: &Subject<'_>, length: Duration) -> Vec<Rule> {
    // An alert may have a window of the same length, counted from the events themselves.
    if recordings::windows(subject).contains(&length) {
        return Vec::new();
    }
    let slice = subject.objective.budgeting.slice();
    if subject.adds_hours(length) {
        let (mut rules, ratio) = by_hours(subject, length, slice);
        rules.push(record(ERROR_RATIO, length, ratio));
        return rules;
    }
    let ratio = if let Some(slice) = slice {
        format!("avg_over_time({})", subject.slices(length, slice))
    } else {
        let sum = |name| format!("sum_over_time({})", subject.tiles(name, length, BASE));
        format!("{}\n/\n({} > 0)", sum(BAD), sum(TOTAL))
    };
    vec![record(ERROR_RATIO, length, ratio)]
}

/// The same from hours, with what has to be recorded for it.
fn by_hours(
    subject: &Subject<'_>,
    length: Duration,
    slice: Option<Duration>,
) -> (Vec<Rule>, String) {
    let mut rules = vec![Rule::record(HOUR_INDEX, "floor(vector(time() / 3600))")];
    let step = slice.unwrap_or(BASE);
    let index = subject.series(HOUR_INDEX);
    let begun = window_text(step);
    let of_this_hour = |name: &str| {
        let series = subject.of_window(name, step);
        format!(
            "(\n{series}\nand on ()\n({index} offset {begun} == on () {index} @ end())\n)[1h:{begun}]"
        )
    };
    // The two parts are told apart by the label of their windows, so that both stand in the union.
    let both = |hours: &str, rest: String| {
        let hours = subject.tiles(hours, length, HOUR);
        format!("sum without ({WINDOW_LABEL}) (\nsum_over_time({hours})\nor\n{rest}\n)")
    };
    let (bad, all) = if let Some(slice) = slice {
        let slices = subject.slices(HOUR, slice);
        rules.push(record(SLICES_BAD, HOUR, format!("sum_over_time({slices})")));
        (
            both(SLICES_BAD, format!("sum_over_time({})", of_this_hour(SLICE))),
            both(SLICES, format!("count_over_time({})", of_this_hour(SLICE))),
        )
    } else {
        (
            both(BAD, format!("sum_over_time({})", of_this_hour(BAD))),
            both(TOTAL, format!("sum_over_time({})", of_this_hour(TOTAL))),
        )
    };
    (rules, format!("{bad}\n/\n({all} > 0)"))
}

/// The share of bad events of the calendar period that runs, and how many events it has to its end.
fn in_calendar(subject: &Subject<'_>, calendar: &Calendar, step: Duration) -> Vec<Rule> {
    let suffix = format!("_{}", calendar.unit.name());
    let mut rules = Vec::new();
    if let Some(slice) = subject.objective.budgeting.slice() {
        let slices = subject.slices(step, slice);
        rules.push(record(SLICES_BAD, step, format!("sum_over_time({slices})")));
        if !recordings::windows(subject).contains(&step) {
            rules.push(record(SLICES, step, format!("count_over_time({slices})")));
        }
    }
    let now = calendar::Now::of(calendar);
    rules.push(Rule::record(format!("{PERIOD_INDEX}{suffix}"), now.index()));
    let (bad, all) =
        (summed(subject, step, calendar, false), summed(subject, step, calendar, true));
    rules.push(
        Rule::record(format!("{ERROR_RATIO}{suffix}"), format!("{bad}\n/\n({all} > 0)"))
            .label(WINDOW_LABEL, calendar.unit.name()),
    );
    let left = now.seconds_left();
    let budgeting = subject.objective.budgeting;
    let to_come = if let (ToCome::OneEach, Some(slice)) = (ToCome::of(budgeting), budgeting.slice())
    {
        format!("on () group_left ()\n({left}) / {}", slice.seconds())
    } else {
        let all = subject.of_window(all_of(budgeting), step);
        let mean = format!("avg_over_time({all}[28d:{}])", window_text(step));
        format!(
            "max without ({WINDOW_LABEL}) ({mean})\n* on () group_left ()\n(({left}) / {})",
            step.seconds()
        )
    };
    let counted = format!("max without ({WINDOW_LABEL}) ({all})");
    rules.push(Rule::record(
        format!("{PERIOD_EXPECTED}{suffix}"),
        format!("{counted}\n+ {to_come}"),
    ));
    rules
}

/// Bad or all events, or slices, of the calendar period that runs.
fn summed(subject: &Subject<'_>, step: Duration, calendar: &Calendar, all: bool) -> String {
    let budgeting = subject.objective.budgeting;
    let name = match (budgeting, all) {
        (_, true) => all_of(budgeting),
        (Budgeting::Occurrences, false) => BAD,
        (_, false) => SLICES_BAD,
    };
    let index = subject.series(&format!("{PERIOD_INDEX}_{}", calendar.unit.name()));
    let (series, step) = (subject.of_window(name, step), window_text(step));
    let longest = window_text(calendar::longest(calendar.unit));
    format!(
        "sum_over_time((\n{series}\nand on ()\n({index} offset {step} == on () {index} @ end())\n)[{longest}:{step}])"
    )
}

fn all_of(budgeting: Budgeting) -> &'static str {
    if budgeting == Budgeting::Occurrences { TOTAL } else { SLICES }
}
