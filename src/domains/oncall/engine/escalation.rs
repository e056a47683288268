//! Who is told of a page, minute by minute, and whether anybody always is.
//!
//! The proof does not try minutes one by one. A step that tells somebody at the instants of a set `S`, so
//! long after the page, tells somebody of the pages at `S` moved back by that delay. The pages of which
//! somebody is told in time are the union of these sets over all steps that are soon enough; what is left of
//! the period are all counterexamples, to the second.
use super::{
    Schedule, Shift, Window,
    coverage::coverage,
    periods::{difference, intersection, union},
};
use crate::{
    domains::oncall::engine::GapRule,
    kernel::{
        time::{Period, Zone},
        units::{Duration, Instant},
    },
};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// Steps until somebody acknowledges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Escalation {
    /// The steps of a round, in the order of their delays.
    pub steps: Vec<Step>,
    /// How many further rounds there are.
    pub repeats: u8,
    /// From the beginning of a round to that of the next.
    pub every: Duration,
}

/// What happens at some time after the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How long after the beginning of the round.
    pub after: Duration,
    /// Who is told.
    pub contacts: Vec<Contact>,
    /// The hours in which they are, by the clocks of a zone; `None` for all hours.
    pub hours: Option<(Zone, Vec<Window>)>,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What it is called: the rotation and the role, the team, the person.
    pub name: String,
    /// Who that is.
    pub who: Who,
}

/// Whom a contact means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever is on call then.
    OnCall(Schedule),
    /// These people, whenever.
    People(Vec<String>),
    /// A program: nobody.
    Program,
}

/// When people cannot be reached: periods in order that do not meet.
pub type Absences = BTreeMap<String, Vec<Period>>;

impl Step {
    /// When the step happens at all.
    fn open(&self, period: Period) -> Vec<Period> {
        match &self.hours {
            None => vec![period],
            Some((zone, windows)) => coverage(zone, GapRule::default(), windows, period),
        }
    }

    /// When the step tells which people, in a period.
    pub fn told(&self, period: Period, absences: &Absences) -> Vec<Shift> {
        let open = self.open(period);
        let none = Vec::new();
        let mut told = Vec::new();
        for contact in &self.contacts {
            let shifts = match &contact.who {
                Who::OnCall(schedule) => schedule.shifts(period),
                Who::People(people) => {
                    people.iter().map(|person| Shift { period, person: person.clone() }).collect()
                }
                Who::Program => Vec::new(),
            };
            for shift in shifts {
                let away = absences.get(&shift.person).unwrap_or(&none);
                let here = difference(&intersection(&open, &[shift.period]), away);
                told.extend(
                    here.into_iter().map(|period| Shift { period, person: shift.person.clone() }),
                );
            }
        }
        told
    }

    /// When the step tells somebody.
    pub fn reaches(&self, period: Period, absences: &Absences) -> Vec<Period> {
        union(self.told(period, absences).into_iter().map(|shift| shift.period).collect())
    }

    /// When the step happens and tells nobody.
    pub fn silent(&self, period: Period, absences: &Absences) -> Vec<Period> {
        difference(&self.open(period), &self.reaches(period, absences))
    }
}

fn delta(duration: Duration) -> TimeDelta {
    let milliseconds = i64::try_from(duration.milliseconds()).unwrap_or(i64::MAX);
    TimeDelta::try_milliseconds(milliseconds).unwrap_or(TimeDelta::MAX)
}

/// Something that happens after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'e> {
    /// How long after the page.
    pub after: Duration,
    /// When that is.
    pub at: Instant,
    /// The round, from 0.
    pub round: u8,
    /// The step in it, from 0.
    pub step: usize,
    /// The contact of the step; `None` where it is out of its hours.
    pub contact: Option<&'e Contact>,
    /// Who is told; nobody where that contact is a program, or has nobody.
    pub people: Vec<String>,
    /// Who would be, and is away.
    pub away: Vec<String>,
}

impl Escalation {
    /// When each step of each round happens: how long after the page, and which round and step it is.
    fn moments(&self) -> Vec<(Duration, u8, usize)> {
        let mut moments: Vec<_> = (0..=self.repeats)
            .flat_map(|round| {
                let begin = self.every.milliseconds().saturating_mul(u64::from(round));
                self.steps.iter().enumerate().map(move |(at, step)| {
                    let after = step.after.milliseconds().saturating_add(begin);
                    (Duration::from_milliseconds(after), round, at)
                })
            })
            .collect();
        moments.sort_by_key(|(after, round, step)| (*after, *round, *step));
        moments
    }

    /// How long after the page the last step of the last round happens.
    pub fn longest(&self) -> Duration {
        self.moments().last().map_or(Duration::ZERO, |(after, ..)| *after)
    }

    /// What happens after a page that nobody acknowledges before so long has passed.
    pub fn after(
        &self,
        page: Instant,
        acknowledged: Option<Duration>,
        absences: &Absences,
    ) -> Vec<Event<'_>> {
        let mut events = Vec::new();
        for (after, round, number) in self.moments() {
            if acknowledged.is_some_and(|acknowledged| after >= acknowledged) {
                break;
            }
            let Some(at) = page.checked_add_signed(delta(after)) else { break };
            let moment = Period { from: at, to: at + TimeDelta::seconds(1) };
            let Some(step) = self.steps.get(number) else { continue };
            let event = |contact| Event {
                after,
                at,
                round,
                step: number,
                contact,
                people: Vec::new(),
                away: Vec::new(),
            };
            if step.open(moment).is_empty() {
                events.push(event(None));
                continue;
            }
            for contact in &step.contacts {
                let alone = Step { contacts: vec![contact.clone()], ..step.clone() };
                let people = |absences: &Absences| -> Vec<String> {
                    let told = alone.told(moment, absences);
                    let mut people: Vec<String> =
                        told.into_iter().map(|shift| shift.person).collect();
                    people.sort_unstable();
                    people.dedup();
                    people
                };
                let here = people(absences);
                let all = people(&Absences::new());
                let away = all.into_iter().filter(|person| !here.contains(person)).collect();
                events.push(Event { people: here, away, ..event(Some(contact)) });
            }
        }
        events
    }

    /// The instants of a period at which a page would reach nobody within so long.
    pub fn unanswered(&self, period: Period, within: Duration, absences: &Absences) -> Vec<Period> {
        // Who is told after the period of a page in it.
        let until = period.to.checked_add_signed(delta(within)).unwrap_or(period.to);
        let whole = Period { from: period.from, to: until };
        let reached: Vec<Vec<Period>> =
            self.steps.iter().map(|step| step.reaches(whole, absences)).collect();
        let mut answered = Vec::new();
        for (after, _, step) in self.moments() {
            if after > within {
                break;
            }
            let reached = reached.get(step).into_iter().flatten();
            answered.extend(
                reached
                    .map(|one| Period { from: one.from - delta(after), to: one.to - delta(after) }),
            );
        }
        difference(&[period], &union(answered))
    }

    /// How long it takes at the most until somebody is told, over all pages in a period; `None` where of some
    /// page nobody ever is.
    pub fn slowest(&self, period: Period, absences: &Absences) -> Option<Duration> {
        let mut delays: Vec<Duration> = self.moments().iter().map(|(after, ..)| *after).collect();
        delays.dedup();
        // What is answered within some time is so within any longer one.
        let is_open = |within: &Duration| !self.unanswered(period, *within, absences).is_empty();
        let at = delays.partition_point(is_open);
        delays.get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Instant {
        Instant::from_timestamp(second, 0).unwrap()
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_milliseconds(seconds * 1000)
    }

    /// A schedule in which somebody is on call at these times.
    fn schedule(times: &[(i64, i64)]) -> Schedule {
        let shifts = times.iter().map(|(from, length)| Shift {
            period: Period { from: at(*from), to: at(from + length) },
            person: "alice".to_owned(),
        });
        let period = Period { from: at(-1000), to: at(1000) };
        let temporary = super::super::Temporary { period, shifts: shifts.collect() };
        Schedule { temporary: vec![temporary], ..Schedule::default() }
    }

    fn step(after: u64, times: &[(i64, i64)]) -> Step {
        let who = Who::OnCall(schedule(times));
        let contacts = vec![Contact { name: "primary".to_owned(), who }];
        Step { after: seconds(after), contacts, hours: None }
    }

    proptest! {
        /// Every second of the period, one by one, by way of what is told after a page at it.
        #[test]
        fn what_is_unanswered_is_so_second_by_second(
            first in proptest::collection::vec((0_i64..60, 1_i64..15), 0..4),
            second in proptest::collection::vec((0_i64..90, 1_i64..15), 0..4),
            (after, within, repeats, every) in (0_u64..20, 0_u64..40, 0_u8..3, 20_u64..30),
            away in proptest::collection::vec((0_i64..60, 1_i64..20), 0..2),
        ) {
            let steps = vec![step(0, &first), step(after, &second)];
            let escalation = Escalation { steps, repeats, every: seconds(every) };
            let away = away.iter().map(|(from, length)| Period { from: at(*from), to: at(from + length) });
            let absences = Absences::from([("alice".to_owned(), union(away.collect()))]);
            let period = Period { from: at(0), to: at(60) };
            let unanswered = escalation.unanswered(period, seconds(within), &absences);
            let limit = Some(seconds(within + 1));
            for second in 0..60 {
                let events = escalation.after(at(second), limit, &absences);
                let told = events.iter().any(|event| !event.people.is_empty());
                let found = unanswered.iter().any(|gap| gap.contains(at(second)));
                prop_assert_eq!(told, !found, "second {}", second);
            }
            if let Some(slowest) = escalation.slowest(period, &absences) {
                prop_assert!(escalation.unanswered(period, slowest, &absences).is_empty());
            }
        }
    }

    #[test]
    fn an_acknowledgement_ends_it() {
        let escalation = Escalation {
            steps: vec![step(0, &[(0, 100)]), step(5, &[(0, 100)])],
            repeats: 1,
            every: seconds(10),
        };
        let after = |acknowledged| {
            let events = escalation.after(at(0), acknowledged, &Absences::new());
            events.iter().map(|event| event.after.milliseconds() / 1000).collect::<Vec<_>>()
        };
        assert_eq!(after(None), [0, 5, 10, 15]);
        assert_eq!(after(Some(seconds(10))), [0, 5]);
        assert_eq!(after(Some(seconds(0))), [0_u64; 0]);
    }
}
