//! What happened when, as records tell it.
use crate::{
    domains::{
        incident::engine::{Event, EventType, Record},
        oncall::{
            answer::who::{Standing, State},
            resolve::ResolvedRotation,
        },
        runbook::{
            engine::event::StepOutcome,
            transcript::{RunSummary, StepSummary},
        },
        slo::{backtested::Backtested, model::Severity},
    },
    kernel::{time::Period, units::Instant},
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was, or began.
    pub at: Instant,
    /// When it ended, where it went on.
    pub until: Option<Instant>,
    /// What.
    pub event: String,
    /// Where that can be seen.
    pub evidence: Option<String>,
    /// What is to be known about it.
    pub note: Option<String>,
}

/// Lines in the order of time; of several at once, in that of their sources.
pub fn in_order(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by_key(|line| line.at);
    lines
}

/// What the incident tells. Notes of the day after are no part of it.
pub fn of_incident(record: &Record) -> Vec<Line> {
    let events = record.events.iter().filter(|event| event.event != EventType::Closed);
    events.map(of_event).collect()
}

fn of_event(event: &Event) -> Line {
    let by = event.by.as_deref();
    let with = |what: &str| match by {
        Some(by) => format!("{what} ({by})"),
        None => what.to_owned(),
    };
    let what = match event.event {
        EventType::Started => "Users begin to be affected".to_owned(),
        EventType::Detected => with("It is detected"),
        EventType::Declared => with("It is declared an incident"),
        EventType::Acknowledged => with("It is acknowledged"),
        EventType::Engaged => with("Work on it begins"),
        EventType::Severity => match &event.severity {
            Some(severity) => with(&format!("Its severity is {severity} now")),
            None => with("Its severity changes"),
        },
        EventType::Role => match &event.role {
            Some((role, person)) => format!("{person} becomes {role}"),
            None => with("Somebody takes a role"),
        },
        EventType::Update => with("Those who are affected are told"),
        EventType::Note => String::new(),
        EventType::Mitigated => with("Users are not affected any more"),
        EventType::Resolved => with("It is resolved"),
        EventType::Reopened => with("It comes back"),
        EventType::Closed => with("It is closed"),
        EventType::Cancelled => with("It was no incident"),
    };
    let note = event.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    let text = match (what.is_empty(), note) {
        (true, Some(note)) => with(note),
        (true, None) => with("Something was noted"),
        (false, Some(note)) => format!("{what}: {note}"),
        (false, None) => what,
    };
    let recorded =
        event.recorded_at.map(|at| format!("Written down at {}", at.format("%Y-%m-%d %H:%M UTC")));
    Line { at: event.at, until: None, event: text, evidence: event.link.clone(), note: recorded }
}

/// What was done by a runbook: a line for each step that was run or done by hand. `file` is where the
/// transcript stands, `broken` why not all of it can be trusted.
pub fn of_run(run: &RunSummary, file: &str, broken: Option<&str>) -> Vec<Line> {
    let steps = run.steps.iter().filter(|step| step.outcome != StepOutcome::Skipped);
    let mut lines: Vec<Line> = steps.map(|step| of_step(run, step, file)).collect();
    if let (Some(why), Some(last)) = (broken, lines.last_mut()) {
        last.note = Some(format!("The transcript cannot be trusted behind this: {why}"));
    }
    lines
}

fn of_step(run: &RunSummary, step: &StepSummary, file: &str) -> Line {
    let undone = if step.undo { "undoing " } else { "" };
    let became = match step.outcome {
        StepOutcome::Done | StepOutcome::Skipped => String::new(),
        StepOutcome::Unknown => ": how it ended is not known".to_owned(),
        outcome => format!(": {}", outcome.name()),
    };
    let runbook = &run.started.runbook;
    Line {
        at: step.started,
        until: step.ended.filter(|ended| *ended > step.started),
        event: format!(
            "Runbook {runbook}, {undone}step {}, {}{became} ({})",
            step.step, step.action, run.started.operator
        ),
        evidence: Some(file.to_owned()),
        note: step.note.clone(),
    }
}

/// When alerts of an objective fired in a period, as its own policy replays it.
pub fn of_alerts(tested: &Backtested<'_, '_>, period: Period) -> Vec<Line> {
    let name = tested.assessment.objective.document.name();
    let Some(own) = tested.policies.first() else { return Vec::new() };
    let mut lines = Vec::new();
    for alert in &own.replay.alerts {
        let last = alert.judged.as_ref().map_or(period.to, |judged| judged.last);
        for firing in &alert.firings {
            let end = firing.end(last);
            if end <= period.from || firing.from >= period.to {
                continue;
            }
            let what = match alert.severity {
                Severity::Page => "pages",
                Severity::Ticket => "opens a ticket",
            };
            lines.push(Line {
                at: firing.from,
                until: firing.to.filter(|to| *to > firing.from),
                event: format!("The alert of {name} {what}, as replayed on what was measured"),
                evidence: Some(format!("`sre backtest {name}`")),
                note: firing
                    .since_before
                    .then(|| "It fires since before what was replayed".to_owned()),
            });
        }
    }
    lines
}

/// Who was on call when it was detected.
pub fn of_rotations(rotations: &[ResolvedRotation<'_>], at: Instant) -> Option<Line> {
    let mut standing = Vec::new();
    // A rotation that had not begun, or was over, says nothing of who was on call.
    let had_turns = |rotation: &&ResolvedRotation<'_>| {
        let state = Standing::of(&rotation.primary.schedule, at).state;
        matches!(state, State::OnCall | State::Gap)
    };
    for rotation in rotations.iter().filter(had_turns) {
        let people: Vec<String> = rotation
            .duties()
            .filter_map(|(role, duty)| {
                let shifts = Standing::of(&duty.schedule, at).shifts;
                let names: Vec<String> = shifts.into_iter().map(|(person, ..)| person).collect();
                (!names.is_empty()).then(|| format!("{} ({})", names.join(" and "), role.name()))
            })
            .collect();
        let name = rotation.document.name();
        standing.push(if people.is_empty() {
            format!("nobody in {name}")
        } else {
            format!("{} in {name}", people.join(", "))
        });
    }
    (!standing.is_empty()).then(|| Line {
        at,
        until: None,
        event: format!("On call: {}", standing.join("; ")),
        evidence: Some(format!("`sre oncall who --at {}`", crate::kernel::time::rfc3339(at))),
        note: None,
    })
}
