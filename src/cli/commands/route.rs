//! `sre route`: who is told of an alert, by which route, and when.
use crate::{
    adapters::files,
    cli::{Exit, Failure, Session, arguments::instant, output},
    domains::slo::{
        alertmanager::{
            Configuration,
            config::Read,
            delivery,
            matcher::{self, Labels},
        },
        answer::route::{self, AskedAlert, Origin, RouteFailOn, RouteLeast, Routed},
    },
    kernel::{
        report::words,
        settings::Settings,
        source::{SourceId, SourceMap},
        time::Zone,
        units::Instant,
    },
};
use std::path::{Path, PathBuf};

/// Arguments of `sre route`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The alert's labels, such as `sloth_service=checkout sloth_severity=page`.
    #[arg(value_name = "LABEL=VALUE", required = true)]
    labels: Vec<String>,
    /// The configuration of Alertmanager.
    #[arg(long, value_name = "PATH", required = true)]
    config: Option<PathBuf>,
    /// When the alert begins to fire; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// Labels of another alert that fires, such as `alertname=Down,cluster=eu`; may be repeated.
    #[arg(long, value_name = "LABELS")]
    firing: Vec<String>,
    /// A receiver that is expected to be told; may be repeated. The run fails where it is another.
    #[arg(long, value_name = "RECEIVER")]
    expect: Vec<String>,
    /// What makes the run fail: an alert of which nobody is told, or of which nobody is told at once.
    #[arg(long, value_name = "STATE", default_value = "never", value_parser = RouteLeast::NAMES)]
    fail_on: String,
    /// The zone of the machine on which Alertmanager runs, for time intervals of the location `Local`.
    #[arg(long, value_name = "ZONE", value_parser = crate::cli::arguments::zone)]
    local_zone: Option<Zone>,
}

/// Says who is told.
///
/// # Errors
/// If the configuration cannot be read or is wrong, or labels are not labels.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let fail_on = RouteFailOn {
        expected: arguments.expect.iter().cloned().collect(),
        least: arguments.fail_on.parse().map_err(Failure::input)?,
    };
    let asked = vec![AskedAlert { of: None, labels: labels(&arguments.labels)? }];
    let firing: Vec<Labels> = arguments
        .firing
        .iter()
        .map(|text| labels(std::slice::from_ref(text)))
        .collect::<Result<_, _>>()?;
    let mut sources = SourceMap::default();
    let path = arguments.config.clone().unwrap_or_default();
    let configuration = read(session, &mut sources, &path, arguments.local_zone.as_ref())?;
    let shown = session.shown(&session.path(&path));
    let origin = Origin { file: Some(&shown), sources: &sources };
    let at = arguments.at.unwrap_or(session.now());
    let routed: Vec<Routed<'_>> = asked
        .iter()
        .map(|alert| {
            let dispatch = delivery::dispatch(&configuration, &alert.labels, &firing, at);
            Routed { alert, dispatch }
        })
        .collect();
    let zone = session.zone(&Settings::default());
    session.answer(&route::report(&routed, &origin, at, &fail_on, &zone))
}

/// Labels of one alert; of two values for a label the later one counts.
fn labels(texts: &[String]) -> Result<Labels, Failure> {
    let mut labels = Labels::new();
    for text in texts {
        let found = matcher::labels(text).map_err(|message| {
            Failure::input(message).hint("write labels like `team=payments,severity=page`")
        })?;
        labels.extend(found);
    }
    Ok(labels)
}

/// Reads a configuration of Alertmanager; what is wrong with it is told.
///
/// # Errors
/// If it cannot be read, or is wrong.
pub(super) fn read(
    session: &mut Session<'_, '_>,
    sources: &mut SourceMap,
    path: &Path,
    local: Option<&Zone>,
) -> Result<Configuration, Failure> {
    let full = session.path(path);
    let text = files::read_document(&full)?;
    let shown = session.shown(&full);
    let id: SourceId = sources.add(&*shown, &*text);
    let Read { configuration, errors, unknown } = Configuration::read(id, &text, local);
    output::findings(session, sources, unknown, crate::kernel::diagnostic::Level::Warning)?;
    let count = words::plural(errors.len() as u64, "error");
    output::findings(session, sources, errors, crate::kernel::diagnostic::Level::Error)?;
    configuration.ok_or_else(|| {
        Failure::input(format!("{count} in `{shown}`"))
            .hint("`amtool check-config` says what Alertmanager thinks of it")
    })
}
