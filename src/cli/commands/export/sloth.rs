//! `sre export sloth`: objectives in Sloth's language.
use super::Exporting;
use crate::{
    cli::{Exit, Failure, Session, losses},
    domains::slo::dialects::sloth::{
        self,
        level::Form,
        write::{self, Options},
    },
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
    let mut lost = losses::in_reading(&workspace, &objectives, Some(&sloth::DIALECT));
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
