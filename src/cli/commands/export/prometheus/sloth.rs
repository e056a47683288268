//! Sloth's rules.
use super::Arguments;
use crate::{
    cli::{Exit, Failure, Session, losses, measured},
    domains::slo::{
        dialects,
        prometheus_rules::sloth::{self, Options},
    },
    kernel::units::Duration,
};

/// Flags of Sloth's rules.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Rules in Sloth's manner")]
#[group(id = "sloth")]
pub(super) struct Flags {
    /// The version of Sloth that the rules name.
    #[arg(long, value_name = "TEXT", default_value = sloth::VERSION)]
    sloth_version: String,
    /// Window of objectives from documents of Sloth's, which say none; `30d` or the catalog's default
    /// unless said.
    #[arg(long, value_name = "DURATION")]
    default_slo_period: Option<Duration>,
    /// Writes no alerts.
    #[arg(long)]
    disable_alerts: bool,
    /// Writes alerts only.
    #[arg(long)]
    disable_recordings: bool,
    /// Writes one YAML document for each that is read, byte by byte as Sloth does. Prometheus reads only
    /// the first of a file.
    #[arg(long)]
    separate_documents: bool,
}

impl Flags {
    /// Whether one of them was given that means nothing to other rules.
    pub(super) fn are_used(&self) -> bool {
        self.sloth_version != sloth::VERSION
            || self.default_slo_period.is_some()
            || self.disable_alerts
            || self.disable_recordings
            || self.separate_documents
    }
}

/// Writes Sloth's rules.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let (exporting, flags) = (&arguments.exporting, &arguments.sloth);
    let workspace = exporting.open(session)?;
    let objectives = exporting.resolve(session, &workspace)?;
    let options = Options {
        version: flags.sloth_version.clone(),
        labels: arguments.standard.extra_label.iter().cloned().collect(),
        alert_name: arguments.standard.alert_name.clone(),
        alerts: !flags.disable_alerts,
        recordings: !flags.disable_recordings,
        period: flags.default_slo_period,
        separate: flags.separate_documents,
    };
    let written = sloth::write(&workspace.catalog, &objectives, &options)
        .map_err(|incomplete| measured::refuse(&workspace, &incomplete))?;
    let mut lost = losses::in_reading(&workspace, &objectives, Some(&dialects::sloth::DIALECT));
    lost.extend(written.losses);
    if let Some(exit) = losses::refuse(session, &workspace, &lost, exporting.allow_loss)? {
        return Ok(exit);
    }
    if written.text.is_empty() {
        let why = if flags.disable_alerts || flags.disable_recordings {
            "`--disable-alerts` and `--disable-recordings` leave some out"
        } else if lost.is_empty() {
            "alerts that are disabled, and plugins instead of Sloth's own, leave none"
        } else {
            "what cannot be carried over, which is told above, is what would make them"
        };
        return Err(Failure::input("no objective has rules to write").hint(why));
    }
    let documents = written.documents.iter().map(Vec::as_slice);
    super::refuse_faults(arguments, session, &workspace, &objectives, documents)?;
    exporting.write(session, &written.text)?;
    Ok(Exit::Success)
}
