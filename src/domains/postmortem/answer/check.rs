//! The answer of `sre postmortem check`: how complete post-mortems are, and which are missing.
use crate::{
    domains::postmortem::{
        actions,
        demand::{Answered, Demand},
        filled,
        sections::ResolvedTemplate,
        spec::{PostMortem, Status},
    },
    kernel::{
        diagnostic::{Diagnostic, Level, Tally},
        report::{Block, Cell, Column, Form, Report, Table, Text, Verdict, words},
        source::{SourceId, SourceMap},
        spec::{Document, Optional as _, Ref},
        time::rfc3339,
        units::Instant,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// Post-mortems and what is wrong with them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PostMortemCheckAnswer {
    /// The instant as of which things are late.
    as_of: String,
    /// Post-mortems, by name.
    items: Vec<CheckItem>,
    /// Incidents that need a post-mortem and have none, by name.
    missing: Vec<MissingItem>,
    /// What was found, by place.
    findings: Vec<FindingForm>,
}

impl Form for PostMortemCheckAnswer {
    const SCHEMA: &'static str = "sre/postmortem-check@1";
}

/// A post-mortem.
#[derive(Debug, Serialize, JsonSchema)]
struct CheckItem {
    /// Its name.
    post_mortem: String,
    /// The incident; null where it does not say.
    incident: Option<String>,
    /// `draft`, `in_review` or `final`.
    status: &'static str,
    /// The template; null for the one that is shipped.
    template: Option<String>,
    /// How many of the required sections say something.
    filled: usize,
    /// How many sections are required.
    required: usize,
    /// The required sections that say nothing.
    missing: Vec<String>,
    /// Events of its timeline.
    events: usize,
    /// Its open actions.
    open_actions: usize,
    /// Those that are overdue.
    overdue_actions: usize,
    /// Findings of level error.
    errors: usize,
    /// Findings of level warning.
    warnings: usize,
    /// Findings of level note.
    notes: usize,
}

/// An incident without a post-mortem.
#[derive(Debug, Serialize, JsonSchema)]
struct MissingItem {
    /// The incident.
    incident: String,
    /// Why it needs one.
    because: String,
    /// By when; null where nobody says, or before it is resolved.
    due: Option<String>,
    /// Whether that is over.
    late: bool,
}

/// Something that was found.
#[derive(Debug, Serialize, JsonSchema)]
struct FindingForm {
    /// The code of the rule.
    code: &'static str,
    /// Its name.
    rule: &'static str,
    /// `error`, `warning` or `note`.
    level: &'static str,
    /// The file.
    file: String,
    /// The line, from 1.
    line: usize,
    /// What is wrong.
    message: String,
    /// What to do.
    help: Option<String>,
}

/// A post-mortem with what was found in it.
#[derive(Debug)]
pub struct Checked<'a> {
    /// The document.
    pub document: &'a Document,
    /// What it says.
    pub spec: &'a PostMortem,
    /// What it has to say.
    pub template: ResolvedTemplate<'a>,
}

/// The answer. `found` are the findings that count; those of level `fail_on` or above make the run fail.
pub fn report(
    checked: &[Checked<'_>],
    demands: &[Demand<'_>],
    found: &[Diagnostic],
    sources: &SourceMap,
    (now, fail_on): (Instant, Option<Level>),
) -> Report {
    let items: Vec<CheckItem> = checked.iter().map(|one| item(one, found, now)).collect();
    let missing: Vec<MissingItem> = demands
        .iter()
        .filter(|demand| demand.answer.is_none())
        .map(|demand| missing(demand, now))
        .collect();
    let findings = found.iter().map(|diagnostic| finding(diagnostic, sources)).collect();
    let answer = PostMortemCheckAnswer { as_of: rfc3339(now), items, missing, findings };
    let failed = fail_on.is_some_and(|least| found.iter().any(|one| one.level >= least));
    let report = Report::of(&answer);
    let verdict = if failed { Verdict::Found } else { Verdict::Pass };
    let mut report = report.block(table(&answer.items));
    if !answer.missing.is_empty() {
        report = report.block(missing_table(&answer.missing));
    }
    if let Some(text) = elsewhere(demands) {
        report = report.block(Block::paragraph(text));
    }
    report.block(Block::paragraph(sentence(&answer, found))).verdict(verdict)
}

fn item(one: &Checked<'_>, found: &[Diagnostic], now: Instant) -> CheckItem {
    let own: Vec<Diagnostic> = found
        .iter()
        .filter(|diagnostic| one.document.place.contains(diagnostic.finding.primary.place))
        .cloned()
        .collect();
    let tally = Tally::of(&own);
    let missing = filled::missing(one.spec, &one.template);
    let required = one.template.sections.iter().filter(|section| section.required).count();
    let actions: Vec<_> = actions::of(one.document, one.spec).collect();
    CheckItem {
        post_mortem: one.document.name().to_owned(),
        incident: one.spec.incident.value().map(Ref::name).map(str::to_owned),
        status: status(one.spec).key(),
        template: one.template.name.map(str::to_owned),
        filled: required - missing.len(),
        required,
        missing: missing.into_iter().map(|section| section.name.clone()).collect(),
        events: one.spec.timeline.len(),
        open_actions: actions.iter().filter(|action| action.is_open()).count(),
        overdue_actions: actions.iter().filter(|action| action.is_overdue(now)).count(),
        errors: tally.errors,
        warnings: tally.warnings,
        notes: tally.notes,
    }
}

fn status(spec: &PostMortem) -> Status {
    spec.status.value().copied().unwrap_or_default()
}

fn missing(demand: &Demand<'_>, now: Instant) -> MissingItem {
    MissingItem {
        incident: demand.incident.document.name().to_owned(),
        because: demand.because.clone(),
        due: demand.due.map(rfc3339),
        late: demand.due.or(demand.incident.record.clocks.resolved).is_some_and(|due| due < now),
    }
}

fn finding(diagnostic: &Diagnostic, sources: &SourceMap) -> FindingForm {
    let finding = &diagnostic.finding;
    let place = finding.primary.place;
    let source: SourceId = place.source;
    FindingForm {
        code: finding.rule.code,
        rule: finding.rule.name,
        level: diagnostic.level.name(),
        file: sources.name(source).to_owned(),
        line: sources.position(place).line,
        message: finding.message.clone(),
        help: finding.help.clone(),
    }
}

fn table(items: &[CheckItem]) -> Block {
    let mut table = Table::new().main().columns([
        Column::new("Post-mortem").key("post_mortem").middle(),
        Column::new("Status"),
        Column::new("Sections"),
        Column::new("Events").priority(2),
        Column::new("Open actions").key("open_actions").priority(1),
        Column::new("Overdue").key("overdue_actions"),
        Column::new("Findings"),
    ]);
    for item in items {
        let findings = item.errors + item.warnings + item.notes;
        table.push(vec![
            Cell::name(item.post_mortem.clone()),
            match item.status {
                "final" => Cell::good("final"),
                "in_review" => Cell::text("in review"),
                other => Cell::text(other),
            },
            if item.missing.is_empty() {
                Cell::good(format!("{} of {}", item.filled, item.required))
            } else {
                Cell::warning(format!("{} of {}", item.filled, item.required))
            },
            Cell::count(item.events as u64),
            Cell::count(item.open_actions as u64),
            Cell::count(item.overdue_actions as u64),
            match (item.errors, findings) {
                (_, 0) => Cell::good("none"),
                (0, _) => Cell::warning(findings.to_string()),
                _ => Cell::bad(findings.to_string()),
            },
        ]);
    }
    if items.is_empty() { table.for_machines().into() } else { table.into() }
}

fn missing_table(missing: &[MissingItem]) -> Block {
    let mut table = Table::new().title("Incidents that need a post-mortem").columns([
        Column::new("Incident").middle(),
        Column::new("Because"),
        Column::new("Due"),
        Column::new("State"),
    ]);
    for one in missing {
        table.push(vec![
            Cell::name(one.incident.clone()),
            Cell::text(one.because.as_str()),
            one.due.as_deref().and_then(|due| due.get(..10)).map(Cell::text).into(),
            if one.late { Cell::bad("missing") } else { Cell::text("in time") },
        ]);
    }
    table.into()
}

/// The incidents whose post-mortem is not in the catalog: nobody has looked into those.
fn elsewhere(demands: &[Demand<'_>]) -> Option<Text> {
    let count =
        demands.iter().filter(|one| matches!(one.answer, Some(Answered::Elsewhere(_)))).count();
    (count > 0).then(|| {
        let what = words::plural(count as u64, "incident");
        Text::new().muted(format!("The post-mortem of {what} is elsewhere, and was not looked at."))
    })
}

fn sentence(answer: &PostMortemCheckAnswer, found: &[Diagnostic]) -> Text {
    let count = words::plural(answer.items.len() as u64, "post-mortem");
    let text = format!("{count}: {}.", Tally::of(found));
    if found.is_empty() { Text::new().good(text) } else { Text::new().bad(text) }
}
