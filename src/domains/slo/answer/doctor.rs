//! The answer of `sre doctor`: whether sources answer, and whether they can answer what is asked.
use crate::{
    domains::slo::doctor::{
        Checkup, ExaminedObjective, ExaminedSource, Finding, Health, SOURCE, worst,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, Verdict, words},
        time::rfc3339,
        units::Instant,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use std::str::FromStr;

/// From which finding on a run fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DoctorFailOn {
    /// Something is wrong.
    #[default]
    Bad,
    /// Somebody should look at something, or worse.
    Warning,
    /// Never.
    Never,
}

impl DoctorFailOn {
    /// The words, as flags have them.
    pub const NAMES: [&'static str; 3] = ["bad", "warning", "never"];

    fn verdict(self, health: Health) -> Verdict {
        match (health, self) {
            (Health::Bad, Self::Bad | Self::Warning) | (Health::Warning, Self::Warning) => {
                Verdict::Found
            }
            _ => Verdict::Pass,
        }
    }
}

impl FromStr for DoctorFailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "bad" => Ok(Self::Bad),
            "warning" => Ok(Self::Warning),
            "never" => Ok(Self::Never),
            _ => Err(format!("`{text}` is not one of {}", Self::NAMES.join(", "))),
        }
    }
}

/// What the doctor found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DoctorAnswer {
    /// The moment at which it was looked, RFC 3339.
    as_of: String,
    /// The worst state of all: `ok`, `warning`, `unknown` or `bad`.
    state: &'static str,
    /// The sources, by name.
    sources: Vec<SourceItem>,
    /// The objectives, each with its source.
    items: Vec<ObjectiveItem>,
}

impl Form for DoctorAnswer {
    const SCHEMA: &'static str = "sre/doctor@1";
}

/// A source.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExaminedSource")]
struct SourceItem {
    /// Name of the data source, path of the file or address of the server that the command line names.
    name: String,
    /// `files`, `prometheus` or `command`.
    kind: &'static str,
    /// Its address, its files, its program.
    place: Option<String>,
    /// The worst of the findings: `ok`, `warning`, `unknown` or `bad`.
    state: &'static str,
    /// What was found of the source itself.
    findings: Vec<FindingForm>,
}

/// An objective.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExaminedObjective")]
struct ObjectiveItem {
    /// Its name.
    name: String,
    /// Its name as people read it.
    display_name: String,
    /// The service it speaks of.
    service: Option<String>,
    /// Who answers for it.
    owner: Option<String>,
    /// The source that measures it; null where none does.
    source: Option<String>,
    /// The worst of the findings: `ok`, `warning`, `unknown` or `bad`.
    state: &'static str,
    /// What was found.
    findings: Vec<FindingForm>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingForm {
    /// What was looked at, in a word.
    check: &'static str,
    /// `ok`, `warning`, `unknown` or `bad`.
    state: &'static str,
    /// What was found.
    message: String,
    /// What to do about it.
    help: Option<String>,
}

impl DoctorAnswer {
    fn of(checkup: &Checkup<'_>, at: Instant) -> Self {
        let objective =
            |(source, one): (Option<&ExaminedSource<'_>>, &ExaminedObjective<'_>)| ObjectiveItem {
                name: one.document.name().to_owned(),
                display_name: one.document.display_name().to_owned(),
                service: one.service.map(str::to_owned),
                owner: one.owner.map(str::to_owned),
                source: source.map(|source| source.name.clone()),
                state: worst(&one.findings).name(),
                findings: forms(&one.findings),
            };
        let source = |source: &ExaminedSource<'_>| SourceItem {
            name: source.name.clone(),
            kind: source.kind.name(),
            place: source.place.clone(),
            state: worst(&source.findings).name(),
            findings: forms(&source.findings),
        };
        Self {
            as_of: rfc3339(at),
            state: worst(checkup.findings()).name(),
            sources: checkup.sources.iter().map(source).collect(),
            items: checkup.objectives().map(objective).collect(),
        }
    }
}

fn forms(findings: &[Finding]) -> Vec<FindingForm> {
    let form = |finding: &Finding| FindingForm {
        check: finding.check,
        state: finding.health.name(),
        message: finding.message.clone(),
        help: finding.help.clone(),
    };
    findings.iter().map(form).collect()
}

/// What the doctor found, at that moment. With `everything` what is as it should be is told as well.
pub fn report(
    checkup: &Checkup<'_>,
    at: Instant,
    fail_on: DoctorFailOn,
    everything: bool,
) -> Report {
    let mut table = Table::new().main().columns([
        Column::new("Source").middle(),
        Column::new("SLO").middle().min_width(24),
        Column::new("State"),
        Column::new("Checks").for_people().priority(1),
        Column::new("Findings").for_machines(),
    ]);
    for source in &checkup.sources {
        table.push(row(Some(source), None, &source.findings));
        for one in &source.objectives {
            table.push(row(Some(source), Some(one), &one.findings));
        }
    }
    for one in &checkup.without_source {
        table.push(row(None, Some(one), &one.findings));
    }
    let verdict = fail_on.verdict(worst(checkup.findings().filter(|finding| !finding.unanswered)));
    Report::of(&DoctorAnswer::of(checkup, at))
        .block(Block::paragraph(headline(checkup)))
        .block(table)
        .blocks(remarks(checkup, everything))
        .verdict(verdict)
}

/// How many there are, and how they are.
fn headline(checkup: &Checkup<'_>) -> Text {
    let sources = words::plural(checkup.sources.len() as u64, "source");
    let objectives = words::plural(checkup.objectives().count() as u64, "objective");
    let mut text = Text::new().plain(format!("{sources}, {objectives}: "));
    let count = |health| checkup.findings().filter(|finding| finding.health == health).count();
    let mut separator = "";
    for health in [Health::Bad, Health::Unknown, Health::Warning] {
        let number = count(health);
        if number == 0 {
            continue;
        }
        text = text.plain(separator);
        let words = match health {
            Health::Warning => words::plural(number as u64, "warning"),
            other => format!("{number} {}", other.name()),
        };
        text = styled(text, health, words);
        separator = ", ";
    }
    if separator.is_empty() { text.good("all is well") } else { text }
}

fn styled(text: Text, health: Health, words: String) -> Text {
    match health {
        Health::Ok => text.good(words),
        Health::Warning => text.warning(words),
        Health::Unknown => text.unknown(words),
        Health::Bad => text.bad(words),
    }
}

fn state(health: Health) -> Cell {
    match health {
        Health::Ok => Cell::good(health.name()),
        Health::Warning => Cell::warning(health.name()),
        Health::Unknown => Cell::unknown(health.name()),
        Health::Bad => Cell::bad(health.name()),
    }
}

fn row(
    source: Option<&ExaminedSource<'_>>,
    objective: Option<&ExaminedObjective<'_>>,
    findings: &[Finding],
) -> Vec<Cell> {
    let health = worst(findings);
    let not_ok = findings.iter().filter(|finding| finding.health != Health::Ok);
    let not_ok: Vec<&str> = not_ok.map(|finding| finding.message.as_str()).collect();
    vec![
        source.map_or(Cell::Missing, |source| Cell::name(source.name.as_str())),
        objective.map_or(Cell::Missing, |one| Cell::name(one.document.name())),
        state(health),
        brief(findings, health),
        if not_ok.is_empty() { Cell::Missing } else { Cell::text(not_ok.join("; ")) },
    ]
}

/// What was looked at, in few words: what is not as it should be, else how much was looked at.
fn brief(findings: &[Finding], health: Health) -> Cell {
    let mut checks: Vec<&str> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.health == health) {
        if !checks.contains(&finding.check) {
            checks.push(finding.check);
        }
    }
    if checks.is_empty() { Cell::Missing } else { Cell::text(checks.join(", ")) }
}

/// A sentence for every finding that is not ok, or for all.
fn remarks(checkup: &Checkup<'_>, everything: bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    for source in &checkup.sources {
        let place = source.place.as_deref().filter(|place| *place != source.name);
        let mut heading = Text::new().name(source.name.as_str());
        if let Some(place) = place {
            heading = heading.plain(format!(" ({place})"));
        }
        blocks.extend(remarks_of(heading, &source.findings, everything));
        for one in &source.objectives {
            let heading = Text::new().name(one.document.name());
            blocks.extend(remarks_of(heading, &one.findings, everything));
        }
    }
    for one in &checkup.without_source {
        blocks.extend(remarks_of(Text::new().name(one.document.name()), &one.findings, everything));
    }
    blocks
}

fn remarks_of(heading: Text, findings: &[Finding], everything: bool) -> Vec<Block> {
    // What merely follows from the source is said there, and stands in the table.
    let follows = |finding: &Finding| finding.health == Health::Unknown && finding.check == SOURCE;
    let is_shown =
        |finding: &&Finding| everything || (finding.health != Health::Ok && !follows(finding));
    let lines: Vec<Text> = findings
        .iter()
        .filter(is_shown)
        .map(|finding| {
            let text = styled(Text::new(), finding.health, finding.health.name().to_owned());
            let text = text.plain(format!(" {}: {}", finding.check, finding.message));
            match &finding.help {
                Some(help) => text.muted(format!("; {help}")),
                None => text,
            }
        })
        .collect();
    if lines.is_empty() {
        return Vec::new();
    }
    vec![Block::heading(heading), Block::list(lines)]
}
