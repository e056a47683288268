//! Puts the tables of one question together to its answer.
use super::{
    counts::Counting,
    failure::Failure,
    plan::{Need, Needed, part_name},
    query::has_window,
    question::{Answer, Fault, Group, Part, Question, Unanswered},
    reply::Labels,
    source::{Found, Options},
    table::{Row, Side, Value},
    text::excerpt,
};
use crate::kernel::time::rfc3339;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// The values of the labels that tell groups apart, in the order in which they are asked for.
type Key = Vec<String>;

/// Groups that are named in a note.
const NAMED: usize = 3;

/// The answer to a question from what was found for its needs.
pub(super) fn assemble(
    question: &Question,
    tables: &[(Need, &Found)],
    options: &Options,
) -> Result<Answer, Unanswered> {
    let totals = groups(question, tables, Side::Total, options)?;
    let parts = groups(question, tables, Side::Part, options)?;
    let steps = question.grid.map_or(0, |grid| grid.count as usize);
    let keys: Vec<Key> =
        if question.group_by.is_empty() { vec![Key::new()] } else { totals.into_iter().collect() };
    if keys.len().saturating_mul(steps + question.windows.len()) > options.max_points {
        return Err(too_many_points(options.max_points).unanswered);
    }
    let mut notes = Vec::new();
    for (query, which) in queries(question) {
        if !has_window(query) {
            notes.push(format!(
                "the query for {which} events does not say `{{{{.window}}}}`: it counts the same \
                 whatever the window"
            ));
        }
    }
    if !keys.is_empty() && !parts.is_empty() && parts.iter().all(|part| is_strange(&keys, part)) {
        return Err(strange(question));
    }
    notes.extend(strangers(question, &keys, &parts));
    let mut groups: Vec<Group> = keys
        .iter()
        .map(|key| Group {
            labels: question.group_by.iter().cloned().zip(key.iter().cloned()).collect(),
            windows: vec![None; question.windows.len()],
            steps: vec![None; steps],
        })
        .collect();
    let mut counting = Counting::new(&question.part);
    for (need, found) in tables {
        let points = points(&need.what);
        let by_key = |side| -> BTreeMap<Key, Row<'_>> {
            let rows = found.table.rows(side).filter(|(_, row)| row.has_values_in(&points));
            rows.map(|(labels, row)| (key(question, labels), row)).collect()
        };
        let (totals, parts) = (by_key(Side::Total), by_key(Side::Part));
        for (key, group) in keys.iter().zip(&mut groups) {
            let Some(total) = totals.get(key) else { continue };
            let part = |point| parts.get(key).map_or(Value::Absent, |row| row.at(point));
            match &need.what {
                Needed::Window(index) => {
                    let place = || within(question, *index) + &of_group(question, key);
                    group.windows[*index] = counting.count(total.at(0), part(0), place)?;
                }
                Needed::Steps { first, points } => {
                    for (point, step) in points.clone().zip(*first..) {
                        let place = || in_step(question, step) + &of_group(question, key);
                        group.steps[step as usize] =
                            counting.count(total.at(point), part(point), place)?;
                    }
                }
            }
        }
    }
    notes.extend(counting.finish()?);
    let mut warnings: Vec<String> = Vec::new();
    for warning in tables.iter().flat_map(|(_, found)| &found.warnings) {
        if !warnings.contains(warning) {
            warnings.push(warning.clone());
        }
    }
    Ok(Answer { groups, warnings, notes })
}

/// The two queries, and which events each counts.
fn queries(question: &Question) -> [(&str, &'static str); 2] {
    let (Part::Good(part) | Part::Bad(part)) = &question.part;
    [(&question.total, "all"), (part, part_name(&question.part))]
}

/// The points of its table that a need is about.
fn points(what: &Needed) -> Range<u32> {
    match what {
        Needed::Window(_) => 0..1,
        Needed::Steps { points, .. } => points.clone(),
    }
}

fn key(question: &Question, labels: &Labels) -> Key {
    question.group_by.iter().map(|name| labels.get(name).cloned().unwrap_or_default()).collect()
}

/// The groups of one side, each of which is one series. Only what the question needs of a table counts:
/// the cache, or another question, may have more in it.
fn groups(
    question: &Question,
    tables: &[(Need, &Found)],
    side: Side,
    options: &Options,
) -> Result<BTreeSet<Key>, Unanswered> {
    let [(_, all), (_, part)] = queries(question);
    let which = if side == Side::Total { all } else { part };
    let mut series: BTreeSet<&Labels> = BTreeSet::new();
    for (need, found) in tables {
        let points = points(&need.what);
        let rows = found.table.rows(side).filter(|(_, row)| row.has_values_in(&points));
        series.extend(rows.map(|(labels, _)| labels));
    }
    let refuse = |message: String, help: String| {
        Err(Unanswered { message, help: Some(help), fault: Fault::Question })
    };
    if question.group_by.is_empty() {
        return if series.len() > 1 {
            refuse(
                format!(
                    "the query for {which} events gives {} series where one was expected",
                    series.len()
                ),
                "aggregate with `sum(...)`, or set `group_by`".to_owned(),
            )
        } else {
            Ok(series.iter().map(|_| Key::new()).collect())
        };
    }
    if series.len() > options.max_series {
        return Err(too_many_series(options.max_series).unanswered);
    }
    let names = question.group_by.join(", ");
    for name in &question.group_by {
        if !series.is_empty() && series.iter().all(|labels| !labels.contains_key(name)) {
            return refuse(
                format!("no series of the query for {which} events has the label `{name}`"),
                format!("aggregate with `sum by ({names}) (...)`, or take it out of `group_by`"),
            );
        }
    }
    let mut groups = BTreeMap::new();
    for labels in series {
        *groups.entry(key(question, labels)).or_insert(0) += 1;
    }
    if let Some((key, count)) = groups.iter().find(|(_, count)| **count > 1) {
        return refuse(
            format!(
                "the query for {which} events gives {count} series{} where one was expected",
                of_group(question, key)
            ),
            format!("aggregate with `sum by ({names}) (...)`"),
        );
    }
    Ok(groups.into_keys().collect())
}

/// Whether no group has that key; `keys` are sorted.
fn is_strange(keys: &[Key], key: &Key) -> bool {
    keys.binary_search(key).is_err()
}

/// Both queries find groups, and no two are the same.
fn strange(question: &Question) -> Unanswered {
    let [_, (_, which)] = queries(question);
    Unanswered {
        message: format!(
            "no group of the query for {which} events is one of the query for all events"
        ),
        help: Some(format!(
            "both have to give the same values of {}: aggregate both with the same `sum by (...)`",
            question.group_by.join(", ")
        )),
        fault: Fault::Question,
    }
}

/// What to say of groups that have good or bad events, and no events at all.
fn strangers(question: &Question, keys: &[Key], parts: &BTreeSet<Key>) -> Option<String> {
    let strangers: Vec<&Key> = parts.iter().filter(|part| is_strange(keys, part)).collect();
    let first: Vec<String> = strangers
        .iter()
        .take(NAMED)
        .map(|key| of_group(question, key).trim_start_matches(" for ").to_owned())
        .collect();
    let more = if strangers.len() > NAMED { ", ..." } else { "" };
    let [_, (_, which)] = queries(question);
    (!strangers.is_empty()).then(|| {
        format!(
            "left out: {} with {which} events which the query for all events does not have: {}{more}",
            if strangers.len() == 1 { "a group".to_owned() } else { format!("{} groups", strangers.len()) },
            first.join("; ")
        )
    })
}

/// ` for a="b", c="d"`; nothing without labels.
fn of_group(question: &Question, key: &Key) -> String {
    if key.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = question
        .group_by
        .iter()
        .zip(key)
        .map(|(name, value)| format!("{name}=\"{}\"", excerpt(value)))
        .collect();
    format!(" for {}", pairs.join(", "))
}

fn within(question: &Question, window: usize) -> String {
    let (from, to) = question.windows[window];
    format!("from {} to {}", rfc3339(from), rfc3339(to))
}

fn in_step(question: &Question, step: u32) -> String {
    let from = question.grid.and_then(|grid| {
        let offset = i64::try_from(grid.step.milliseconds()).ok()?.checked_mul(i64::from(step))?;
        grid.from.checked_add_signed(chrono::TimeDelta::try_milliseconds(offset)?)
    });
    from.map(|from| format!("in the step from {}", rfc3339(from))).unwrap_or_default()
}

/// A reply has more series than may be.
pub(super) fn too_many_series(limit: usize) -> Failure {
    Failure::question(
        format!("more than {limit} series"),
        "aggregate with `sum(...)` without `group_by`, group by fewer labels, or narrow the selectors",
    )
}

/// A question needs more numbers than may be.
pub(super) fn too_many_points(limit: usize) -> Failure {
    Failure::question(
        format!("more than {limit} numbers"),
        "aggregate with `sum(...)` without `group_by`, narrow the selectors, or ask for longer steps",
    )
}
