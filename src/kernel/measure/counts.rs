//! Counts: every record holds the good, bad or total events of one step of time.
//!
//! A row's time is where its step begins. The length of the steps is the most common distance between
//! neighbouring times; a step without a row, or with an empty field, is not measured. Rows of one time
//! that differ in a label are summed, others are duplicates: the first counts, the later ones are bad
//! lines. Where duplicates contradict each other, nobody knows which is right, and the step is not
//! measured; so the order of rows never decides a number.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
};

use super::{
    blocks::Place,
    events::no_time,
    predicate::{ColumnUse, Field, NumberValue, read_number},
    record::{FoundLine, Line, RecordSink, TIME},
    report::ScanError,
    request::{CountMeasure, CountShape, ScanRequest},
    source::Needed,
    steps::Grid,
    tally::Tally,
    time::{SECOND, TimeReader, from_instant, to_instant},
};
use crate::kernel::{
    series::{EventCount, EventSeries, PackedCounts},
    units::{Duration, Instant},
};

/// Measures whose series are made in one go over the rows: what is unpacked for them is small beside the
/// rows, and of a row that is fetched much is used.
const TOGETHER: usize = 16;

/// The largest count: up to here `f64` holds every whole number.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// Rows that are held until their steps are known.
const MOST_ROWS: usize = 4_000_000;

/// The measures of a request, their columns bound to slots.
#[derive(Debug)]
pub(super) struct CountPlan {
    measures: Vec<Measure>,
    /// First slot that holds a label: all from there on do.
    labels_from: usize,
    /// Whether labels were named, or are the other columns that hold no numbers.
    labels_named: bool,
    grid: Grid,
    at: i64,
    now: i64,
    /// Where a window may begin inside of a step.
    from: Option<i64>,
}

/// Slots of the columns of one measure, with their names.
#[derive(Debug)]
struct Measure {
    good: Option<(u16, String)>,
    bad: Option<(u16, String)>,
    total: Option<(u16, String)>,
}

impl CountPlan {
    /// Binds the measures, adding the columns that they need.
    ///
    /// # Errors
    /// A measure with fewer than two columns, of which no ratio can be made.
    pub(super) fn new(
        shape: &CountShape,
        needed: &mut Needed,
        grid: Grid,
        request: &ScanRequest,
    ) -> Result<Self, ScanError> {
        let mut measures = Vec::with_capacity(shape.measures.len());
        for (index, CountMeasure { good, bad, total }) in shape.measures.iter().enumerate() {
            if [good, bad, total].into_iter().flatten().count() < 2 {
                return Err(ScanError::Request {
                    message: "counts need two of the columns `good`, `bad` and `total`".to_owned(),
                });
            }
            let mut bind = |name: &Option<String>| {
                name.as_ref().map(|name| (needed.slot(&column(name), index), name.clone()))
            };
            measures.push(Measure { good: bind(good), bad: bind(bad), total: bind(total) });
        }
        let labels_from = needed.columns().len() + 1;
        for label in shape.labels.iter().flatten() {
            needed.add(&column(label), 0);
        }
        needed.others = shape.labels.is_none();
        Ok(Self {
            measures,
            labels_from,
            labels_named: shape.labels.is_some(),
            grid,
            at: request.at.map_or(i64::MAX, from_instant),
            now: from_instant(request.now),
            from: request.at.and(request.from).map(from_instant),
        })
    }

    /// An empty collection for one thread.
    pub(super) fn sink(&self) -> CountSink<'_> {
        CountSink {
            plan: self,
            times: TimeReader::default(),
            tally: Tally::default(),
            rows: Vec::new(),
            overflow: false,
        }
    }
}

/// A column that a request names outside any predicate.
fn column(name: &str) -> ColumnUse {
    ColumnUse { name: name.to_owned(), at: 0..name.len(), quoted: false }
}

/// One row that could be read.
#[derive(Debug)]
pub(super) struct Row {
    line: u64,
    time: i64,
    label: u64,
    /// What each measure counts in it.
    counts: PackedCounts,
}

/// Collects rows for one thread.
pub(super) struct CountSink<'p> {
    plan: &'p CountPlan,
    times: TimeReader,
    pub(super) tally: Tally,
    pub(super) rows: Vec<Row>,
    /// Whether there were more rows than can be held.
    pub(super) overflow: bool,
}

impl RecordSink for CountSink<'_> {
    fn begin(&mut self, place: Place) {
        self.tally.begin(place);
    }

    fn end(&mut self) {
        self.tally.end();
        self.tally.forms = self.times.forms();
    }

    fn record(&mut self, line: Line<'_>, fields: &[Field<'_>]) -> bool {
        let Some(time) = fields[TIME].and_then(|text| self.times.read(text)) else {
            self.bad(line, || no_time(fields[TIME]));
            return false;
        };
        let mut counts = Vec::with_capacity(self.plan.measures.len());
        let mut wrong = None;
        for measure in &self.plan.measures {
            counts.push(measure.read(fields).unwrap_or_else(|reason| {
                wrong.get_or_insert(reason);
                None
            }));
        }
        if let Some(reason) = wrong {
            self.bad(line, || reason);
            // What one measure cannot count is still there for the others.
            if counts.iter().all(Option::is_none) {
                return false;
            }
        }
        if !self.tally.observe(time, self.plan.now) {
            return true;
        }
        // Rows behind the end are held too: they tell how long the steps are.
        self.tally.after_end += u64::from(time >= self.plan.at);
        if self.rows.len() < MOST_ROWS {
            let label = self.plan.label(fields);
            let counts = PackedCounts::new(counts);
            self.rows.push(Row { line: self.tally.number(line), time, label, counts });
        } else {
            self.overflow = true;
        }
        true
    }

    fn bad(&mut self, line: Line<'_>, reason: impl FnOnce() -> String) {
        self.tally.bad(line, reason);
    }

    fn repaired(&mut self, line: Line<'_>, reason: impl FnOnce() -> String) {
        self.tally.repaired(line, reason);
    }
}

impl CountPlan {
    /// What tells a row from others of its time.
    fn label(&self, fields: &[Field<'_>]) -> u64 {
        let mut hasher = DefaultHasher::new();
        for (slot, field) in fields.iter().enumerate().skip(self.labels_from) {
            if let Some(text) = field
                && (self.labels_named || read_number(text).is_none())
            {
                (slot, text).hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}

impl Measure {
    /// The counts of a row; `None` where a field is empty.
    fn read(&self, fields: &[Field<'_>]) -> Result<Option<EventCount>, String> {
        let (good, bad, total) = (
            number(self.good.as_ref(), fields)?,
            number(self.bad.as_ref(), fields)?,
            number(self.total.as_ref(), fields)?,
        );
        let given = [&self.good, &self.bad, &self.total].into_iter().flatten().count();
        if [good, bad, total].into_iter().flatten().count() < given {
            return Ok(None);
        }
        let (good, total) = match (good, bad, total) {
            (Some(good), Some(bad), Some(total)) => {
                if (good + bad - total).abs() > 1e-9 * total.max(1.0) {
                    return Err(format!("good {good} and bad {bad} do not make total {total}"));
                }
                (good, total)
            }
            (Some(good), None, Some(total)) => (good, total),
            (Some(good), Some(bad), None) => (good, good + bad),
            (None, Some(bad), Some(total)) if bad > total => {
                return Err(format!("has more bad events, {bad}, than events, {total}"));
            }
            (None, Some(bad), Some(total)) => (total - bad, total),
            _ => return Ok(None),
        };
        if good > total {
            return Err(format!("has more good events, {good}, than events, {total}"));
        }
        Ok(Some(EventCount { good, total }))
    }
}

/// A count of a row; `None` where there is no such column or its field is empty.
fn number(column: Option<&(u16, String)>, fields: &[Field<'_>]) -> Result<Option<f64>, String> {
    let Some((slot, name)) = column else { return Ok(None) };
    let Some(text) = fields[usize::from(*slot)] else { return Ok(None) };
    let shown = || String::from_utf8_lossy(&text[..text.len().min(40)]).escape_debug().to_string();
    let value = read_number(text)
        .map(NumberValue::to_float)
        .ok_or_else(|| format!("`{name}` is not a finite number: `{}`", shown()))?;
    if value < 0.0 {
        return Err(format!("`{name}` is negative: `{}`", shown()));
    }
    if value > LARGEST {
        return Err(format!("`{name}` is too large to be counted exactly: `{}`", shown()));
    }
    Ok(Some(value))
}

/// The rows of all inputs.
#[derive(Debug, Default)]
pub(super) struct CountTable {
    rows: Vec<Row>,
    /// Where a time and label stand first: index of the input, line, and index of the row.
    places: HashMap<(i64, u64), (usize, u64, usize)>,
    /// Times of which rows contradict each other, and the measures that they do in.
    contradicted: BTreeSet<(i64, usize)>,
    inputs: Vec<String>,
    summed: u64,
}

impl CountTable {
    /// Adds the rows of an input, in the order of its lines; gives those that are duplicates.
    pub(super) fn add(&mut self, input: &str, mut rows: Vec<Row>) -> Vec<FoundLine> {
        rows.sort_unstable_by_key(|row| row.line);
        let index = self.inputs.len();
        self.inputs.push(input.to_owned());
        let mut duplicates = Vec::new();
        for row in rows {
            match self.places.entry((row.time, row.label)) {
                Entry::Vacant(entry) => {
                    entry.insert((index, row.line, self.rows.len()));
                    self.rows.push(row);
                }
                Entry::Occupied(entry) => {
                    let (first, line, at) = *entry.get();
                    let (before, now) = (&self.rows[at].counts, &row.counts);
                    let differing: Vec<usize> = (0..now.len())
                        .filter(|measure| before.at(*measure) != now.at(*measure))
                        .collect();
                    let verdict = if differing.is_empty() {
                        "and is not counted again"
                    } else {
                        "and other counts: that time is left out"
                    };
                    let times = differing.into_iter().map(|measure| (row.time, measure));
                    self.contradicted.extend(times);
                    let input = &self.inputs[first];
                    duplicates.push(FoundLine {
                        line: row.line,
                        reason: format!("has the time of line {line} of `{input}` {verdict}"),
                        excerpt: to_instant(row.time).to_rfc3339(),
                    });
                }
            }
        }
        duplicates
    }

    /// Rows held so far.
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= MOST_ROWS
    }

    /// The series of every measure.
    pub(super) fn finish(mut self, plan: &CountPlan) -> CountOutcome {
        self.rows.sort_by_key(|row| row.time);
        let mut times: Vec<i64> = self.rows.iter().map(|row| row.time).collect();
        times.dedup();
        self.summed = (self.rows.len() - times.len()) as u64;
        let steps = Steps::of(&times, plan);
        self.rows.truncate(self.rows.partition_point(|row| row.time < plan.at));
        let Some(mut steps) = steps.filter(|_| !self.rows.is_empty()) else {
            let start = to_instant(if plan.at < i64::MAX { plan.at } else { plan.now });
            let step = Duration::from_milliseconds(plan.grid.length.unsigned_abs() / 1_000_000);
            let empty = EventSeries::new(start, step, Vec::new());
            return CountOutcome {
                series: vec![empty; plan.measures.len()],
                end: (plan.at < i64::MAX).then(|| to_instant(plan.at)),
                outside: 0,
                after_end: 0,
                assumptions: Vec::new(),
            };
        };
        // The step around the end reaches beyond it: what it holds up to there is not known.
        let inside = steps.around(plan);
        let ends = inside.map_or(plan.at, |step| steps.start_of(step));
        let mut after_end = 0;
        if let Some(step) = inside {
            let known = self.rows.partition_point(|row| steps.index(row.time) < step);
            after_end = (self.rows.len() - known) as u64;
            self.rows.truncate(known);
            steps.end = steps.end.min(step).max(steps.first);
        }
        let kept = self.rows.partition_point(|row| steps.index(row.time) < steps.first);
        let length = usize::try_from(steps.end - steps.first).unwrap_or(0);
        let parts = self.parts(plan, &steps);
        let start = to_instant(steps.start_of(steps.first));
        let step = Duration::from_milliseconds(steps.length.unsigned_abs() / 1_000_000);
        let end = if plan.at < i64::MAX { ends } else { steps.start_of(steps.end).min(plan.now) };
        let mut series = Vec::with_capacity(plan.measures.len());
        for first in (0..plan.measures.len()).step_by(TOGETHER) {
            let measures = first..plan.measures.len().min(first + TOGETHER);
            let counts = self.counted(&self.rows[kept..], &steps, length, measures);
            series.extend(counts.into_iter().zip(&parts[first..]).map(|(counts, part)| {
                let series = EventSeries::new(start, step, counts);
                match *part {
                    Some((from, count)) => series.with_part(to_instant(from), count),
                    None => series,
                }
            }));
        }
        let mut assumptions = self.assumptions(&times, &steps, step);
        if inside.is_some() {
            assumptions.push(format!(
                "the end asked for is inside of a step of `{step}`, which is left out"
            ));
        }
        CountOutcome {
            series,
            end: Some(to_instant(end)),
            outside: kept as u64,
            after_end,
            assumptions,
        }
    }

    /// What some measures count in every step.
    fn counted(
        &self,
        rows: &[Row],
        steps: &Steps,
        length: usize,
        measures: Range<usize>,
    ) -> Vec<Vec<Option<EventCount>>> {
        let mut counts = vec![vec![None; length]; measures.len()];
        for row in rows {
            let Ok(at) = usize::try_from(steps.index(row.time) - steps.first) else { continue };
            for (counts, measure) in counts.iter_mut().zip(measures.clone()) {
                if let (Some(step), Some(count)) = (counts.get_mut(at), row.counts.at(measure)) {
                    *step.get_or_insert_with(EventCount::default) += count;
                }
            }
        }
        for (time, measure) in &self.contradicted {
            let at = usize::try_from(steps.index(*time) - steps.first).ok();
            let counts = measure.checked_sub(measures.start).and_then(|at| counts.get_mut(at));
            if let Some(step) = at.zip(counts).and_then(|(at, counts)| counts.get_mut(at)) {
                *step = None;
            }
        }
        counts
    }

    /// How many times have fewer rows than the time with the most. Whether nothing happened there or
    /// nobody listened, the rows do not tell.
    fn times_that_lack_a_label(&self) -> usize {
        let rows = self.rows.chunk_by(|one, next| one.time == next.time).map(<[Row]>::len);
        let most = rows.clone().max().unwrap_or(0);
        rows.filter(|rows| *rows < most).count()
    }

    /// For each measure, what the step around the beginning asked for holds from there on, where its
    /// rows tell.
    fn parts(&self, plan: &CountPlan, steps: &Steps) -> Vec<Option<(i64, EventCount)>> {
        let inside =
            |from: &i64| steps.cadence < steps.length && steps.start_of(steps.index(*from)) < *from;
        let Some(from) = plan.from.filter(inside) else { return vec![None; plan.measures.len()] };
        let until = steps.start_of(steps.index(from) + 1);
        let rows = || self.rows.iter().filter(|row| (from..until).contains(&row.time));
        (0..plan.measures.len())
            .map(|measure| {
                let doubtful =
                    |(time, of): &(i64, usize)| *of == measure && (from..until).contains(time);
                if self.contradicted.iter().any(doubtful) {
                    return None;
                }
                let mut sum = EventCount::default();
                rows().filter_map(|row| row.counts.at(measure)).for_each(|count| sum += count);
                Some((from, sum))
            })
            .collect()
    }

    fn assumptions(&self, times: &[i64], steps: &Steps, step: Duration) -> Vec<String> {
        let cadence = Duration::from_milliseconds(steps.cadence.unsigned_abs() / 1_000_000);
        let mut assumptions = vec![format!("each row counts the `{step}` that begin at its time")];
        if times.len() < 2 {
            assumptions[0] = format!("the only row counts the `{step}` that begin at its time");
        } else if steps.cadence < steps.length {
            assumptions[0] =
                format!("rows stand every `{cadence}` and are summed into steps of `{step}`");
        } else {
            let off =
                times.iter().filter(|time| steps.start_of(steps.index(**time)) != **time).count();
            if off > 0 {
                assumptions.push(format!(
                    "{off} of {} times are not on the grid of `{step}` and count for the nearest step",
                    times.len()
                ));
            }
        }
        if self.summed > 0 {
            assumptions.push("rows of one time that differ in a label are summed".to_owned());
            let short = self.times_that_lack_a_label();
            if short > 0 {
                assumptions.push(format!(
                    "{short} of {} times lack a row for a label that others have, and are counted without",
                    times.len()
                ));
            }
        }
        assumptions
    }
}

/// What the rows come to.
pub(super) struct CountOutcome {
    pub(super) series: Vec<EventSeries>,
    pub(super) end: Option<Instant>,
    pub(super) outside: u64,
    /// Rows that are left out because they reach beyond the end that was asked for.
    pub(super) after_end: u64,
    pub(super) assumptions: Vec<String>,
}

/// The steps of a series of counts.
struct Steps {
    /// Most common distance between neighbouring times.
    cadence: i64,
    length: i64,
    phase: i64,
    /// What is added to a time before it is cut to a step: half a step where the grid is that of the
    /// rows, so that a little jitter does not move a row.
    slack: i64,
    first: i64,
    end: i64,
}

impl Steps {
    /// Steps for times in ascending order; `None` without any.
    fn of(times: &[i64], plan: &CountPlan) -> Option<Self> {
        let known = times.partition_point(|time| *time < plan.at);
        let first = *times.first()?;
        let last = if known == 0 { first } else { times[known - 1] };
        let asked = plan.grid.length;
        let gaps = times.windows(2).map(|pair| whole_seconds(pair[1] - pair[0]));
        let cadence = most_common(gaps).unwrap_or(asked);
        let mut steps = if cadence < asked {
            Self { cadence, length: asked, phase: plan.grid.phase, slack: 0, first: 0, end: 0 }
        } else {
            let offsets =
                times.iter().map(|time| whole_seconds(time.rem_euclid(cadence)) % cadence);
            let phase = most_common(offsets).unwrap_or(0);
            Self { cadence, length: cadence, phase, slack: cadence / 2, first: 0, end: 0 }
        };
        steps.end = steps.index(last) + 1;
        // The rows run into the present: steps of several rows end there.
        if plan.at == i64::MAX && cadence < asked && steps.start_of(steps.end) > plan.now {
            steps.phase = plan.now.rem_euclid(asked);
            steps.end = steps.index(last) + 1;
        }
        let kept = 1 + (plan.grid.kept.saturating_mul(asked) - 1).div_euclid(steps.length);
        let newest = match steps.around(plan) {
            Some(step) => step,
            None if plan.at < i64::MAX => {
                1 + (plan.at.saturating_sub(steps.phase) - 1).div_euclid(steps.length)
            }
            None => steps.end,
        };
        steps.first = steps.index(first).max(newest.saturating_sub(kept)).min(steps.end);
        Some(steps)
    }

    /// The step that begins before the end asked for and ends after it. Steps that reach beyond the
    /// present hold what there is until then.
    fn around(&self, plan: &CountPlan) -> Option<i64> {
        if plan.at >= plan.now {
            return None;
        }
        let offset = plan.at.saturating_sub(self.phase);
        let step = offset.div_euclid(self.length);
        (offset.rem_euclid(self.length) != 0).then_some(step)
    }

    fn index(&self, time: i64) -> i64 {
        (time - self.phase + self.slack).div_euclid(self.length)
    }

    fn start_of(&self, step: i64) -> i64 {
        step * self.length + self.phase
    }
}

/// A distance without the jitter of fractions of a second, where it is longer than one.
fn whole_seconds(distance: i64) -> i64 {
    if distance < SECOND { distance } else { (distance + SECOND / 2) / SECOND * SECOND }
}

/// The value that comes most often, the smallest of several.
fn most_common(values: impl Iterator<Item = i64>) -> Option<i64> {
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0))).map(|(value, _)| value)
}
