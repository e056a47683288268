//! The answer of `sre postmortem actions`: what is still to be done, and what is late.
use crate::{
    domains::postmortem::actions::Action,
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, Verdict, words},
        spec::{Optional as _, Ref},
        time::rfc3339,
        units::Instant,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Action items.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PostMortemActionsAnswer {
    /// The instant as of which actions are overdue; days are those of UTC.
    as_of: String,
    /// How many are open.
    open: usize,
    /// How many of these are overdue.
    overdue: usize,
    /// The actions: overdue ones first, the latest first; then by their days.
    items: Vec<ActionForm>,
    /// The open ones by owner, by name.
    owners: Vec<OwnerForm>,
}

impl Form for PostMortemActionsAnswer {
    const SCHEMA: &'static str = "sre/postmortem-actions@1";
}

/// An action item.
#[derive(Debug, Serialize, JsonSchema)]
struct ActionForm {
    /// The post-mortem that it is in.
    post_mortem: String,
    /// The incident; null where the post-mortem does not say.
    incident: Option<String>,
    /// What it is called in the post-mortem.
    id: String,
    /// What is done.
    title: String,
    /// What that is good for.
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    /// How soon.
    priority: Option<&'static str>,
    /// Who answers for it.
    owner: Option<String>,
    /// The last day on which it is in time.
    due: Option<String>,
    /// How far it is.
    status: &'static str,
    /// Whether it is open and its last day is over.
    overdue: bool,
    /// How many days it is behind; null unless it is overdue.
    days_overdue: Option<u64>,
    /// How old it is, or was when it was closed. Unit: days.
    age_days: Option<u64>,
    /// Where it is worked on.
    ticket: Option<String>,
    /// How anybody can see that it is done.
    done_when: Option<String>,
}

/// What somebody has to do.
#[derive(Debug, Serialize, JsonSchema)]
struct OwnerForm {
    /// Who; null for what nobody answers for.
    owner: Option<String>,
    /// How many open actions.
    open: usize,
    /// How many of these are overdue.
    overdue: usize,
    /// The age of the oldest. Unit: days.
    oldest_days: Option<u64>,
}

/// The answer; overdue actions make the run fail. `all` shows those that are closed as well.
pub fn report(actions: &[Action<'_>], all: bool, now: Instant) -> Report {
    let mut shown: Vec<&Action<'_>> =
        actions.iter().filter(|action| all || action.is_open()).collect();
    shown.sort_by_key(|action| {
        let due = action.due();
        let id = action.item.id.get();
        (!action.is_open(), due.is_none(), due, action.document.name(), id)
    });
    let open: Vec<&&Action<'_>> = shown.iter().filter(|action| action.is_open()).collect();
    let overdue = open.iter().filter(|action| action.is_overdue(now)).count();
    let owners = by_owner(&open, now);
    let answer = PostMortemActionsAnswer {
        as_of: rfc3339(now),
        open: open.len(),
        overdue,
        items: shown.iter().map(|action| form(action, now)).collect(),
        owners,
    };
    let mut table = Table::new().main().columns([
        Column::new("Action").middle(),
        Column::new("Title"),
        Column::new("Owner"),
        Column::new("Due"),
        Column::new("Status"),
        Column::new("Age").key("age_days").priority(1),
        Column::new("Type").priority(3),
        Column::new("Priority").priority(2),
        Column::new("Post-mortem").key("post_mortem").for_machines(),
    ]);
    for action in &shown {
        table.push(row(action, now));
    }
    let report = Report::of(&answer);
    let report = if shown.is_empty() {
        let text = Text::new().good(if all { "There are no actions." } else { "Nothing is open." });
        return report.block(table.for_machines()).block(Block::paragraph(text));
    } else {
        report.block(table)
    };
    let report = report.block(owners_table(&answer.owners));
    if answer.open == 0 {
        return report.block(Block::paragraph(Text::new().good("Nothing is open.")));
    }
    let count = words::plural(answer.open as u64, "action");
    if overdue == 0 {
        let text = Text::new().good(format!("{count} open, none overdue."));
        return report.block(Block::paragraph(text));
    }
    let text = Text::new().bad(format!("{count} open, {overdue} overdue."));
    report.block(Block::paragraph(text)).verdict(Verdict::Found)
}

fn row(action: &Action<'_>, now: Instant) -> Vec<Cell> {
    let item = action.item;
    let id = item.id.get().map(ToString::to_string).unwrap_or_default();
    let status = match action.days_overdue(now) {
        Some(days) => Cell::bad(format!("{} overdue", words::plural(days, "day"))),
        None if action.is_open() => Cell::text(action.status().name()),
        None => Cell::muted(action.status().name()),
    };
    vec![
        Cell::name(format!("{}/{id}", action.document.name())),
        item.title.get().map(|title| Cell::text(title.as_str())).into(),
        match item.owner.value() {
            Some(owner) => Cell::text(owner.as_str()),
            None if action.is_open() => Cell::warning("nobody"),
            None => Cell::Missing,
        },
        match action.due() {
            Some(due) => Cell::text(due.to_string()),
            None if action.is_open() => Cell::warning("no day"),
            None => Cell::Missing,
        },
        status,
        match action.age_days(now) {
            Some(days) => Cell::text(words::plural(days, "day")),
            None => Cell::Missing,
        },
        item.action_type.value().map(|kind| Cell::text(kind.name())).into(),
        item.priority.value().map(|one| Cell::text(one.name())).into(),
        Cell::text(action.document.name()),
    ]
}

fn form(action: &Action<'_>, now: Instant) -> ActionForm {
    let item = action.item;
    ActionForm {
        post_mortem: action.document.name().to_owned(),
        incident: action.spec.incident.value().map(Ref::name).map(str::to_owned),
        id: item.id.get().map(ToString::to_string).unwrap_or_default(),
        title: item.title.get().cloned().unwrap_or_default(),
        kind: item.action_type.value().map(|kind| kind.name()),
        priority: item.priority.value().map(|one| one.name()),
        owner: item.owner.value().cloned(),
        due: action.due().map(|due| due.to_string()),
        status: action.status().name(),
        overdue: action.is_overdue(now),
        days_overdue: action.days_overdue(now),
        age_days: action.age_days(now),
        ticket: item.ticket.value().cloned(),
        done_when: item.done_when.value().cloned(),
    }
}

fn by_owner(open: &[&&Action<'_>], now: Instant) -> Vec<OwnerForm> {
    let mut owners: BTreeMap<Option<&str>, OwnerForm> = BTreeMap::new();
    for action in open {
        let owner = action.item.owner.value().map(|owner| owner.trim());
        let owner = owner.filter(|owner| !owner.is_empty());
        let entry = owners.entry(owner).or_insert_with(|| OwnerForm {
            owner: owner.map(str::to_owned),
            open: 0,
            overdue: 0,
            oldest_days: None,
        });
        entry.open += 1;
        entry.overdue += usize::from(action.is_overdue(now));
        entry.oldest_days = entry.oldest_days.max(action.age_days(now));
    }
    owners.into_values().collect()
}

fn owners_table(owners: &[OwnerForm]) -> Block {
    let mut table = Table::new().title("By owner").columns([
        Column::new("Owner"),
        Column::new("Open"),
        Column::new("Overdue"),
        Column::new("Oldest"),
    ]);
    for owner in owners {
        let oldest = owner.oldest_days.map(|days| Cell::text(words::plural(days, "day")));
        table.push(vec![
            match &owner.owner {
                Some(owner) => Cell::text(owner.as_str()),
                None => Cell::warning("nobody"),
            },
            Cell::count(owner.open as u64),
            Cell::count(owner.overdue as u64),
            oldest.into(),
        ]);
    }
    if owners.is_empty() { table.for_machines().into() } else { table.into() }
}
