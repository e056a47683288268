//! What becomes of a budget along one path of events to come.
use super::history::Cell;
use crate::{
    domains::slo::{
        engine::{budget, exact},
        model::Objective,
    },
    kernel::{
        series::EventSeries,
        units::{Duration, Instant},
    },
};

/// What the budget is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// The objective's window, which rolls on: what is old leaves it, and when is known.
    Rolling,
    /// A period of the calendar: bad events add up until its end, and what is allowed is a share of all
    /// its events, those still to come included.
    Calendar {
        /// Start of the period.
        from: Instant,
        /// End of the period, not in it.
        end: Instant,
    },
}

/// The course of a budget over a number of cells to come, as far as it is known.
#[derive(Debug)]
pub(super) struct Known {
    /// `1 − T`.
    budget: f64,
    /// For each number of cells to come, none included, what of the past then still counts.
    past: Vec<Cell>,
    rule: Rule,
}

#[derive(Debug)]
enum Rule {
    /// Cells of the window.
    Rolling(usize),
    Calendar,
}

/// Where one path leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outcome {
    /// The number of cells after which the budget is overspent for the first time; 0: it is already.
    pub(super) overspent_after: Option<usize>,
    /// Share of the budget that is left after all of the cells; 1 without events.
    pub(super) remaining_ratio: f64,
}

impl Known {
    /// The course of the budget over `ahead` cells after `now`.
    pub(super) fn new(
        (objective, course): (Objective, Course),
        series: &EventSeries,
        now: Instant,
        (cell, ahead): (Duration, usize),
    ) -> Self {
        let budget = objective.error_budget().as_f64();
        let window = |from: Instant| Cell::of(series.window(from, now).events);
        match course {
            Course::Rolling => {
                let length = objective.window();
                let cells = (length.milliseconds() + cell.milliseconds() / 2) / cell.milliseconds();
                let begin = budget::back(now, length);
                let past = (0..=ahead as u64).map(|cells| {
                    let later = cell.milliseconds().checked_mul(cells).map(|later| {
                        chrono::TimeDelta::milliseconds(i64::try_from(later).unwrap_or(i64::MAX))
                    });
                    let from = later.and_then(|later| begin.checked_add_signed(later));
                    from.filter(|from| *from < now).map_or_else(Cell::default, window)
                });
                let rule = Rule::Rolling(usize::try_from(cells).unwrap_or(usize::MAX).max(1));
                Self { budget, past: past.collect(), rule }
            }
            Course::Calendar { from, .. } => {
                Self { budget, past: vec![window(from); ahead + 1], rule: Rule::Calendar }
            }
        }
    }

    /// Where the path leads of which `sums[k]` are the events of the first `k` cells to come.
    pub(super) fn outcome(&self, sums: &[Cell]) -> Outcome {
        let last = sums.len() - 1;
        let at = |cells: usize| {
            let (past, sum) = (self.past[cells], sums[cells]);
            let left = match self.rule {
                Rule::Rolling(window) if cells > window => sums[cells - window],
                Rule::Rolling(_) | Rule::Calendar => Cell::default(),
            };
            let (bad, total) = (sum.bad - left.bad, sum.total - left.total);
            Cell { bad: past.bad + bad, total: past.total + total }
        };
        let end = at(last);
        let is_overspent = |cells: &usize| {
            let Cell { bad, total } = at(*cells);
            let total = if matches!(self.rule, Rule::Calendar) { end.total } else { total };
            exact::is_above(bad, total * self.budget)
        };
        let overspent_after = (0..=last).find(is_overspent);
        let allowed = end.total * self.budget;
        let remaining_ratio = if allowed > 0.0 { 1.0 - end.bad / allowed } else { 1.0 };
        Outcome { overspent_after, remaining_ratio }
    }
}
