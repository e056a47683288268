//! `sre postmortem`: what was learned from incidents, and what is done about it.
mod actions;
mod check;
mod draft;
mod records;
mod render;

pub(in crate::cli) use records::transcripts;

use crate::{
    cli::{Exit, Failure, Session, Workspace, measured, selection},
    domains::postmortem::spec::PostMortem,
    kernel::spec::{Document, Target as _},
};
use clap::Subcommand;
use std::{collections::BTreeSet, path::PathBuf};

/// Arguments of `sre postmortem`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What is asked.
    #[command(subcommand)]
    question: Question,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
enum Question {
    /// Write the draft of a post-mortem, with everything that is known of its incident
    New(draft::Arguments),
    /// Say what is missing or wrong in post-mortems, and which incidents have none
    Check(check::Arguments),
    /// List what is still to be done; overdue actions make the run fail
    Actions(actions::Arguments),
    /// Write a post-mortem as Markdown or as a web page
    Render(render::Arguments),
}

/// Answers a question.
///
/// # Errors
/// If a post-mortem or an incident does not exist or has errors, or a file is in the way.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    match &arguments.question {
        Question::New(arguments) => draft::run(arguments, session),
        Question::Check(arguments) => check::run(arguments, session),
        Question::Actions(arguments) => actions::run(arguments, session),
        Question::Render(arguments) => render::run(arguments, session),
    }
}

/// The paths among words of the command line.
fn paths(names: &[String], session: &Session<'_, '_>) -> Vec<PathBuf> {
    names.iter().filter(|name| measured::is_path(session, name)).map(PathBuf::from).collect()
}

/// The post-mortems that names and files mean, all where there are none; by name.
///
/// # Errors
/// If one does not exist, or has errors and `strict`.
fn chosen<'w>(
    names: &[String],
    strict: bool,
    session: &mut Session<'_, '_>,
    workspace: &'w Workspace,
) -> Result<Vec<(&'w Document, &'w PostMortem)>, Failure> {
    let kind = PostMortem::KIND;
    let (files, names): (Vec<&String>, Vec<&String>) =
        names.iter().partition(|name| measured::is_path(session, name));
    let mut ids = BTreeSet::new();
    for name in &names {
        ids.extend(selection::find(workspace, Some(kind), name)?);
    }
    for (id, document) in workspace.catalog.documents().iter().enumerate() {
        let in_file = !files.is_empty() && workspace.named.contains(&document.place.source);
        if document.kind.name == kind && (in_file || (names.is_empty() && files.is_empty())) {
            ids.insert(id);
        }
    }
    if strict {
        measured::refuse_errors(session, workspace, &ids, !files.is_empty())?;
    }
    let documents = ids.into_iter().map(|id| workspace.catalog.document(id));
    Ok(documents.filter_map(|document| Some((document, document.spec()?))).collect())
}
