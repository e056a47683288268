//! What is counted for each measure, and what comes out of it in the end.
use std::{collections::HashMap, ops::Range};

use super::{
    CounterGroup, CounterMeasure, CounterPart, CounterRequest, Unmeasured,
    cells::{Cells, Increase, Side, Spacings, Sums},
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
    groups: HashMap<Vec<String>, usize>,
    cells: Vec<Cells>,
    /// Series of all events, and of the part.
    series: [u64; 2],
    spacings: Spacings,
    resets: u64,
    problem: Option<Unmeasured>,
    /// Series of all events that began after the data did, and their first values, which do not count.
    late: (u64, f64),
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
            groups: HashMap::new(),
            cells: Vec::new(),
            series: [0; 2],
            spacings: Spacings::default(),
            resets: 0,
            problem: None,
            late: (0, 0.0),
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
                let group = match measure.groups.get(&values) {
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
                        measure.cells.push(Cells::new(self.grid, self.at));
                        measure.groups.insert(values, measure.cells.len() - 1);
                        measure.cells.len() - 1
                    }
                };
                roles.push(Role { measure: index, side, group });
            }
        }
        roles
    }

    /// Counts what happened between two samples of a series with these roles.
    pub(super) fn count(&mut self, roles: &[Role], increase: &Increase) {
        for role in roles {
            let measure = &mut self.all[role.measure];
            measure.cells[role.group].add(role.side, increase);
            if role.side == Side::Total {
                measure.spacings.add(increase);
                measure.resets += u64::from(increase.reset);
            }
        }
    }

    /// Counts what the samples of single files do not tell: what happened between files, and what a
    /// counter held when it was first seen, where it is known to have begun after the data did.
    pub(super) fn join(&mut self, table: &Table, inputs: &[String], begin: i64) {
        // What is scraped from the start on is there within the usual distance of two samples.
        let starts: Vec<i64> = self
            .all
            .iter()
            .map(|measure| begin.saturating_add(i64::from(measure.spacings.usual()) * SECOND))
            .collect();
        for counter in &table.counters {
            let mut between = Vec::new();
            match counter.join(|increase| between.push(increase)) {
                Ok(()) => {
                    for increase in &between {
                        self.count(&counter.roles, increase);
                    }
                    self.count_birth(table, counter, begin, &starts);
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
                measure.cells[role.group].add(role.side, &increase);
            } else if role.side == Side::Total
                && first.value > 0.0
                && first.time > starts[role.measure]
            {
                measure.late.0 += 1;
                measure.late.1 += first.value;
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

    /// What came out for each measure, and what is to be said about it.
    pub(super) fn finish(
        self,
        names: &[String],
        range: &Range<i64>,
    ) -> (Vec<Result<Vec<CounterGroup>, Unmeasured>>, Vec<String>) {
        let mut notes = Vec::new();
        let (grid, request, at) = (self.grid, self.request, self.at);
        let results = self
            .all
            .into_iter()
            .map(|measure| measure.finish(grid, request, at, names, range, &mut notes))
            .collect();
        (results, notes)
    }
}

impl Measure<'_> {
    fn finish(
        mut self,
        grid: Grid,
        request: &CounterRequest,
        at: i64,
        names: &[String],
        range: &Range<i64>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<CounterGroup>, Unmeasured> {
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        let [total, part] = self.asked.selectors();
        if self.series[Side::Total as usize] == 0 {
            return Err(finds_nothing(total, names, ""));
        }
        if self.spacings.is_empty() {
            return Err(Unmeasured {
                message: format!("`{total}` has no series with two samples"),
                help: Some(
                    "a counter counts from one sample to the next: append several scrapes, each with \
                     its timestamp"
                        .to_owned(),
                ),
            });
        }
        let limit = self.spacings.limit();
        let mut groups: Vec<(Vec<String>, usize)> =
            std::mem::take(&mut self.groups).into_iter().collect();
        groups.sort_unstable();
        let start = if range.is_empty() {
            to_instant(if at < i64::MAX { at } else { from_instant(request.now) })
        } else {
            to_instant(grid.start_of(range.start))
        };
        let step = Duration::from_milliseconds(grid.length.unsigned_abs() / 1_000_000);
        let from = request.at.and(request.from).map(from_instant).filter(|_| grid.cut > 0);
        let mut events = 0.0;
        let mut answer = Vec::with_capacity(groups.len());
        for (values, group) in groups {
            // Taken out, so that what is done is freed on the way.
            let cells = std::mem::replace(&mut self.cells[group], Cells::new(grid, at));
            let mut counts = Vec::new();
            for half in range.clone().step_by(2) {
                let Some(sums) = cells.step(half, limit) else {
                    counts.push(None);
                    continue;
                };
                let Some(count) = self.asked.count(sums) else {
                    let end = to_instant(grid.start_of(half + 2));
                    return Err(self.exceeds(sums, step, end, &values));
                };
                events += sums.total;
                counts.push(Some(count));
            }
            let mut series = EventSeries::new(start, step, counts);
            if let Some(from) = from
                && let Some(sums) = cells.half(grid.half_of(from), limit)
                && let Some(count) = self.asked.count(sums)
            {
                series = series.with_part(to_instant(from), count);
            }
            let labels = self.asked.group_by.iter().cloned().zip(values);
            let labels = labels.filter(|(_, value)| !value.is_empty()).collect();
            answer.push(CounterGroup { labels, series });
        }
        if self.series[Side::Part as usize] == 0 {
            match self.asked.part {
                CounterPart::Good(_) if events > 0.0 => {
                    let while_ = format!(", while `{total}` counts {events} events");
                    return Err(finds_nothing(part, names, &while_));
                }
                CounterPart::Good(_) => {}
                CounterPart::Bad(_) => {
                    notes.push(format!("`{part}` finds no series: none of the events is bad"));
                }
            }
        }
        self.note(total, limit, notes);
        Ok(answer)
    }

    /// What is to be said about the series of all events.
    fn note(&self, total: &Selector, limit: u32, notes: &mut Vec<String>) {
        let span = |seconds: u32| Duration::from_seconds(u64::from(seconds));
        if let Some((gaps, events, longest)) = self.spacings.gaps() {
            notes.push(format!(
                "the series of `{total}` have {gaps} {} longer than {}, the longest of {}: the {events} \
                 events of that time count where the samples go on",
                if gaps == 1 { "gap" } else { "gaps" },
                span(limit),
                span(longest)
            ));
        }
        if self.resets > 0 {
            notes.push(format!(
                "the counters of `{total}` began anew {} {}; each counts from 0 there",
                self.resets,
                if self.resets == 1 { "time" } else { "times" }
            ));
        }
        let (series, events) = self.late;
        if series > 0 {
            notes.push(format!(
                "{series} series of `{total}` begin after the data do, without saying when they were \
                 created: the {events} events they begin with are not counted, as in Prometheus"
            ));
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
