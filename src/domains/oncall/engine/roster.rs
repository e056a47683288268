//! Whose turn it is, through all changes of the roster.
//!
//! A change takes effect at a handoff (or at once, where that is asked for), and goes on behind whoever is
//! on call then: it changes neither who is on call at that moment nor anything before it, and never the
//! grid of turns.
use super::Handoffs;
use crate::kernel::units::Instant;

/// Who takes a turn: one person, several at once, or nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member(pub Vec<String>);

impl Member {
    /// One person.
    pub fn person(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }
}

/// When a change of the roster takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Apply {
    /// At the first handoff that is not earlier: nobody is taken out of a turn.
    #[default]
    NextHandoff,
    /// At that instant: whoever is not in the roster any more hands over then.
    Immediately,
}

/// A roster from some instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// From when on.
    pub from: Instant,
    /// When it takes effect.
    pub apply: Apply,
    /// Who takes turns, in this order.
    pub members: Vec<Member>,
}

/// All versions of a roster, each in its place in the grid of turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    placed: Vec<Placed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Placed {
    /// When it takes effect.
    from: Instant,
    /// The place among taken turns of the one in which it does, and who takes that one.
    place: i64,
    first: i64,
    members: Vec<Member>,
}

impl Placed {
    fn index(&self, place: i64) -> Option<usize> {
        let count = i64::try_from(self.members.len()).ok().filter(|count| *count > 0)?;
        usize::try_from((place - self.place + self.first).rem_euclid(count)).ok()
    }
}

impl Roster {
    /// Places versions in the grid. The first is the roster from the anchor on, whatever its date.
    /// `place` says which of the taken turns one is: its own number, or less where turns are skipped.
    pub fn new(handoffs: &Handoffs, versions: &[Version], place: impl Fn(i64) -> i64) -> Self {
        let mut sorted: Vec<&Version> = versions.iter().collect();
        sorted.sort_by_key(|version| version.from);
        let mut placed: Vec<Placed> = Vec::with_capacity(sorted.len());
        for version in sorted {
            let members = version.members.clone();
            if placed.is_empty() {
                placed.push(Placed { from: handoffs.begin(0), place: 0, first: 0, members });
                continue;
            }
            let at_once = version.apply == Apply::Immediately;
            let (turn, from) = if let Some(turn) = handoffs.at(version.from).filter(|_| at_once) {
                (turn, version.from)
            } else {
                let turn = handoffs.first_from(version.from);
                (turn, handoffs.begin(turn))
            };
            let (here, in_turn) = (place(turn), from > handoffs.begin(turn));
            // Who is on call until then: in this turn, or in the one before.
            let until_then = placed.iter().rev().find(|version| version.from < from);
            let next = until_then.and_then(|before| {
                let at = before.index(if in_turn { here } else { here - 1 })?;
                successor(&before.members, at, &members, in_turn)
            });
            let next = next.and_then(|at| i64::try_from(at).ok()).unwrap_or(0);
            placed.push(Placed { from, place: here, first: next, members });
        }
        Self { placed }
    }

    /// Who has a turn at an instant in it; `place` is its place among the taken turns.
    pub fn member(&self, place: i64, at: Instant) -> Option<&Member> {
        let version = self.placed.iter().rev().find(|version| version.from <= at)?;
        version.members.get(version.index(place)?)
    }

    /// The instants at which versions take effect.
    pub fn changes(&self) -> impl Iterator<Item = Instant> + '_ {
        self.placed.iter().map(|version| version.from)
    }
}

/// Where in a new roster turns go on behind the member at `at` of the old one. If they stay, it is the one
/// behind them, or, where they are in the middle of their turn, they themselves; if not, it is the next
/// of the old roster who is left; `None` where nobody of it is. Of somebody with several places it is the
/// same one of them, counted from the beginning, or the last.
fn successor(old: &[Member], at: usize, new: &[Member], stays: bool) -> Option<usize> {
    let place = |at: usize| {
        let member = old.get(at)?;
        let before = old.iter().take(at).filter(|other| *other == member).count();
        let places = || (0..new.len()).filter(|place| new.get(*place) == Some(member));
        places().nth(before).or_else(|| places().next_back())
    };
    let found = place(at).map(|found| if stays { found } else { found + 1 });
    let mut others = (0..old.len()).cycle().skip(at + 1).take(old.len().saturating_sub(1));
    found.or_else(|| others.find_map(place))
}
