//! Courses of events over time: what is fed to rules, and what the engine says of it.
use super::inputs::Counts;
use crate::{
    domains::slo::{
        engine::{
            alert::{self, AlertState},
            slices,
        },
        model::{AlertPolicy, AlertTier, Budgeting, Objective},
    },
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant},
    },
};
use chrono::DateTime;
use std::{borrow::Cow, fmt::Write as _};

/// Events per step, from the epoch on, as promtool's tests begin there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Course {
    stretches: Vec<Stretch>,
}

/// Steps that are all the same.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    steps: u64,
    /// Share of bad events.
    bad: f64,
    /// So many times the usual events.
    traffic: f64,
}

impl Course {
    /// Goes on for so many steps with that share of bad events.
    pub(super) fn then(self, steps: u64, bad: f64) -> Self {
        self.at_traffic(1.0, steps, bad)
    }

    /// The same at so many times the usual traffic.
    pub(super) fn at_traffic(mut self, traffic: f64, steps: u64, bad: f64) -> Self {
        if steps > 0 {
            self.stretches.push(Stretch { steps, bad, traffic });
        }
        self
    }

    /// How many steps there are.
    pub(super) fn steps(&self) -> u64 {
        self.stretches.iter().map(|stretch| stretch.steps).sum()
    }

    /// The counter of a series, as promtool writes it, at so many events a step.
    pub(super) fn values(&self, counts: Counts, rate: f64) -> String {
        let mut text = "0+0x0".to_owned();
        let mut value = 0.0;
        for stretch in &self.stretches {
            let share = match counts {
                Counts::All => 1.0,
                Counts::Good => 1.0 - stretch.bad,
                Counts::Bad => stretch.bad,
            };
            let by = rate * stretch.traffic * share;
            let _ = write!(text, " {}+{}x{}", number(value + by), number(by), stretch.steps - 1);
            value += by * stretch.steps as f64;
        }
        text
    }

    /// The mean share of bad events of the last so many steps, traffic being even.
    pub(super) fn mean(&self, last: u64) -> f64 {
        let mut left = last;
        let mut bad = 0.0;
        for stretch in self.stretches.iter().rev() {
            let counted = left.min(stretch.steps);
            bad += counted as f64 * stretch.bad;
            left -= counted;
        }
        bad / last as f64
    }

    /// What the engine says of the condition of a tier when the course has ended.
    pub(super) fn fires(
        &self,
        tier: &AlertTier,
        objective: Objective,
        budgeting: Budgeting,
        (step, rate): (Duration, f64),
    ) -> bool {
        let counts = self.stretches.iter().flat_map(|stretch| {
            let total = rate * stretch.traffic;
            let count = EventCount { good: total * (1.0 - stretch.bad), total };
            std::iter::repeat_n(Some(count), usize::try_from(stretch.steps).unwrap_or(0))
        });
        let start: Instant = DateTime::UNIX_EPOCH;
        let series = EventSeries::new(start, step, counts.collect());
        let end = series.end();
        let Ok(series) = slices::budgeted(Cow::Owned(series), budgeting) else { return false };
        let tier = AlertTier { hold: Duration::ZERO, ..tier.clone() };
        let policy = AlertPolicy { tiers: vec![tier] };
        let readings = alert::read(&policy, objective, &series, end);
        readings.first().is_some_and(|reading| reading.state == AlertState::Firing)
    }
}

/// A number without the noise of binary fractions.
fn number(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    format!("{rounded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_the_end_looks_back_so_many_steps() {
        let course = Course::default().then(5, 1.0).then(3, 0.5).then(1, 0.0);
        assert!((course.mean(1) - 0.0).abs() < 1e-12);
        assert!((course.mean(4) - 0.375).abs() < 1e-12);
        assert!((course.mean(6) - 3.5 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn a_counter_goes_up_by_what_is_counted() {
        let course = Course::default().then(2, 0.0).then(3, 0.25);
        assert_eq!(course.values(Counts::All, 8.0), "0+0x0 8+8x1 24+8x2");
        assert_eq!(course.values(Counts::Bad, 8.0), "0+0x0 0+0x1 2+2x2");
        assert_eq!(course.values(Counts::Good, 8.0), "0+0x0 8+8x1 22+6x2");
    }
}
