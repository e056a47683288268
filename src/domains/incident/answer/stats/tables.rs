//! What people read.
use super::{Group, IncidentStatsAnswer, Stats, shows};
use crate::{
    domains::incident::{
        answer::Shown,
        engine::{
            Clock, Record,
            durations::Interval,
            frequency,
            summary::{Compliance, IMPROVEMENT, LEAST_FOR_P90, LEVEL, POWER},
        },
    },
    kernel::{
        report::{Block, Cell, Column, Report, Table, Text, words},
        time::Period,
        units::{Duration, Instant},
    },
};

/// The answer.
pub fn report(stats: &Stats<'_>, shown: &Shown) -> Report {
    let answer = IncidentStatsAnswer::of(stats, shown);
    let months = stats.months(shown);
    let mut blocks = vec![Block::paragraph(headline(stats, shown))];
    if !stats.records.is_empty() {
        blocks.push(lengths_table(stats).into());
        blocks.extend(compliance_table(stats).map(Block::from));
        blocks.push(frequency_table(stats).into());
        if stats.asked.compare {
            blocks.push(compared_table(stats).into());
        }
        blocks.push(months_table(&months).into());
        blocks.push(Block::list(caveats(stats).into_iter().map(|text| Text::new().muted(text))));
    }
    Report::of(&answer).blocks(blocks)
}

fn headline(stats: &Stats<'_>, shown: &Shown) -> Text {
    let at = |instant: Instant| words::instant_in(instant, *shown.0.local(instant).offset());
    let Period { from, to } = stats.asked.period;
    let count = words::plural(stats.records.len() as u64, "incident");
    let mut said = format!("{count} began from {} to {}; ", at(from), at(to));
    said.push_str(&match stats.open() {
        0 => "none is open".to_owned(),
        1 => "1 is open".to_owned(),
        open => format!("{open} are open"),
    });
    if stats.cancelled > 0 {
        said = format!("{said}; {} cancelled, not counted", stats.cancelled);
    }
    if stats.undated > 0 {
        said = format!("{said}; {} without any event, not counted", stats.undated);
    }
    Text::new().plain(said).plain(".")
}

fn group_cell(group: &Group<'_>) -> Cell {
    group.name.as_deref().map_or(Cell::muted("none"), Cell::name)
}

fn lengths_cell(minutes: Option<f64>) -> Cell {
    minutes.map_or(Cell::Missing, |minutes| Cell::span(span_of(minutes)))
}

fn span_of(minutes: f64) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates"
    )]
    let milliseconds = (minutes * 60_000.0).round() as u64;
    Duration::from_milliseconds(milliseconds.min(Duration::MAX.milliseconds()))
}

fn interval_text(interval: Option<Interval>) -> Cell {
    let Some(interval) = interval else { return Cell::Missing };
    let limit = |minutes: f64| words::span_short(span_of(minutes));
    let lower = limit(interval.lower);
    if interval.upper.is_finite() {
        Cell::text(format!("{lower} to {}", limit(interval.upper)))
    } else {
        Cell::text(format!("{lower} or more"))
    }
}

fn lengths_table(stats: &Stats<'_>) -> Table {
    let mut table = Table::new().title("How long it took").main().columns([
        Column::new(stats.asked.by.heading()).key("group"),
        Column::new("Time to").key("clock"),
        Column::new("Ended"),
        Column::new("Open"),
        Column::new("Missing").priority(3),
        Column::new("Median").key("median_seconds"),
        Column::new("95% interval").key("interval").priority(1),
        Column::new("p90").key("p90_seconds").priority(4),
    ]);
    for group in &stats.groups {
        for (lengths, summary) in &group.clocks {
            let (ended, going_on) = (lengths.ended.len(), lengths.going_on.len());
            if ended + going_on == 0 {
                continue;
            }
            let (median, interval) = if going_on > 0 {
                (summary.median, summary.median_interval)
            } else {
                (summary.median_of_ended, summary.median_of_ended_interval)
            };
            table.push(vec![
                group_cell(group),
                Cell::text(lengths.clock.name()),
                Cell::count(ended as u64),
                Cell::count(going_on as u64),
                Cell::count(lengths.missing as u64),
                median.map_or_else(|| Cell::unknown("not reached"), |m| Cell::span(span_of(m))),
                interval_text(interval),
                lengths_cell(summary.p90),
            ]);
        }
    }
    table
}

fn compliance_table(stats: &Stats<'_>) -> Option<Table> {
    let counted = |group: &&Group<'_>| {
        let Compliance { met, breached, pending, unknown } = group.compliance;
        met + breached + pending + unknown > 0
    };
    let groups: Vec<&Group<'_>> = stats.groups.iter().filter(counted).collect();
    if groups.is_empty() {
        return None;
    }
    let mut table = Table::new().title("Whether somebody answered in time").columns([
        Column::new(stats.asked.by.heading()).key("group"),
        Column::new("Met"),
        Column::new("Breached"),
        Column::new("Pending"),
        Column::new("Unknown"),
        Column::new("In time").key("share"),
    ]);
    for group in groups {
        let Compliance { met, breached, pending, unknown } = group.compliance;
        table.push(vec![
            group_cell(group),
            Cell::count(met),
            Cell::count(breached),
            Cell::count(pending),
            Cell::count(unknown),
            group.compliance.share().map_or(Cell::Missing, Cell::percent),
        ]);
    }
    Some(table)
}

fn frequency_table(stats: &Stats<'_>) -> Table {
    let per = 30.0 / stats.days();
    let mut table = Table::new().title("How often").columns([
        Column::new(stats.asked.by.heading()).key("group"),
        Column::new("Incidents"),
        Column::new("In 30 days"),
        Column::new("95% interval").key("interval").priority(1),
        Column::new("Mean time between").key("seconds_between").priority(2),
    ]);
    for group in &stats.groups {
        let count = group.records.len();
        let interval = frequency::count_interval(count as u64, LEVEL).map(|interval| {
            let number = |value: f64| words::number(value * per, 1);
            format!("{} to {}", number(interval.lower), number(interval.upper))
        });
        table.push(vec![
            group_cell(group),
            Cell::count(count as u64),
            Cell::number(count as f64 * per, 1),
            interval.map_or(Cell::Missing, Cell::text),
            lengths_cell(group.between.map(|between| between.mean / 60.0)),
        ]);
    }
    table
}

fn compared_table(stats: &Stats<'_>) -> Table {
    let mut table = Table::new().title("Against the time before, which is as long").columns([
        Column::new(stats.asked.by.heading()).key("group"),
        Column::new("What"),
        Column::new("Before").key("n_before"),
        Column::new("Now").key("n_now"),
        Column::new("Ratio"),
        Column::new("95% interval").key("interval").priority(1),
        Column::new("Shows"),
    ]);
    let mut row = |group: &Group<'_>,
                   what: &str,
                   (before, now): (usize, usize),
                   ratio: Option<(f64, Interval)>,
                   words_for: (&'static str, &'static str)| {
        let interval = ratio.map(|(_, interval)| interval);
        let shown = shows(interval, words_for);
        let number =
            |value: f64| if value.is_finite() { words::number(value, 2) } else { "∞".to_owned() };
        table.push(vec![
            group_cell(group),
            Cell::text(what),
            Cell::count(before as u64),
            Cell::count(now as u64),
            ratio
                .filter(|(ratio, _)| ratio.is_finite())
                .map_or(Cell::Missing, |(ratio, _)| Cell::number(ratio, 2)),
            interval.map_or(Cell::Missing, |interval| {
                Cell::text(format!("{} to {}", number(interval.lower), number(interval.upper)))
            }),
            match shown {
                "nothing" => Cell::muted(shown),
                "shorter" | "fewer" => Cell::good(shown),
                _ => Cell::bad(shown),
            },
        ]);
    };
    for group in &stats.groups {
        let counts = (group.before.len(), group.records.len());
        row(group, "incidents", counts, group.frequency_ratio(), ("fewer", "more"));
        for (lengths, _) in &group.clocks {
            let (before, ratio) = group.length_ratio(lengths, stats.asked.now);
            let ended = (before, lengths.ended.len());
            if ended.0 > 0 && ended.1 > 0 {
                row(group, lengths.clock.name(), ended, ratio, ("shorter", "longer"));
            }
        }
    }
    table
}

fn months_table(months: &[(String, Vec<&Record>)]) -> Table {
    const WIDTH: usize = 30;
    let most = months.iter().map(|(_, records)| records.len()).max().unwrap_or(0).max(1);
    let mut table = Table::new().title("When").columns([
        Column::new("Month"),
        Column::new("Incidents"),
        Column::new("").key("bar").for_people(),
    ]);
    for (month, records) in months {
        let share = records.len() as f64 / most as f64;
        table.push(vec![
            Cell::text(month.as_str()),
            Cell::count(records.len() as u64),
            Cell::bar(share, WIDTH),
        ]);
    }
    table
}

/// What these figures do not say.
fn caveats(stats: &Stats<'_>) -> Vec<String> {
    let mut said = Vec::new();
    let clocks = || stats.groups.iter().flat_map(|group| &group.clocks);
    if clocks().any(|(lengths, _)| !lengths.going_on.is_empty()) {
        said.push(
            "What goes on counts as lasting at least that long (Kaplan and Meier); without it figures would flatter."
                .to_owned(),
        );
    }
    if clocks().any(|(lengths, _)| lengths.missing > 0) {
        said.push(
            "Missing: an end of it was not written down, so that it is in no figure.".to_owned(),
        );
    }
    if stats.mixes_severities {
        said.push(
            "Groups mix severities: a figure may move because the mixture did (--by severity)."
                .to_owned(),
        );
    }
    let longest = clocks()
        .filter(|(lengths, _)| lengths.clock == Clock::Resolve)
        .max_by_key(|(lengths, _)| lengths.ended.len());
    let needed = longest.and_then(|(_, summary)| summary.incidents_needed());
    if let Some(needed) = needed {
        said.push(format!(
            "Times to resolve spread so much that a fall by {:.0} % needs {} incidents before and after (power {:.0} %).",
            IMPROVEMENT * 100.0,
            words::thousands(needed),
            POWER * 100.0
        ));
    }
    said.push(format!(
        "Intervals hold at 95 %. A median of fewer than 6 has none, a p90 is given from {LEAST_FOR_P90} on."
    ));
    said
}
