//! Reads what PagerDuty's API answers. It answers much that says nothing of who is on call: what is known to
//! say nothing is passed over, and everything else is either read or lost with a word.
use super::form::{Layer, Restriction, Schedule};
use crate::domains::oncall::dialects::{pager::Entry, reading::At};
use crate::kernel::{
    spec::{
        Field, Loss, Name,
        decode::Reading,
        tree::{NodeId, Tree},
    },
    time::Period,
};
use chrono::{NaiveTime, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// Fields of a schedule that are read, or follow from what is, or are addresses of it in PagerDuty; those of
/// its calendars are secrets.
const SCHEDULE: &[&str] = &[
    "id",
    "type",
    "summary",
    "self",
    "html_url",
    "name",
    "time_zone",
    "description",
    "schedule_layers",
    "overrides_subschedule",
    "final_schedule",
    "users",
    "http_cal_url",
    "web_cal_url",
    "personal_http_cal_url",
    "personal_web_cal_url",
    "next_oncall_for_user",
];
/// The same of a layer.
const LAYER: &[&str] = &[
    "id",
    "type",
    "summary",
    "self",
    "html_url",
    "name",
    "start",
    "end",
    "rotation_virtual_start",
    "rotation_turn_length_seconds",
    "users",
    "restrictions",
    "rendered_schedule_entries",
    "rendered_coverage_percentage",
];
/// The same of a restriction.
const RESTRICTION: &[&str] =
    &["type", "start_time_of_day", "duration_seconds", "start_day_of_week"];

/// Reads a schedule.
pub(super) fn schedule(reading: &Reading<'_>, node: NodeId) -> Option<Schedule> {
    let at = At::new(reading, node);
    let names = names(reading.tree(), node);
    let mut losses = Vec::new();
    let called = at.get("name").or(at.get("summary"));
    let Some(name) = called.and_then(|name| name.text("name")) else {
        at.missing("name");
        return None;
    };
    let path = format!("{}: ", name.get().map_or("", String::as_str));
    at.lose_all_but(SCHEDULE, &path, why, &mut losses);
    let mut layers = Vec::new();
    for (number, item) in at.items("schedule_layers").into_iter().enumerate() {
        let path = format!("{path}schedule_layers[{number}]");
        layers.extend(layer(item, path, &names, &mut losses));
    }
    let entries = |key: &str| {
        let entries = at.get(key)?.get("rendered_schedule_entries")?;
        let list = reading.tree().list(entries.node)?;
        let items = list.iter().filter_map(|node| entry(At::new(reading, *node), &names));
        Some(items.collect::<Vec<Entry>>())
    };
    Some(Schedule {
        id: at.get("id").and_then(|id| id.text("id")),
        name,
        zone: at.zone("time_zone"),
        description: at.get("description").and_then(|it| it.text("description")),
        layers,
        overrides: entries("overrides_subschedule").unwrap_or_default(),
        last: entries("final_schedule"),
        losses,
    })
}

fn layer(at: At<'_, '_>, path: String, names: &Names, losses: &mut Vec<Loss>) -> Option<Layer> {
    at.lose_all_but(LAYER, &format!("{path}."), why, losses);
    let mut users = Vec::new();
    for item in at.items("users") {
        // An item is the user, or holds the user.
        let user = item.get("user").unwrap_or(item);
        users.extend(name_of(user, names).map(|name| Field::new(name, user.place())));
    }
    let mut restrictions = Vec::new();
    for (number, item) in at.items("restrictions").into_iter().enumerate() {
        let path = format!("{path}.restrictions[{number}]");
        item.lose_all_but(RESTRICTION, &format!("{path}."), why, losses);
        restrictions.extend(restriction(item, path));
    }
    Some(Layer {
        place: at.place(),
        name: at.get("name").and_then(|name| name.text("name")),
        start: at.instant("start")?,
        end: match at.get("end") {
            Some(_) => Some(at.instant("end")?),
            None => None,
        },
        virtual_start: at.instant("rotation_virtual_start")?,
        turn: at.number("rotation_turn_length_seconds")?,
        users,
        restrictions,
        path,
    })
}

fn restriction(at: At<'_, '_>, path: String) -> Option<Restriction> {
    let is_weekly = at.get("start_day_of_week").is_some();
    let day = if is_weekly {
        let number = at.number("start_day_of_week")?;
        let from_monday = number.get().and_then(|day| u8::try_from(*day).ok()?.checked_sub(1));
        let day = from_monday.and_then(|day| Weekday::try_from(day).ok());
        if day.is_none() {
            at.wrong("start_day_of_week", number.place(), "1, which is Monday, to 7");
            return None;
        }
        day
    } else {
        None
    };
    let start = at.required("start_time_of_day")?;
    let (text, place) = (start.scalar().unwrap_or_default(), start.place());
    let Some(time) = NaiveTime::parse_from_str(&text, "%H:%M:%S").ok() else {
        at.wrong("start_time_of_day", place, "a time of day such as `09:00:00`");
        return None;
    };
    let length = at.number("duration_seconds")?;
    let (length, place) = (*length.get()?, length.place());
    if length == 0 {
        at.wrong("duration_seconds", place, "a length of time, in seconds");
        return None;
    }
    Some(Restriction { place: at.place(), path, day, start: time, length })
}

fn entry(at: At<'_, '_>, names: &Names) -> Option<Entry> {
    let (start, end) = (at.instant("start")?, at.instant("end")?);
    // Of somebody who was deleted there is nothing left.
    let user = at.get("user").and_then(|user| name_of(user, names))?;
    let period = Period { from: *start.get()?, to: *end.get()? };
    if period.to <= period.from {
        at.wrong("end", end.place(), "an instant later than `start`");
        return None;
    }
    Some(Entry { place: at.place(), period, user })
}

/// What users are called, by their ids.
type Names = BTreeMap<String, String>;

/// What all users of a schedule are called. Where two have the same name, the id tells them apart.
fn names(tree: &Tree<'_>, schedule: NodeId) -> Names {
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut open = vec![schedule];
    let mut seen = BTreeSet::new();
    while let Some(node) = open.pop() {
        // What several aliases stand for is looked at once.
        if !seen.insert(tree.resolve(node)) {
            continue;
        }
        open.extend(tree.list(node).unwrap_or_default());
        open.extend(tree.map(node).unwrap_or_default().iter().map(|entry| entry.value));
        let text = |key: &str| {
            let value = tree.get(node, key).filter(|value| !tree.is_null(*value))?;
            tree.scalar(value).map(|(text, _)| text.to_owned())
        };
        let is_user = text("type").is_some_and(|it| it.starts_with("user"));
        if let (true, Some(id)) = (is_user, text("id")) {
            let called = text("summary").or(text("name")).map(|name| name.trim().to_owned());
            let called = called.filter(|name| Name::new(name.as_str()).is_ok());
            ids.entry(called.unwrap_or_else(|| id.clone())).or_default().insert(id);
        }
    }
    let mut names = Names::new();
    for (name, ids) in ids {
        let is_one = ids.len() == 1;
        for id in ids {
            let called = if is_one { name.clone() } else { format!("{name} ({id})") };
            names.entry(id).or_insert(called);
        }
    }
    names
}

/// What a user is called; reported where nothing says it.
fn name_of(user: At<'_, '_>, names: &Names) -> Option<String> {
    let id = user.required("id")?.scalar()?;
    let name = names.get(&id).cloned();
    if name.is_none() {
        user.wrong("type", user.place(), "a user, of the type `user` or `user_reference`");
    }
    name
}

/// Why a field is lost.
fn why(key: &str) -> &'static str {
    match key {
        "escalation_policies" => {
            "who is told when nobody answers is written as an EscalationPolicy here"
        }
        "teams" => "which team answers for it is written as `owner` here",
        _ => "a rotation has nothing like it",
    }
}
