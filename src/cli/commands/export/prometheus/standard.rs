//! Our own rules.
use super::Arguments;
use crate::{
    cli::{Exit, Failure, Session, arguments, losses, measured},
    domains::slo::prometheus_rules::{
        names,
        standard::{self, Options},
        write,
    },
    kernel::units::Duration,
};

/// The first line of what is written.
const HEADER: &str = "# Made by `sre export prometheus`: change the objectives, not this file.\n";

/// Flags of our own rules.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Rules")]
pub(super) struct Flags {
    /// A label that all series and alerts get; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = extra_label)]
    pub(super) extra_label: Vec<(String, String)>,
    /// How often the rules are evaluated; as the server does unless said.
    #[arg(long, value_name = "DURATION")]
    interval: Option<Duration>,
    /// What alerts on burn rates are called; `SLOErrorBudgetBurn` unless said.
    #[arg(long, value_name = "NAME")]
    pub(super) alert_name: Option<String>,
    /// What names of groups begin with; `slo-` unless said.
    #[arg(long, value_name = "TEXT")]
    group_prefix: Option<String>,
    /// Of how many groups an objective with `group_by` has series: those with the most events, and one
    /// more for all others, called `other`. 0: of all.
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    max_groups: u32,
}

/// Writes our own rules.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let (exporting, flags) = (&arguments.exporting, &arguments.standard);
    let workspace = exporting.open(session)?;
    let objectives = exporting.resolve(session, &workspace)?;
    let options = Options {
        interval: flags.interval,
        labels: flags.extra_label.iter().cloned().collect(),
        alert_name: flags.alert_name.clone(),
        group_prefix: flags.group_prefix.clone(),
        most_groups: (flags.max_groups > 0).then_some(flags.max_groups),
        ..Options::default()
    };
    let written = standard::rules(&workspace.catalog, &objectives, &options)
        .map_err(|incomplete| measured::refuse(&workspace, &incomplete))?;
    if let Some(exit) = losses::refuse(session, &workspace, &written.losses, exporting.allow_loss)?
    {
        return Ok(exit);
    }
    exporting.write(session, &format!("{HEADER}{}", write::write(&written.file)))?;
    Ok(Exit::Success)
}

fn extra_label(text: &str) -> Result<(String, String), String> {
    let (key, value) = arguments::label(text)?;
    if let Some((message, help)) = names::wrong_label(&key) {
        return Err(format!("{message}: {help}"));
    }
    Ok((key, value))
}
