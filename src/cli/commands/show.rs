//! `sre show`: a document and everything that refers to it.
use crate::{
    cli::{Exit, Failure, Session, Workspace, selection},
    domains::slo::{resolve, spec::ServiceLevelObjective},
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, without_secrets, words},
        source::Place,
        spec::{Document, catalog::DocumentId},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// Arguments of `sre show`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A document by name, or `KIND/NAME` where several kinds have that name.
    name: String,
    /// Shows what an objective means with everything that it does not say itself filled in.
    #[arg(long)]
    effective: bool,
}

/// Documents with everything that refers to them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShowAnswer {
    /// The documents of that name.
    items: Vec<ShowItem>,
}

impl Form for ShowAnswer {
    const SCHEMA: &'static str = "sre/show@1";
}

/// One document.
#[derive(Debug, Serialize, JsonSchema)]
struct ShowItem {
    /// Its kind.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Its name as people read it.
    display_name: String,
    /// Its file.
    path: String,
    /// The line on which it begins.
    line: usize,
    /// Its text.
    text: String,
    /// The documents that it names.
    references: Vec<Referred>,
    /// The documents that name it.
    referred_to_by: Vec<Referrer>,
    /// What an objective means with references followed and defaults applied, where that was asked for.
    effective: Option<Effective>,
}

/// A document that is named.
#[derive(Debug, Serialize, JsonSchema)]
struct Referred {
    /// Its kind.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Whether it is in the catalog.
    resolved: bool,
}

/// A document that names this one.
#[derive(Debug, Serialize, JsonSchema)]
struct Referrer {
    /// Its kind.
    kind: &'static str,
    /// Its name.
    name: String,
    /// File and line at which it does.
    at: String,
}

/// What an objective means with references followed and defaults applied.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Effective {
    /// Share of events that is to be good.
    target: String,
    /// The window, or the windows.
    window: String,
    /// How the budget is counted.
    method: String,
    /// How long a total outage may last in a window, in minutes.
    allowed_minutes: f64,
    /// The service it speaks of.
    service: Option<String>,
    /// Who answers for it.
    owner: Option<String>,
    /// Name of its indicator, or `written in place`.
    sli: Option<String>,
    /// Name of its data source.
    source: Option<String>,
    /// Where to read what to do.
    runbook: Option<String>,
    /// Name of its alert policy, `workbook`, or `written in place`.
    alerting: String,
    /// The tiers of its alert policy.
    tiers: Vec<String>,
}

/// Shows documents.
///
/// # Errors
/// If the catalog cannot be read, or there is no such document.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let workspace = Workspace::open(session, &[])?;
    let ids = selection::find(&workspace, None, &arguments.name)?;
    let mut items = Vec::new();
    let mut blocks = Vec::new();
    for id in ids {
        let document = workspace.catalog.document(id);
        let effective = if arguments.effective { effective(&workspace, document)? } else { None };
        items.push(item(&workspace, id, effective.as_ref()));
        blocks.extend(describe(&workspace, id, effective.as_ref()));
    }
    session.answer(&Report::of(&ShowAnswer { items }).blocks(blocks))
}

fn location(workspace: &Workspace, place: Place) -> String {
    let line = workspace.sources.position(place).line;
    format!("{}:{line}", workspace.sources.name(place.source))
}

fn text<'a>(workspace: &'a Workspace, document: &Document) -> &'a str {
    workspace.sources.slice(document.place).trim_end()
}

fn item(workspace: &Workspace, id: DocumentId, effective: Option<&Effective>) -> ShowItem {
    let document = workspace.catalog.document(id);
    let referrers = workspace.catalog.referrers(id).iter().map(|(from, place)| {
        let from = workspace.catalog.document(*from);
        Referrer {
            kind: from.kind.name,
            name: from.name().to_owned(),
            at: location(workspace, *place),
        }
    });
    let references = document.references.iter().map(|reference| Referred {
        kind: reference.kind,
        name: reference.name.clone(),
        resolved: workspace.catalog.find(reference.kind, &reference.name).is_some(),
    });
    ShowItem {
        kind: document.kind.name,
        name: document.name().to_owned(),
        display_name: document.display_name().to_owned(),
        path: workspace.sources.name(document.place.source).to_owned(),
        line: workspace.sources.position(document.place).line,
        text: without_secrets(text(workspace, document)).into_owned(),
        references: references.collect(),
        referred_to_by: referrers.collect(),
        effective: effective.cloned(),
    }
}

fn describe(workspace: &Workspace, id: DocumentId, effective: Option<&Effective>) -> Vec<Block> {
    let document = workspace.catalog.document(id);
    let mut blocks = vec![
        Block::facts([
            ("kind", Cell::text(document.kind.name)),
            ("name", Cell::name(document.name())),
            ("where", Cell::text(location(workspace, document.name_place()))),
        ]),
        Block::code("yaml", text(workspace, document)),
    ];
    if let Some(effective) = effective {
        blocks.push(Block::heading("with everything filled in"));
        blocks.push(Block::facts(effective.facts()));
    }
    let referrers = workspace.catalog.referrers(id);
    if referrers.is_empty() {
        blocks.push(Block::paragraph("nothing refers to it"));
        return blocks;
    }
    let mut table = Table::new().title("referred to by").columns([
        Column::new("Kind"),
        Column::new("Name"),
        Column::new("Where").priority(1),
    ]);
    for (from, place) in referrers {
        let from = workspace.catalog.document(*from);
        table.push([
            Cell::text(from.kind.name),
            Cell::name(from.name()),
            Cell::muted(location(workspace, *place)),
        ]);
    }
    blocks.push(table.into());
    blocks
}

/// What an objective means with references followed and defaults applied.
fn effective(workspace: &Workspace, document: &Document) -> Result<Option<Effective>, Failure> {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return Ok(None) };
    let resolved = resolve::resolve(&workspace.catalog, &workspace.settings, document, slo)
        .map_err(|incomplete| crate::cli::measured::refuse(workspace, &incomplete))?;
    let windows: Vec<String> = resolved.iter().map(|one| one.window.to_string()).collect();
    let resolved = &resolved[0];
    let tiers: Vec<String> = resolved
        .alerting
        .tiers
        .iter()
        .map(|tier| {
            format!("{} {}/{} above {}", tier.severity.name(), tier.long, tier.short, tier.factor)
        })
        .collect();
    let indicator = resolved.indicator.as_ref();
    let in_place = || "written in place".to_owned();
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Ok(Some(Effective {
        target: resolved.objective.target().percent(),
        window: windows.join(", "),
        method: match resolved.budgeting.slice() {
            Some(slice) => format!("{} of {slice}", resolved.budgeting.name()),
            None => resolved.budgeting.name().to_owned(),
        },
        allowed_minutes: resolved.objective.allowed_minutes(),
        service: owned(resolved.service),
        owner: owned(resolved.owner),
        sli: indicator.map(|indicator| owned(indicator.name).unwrap_or_else(in_place)),
        source: indicator.and_then(|indicator| owned(indicator.source)),
        runbook: resolved.runbook.clone(),
        alerting: owned(resolved.alerting_name).unwrap_or_else(in_place),
        tiers,
    }))
}

impl Effective {
    /// The same for people.
    fn facts(&self) -> Vec<(&'static str, Cell)> {
        let text =
            |text: &Option<String>| text.clone().map_or_else(|| Cell::muted("-"), Cell::text);
        vec![
            ("target", Cell::text(self.target.clone())),
            ("window", Cell::text(self.window.clone())),
            ("method", Cell::text(self.method.clone())),
            ("allowed", Cell::text(format!("{} minutes", words::number(self.allowed_minutes, 1)))),
            ("service", text(&self.service)),
            ("owner", text(&self.owner)),
            ("sli", text(&self.sli)),
            ("source", text(&self.source)),
            ("runbook", text(&self.runbook)),
            ("alerting", Cell::text(self.alerting.clone())),
            ("tiers", Cell::text(self.tiers.join(", "))),
        ]
    }
}
