//! `sre list`: what is in the catalog.
use crate::{
    cli::{
        Exit, Failure, Session, Workspace,
        arguments::Selection,
        selection::{kind_named, owner_of, service_of},
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, words},
        spec::Document,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeMap, path::PathBuf};

/// Arguments of `sre list`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only documents of this kind.
    kind: Option<String>,
    /// Files and folders to read instead of the catalog.
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Which documents.
    #[command(flatten)]
    selection: Selection,
}

/// Documents of a catalog.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListAnswer {
    /// The documents, by kind and name.
    items: Vec<ListItem>,
}

impl Form for ListAnswer {
    const SCHEMA: &'static str = "sre/list@1";
}

/// One document.
#[derive(Debug, Serialize, JsonSchema)]
struct ListItem {
    /// Its kind.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Its name as people read it.
    display_name: String,
    /// The service that it is or speaks of.
    service: Option<String>,
    /// Who answers for it.
    owner: Option<String>,
    /// Its labels.
    labels: BTreeMap<String, String>,
    /// Its file.
    path: String,
    /// The line on which its name stands.
    line: usize,
}

/// Lists documents.
///
/// # Errors
/// If the catalog cannot be read, or there is no such kind.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let kind = arguments.kind.as_deref().map(kind_named).transpose()?;
    let workspace = Workspace::open(session, &arguments.paths)?;
    let documents: Vec<&Document> = workspace
        .catalog
        .documents()
        .iter()
        .filter(|document| kind.is_none_or(|kind| document.kind.name == kind))
        .filter(|document| arguments.selection.includes(&workspace, document))
        .collect();
    session.answer(&report(&workspace, &documents))
}

fn report(workspace: &Workspace, documents: &[&Document]) -> Report {
    let mut table = Table::new()
        .column(Column::new("Kind"))
        .column(Column::new("Name"))
        .column(Column::new("Service").priority(3))
        .column(Column::new("Owner").priority(4))
        .column(Column::new("Where").priority(5).middle());
    let mut items = Vec::new();
    for document in documents {
        let place = document.name_place();
        let path = workspace.sources.name(place.source);
        let line = workspace.sources.position(place).line;
        let (service, owner) = (service_of(document), owner_of(workspace, document));
        let or_dash = |text: Option<&str>| text.map_or_else(|| Cell::muted("-"), Cell::text);
        table.push([
            Cell::text(document.kind.name),
            Cell::name(document.name()),
            or_dash(service),
            or_dash(owner),
            Cell::muted(format!("{path}:{line}")),
        ]);
        items.push(ListItem {
            kind: document.kind.name,
            name: document.name().to_owned(),
            display_name: document.display_name().to_owned(),
            service: service.map(str::to_owned),
            owner: owner.map(str::to_owned),
            labels: document
                .labels()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            path: path.to_owned(),
            line,
        });
    }
    let report = Report::of(&ListAnswer { items });
    if documents.is_empty() {
        return report.block(Block::paragraph("no documents"));
    }
    report.block(table).block(Block::paragraph(
        Text::new().muted(words::plural(documents.len() as u64, "document")),
    ))
}
