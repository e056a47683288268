//! The series that are asked for: their names and labels, and their latest samples.
use std::{cmp::Ordering, collections::HashMap};

use super::{
    cells::Increase,
    line::{BOUND, Series, is_plain_name, no_name},
    measures::Role,
    selector::short_bound,
};

/// Series, or stretches of them, that are held at most.
pub(super) const MOST_SERIES: usize = 1_000_000;

/// Names and spellings of series that are remembered; further ones are looked up anew each time.
const MOST_REMEMBERED: usize = 2 * MOST_SERIES;

/// The label of a summary's quantiles, which its creation does not have.
const QUANTILE: &str = "quantile";

/// What a metric is to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Nothing.
    None,
    /// Some selector asks for its name.
    Counter,
    /// It says when a counter was created that some selector may ask for.
    Creation,
}

/// What a line's series is to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    None,
    /// The counter with that index.
    Counter(usize),
    /// The creation with that index.
    Creation(usize),
}

/// One sample of a counter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    /// Unit: nanoseconds.
    pub(super) time: i64,
    pub(super) value: f64,
}

/// Samples of one series that follow each other in the files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    /// Index of the input in which it begins.
    pub(super) input: usize,
    pub(super) first: Sample,
    pub(super) last: Sample,
    /// Whether a NaN stands behind its last sample: nobody knows for how long the series was gone.
    ended: bool,
}

impl Stretch {
    /// What happened from a sample to a later one; a counter that fell began anew at 0.
    fn increase(&self, to: Sample) -> Increase {
        let from = self.last;
        let reset = to.value < from.value;
        let events = if reset { to.value } else { to.value - from.value };
        Increase { from: from.time, to: to.time, events, reset, unbroken: !self.ended }
    }
}

/// One counter.
#[derive(Clone, Debug, Default)]
pub(super) struct Counter {
    /// As it is called in messages.
    pub(super) name: String,
    /// Which measures count it, as the caller numbers them.
    pub(super) roles: Vec<Role>,
    /// Index of the creation that belongs to it.
    creation: usize,
    /// In the order in which they were met.
    stretches: Vec<Stretch>,
    /// Index of the stretch that the latest sample went to, and the input that it grows from.
    growing: usize,
    input: usize,
    /// Index of the stretch with the latest time.
    newest: usize,
}

/// What became of a sample.
#[derive(Clone, Copy, Debug)]
pub(super) enum Added {
    /// The series goes on.
    Increase(Increase),
    /// The series begins, or begins anew in another file.
    First,
    /// The same sample again.
    Again,
}

/// The counters of all inputs.
#[derive(Debug, Default)]
pub(super) struct Table {
    uses: HashMap<Box<[u8]>, Use>,
    /// Spellings of names and labels.
    spellings: HashMap<Box<[u8]>, Found>,
    /// Identities: name and sorted labels.
    counters_by_key: HashMap<Vec<u8>, usize>,
    creations_by_key: HashMap<Vec<u8>, usize>,
    pub(super) counters: Vec<Counter>,
    /// When counters were created, the earliest that is said of each.
    creations: Vec<Option<i64>>,
    /// Stretches of all counters.
    stretches: usize,
}

impl Table {
    /// What a metric's name is to the request, which `judge` finds out for a new one.
    pub(super) fn usage(
        &mut self,
        name: &[u8],
        quoted: bool,
        judge: impl FnOnce(&str) -> Use,
    ) -> Result<Use, String> {
        if let Some(known) = self.uses.get(name) {
            return Ok(*known);
        }
        let text = std::str::from_utf8(name).ok().filter(|_| quoted || is_plain_name(name));
        let usage = judge(text.ok_or_else(|| no_name(name))?);
        if self.uses.len() < MOST_REMEMBERED {
            self.uses.insert(name.into(), usage);
        }
        Ok(usage)
    }

    /// The names that were met, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.uses.keys().map(|name| String::from_utf8_lossy(name).into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        names
    }

    /// What a series is that was met in that spelling before.
    pub(super) fn known(&self, spelling: &[u8]) -> Option<Found> {
        self.spellings.get(spelling).copied()
    }

    /// Remembers what a series is.
    pub(super) fn remember(&mut self, spelling: &[u8], found: Found) {
        if self.spellings.len() < MOST_REMEMBERED {
            self.spellings.insert(spelling.into(), found);
        }
    }

    /// The counter of that name and labels; the roles of a new one are asked for.
    pub(super) fn counter(&mut self, series: &Series, roles: impl FnOnce() -> Vec<Role>) -> Found {
        let key = identity(&series.name, series, &[]);
        if let Some(known) = self.counters_by_key.get(&key) {
            return Found::Counter(*known);
        }
        let roles = roles();
        if roles.is_empty() {
            return Found::None;
        }
        let creation = self.creation(&creation_of(&series.name), series);
        let index = self.counters.len();
        self.counters_by_key.insert(key, index);
        self.counters.push(Counter { name: shown(series), roles, creation, ..Counter::default() });
        Found::Counter(index)
    }

    /// Index of the creation with that name and the labels of a series.
    pub(super) fn creation(&mut self, name: &str, series: &Series) -> usize {
        if self.creations.len() >= MOST_REMEMBERED {
            return usize::MAX;
        }
        let key = identity(name, series, &[BOUND, QUANTILE]);
        *self.creations_by_key.entry(key).or_insert_with(|| {
            self.creations.push(None);
            self.creations.len() - 1
        })
    }

    /// A counter was created at that time.
    pub(super) fn created(&mut self, creation: usize, time: i64) {
        if let Some(known) = self.creations.get_mut(creation) {
            *known = Some(known.map_or(time, |known| known.min(time)));
        }
    }

    /// When a counter was created, where that is said.
    pub(super) fn creation_time(&self, counter: &Counter) -> Option<i64> {
        self.creations.get(counter.creation).copied().flatten()
    }

    /// The creation of a counter.
    pub(super) fn creation_index(&self, counter: usize) -> usize {
        self.counters[counter].creation
    }

    /// Whether there are more series, or stretches of them, than can be held.
    pub(super) fn is_full(&self) -> bool {
        self.counters.len().max(self.stretches) > MOST_SERIES
    }

    /// Adds a sample of a counter, with the index of its input.
    ///
    /// # Errors
    /// A sample that is older than the one before it in the file, or contradicts it.
    pub(super) fn add(
        &mut self,
        counter: usize,
        input: usize,
        to: Sample,
    ) -> Result<Added, String> {
        let counter = &mut self.counters[counter];
        if !counter.goes_on(input, to) {
            counter.growing = counter.stretches.len();
            counter.stretches.push(Stretch { input, first: to, last: to, ended: false });
            counter.note_newest();
            self.stretches += 1;
            return Ok(Added::First);
        }
        let stretch = &mut counter.stretches[counter.growing];
        let from = stretch.last;
        match to.time.cmp(&from.time) {
            Ordering::Less => Err("is older than the sample of its series before it".to_owned()),
            Ordering::Equal if to == from => Ok(Added::Again),
            Ordering::Equal => Err(format!(
                "has the time of the sample of its series before it and another value: {}, then {}",
                from.value, to.value
            )),
            Ordering::Greater => {
                let increase = stretch.increase(to);
                stretch.last = to;
                stretch.ended = false;
                counter.note_newest();
                Ok(Added::Increase(increase))
            }
        }
    }

    /// A NaN: the series ends, perhaps to go on later.
    pub(super) fn end(&mut self, counter: usize, input: usize, time: i64) {
        let counter = &mut self.counters[counter];
        let stretch = if counter.input == input { counter.growing } else { counter.newest };
        if let Some(stretch) = counter.stretches.get_mut(stretch) {
            stretch.ended |= time > stretch.last.time;
        }
    }
}

impl Counter {
    /// Whether a sample of an input goes on with a stretch, which is then the one that grows: within an
    /// input always, else where it follows all samples before it, or is the latest of them again.
    fn goes_on(&mut self, input: usize, to: Sample) -> bool {
        let Some(newest) = self.stretches.get(self.newest).map(|stretch| stretch.last) else {
            self.input = input;
            return false;
        };
        if self.input == input {
            return true;
        }
        self.input = input;
        self.growing = self.newest;
        to.time > newest.time || to == newest
    }

    /// The stretch that has grown may be the newest now.
    fn note_newest(&mut self) {
        let time = |stretch: usize| self.stretches[stretch].last.time;
        if time(self.growing) > time(self.newest) {
            self.newest = self.growing;
        }
    }

    /// Passes on what happened between its stretches, in the order of time.
    ///
    /// # Errors
    /// Two stretches that hold the same time, by the indices of their inputs.
    pub(super) fn join(&self, mut between: impl FnMut(Increase)) -> Result<(), (usize, usize)> {
        let mut stretches = self.stretches.clone();
        stretches.sort_by_key(|stretch| (stretch.first.time, stretch.last.time));
        for pair in stretches.windows(2) {
            let (earlier, later) = (pair[0], pair[1]);
            if later.first.time < earlier.last.time
                || (later.first.time == earlier.last.time && later.first != earlier.last)
            {
                return Err((earlier.input.min(later.input), earlier.input.max(later.input)));
            }
            if later.first.time > earlier.last.time {
                between(earlier.increase(later.first));
            }
        }
        Ok(())
    }

    /// Its first sample in time.
    pub(super) fn first(&self) -> Option<Sample> {
        let firsts = self.stretches.iter().map(|stretch| stretch.first);
        firsts.min_by_key(|sample| sample.time)
    }
}

/// The metric that says when a counter was created: that of its family.
pub(super) fn creation_of(name: &str) -> String {
    let family = ["_total", "_bucket", "_count", "_sum"]
        .into_iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    format!("{family}_created")
}

/// What makes two series one: the name and the labels, in any order; bounds of buckets are numbers, and
/// an empty label is none.
fn identity(name: &str, series: &Series, without: &[&str]) -> Vec<u8> {
    // No UTF-8 holds this byte.
    const BETWEEN: u8 = 0xff;
    let mut labels: Vec<(&str, &str)> = series
        .labels
        .iter()
        .map(|(label, value)| (label.as_str(), value.as_str()))
        .filter(|(label, value)| !value.is_empty() && !without.contains(label))
        .collect();
    labels.sort_unstable();
    let mut key = name.as_bytes().to_vec();
    for (label, value) in labels {
        key.push(BETWEEN);
        key.extend_from_slice(label.as_bytes());
        key.push(BETWEEN);
        match short_bound(value).filter(|_| label == BOUND) {
            Some(bound) => key.extend_from_slice(bound.as_bytes()),
            None => key.extend_from_slice(value.as_bytes()),
        }
    }
    key
}

/// A series as messages show it.
fn shown(series: &Series) -> String {
    let labels: Vec<String> =
        series.labels.iter().map(|(label, value)| format!("{label}={value:?}")).collect();
    if labels.is_empty() {
        series.name.clone()
    } else {
        format!("{}{{{}}}", series.name, labels.join(","))
    }
}
