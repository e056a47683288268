//! `sre budget`: error budgets from measurements.
use crate::{
    cli::{Exit, Failure, Session, Workspace, measured},
    domains::slo::{
        answer::{self, FailOn},
        assess::{self, Assessment},
        resolve,
        spec::ServiceLevelObjective,
    },
    kernel::{spec::Document, units::Ratio},
};

/// Arguments of `sre budget`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Computes from this share of good events instead of measurements: `0.998` or `99.8%`.
    #[arg(long, value_name = "RATIO", conflicts_with_all = ["data", "at", "from", "to"])]
    actual: Option<Ratio>,
    /// From which state on the run fails.
    #[arg(long, value_name = "STATE", default_value = "exhausted", value_parser = FailOn::NAMES)]
    fail_on: String,
    /// Leaves the forecast out, and reads no more history than the windows need.
    #[arg(long)]
    no_forecast: bool,
    /// Measures the services as well that those of the objectives need, and says what they leave.
    #[arg(long, conflicts_with = "actual")]
    dependencies: bool,
    /// Objectives and measurements.
    #[command(flatten)]
    measured: measured::Measuring,
}

/// Computes error budgets.
///
/// # Errors
/// If an objective does not exist, has errors, or lacks what the computation needs.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let fail_on: FailOn = arguments.fail_on.parse().map_err(Failure::input)?;
    let paths = measured::paths(&arguments.measured, session);
    let workspace = Workspace::open(session, &paths)?;
    let chosen = measured::choose(&arguments.measured, session, &workspace)?;
    let mut measuring = arguments.measured.clone();
    // What was chosen by its beginning and end does not go on.
    measuring.forecast = !arguments.no_forecast && measuring.from.is_none();
    measuring.dependencies = arguments.dependencies;
    let assessments = match arguments.actual {
        Some(actual) => stated(&workspace, chosen, actual)?,
        None => measured::assess(&measuring, session, &workspace, &chosen)?,
    };
    let zone = session.zone(&workspace.settings);
    let exit = session.answer(&answer::budget::report(&assessments, fail_on, &zone))?;
    Ok(measured::exit(&assessments, exit))
}

/// The objectives held against a bare share of good events.
fn stated<'a>(
    workspace: &'a Workspace,
    chosen: Vec<(&'a Document, &'a ServiceLevelObjective)>,
    actual: Ratio,
) -> Result<Vec<Assessment<'a>>, Failure> {
    let mut assessments = Vec::new();
    for (document, slo) in chosen {
        let windows = resolve::resolve(&workspace.catalog, &workspace.settings, document, slo)
            .map_err(|incomplete| measured::refuse(workspace, &incomplete))?;
        assessments.extend(windows.into_iter().map(|window| assess::state(window, actual)));
    }
    Ok(assessments)
}
