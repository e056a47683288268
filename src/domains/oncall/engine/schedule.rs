//! The shifts that follow from layers, temporary schedules and overrides.
//!
//! Layers by priority, then overrides in the order in which they are written, then temporary schedules,
//! which replace everything in their time; then pieces of the same person that meet become one shift.
use super::{GapRule, Handoffs, Member, Roster, Version, Window, coverage, periods};
use crate::kernel::{time::Period, units::Instant};
use std::collections::{BTreeMap, BTreeSet};

/// People who take turns at some hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What it is called.
    pub name: String,
    /// Where layers are on call at once, those of the highest priority count; with the same priority, all.
    pub priority: i32,
    /// When turns begin.
    pub handoffs: Handoffs,
    /// Who takes them.
    pub versions: Vec<Version>,
    /// The hours of the week in which somebody is on call; all of them where there are none.
    pub windows: Vec<Window>,
    /// Whether turns in which nobody is on call pass to nobody: then the next turn is the same person's.
    pub skips_empty_turns: bool,
    /// When it ends.
    pub until: Option<Instant>,
    /// How far ahead of whose turn it is: −1 is whoever had the turn before.
    pub offset: i64,
}

/// A change for a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Who is on call; nobody where it only takes somebody away.
    pub person: Option<String>,
    /// Who is not; everybody where nobody is named.
    pub replaces: Option<String>,
    /// When.
    pub period: Period,
}

/// A stretch of time with a schedule of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Temporary {
    /// When.
    pub period: Period,
    /// Who is on call in it, and nobody besides.
    pub shifts: Vec<Shift>,
}

/// Somebody is on call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// When.
    pub period: Period,
    /// Who.
    pub person: String,
}

/// Another schedule as a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nested {
    /// What it is called.
    pub name: String,
    /// As that of a [`Layer`].
    pub priority: i32,
    /// Who is on call in it, its own overrides included.
    pub schedule: Schedule,
}

/// Everything that says who is on call in one role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Who takes turns.
    pub layers: Vec<Layer>,
    /// Other schedules that are parts of this one.
    pub nested: Vec<Nested>,
    /// Stretches of time with schedules of their own.
    pub temporary: Vec<Temporary>,
    /// Changes, the later the stronger.
    pub overrides: Vec<Override>,
}

/// When each person is on call: periods in order that do not meet.
type Times = BTreeMap<String, Vec<Period>>;

impl Schedule {
    /// The shifts in a period, cut off at its ends, in the order of their beginnings.
    pub fn shifts(&self, period: Period) -> Vec<Shift> {
        let mut times = self.of_layers(period);
        for change in &self.overrides {
            change.apply(&mut times, period);
        }
        for temporary in &self.temporary {
            temporary.apply(&mut times, period);
        }
        let shifts = times.into_iter().flat_map(|(person, times)| {
            times.into_iter().map(move |period| Shift { period, person: person.clone() })
        });
        let mut shifts: Vec<Shift> = shifts.collect();
        shifts.sort_unstable();
        shifts
    }

    /// The layers of this schedule and of those that are parts of it.
    pub fn all_layers(&self) -> Vec<&Layer> {
        let nested = self.nested.iter().flat_map(|nested| nested.schedule.all_layers());
        self.layers.iter().chain(nested).collect()
    }

    /// Everybody who is on call in it at any time, or might be.
    pub fn everybody(&self) -> BTreeSet<String> {
        let layers = self.all_layers().into_iter();
        let members = layers.flat_map(|layer| &layer.versions).flat_map(|one| &one.members);
        let mut all: BTreeSet<String> =
            members.flat_map(|member| member.0.iter().cloned()).collect();
        all.extend(self.overrides.iter().filter_map(|change| change.person.clone()));
        let temporary = self.temporary.iter().flat_map(|one| &one.shifts);
        all.extend(temporary.map(|shift| shift.person.clone()));
        all.extend(self.nested.iter().flat_map(|nested| nested.schedule.everybody()));
        all
    }

    /// The same turns without any change for some time.
    #[must_use]
    pub fn turns_alone(&self) -> Self {
        let nested = self
            .nested
            .iter()
            .map(|nested| Nested { schedule: nested.schedule.turns_alone(), ..nested.clone() });
        Self { layers: self.layers.clone(), nested: nested.collect(), ..Self::default() }
    }

    /// Who is on call by turns alone.
    fn of_layers(&self, period: Period) -> Times {
        let mut by_priority: BTreeMap<i32, Times> = BTreeMap::new();
        let layers = self.layers.iter().map(|layer| (layer.priority, layer.shifts(period)));
        let nested = self.nested.iter().map(|one| (one.priority, one.schedule.shifts(period)));
        for (priority, shifts) in layers.chain(nested) {
            let times = by_priority.entry(priority).or_default();
            for shift in shifts {
                times.entry(shift.person).or_default().push(shift.period);
            }
        }
        let (mut all, mut taken): (Times, Vec<Period>) = (Times::new(), Vec::new());
        for times in by_priority.into_values().rev() {
            let mut here = Vec::new();
            for (person, times) in times {
                let left = periods::difference(&periods::union(times), &taken);
                here.extend(left.iter().copied());
                all.entry(person).or_default().extend(left);
            }
            taken.extend(here);
            taken = periods::union(taken);
        }
        all.into_iter().map(|(person, times)| (person, periods::union(times))).collect()
    }
}

/// The parts of a period in which nobody is on call.
pub fn gaps(shifts: &[Shift], period: Period) -> Vec<Period> {
    let covered = periods::union(shifts.iter().map(|shift| shift.period).collect());
    periods::difference(&[period], &covered)
}

impl Override {
    fn apply(&self, times: &mut Times, within: Period) {
        let Some(when) = both(self.period, within) else { return };
        let mut taken = Vec::new();
        match &self.replaces {
            None => {
                for times in times.values_mut() {
                    periods::remove(times, when);
                }
                taken.push(when);
            }
            Some(person) => {
                if let Some(times) = times.get_mut(person) {
                    taken = periods::within(times, when);
                    periods::remove(times, when);
                }
            }
        }
        if let Some(person) = &self.person {
            add(times, person, taken);
        }
    }
}

impl Temporary {
    fn apply(&self, times: &mut Times, within: Period) {
        let Some(when) = both(self.period, within) else { return };
        for times in times.values_mut() {
            periods::remove(times, when);
        }
        for shift in &self.shifts {
            add(times, &shift.person, both(shift.period, when));
        }
    }
}

/// What two periods have in common.
fn both(one: Period, other: Period) -> Option<Period> {
    let period = Period { from: one.from.max(other.from), to: one.to.min(other.to) };
    (period.from < period.to).then_some(period)
}

fn add(times: &mut Times, person: &str, more: impl IntoIterator<Item = Period>) {
    let times = times.entry(person.to_owned()).or_default();
    more.into_iter().for_each(|period| periods::insert(times, period));
}

impl Layer {
    /// Who is on call by turns of this layer, as far as it has anybody; pieces are not joined.
    pub fn shifts(&self, period: Period) -> Vec<Shift> {
        let end = self.until.map_or(period.to, |until| until.min(period.to));
        let period = Period { from: period.from.max(self.handoffs.begin(0)), to: end };
        if period.from >= period.to {
            return Vec::new();
        }
        let places = self.places(period.to);
        let place = |turn: i64| places.of(turn);
        let roster = Roster::new(&self.handoffs, &self.versions, place);
        let open = self.open(period);
        let mut shifts = Vec::new();
        let mut next = 0;
        for turn in self.handoffs.turns(period) {
            // Windows in order: those that ended before this turn are done with.
            while open.get(next).is_some_and(|window| window.to <= turn.period.from) {
                next += 1;
            }
            let here: Vec<Period> = open[next..]
                .iter()
                .take_while(|window| window.from < turn.period.to)
                .copied()
                .collect();
            for part in parts(turn.period, &roster) {
                let member = roster.member(place(turn.number) + self.offset, part.from);
                for piece in periods::intersection(&here, &[part]) {
                    let people: BTreeSet<&String> =
                        member.map(|Member(people)| people.iter().collect()).unwrap_or_default();
                    shifts.extend(
                        people
                            .into_iter()
                            .map(|person| Shift { period: piece, person: person.clone() }),
                    );
                }
            }
        }
        shifts
    }

    /// The instants of a period at which somebody is to be on call.
    fn open(&self, period: Period) -> Vec<Period> {
        if self.windows.is_empty() {
            return vec![period];
        }
        coverage::coverage(&self.handoffs.zone, self.gap(), &self.windows, period)
    }

    fn gap(&self) -> GapRule {
        self.handoffs.gap
    }

    /// The places of turns among those that are taken, up to an instant.
    fn places(&self, end: Instant) -> Places {
        if !self.skips_empty_turns || self.windows.is_empty() {
            return Places::All;
        }
        let all = Period { from: self.handoffs.begin(0), to: end };
        let last = self.handoffs.at(end).unwrap_or(0) + 1;
        let whole = Period { from: all.from, to: self.handoffs.begin(last + 1) };
        let open = self.open(whole);
        let mut before = Vec::new();
        let (mut taken, mut next) = (0, 0);
        for number in 0..=last {
            before.push(taken);
            let turn = self.handoffs.turn(number);
            while open.get(next).is_some_and(|window| window.to <= turn.period.from) {
                next += 1;
            }
            let is_taken = turn.period.from < turn.period.to
                && open.get(next).is_some_and(|window| window.from < turn.period.to);
            taken += i64::from(is_taken);
        }
        Places::Taken(before)
    }
}

/// Which of the taken turns a turn is.
enum Places {
    /// All turns are taken.
    All,
    /// How many are taken before each.
    Taken(Vec<i64>),
}

impl Places {
    fn of(&self, turn: i64) -> i64 {
        match self {
            Self::All => turn,
            Self::Taken(before) => {
                let last = || before.last().copied().unwrap_or(0);
                usize::try_from(turn)
                    .ok()
                    .and_then(|at| before.get(at).copied())
                    .unwrap_or_else(last)
            }
        }
    }
}

/// A turn in the pieces into which changes of the roster cut it.
fn parts(turn: Period, roster: &Roster) -> Vec<Period> {
    let mut cuts: Vec<Instant> =
        roster.changes().filter(|at| turn.from < *at && *at < turn.to).collect();
    cuts.push(turn.to);
    cuts.sort_unstable();
    let mut from = turn.from;
    cuts.into_iter().map(|to| Period { from: std::mem::replace(&mut from, to), to }).collect()
}
