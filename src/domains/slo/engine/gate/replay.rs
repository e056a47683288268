//! What a policy would have said of the past.
use super::{Decision, GateInput, Leniency, Moment, Policy, Ruling, Subject, judge};
use crate::kernel::{series::EventSeries, units::Instant};

/// Share of an objective's window that must have been measured for a moment of the past to be judged: a
/// window that is half there says nothing of what the gate would have seen with all of it.
pub const ENOUGH: f64 = 0.99;

/// What a policy would have said at some moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replay {
    /// The moments that can be judged, in their order.
    pub judged: Vec<Judged>,
    /// How many cannot, because too little of the window before them was measured.
    pub uncovered: usize,
}

/// A moment, and what a policy says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The moment.
    pub at: Instant,
    /// What the policy says.
    pub ruling: Ruling,
    /// What is decided, without exemptions and broken glass.
    pub decision: Decision,
    /// Whether the moment before it could not be judged, or there is none.
    pub alone: bool,
}

/// Moments in a row at which changes wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch<'a> {
    /// The first of them.
    pub first: &'a Judged,
    /// The last of them.
    pub last: &'a Judged,
    /// How many they are.
    pub moments: usize,
    /// The first moment after it at which changes may go out again; `None` where none was judged.
    pub until: Option<Instant>,
}

/// Holds a policy against a series at each of `moments`.
///
/// What a moment is judged by is what was measured before it: the future of the series is not looked at.
pub fn replay(
    policy: &Policy,
    subject: Subject<'_>,
    series: &EventSeries,
    moments: &[Moment],
) -> Replay {
    let mut replay = Replay::default();
    let mut alone = true;
    for moment in moments {
        // Of a long history most moments may lack theirs: what costs more than a look is not computed.
        if moment.count(subject.objective, series).coverage() < ENOUGH {
            replay.uncovered += 1;
            alone = true;
            continue;
        }
        let input = GateInput::at(policy, subject, series, *moment);
        let ruling = judge(policy, Ok(&input));
        let decision = ruling.decide(Leniency::None);
        replay.judged.push(Judged { at: moment.at, ruling, decision, alone });
        alone = false;
    }
    replay
}

impl Replay {
    /// At how many moments that was decided.
    pub fn count(&self, decision: Decision) -> usize {
        self.judged.iter().filter(|judged| judged.decision == decision).count()
    }

    /// The stretches of time in which changes wait, in their order.
    pub fn freezes(&self) -> Vec<Stretch<'_>> {
        let mut stretches: Vec<Stretch<'_>> = Vec::new();
        let mut open = false;
        for judged in &self.judged {
            let frozen = judged.decision == Decision::Freeze;
            match stretches.last_mut() {
                Some(stretch) if open && !judged.alone && frozen => {
                    (stretch.last, stretch.moments) = (judged, stretch.moments + 1);
                }
                Some(stretch) if open && !judged.alone => stretch.until = Some(judged.at),
                _ => {}
            }
            let continued = open && !judged.alone;
            if frozen && !continued {
                stretches.push(Stretch { first: judged, last: judged, moments: 1, until: None });
            }
            open = frozen;
        }
        stretches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domains::slo::{
            engine::{
                gate::{Condition, PolicyState},
                testing::{objective, series, series_strategy},
            },
            model::{AlertPolicy, PolicyAction},
        },
        kernel::{
            series::EventCount,
            units::{Duration, Ratio},
        },
    };
    use proptest::prelude::*;

    fn overspent() -> Policy {
        let state = PolicyState {
            name: "frozen".to_owned(),
            conditions: vec![Condition::RemainingBelow(Ratio::ZERO)],
            actions: vec![PolicyAction::Freeze],
        };
        Policy { states: vec![state], on_unknown: None }
    }

    fn replay_each_step(window: &str, series: &EventSeries) -> Replay {
        let steps = i32::try_from(series.counts().len()).unwrap();
        let moments: Vec<Moment> = (1..=steps)
            .map(|step| (series.start() + series.step().to_chrono() * step).into())
            .collect();
        let objective = objective("99%", window);
        let alerts = AlertPolicy::default();
        replay(&overspent(), Subject::rolling(objective, &alerts), series, &moments)
    }

    /// Days from the start of the series.
    fn days(replay: &Replay, series: &EventSeries) -> Vec<(i64, i64, Option<i64>)> {
        let day = |at: Instant| (at - series.start()).num_days();
        let stretches = replay.freezes();
        let each = stretches
            .iter()
            .map(|stretch| (day(stretch.first.at), day(stretch.last.at), stretch.until.map(day)));
        each.collect()
    }

    #[test]
    fn an_outage_freezes_for_as_long_as_the_window_remembers_it() {
        // Twenty days of a hundred events each; on the ninth, four fail.
        let counts = (0..20).map(|day| if day == 8 { (96, 4) } else { (100, 0) });
        let series = series(Duration::from_days(1), counts);
        let found = replay_each_step("3d", &series);
        // Four of three hundred are too many at the end of days 9, 10 and 11.
        assert_eq!(days(&found, &series), [(9, 11, Some(12))]);
        assert_eq!((found.uncovered, found.judged.len()), (2, 18));
        assert_eq!((found.count(Decision::Freeze), found.count(Decision::Allow)), (3, 15));
        // And of five hundred not.
        assert_eq!(days(&replay_each_step("5d", &series), &series), []);
    }

    #[test]
    fn a_freeze_that_the_data_end_with_has_no_end() {
        let counts = (0..6).map(|day| if day >= 4 { (90, 10) } else { (100, 0) });
        let series = series(Duration::from_days(1), counts);
        assert_eq!(days(&replay_each_step("2d", &series), &series), [(5, 6, None)]);
    }

    #[test]
    fn a_gap_ends_what_is_known_of_a_freeze() {
        let bad = Some(EventCount { good: 90.0, total: 100.0 });
        let counts = vec![bad, bad, None, bad, bad];
        let series = EventSeries::new(
            "2026-03-01T00:00:00Z".parse().unwrap(),
            Duration::from_days(1),
            counts,
        );
        let found = replay_each_step("1d", &series);
        assert_eq!(days(&found, &series), [(1, 2, None), (4, 5, None)]);
        assert_eq!(found.uncovered, 1);
    }

    proptest! {
        /// The past is judged by what was known then: nothing that came later changes it. And the
        /// stretches hold each frozen moment once.
        #[test]
        fn the_future_does_not_matter(series in series_strategy(), cut in 0usize..90) {
            let whole = replay_each_step("2h", &series);
            let known = series.counts().iter().take(cut).copied().collect();
            let before = EventSeries::new(series.start(), series.step(), known);
            let part = replay_each_step("2h", &before);
            prop_assert_eq!(&whole.judged[..part.judged.len()], part.judged.as_slice());
            prop_assert_eq!(whole.judged.len() + whole.uncovered, series.counts().len());
            let frozen: usize = whole.freezes().iter().map(|stretch| stretch.moments).sum();
            prop_assert_eq!(frozen, whole.count(Decision::Freeze));
        }

        /// What is looked at to tell whether a moment can be judged is what it is then judged by.
        #[test]
        fn moments_count_what_they_are_judged_by(
            series in series_strategy(),
            (from, length, now) in (0i64..2000, 1i64..2000, 0i64..4000),
            rolls: bool,
        ) {
            let minutes = |count| series.start() + chrono::TimeDelta::minutes(count);
            let period = (!rolls).then(|| (minutes(from), minutes(from + length)));
            let at = if rolls { minutes(now) } else { minutes(from + 1 + now % length) };
            let (moment, alerts) = (Moment { at, period }, AlertPolicy::default());
            let subject = Subject::rolling(objective("99%", "2h"), &alerts);
            let input = GateInput::at(&overspent(), subject, &series, moment);
            prop_assert_eq!(moment.count(subject.objective, &series), input.count);
        }
    }
}
