//! What is counted for each measure, and what comes out of it in the end.
use std::{collections::HashMap, ops::Range};

use super::{
    CounterGroup, CounterMeasure, CounterPart, CounterRequest, Unmeasured,
    cells::{Cells, Increase, Side, Spacings, Sums, half_before},
    line::Series,
    selector::{Selector, value_of},
    series::{Counter, Table},
};
use crate::kernel::{
    measure::{
        steps::Grid,
        time::{SECOND, from_instant, to_instant},
    },
    series::{EventCount, EventSeries},
    units::{Duration, Instant},
};

/// By how much a part may exceed all events for what floating point does to sums, relative to these.
const ROUNDING: f64 = 1e-9;

/// What a series is to one measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Role {
    measure: usize,
    side: Side,
    group: usize,
}

/// One measure and its counts.
#[derive(Debug)]
struct Measure<'r> {
    asked: &'r CounterMeasure,
    /// Values of the labels that tell groups apart, to their group.
    values: HashMap<Vec<String>, usize>,
    groups: Vec<Group>,
    /// Series of all events, and of the part.
    series: [u64; 2],
    /// Whether any series of all events has two samples, or one and a creation.
    followed: bool,
    spacings: Spacings,
    resets: u64,
    problem: Option<Unmeasured>,
    /// Series that began after the data did, and their first values, which do not count: of all events,
    /// and of parts that are not among these.
    late: [(u64, f64); 2],
}

/// The counts of one combination of labels.
#[derive(Debug)]
struct Group {
    cells: Cells,
    /// Whether some series of all events has these labels.
    counts_all: bool,
}

/// All measures of a request.
#[derive(Debug)]
pub(super) struct Measures<'r> {
    all: Vec<Measure<'r>>,
    request: &'r CounterRequest,
    grid: Grid,
    at: i64,
}

impl<'r> Measures<'r> {
    pub(super) fn new(request: &'r CounterRequest, grid: Grid) -> Self {
        let measures = request.measures.iter().map(|asked| Measure {
            asked,
            values: HashMap::new(),
            groups: Vec::new(),
            series: [0; 2],
            followed: false,
            spacings: Spacings::default(),
            resets: 0,
            problem: None,
            late: [(0, 0.0); 2],
        });
        let at = request.at.map_or(i64::MAX, from_instant);
        Self { all: measures.collect(), request, grid, at }
    }

    /// The selectors of all measures.
    pub(super) fn selectors(&self) -> impl Iterator<Item = &'r Selector> {
        self.all.iter().flat_map(|measure| measure.asked.selectors())
    }

    /// What a series is to the measures; a group that was not met before is made.
    pub(super) fn roles(&mut self, series: &Series) -> Vec<Role> {
        let mut roles = Vec::new();
        for (index, measure) in self.all.iter_mut().enumerate() {
            for (side, selector) in
                [Side::Total, Side::Part].into_iter().zip(measure.asked.selectors())
            {
                if !selector.names(&series.name) || !selector.selects(series) {
                    continue;
                }
                measure.series[side as usize] += 1;
                let labels = &measure.asked.group_by;
                let values: Vec<String> =
                    labels.iter().map(|label| value_of(series, label).to_owned()).collect();
                let group = match measure.values.get(&values) {
                    Some(group) => *group,
                    None if measure.groups.len() >= self.request.max_series.max(1) => {
                        measure.problem.get_or_insert_with(|| Unmeasured {
                            message: format!(
                                "`{selector}` has more than {} combinations of {}",
                                self.request.max_series,
                                listed(labels)
                            ),
                            help: Some("choose labels with fewer values, or allow more".to_owned()),
                        });
                        continue;
                    }
                    None => {
                        let cells = Cells::new(self.grid, self.at);
                        measure.groups.push(Group { cells, counts_all: false });
                        measure.values.insert(values, measure.groups.len() - 1);
                        measure.groups.len() - 1
                    }
                };
                measure.groups[group].counts_all |= side == Side::Total;
                roles.push(Role { measure: index, side, group });
            }
        }
        roles
    }

    /// Counts what happened between two samples of a series with these roles.
    pub(super) fn count(&mut self, roles: &[Role], increase: &Increase) {
        let floor = self.grid.floor.unwrap_or(i64::MIN);
        for role in roles {
            let measure = &mut self.all[role.measure];
            measure.groups[role.group].cells.add(role.side, increase);
            if role.side == Side::Total {
                measure.followed = true;
                // What lies outside of the time asked for needs no words.
                if increase.to <= self.at && half_before(self.grid, increase.to) >= floor {
                    measure.spacings.add(increase);
                    measure.resets += u64::from(increase.reset);
                }
            }
        }
    }

    /// Counts what the samples of single files do not tell: what happened between files, and what a
    /// counter held when it was first seen, where it is known to have begun after the data did.
    pub(super) fn join(&mut self, table: &Table, inputs: &[String], begin: i64) {
        for counter in &table.counters {
            let mut between = Vec::new();
            match counter.join(|increase| between.push(increase)) {
                Ok(()) => {
                    for increase in &between {
                        self.count(&counter.roles, increase);
                    }
                }
                Err((earlier, later)) => {
                    let problem = Unmeasured {
                        message: format!(
                            "`{}` and `{}` hold samples of the same time for `{}`",
                            inputs[earlier], inputs[later], counter.name
                        ),
                        help: Some("give each sample once: leave out one of the files".to_owned()),
                    };
                    for role in &counter.roles {
                        self.all[role.measure].problem.get_or_insert_with(|| problem.clone());
                    }
                }
            }
        }
        // What is scraped from the start on is there within the usual distance of two samples.
        let start = |measure: &Measure<'_>| {
            begin.saturating_add(i64::from(measure.spacings.usual()) * SECOND)
        };
        let starts: Vec<i64> = self.all.iter().map(start).collect();
        for counter in &table.counters {
            self.count_birth(table, counter, begin, &starts);
        }
    }

    fn count_birth(&mut self, table: &Table, counter: &Counter, begin: i64, starts: &[i64]) {
        let Some(first) = counter.first().filter(|first| first.time > begin) else { return };
        let born =
            table.creation_time(counter).filter(|born| (begin + 1..=first.time).contains(born));
        for role in &counter.roles {
            let measure = &mut self.all[role.measure];
            if let Some(born) = born {
                // Before it was created there was nothing to count: that time is measured as well.
                let increase = Increase {
                    from: born,
                    to: first.time,
                    events: first.value,
                    reset: false,
                    unbroken: true,
                };
                measure.groups[role.group].cells.add(role.side, &increase);
                measure.followed |= role.side == Side::Total;
            } else if first.value > 0.0
                && (starts[role.measure] + 1..=self.at).contains(&first.time)
            {
                let counts_all = counter.roles.contains(&Role { side: Side::Total, ..*role });
                if role.side == Side::Total || !counts_all {
                    let late = &mut measure.late[role.side as usize];
                    *late = (late.0 + 1, late.1 + first.value);
                }
            }
        }
    }

    /// The halves of steps that are looked at, for samples from `first` to `last`.
    pub(super) fn range(&self, first: i64, last: i64) -> Range<i64> {
        let grid = &self.grid;
        if first > last {
            return 0..0;
        }
        let now = from_instant(self.request.now);
        let end = match self.at {
            at if at < i64::MAX && last >= at => grid.whole(at),
            _ => grid.whole(last - 1).saturating_add(2),
        };
        // The data run into the present: steps end there, at a cut, or with the last whole step.
        let end = if self.at == i64::MAX && grid.start_of(end) > now {
            if self.request.whole_steps { grid.whole(now) } else { grid.half_of(now) | 1 }
        } else {
            end
        };
        let floor = grid.floor.unwrap_or(end - 2 * grid.kept);
        let known = (end - grid.half_of(first)).max(0);
        (end - (known + known.rem_euclid(2))).max(floor).min(end)..end
    }

    /// What came out for each measure, and what is to be said about it. `names` are the metrics that
    /// were met.
    pub(super) fn finish(
        self,
        names: &[String],
        range: Range<i64>,
    ) -> (Vec<Result<Vec<CounterGroup>, Unmeasured>>, Vec<String>) {
        let mut notes = Vec::new();
        let view = View { request: self.request, grid: self.grid, at: self.at, range };
        let results = self.all.into_iter();
        let results = results.map(|measure| measure.finish(&view, names, &mut notes)).collect();
        (results, notes)
    }
}

/// The time that is looked at.
struct View<'r> {
    request: &'r CounterRequest,
    grid: Grid,
    at: i64,
    /// Halves of steps.
    range: Range<i64>,
}

impl Measure<'_> {
    fn finish(
        mut self,
        view: &View<'_>,
        names: &[String],
        notes: &mut Vec<String>,
    ) -> Result<Vec<CounterGroup>, Unmeasured> {
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        let [total, part] = self.asked.selectors();
        if self.series[Side::Total as usize] == 0 {
            return Err(finds_nothing(total, names, ""));
        }
        if !self.followed {
            return Err(Unmeasured {
                message: format!("`{total}` has no series with two samples"),
                help: Some(
                    "a counter counts from one sample to the next: append several scrapes, each with \
                     its timestamp"
                        .to_owned(),
                ),
            });
        }
        let mut values: Vec<(Vec<String>, usize)> = self.values.drain().collect();
        values.sort_unstable();
        let mut groups = Vec::with_capacity(values.len());
        for (values, group) in values {
            // Taken out, so that what is done is freed on the way.
            let empty = Group { cells: Cells::new(view.grid, view.at), counts_all: false };
            let group = std::mem::replace(&mut self.groups[group], empty);
            let series = self.series_of(&group.cells, view, &values)?;
            // Labels that only a part without events has are of nothing that is asked for.
            if group.counts_all {
                let labels = self.asked.group_by.iter().cloned().zip(values);
                let labels = labels.filter(|(_, value)| !value.is_empty()).collect();
                groups.push(CounterGroup { labels, series });
            }
        }
        if self.series[Side::Part as usize] == 0 {
            let counts = groups.iter().flat_map(|group| group.series.counts()).flatten();
            let events: f64 = counts.map(|count| count.total).sum();
            match self.asked.part {
                CounterPart::Good(_) if events > 0.0 => {
                    let context = format!(", while `{total}` counts {events} events");
                    return Err(finds_nothing(part, names, &context));
                }
                CounterPart::Good(_) => {}
                CounterPart::Bad(_) => {
                    notes.push(format!("`{part}` finds no series: none of the events is bad"));
                }
            }
        }
        self.note(notes);
        Ok(groups)
    }

    /// The counts of a group as a series.
    ///
    /// # Errors
    /// A step with more events of the part than events.
    fn series_of(
        &self,
        cells: &Cells,
        view: &View<'_>,
        values: &[String],
    ) -> Result<EventSeries, Unmeasured> {
        let (grid, limit) = (view.grid, self.spacings.limit());
        let step = Duration::from_milliseconds(grid.length.unsigned_abs() / 1_000_000);
        let mut counts = Vec::new();
        for half in view.range.clone().step_by(2) {
            let count = cells.step(half, limit).map(|sums| {
                self.asked.count(sums).ok_or_else(|| {
                    self.exceeds(sums, step, to_instant(grid.start_of(half + 2)), values)
                })
            });
            counts.push(count.transpose()?);
        }
        let start = if view.range.is_empty() {
            if view.at < i64::MAX { to_instant(view.at) } else { view.request.now }
        } else {
            to_instant(grid.start_of(view.range.start))
        };
        let series = EventSeries::new(start, step, counts);
        let from = view.request.at.and(view.request.from).filter(|_| grid.cut > 0);
        let part = from.and_then(|from| {
            let sums = cells.half(grid.half_of(from_instant(from)), limit)?;
            Some((from, self.asked.count(sums)?))
        });
        Ok(match part {
            Some((from, count)) => series.with_part(from, count),
            None => series,
        })
    }

    /// Says what is to be known about the series that were counted.
    fn note(&self, notes: &mut Vec<String>) {
        let selectors = self.asked.selectors();
        let [total, _] = selectors;
        let span = |seconds: u32| Duration::from_seconds(u64::from(seconds));
        if let Some((gaps, events, longest)) = self.spacings.gaps() {
            notes.push(format!(
                "the series of `{total}` have {gaps} {} longer than {}, the longest of {}: the {} events \
                 of that time count where the samples go on",
                if gaps == 1 { "gap" } else { "gaps" },
                span(self.spacings.limit()),
                span(longest),
                thousandths(events)
            ));
        }
        if self.resets > 0 {
            notes.push(format!(
                "the counters of `{total}` began anew {} {}; each counts from 0 there",
                self.resets,
                if self.resets == 1 { "time" } else { "times" }
            ));
        }
        for (selector, (series, events)) in selectors.into_iter().zip(self.late) {
            if series > 0 {
                notes.push(format!(
                    "{series} series of `{selector}` {} after the data do, of unknown age: the {} events \
                     of the first samples are not counted, as in Prometheus",
                    if series == 1 { "begins" } else { "begin" },
                    thousandths(events)
                ));
            }
        }
    }

    /// Why a step cannot be right that has more events of a part than events.
    fn exceeds(&self, sums: Sums, step: Duration, end: Instant, values: &[String]) -> Unmeasured {
        let [total, part] = self.asked.selectors();
        let labels = self.asked.group_by.iter().zip(values);
        let labels: Vec<String> =
            labels.map(|(label, value)| format!("{label}={value:?}")).collect();
        let of =
            if labels.is_empty() { String::new() } else { format!(" of {{{}}}", labels.join(",")) };
        Unmeasured {
            message: format!(
                "`{part}` counts {} events{of} in the {step} before {}, more than the {} of `{total}`",
                sums.part,
                end.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
                sums.total
            ),
            help: Some(format!(
                "what `{part}` selects must be a part of what `{total}` selects, with the same samples"
            )),
        }
    }
}

impl CounterMeasure {
    /// The selectors of all events and of the part.
    fn selectors(&self) -> [&Selector; 2] {
        let (CounterPart::Good(part) | CounterPart::Bad(part)) = &self.part;
        [&self.total, part]
    }

    /// Good and all events; `None` where the part is more than the whole.
    fn count(&self, sums: Sums) -> Option<EventCount> {
        let Sums { total, part } = sums;
        if part > total + ROUNDING * total.max(1.0) {
            return None;
        }
        let part = part.min(total);
        let good = if matches!(self.part, CounterPart::Good(_)) { part } else { total - part };
        Some(EventCount { good, total })
    }
}

/// A sum of events as a note shows it, without what floating point leaves behind.
fn thousandths(events: f64) -> f64 {
    (events * 1e3).round() / 1e3
}

/// Why a selector that finds nothing does so, as far as the names tell.
fn finds_nothing(selector: &Selector, names: &[String], context: &str) -> Unmeasured {
    let help = match selector.name() {
        Some(name) if names.iter().any(|known| known == name) => {
            format!("the files hold `{name}`, but no series with these labels")
        }
        Some(name) => names
            .iter()
            .map(|known| (strsim::jaro_winkler(known, name), known))
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
            .map_or_else(|| known_names(names), |(_, known)| format!("did you mean `{known}`?")),
        None => known_names(names),
    };
    Unmeasured { message: format!("`{selector}` finds no series{context}"), help: Some(help) }
}

fn known_names(names: &[String]) -> String {
    const SHOWN: usize = 10;
    if names.is_empty() {
        return "the files hold no metrics".to_owned();
    }
    let more = names.len().saturating_sub(SHOWN);
    let and = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("the files hold {}{and}", listed(&names[..names.len().min(SHOWN)]))
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
