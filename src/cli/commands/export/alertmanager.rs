//! `sre export alertmanager`: routes, inhibition and times of silence.
use super::Exporting;
use crate::{
    adapters::files,
    cli::{Exit, Failure, Session, Workspace, losses, measured, output},
    domains::slo::{
        alertmanager::{
            Configuration,
            generate::{self, Options, Plan, RouteBy},
            write,
        },
        prometheus_rules::standard::Identity,
        resolve::ResolvedObjective,
    },
    kernel::{
        diagnostic::{Finding, Level},
        report::words,
        source::{SourceId, SourceMap},
        units::Duration,
    },
};
use std::path::{Path, PathBuf};

/// The first line of a configuration of its own.
const HEADER: &str = "# Made by `sre export alertmanager`: change the catalog, not this file.\n\
                      # Its receivers tell nobody yet; `--base` merges it into a configuration of yours.\n";

/// Arguments of `sre export alertmanager`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Objectives and the output.
    #[command(flatten)]
    exporting: Exporting,
    /// A configuration that it is merged into: nothing else of it changes, comments stay.
    #[arg(long, value_name = "PATH")]
    base: Option<PathBuf>,
    /// What is routed, and how.
    #[command(flatten)]
    planning: Planning,
}

/// What is routed, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Routing")]
pub(in crate::cli) struct Planning {
    /// By what alerts are routed: `owner`, `service`, or a label of the objectives.
    #[arg(long, value_name = "owner|service|LABEL", default_value = "owner")]
    by: String,
    /// Names of receivers, with `{by}` and `{severity}` for what alerts are routed by.
    #[arg(long, value_name = "TEXT", default_value = "{by}-{severity}", value_parser = receiver)]
    receiver: String,
    /// A label besides the objective that has to be the same for an alert to keep another silent; may be
    /// repeated.
    #[arg(long, value_name = "LABEL")]
    equal: Vec<String>,
    /// How far ahead a maintenance is written that has to be written with its dates.
    #[arg(long, value_name = "DURATION", default_value = "1y")]
    mute_ahead: Duration,
}

fn receiver(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("a receiver has a name".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

impl Planning {
    /// What is to stand in a configuration for these objectives.
    ///
    /// # Errors
    /// An adjustment that cannot be followed.
    pub(in crate::cli) fn plan(
        &self,
        session: &Session<'_, '_>,
        workspace: &Workspace,
        objectives: &[Vec<ResolvedObjective<'_>>],
    ) -> Result<Plan, Failure> {
        let first: Vec<&ResolvedObjective<'_>> =
            objectives.iter().filter_map(|windows| windows.first()).collect();
        let now = session.now();
        let options = Options {
            by: match self.by.as_str() {
                "owner" => RouteBy::Owner,
                "service" => RouteBy::Service,
                label => RouteBy::Label(label.to_owned()),
            },
            receiver: self.receiver.clone(),
            equal: self.equal.clone(),
            now,
            horizon: now.checked_add_signed(self.mute_ahead.to_chrono()).unwrap_or(now),
        };
        generate::plan(&workspace.catalog, &first, &options)
            .map_err(|incomplete| measured::refuse(workspace, &incomplete))
    }
}

/// Writes a configuration.
///
/// # Errors
/// If an objective does not exist or has errors, the base cannot be merged into, or the file cannot be
/// written.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let exporting = &arguments.exporting;
    let workspace = exporting.open(session)?;
    let objectives = exporting.resolve(session, &workspace)?;
    if let Some(clash) = Identity::clash(&workspace.catalog, &objectives) {
        return Err(measured::refuse(&workspace, &clash));
    }
    let plan = arguments.planning.plan(session, &workspace, &objectives)?;
    if let Some(exit) = losses::refuse(session, &workspace, &plan.losses, exporting.allow_loss)? {
        return Ok(exit);
    }
    for note in &plan.notes {
        session.note(note);
    }
    let Some(base) = &arguments.base else {
        exporting.write(session, &format!("{HEADER}{}", write::whole(&plan)))?;
        return Ok(Exit::Success);
    };
    let merged = merge(session, &plan, base)?;
    let target = exporting.output.as_ref().map(|path| session.path(path));
    match target.filter(|path| files::canonical(path) == files::canonical(&session.path(base))) {
        // What is there was just read, and is kept.
        Some(path) => {
            files::write_atomically(&path, &merged)?;
            let shown = session.shown(&path);
            session.note(&format!("wrote {shown}"));
        }
        None => exporting.write(session, &merged)?,
    }
    Ok(Exit::Success)
}

/// The plan merged into a configuration that is there.
fn merge(session: &mut Session<'_, '_>, plan: &Plan, base: &Path) -> Result<String, Failure> {
    let path = session.path(base);
    let shown = session.shown(&path);
    let text = files::read_document(&path)?;
    // Lines of a file that ends all of them so are written as they are.
    let lines = text.matches('\n').count();
    let windows = lines > 0 && lines == text.matches("\r\n").count();
    let text = if windows { text.replace("\r\n", "\n") } else { text };
    let text = write::without_ours(&text).map_err(|line| {
        Failure::input(format!("{shown}:{line}: this comment has lost its counterpart")).hint(
            "`sre export alertmanager` writes between two comments; put the other one back, or remove what \
             stands between them",
        )
    })?;
    let merged = write::merged(plan, &text, SourceId(0))
        .map_err(|findings| refuse(session, &shown, &text, findings))?;
    let read = Configuration::read(SourceId(0), &merged, Some(&crate::kernel::time::Zone::UTC));
    if read.errors.is_empty() {
        Ok(if windows { merged.replace('\n', "\r\n") } else { merged })
    } else {
        Err(refuse(session, &shown, &merged, read.errors))
    }
}

fn refuse(
    session: &mut Session<'_, '_>,
    name: &str,
    text: &str,
    findings: Vec<Finding>,
) -> Failure {
    let mut sources = SourceMap::default();
    sources.add(name, text);
    let count = words::plural(findings.len() as u64, "error");
    match output::findings(session, &sources, findings, Level::Error) {
        Ok(()) => Failure::input(format!("{count} in `{name}` with what is merged into it"))
            .hint("lines are those of the file without what was merged into it before"),
        Err(failure) => failure,
    }
}
