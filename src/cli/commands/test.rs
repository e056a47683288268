//! `sre test`: the expectations that documents carry.
use crate::{
    cli::{Exit, Failure, Session, Workspace, arguments::Selection, measured, selection},
    kernel::{report::Verdict, spec::catalog::DocumentId},
    views::test,
};
use std::{collections::BTreeSet, path::PathBuf};

/// The format that only this command and `sre validate` have.
const JUNIT: &str = "junit";

/// Arguments of `sre test`. `--format` also takes `junit`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Documents by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    documents: Vec<String>,
    /// Which documents.
    #[command(flatten)]
    selection: Selection,
}

/// Runs expectations.
///
/// # Errors
/// If a document does not exist, or it or what it refers to has errors.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let as_junit = session.global().format.as_deref() == Some(JUNIT);
    if !as_junit {
        session.format()?;
    }
    let (paths, names): (Vec<&String>, Vec<&String>) =
        arguments.documents.iter().partition(|name| is_path(session, name));
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    let workspace = Workspace::open(session, &paths)?;
    let ids = chosen(arguments, &workspace, &names, !paths.is_empty())?;
    measured::refuse_errors(session, &workspace, &ids, !paths.is_empty())?;
    let documents = ids.iter().map(|id| workspace.catalog.document(*id));
    let tested = test::run(&workspace.catalog, &workspace.settings, session.now(), documents);
    let report = test::report(&tested, &workspace.sources);
    if as_junit {
        session.print(test::junit(&tested, &workspace.sources).as_bytes())?;
        let failed = report.outcome() == Verdict::Found;
        return Ok(if failed { Exit::Found } else { Exit::Success });
    }
    session.answer(&report)
}

/// Whether an argument is a file and not a name.
fn is_path(session: &Session<'_, '_>, name: &str) -> bool {
    name == "-"
        || name.contains(['/', '\\'])
        || [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending))
        || session.path(name.as_ref()).is_file()
}

/// The documents that are meant and whose kinds can carry expectations.
fn chosen(
    arguments: &Arguments,
    workspace: &Workspace,
    names: &[&String],
    by_file: bool,
) -> Result<BTreeSet<DocumentId>, Failure> {
    let mut ids = BTreeSet::new();
    for name in names {
        ids.extend(selection::find(workspace, None, name)?);
    }
    let documents = workspace.catalog.documents().iter().enumerate();
    for (id, document) in documents {
        let in_a_file = by_file && workspace.named.contains(&document.place.source);
        if in_a_file || (names.is_empty() && !by_file) {
            ids.insert(id);
        }
    }
    ids.retain(|id| {
        let document = workspace.catalog.document(*id);
        let can_carry = test::RUNNERS.iter().any(|runner| runner.kind == document.kind.name);
        can_carry && arguments.selection.includes(workspace, document)
    });
    if ids.is_empty() {
        return Err(Failure::input("no document that could carry tests is meant by this")
            .hint("`sre list` shows what there is; objectives carry `tests`"));
    }
    Ok(ids)
}
