//! The answer of `sre dr plan`: a plan as it is carried out.
//!
//! Its sections are those that NIST SP 800-34 revision 1 (chapter 4) and ISO 22301 (8.4) ask of a plan: how it
//! begins, who is needed, what is done in which order, from which copies, and how one goes back to normal.
use crate::{
    domains::recovery::{
        engine::spread::Spread,
        judge::JudgedDisruption,
        resolve::{Disruption, ResolvedPlan},
        spec::ContactSpec,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, significant_number, words},
        spec::{Name, Optional as _, Ref, values},
        units::Duration,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;

/// A plan as it is carried out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecoveryPlanAnswer {
    /// The plan.
    plan: String,
    /// Its disruptions, in the order of the plan.
    items: Vec<DisruptionItem>,
}

impl Form for RecoveryPlanAnswer {
    const SCHEMA: &'static str = "sre/dr-plan@1";
}

/// What is done after one disruption.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PlannedDisruption")]
struct DisruptionItem {
    /// What it is called; null where the plan does not tell any apart.
    disruption: Option<String>,
    /// Within how long it has to be back.
    rto: String,
    /// What the steps add up to along the longest path; null where the duration of one is not known.
    total: Option<String>,
    /// How long one person alone takes.
    serial: Option<String>,
    /// Steps, in the order of the earliest that they can begin.
    steps: Vec<StepItem>,
}

/// A step.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PlannedStep")]
struct StepItem {
    /// What it is called.
    id: String,
    /// What is done.
    action: String,
    /// Who does it.
    role: Option<String>,
    /// Where to read how.
    runbook: Option<String>,
    /// The steps that have to be done before.
    after: Vec<String>,
    /// How long it takes, mostly.
    duration: Option<String>,
    /// How often drills measured that.
    measured: usize,
    /// The earliest that it can begin, from the beginning of the whole.
    begins: Option<String>,
    /// The earliest that it can be done.
    ends: Option<String>,
    /// How much later it may end without making the whole later.
    slack: Option<String>,
    /// The probability that it is on the longest path, 0 to 1.
    criticality: Option<Number>,
}

/// The answer.
pub fn report(plan: &ResolvedPlan<'_>, judged: &[JudgedDisruption<'_, '_>]) -> Report {
    let answer = RecoveryPlanAnswer {
        plan: plan.document.name().to_owned(),
        items: judged.iter().map(item).collect(),
    };
    let spec = plan.spec;
    let mut report = Report::of(&answer)
        .block(Block::heading(format!("Recovery of {}", plan.document.display_name())));
    let services: Vec<&str> = values(&spec.services).map(Ref::name).collect();
    let mut facts: Vec<(&str, Cell)> = Vec::new();
    if !services.is_empty() {
        facts.push(("Services", Cell::text(services.join(", "))));
    }
    facts.extend(spec.rto.get().map(|rto| ("Recovery time objective", Cell::span(*rto))));
    facts.extend(spec.rpo.get().map(|rpo| ("Recovery point objective", Cell::span(*rpo))));
    facts.extend(
        spec.maximum_downtime.value().map(|most| ("Maximum tolerable downtime", Cell::span(*most))),
    );
    facts.extend(plan.document.owner().map(|owner| ("Owner", Cell::text(owner))));
    report = report.block(Block::facts(facts));
    let text = |title: &str, text: Option<&String>| -> Vec<Block> {
        let Some(text) = text else { return Vec::new() };
        vec![Block::heading(title), Block::paragraph(text.as_str())]
    };
    report = report.blocks(text("Activation", spec.activation.value()));
    if !spec.contacts.is_empty() {
        report = report.block(Block::heading("Contacts")).block(contacts(plan));
    }
    report = report.blocks(text("Communication", spec.communication.value()));
    for one in judged {
        report = report.blocks(steps(one));
    }
    if !spec.backups.is_empty() {
        report = report.block(Block::heading("Copies of the data")).block(backups(plan));
    }
    report.blocks(text("Back to normal", spec.reconstitution.value()))
}

fn contacts(plan: &ResolvedPlan<'_>) -> Table {
    let mut table = Table::new().columns([Column::new("Role").middle(), Column::new("Who")]);
    for contact in values(&plan.spec.contacts) {
        let role = contact.role.get().cloned().unwrap_or_default();
        table.push(vec![Cell::text(role), Cell::text(who(contact))]);
    }
    table
}

fn who(contact: &ContactSpec) -> String {
    if let Some(rotation) = contact.rotation.value() {
        return format!("whoever is on call in {}", rotation.name());
    }
    if let Some(team) = contact.team.value() {
        return format!("the team {}", team.name());
    }
    let person = contact.person.value().map(ToString::to_string);
    person.or_else(|| contact.external.value().cloned()).unwrap_or_default()
}

/// The steps after one disruption, those that can begin first before the others.
fn order(disruption: &Disruption<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..disruption.steps.len()).collect();
    if let Some(path) = &disruption.path {
        let position = |step: &usize| path.order.iter().position(|it| it == step);
        if order.len() <= 500 {
            order.sort_by_key(|step| (path.begins[*step], position(step)));
        } else {
            order.sort_by_key(|step| path.begins[*step]);
        }
    }
    order
}

fn steps(one: &JudgedDisruption<'_, '_>) -> Vec<Block> {
    let disruption = one.disruption;
    if disruption.steps.is_empty() {
        return Vec::new();
    }
    let heading = match disruption.name {
        Some(name) => format!("Steps after {name}"),
        None => "Steps".to_owned(),
    };
    let mut table = Table::new().main().columns([
        Column::new("Step").middle(),
        Column::new("Action"),
        Column::new("Who").key("role").priority(2),
        Column::new("Runbook").priority(3),
        Column::new("Begins"),
        Column::new("Takes").key("duration"),
        Column::new("Slack"),
        Column::new("Critical").key("criticality").priority(1),
    ]);
    for step in order(disruption) {
        let of = &disruption.steps[step];
        let path = disruption.path.as_ref();
        let slack = path.map(|path| path.slack[step]);
        let share = criticality(one.time.spread.as_ref(), step);
        table.push(vec![
            Cell::name(of.id),
            Cell::text(of.spec.action.get().cloned().unwrap_or_default()),
            of.spec.role.value().map_or(Cell::Missing, |role| Cell::text(role.as_str())),
            of.spec.runbook.value().map_or(Cell::Missing, |runbook| Cell::text(runbook.as_str())),
            path.map_or(Cell::Missing, |path| {
                Cell::text(format!("+{}", words::span_short(path.begins[step])))
            }),
            of.estimate.as_ref().map_or(Cell::unknown("unknown"), |it| Cell::span(it.typical())),
            match slack {
                Some(slack) if slack.is_zero() => Cell::warning("none"),
                Some(slack) => Cell::span(slack),
                None => Cell::Missing,
            },
            share.map_or(Cell::Missing, Cell::percent),
        ]);
    }
    let mut blocks = vec![Block::heading(heading), table.into()];
    if let Some(path) = &disruption.path {
        let spread = one.time.spread.as_ref();
        let p95 = spread.filter(|spread| spread.draws() > 1).map_or_else(String::new, |spread| {
            format!("; in 95 of 100 cases within {}", words::span(spread.quantile(0.95)))
        });
        blocks.push(Block::paragraph(Text::new().plain(format!(
            "Back after {}{p95}; promised within {}. One person alone takes {}.",
            words::span(path.total),
            words::span(disruption.rto),
            words::span(path.serial)
        ))));
    }
    blocks
}

/// The probability that a step is on the longest path; nothing where lengths do not vary.
fn criticality(spread: Option<&Spread>, step: usize) -> Option<f64> {
    spread.filter(|spread| spread.draws() > 1)?.criticality.get(step).copied()
}

fn backups(plan: &ResolvedPlan<'_>) -> Table {
    let mut table = Table::new().columns([
        Column::new("Copy").middle(),
        Column::new("Of").priority(2),
        Column::new("Every"),
        Column::new("Behind").priority(1),
        Column::new("Kept"),
        Column::new("Survives"),
    ]);
    for backup in values(&plan.spec.backups) {
        let span = |span: Option<&Duration>| span.map_or(Cell::Missing, |span| Cell::span(*span));
        let survives: Vec<&str> = values(&backup.survives).map(Name::as_str).collect();
        table.push(vec![
            backup.id.get().map_or(Cell::Missing, |id| Cell::name(id.as_str())),
            backup.of.value().map_or(Cell::Missing, |of| Cell::text(of.as_str())),
            span(backup.interval.value()),
            span(backup.replication_lag.value().or(backup.copy_lag.value())),
            span(backup.retention.value()),
            if survives.is_empty() { Cell::text("all") } else { Cell::text(survives.join(", ")) },
        ]);
    }
    table
}

fn item(one: &JudgedDisruption<'_, '_>) -> DisruptionItem {
    let disruption = one.disruption;
    let path = disruption.path.as_ref();
    let steps = order(disruption).into_iter().map(|step| {
        let of = &disruption.steps[step];
        let at = |spans: &[Duration]| spans.get(step).map(ToString::to_string);
        StepItem {
            id: of.id.to_owned(),
            action: of.spec.action.get().cloned().unwrap_or_default(),
            role: of.spec.role.value().map(ToString::to_string),
            runbook: of.spec.runbook.value().cloned(),
            after: disruption.waits[step]
                .iter()
                .filter_map(|before| disruption.steps.get(*before))
                .map(|before| before.id.to_owned())
                .collect(),
            duration: of.estimate.as_ref().map(|estimate| estimate.typical().to_string()),
            measured: of.measured,
            begins: path.and_then(|path| at(&path.begins)),
            ends: path.and_then(|path| at(&path.ends)),
            slack: path.and_then(|path| at(&path.slack)),
            criticality: criticality(one.time.spread.as_ref(), step).and_then(significant_number),
        }
    });
    DisruptionItem {
        disruption: disruption.name.map(str::to_owned),
        rto: disruption.rto.to_string(),
        total: path.map(|path| path.total.to_string()),
        serial: path.map(|path| path.serial.to_string()),
        steps: steps.collect(),
    }
}
