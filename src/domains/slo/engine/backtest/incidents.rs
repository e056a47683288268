//! Times at which something was wrong, found in what was measured.
use super::{
    allowed,
    sums::{Sums, Threshold},
};
use crate::{
    domains::slo::{engine::exact, model::Objective},
    kernel::{
        series::EventSeries,
        units::{Duration, Instant, Ratio},
    },
};

/// A time at which something was wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// When it began.
    pub from: Instant,
    /// When it ended, not in it.
    pub to: Instant,
    /// What it is called; empty where it was found.
    pub name: String,
}

/// What counts as an incident where none are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// More than this share of the budget of the objective's window was spent.
    pub share: Ratio,
    /// Errors that are no further apart belong together. Where not said, that is a quarter of an hour, or three
    /// times the usual time from one step with events to the next, if that is longer: what runs every twenty
    /// minutes cannot fail more often.
    pub gap: Option<Duration>,
}

/// As much as the most urgent alert of the workbook is to notice: 2 % of the budget.
const SHARE: Ratio = match Ratio::from_parts(20_000_000) {
    Some(ratio) => ratio,
    None => Ratio::ONE,
};

/// How far apart errors that belong together may be where traffic is not sparse.
pub const GAP: Duration = Duration::from_minutes(15);

/// How many times the usual time between events that may be where it is.
const USUAL_TIMES: u64 = 3;

impl Default for Definition {
    fn default() -> Self {
        Self { share: SHARE, gap: None }
    }
}

/// The incidents of a history, in their order.
///
/// Steps of which more than `1 − T` of the events were bad spend the budget faster than it lasts. Such steps with
/// at most `gap` between the end of one and the beginning of the next are a burst; what lies between them may
/// be better, silent or not measured. Of a burst, the incident is the part in which most was spent beyond what
/// the target allows at its traffic, the shortest where there are several: single errors before and after an
/// outage are no part of it. It counts where its bad events are more than `share` of those that the objective's
/// window allows at the mean traffic of the history.
pub fn find(objective: Objective, series: &EventSeries, definition: Definition) -> Vec<Incident> {
    let sums = Sums::of(series);
    let allowed = allowed(objective, &sums);
    let least = definition.share.as_f64() * allowed;
    let gap = sums.steps_of(definition.gap.unwrap_or_else(|| usual_gap(&sums)));
    let incident = |from: usize, to: usize| {
        let (from, to) = worst_part(objective, &sums, from, to)?;
        let spent = sums.events(from, to).bad();
        exact::is_above(spent, least).then(|| Incident {
            from: sums.at(from),
            to: sums.at(to),
            name: String::new(),
        })
    };
    let budget = Threshold::budget(objective.target());
    let mut found = Vec::new();
    let mut burst: Option<(usize, usize)> = None;
    for step in 0..sums.len() {
        if !budget.is_exceeded(sums.events(step, step + 1)) {
            continue;
        }
        burst = match burst {
            Some((from, to)) if step - to <= gap => Some((from, step + 1)),
            ended => {
                found.extend(ended.and_then(|(from, to)| incident(from, to)));
                Some((step, step + 1))
            }
        };
    }
    found.extend(burst.and_then(|(from, to)| incident(from, to)));
    found
}

/// How far apart errors may be that belong together, see [`Definition::gap`].
pub fn gap(series: &EventSeries, definition: Definition) -> Duration {
    definition.gap.unwrap_or_else(|| usual_gap(&Sums::of(series)))
}

fn usual_gap(sums: &Sums) -> Duration {
    let busy = || (0..sums.len()).filter(|step| sums.events(*step, step + 1).total > 0.0);
    // Where most steps have events, the next one is where it usually is.
    let count = busy().count();
    if count < 2 || 2 * count > sums.len() {
        return GAP;
    }
    let mut apart: Vec<usize> = busy().zip(busy().skip(1)).map(|(one, next)| next - one).collect();
    let middle = apart.len() / 2;
    let (_, usual, _) = apart.select_nth_unstable(middle);
    let usual = (*usual as u64).saturating_mul(sums.step().milliseconds());
    GAP.max(Duration::from_milliseconds(usual.saturating_mul(USUAL_TIMES)))
}

/// The part of `from..to` in which most was spent beyond what the target allows.
///
/// Source: Kadane's algorithm for the segment with the greatest sum, as in J. Bentley, "Programming Pearls",
/// Communications of the ACM 27 (9), 1984.
fn worst_part(objective: Objective, sums: &Sums, from: usize, to: usize) -> Option<(usize, usize)> {
    let mut best: Option<(f64, usize, usize)> = None;
    let (mut sum, mut begin) = (0.0, from);
    for step in from..to {
        if sum <= 0.0 {
            (sum, begin) = (0.0, step);
        }
        sum += beyond(objective, sums, step);
        if sum > best.map_or(0.0, |(most, ..)| most) {
            best = Some((sum, begin, step + 1));
        }
    }
    best.map(|(_, from, to)| (from, to))
}

/// Bad events of a step beyond those that the target allows, in parts of [`Ratio::PARTS`]: whole for whole events.
fn beyond(objective: Objective, sums: &Sums, step: usize) -> f64 {
    let events = sums.events(step, step + 1);
    let allowed = f64::from(objective.error_budget().parts()) * events.total;
    events.bad() * f64::from(Ratio::PARTS) - allowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::slo::engine::testing::{objective, series, series_strategy};
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_minutes(1);

    fn definition(share: &str, gap: &str) -> Definition {
        Definition { share: share.parse().unwrap(), gap: Some(gap.parse().unwrap()) }
    }

    /// Minutes from the start of the series.
    fn minutes(found: &[Incident], series: &EventSeries) -> Vec<(i64, i64)> {
        let minute = |at: Instant| (at - series.start()).num_minutes();
        found.iter().map(|one| (minute(one.from), minute(one.to))).collect()
    }

    #[track_caller]
    fn check(parts: &[(usize, (u32, u32))], of: Definition, expected: &[(i64, i64)]) {
        let counts = parts.iter().flat_map(|(n, count)| std::iter::repeat_n(*count, *n));
        let series = series(MINUTE, counts);
        let found = find(objective("99%", "1d"), &series, of);
        assert_eq!(minutes(&found, &series), expected);
    }

    #[test]
    fn an_outage_is_an_incident_from_its_first_to_its_last_minute() {
        // 100 a minute and 1440 minutes: 1440 bad events are allowed, 2 % of that are 28.8.
        let of = definition("2%", "15m");
        check(&[(100, (100, 0)), (29, (99, 1)), (1311, (100, 0))], of, &[]);
        check(&[(100, (100, 0)), (15, (98, 2)), (1325, (100, 0))], of, &[(100, 115)]);
        // 28 are too few, and so are exactly as many as the share.
        check(&[(100, (100, 0)), (14, (98, 2)), (1326, (100, 0))], of, &[]);
        check(&[(100, (100, 0)), (7, (98, 2)), (1333, (100, 0))], definition("1%", "15m"), &[]);
    }

    #[test]
    fn bursts_belong_together_up_to_a_gap() {
        let two = |gap| {
            [(100, (100, 0)), (5, (0, 100)), (gap, (100, 0)), (5, (0, 100)), (1000, (100, 0))]
        };
        let of = definition("2%", "15m");
        check(&two(15), of, &[(100, 125)]);
        check(&two(16), of, &[(100, 105), (121, 126)]);
    }

    #[test]
    fn what_runs_every_twenty_minutes_fails_for_hours_in_one_incident() {
        // Ten days of jobs, one of which fails here and there, and all of them for five hours.
        let failing = |job: usize| (300..315).contains(&job) || job % 190 == 7;
        let job = |minute: usize| match minute % 20 {
            3 if failing(minute / 20) => (0, 1),
            3 => (1, 0),
            _ => (0, 0),
        };
        let series = series(MINUTE, (0..14_400).map(job));
        let found = find(objective("95%", "30d"), &series, Definition::default());
        assert_eq!(minutes(&found, &series), [(6003, 6284)]);
        assert_eq!(gap(&series, Definition::default()), Duration::from_hours(1));
        assert_eq!(gap(&series, definition("2%", "3m")), Duration::from_minutes(3));
    }

    #[test]
    fn single_errors_around_an_outage_are_no_part_of_it() {
        let counts = [
            (100, (100, 0)),
            (1, (98, 2)),
            (10, (100, 0)),
            (20, (50, 50)),
            (10, (100, 0)),
            (1, (98, 2)),
            (1000, (100, 0)),
        ];
        check(&counts, definition("2%", "15m"), &[(111, 131)]);
    }

    #[test]
    fn errors_that_the_target_allows_are_no_incident_however_long() {
        check(&[(1440, (99, 1))], definition("2%", "15m"), &[]);
        check(&[(1440, (98, 2))], definition("2%", "15m"), &[(0, 1440)]);
        check(&[(1440, (0, 0))], definition("2%", "15m"), &[]);
    }

    /// The same definition, word by word.
    fn by_trying_all(series: &EventSeries, of: Definition) -> Vec<(i64, i64)> {
        let target = 0.99;
        let counts: Vec<(f64, f64)> = series
            .counts()
            .iter()
            .map(|count| count.map_or((0.0, 0.0), |count| (count.bad(), count.total)))
            .collect();
        let sum = |from: usize, to: usize| {
            counts[from..to].iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
        };
        let measured = series.counts().iter().flatten().count() as f64;
        let steps = 86_400_000.0 / series.step().milliseconds() as f64;
        let allowed = sum(0, counts.len()).1 / measured.max(1.0) * steps * (1.0 - target);
        let bad: Vec<usize> =
            (0..counts.len()).filter(|at| counts[*at].0 * 100.0 > counts[*at].1).collect();
        let together = |one: usize, next: usize| {
            (next - one - 1) as u64 * series.step().milliseconds() <= of.gap.unwrap().milliseconds()
        };
        let mut found = Vec::new();
        for burst in bad.chunk_by(|one, next| together(*one, *next)) {
            let (first, last) = (burst[0], burst[burst.len() - 1] + 1);
            let mut best = (0.0, 0, 0);
            for to in first + 1..=last {
                for from in (first..to).rev() {
                    let (bad, total) = sum(from, to);
                    let beyond = bad * 100.0 - total;
                    if beyond > best.0 {
                        best = (beyond, from, to);
                    }
                }
            }
            let step = i64::try_from(series.step().milliseconds() / 60_000).unwrap();
            if sum(best.1, best.2).0 > of.share.as_f64() * allowed {
                let minutes = |at: usize| i64::try_from(at).unwrap() * step;
                found.push((minutes(best.1), minutes(best.2)));
            }
        }
        found
    }

    proptest! {
        #[test]
        fn incidents_are_those_of_the_definition(
            series in series_strategy(),
            gap in 0u64..200,
            share in prop_oneof![Just("0%"), Just("3%"), Just("50%"), Just("100%")],
        ) {
            let of = Definition { share: share.parse().unwrap(), gap: Some(Duration::from_minutes(gap)) };
            let found = find(objective("99%", "1d"), &series, of);
            prop_assert_eq!(minutes(&found, &series), by_trying_all(&series, of));
            prop_assert!(found.windows(2).all(|pair| pair[0].to <= pair[1].from));
        }
    }
}
