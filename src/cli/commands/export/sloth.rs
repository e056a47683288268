//! `sre export sloth`: objectives in Sloth's language.
use super::Exporting;
use crate::{
    cli::{Exit, Failure, Session, Workspace, losses},
    domains::slo::{
        dialects::sloth::{
            self,
            level::Form,
            write::{self, Options},
        },
        resolve::ResolvedObjective,
    },
    kernel::spec::Loss,
};

/// The first line of what is written.
const HEADER: &str = "# Made by `sre export sloth`: change the objectives, not this file.\n";

/// Arguments of `sre export sloth`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Objectives and the output.
    #[command(flatten)]
    exporting: Exporting,
    /// Writes resources of Kubernetes, `PrometheusServiceLevel`, instead of files.
    #[arg(long)]
    resource: bool,
    /// Namespace of the resources.
    #[arg(long, value_name = "NAME", requires = "resource")]
    namespace: Option<String>,
    /// What alerts are called whose document does not say.
    #[arg(long, value_name = "NAME", default_value = "SLOErrorBudgetBurn")]
    alert_name: String,
}

/// Writes objectives in Sloth's language: one document for each service.
///
/// # Errors
/// If an objective does not exist or has errors, or the file cannot be written.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let exporting = &arguments.exporting;
    let workspace = exporting.open(session)?;
    let objectives = exporting.resolve(session, &workspace)?;
    let options = Options {
        form: if arguments.resource { Form::Resource } else { Form::File },
        namespace: arguments.namespace.clone(),
        alert_name: arguments.alert_name.clone(),
    };
    let written = write::write(&workspace.catalog, &objectives, &options);
    let mut lost = lost_in_reading(&workspace, &objectives);
    lost.extend(written.losses);
    if let Some(exit) = losses::refuse(session, &workspace, &lost, exporting.allow_loss)? {
        return Ok(exit);
    }
    if written.text.is_empty() {
        session.note("there is nothing to write");
        return Ok(Exit::Found);
    }
    exporting.write(session, &format!("{HEADER}{}", written.text))?;
    Ok(Exit::Success)
}

/// What documents of other tools say that was lost while they were read. Sloth's own lose nothing: what
/// they said is still known.
pub(super) fn lost_in_reading(
    workspace: &Workspace,
    objectives: &[Vec<ResolvedObjective<'_>>],
) -> Vec<Loss> {
    let documents = objectives.iter().filter_map(|windows| windows.first()).map(|it| it.document);
    let foreign: Vec<_> = documents
        .filter(|it| it.dialect.is_some_and(|dialect| dialect.name != sloth::DIALECT.name))
        .map(|document| document.place)
        .collect();
    let losses = workspace.losses.iter();
    losses.filter(|loss| foreign.iter().any(|place| place.contains(loss.place))).cloned().collect()
}
