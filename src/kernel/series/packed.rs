//! Many counts, in as few bytes as hold them exactly.
use super::EventCount;

/// Counts of steps, or of one step in many measures, `None` where nothing was measured; what comes out is what was put in, bit by bit.
///
/// Hundreds of series of a hundred thousand minutes are held at once, and most counts are small whole
/// numbers: of these, one takes four bytes instead of 24.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::kernel) enum PackedCounts {
    /// Good and all events, whole and below 2^16 − 1; that itself as the total stands for `None`.
    Short(Vec<[u16; 2]>),
    /// The same below 2^32 − 1.
    Long(Vec<[u32; 2]>),
    /// All others.
    Any(Vec<Option<EventCount>>),
}

impl PackedCounts {
    pub(in crate::kernel) fn new(counts: Vec<Option<EventCount>>) -> Self {
        let short = counts.iter().map(|count| pack(*count, u16::MAX, short));
        if let Some(steps) = short.collect() {
            return Self::Short(steps);
        }
        let long = counts.iter().map(|count| pack(*count, u32::MAX, long));
        match long.collect() {
            Some(steps) => Self::Long(steps),
            None => Self::Any(counts),
        }
    }

    pub(in crate::kernel) fn len(&self) -> usize {
        match self {
            Self::Short(steps) => steps.len(),
            Self::Long(steps) => steps.len(),
            Self::Any(steps) => steps.len(),
        }
    }

    /// One of the counts; the index must be below [`PackedCounts::len`].
    pub(in crate::kernel) fn at(&self, index: usize) -> Option<EventCount> {
        match self {
            Self::Short(steps) => unpack(steps[index], u16::MAX),
            Self::Long(steps) => unpack(steps[index], u32::MAX),
            Self::Any(steps) => steps[index],
        }
    }
}

fn pack<N: PartialEq + Copy>(
    count: Option<EventCount>,
    none: N,
    exactly: fn(f64) -> Option<N>,
) -> Option<[N; 2]> {
    let Some(EventCount { good, total }) = count else { return Some([none; 2]) };
    let total = exactly(total).filter(|total| *total != none)?;
    Some([exactly(good)?, total])
}

fn unpack<N: PartialEq + Copy + Into<f64>>([good, total]: [N; 2], none: N) -> Option<EventCount> {
    (total != none).then(|| EventCount { good: good.into(), total: total.into() })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at after it")]
fn short(value: f64) -> Option<u16> {
    let whole = value as u16;
    (f64::from(whole).to_bits() == value.to_bits()).then_some(whole)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at after it")]
fn long(value: f64) -> Option<u32> {
    let whole = value as u32;
    (f64::from(whole).to_bits() == value.to_bits()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = f64> {
        let edge = [65_533.0, 65_534.0, 65_535.0, 65_536.0, 4_294_967_294.0, 4_294_967_295.0];
        prop_oneof![
            8 => (0u32..70_000).prop_map(f64::from),
            2 => prop::sample::select(edge.to_vec()),
            1 => any::<f64>(),
            1 => Just(-0.0),
        ]
    }

    proptest! {
        #[test]
        fn what_comes_out_is_what_was_put_in(
            counts in prop::collection::vec(prop::option::of((number(), number())), 0..20),
        ) {
            let counts: Vec<_> = counts
                .into_iter()
                .map(|count| count.map(|(good, total)| EventCount { good, total }))
                .collect();
            let steps = PackedCounts::new(counts.clone());
            prop_assert_eq!(steps.len(), counts.len());
            let bits = |count: EventCount| (count.good.to_bits(), count.total.to_bits());
            for (at, count) in counts.iter().enumerate() {
                prop_assert_eq!(steps.at(at).map(bits), count.map(bits));
            }
        }
    }

    #[test]
    fn small_counts_are_short_and_edges_are_not() {
        let of = |good, total| PackedCounts::new(vec![None, Some(EventCount { good, total })]);
        assert!(matches!(of(65_535.0, 65_534.0), PackedCounts::Short(_)));
        assert!(matches!(of(0.0, 65_535.0), PackedCounts::Long(_)));
        assert!(matches!(of(0.0, 4_294_967_295.0), PackedCounts::Any(_)));
        assert!(matches!(of(0.5, 1.0), PackedCounts::Any(_)));
    }
}
