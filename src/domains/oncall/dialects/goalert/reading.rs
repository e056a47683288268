//! Reads what GoAlert's API answers to the query of the guide. What was asked for beside it is lost with a
//! word.
use super::{
    form::{Export, Override, People, Rule, Schedule, Target, Temporary, Turns},
    nodes,
};
use crate::domains::oncall::{
    dialects::{pager::Entry, reading::At},
    spec::{RotationType, TimeOfDay},
};
use crate::kernel::{
    diagnostic::Finding,
    spec::{
        Field, Loss, Name,
        decode::Reading,
        rules,
        scalar::Scalar as _,
        tree::{NodeId, Tree},
    },
    time::Period,
};
use chrono::Weekday;
use std::collections::{BTreeMap, BTreeSet};

/// Fields of a schedule that are read, or say nothing of who is on call.
const SCHEDULE: &[&str] = &[
    "__typename",
    "id",
    "name",
    "description",
    "timeZone",
    "targets",
    "temporarySchedules",
    "shifts",
    "isFavorite",
    "assignedTo",
];
/// The same of a rotation.
const ROTATION: &[&str] = &[
    "__typename",
    "id",
    "name",
    "description",
    "timeZone",
    "start",
    "type",
    "shiftLength",
    "activeUserIndex",
    "nextHandoffTimes",
    "users",
    "userIDs",
    "isFavorite",
];
/// The days in the order of `weekdayFilter`.
const WEEK: [Weekday; 7] = [
    Weekday::Sun,
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
];

/// Reads an answer.
pub(super) fn export(reading: &Reading<'_>) -> Option<Export> {
    let tree = reading.tree();
    let at = |node: NodeId| At::new(reading, node);
    let mut losses = Vec::new();
    refuse_half_an_answer(reading);
    let names = names(tree);
    let mut rotations: BTreeMap<String, At<'_, '_>> = BTreeMap::new();
    for node in nodes(tree, "rotations", "rotation") {
        if let Some(id) = at(node).required("id").and_then(At::scalar) {
            rotations.insert(id, at(node));
        }
    }
    let mut overrides: BTreeMap<String, Vec<Override>> = BTreeMap::new();
    for (number, node) in nodes(tree, "userOverrides", "userOverride").into_iter().enumerate() {
        let path = format!("userOverrides[{number}]");
        let schedule = at(node).required("target").and_then(|it| it.required("id")?.scalar());
        if let (Some(schedule), Some(change)) = (schedule, change(at(node), path, &names)) {
            overrides.entry(schedule).or_default().push(change);
        }
    }
    let mut schedules = Vec::new();
    for node in nodes(tree, "schedules", "schedule") {
        let read = Reader { at: at(node), names: &names, rotations: &rotations };
        schedules.extend(read.schedule(&mut overrides, &mut losses));
    }
    (!schedules.is_empty()).then_some(Export { schedules, losses })
}

/// An answer with errors lacks something, and so does one page of several.
fn refuse_half_an_answer(reading: &Reading<'_>) {
    let tree = reading.tree();
    let root = At::new(reading, tree.root);
    for error in root.items("errors") {
        let said = error.get("message").and_then(At::scalar).unwrap_or_default();
        let message = format!("GoAlert could not answer all of the query: {said}");
        let finding = Finding::new(&rules::INVALID_VALUE, error.place(), message);
        reading.report(finding.help("ask again as somebody who may see it"));
    }
    let data = root.get("data").unwrap_or(root);
    for key in ["schedules", "rotations", "userOverrides"] {
        let more = data.get(key).and_then(|page| page.get("pageInfo")?.get("hasNextPage"));
        if let Some(more) = more.filter(|more| more.scalar().as_deref() == Some("true")) {
            let message = format!("`{key}` has more items than the answer holds");
            let finding = Finding::new(&rules::INVALID_VALUE, more.place(), message);
            reading.report(finding.help(format!("ask for more of them: `{key}(input: {{first: 150}})`, or search for the names of some")));
        }
    }
}

struct Reader<'a, 'r, 't> {
    at: At<'r, 't>,
    names: &'a Names,
    rotations: &'a BTreeMap<String, At<'r, 't>>,
}

impl Reader<'_, '_, '_> {
    fn schedule(
        &self,
        overrides: &mut BTreeMap<String, Vec<Override>>,
        losses: &mut Vec<Loss>,
    ) -> Option<Schedule> {
        let at = self.at;
        let name = at.required("name")?.text("name")?;
        let path = format!("{}: ", name.get().map_or("", String::as_str));
        at.lose_all_but(SCHEDULE, &path, |_| "a rotation has nothing like it", losses);
        let id = at.required("id")?.text("id");
        let mut targets = Vec::new();
        for (number, item) in at.items("targets").into_iter().enumerate() {
            let path = format!("{path}targets[{number}]");
            targets.extend(self.target(item, path, losses));
        }
        let temporary = at.items("temporarySchedules");
        let own = id.as_ref().and_then(|id| overrides.remove(id.get()?)).unwrap_or_default();
        Some(Schedule {
            id,
            name,
            zone: at.zone("timeZone"),
            description: at.get("description").and_then(|it| it.text("description")),
            targets,
            overrides: own,
            temporary: temporary.into_iter().filter_map(|it| self.temporary(it)).collect(),
            last: at.get("shifts").map(|_| self.entries(at)),
        })
    }

    fn target(&self, at: At<'_, '_>, path: String, losses: &mut Vec<Loss>) -> Option<Target> {
        let target = at.required("target")?;
        let (id, kind) = (target.required("id")?.scalar()?, target.required("type")?);
        let rules = at.items("rules").into_iter().filter_map(rule).collect();
        let called = |it: At<'_, '_>| it.get("name").and_then(At::scalar);
        let (name, people) = match kind.scalar().as_deref() {
            Some("user") => {
                let user = self.names.get(&id).cloned().or_else(|| called(target))?;
                (user.clone(), People::User(Field::new(user, target.place())))
            }
            Some("rotation") => {
                let Some(rotation) = self.rotations.get(&id) else {
                    let expected = "a rotation that the answer holds under `rotations`";
                    target.wrong("target", target.place(), expected);
                    return None;
                };
                let name = called(*rotation).or_else(|| called(target)).unwrap_or(id);
                let beside = format!("rotation {name}: ");
                let why = |_: &str| "a rotation has nothing like it";
                rotation.lose_all_but(ROTATION, &beside, why, losses);
                (name, People::Rotation(turns(*rotation, self.names)?))
            }
            _ => {
                target.wrong("type", kind.place(), "`user` or `rotation`");
                return None;
            }
        };
        Some(Target { place: at.place(), path, name, people, rules })
    }

    fn temporary(&self, at: At<'_, '_>) -> Option<Temporary> {
        let shifts = self.entries(at);
        Some(Temporary { place: at.place(), period: period(at)?, shifts })
    }

    /// Its `shifts`.
    fn entries(&self, at: At<'_, '_>) -> Vec<Entry> {
        let shift = |it: At<'_, '_>| {
            let user = user(it, "user", "userID", self.names);
            if user.is_none() {
                it.missing("user");
            }
            Some(Entry { place: it.place(), period: period(it)?, user: user? })
        };
        at.items("shifts").into_iter().filter_map(shift).collect()
    }
}

fn turns(at: At<'_, '_>, names: &Names) -> Option<Turns> {
    let kind = at.required("type")?;
    let kind_of = match kind.scalar().as_deref() {
        Some("hourly") => RotationType::Hourly,
        Some("daily") => RotationType::Daily,
        Some("weekly") => RotationType::Weekly,
        Some("monthly") => RotationType::Monthly,
        _ => {
            at.wrong("type", kind.place(), "`hourly`, `daily`, `weekly` or `monthly`");
            return None;
        }
    };
    let next = at.required("nextHandoffTimes")?;
    let Some(first) = at.items("nextHandoffTimes").first().copied() else {
        at.wrong("nextHandoffTimes", next.place(), "the next handoff: `nextHandoffTimes(num: 1)`");
        return None;
    };
    let mut users = Vec::new();
    for item in at.items("users") {
        let id = item.required("id")?.scalar()?;
        users.push(Field::new(names.get(&id).cloned().unwrap_or(id), item.place()));
    }
    let active = at.required("activeUserIndex")?;
    let Some(number) = active.scalar().and_then(|text| text.parse::<i64>().ok()) else {
        at.wrong("activeUserIndex", active.place(), "a whole number");
        return None;
    };
    // Without users nobody is: it is −1 then.
    let number = u64::try_from(number).unwrap_or(0);
    if !users.is_empty() && number >= users.len() as u64 {
        at.wrong("activeUserIndex", active.place(), "the number of one of the `users`, from 0 on");
        return None;
    }
    Some(Turns {
        zone: at.zone("timeZone"),
        kind: Field::new(kind_of, kind.place()),
        length: at.number("shiftLength")?,
        start: at.instant("start")?,
        active: Field::new(number, active.place()),
        next: first.is_instant()?,
        users,
    })
}

fn rule(at: At<'_, '_>) -> Option<Rule> {
    let time = |key: &str| {
        let value = at.required(key)?;
        let time = value.scalar().and_then(|text| TimeOfDay::read(&text).ok());
        if time.is_none() {
            at.wrong(key, value.place(), "a time of day such as `09:00`");
        }
        time
    };
    let days = at.items("weekdayFilter");
    let is_on = |item: &At<'_, '_>| item.scalar().and_then(|text| text.parse::<bool>().ok());
    let on: Vec<bool> = days.iter().filter_map(is_on).collect();
    if on.len() != WEEK.len() {
        let place = at.required("weekdayFilter")?.place();
        at.wrong("weekdayFilter", place, "seven of `true` and `false`, from Sunday on");
        return None;
    }
    let mut days: Vec<Weekday> =
        WEEK.into_iter().zip(on).filter(|it| it.1).map(|it| it.0).collect();
    days.sort_by_key(Weekday::num_days_from_monday);
    Some(Rule { place: at.place(), from: time("start")?, to: time("end")?, days })
}

fn change(at: At<'_, '_>, path: String, names: &Names) -> Option<Override> {
    let adds = user(at, "addUser", "addUserID", names);
    let removes = user(at, "removeUser", "removeUserID", names);
    if adds.is_none() && removes.is_none() {
        at.missing("addUser");
        return None;
    }
    Some(Override { place: at.place(), path, period: period(at)?, adds, removes })
}

/// What a user is called, of whom there is a mapping or the id.
fn user(at: At<'_, '_>, key: &str, id: &str, names: &Names) -> Option<String> {
    let id = at.get(key).and_then(|user| user.get("id")).or(at.get(id))?.scalar()?;
    (!id.is_empty()).then(|| names.get(&id).cloned().unwrap_or(id))
}

fn period(at: At<'_, '_>) -> Option<Period> {
    let (start, end) = (at.instant("start")?, at.instant("end")?);
    let period = Period { from: *start.get()?, to: *end.get()? };
    if period.to <= period.from {
        at.wrong("end", end.place(), "an instant later than `start`");
        return None;
    }
    Some(period)
}

/// What users are called, by their ids.
type Names = BTreeMap<String, String>;

/// Where users stand in an answer.
const USERS: &[&str] = &["users", "user", "addUser", "removeUser"];

/// What all users of an answer are called. Where two have the same name, the id tells them apart.
fn names(tree: &Tree<'_>) -> Names {
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut open: Vec<(NodeId, bool)> = vec![(tree.root, false)];
    let mut seen = BTreeSet::new();
    while let Some((node, is_user)) = open.pop() {
        let items = tree.list(node).unwrap_or_default();
        open.extend(items.iter().map(|item| (*item, is_user)));
        let text = |key: &str| {
            let value = tree.get(node, key).filter(|value| !tree.is_null(*value))?;
            tree.scalar(value).map(|(text, _)| text.to_owned())
        };
        if (is_user || text("type").as_deref() == Some("user"))
            && let Some(id) = text("id")
        {
            let called = text("name").map(|name| name.trim().to_owned());
            let called = called.filter(|name| Name::new(name.as_str()).is_ok());
            ids.entry(called.unwrap_or_else(|| id.clone())).or_default().insert(id);
        }
        // What several aliases stand for is looked at once.
        if !seen.insert((tree.resolve(node), is_user)) {
            continue;
        }
        for entry in tree.map(node).unwrap_or_default() {
            let key = tree.scalar(entry.key).map_or("", |(key, _)| key);
            open.push((entry.value, USERS.contains(&key)));
        }
    }
    let mut names = Names::new();
    for (name, ids) in ids {
        let is_one = ids.len() == 1;
        for id in ids {
            let called = if is_one { name.clone() } else { format!("{name} ({id})") };
            // An id that has a name somewhere is called by it.
            if called != id || !names.contains_key(&id) {
                names.insert(id, called);
            }
        }
    }
    names
}
