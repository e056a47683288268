//! `sre incident stats` and `sre incident cost`.
use super::{
    look::{Began, Chosen},
    store,
};
use crate::{
    adapters::files,
    cli::{
        Exit, Failure, Session, Workspace,
        measured::{self, Measuring},
    },
    domains::{
        incident::answer::{
            self, Shown,
            cost::touches,
            plot,
            stats::{Asked, By, Stats},
        },
        slo::spec::ServiceLevelObjective,
    },
    kernel::{
        spec::{Optional as _, Ref},
        time::Period,
        units::Duration,
    },
};
use std::path::PathBuf;

/// Arguments of `sre incident stats`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What incidents are grouped by.
    #[arg(long, value_name = "WHAT", default_value = "severity", value_parser = By::NAMES)]
    by: String,
    #[command(flatten)]
    began: Began,
    #[command(flatten)]
    chosen: Chosen,
    /// Holds them against the time before, which is as long.
    #[arg(long)]
    compare: bool,
    /// Draws how long it took and when it was to an SVG file.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

/// How far back incidents count unless said. Unit: days.
const COUNTED: i64 = 365;

/// Says what incidents say together.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    if let Some(path) = &arguments.plot
        && path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("svg"))
    {
        return Err(Failure::input(format!(
            "--plot {}: pictures are drawn as SVG",
            path.display()
        ))
        .hint("name a file that ends in `.svg`"));
    }
    let period = arguments.began.period(session, COUNTED)?;
    let workspace = Workspace::open(session, &[])?;
    let mut incidents = store::all(session, &workspace);
    incidents.retain(|incident| arguments.chosen.includes(incident));
    let shown = Shown(session.zone(&workspace.settings));
    let asked = Asked {
        now: session.now(),
        period,
        by: By::named(&arguments.by).unwrap_or_default(),
        compare: arguments.compare,
    };
    let stats = Stats::of(&workspace.catalog, &incidents, asked, &shown);
    if let Some(path) = &arguments.plot {
        files::write_atomically(&session.path(path), &plot::svg(&stats, &shown))?;
    }
    session.answer(&answer::stats::report(&stats, &shown))
}

/// Arguments of `sre incident cost`.
#[derive(Debug, clap::Args)]
pub(super) struct Cost {
    /// Only this incident, or one with this part in its name that no other has.
    #[arg(long, value_name = "INCIDENT")]
    incident: Option<String>,
    /// Objectives and measurements; every objective that an incident touches unless said.
    #[command(flatten)]
    measured: Measuring,
}

/// Says what incidents cost.
pub(super) fn cost(arguments: &Cost, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let paths = measured::paths(&arguments.measured, session);
    let workspace = Workspace::open(session, &paths)?;
    let mut incidents = store::all(session, &workspace);
    if let Some(name) = &arguments.incident {
        let (document, _) = store::find(&workspace, Some(name))?;
        store::refuse_errors(session, &workspace, document)?;
        incidents.retain(|incident| incident.record.id == document.name());
    }
    let mut measuring = arguments.measured.clone();
    if measuring.objectives.is_empty() && measuring.slos.is_empty() {
        let all = workspace.catalog.iter::<ServiceLevelObjective>();
        let touched = all.filter(|(document, slo)| {
            let service = slo.service.value().map(Ref::name);
            incidents.iter().any(|one| touches(&one.record, document.name(), service))
        });
        measuring.slos = touched.map(|(document, _)| document.name().to_owned()).collect();
        if measuring.slos.is_empty() {
            return Err(Failure::input("no incident touches an objective")
                .hint("say which: `slos` of an incident, or `services` that have some"));
        }
    }
    let chosen = measured::choose(&measuring, session, &workspace)?;
    let period = measuring.from.zip(measuring.to).map(|(from, to)| Period { from, to });
    let assessments =
        measured::replayable(&measuring, None, Duration::ZERO, session, &workspace, &chosen)?;
    let shown = Shown(session.zone(&workspace.settings));
    let report = answer::cost::report(&assessments, &incidents, period, session.now(), &shown);
    let exit = session.answer(&report)?;
    Ok(measured::exit(&assessments, exit))
}
