//! What one thread notes about the records of one input, whatever is counted in them.
use super::{
    blocks::Place,
    record::{Line, LineCounter, LineList},
    report::Disorder,
    time::TimeForms,
};
use crate::kernel::units::Duration;

/// Notes on the lines of one input.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) records: u64,
    pub(super) bad: LineList,
    pub(super) repaired: LineList,
    pub(super) after_end: u64,
    pub(super) after_now: u64,
    /// Earliest and latest time that is not later than the present.
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) forms: TimeForms,
    counter: LineCounter,
    order: Order,
    blocks: Vec<Order>,
}

/// How the times of a block's lines follow each other.
#[derive(Clone, Copy, Debug, Default)]
struct Order {
    sequence: u64,
    /// First and latest time in the order of lines.
    ends: Option<(i64, i64)>,
    backward: u64,
    furthest: i64,
}

impl Order {
    fn follow(&mut self, time: i64) {
        let Some((_, previous)) = &mut self.ends else {
            self.ends = Some((time, time));
            return;
        };
        if time < *previous {
            self.backward += 1;
            self.furthest = self.furthest.max(*previous - time);
        }
        *previous = time;
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            records: 0,
            bad: LineList::default(),
            repaired: LineList::default(),
            after_end: 0,
            after_now: 0,
            first: i64::MAX,
            last: i64::MIN,
            forms: TimeForms::default(),
            counter: LineCounter::default(),
            order: Order::default(),
            blocks: Vec::new(),
        }
    }
}

impl Tally {
    /// A block begins.
    pub(super) fn begin(&mut self, place: Place) {
        self.counter = LineCounter::new(place);
        self.order = Order { sequence: place.sequence, ..Order::default() };
    }

    /// A block ends.
    pub(super) fn end(&mut self) {
        self.blocks.push(self.order);
    }

    /// A record of that time; says whether it is not later than the present.
    pub(super) fn observe(&mut self, time: i64, now: i64) -> bool {
        self.records += 1;
        self.order.follow(time);
        if time > now {
            self.after_now += 1;
            return false;
        }
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        true
    }

    /// A line that cannot be read.
    pub(super) fn bad(&mut self, line: Line<'_>, reason: impl FnOnce() -> String) {
        self.bad.add(line.text, || self.counter.number(line), reason);
    }

    /// A line that could be read in part.
    pub(super) fn repaired(&mut self, line: Line<'_>, reason: impl FnOnce() -> String) {
        self.repaired.add(line.text, || self.counter.number(line), reason);
    }

    /// Number of a line.
    pub(super) fn number(&mut self, line: Line<'_>) -> u64 {
        self.counter.number(line)
    }

    /// Adds what another thread noted about the same input.
    pub(super) fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.bad.merge(other.bad);
        self.repaired.merge(other.repaired);
        self.after_end += other.after_end;
        self.after_now += other.after_now;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.forms |= other.forms;
        self.blocks.extend(other.blocks);
    }

    /// Disorder of the whole input, once all threads are merged.
    pub(super) fn disorder(&mut self) -> Disorder {
        self.blocks.sort_unstable_by_key(|block| block.sequence);
        let mut whole = Order::default();
        for block in &self.blocks {
            let Some((first, last)) = block.ends else { continue };
            whole.follow(first);
            whole.backward += block.backward;
            whole.furthest = whole.furthest.max(block.furthest);
            whole.ends = whole.ends.map(|(start, _)| (start, last));
        }
        let milliseconds = u64::try_from(whole.furthest / 1_000_000).unwrap_or(0);
        Disorder { lines: whole.backward, furthest: Duration::from_milliseconds(milliseconds) }
    }
}
