//! `sre route`: who is told of an alert, by which route, and when.
use crate::{
    adapters::files,
    cli::{
        Exit, Failure, Session, Workspace,
        arguments::{Selection, instant},
        commands::export::{Exporting, Planning},
        output,
    },
    domains::slo::{
        alertmanager::{
            Configuration,
            config::Read,
            delivery,
            generate::{self, Plan},
            matcher::{self, Labels},
            write,
        },
        answer::route::{self, AskedAlert, Origin, RouteFailOn, RouteLeast, Routed},
        resolve::ResolvedObjective,
    },
    kernel::{
        diagnostic::Level,
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
    /// The alert's labels, such as `sloth_service=checkout sloth_severity=page`; all alerts of the
    /// catalog's objectives unless said.
    #[arg(value_name = "LABEL=VALUE")]
    alert: Vec<String>,
    /// The configuration of Alertmanager, `-` for standard input; the one that `sre export alertmanager` would write unless said.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// The alerts of this objective; may be repeated.
    #[arg(long = "slo", value_name = "NAME|FILE", conflicts_with = "alert")]
    slos: Vec<String>,
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
    /// Which objectives.
    #[command(flatten)]
    selection: Selection,
    /// What is routed, and how, where no configuration is given.
    #[command(flatten)]
    planning: Planning,
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
    let firing: Vec<Labels> = arguments
        .firing
        .iter()
        .map(|text| labels(std::slice::from_ref(text)))
        .collect::<Result<_, _>>()?;
    let own = labels(&arguments.alert)?;
    let mut sources = SourceMap::default();
    let path = arguments.config.as_deref();
    let shown = path.map(|path| called(session, path));
    let given = match path {
        Some(path) => Some(read(session, &mut sources, path, arguments.local_zone.as_ref())?),
        None => None,
    };
    let exporting = Exporting {
        slos: arguments.slos.clone(),
        selection: arguments.selection.clone(),
        ..Exporting::default()
    };
    let mut asked = Vec::new();
    if !arguments.alert.is_empty() {
        asked.push(AskedAlert { of: None, labels: own });
    }
    let mut zone = session.zone(&Settings::default());
    let configuration = match given {
        Some(given) if !asked.is_empty() => given,
        given => {
            let workspace = exporting.open(session)?;
            let objectives = exporting.resolve(session, &workspace)?;
            zone = session.zone(&workspace.settings);
            if asked.is_empty() {
                asked = alerts(&workspace, &objectives);
            }
            if let Some(given) = given {
                given
            } else {
                planned(&arguments.planning.plan(session, &workspace, &objectives)?)?
            }
        }
    };
    let origin = Origin { file: shown.as_deref(), sources: &sources };
    let at = arguments.at.unwrap_or(session.now());
    let routed: Vec<Routed<'_>> = asked
        .iter()
        .map(|alert| {
            let dispatch = delivery::dispatch(&configuration, &alert.labels, &firing, at);
            Routed { alert, dispatch }
        })
        .collect();
    session.answer(&route::report(&routed, &origin, at, &fail_on, &zone))
}

/// The alerts of objectives.
fn alerts(workspace: &Workspace, objectives: &[Vec<ResolvedObjective<'_>>]) -> Vec<AskedAlert> {
    let mut asked = Vec::new();
    for objective in objectives.iter().filter_map(|windows| windows.first()) {
        let name = objective.document.name();
        let alerts = generate::alerts_of(&workspace.catalog, objective);
        asked.extend(alerts.into_iter().map(|(tier, labels)| {
            let of = Some((name.to_owned(), tier));
            AskedAlert { of, labels }
        }));
    }
    asked
}

/// The configuration that follows from the catalog, as it would be read.
fn planned(plan: &Plan) -> Result<Configuration, Failure> {
    let text = write::whole(plan);
    let read = Configuration::read(SourceId(0), &text, None);
    let first = read.errors.first().map_or("", |finding| finding.message.as_str()).to_owned();
    read.configuration
        .ok_or_else(|| Failure::input(format!("no configuration follows from this: {first}")))
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

/// How messages call the file of a configuration.
fn called(session: &Session<'_, '_>, path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".to_owned() } else { session.shown(&session.path(path)) }
}

/// Reads a configuration of Alertmanager; what is wrong with it is told.
///
/// # Errors
/// If it cannot be read, or is wrong.
fn read(
    session: &mut Session<'_, '_>,
    sources: &mut SourceMap,
    path: &Path,
    local: Option<&Zone>,
) -> Result<Configuration, Failure> {
    let shown = called(session, path);
    let text = if path.as_os_str() == "-" {
        session.stdin_text()?
    } else {
        files::read_document(&session.path(path))?
    };
    let id: SourceId = sources.add(&*shown, &*text);
    let Read { configuration, errors, unknown } = Configuration::read(id, &text, local);
    output::findings(session, sources, unknown, Level::Warning)?;
    let count = words::plural(errors.len() as u64, "error");
    output::findings(session, sources, errors, Level::Error)?;
    configuration.ok_or_else(|| {
        Failure::input(format!("{count} in `{shown}`"))
            .hint("`amtool check-config` says what Alertmanager thinks of it")
    })
}
