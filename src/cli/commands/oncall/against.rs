//! `sre oncall diff --against`: where the files and the pager disagree.
use super::opening::{Opened, shown};
use crate::{
    cli::{Exit, Failure, Session, Workspace, arguments::Selection},
    domains::oncall::{
        answer::diff::{self, Asked, Compared},
        dialects::{self, goalert, pager::Exported, pagerduty},
        engine::Shift,
        people::People,
        resolve::ResolvedRotation,
    },
    kernel::{
        diagnostic::Level,
        report::words,
        spec::{Document, problem},
        time::{Period, rfc3339},
        units::Instant,
    },
};
use chrono::TimeDelta;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Compares the final schedules of an export with what the files say, as far as the export goes.
///
/// # Errors
/// If the export cannot be read or has no final schedule, or no rotation is that of a schedule.
pub(super) fn run(
    path: &Path,
    names: &[String],
    days: u32,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Failure> {
    let export = Workspace::open_foreign(session, &[path.to_owned()], dialects::IMPORTED)?;
    let meant = |source| export.named.contains(&source);
    let wrong = export.found(Level::Error, meant);
    if !wrong.is_empty() {
        export.tell(session, &wrong)?;
        let count = words::plural(wrong.len() as u64, "error");
        return Err(Failure::input(format!("{count} in the export"))
            .hint("export the schedule again, with the whole answer"));
    }
    let schedules: Vec<(&Document, &Exported)> = export
        .catalog
        .documents()
        .iter()
        .filter(|document| meant(document.place.source))
        .filter_map(|document| Some((document, document.origin::<Exported>()?)))
        .collect();
    if schedules.is_empty() {
        return Err(Failure::input(format!("there is no schedule in `{}`", path.display()))
            .hint(format!("it is {}", pagerduty::PAGER.answer))
            .hint(format!("or {}", goalert::PAGER.answer)));
    }
    let opened = Opened::of(session, &[], None)?;
    let rotations = opened.rotations(session, names, &Selection::default())?;
    let people = opened.people();
    let now = session.now();
    let asked_for = Period { from: now, to: now + TimeDelta::days(days.into()) };
    let (mut compared, mut whole) = (Vec::new(), None::<Period>);
    for (document, schedule) in &schedules {
        let rotation = counterpart(document, schedule, &rotations, schedules.len(), names)?;
        let period = common(schedule, document, asked_for)?;
        if period != asked_for {
            let said = format!(
                "the export of `{}` goes from {} to {}: nothing else is compared",
                document.name(),
                rfc3339(period.from),
                rfc3339(period.to)
            );
            session.note(&said);
        }
        let after = rotation.primary.schedule.shifts(period);
        let before = theirs(schedule, period, &people, &known(rotation, &people));
        whole = Some(whole.map_or(period, |all: Period| Period {
            from: all.from.min(period.from),
            to: all.to.max(period.to),
        }));
        compared.push(Compared {
            rotation: rotation.document.name().to_owned(),
            zone: rotation.zone.clone(),
            before,
            after,
        });
    }
    compared.sort_by(|one, other| one.rotation.cmp(&other.rotation));
    let names = (session.shown(&session.path(path)), opened.spoken_for.sentence());
    let period = whole.unwrap_or(asked_for);
    let asked = Asked { names, period, now, shown: shown(session), must_agree: true };
    session.answer(&diff::report(&compared, &people, &asked))
}

/// The rotation that a schedule is: the one that was made of it, or that has its name, or the only one that
/// was asked for.
fn counterpart<'r, 'c>(
    document: &Document,
    schedule: &Exported,
    rotations: &'r [ResolvedRotation<'c>],
    schedules: usize,
    names: &[String],
) -> Result<&'r ResolvedRotation<'c>, Failure> {
    if let (1, [one], [_]) = (schedules, rotations, names) {
        return Ok(one);
    }
    let id = schedule.id.as_ref().and_then(|id| id.get());
    let is_made_of = |rotation: &&ResolvedRotation<'_>| {
        let metadata = rotation.document.metadata.as_ref();
        let annotation =
            metadata.and_then(|it| it.annotations.get(schedule.pager.annotation)?.get());
        annotation.is_some() && annotation == id
    };
    let is_called = |rotation: &&ResolvedRotation<'_>| rotation.document.name() == document.name();
    let found = rotations.iter().find(is_made_of).or_else(|| rotations.iter().find(is_called));
    found.ok_or_else(|| {
        let called = schedule.name.get().map_or("", String::as_str);
        let all: Vec<&str> = rotations.iter().map(|it| it.document.name()).collect();
        let failure = Failure::input(format!("no rotation is that of the schedule `{called}`"));
        let failure = match problem::closest(document.name(), &all) {
            Some(near) => failure.hint(format!("`--rotation {near}` compares it with `{near}`")),
            None => failure.hint("--rotation says which one it is compared with"),
        };
        match id {
            Some(id) => failure.hint(format!(
                "the annotation `{}: {id}` of a rotation says so for good",
                schedule.pager.annotation
            )),
            None => failure,
        }
    })
}

/// The part of a period of which the export speaks.
fn common(schedule: &Exported, document: &Document, period: Period) -> Result<Period, Failure> {
    let name = document.name();
    let entries = schedule.last.as_deref().unwrap_or_default();
    let from = entries.iter().map(|entry| entry.period.from).min();
    let to = entries.iter().map(|entry| entry.period.to).max();
    let ask = |from: Instant, to: Instant| {
        let period = (schedule.pager.period)(&rfc3339(from), &rfc3339(to));
        format!("ask {} for it with {period}", schedule.pager.name)
    };
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Failure::input(format!("the export of `{name}` has no final schedule"))
            .hint(ask(period.from, period.to)));
    };
    let common = Period { from: from.max(period.from), to: to.min(period.to) };
    if common.from >= common.to {
        let (from, to) = (rfc3339(from), rfc3339(to));
        return Err(Failure::input(format!(
            "the export of `{name}` goes from {from} to {to} only"
        ))
        .hint(ask(period.from, period.to))
        .hint("--now compares at another time"));
    }
    Ok(common)
}

/// Who is on call by the pager, in the names of the files.
fn theirs(
    schedule: &Exported,
    period: Period,
    people: &People,
    known: &BTreeSet<String>,
) -> Vec<Shift> {
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    let mut shifts = Vec::new();
    for entry in schedule.last.iter().flatten() {
        let name = names.entry(&entry.user).or_insert_with(|| our_name(&entry.user, people, known));
        let period =
            Period { from: entry.period.from.max(period.from), to: entry.period.to.min(period.to) };
        if period.from < period.to {
            shifts.push(Shift { period, person: name.clone() });
        }
    }
    shifts.sort_unstable();
    shifts
}

/// What a user of the pager is called in the files: the same, or the person of that display name, or the one
/// whose name differs in nothing but signs and case.
fn our_name(user: &str, people: &People, known: &BTreeSet<String>) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let same = known.get(user);
    let shown = || known.iter().find(|name| people.shown(name) == user);
    let like = || {
        let mut like = known.iter().filter(|name| plain(name) == plain(user));
        // Where several are, none is certain.
        like.next().filter(|_| like.next().is_none())
    };
    same.or_else(shown).or_else(like).cloned().unwrap_or_else(|| user.to_owned())
}

/// The people of a rotation, and of the catalog.
fn known(rotation: &ResolvedRotation<'_>, people: &People) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = people.names().map(str::to_owned).collect();
    known.extend(rotation.primary.schedule.everybody());
    known
}
