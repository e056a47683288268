//! What incidents cost of an error budget.
use super::Impact;
use crate::kernel::{
    series::EventSeries,
    time::Period,
    units::{Instant, Ratio},
};
use std::collections::BTreeMap;

/// Whose bad events those of an objective were. Unit: events, or slices where the objective counts these.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    /// All that were bad in the time.
    pub spent: f64,
    /// Those in steps of at least one incident, each counted once.
    pub attributed: f64,
    /// What each incident cost, in the order in which they were given.
    pub shares: Vec<Share>,
}

impl Ledger {
    /// Those in no incident.
    pub fn unattributed(&self) -> f64 {
        (self.spent - self.attributed).max(0.0)
    }
}

/// What an incident cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// All bad events in its time.
    pub in_its_time: f64,
    /// The same, where those of steps of several incidents are divided evenly among these. They add up.
    pub attributed: f64,
    /// How many steps lie in its time.
    pub steps: u64,
    /// How many of these were measured.
    pub measured: u64,
}

/// Divides the bad events of `window` among incidents, each given by the periods in which it touched users.
///
/// A step belongs whole to each incident that overlaps it: what is bad in it most likely came from that. Where
/// several do, its bad events are divided evenly, so that none counts twice.
pub fn ledger(series: &EventSeries, window: Period, incidents: &[Vec<Period>]) -> Ledger {
    let mut shares = vec![Share::default(); incidents.len()];
    let mut owners: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, (periods, share)) in incidents.iter().zip(&mut shares).enumerate() {
        let mut steps: Vec<usize> =
            periods.iter().flat_map(|period| steps_of(series, *period, window)).collect();
        steps.sort_unstable();
        steps.dedup();
        share.steps = steps.len() as u64;
        for step in steps {
            owners.entry(step).or_default().push(at);
        }
    }
    let mut attributed = 0.0;
    for (step, owners) in owners {
        let Some(count) = series.count_at(step) else { continue };
        attributed += count.bad();
        for owner in &owners {
            if let Some(share) = shares.get_mut(*owner) {
                share.in_its_time += count.bad();
                share.attributed += count.bad() / owners.len() as f64;
                share.measured += 1;
            }
        }
    }
    let spent = series.window(window.from, window.to).events.bad();
    Ledger { spent, attributed, shares }
}

/// The steps that a period overlaps, of those that begin within the window.
fn steps_of(series: &EventSeries, period: Period, window: Period) -> std::ops::Range<usize> {
    let step = i64::try_from(series.step().milliseconds()).unwrap_or(i64::MAX);
    let since = |at: Instant| (at - series.start()).num_milliseconds();
    let up = |milliseconds: i64| {
        milliseconds.div_euclid(step) + i64::from(milliseconds.rem_euclid(step) > 0)
    };
    let first = since(period.from).div_euclid(step).max(up(since(window.from)));
    let last = up(since(period.to)).min(up(since(window.to)));
    let index = |number: i64| usize::try_from(number.max(0)).unwrap_or(usize::MAX);
    let (first, last) = (index(first), index(last).min(series.len()));
    first.min(last)..last
}

/// Minutes of a total outage that written impacts come to: at each instant the greatest share of those that are
/// about the objective, and never their sum. Nothing where none of them says a share.
pub fn bad_minutes(impacts: &[Impact], slo: Option<&str>, now: Instant) -> Option<f64> {
    let about = |impact: &&Impact| match (impact.slo.as_deref(), slo) {
        (Some(of), Some(slo)) => of == slo,
        (None, _) | (_, None) => true,
    };
    let with_share: Vec<(Instant, Instant, f64)> = impacts
        .iter()
        .filter(about)
        .filter_map(|impact| {
            let share = impact.bad_fraction?.as_f64();
            Some((impact.from, impact.to.unwrap_or(now).min(now), share))
        })
        .filter(|(from, to, _)| from < to)
        .collect();
    if with_share.is_empty() {
        return None;
    }
    let mut edges: Vec<Instant> =
        with_share.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
    edges.sort_unstable();
    edges.dedup();
    let minutes = edges.windows(2).map(|pair| {
        let [from, to] = pair else { return 0.0 };
        let here = with_share.iter().filter(|(begin, end, _)| begin <= from && to <= end);
        let share = here.map(|(_, _, share)| *share).fold(0.0, f64::max);
        (*to - *from).as_seconds_f64() / 60.0 * share
    });
    Some(minutes.sum())
}

/// The share of a budget that bad minutes take: of the window's minutes, `1 − target` may be bad.
pub fn share_of_minutes(bad_minutes: f64, target: Ratio, window_minutes: f64) -> Option<f64> {
    let allowed = target.complement().as_f64() * window_minutes;
    (allowed > 0.0).then(|| bad_minutes / allowed)
}

/// The bad events that written impacts come to. Nothing where none of them says a number.
pub fn bad_events(impacts: &[Impact], slo: Option<&str>) -> Option<f64> {
    let about = |impact: &&Impact| match (impact.slo.as_deref(), slo) {
        (Some(of), Some(slo)) => of == slo,
        (None, _) | (_, None) => true,
    };
    let mut counted =
        impacts.iter().filter(about).filter_map(|impact| impact.bad_events).peekable();
    counted.peek()?;
    Some(counted.map(|events| events as f64).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{series::EventCount, units::Duration};
    use chrono::TimeDelta;

    fn at(minute: i64) -> Instant {
        let start: Instant = "2026-05-14T09:00:00Z".parse().unwrap();
        start + TimeDelta::minutes(minute)
    }

    fn period(from: i64, to: i64) -> Period {
        Period { from: at(from), to: at(to) }
    }

    /// Ten events in each step of five minutes, of which so many are bad.
    fn series(bad: &[Option<u32>]) -> EventSeries {
        let count = |bad: &Option<u32>| {
            bad.map(|bad| EventCount { good: f64::from(10 - bad), total: 10.0 })
        };
        EventSeries::new(at(0), Duration::from_minutes(5), bad.iter().map(count).collect())
    }

    #[test]
    fn what_two_incidents_share_counts_once() {
        let series = series(&[Some(1), Some(4), Some(6), Some(2), None, Some(3)]);
        let incidents = [vec![period(5, 15)], vec![period(10, 20)], vec![]];
        let found = ledger(&series, period(0, 30), &incidents);
        assert_eq!(found.spent.to_bits(), 16.0_f64.to_bits());
        for (share, (in_its_time, attributed)) in
            found.shares.iter().zip([(10.0, 7.0), (8.0, 5.0), (0.0, 0.0)])
        {
            assert!((share.in_its_time - in_its_time).abs() < 1e-12, "{share:?}");
            assert!((share.attributed - attributed).abs() < 1e-12, "{share:?}");
        }
        assert!((found.attributed - 12.0).abs() < 1e-12);
        assert!((found.unattributed() - 4.0).abs() < 1e-12);
    }

    #[test]
    fn a_step_that_is_overlapped_in_part_belongs_to_the_incident() {
        let series = series(&[Some(1), Some(4), Some(6), Some(2)]);
        let share =
            |periods: Vec<Period>, window: Period| ledger(&series, window, &[periods]).shares[0];
        let found = share(vec![period(7, 11)], period(0, 20));
        assert_eq!((found.steps, found.measured), (2, 2));
        assert!((found.attributed - 10.0).abs() < 1e-12);
        // Once, however many periods overlap it; none outside of the window or the series.
        assert_eq!(share(vec![period(6, 7), period(8, 9)], period(0, 20)).steps, 1);
        assert_eq!(share(vec![period(-60, 90)], period(0, 20)).steps, 4);
        assert_eq!(share(vec![period(-60, 90)], period(7, 15)).steps, 1);
        assert_eq!(share(vec![period(30, 90)], period(0, 90)).steps, 0);
    }

    #[test]
    fn steps_without_measurements_cost_nothing_and_are_told() {
        let found =
            ledger(&series(&[Some(1), None, Some(6)]), period(0, 15), &[vec![period(0, 10)]]);
        assert_eq!((found.shares[0].steps, found.shares[0].measured), (2, 1));
    }
}
