//! What differs, for people: what matters first, details below.
use super::{
    Difference, Level,
    documents::{DocumentChange, Key, What},
    objective::Row,
    replay::{Replayed, Said},
    rules,
};
use crate::kernel::{
    report::{Block, Cell, Column, Table, Text, words},
    units::Duration,
};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// Names that are shown of a group; the rest is counted.
const NAMES: usize = 3;

pub(super) fn blocks(difference: &Difference, limit: Option<usize>) -> Vec<Block> {
    let heading = Text::new()
        .plain("from ")
        .name(difference.before.name.clone())
        .plain(" to ")
        .name(difference.after.name.clone());
    let mut blocks = vec![Block::heading(heading), Block::paragraph(summary(difference))];
    let (rows, follow): (Vec<Line<'_>>, Vec<Line<'_>>) = lines(difference)
        .into_iter()
        .partition(|line| !line.row.follows || line.row.what == "budget");
    if !rows.is_empty() {
        blocks.extend(table(&rows, limit, true));
    }
    if let Some(history) = &difference.history {
        blocks.extend(history_table(history, limit));
    }
    if !follow.is_empty() {
        let title = Text::new().plain("what follows for alerts and rules");
        blocks.push(Block::fold(title, table(&follow, limit, false)));
    }
    let names = rule_names(difference, limit);
    if !names.is_empty() {
        let title = Text::new().plain("rules by name");
        blocks.push(Block::fold(title, [Block::list(names)]));
    }
    let documents: Vec<&DocumentChange> = difference.documents.iter().collect();
    if !documents.is_empty() {
        let title = Text::new().plain("documents that changed");
        blocks.push(Block::fold(title, documents_table(&documents, limit)));
    }
    blocks
}

/// `1 breaking, 2 loosened`.
fn summary(difference: &Difference) -> Text {
    let mut counts: BTreeMap<Level, u64> = BTreeMap::new();
    for objective in &difference.objectives {
        *counts.entry(objective.level).or_default() += 1;
    }
    let mut text = Text::new();
    if difference.documents.is_empty() {
        return text.plain("nothing that means anything differs");
    }
    if difference.objectives.is_empty() {
        let count = words::plural(difference.documents.len() as u64, "document");
        return text.plain(format!("{count} changed, and no objective with them"));
    }
    let total = words::plural(difference.objectives.len() as u64, "objective");
    text = text.plain(format!("{total}: "));
    for (at, level) in Level::ALL.into_iter().filter(|level| counts.contains_key(level)).enumerate()
    {
        let count = format!("{} {level}", words::thousands(counts[&level]));
        text = text.plain(if at == 0 { "" } else { ", " });
        text = match level {
            Level::Breaking => text.bad(count),
            Level::Loosened => text.warning(count),
            Level::Tightened => text.good(count),
            Level::Changed | Level::Cosmetic => text.plain(count),
        };
    }
    text
}

/// One thing that differs, of one objective or of several in the same way.
struct Line<'d> {
    names: Vec<&'d str>,
    row: &'d Row,
}

/// The rows of all objectives, those that several have by the same cause as one; the gravest first.
fn lines(difference: &Difference) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut shared: Vec<(&Row, usize)> = Vec::new();
    for objective in &difference.objectives {
        for row in &objective.rows {
            let known = shared.iter().find(|(other, _)| *other == row && !row.through.is_empty());
            if let Some((_, at)) = known {
                if let Some(line) = lines.get_mut(*at) {
                    line.names.push(&objective.name);
                }
                continue;
            }
            shared.push((row, lines.len()));
            lines.push(Line { names: vec![&objective.name], row });
        }
    }
    // Objectives come by their gravest change, and each stays in one piece.
    lines
}

fn table(lines: &[Line<'_>], limit: Option<usize>, main: bool) -> Vec<Block> {
    let mut table = Table::new().columns([
        Column::new("Level"),
        Column::new("SLO").min_width(16),
        Column::new("What").min_width(10),
        Column::new("Before").min_width(10),
        Column::new("After").min_width(10),
        Column::new("Through").min_width(12).priority(1),
    ]);
    if main {
        table = table.main();
    }
    let shown = limit.unwrap_or(usize::MAX);
    for line in lines.iter().take(shown) {
        let or_dash =
            |text: &Option<String>| text.clone().map_or_else(|| Cell::muted("-"), Cell::text);
        table.push([
            line.row.level.cell(),
            names(&line.names),
            Cell::text(line.row.what.clone()),
            or_dash(&line.row.before),
            or_dash(&line.row.after),
            through(&line.row.through),
        ]);
    }
    [Block::from(table)].into_iter().chain(left_out(lines.len(), shown)).collect()
}

/// What the change would have meant for alerts.
fn history_table(history: &[Replayed], limit: Option<usize>) -> Vec<Block> {
    if history.is_empty() {
        return vec![Block::paragraph(
            "no objective is on both sides whose alerts could be replayed",
        )];
    }
    let mut table = Table::new().title("on history").columns([
        Column::new("SLO").min_width(16),
        Column::new("Pages in 30d"),
        Column::new("Tickets in 30d").priority(2),
        Column::new("Incidents"),
        Column::new("Missed"),
        Column::new("Noticed after"),
        Column::new("Budget").priority(1),
    ]);
    let shown = limit.unwrap_or(usize::MAX);
    let (mut unknown, mut spans) = (Vec::new(), Vec::new());
    for one in history.iter().take(shown) {
        let name = one.title();
        let outcome = match &one.outcome {
            Ok(outcome) => outcome,
            Err(why) => {
                unknown.push(Text::new().name(name).plain(format!(": not known: {why}")));
                continue;
            }
        };
        spans.push(outcome.evaluated);
        let (was, is) = (&outcome.before, &outcome.after);
        let often = |said: Option<(usize, f64)>| {
            said.map_or("-".to_owned(), |(_, in_month)| words::number(in_month, 1))
        };
        let after = |said: &Said| said.detection.map_or("-".to_owned(), |(median, _)| span(median));
        let missed = |said: &Said| words::thousands(said.missed as u64);
        let budget = |said: &Said| words::number(said.budget_events, 0);
        table.push([
            Cell::name(name),
            Cell::text(arrow(often(was.pages), &often(is.pages))),
            Cell::text(arrow(often(was.tickets), &often(is.tickets))),
            Cell::count(outcome.incidents as u64),
            if is.missed > was.missed {
                Cell::text(Text::new().warning(arrow(missed(was), &missed(is))))
            } else {
                Cell::text(arrow(missed(was), &missed(is)))
            },
            Cell::text(arrow(after(was), &after(is))),
            Cell::text(format!("{} events", arrow(budget(was), &budget(is)))),
        ]);
    }
    let mut blocks = Vec::new();
    if !table.is_empty() {
        blocks.push(table.into());
        let from = spans.iter().map(|(from, _)| *from).min();
        let to = spans.iter().map(|(_, to)| *to).max();
        if let Some((from, to)) = from.zip(to) {
            let span = format!("replayed from {} to {}", words::instant(from), words::instant(to));
            let incidents =
                "; incidents are what spent more than 2% of the budget of the stricter target";
            blocks.push(Block::paragraph(Text::new().muted(format!("{span}{incidents}"))));
        }
    }
    if !unknown.is_empty() {
        blocks.push(Block::list(unknown));
    }
    blocks.extend(left_out(history.len(), shown));
    blocks
}

/// `4.2 -> 1.0`; once where both are the same.
fn arrow(before: String, after: &str) -> String {
    if before == after { before } else { format!("{before} -> {after}") }
}

fn span(span: TimeDelta) -> String {
    let seconds = u64::try_from(span.num_seconds()).unwrap_or(0);
    words::span_short(Duration::from_seconds(seconds))
}

fn left_out(count: usize, shown: usize) -> Option<Block> {
    let rest = count.checked_sub(shown).filter(|rest| *rest > 0)?;
    let rows = words::plural(rest as u64, "row");
    Some(Block::paragraph(format!("{rows} more: `sre diff` shows all of them")))
}

fn names(names: &[&str]) -> Cell {
    let mut text = Text::new();
    for (at, name) in names.iter().take(NAMES).enumerate() {
        text = text.plain(if at == 0 { "" } else { ", " }).name(*name);
    }
    if let Some(rest) = names.len().checked_sub(NAMES).filter(|rest| *rest > 0) {
        text = text.plain(format!(" and {} more", words::thousands(rest as u64)));
    }
    Cell::text(text)
}

fn through(keys: &[Key]) -> Cell {
    if keys.is_empty() {
        return Cell::Missing;
    }
    let names: Vec<String> = keys.iter().take(NAMES).map(document).collect();
    let more = if keys.len() > NAMES { ", ..." } else { "" };
    Cell::text(format!("{}{more}", names.join(", ")))
}

/// `AlertPolicy paging`; the settings are called by their file.
fn document((kind, name): &Key) -> String {
    if *kind == super::documents::SETTINGS.0 { name.clone() } else { format!("{kind} {name}") }
}

/// The rules that came and went, by name. Of rules that only say something else, the number is told with
/// their objective.
fn rule_names(difference: &Difference, limit: Option<usize>) -> Vec<Text> {
    let mut names = Vec::new();
    for objective in &difference.objectives {
        let rules = &objective.rules;
        let gone = rules.removed.iter().map(|name| ("removed", name));
        let come = rules.added.iter().map(|name| ("added", name));
        for (what, name) in gone.chain(come) {
            let text = Text::new().name(objective.name.clone());
            names.push(text.plain(format!(": {what} {}", rules::shown(name))));
        }
    }
    if let Some(rest) = limit.and_then(|limit| names.len().checked_sub(limit)).filter(|r| *r > 0) {
        names.truncate(names.len() - rest);
        names.push(Text::new().plain(format!("and {} more", words::thousands(rest as u64))));
    }
    names
}

fn documents_table(documents: &[&DocumentChange], limit: Option<usize>) -> Vec<Block> {
    let mut table = Table::new().columns([
        Column::new("Level"),
        Column::new("Change"),
        Column::new("Document").min_width(16),
        Column::new("Fields").min_width(16),
        Column::new("Where").priority(2).middle(),
    ]);
    let shown = limit.unwrap_or(usize::MAX);
    for change in documents.iter().take(shown) {
        let mut name = document(&change.key);
        if let Some(former) = &change.former_name {
            name = format!("{name}, before {former}");
        }
        let fields: Vec<&str> = change.fields.iter().map(|one| one.field.as_str()).collect();
        let more = fields.len().saturating_sub(NAMES);
        let mut text = fields.into_iter().take(NAMES).collect::<Vec<_>>().join(", ");
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
        let at = match change.what {
            What::Removed => &change.at_before,
            _ => &change.at_after,
        };
        table.push([
            change.level.cell(),
            Cell::text(change.what.name()),
            Cell::text(name),
            if text.is_empty() { Cell::Missing } else { Cell::text(text) },
            at.clone().map_or(Cell::Missing, Cell::muted),
        ]);
    }
    [Block::from(table)].into_iter().chain(left_out(documents.len(), shown)).collect()
}
