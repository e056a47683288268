//! From objectives to their measurements: what is measured where, each source once.
//!
//! This file chooses objectives and holds them against what was measured. `subjects` says what has to be
//! measured, with the parts of composites; `routes` where and in which way; `sources` reads the files or
//! the program of one source for all objectives that are measured there (`request` says what is asked of
//! it, `inputs` which files that are, `tell` what has to be said about them), `servers` asks one server.
//! `composites` joins parts, `dependencies` adds what a service stands on, and `examine` looks at sources
//! and what is asked of them instead.
mod composites;
mod dependencies;
mod examine;
mod history;
mod inputs;
mod request;
mod routes;
mod servers;
mod sources;
mod subjects;
mod tell;

use self::{
    composites::Composites,
    dependencies::Needed,
    routes::{Route, Way, route},
    sources::{Scanned, scan_group},
    subjects::Subject,
};
pub(in crate::cli) use self::{examine::examine, history::replayable};
use crate::{
    adapters::files,
    cli::{Exit, Failure, Session, Workspace, arguments::Selection, arguments::instant, selection},
    domains::slo::{
        adjustments::{ResolvedAdjustment, resolve_adjustments},
        assess::{self, Assessment, Measurements, Terms, Unknown},
        engine::confidence,
        resolve::{self, Incomplete},
        spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::{Diagnostic, Level},
        measure::{LONGEST_LOOKBACK, MaxBadLines, server::Fault},
        report::words,
        source::Place,
        spec::{Document, Target as _, catalog::DocumentId},
        time::rfc3339,
        units::{Duration, Instant, Ratio},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    path::{Path, PathBuf},
};

/// Which objectives, and which measurements.
#[derive(Clone, Debug, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(in crate::cli) struct Measuring {
    /// Objectives by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    pub objectives: Vec<String>,
    /// The same as a positional `NAME|FILE`.
    #[arg(long = "slo", value_name = "NAME|FILE")]
    pub slos: Vec<String>,
    /// Reads this file (or `-`) instead of the sources that the documents name; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub data: Vec<PathBuf>,
    /// Asks this server instead of the ones that the documents name.
    #[arg(long, value_name = "URL")]
    pub prometheus: Option<String>,
    /// Runs the programs that data sources name (`command`).
    #[arg(long)]
    pub allow_command: bool,
    /// Neither reads nor keeps what servers answered before.
    #[arg(long)]
    pub no_cache: bool,
    /// Says on standard error what servers are asked, and what they answer.
    #[arg(long)]
    pub show_queries: bool,
    /// How sure a verdict has to be that an objective is met or missed; 95% unless said.
    #[arg(long, value_name = "RATIO")]
    pub confidence: Option<Ratio>,
    /// How the limits of a verdict are computed; `clopper_pearson` unless said.
    #[arg(long, value_name = "METHOD", value_parser = ["clopper_pearson", "wilson"])]
    pub confidence_method: Option<String>,
    /// Whether the budgets' course is forecast from their history, of which more is read then.
    #[arg(skip)]
    pub forecast: bool,
    /// Whether what the services of the objectives need is measured as well.
    #[arg(skip)]
    pub dependencies: bool,
    /// How far a forecast looks at least; one window is looked at anyhow.
    #[arg(skip)]
    pub horizon: Duration,
    /// The end of the window; else the end of the data, or the present where a server is asked.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub at: Option<Instant>,
    /// The beginning of the window, instead of the objective's length; needs --to.
    #[arg(long, value_name = "INSTANT", value_parser = instant, requires = "to", conflicts_with = "at")]
    pub from: Option<Instant>,
    /// The end of the window that begins at --from.
    #[arg(long, value_name = "INSTANT", value_parser = instant, requires = "from", conflicts_with = "at")]
    pub to: Option<Instant>,
    /// Unreadable lines that are put up with: a number, or a share such as `1%`.
    #[arg(long, value_name = "NUMBER|SHARE", value_parser = max_bad_lines)]
    pub max_bad_lines: Option<MaxBadLines>,
    /// At least this much time before the end is read, however short the windows are.
    #[arg(skip)]
    pub lookback: Duration,
    /// The longest steps that will do where a server could be asked in shorter ones, by objective.
    #[arg(skip)]
    pub longest_steps: BTreeMap<String, Duration>,
    /// Whether the course of things is to be replayed, step by step.
    #[arg(skip)]
    pub replaying: Option<Replaying>,
    /// Which objectives.
    #[command(flatten)]
    pub selection: Selection,
}

/// What replaying needs of the measurements.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Replaying {
    /// The steps in which the events of files are counted, where they are to be shorter than a minute.
    pub step: Option<Duration>,
    /// The steps in which servers are asked.
    pub server_step: Duration,
    /// How long the time is that is replayed: all that files have where not said, and of servers as much as one
    /// window of the objective.
    pub length: Option<Duration>,
    /// How far alerts look back from its beginning.
    pub history: Duration,
}

impl Replaying {
    /// How much time is read from a server for an objective over `window`.
    pub(in crate::cli) fn read_from_server(&self, window: Duration) -> Duration {
        add(self.length.unwrap_or(window), self.history)
    }

    /// How much time is read from files.
    pub(in crate::cli) fn read_from_files(&self) -> Duration {
        self.length.map_or(LONGEST_LOOKBACK, |length| add(length, self.history))
    }
}

fn add(one: Duration, other: Duration) -> Duration {
    Duration::from_milliseconds(one.milliseconds().saturating_add(other.milliseconds()))
}

/// Reads how many unreadable lines are put up with.
pub(in crate::cli) fn max_bad_lines(text: &str) -> Result<MaxBadLines, String> {
    if text.ends_with('%') {
        return text.parse().map(MaxBadLines::Share).map_err(|error| format!("{error}"));
    }
    let expected =
        |_| "expected a number of lines such as `100`, or a share such as `1%`".to_owned();
    text.parse().map(MaxBadLines::Count).map_err(expected)
}

/// The objectives that the arguments name.
///
/// # Errors
/// If one does not exist, or it or what it refers to has errors.
pub(in crate::cli) fn choose<'a>(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
) -> Result<Vec<(&'a Document, &'a ServiceLevelObjective)>, Failure> {
    let names: Vec<&String> = arguments.objectives.iter().chain(&arguments.slos).collect();
    if names.iter().any(|name| name.is_empty()) {
        return Err(Failure::input("an objective with an empty name is asked for")
            .hint("name one, or none at all for every objective of the catalog"));
    }
    let mut ids = BTreeSet::new();
    for name in &names {
        if is_path(session, name) {
            continue;
        }
        ids.extend(selection::find(workspace, Some(ServiceLevelObjective::KIND), name)?);
    }
    let documents = workspace.catalog.documents();
    let some_file = names.iter().any(|name| is_path(session, name));
    for (id, document) in documents.iter().enumerate() {
        let in_file = workspace.named.contains(&document.place.source);
        if document.kind.name == ServiceLevelObjective::KIND
            && (names.is_empty() || (some_file && in_file))
        {
            ids.insert(id);
        }
    }
    if names.is_empty() {
        ids.retain(|id| documents[*id].spec::<ServiceLevelObjective>().is_some());
    }
    refuse_errors(session, workspace, &ids, some_file)?;
    let chosen: Vec<_> = ids
        .into_iter()
        .filter(|id| arguments.selection.includes(workspace, &documents[*id]))
        .filter_map(|id| Some((&documents[id], documents[id].spec::<ServiceLevelObjective>()?)))
        .collect();
    if chosen.is_empty() {
        return Err(Failure::input("no objective is meant by this")
            .hint("`sre list slo` shows what there is"));
    }
    Ok(chosen)
}

/// The objectives that the arguments name and that can be computed: for answers that show what there
/// is and refuse nothing.
pub(in crate::cli) fn readable(
    arguments: &Measuring,
    workspace: &Workspace,
) -> BTreeSet<DocumentId> {
    let catalog = &workspace.catalog;
    let documents = catalog.documents().iter().enumerate();
    let can_be_computed = |(id, document): (DocumentId, &Document)| {
        let slo = document.spec::<ServiceLevelObjective>()?;
        let whole = arguments.selection.includes(workspace, document)
            && resolve::resolve(catalog, &workspace.settings, document, slo).is_ok()
            && errors_in_need(workspace, &BTreeSet::from([id])).is_empty();
        whole.then_some(id)
    };
    documents.filter_map(can_be_computed).collect()
}

/// The objectives among those documents.
pub(in crate::cli) fn objectives<'a>(
    workspace: &'a Workspace,
    ids: &BTreeSet<DocumentId>,
) -> Vec<(&'a Document, &'a ServiceLevelObjective)> {
    let documents = ids.iter().map(|id| workspace.catalog.document(*id));
    documents.filter_map(|document| Some((document, document.spec()?))).collect()
}

/// The paths among the names of objectives.
pub(in crate::cli) fn paths(arguments: &Measuring, session: &Session<'_, '_>) -> Vec<PathBuf> {
    let names = arguments.objectives.iter().chain(&arguments.slos);
    names.filter(|name| is_path(session, name)).map(PathBuf::from).collect()
}

/// Whether a word of the command line is a path rather than a name.
pub(in crate::cli) fn is_path(session: &Session<'_, '_>, word: &str) -> bool {
    let yaml =
        Path::new(word).extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    word == "-"
        || yaml
        || word.ends_with('/')
        || files::kind(&session.path(Path::new(word))) != files::PathKind::Missing
}

/// Shows what rules call an error in the objectives and what they need, and refuses to go on if there is
/// any.
///
/// # Errors
/// If there are errors.
pub(in crate::cli) fn refuse_rule_errors<'a>(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    documents: impl IntoIterator<Item = &'a Document>,
) -> Result<(), Failure> {
    let ids = documents.into_iter().filter_map(|document| workspace.catalog.id(document)).collect();
    let places = places_of_need(workspace, &ids);
    let errors = workspace.rule_errors_in(session, &places);
    refuse_found(session, workspace, &errors)
}

/// The errors of what objectives need: of themselves, of what they refer to, and of the settings with
/// the documents that those lead them to.
fn errors_in_need(workspace: &Workspace, ids: &BTreeSet<DocumentId>) -> Vec<Diagnostic> {
    let mut errors = workspace.errors_in(&places_of_need(workspace, ids));
    errors.extend(workspace.errors_in_settings());
    errors.sort_by(Diagnostic::order);
    errors
}

/// Where objectives and what they need stand.
fn places_of_need(workspace: &Workspace, ids: &BTreeSet<DocumentId>) -> Vec<Place> {
    let catalog = &workspace.catalog;
    let by_default = ids.iter().flat_map(|id| {
        let document = catalog.document(*id);
        let slo = document.spec::<ServiceLevelObjective>();
        slo.map_or_else(Vec::new, |slo| {
            resolve::by_default(catalog, &workspace.settings, document, slo)
        })
    });
    let closure = catalog.closure(ids.iter().copied().chain(by_default));
    closure.iter().map(|id| catalog.document(*id).place).collect()
}

/// Shows the errors of what the chosen objectives need, and refuses to go on if there are any.
pub(in crate::cli) fn refuse_errors(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    ids: &BTreeSet<DocumentId>,
    some_file: bool,
) -> Result<(), Failure> {
    let mut errors = errors_in_need(workspace, ids);
    if some_file {
        errors.extend(workspace.errors_in_named());
        errors.sort_by(Diagnostic::order);
        errors.dedup();
    }
    refuse_found(session, workspace, &errors)
}

/// Shows what was found, and refuses to go on if there are errors among it.
pub(in crate::cli) fn refuse_found(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    found: &[Diagnostic],
) -> Result<(), Failure> {
    if found.is_empty() {
        return Ok(());
    }
    workspace.tell(session, found)?;
    let errors = found.iter().filter(|diagnostic| diagnostic.level == Level::Error).count();
    if errors == 0 {
        return Ok(());
    }
    let count = words::plural(errors as u64, "error");
    Err(Failure::input(format!("{count} in what this needs"))
        .hint("`sre validate` shows everything that is wrong"))
}

/// Resolves objectives, measures them, and holds the one against the other: one assessment for each
/// objective, group of its measurements and window.
///
/// # Errors
/// If an objective is incomplete, or a file named on the command line cannot be read.
pub(in crate::cli) fn assess<'a>(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
    chosen: &[(&'a Document, &'a ServiceLevelObjective)],
) -> Result<Vec<Assessment<'a>>, Failure> {
    let period = period(arguments)?;
    let needed = Needed::of(arguments, workspace, chosen);
    let all: Vec<_> = chosen.iter().chain(needed.objectives()).copied().collect();
    let (subjects, mut chosen) = subjects::collect(workspace, &all)?;
    let needs = chosen.split_off(chosen.len() - needed.objectives().len());
    let measuring = needed.measuring(arguments, chosen.iter().map(|at| &subjects[*at]));
    let measured = measure(&measuring, session, workspace, &subjects)?;
    let needed = needed.measured(&needs, &measured);
    let terms = Terms {
        period,
        confidence: arguments.confidence.unwrap_or(Terms::default().confidence),
        limits: match arguments.confidence_method.as_deref() {
            Some("wilson") => confidence::Method::Wilson,
            _ => confidence::Method::default(),
        },
        outlook: arguments.forecast,
        horizon: arguments.horizon,
        ..Terms::default()
    };
    let mut assessments = Vec::new();
    for at in chosen {
        let subject = &subjects[at];
        // A stretch of time that was chosen stands for all windows.
        let windows = if period.is_some() { &subject.windows[..1] } else { &subject.windows[..] };
        let mut each = Vec::new();
        if subject.first().composite.is_empty() {
            let groups = match measured[at].as_ref() {
                Ok(groups) => groups.iter().map(Ok).collect(),
                Err(unknown) => vec![Err(unknown)],
            };
            for group in groups {
                let group = |window| (window, group.cloned().map_err(Clone::clone));
                each.extend(windows.iter().map(group));
            }
        } else {
            let parts = Composites { workspace, subjects: &subjects, measured: &measured, period };
            for window in windows {
                each.push((window, parts.measurements(window, window)?));
            }
        }
        // Groups and windows are mostly about the same time, and a recurrence has many times in it.
        let mut known: BTreeMap<(Instant, Instant), Vec<ResolvedAdjustment<'_>>> = BTreeMap::new();
        for (window, measurements) in each {
            let terms = Terms { history: Some(subject.own_history()), ..terms };
            let time = measurements.as_ref().ok().map(time);
            let adjustments = match time.filter(|_| subject.is_adjusted) {
                None => &[][..],
                Some(time) => match known.entry(time) {
                    Entry::Occupied(found) => found.into_mut().as_slice(),
                    Entry::Vacant(free) => {
                        free.insert(adjustments(workspace, subject, time)?).as_slice()
                    }
                },
            };
            let mut assessment = assess::assess(window.clone(), measurements, adjustments, &terms);
            needed.tell(&mut assessment);
            assessments.push(assessment);
        }
    }
    Ok(assessments)
}

/// The time that was measured.
fn time(measured: &Measurements) -> (Instant, Instant) {
    (measured.series.start(), measured.series.end().max(measured.at))
}

/// The adjustments that an objective has in `[from, to)`, the time that was measured.
fn adjustments<'a>(
    workspace: &'a Workspace,
    subject: &Subject<'a>,
    (from, to): (Instant, Instant),
) -> Result<Vec<ResolvedAdjustment<'a>>, Failure> {
    let name = subject.first().document.name();
    resolve_adjustments(&workspace.catalog, name, from, to)
        .map_err(|incomplete| refuse(workspace, &incomplete))
}

/// What became of measuring each subject: a group of measurements each, one where they are not grouped.
type Measured = Vec<Result<Vec<Measurements>, Unknown>>;

/// Measures all subjects: each source is read once for all that are measured there.
fn measure(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    subjects: &[Subject<'_>],
) -> Result<Measured, Failure> {
    let mut results: Vec<Option<Result<Vec<Measurements>, Unknown>>> =
        subjects.iter().map(|_| None).collect();
    let mut routes: BTreeMap<Route<'_>, Vec<usize>> = BTreeMap::new();
    for (at, subject) in subjects.iter().enumerate() {
        match route(arguments, workspace, subject) {
            Err(reason) => results[at] = Some(Err(Unknown::input(reason))),
            Ok(Some(route)) => routes.entry(route).or_default().push(at),
            Ok(None) => {}
        }
    }
    let mut routes: Vec<_> = routes.into_iter().rev().collect();
    while let Some((route, members)) = routes.pop() {
        let group: Vec<&Subject<'_>> = members.iter().map(|at| &subjects[*at]).collect();
        let outcome = match route.way {
            Way::Server => servers::ask(arguments, session, workspace, route.source, &group)?,
            way => match scan_group(arguments, session, workspace, route.source, way, &group)? {
                Scanned::Done(outcome) => outcome,
                Scanned::Without(reasons) => {
                    // What one objective asks for in vain is no reason not to answer the others.
                    for (member, unknown) in reasons {
                        results[members[member]] = Some(Err(unknown));
                    }
                    let others: Vec<usize> =
                        members.into_iter().filter(|at| results[*at].is_none()).collect();
                    if !others.is_empty() {
                        routes.push((route, others));
                    }
                    continue;
                }
            },
        };
        for (member, result) in members.into_iter().zip(outcome) {
            results[member] = Some(result);
        }
    }
    let unknown = || Err(Unknown::no_data("not measured"));
    Ok(results.into_iter().map(|result| result.unwrap_or_else(unknown)).collect())
}

/// Refuses a stretch of time that is none, or too long.
pub(in crate::cli) fn check_period(arguments: &Measuring) -> Result<(), Failure> {
    period(arguments).map(|_| ())
}

/// The stretch of time that was chosen instead of the objectives' windows.
fn period(arguments: &Measuring) -> Result<Option<(Instant, Instant)>, Failure> {
    match arguments.from.zip(arguments.to) {
        Some((from, to)) if from >= to => {
            let (from, to) = (rfc3339(from), rfc3339(to));
            Err(Failure::input(format!("there is no time from `{from}` to `{to}`"))
                .hint("--from is the beginning, --to the end"))
        }
        Some((from, to)) if to - from > LONGEST_LOOKBACK.to_chrono() => {
            let (from, to) = (rfc3339(from), rfc3339(to));
            Err(Failure::input(format!("it is too long from `{from}` to `{to}`"))
                .hint(format!("at most `{LONGEST_LOOKBACK}` are counted")))
        }
        period => Ok(period),
    }
}

/// How the run ends: as the answer says, unless something is unknown through the fault of the input or
/// of the surroundings.
pub(in crate::cli) fn exit<'x, 'a: 'x>(
    assessments: impl IntoIterator<Item = &'x Assessment<'a>>,
    answer: Exit,
) -> Exit {
    assessments
        .into_iter()
        .filter_map(|assessment| assessment.outcome.as_ref().err())
        .map(fault)
        .fold(answer, Exit::and)
}

/// How a run ends at least in which something is unknown.
pub(in crate::cli) fn fault(unknown: &Unknown) -> Exit {
    match unknown.fault {
        Fault::Question => Exit::Input,
        Fault::Environment => Exit::Environment,
        Fault::NoData => Exit::Success,
    }
}

/// Refuses to compute with an incomplete objective.
pub(in crate::cli) fn refuse(workspace: &Workspace, incomplete: &Incomplete) -> Failure {
    let place = workspace.sources.position(incomplete.place);
    let name = workspace.sources.name(incomplete.place.source);
    Failure::input(format!("{name}:{}:{}: {incomplete}", place.line, place.column))
        .hint(incomplete.help.clone())
}

/// The failures of all of them: told one by one, and counted where there are several.
pub(in crate::cli) fn refuse_all(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    wrong: &[Incomplete],
) -> Failure {
    if let [only] = wrong {
        return refuse(workspace, only);
    }
    for incomplete in wrong {
        let failure = refuse(workspace, incomplete);
        session.warn(&format!("error: {}", failure.error));
        for hint in failure.hints {
            session.warn(&format!("  help: {hint}"));
        }
    }
    let count = words::plural(wrong.len() as u64, "alert tier");
    Failure::input(format!("{count} of which no rule can be made: nothing was written"))
        .hint("mend them all, then export again")
}
