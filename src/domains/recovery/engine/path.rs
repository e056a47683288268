//! The critical path through steps that wait for each other.
//!
//! Source: the critical path method (Kelley and Walker, 1959): a step begins when the last that it waits for
//! is done; what it may be late without making the whole late is its slack.
use crate::kernel::units::Duration;

/// A step: for which others it waits, by their index. An index beyond the steps, or of the step itself, makes
/// a circle of nothing, which [`Path::of`] refuses.
pub type Waits = Vec<usize>;

/// When steps begin and end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Every step behind all that it waits for; otherwise as they are written.
    pub order: Vec<usize>,
    /// The earliest that each can begin, counted from the beginning of the whole.
    pub begins: Vec<Duration>,
    /// The earliest that each can be done.
    pub ends: Vec<Duration>,
    /// How much later each may end without making the whole later.
    pub slack: Vec<Duration>,
    /// How long the whole takes, with as many people as there are steps at once.
    pub total: Duration,
    /// How long it takes one person alone.
    pub serial: Duration,
}

impl Path {
    /// The path through steps of these lengths.
    ///
    /// # Errors
    /// The steps that are in a circle or behind one.
    pub fn of(lengths: &[Duration], waits: &[Waits]) -> Result<Self, Vec<usize>> {
        let order = order(waits)?;
        let count = waits.len();
        let length = |step: usize| lengths.get(step).copied().unwrap_or(Duration::ZERO);
        let mut begins = vec![0_u64; count];
        let mut ends = vec![0_u64; count];
        for &step in &order {
            begins[step] = waits[step].iter().map(|before| ends[*before]).max().unwrap_or(0);
            ends[step] = begins[step].saturating_add(length(step).milliseconds());
        }
        let total = ends.iter().copied().max().unwrap_or(0);
        // The latest that each may end: when the first that waits for it has to begin.
        let mut latest = vec![total; count];
        for &step in order.iter().rev() {
            let begin = latest[step].saturating_sub(length(step).milliseconds());
            for &before in &waits[step] {
                latest[before] = latest[before].min(begin);
            }
        }
        let slack = ends.iter().zip(&latest).map(|(end, latest)| latest.saturating_sub(*end));
        let serial =
            (0..count).fold(0_u64, |sum, step| sum.saturating_add(length(step).milliseconds()));
        let spans = |all: Vec<u64>| all.into_iter().map(Duration::from_milliseconds).collect();
        Ok(Self {
            slack: slack.map(Duration::from_milliseconds).collect(),
            order,
            begins: spans(begins),
            ends: spans(ends),
            total: Duration::from_milliseconds(total),
            serial: Duration::from_milliseconds(serial),
        })
    }

    /// The steps that nothing may make late, in the order of their beginnings.
    pub fn critical(&self) -> Vec<usize> {
        let mut steps: Vec<usize> =
            self.order.iter().copied().filter(|step| self.slack[*step].is_zero()).collect();
        steps.sort_by_key(|step| self.begins[*step]);
        steps
    }

    /// How long `people` take who each do one step after another, the one with the longest way to the end
    /// first. It is what that rule gives: a cleverer order may be faster, none is faster than `total`.
    ///
    /// Source: list scheduling (Graham, 1966), by longest remaining path.
    pub fn with_people(&self, lengths: &[Duration], waits: &[Waits], people: usize) -> Duration {
        let count = waits.len();
        let length = |step: usize| lengths.get(step).map_or(0, |it| it.milliseconds());
        // The longest way from the beginning of each step to the end.
        let mut remaining = vec![0_u64; count];
        for &step in self.order.iter().rev() {
            remaining[step] = remaining[step].saturating_add(length(step));
            for &before in &waits[step] {
                remaining[before] = remaining[before].max(remaining[step]);
            }
        }
        let mut behind: Vec<Vec<usize>> = vec![Vec::new(); count];
        let mut open: Vec<usize> = vec![0; count];
        for (step, before) in waits.iter().enumerate() {
            open[step] = before.len();
            for &one in before {
                behind[one].push(step);
            }
        }
        let position = {
            let mut position = vec![0; count];
            for (at, step) in self.order.iter().enumerate() {
                position[*step] = at;
            }
            position
        };
        // Ready steps: those with the longest way first, then in their order.
        let mut ready: std::collections::BTreeSet<(std::cmp::Reverse<u64>, usize, usize)> = (0
            ..count)
            .filter(|step| open[*step] == 0)
            .map(|step| (std::cmp::Reverse(remaining[step]), position[step], step))
            .collect();
        let mut running: std::collections::BTreeSet<(u64, usize)> =
            std::collections::BTreeSet::new();
        let mut now = 0_u64;
        let people = people.max(1);
        loop {
            while running.len() < people
                && let Some((.., step)) = ready.pop_first()
            {
                running.insert((now.saturating_add(length(step)), step));
            }
            let Some((end, step)) = running.pop_first() else { break };
            now = end;
            for &next in &behind[step] {
                open[next] -= 1;
                if open[next] == 0 {
                    ready.insert((std::cmp::Reverse(remaining[next]), position[next], next));
                }
            }
        }
        Duration::from_milliseconds(now)
    }
}

/// Every step behind all that it waits for, otherwise as they are written.
///
/// # Errors
/// The steps that are in a circle or behind one.
fn order(waits: &[Waits]) -> Result<Vec<usize>, Vec<usize>> {
    let count = waits.len();
    let mut behind: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut open: Vec<usize> = vec![0; count];
    let mut impossible = Vec::new();
    for (step, before) in waits.iter().enumerate() {
        open[step] = before.len();
        for &one in before {
            if one == step || one >= count {
                impossible.push(step);
            } else {
                behind[one].push(step);
            }
        }
    }
    let mut ready: std::collections::BTreeSet<usize> =
        (0..count).filter(|step| open[*step] == 0).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(step) = ready.pop_first() {
        order.push(step);
        for &next in &behind[step] {
            open[next] -= 1;
            if open[next] == 0 {
                ready.insert(next);
            }
        }
    }
    if order.len() == count && impossible.is_empty() {
        return Ok(order);
    }
    Err((0..count).filter(|step| open[*step] > 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(all: &[u64]) -> Vec<Duration> {
        all.iter().copied().map(Duration::from_minutes).collect()
    }

    #[test]
    fn two_people_do_two_steps_at_once() {
        // a, then b and c at once, then d; and one alone.
        let lengths = minutes(&[5, 10, 20, 5]);
        let waits = vec![vec![], vec![0], vec![0], vec![1, 2]];
        let path = Path::of(&lengths, &waits).unwrap();
        assert_eq!(path.total, Duration::from_minutes(30));
        assert_eq!(path.with_people(&lengths, &waits, 1), path.serial);
        assert_eq!(path.with_people(&lengths, &waits, 2), path.total);
        assert_eq!(path.critical(), [0, 2, 3]);
        assert_eq!(path.slack[1], Duration::from_minutes(10));
    }

    #[test]
    fn circles_are_refused_with_their_steps() {
        let lengths = minutes(&[1, 1, 1, 1]);
        assert_eq!(Path::of(&lengths, &[vec![], vec![2], vec![1], vec![2]]), Err(vec![1, 2, 3]));
        assert_eq!(Path::of(&lengths[..1], &[vec![0]]), Err(vec![0]));
        assert_eq!(Path::of(&lengths[..1], &[vec![9]]), Err(vec![0]));
    }
}
