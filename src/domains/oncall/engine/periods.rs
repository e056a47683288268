//! Sets of instants as periods in order that neither meet nor overlap.
use crate::kernel::time::Period;

/// The instants that lie in any of the periods.
pub fn union(mut periods: Vec<Period>) -> Vec<Period> {
    periods.retain(|period| period.from < period.to);
    periods.sort_unstable();
    let mut joined: Vec<Period> = Vec::with_capacity(periods.len());
    for period in periods {
        match joined.last_mut() {
            Some(last) if period.from <= last.to => last.to = last.to.max(period.to),
            _ => joined.push(period),
        }
    }
    joined
}

/// The instants that lie in both sets.
pub fn intersection(one: &[Period], other: &[Period]) -> Vec<Period> {
    let (mut at, mut beside) = (0, 0);
    let mut common = Vec::new();
    while let (Some(left), Some(right)) = (one.get(at), other.get(beside)) {
        let period = Period { from: left.from.max(right.from), to: left.to.min(right.to) };
        if period.from < period.to {
            common.push(period);
        }
        if left.to <= right.to {
            at += 1;
        } else {
            beside += 1;
        }
    }
    common
}

/// The instants of the first set that do not lie in the second.
pub fn difference(one: &[Period], other: &[Period]) -> Vec<Period> {
    let mut left = Vec::new();
    let mut beside = 0;
    for period in one {
        let mut from = period.from;
        while other.get(beside).is_some_and(|hole| hole.to <= from) {
            beside += 1;
        }
        let mut at = beside;
        while let Some(hole) = other.get(at).filter(|hole| hole.from < period.to) {
            if from < hole.from {
                left.push(Period { from, to: hole.from });
            }
            from = from.max(hole.to);
            at += 1;
        }
        if from < period.to {
            left.push(Period { from, to: period.to });
        }
    }
    left
}

/// The part of a set that lies in a period. Takes the logarithm of its size, and what it returns.
pub fn within(set: &[Period], period: Period) -> Vec<Period> {
    let (first, last) = touched(set, period);
    intersection(&set[first..last], &[period])
}

/// Takes a period out of a set. Takes the logarithm of its size, and moves what is behind it.
pub fn remove(set: &mut Vec<Period>, hole: Period) {
    if hole.from >= hole.to {
        return;
    }
    let (first, last) = touched(set, hole);
    let left = difference(&set[first..last], &[hole]);
    set.splice(first..last, left);
}

/// Adds a period to a set.
pub fn insert(set: &mut Vec<Period>, more: Period) {
    if more.from >= more.to {
        return;
    }
    // Those that it meets become one with it.
    let first = set.partition_point(|period| period.to < more.from);
    let last = set.partition_point(|period| period.from <= more.to);
    let mut joined = set.get(first..last).map(<[Period]>::to_vec).unwrap_or_default();
    joined.push(more);
    set.splice(first..last.max(first), union(joined));
}

/// Which periods of a set have a part in a period: from the first up to, without, the last.
fn touched(set: &[Period], period: Period) -> (usize, usize) {
    let first = set.partition_point(|one| one.to <= period.from);
    let last = set.partition_point(|one| one.from < period.to);
    (first, last.max(first))
}

/// How much time the periods hold together. Unit: seconds.
pub fn seconds(periods: &[Period]) -> i64 {
    periods.iter().map(|period| (period.to - period.from).num_seconds()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::units::Instant;
    use proptest::prelude::*;

    fn period((from, length): (i64, i64)) -> Period {
        let at = |second| Instant::from_timestamp(second, 0).unwrap();
        Period { from: at(from), to: at(from + length) }
    }

    fn set() -> impl Strategy<Value = Vec<Period>> {
        let pairs = proptest::collection::vec((0_i64..60, 0_i64..9), 0..8);
        pairs.prop_map(|pairs| pairs.into_iter().map(period).collect())
    }

    fn holds(set: &[Period], second: i64) -> bool {
        let at = Instant::from_timestamp(second, 0).unwrap();
        set.iter().any(|period| period.contains(at))
    }

    fn in_order(set: &[Period]) -> bool {
        set.iter().all(|period| period.from < period.to)
            && set.windows(2).all(|two| two[0].to < two[1].from)
    }

    proptest! {
        /// Second by second.
        #[test]
        fn sets_are_those_of_their_instants(one in set(), other in set()) {
            let (a, b) = (union(one.clone()), union(other.clone()));
            let (common, left) = (intersection(&a, &b), difference(&a, &b));
            prop_assert!([&a, &b, &common, &left].into_iter().all(|set| in_order(set)));
            let mut count = 0;
            for second in 0..70 {
                prop_assert_eq!(holds(&a, second), holds(&one, second));
                let (in_a, in_b) = (holds(&a, second), holds(&b, second));
                prop_assert_eq!(holds(&common, second), in_a && in_b);
                prop_assert_eq!(holds(&left, second), in_a && !in_b);
                count += i64::from(in_a);
            }
            prop_assert_eq!(seconds(&a), count);
        }

        /// In place as anew.
        #[test]
        fn sets_change_in_place(one in set(), part in (0_i64..60, 0_i64..20)) {
            let (set, part) = (union(one), period(part));
            let alone = union(vec![part]);
            prop_assert_eq!(within(&set, part), intersection(&set, &alone));
            let mut left = set.clone();
            remove(&mut left, part);
            prop_assert_eq!(left, difference(&set, &alone));
            let mut more = set.clone();
            insert(&mut more, part);
            prop_assert_eq!(more, union([set, alone].concat()));
        }
    }
}
