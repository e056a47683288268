//! From moments at which a condition holds to stretches of time in which an alert fires.

/// A stretch of evaluations, counted in steps of the series: `from` is the first at which something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The first evaluation at which it holds.
    pub(super) from: usize,
    /// The first one after it at which it does not; `None` where it still holds at the last.
    pub(super) to: Option<usize>,
}

/// The evaluations of a replay: `first`, `first + every`, ... up to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Evaluations {
    /// The first one.
    pub(super) first: usize,
    /// None is later.
    pub(super) last: usize,
    /// Steps from one to the next.
    pub(super) every: usize,
}

impl Evaluations {
    /// How many there are.
    pub(super) fn count(self) -> usize {
        if self.first > self.last { 0 } else { (self.last - self.first) / self.every + 1 }
    }

    /// The last one.
    pub(super) fn final_one(self) -> usize {
        self.first + self.count().saturating_sub(1) * self.every
    }

    /// Adds an evaluation at which something holds to the stretches so far. They come in their order.
    pub(super) fn extend(self, runs: &mut Vec<Run>, at: usize) {
        let next = at + self.every;
        let to = (next <= self.last).then_some(next);
        match runs.last_mut() {
            Some(run) if run.to == Some(at) => run.to = to,
            _ => runs.push(Run { from: at, to }),
        }
    }

    /// The stretches in which an alert fires whose condition holds in `runs`, as Prometheus evaluates `for`
    /// and `keep_firing_for`: it fires once the condition has held at every evaluation for at least `hold`, and
    /// goes on until the condition has not held for at least `keep`. Both are counted in evaluations.
    ///
    /// Source: Prometheus, `rules/alerting.go`, `AlertingRule.Eval`.
    pub(super) fn held(self, runs: &[Run], hold: usize, keep: usize) -> Vec<Run> {
        let mut fired: Vec<Run> = Vec::new();
        for run in runs {
            // An alert that still fires does not wait again.
            if let Some(open) = fired.last_mut()
                && open.to.is_none_or(|end| run.from <= end)
            {
                open.to = run.to.and_then(|end| self.later(end, keep));
                continue;
            }
            let Some(from) = self.later(run.from, hold) else { continue };
            if run.to.is_none_or(|end| from < end) {
                fired.push(Run { from, to: run.to.and_then(|end| self.later(end, keep)) });
            }
        }
        fired
    }

    /// The evaluation that comes so many later; `None` where there is none.
    fn later(self, at: usize, evaluations: usize) -> Option<usize> {
        let later = evaluations.checked_mul(self.every)?.checked_add(at)?;
        (later <= self.last).then_some(later)
    }
}

/// The stretches in which one of several fires, from the evaluation `first` on.
pub(super) fn union(mut runs: Vec<Run>, first: usize) -> Vec<Run> {
    runs.sort_by_key(|run| run.from);
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        if run.to.is_some_and(|end| end <= first) {
            continue;
        }
        let from = run.from.max(first);
        match joined.last_mut() {
            Some(open) if open.to.is_none_or(|end| from <= end) => {
                open.to = open.to.zip(run.to).map(|(one, other)| one.max(other));
            }
            _ => joined.push(Run { from, to: run.to }),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What Prometheus does at one evaluation after the other.
    fn step_by_step(conditions: &[bool], hold: usize, keep: usize) -> Vec<bool> {
        let (mut active, mut firing, mut missing) = (None, false, None);
        let mut fired = Vec::new();
        for (now, holds) in conditions.iter().enumerate() {
            if *holds {
                let since = *active.get_or_insert(now);
                firing |= now - since >= hold;
                missing = None;
            } else if firing && now - *missing.get_or_insert(now) < keep {
                // It keeps firing.
            } else {
                (active, firing, missing) = (None, false, None);
            }
            fired.push(firing);
        }
        fired
    }

    fn evaluations(count: usize, every: usize) -> Evaluations {
        Evaluations { first: 3, last: 3 + (count - 1) * every, every }
    }

    fn runs(all: Evaluations, conditions: &[bool]) -> Vec<Run> {
        let mut runs = Vec::new();
        for (at, _) in conditions.iter().enumerate().filter(|(_, holds)| **holds) {
            all.extend(&mut runs, all.first + at * all.every);
        }
        runs
    }

    fn at_each(all: Evaluations, runs: &[Run]) -> Vec<bool> {
        let each = (0..all.count()).map(|at| all.first + at * all.every);
        let fires = |at| runs.iter().any(|run| run.from <= at && run.to.is_none_or(|end| at < end));
        each.map(fires).collect()
    }

    proptest! {
        #[test]
        fn alerts_fire_as_prometheus_lets_them(
            conditions in prop::collection::vec(prop::bool::weighted(0.6), 1..60),
            (hold, keep, every) in (0usize..5, 0usize..5, 1usize..4),
        ) {
            let all = evaluations(conditions.len(), every);
            let runs = runs(all, &conditions);
            prop_assert_eq!(at_each(all, &runs), conditions.clone());
            let fired = all.held(&runs, hold, keep);
            prop_assert_eq!(at_each(all, &fired), step_by_step(&conditions, hold, keep));
            // Stretches are as long as they can be.
            prop_assert!(fired.windows(2).all(|pair| pair[0].to.is_some_and(|to| to < pair[1].from)));
        }

        #[test]
        fn an_alert_fires_while_one_of_its_tiers_does(
            one in prop::collection::vec(any::<bool>(), 40),
            other in prop::collection::vec(any::<bool>(), 40),
            first in 0usize..45,
        ) {
            let all = evaluations(40, 1);
            let both = [runs(all, &one), runs(all, &other)].concat();
            let joined = union(both, first);
            let expected: Vec<bool> =
                one.iter().zip(&other).enumerate().map(|(at, (a, b))| (a | b) && at + 3 >= first).collect();
            prop_assert_eq!(at_each(all, &joined), expected);
            prop_assert!(joined.windows(2).all(|pair| pair[0].to.is_some_and(|to| to < pair[1].from)));
        }
    }
}
