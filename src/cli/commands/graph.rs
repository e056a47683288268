//! `sre graph`: services, what they need, and what refers to what.
use crate::{
    cli::{Exit, Failure, Session, Workspace, arguments::Selection, selection},
    kernel::{
        report::{Format, words},
        spec::catalog::DocumentId,
    },
    views::graph::{Ask, Direction, Graph},
};
use std::path::PathBuf;

/// Arguments of `sre graph`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Documents by name, or `KIND/NAME`; the whole catalog unless said.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// What is shown of them: what they need, or what needs them.
    #[arg(long, value_name = "DIRECTION", default_value = "needs", value_parser = Direction::NAMES)]
    direction: String,
    /// How many references are followed.
    #[arg(long, value_name = "NUMBER")]
    depth: Option<usize>,
    /// Shows only documents of this kind; may be repeated.
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// Files and folders to read instead of the catalog.
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Which documents.
    #[command(flatten)]
    selection: Selection,
}

/// The forms of this answer; those of a report, and two for programs that draw.
#[derive(Clone, Copy)]
enum Form {
    Report(Format),
    Mermaid,
    Dot,
}

/// Shows what refers to what. Never fails because of what it shows.
///
/// # Errors
/// If the catalog cannot be read, or there is no such document, kind or form.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let form = form(session.global().format.as_deref())?;
    let direction = arguments.direction.parse().map_err(Failure::input)?;
    let kinds = arguments.kinds.iter().map(|word| selection::kind_named(word));
    let kinds = kinds.collect::<Result<_, _>>()?;
    let workspace = Workspace::open(session, &arguments.paths)?;
    tell_of_errors(session, &workspace);
    let roots = roots(arguments, &workspace)?;
    let graph = Graph::of(&workspace.catalog, &workspace.settings);
    let part = graph.select(&Ask { roots, direction, depth: arguments.depth, kinds });
    match form {
        Form::Mermaid => session.print(graph.mermaid(&part).as_bytes())?,
        Form::Dot => session.print(graph.dot(&part).as_bytes())?,
        Form::Report(Format::Markdown) => {
            session.answer(&graph.report_with_mermaid(&part, &workspace.sources))?;
        }
        Form::Report(_) => {
            session.answer(&graph.report(&part, &workspace.sources))?;
        }
    }
    Ok(Exit::Success)
}

fn form(name: Option<&str>) -> Result<Form, Failure> {
    match name {
        None | Some("table" | "tree") => Ok(Form::Report(Format::Table)),
        Some("mermaid") => Ok(Form::Mermaid),
        Some("dot") => Ok(Form::Dot),
        Some(name) => match name.parse() {
            Ok(Format::OpenMetrics) | Err(_) => Err(Failure::input(format!(
                "no format `{name}`; expected one of tree, mermaid, dot, json, yaml, csv, markdown"
            ))),
            Ok(format) => Ok(Form::Report(format)),
        },
    }
}

/// The documents to begin at; `None` for all.
fn roots(arguments: &Arguments, workspace: &Workspace) -> Result<Option<Vec<DocumentId>>, Failure> {
    let selection = &arguments.selection;
    if arguments.names.is_empty() && selection.is_all() {
        return Ok(None);
    }
    let mut roots = Vec::new();
    for name in &arguments.names {
        roots.extend(selection::find(workspace, None, name)?);
    }
    if arguments.names.is_empty() {
        roots.extend(0..workspace.catalog.documents().len());
    }
    roots.retain(|id| selection.includes(workspace, workspace.catalog.document(*id)));
    roots.sort_unstable();
    roots.dedup();
    if roots.is_empty() {
        return Err(
            Failure::input("no document is meant by this").hint("`sre list` shows what there is")
        );
    }
    Ok(Some(roots))
}

/// What has errors may be shown without what could not be read of it.
fn tell_of_errors(session: &mut Session<'_, '_>, workspace: &Workspace) {
    let errors = workspace.errors();
    if !errors.is_empty() {
        let count = words::plural(errors.len() as u64, "error");
        session.note(&format!("{count} in the catalog; `sre validate` shows what is wrong"));
    }
}
