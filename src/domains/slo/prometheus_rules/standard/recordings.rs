//! Events per window, and the share of bad ones; or slices of time, and the share of bad ones.
use super::{
    super::{
        Rule,
        names::{BAD, ERROR_RATIO, SLICE, SLICES, TOTAL, WINDOW_LABEL},
    },
    BASE, HOUR, Subject,
};
use crate::{
    domains::slo::model::{Budgeting, NoTraffic},
    kernel::{measure::server::window_text, units::Duration},
};
use std::collections::BTreeSet;

/// The windows over which the share of bad events is recorded, shortest first: those of the alerts, and
/// those that dashboards show, of which the hour is that of the chart of a month.
pub(super) fn windows(subject: &Subject<'_>) -> BTreeSet<Duration> {
    let tiers = subject.tiers.iter();
    let shown = [subject.base(), HOUR];
    tiers.flat_map(|tier| [tier.long, tier.short]).chain(shown).collect()
}

/// The rules. Of each window all events come first, then what is counted against them.
pub(super) fn rules(subject: &Subject<'_>) -> Vec<Rule> {
    match subject.objective.budgeting {
        Budgeting::Occurrences => {
            let windows: BTreeSet<Duration> =
                windows(subject).into_iter().chain(subject.summed_up()).collect();
            windows.into_iter().flat_map(|window| of_events(subject, window)).collect()
        }
        Budgeting::Timeslices { slice, target, no_traffic } => {
            let bad = format!("{{}} > bool {}", target.complement());
            sliced(subject, slice, no_traffic, &bad)
        }
        Budgeting::RatioTimeslices { slice, no_traffic } => {
            sliced(subject, slice, no_traffic, "{}")
        }
    }
}

/// A recording about a window.
pub(super) fn record(name: &str, window: Duration, expression: String) -> Rule {
    Rule::record(format!("{name}{window}"), expression).label(WINDOW_LABEL, window.to_string())
}

/// All events of a window and the share of bad ones, and the bad ones where somebody needs them.
fn of_events(subject: &Subject<'_>, window: Duration) -> Vec<Rule> {
    let (total, bad, ratio) = counted(subject, window);
    if subject.summed_up().contains(&window) {
        let on_record = subject.of_window(BAD, window);
        let of = subject.of_window(TOTAL, window);
        let ratio = format!("{on_record}\n/\n({of} > 0)");
        return vec![total, record(BAD, window, bad), record(ERROR_RATIO, window, ratio)];
    }
    vec![total, record(ERROR_RATIO, window, ratio)]
}

/// All events of a window, as a rule; the bad ones, and their share, as expressions.
fn counted(subject: &Subject<'_>, window: Duration) -> (Rule, String, String) {
    let bad = subject.sides.bad(window, &subject.identity);
    let total = subject.of_window(TOTAL, window);
    let on = subject.sides.matching();
    let ratio = format!("(\n{bad}\n)\n/ {on}\n({total} > 0)");
    (record(TOTAL, window, subject.sides.total(window)), bad, ratio)
}

/// Slices: of each the events and how bad it is, then of each window how many slices count and which
/// share of them is bad.
///
/// A subquery looks at multiples of its step since the epoch, which is where slices end, and looks at
/// each slice once.
fn sliced(subject: &Subject<'_>, slice: Duration, no_traffic: NoTraffic, bad: &str) -> Vec<Rule> {
    let (total, bad_events, _) = counted(subject, slice);
    let of = subject.of_window(TOTAL, slice);
    let share = format!("({}\n/\n({of} > 0))", subject.of_window(BAD, slice));
    let judged = bad.replace("{}", &share);
    let judged = match no_traffic {
        NoTraffic::Ignore => judged,
        NoTraffic::Good => format!("({judged})\nor\n0 * {of}"),
        NoTraffic::Bad => format!("({judged})\nor\n({of} == bool 0)"),
    };
    let mut rules = vec![total, record(BAD, slice, bad_events), record(SLICE, slice, judged)];
    for window in windows(subject) {
        let slices = subject.slices(window, slice);
        rules.push(record(SLICES, window, format!("count_over_time({slices})")));
        rules.push(record(ERROR_RATIO, window, format!("avg_over_time({slices})")));
    }
    rules
}

impl Subject<'_> {
    /// The slices of a window, as the argument of a function over time.
    pub(super) fn slices(&self, window: Duration, slice: Duration) -> String {
        self.tiles(SLICE, window, slice)
    }

    /// What was recorded of a window, taken once for each of the steps that lie in it side by side, as the
    /// argument of a function over time: each event counts once, however often rules are evaluated.
    ///
    /// The window is a second short of its length: where it begins with the end of a step, that step lies
    /// before it.
    pub(super) fn tiles(&self, name: &str, window: Duration, step: Duration) -> String {
        let range = Duration::from_milliseconds(window.milliseconds().saturating_sub(1000));
        format!("{}[{}:{}]", self.of_window(name, step), window_text(range), window_text(step))
    }

    /// The shortest window, which says how fast the budget is spent now: as long as a slice where slices
    /// are longer than five minutes.
    pub(super) fn base(&self) -> Duration {
        self.objective.budgeting.slice().unwrap_or(BASE).max(BASE)
    }
}
