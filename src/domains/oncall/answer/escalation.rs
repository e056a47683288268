//! The answers of `sre escalate`: who is told of a page, and whether anybody always is in time.
use super::{PeriodForm, Shown};
use crate::{
    domains::oncall::{
        engine::{
            escalation::{Absences, Event, Who},
            periods,
        },
        escalate::ResolvedEscalation,
        people::People,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, Verdict, words},
        time::{Period, Zone, rfc3339},
        units::{Duration, Instant},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// Who is told of a page.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EscalationSimulationAnswer {
    /// When the page begins.
    at: String,
    /// How long after it somebody acknowledges; null where nobody does.
    acknowledged_after: Option<String>,
    /// Policies in the order of their names.
    items: Vec<SimulationItem>,
}

impl Form for EscalationSimulationAnswer {
    const SCHEMA: &'static str = "sre/escalation-simulation@1";
}

/// What happens under one policy.
#[derive(Debug, Serialize, JsonSchema)]
struct SimulationItem {
    /// The policy.
    policy: String,
    /// What happens, in the order of time.
    events: Vec<EventForm>,
    /// How long after the page the first person is told; null where nobody is.
    first_told_after: Option<String>,
}

/// Something that happens.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EscalationEvent")]
struct EventForm {
    /// How long after the page.
    after: String,
    /// When that is.
    at: String,
    /// The round, from 1.
    round: u8,
    /// The step, from 1.
    step: usize,
    /// Who is meant; null where the step is out of its hours.
    contact: Option<String>,
    /// Who is told.
    people: Vec<String>,
    /// Who would be, and is away.
    away: Vec<String>,
    /// `told`, `program`, `nobody_on_call`, `away` or `out_of_hours`.
    outcome: &'static str,
}

fn outcome(event: &Event<'_>) -> &'static str {
    match event.contact {
        None => "out_of_hours",
        Some(_) if !event.people.is_empty() => "told",
        Some(contact) if contact.who == Who::Program => "program",
        Some(_) if !event.away.is_empty() => "away",
        Some(_) => "nobody_on_call",
    }
}

/// What is asked of a simulation.
#[derive(Clone, Debug)]
pub struct AskedSimulation {
    /// When the page begins.
    pub at: Instant,
    /// How long after it somebody acknowledges.
    pub acknowledged: Option<Duration>,
    /// In which zone times are shown.
    pub shown: Shown,
}

/// What happens after a page. That nobody is told of it makes the run fail.
pub fn simulation(
    policies: &[ResolvedEscalation<'_>],
    people: &People,
    asked: &AskedSimulation,
) -> Report {
    let mut table = Table::new().main().columns([
        Column::new("Policy").middle(),
        Column::new("After"),
        Column::new("At").priority(1),
        Column::new("Step").priority(3),
        Column::new("Contact").priority(2),
        Column::new("Told"),
    ]);
    let mut items = Vec::new();
    let mut silent = Vec::new();
    for policy in policies {
        let absences = people.absences(&policy.zone);
        let events = policy.escalation.after(asked.at, asked.acknowledged, &absences);
        let first = events.iter().find(|event| !event.people.is_empty());
        if first.is_none() && asked.acknowledged != Some(Duration::ZERO) {
            silent.push(policy.document.name());
        }
        for event in &events {
            table.push(row(policy, people, event, &asked.shown));
        }
        items.push(SimulationItem {
            policy: policy.document.name().to_owned(),
            first_told_after: first.map(|event| event.after.to_string()),
            events: events.iter().map(event_form).collect(),
        });
    }
    let answer = EscalationSimulationAnswer {
        at: rfc3339(asked.at),
        acknowledged_after: asked.acknowledged.map(|after| after.to_string()),
        items,
    };
    let mut report = Report::of(&answer).block(table);
    if let Some(after) = asked.acknowledged {
        let said =
            format!("Acknowledged after {}: nothing happens from then on.", words::span(after));
        report = report.block(Block::paragraph(Text::new().muted(said)));
    }
    if silent.is_empty() {
        return report;
    }
    let said = format!("Nobody is told under {}.", silent.join(", "));
    report.block(Block::paragraph(Text::new().bad(said))).verdict(Verdict::Found)
}

fn row(
    policy: &ResolvedEscalation<'_>,
    people: &People,
    event: &Event<'_>,
    shown: &Shown,
) -> Vec<Cell> {
    let names = |names: &[String]| -> String {
        names.iter().map(|name| people.shown(name)).collect::<Vec<_>>().join(", ")
    };
    let told = match outcome(event) {
        "told" => Cell::text(names(&event.people)),
        "program" => Cell::muted("a program"),
        "out_of_hours" => Cell::muted("out of hours"),
        "away" => Cell::bad(format!("{} away", names(&event.away))),
        _ => Cell::bad("nobody on call"),
    };
    let step = match event.round {
        0 => format!("{}", event.step + 1),
        round => format!("{}, again ({round})", event.step + 1),
    };
    vec![
        Cell::name(policy.document.name()),
        Cell::text(format!("+{}", event.after)),
        shown.instant(&policy.zone, event.at),
        Cell::text(step),
        event.contact.map_or(Cell::Missing, |contact| Cell::text(contact.name.as_str())),
        told,
    ]
}

fn event_form(event: &Event<'_>) -> EventForm {
    EventForm {
        after: event.after.to_string(),
        at: rfc3339(event.at),
        round: event.round.saturating_add(1),
        step: event.step + 1,
        contact: event.contact.map(|contact| contact.name.clone()),
        people: event.people.clone(),
        away: event.away.clone(),
        outcome: outcome(event),
    }
}

/// Whether somebody is always told in time.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EscalationProofAnswer {
    /// The beginning of the pages that were looked at.
    from: String,
    /// Their end.
    to: String,
    /// Claims, in the order of policies and times.
    items: Vec<ProofItem>,
}

impl Form for EscalationProofAnswer {
    const SCHEMA: &'static str = "sre/escalation-proof@1";
}

/// A claim: every page in the period is told to somebody within some time.
#[derive(Debug, Serialize, JsonSchema)]
struct ProofItem {
    /// The policy.
    policy: String,
    /// For which severity of which incident policy; null where the time was given otherwise.
    severity: Option<String>,
    /// Within how long; null where it is asked whether anybody is told at all.
    within: Option<String>,
    /// Whether it holds for every instant of the period.
    holds: bool,
    /// How long it takes at the most; null where of some page nobody is ever told.
    slowest: Option<String>,
    /// Pages at these times are not told to anybody in time; the first 100 of them.
    counterexamples: Vec<PeriodForm>,
    /// How much of the period that is, in hours.
    unanswered_hours: Option<serde_json::Number>,
    /// The steps that tell nobody at some time at which they happen, from 1.
    silent_steps: Vec<usize>,
}

/// A claim that is to be proven.
#[derive(Clone, Debug)]
pub struct Claim {
    /// For which severity, in words; `None` where the time was given otherwise.
    pub severity: Option<String>,
    /// Within how long; `None` for at all.
    pub within: Option<Duration>,
}

/// What is asked of a proof.
#[derive(Clone, Debug)]
pub struct AskedProof {
    /// The pages.
    pub period: Period,
    /// In which zone times are shown.
    pub shown: Shown,
}

/// Whether claims hold; one that does not makes the run fail.
pub fn proof(
    policies: &[(ResolvedEscalation<'_>, Vec<Claim>)],
    people: &People,
    asked: &AskedProof,
) -> Report {
    let mut table = Table::new().main().columns([
        Column::new("Policy").middle(),
        Column::new("Severity").priority(2),
        Column::new("Within"),
        Column::new("Slowest").priority(1),
        Column::new("State"),
        Column::new("Counterexample"),
    ]);
    let mut items = Vec::new();
    let mut lines: Vec<Text> = Vec::new();
    for (policy, claims) in policies {
        let absences = people.absences(&policy.zone);
        let slowest = policy.escalation.slowest(asked.period, &absences);
        let silent = silent_steps(policy, asked.period, &absences);
        for (step, gap) in &silent {
            let at = told_at(*gap, &policy.zone, &asked.shown);
            let text = Text::new().name(policy.document.name());
            lines.push(text.plain(format!(": step {step} tells nobody at {at}")));
        }
        for claim in claims {
            let whole = policy.escalation.longest();
            let within = claim.within.unwrap_or(whole);
            let open = policy.escalation.unanswered(asked.period, within, &absences);
            let holds = open.is_empty();
            let counterexample = match open.first() {
                None => Cell::Missing,
                Some(gap) => asked.shown.instant(&policy.zone, gap.from),
            };
            table.push(vec![
                Cell::name(policy.document.name()),
                claim.severity.as_deref().map_or(Cell::Missing, Cell::text),
                claim.within.map_or(Cell::muted("ever"), |within| Cell::text(within.to_string())),
                slowest.map_or(Cell::bad("never"), |slowest| Cell::text(slowest.to_string())),
                if holds { Cell::good("holds") } else { Cell::bad("fails") },
                counterexample,
            ]);
            items.push(ProofItem {
                policy: policy.document.name().to_owned(),
                severity: claim.severity.clone(),
                within: claim.within.map(|within| within.to_string()),
                holds,
                slowest: slowest.map(|slowest| slowest.to_string()),
                unanswered_hours: super::hours(periods::seconds(&open)),
                counterexamples: open.into_iter().take(100).map(PeriodForm::of).collect(),
                silent_steps: silent.iter().map(|(step, _)| *step).collect(),
            });
        }
    }
    let failed = items.iter().any(|item| !item.holds);
    let answer = EscalationProofAnswer {
        from: rfc3339(asked.period.from),
        to: rfc3339(asked.period.to),
        items,
    };
    let report = Report::of(&answer).block(table);
    let report = if lines.is_empty() { report } else { report.block(Block::list(lines)) };
    let said = format!(
        "Every instant from {} to {} was looked at.",
        words::instant(asked.period.from),
        words::instant(asked.period.to)
    );
    let verdict = if failed { Verdict::Found } else { Verdict::Pass };
    report.block(Block::paragraph(Text::new().muted(said))).verdict(verdict)
}

fn told_at(gap: Period, zone: &Zone, shown: &Shown) -> String {
    words::instant_in(gap.from, *shown.zone(zone).local(gap.from).offset())
}

/// The steps that happen at some time and tell nobody then, from 1, each with the first such time.
fn silent_steps(
    policy: &ResolvedEscalation<'_>,
    period: Period,
    absences: &Absences,
) -> Vec<(usize, Period)> {
    let steps = policy.escalation.steps.iter().enumerate();
    steps
        .filter(|(_, step)| step.contacts.iter().any(|contact| contact.who != Who::Program))
        .filter_map(|(at, step)| Some((at + 1, *step.silent(period, absences).first()?)))
        .collect()
}
