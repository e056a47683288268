//! `sre postmortem new`: a draft with everything that is known of an incident.
use super::transcripts;
use crate::{
    adapters::files,
    cli::{
        Exit, Failure, Session, Workspace,
        measured::{self, Measuring, max_bad_lines},
        selection,
    },
    domains::{
        incident::{
            resolve::{self as incidents, ResolvedIncident},
            spec::{Incident, SeverityLevel},
        },
        oncall::{
            escalate,
            resolve::{self as rotations, ResolvedRotation},
            spec::EscalationPolicy,
        },
        postmortem::{
            demand,
            draft::{
                Draft,
                cost::{self, Cost},
                text,
                timeline::{self, Line},
            },
            sections::ResolvedTemplate,
            spec::{POST_MORTEM, PostMortemTemplate},
        },
        slo::{
            backtested::{self, Candidate, Truth},
            engine::backtest::{Options, incidents::Definition},
            resolve,
            spec::ServiceLevelObjective,
        },
    },
    kernel::{
        measure::MaxBadLines,
        spec::{Field, Target as _, values},
        time::Period,
        units::{Duration, Instant},
    },
};
use chrono::TimeDelta;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// Arguments of `sre postmortem new`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The incident.
    incident: String,
    /// The template; the one of the catalog, or the sections that are shipped, unless said.
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// The file to write; else `post-mortems/INCIDENT.yaml` in the catalog; `-` prints it.
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leaves out what was measured: budgets and alerts.
    #[arg(long)]
    no_measurements: bool,
    /// Reads this file (or `-`) instead of the sources that the documents name; may be repeated.
    #[arg(long, value_name = "PATH")]
    data: Vec<PathBuf>,
    /// Asks this server instead of the ones that the documents name.
    #[arg(long, value_name = "URL")]
    prometheus: Option<String>,
    /// Runs the programs that data sources name (`command`).
    #[arg(long)]
    allow_command: bool,
    /// Neither reads nor keeps what servers answered before.
    #[arg(long)]
    no_cache: bool,
    /// Unreadable lines that are put up with: a number, or a share such as `1%`.
    #[arg(long, value_name = "NUMBER|SHARE", value_parser = max_bad_lines)]
    max_bad_lines: Option<MaxBadLines>,
}

/// Writes a draft. Nothing is overwritten.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let workspace = Workspace::open(session, &[])?;
    let incident = incident(arguments, session, &workspace)?;
    let name = incident.document.name().to_owned();
    if let Some((known, _)) = demand::by_incident(&workspace.catalog).get(name.as_str()) {
        let file = workspace.path(known.place.source).map(|path| session.shown(path));
        return Err(Failure::input(format!("`{name}` has a post-mortem already")).hint(format!(
            "it is `{}` in {}",
            known.name(),
            file.unwrap_or_default()
        )));
    }
    if let Some(template) = &arguments.template {
        let kind = PostMortemTemplate::KIND;
        let found = selection::find(&workspace, Some(kind), template)?;
        measured::refuse_errors(session, &workspace, &found.into_iter().collect(), false)?;
    }
    let template = ResolvedTemplate::chosen(&workspace.catalog, arguments.template.as_deref());
    let measured = if arguments.no_measurements {
        Measured::default()
    } else {
        measure(arguments, session, &workspace, &incident)?
    };
    let timeline = timeline_of(session, &workspace, &incident, measured.alerts)?;
    let draft = Draft {
        incident: &incident,
        template: &template,
        costs: measured.costs,
        unknown: measured.unknown,
        timeline,
    };
    let text = text::text(&draft, &name, &POST_MORTEM).map_err(Failure::environment)?;
    let path = match &arguments.output {
        Some(path) if path.as_os_str() == "-" => {
            session.print(text.as_bytes())?;
            return Ok(Exit::Success);
        }
        Some(path) => session.path(path),
        None => workspace.root.join("post-mortems").join(format!("{name}.yaml")),
    };
    files::create(&path, &text)?;
    session.note(&format!("wrote {}", session.shown(&path)));
    session.note(&format!("`sre postmortem check {name}` says what is still to be written"));
    Ok(Exit::Success)
}

/// The incident that is meant.
fn incident<'w>(
    arguments: &Arguments,
    session: &mut Session<'_, '_>,
    workspace: &'w Workspace,
) -> Result<ResolvedIncident<'w>, Failure> {
    let name = &arguments.incident;
    let ids: BTreeSet<_> =
        selection::find(workspace, Some(Incident::KIND), name)?.into_iter().collect();
    measured::refuse_errors(session, workspace, &ids, false)?;
    let documents = ids.into_iter().map(|id| workspace.catalog.document(id));
    let mut found = documents.filter_map(|document| Some((document, document.spec()?)));
    let (document, spec) = found.next().ok_or_else(|| {
        Failure::input(format!("no incident is called `{name}`"))
            .hint("`sre list Incident` shows what there is")
    })?;
    Ok(incidents::resolve(document, spec))
}

/// What was measured of an incident.
#[derive(Default)]
struct Measured {
    costs: Vec<Cost>,
    unknown: Vec<(String, String)>,
    alerts: Vec<Line>,
}

/// How long before its start alerts of an incident may have fired: as long as the shortest tiers look back.
const BEFORE: TimeDelta = TimeDelta::hours(1);

fn measure(
    arguments: &Arguments,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    incident: &ResolvedIncident<'_>,
) -> Result<Measured, Failure> {
    let slos = objectives(workspace, incident);
    let (Some(began), false) = (incident.record.began(), slos.is_empty()) else {
        session.note("note: the incident names no objective or no time: nothing is measured");
        return Ok(Measured::default());
    };
    let now = session.now();
    let clocks = &incident.record.clocks;
    let end = clocks.resolved.or(clocks.mitigated).unwrap_or(now).min(now);
    let end = incident
        .record
        .impact_periods(None, now)
        .last()
        .map_or(end, |last| last.to.max(end))
        .max(began + TimeDelta::minutes(1));
    let measuring = Measuring {
        slos,
        data: arguments.data.clone(),
        prometheus: arguments.prometheus.clone(),
        allow_command: arguments.allow_command,
        no_cache: arguments.no_cache,
        max_bad_lines: arguments.max_bad_lines,
        from: Some(began - BEFORE),
        to: Some(end),
        ..Measuring::default()
    };
    let chosen = measured::choose(&measuring, session, workspace)?;
    let mut policies: BTreeMap<&str, Candidate> = BTreeMap::new();
    let mut history = Duration::ZERO;
    for (document, slo) in &chosen {
        let resolved = resolve::resolve(&workspace.catalog, &workspace.settings, document, slo)
            .map_err(|incomplete| measured::refuse(workspace, &incomplete))?;
        let Some(first) = resolved.into_iter().next() else { continue };
        let name = first.alerting_name.unwrap_or("own").to_owned();
        // The budget is that of the whole window before the end.
        history = history.max(first.objective.window());
        let candidate = Candidate { name, policy: first.alerting };
        history = history.max(backtested::looks_back(std::slice::from_ref(&candidate), None));
        policies.insert(document.name(), candidate);
    }
    let assessments = measured::replayable(&measuring, None, history, session, workspace, &chosen)?;
    let mut found = Measured::default();
    let period = Period { from: began - BEFORE, to: end };
    let options = Options { from: Some(period.from), to: Some(period.to), ..Options::default() };
    for assessment in &assessments {
        let name = assessment.objective.document.name();
        let periods = incident.record.impact_periods(Some(name), now);
        match cost::cost(assessment, &periods, end) {
            Ok(cost) => found.costs.push(cost),
            Err(why) => {
                session.warn(&format!("warning: what `{name}` lost is not known: {why}"));
                found.unknown.push((name.to_owned(), why));
            }
        }
        let Some(policy) = policies.get(name) else { continue };
        let truth = Truth::Found(Definition::default());
        let tested =
            backtested::backtest(assessment, std::slice::from_ref(policy), truth, &options);
        found.alerts.extend(timeline::of_alerts(&tested, period));
    }
    Ok(found)
}

/// The objectives that an incident touches: those that it names, else those of its services.
fn objectives(workspace: &Workspace, incident: &ResolvedIncident<'_>) -> Vec<String> {
    if !incident.record.slos.is_empty() {
        return incident.record.slos.clone();
    }
    let all = workspace.catalog.iter::<ServiceLevelObjective>();
    let touched = all.filter(|(document, _)| {
        let service = selection::service_of(document);
        service.is_some_and(|service| incident.record.services.iter().any(|one| one == service))
    });
    touched.map(|(document, _)| document.name().to_owned()).collect()
}

/// What happened when, from all records.
fn timeline_of(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    incident: &ResolvedIncident<'_>,
    alerts: Vec<Line>,
) -> Result<Vec<Line>, Failure> {
    let mut lines = timeline::of_incident(&incident.record);
    lines.extend(alerts);
    let name = incident.document.name();
    for run in transcripts(session, workspace)? {
        if run.summary.started.incident.as_deref() == Some(name) {
            lines.extend(timeline::of_run(&run.summary, &run.file, run.broken.as_deref()));
        }
    }
    if let Some(at) = incident.record.clocks.detected.or(incident.record.began()) {
        lines.extend(timeline::of_rotations(&on_call(workspace, incident, at), at));
    }
    Ok(timeline::in_order(lines))
}

/// The rotations that are told of incidents of that severity; all of them where nobody says.
fn on_call<'w>(
    workspace: &'w Workspace,
    incident: &ResolvedIncident<'w>,
    at: Instant,
) -> Vec<ResolvedRotation<'w>> {
    let catalog = &workspace.catalog;
    let policy = incident.record.severity_at(at).and_then(|severity| {
        let (_, response) = incidents::response_of(catalog, incident.spec)?;
        let is_it =
            |level: &&SeverityLevel| level.name.get().is_some_and(|name| name.as_str() == severity);
        let level = values(response.severity_levels.get()?).find(is_it)?;
        let escalation = level.escalation.as_ref().and_then(Field::get)?;
        catalog.get::<EscalationPolicy>(escalation.name())
    });
    let Some((_, policy)) = policy else { return rotations::all(catalog) };
    let mut seen = BTreeSet::new();
    let told = escalate::rotations(catalog, policy).into_iter().map(|(_, _, rotation, _)| rotation);
    told.filter(|rotation| seen.insert(rotation.document.name().to_owned())).collect()
}
