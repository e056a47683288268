//! Questions about incidents as they are.
use super::store;
use crate::{
    cli::{Exit, Failure, Session, Workspace, arguments::instant},
    domains::incident::{
        answer::{self, Shown, list::Asked as AskedList, timeline::Asked as AskedTimeline},
        engine::{Record, Status},
        resolve::{self, ResolvedIncident},
    },
    kernel::{time::Period, units::Instant},
};
use chrono::TimeDelta;

/// Which incidents.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct Chosen {
    /// Only of this severity; may be repeated.
    #[arg(long = "severity", value_name = "NAME")]
    severities: Vec<String>,
    /// Only those that touch this service; may be repeated.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Only those that touch this objective; may be repeated.
    #[arg(long = "slo", value_name = "NAME")]
    slos: Vec<String>,
    /// Only those with this cause; may be repeated.
    #[arg(long = "cause", value_name = "WORD")]
    causes: Vec<String>,
    /// Only documents with this label; may be repeated, all must match.
    #[arg(short = 'l', long = "label", value_name = "KEY=VALUE", value_parser = crate::cli::arguments::label)]
    labels: Vec<(String, String)>,
}

impl Chosen {
    /// Whether an incident is meant.
    pub(super) fn includes(&self, incident: &ResolvedIncident<'_>) -> bool {
        let record = &incident.record;
        let any = |wanted: &[String], own: &[String]| {
            wanted.is_empty() || own.iter().any(|name| wanted.contains(name))
        };
        let severity: Vec<String> = record.severity().map(str::to_owned).into_iter().collect();
        let label = |(key, value): &(String, String)| incident.document.label(key) == Some(value);
        any(&self.severities, &severity)
            && any(&self.services, &record.services)
            && any(&self.slos, &record.slos)
            && any(&self.causes, &record.causes)
            && self.labels.iter().all(label)
    }
}

/// When incidents began.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Began {
    /// Those that began at this instant or later.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    from: Option<Instant>,
    /// Those that began before this instant; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    to: Option<Instant>,
}

impl Began {
    /// The time that is meant: that many days before its end unless said.
    ///
    /// # Errors
    /// If it ends before it begins.
    pub(super) fn period(&self, session: &Session<'_, '_>, days: i64) -> Result<Period, Failure> {
        // What happens in this very second is part of it.
        let to = self.to.unwrap_or_else(|| session.now() + TimeDelta::seconds(1));
        let from = self.from.unwrap_or(to - TimeDelta::days(days));
        if from >= to {
            return Err(Failure::input("--from is not before --to")
                .hint("--from begins the time, --to ends it"));
        }
        Ok(Period { from, to })
    }

    fn is_said(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }
}

/// Arguments of `sre incident list`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    chosen: Chosen,
    /// Only those in this state: `open` stands for all that are not resolved.
    #[arg(long, value_name = "STATE", value_parser = ["open", "acknowledged", "mitigated", "resolved", "closed", "cancelled"])]
    status: Option<String>,
    #[command(flatten)]
    began: Began,
    /// Not only those of the last 90 days, and those that are open.
    #[arg(long, conflicts_with_all = ["from", "to"])]
    all: bool,
}

impl List {
    fn has_status(&self, record: &Record) -> bool {
        let status = record.clocks.status();
        match self.status.as_deref() {
            None => true,
            Some("open") => status.is_open(),
            Some(name) => status.name() == name,
        }
    }
}

/// How far back incidents are listed unless said. Unit: days.
const LISTED: i64 = 90;

/// Lists incidents.
pub(super) fn list(arguments: &List, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let period = arguments.began.period(session, LISTED)?;
    let workspace = Workspace::open(session, &[])?;
    let mut incidents = store::all(session, &workspace);
    incidents.retain(|one| arguments.chosen.includes(one) && arguments.has_status(&one.record));
    let total = incidents.len();
    if !arguments.all {
        let open = |status: Status| !arguments.began.is_said() && status.is_open();
        incidents.retain(|one| {
            let began = one.record.began();
            began.is_none_or(|began| period.contains(began)) || open(one.record.clocks.status())
        });
    }
    let zone = session.zone(&workspace.settings);
    let asked = AskedList { now: session.now(), earlier: total - incidents.len() };
    let report = answer::list::report(&workspace.catalog, &incidents, &asked, &Shown(zone));
    session.answer(&report)
}

/// Arguments of `sre incident show`.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The incident, or a part of its name that no other has; the only open one unless said.
    #[arg(value_name = "INCIDENT")]
    incident: Option<String>,
}

/// Shows an incident.
pub(super) fn show(arguments: &Show, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let workspace = Workspace::open(session, &[])?;
    let (document, spec) = store::find(&workspace, arguments.incident.as_deref())?;
    store::refuse_errors(session, &workspace, document)?;
    let zone = session.zone(&workspace.settings);
    let incident = resolve::resolve(document, spec);
    let path = workspace.path(document.place.source).map(|path| session.shown(path));
    let now = session.now();
    let report =
        answer::show::report(&workspace.catalog, &incident, path.as_deref(), now, &Shown(zone));
    session.answer(&report)
}

/// Arguments of `sre incident timeline`.
#[derive(Debug, clap::Args)]
pub(super) struct Timeline {
    /// The incident, or a part of its name that no other has; all of them unless said.
    #[arg(value_name = "INCIDENT")]
    incident: Option<String>,
    #[command(flatten)]
    chosen: Chosen,
    /// Events at this instant or later; of the last 7 days unless said, or all of the incident.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    from: Option<Instant>,
    /// Events before this instant; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    to: Option<Instant>,
}

/// How far back events are shown unless said. Unit: days.
const SHOWN: i64 = 7;

/// Shows what happened.
pub(super) fn timeline(
    arguments: &Timeline,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Failure> {
    session.format()?;
    let began = Began { from: arguments.from, to: arguments.to };
    let workspace = Workspace::open(session, &[])?;
    let (incidents, period) = if let Some(name) = &arguments.incident {
        let (document, spec) = store::find(&workspace, Some(name))?;
        store::refuse_errors(session, &workspace, document)?;
        let period = began.is_said().then(|| began.period(session, 100 * 365)).transpose()?;
        (vec![resolve::resolve(document, spec)], period)
    } else {
        let period = began.period(session, SHOWN)?;
        let mut incidents = store::all(session, &workspace);
        incidents.retain(|one| arguments.chosen.includes(one));
        (incidents, Some(period))
    };
    let zone = session.zone(&workspace.settings);
    let asked = AskedTimeline { period, one: arguments.incident.is_some() };
    session.answer(&answer::timeline::report(&incidents, &asked, &Shown(zone)))
}
