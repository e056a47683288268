//! Numbers of one query at the points of a chunk, and their form in the cache.
use super::reply::Labels;
use std::{collections::BTreeMap, ops::Range};

/// Which of the two numbers a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// All events.
    Total,
    /// The good or the bad ones.
    Part,
}

/// What a row holds at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// Nothing: the series has no sample there.
    Absent,
    /// NaN or an infinity.
    NotANumber,
    /// A number.
    Number(f64),
}

/// Rows of values over some points of a chunk.
///
/// Shape: `known` are stretches in order that do not touch, `hull` goes from the first to the last of
/// them, and every row has one value for each point of `hull`. What a point outside of `known` holds says
/// nothing. Absent is NaN and what is not a number is infinity, so that a value takes eight bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    hull: Range<u32>,
    known: Vec<Range<u32>>,
    rows: BTreeMap<(Side, Labels), Vec<f64>>,
}

const ABSENT: f64 = f64::NAN;
const NOT_A_NUMBER: f64 = f64::INFINITY;

impl Table {
    /// The rows of one side, by their labels.
    pub(super) fn rows(&self, side: Side) -> impl Iterator<Item = (&Labels, Row<'_>)> {
        self.rows
            .iter()
            .filter(move |((of, _), _)| *of == side)
            .map(|((_, labels), values)| (labels, Row { first: self.hull.start, values }))
    }

    /// The stretches of `wanted` that are not known, in order.
    pub(super) fn missing(&self, wanted: &Range<u32>) -> Vec<Range<u32>> {
        let mut missing = Vec::new();
        let mut from = wanted.start;
        for known in &self.known {
            if known.start.min(wanted.end) > from {
                missing.push(from..known.start.min(wanted.end));
            }
            from = from.max(known.end);
        }
        if from < wanted.end {
            missing.push(from..wanted.end);
        }
        missing
    }

    /// Learns what a server says of `points`: for each series, values at points, of which those outside
    /// of `points` are left out.
    pub(super) fn learn(
        &mut self,
        points: &Range<u32>,
        series: impl IntoIterator<Item = ((Side, Labels), Vec<(u32, f64)>)>,
    ) {
        if points.is_empty() {
            return;
        }
        self.stretch(points);
        let length = self.hull.len();
        for (key, values) in series {
            let row = self.rows.entry(key).or_insert_with(|| vec![ABSENT; length]);
            for (point, value) in values {
                if points.contains(&point) {
                    row[(point - self.hull.start) as usize] =
                        if value.is_finite() { value } else { NOT_A_NUMBER };
                }
            }
        }
        self.known.push(points.clone());
        self.join_known();
    }

    /// The part of the table before the point `end`.
    pub(super) fn before(&self, end: u32) -> Self {
        let cut = |range: &Range<u32>| range.start.min(end)..range.end.min(end);
        let known: Vec<_> = self.known.iter().map(cut).filter(|range| !range.is_empty()).collect();
        let hull = hull(&known);
        let rows = self
            .rows
            .iter()
            .map(|(key, values)| (key.clone(), values[..hull.len()].to_vec()))
            .filter(|(_, values)| values.iter().any(|value| !value.is_nan()))
            .collect();
        Self { hull, known, rows }
    }

    /// Makes room for more points.
    fn stretch(&mut self, points: &Range<u32>) {
        let old = self.hull.clone();
        if self.known.is_empty() {
            self.hull = points.clone();
        } else {
            self.hull = old.start.min(points.start)..old.end.max(points.end);
        }
        if self.hull == old {
            return;
        }
        let shift = (old.start - self.hull.start.min(old.start)) as usize;
        for row in self.rows.values_mut() {
            let mut values = vec![ABSENT; self.hull.len()];
            values[shift..shift + row.len()].copy_from_slice(row);
            *row = values;
        }
    }

    /// Sorts the known stretches and joins those that touch.
    fn join_known(&mut self) {
        self.known.sort_by_key(|range| range.start);
        let mut joined: Vec<Range<u32>> = Vec::with_capacity(self.known.len());
        for range in self.known.drain(..) {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        self.known = joined;
    }
}

/// The values of one series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    first: u32,
    values: &'a [f64],
}

impl Row<'_> {
    /// Whether it holds anything at some of the points.
    pub(super) fn has_values_in(self, points: &Range<u32>) -> bool {
        let index = |point: u32| point.saturating_sub(self.first) as usize;
        let range = index(points.start).min(self.values.len())..index(points.end);
        let range = range.start..range.end.clamp(range.start, self.values.len());
        self.values[range].iter().any(|value| !value.is_nan())
    }

    /// What it holds at a point.
    pub(super) fn at(self, point: u32) -> Value {
        let index = point.checked_sub(self.first).map(|index| index as usize);
        match index.and_then(|index| self.values.get(index)) {
            Some(value) if value.is_finite() => Value::Number(*value),
            Some(value) if value.is_infinite() => Value::NotANumber,
            _ => Value::Absent,
        }
    }
}

/// The first bytes of a table in the cache; the number counts versions of the form.
const MAGIC: &[u8] = b"sre-samples-1\n";

impl Table {
    /// The table as bytes: magic, key, known stretches, rows, and a checksum; numbers are little
    /// endian, texts and lists have their length in front. The key is in it because a cache may shorten
    /// it.
    pub(super) fn to_bytes(&self, key: &str) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let put = |bytes: &mut Vec<u8>, number: usize| {
            bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        };
        let put_text = |bytes: &mut Vec<u8>, text: &str| {
            put(bytes, text.len());
            bytes.extend(text.as_bytes());
        };
        put_text(&mut bytes, key);
        put(&mut bytes, self.known.len());
        for range in &self.known {
            bytes.extend(range.start.to_le_bytes());
            bytes.extend(range.end.to_le_bytes());
        }
        put(&mut bytes, self.rows.len());
        for ((side, labels), values) in &self.rows {
            bytes.push(u8::from(*side == Side::Part));
            put(&mut bytes, labels.len());
            for (name, value) in labels {
                put_text(&mut bytes, name);
                put_text(&mut bytes, value);
            }
            for value in values {
                bytes.extend(value.to_le_bytes());
            }
        }
        let sum = checksum(&bytes);
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    /// The table in bytes that were kept under the key; `None` if they are anything else.
    pub(super) fn from_bytes(bytes: &[u8], key: &str) -> Option<Self> {
        let (content, sum) = bytes.split_last_chunk::<8>()?;
        if u64::from_le_bytes(*sum) != checksum(content) {
            return None;
        }
        let mut reader = Reader(content.strip_prefix(MAGIC)?);
        if reader.text()? != key {
            return None;
        }
        let known = (0..reader.number()?).map(|_| reader.range()).collect::<Option<Vec<_>>>()?;
        let apart = known.windows(2).all(|pair| pair[0].end < pair[1].start);
        if !apart || known.iter().any(Range::is_empty) {
            return None;
        }
        let hull = hull(&known);
        let mut rows = BTreeMap::new();
        for _ in 0..reader.number()? {
            let side = if reader.take(1)? == [0] { Side::Total } else { Side::Part };
            let labels = (0..reader.number()?)
                .map(|_| Some((reader.text()?.to_owned(), reader.text()?.to_owned())))
                .collect::<Option<Labels>>()?;
            let values = reader.take(hull.len().checked_mul(8)?)?;
            let values = values
                .chunks_exact(8)
                .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap_or_default()));
            rows.insert((side, labels), values.collect());
        }
        reader.0.is_empty().then_some(Self { hull, known, rows })
    }
}

/// From the first to the last of what is known.
fn hull(known: &[Range<u32>]) -> Range<u32> {
    known.first().map_or(0, |range| range.start)..known.last().map_or(0, |range| range.end)
}

/// FNV-1a of 64 bits over words of eight bytes: tells a file that was cut or damaged; nobody is kept
/// from forging one (`http://www.isthe.com/chongo/tech/comp/fnv/`).
fn checksum(bytes: &[u8]) -> u64 {
    let mix = |sum: u64, word: u64| (sum ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    let (words, rest) = bytes.as_chunks::<8>();
    let sum =
        words.iter().fold(0xcbf2_9ce4_8422_2325, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    rest.iter().fold(sum, |sum, byte| mix(sum, u64::from(*byte)))
}

/// Reads what `to_bytes` wrote.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    fn range(&mut self) -> Option<Range<u32>> {
        let (start, end) = (self.number()?, self.number()?);
        (start <= end).then_some(start..end)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()? as usize;
        std::str::from_utf8(self.take(length)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(value: &str) -> Labels {
        if value.is_empty() { Labels::new() } else { [("a".to_owned(), value.to_owned())].into() }
    }

    type Reported = Vec<((Side, Labels), Vec<(u32, f64)>)>;

    /// What a server that holds `value(point)` for a few series says of `points`.
    fn served(points: &Range<u32>) -> Reported {
        let value = |row: u32, point: u32| match (row * 7 + point) % 5 {
            0 => None,
            1 => Some(f64::NAN),
            _ => Some(f64::from(row * 1000 + point)),
        };
        let row = |row: u32| {
            let values = points.clone().filter_map(|point| Some((point, value(row, point)?)));
            let side = if row.is_multiple_of(2) { Side::Total } else { Side::Part };
            ((side, labels(["", "b", "c"][row as usize % 3])), values.collect::<Vec<_>>())
        };
        (0..4).map(row).filter(|(_, values)| !values.is_empty()).collect()
    }

    #[test]
    fn tells_nothing_from_no_number() {
        let mut table = Table::default();
        let values = vec![(3, 1.5), (4, f64::NAN), (5, f64::NEG_INFINITY), (9, 1.0)];
        table.learn(&(2..6), [((Side::Total, labels("")), values)]);
        let (_, row) = table.rows(Side::Total).next().unwrap();
        assert_eq!(row.at(3), Value::Number(1.5));
        assert_eq!((row.at(4), row.at(5)), (Value::NotANumber, Value::NotANumber));
        for point in [0, 1, 2, 6, 9, u32::MAX] {
            assert_eq!(row.at(point), Value::Absent);
        }
        assert_eq!(table.missing(&(0..10)), [0..2, 6..10]);
        assert!(table.rows(Side::Part).next().is_none());
    }

    #[test]
    fn damaged_bytes_are_no_table() {
        let mut table = Table::default();
        table.learn(&(2..60), served(&(2..60)));
        let bytes = table.to_bytes("key");
        // Comparing values would find NaN different from itself; bytes do not.
        assert_eq!(Table::from_bytes(&bytes, "key").unwrap().to_bytes("key"), bytes);
        assert!(Table::from_bytes(&bytes, "kex").is_none());
        for cut in 0..bytes.len() {
            assert!(Table::from_bytes(&bytes[..cut], "key").is_none());
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x20;
            assert!(Table::from_bytes(&damaged, "key").is_none(), "byte {at}");
        }
    }

    proptest! {
        /// However a table came to know its points, through the cache or not, it holds what the server
        /// says, and has not asked twice.
        #[test]
        fn pieces_make_the_whole(
            pieces in proptest::collection::vec((0_u32..120, 0_u32..60, any::<bool>(), 0_u32..200), 1..8),
        ) {
            let mut table = Table::default();
            let mut known = [false; 200];
            for (start, length, through_cache, settled) in pieces {
                let wanted = start..start + length;
                let missing = table.missing(&wanted);
                let unknown: Vec<u32> = wanted.clone().filter(|point| !known[*point as usize]).collect();
                prop_assert_eq!(missing.iter().cloned().flatten().collect::<Vec<_>>(), unknown);
                for range in missing {
                    table.learn(&range, served(&range));
                }
                wanted.for_each(|point| known[point as usize] = true);
                if through_cache {
                    let bytes = table.before(settled).to_bytes("k");
                    table = Table::from_bytes(&bytes, "k").unwrap();
                    (settled..200).for_each(|point| known[point as usize] = false);
                }
                for (side, labels, point, value) in served(&(0..200)).into_iter().flat_map(
                    |((side, labels), values)| {
                        values.into_iter().map(move |(point, value)| (side, labels.clone(), point, value))
                    },
                ) {
                    if known[point as usize] {
                        let row = table.rows(side).find(|(of, _)| **of == labels).unwrap().1;
                        let expected = if value.is_nan() { Value::NotANumber } else { Value::Number(value) };
                        prop_assert_eq!(row.at(point), expected);
                    }
                }
            }
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Table::from_bytes(&bytes, "k");
            let mut signed = [MAGIC, &1_u32.to_le_bytes(), b"k", &bytes].concat();
            signed.extend(checksum(&signed).to_le_bytes());
            let _ = Table::from_bytes(&signed, "k");
        }
    }
}
