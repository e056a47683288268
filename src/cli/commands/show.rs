//! `sre show`: a document and everything that refers to it.
use crate::{
    cli::{Exit, Failure, Session, Workspace, selection},
    domains::slo::{resolve, spec::ServiceLevelObjective},
    kernel::{
        report::{Block, Cell, Column, Report, Table},
        source::Place,
        spec::{Document, catalog::DocumentId},
    },
};
use serde_json::{Value, json};

/// Arguments of `sre show`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A document by name, or `KIND/NAME` where several kinds have that name.
    name: String,
    /// Shows what an objective means with everything that it does not say itself filled in.
    #[arg(long)]
    effective: bool,
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
    session.answer(&Report::new("sre/show@1", json!({ "items": items })).blocks(blocks))
}

fn location(workspace: &Workspace, place: Place) -> String {
    let line = workspace.sources.position(place).line;
    format!("{}:{line}", workspace.sources.name(place.source))
}

fn text<'a>(workspace: &'a Workspace, document: &Document) -> &'a str {
    workspace.sources.slice(document.place).trim_end()
}

fn item(workspace: &Workspace, id: DocumentId, effective: Option<&Value>) -> Value {
    let document = workspace.catalog.document(id);
    let referrers: Vec<Value> = workspace
        .catalog
        .referrers(id)
        .iter()
        .map(|(from, place)| {
            let from = workspace.catalog.document(*from);
            json!({"kind": from.kind.name, "name": from.name(), "at": location(workspace, *place)})
        })
        .collect();
    let references: Vec<Value> = document
        .references
        .iter()
        .map(|reference| {
            let found = workspace.catalog.find(reference.kind, &reference.name).is_some();
            json!({"kind": reference.kind, "name": reference.name, "resolved": found})
        })
        .collect();
    json!({
        "kind": document.kind.name,
        "name": document.name(),
        "display_name": document.display_name(),
        "path": workspace.sources.name(document.place.source),
        "line": workspace.sources.position(document.place).line,
        "text": text(workspace, document),
        "references": references,
        "referred_to_by": referrers,
        "effective": effective,
    })
}

fn describe(workspace: &Workspace, id: DocumentId, effective: Option<&Value>) -> Vec<Block> {
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
        let facts = effective.as_object().into_iter().flatten().map(|(key, value)| {
            let value = match value {
                Value::String(text) => Cell::text(text.clone()),
                Value::Null => Cell::muted("-"),
                Value::Array(list) => {
                    let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                    Cell::text(texts.join(", "))
                }
                other => Cell::text(other.to_string()),
            };
            (key.replace('_', " "), value)
        });
        blocks.push(Block::facts(facts.collect::<Vec<_>>()));
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
fn effective(workspace: &Workspace, document: &Document) -> Result<Option<Value>, Failure> {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return Ok(None) };
    let resolved = resolve::resolve(&workspace.catalog, &workspace.settings, document, slo)
        .map_err(|incomplete| crate::cli::measured::refuse(workspace, &incomplete))?;
    let tiers: Vec<String> = resolved
        .alerting
        .tiers
        .iter()
        .map(|tier| {
            format!("{} {}/{} above {}", tier.severity.name(), tier.long, tier.short, tier.factor)
        })
        .collect();
    let indicator = resolved.indicator.as_ref();
    Ok(Some(json!({
        "target": resolved.objective.target().percent(),
        "window": resolved.objective.window().to_string(),
        "allowed_minutes": crate::kernel::report::significant(resolved.objective.allowed_minutes()),
        "service": resolved.service,
        "owner": resolved.owner,
        "sli": indicator.map(|indicator| indicator.name.unwrap_or("written in place")),
        "source": indicator.and_then(|indicator| indicator.source),
        "runbook": resolved.runbook,
        "alerting": resolved.alerting_name.unwrap_or("written in place"),
        "tiers": tiers,
    })))
}
