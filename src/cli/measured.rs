//! From objectives to their measurements: which files are read for which, each file once.
use super::{
    Exit, Failure, Session, Workspace, arguments::Selection, arguments::instant,
    progress::Progress, selection,
};
use crate::{
    adapters::files::{self, FileError},
    domains::slo::{
        assess::{self, Assessment, Measurements, Unknown},
        resolve::{self, Good, Incomplete, Measurement, ResolvedObjective},
        spec::{BudgetAdjustment, ServiceLevelObjective},
    },
    kernel::{
        diagnostic::{Diagnostic, Rule, render},
        measure::{
            Bound, CountMeasure, CountShape, DataSource, EventMeasure, Format, Input, MaxBadLines,
            Predicate, ReadReport, ScanError, ScanOutcome, ScanRequest, Shape,
            data_source::{self, Files},
            scan,
        },
        report::words,
        source::Place,
        spec::{Document, Field, Optional, Ref, Target as _, catalog::DocumentId},
        time::rfc3339,
        units::{Duration, Instant},
    },
    registry,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    path::{Path, PathBuf},
};

/// Which objectives, and which measurements.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Measuring {
    /// Objectives by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    pub objectives: Vec<String>,
    /// The same as a positional `NAME|FILE`.
    #[arg(long = "slo", value_name = "NAME|FILE")]
    pub slos: Vec<String>,
    /// Reads this file (or `-`) instead of the sources that the documents name; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub data: Vec<PathBuf>,
    /// The end of the window; else the end of the data.
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
    /// Which objectives.
    #[command(flatten)]
    pub selection: Selection,
}

/// Reads how many unreadable lines are put up with.
pub(super) fn max_bad_lines(text: &str) -> Result<MaxBadLines, String> {
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
pub(super) fn choose<'a>(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
) -> Result<Vec<(&'a Document, &'a ServiceLevelObjective)>, Failure> {
    let names: Vec<&String> = arguments.objectives.iter().chain(&arguments.slos).collect();
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
pub(super) fn readable<'a>(
    arguments: &Measuring,
    workspace: &'a Workspace,
) -> Vec<(&'a Document, &'a ServiceLevelObjective)> {
    workspace
        .catalog
        .iter::<ServiceLevelObjective>()
        .filter(|(document, slo)| {
            document.clean
                && arguments.selection.includes(workspace, document)
                && resolve::resolve(&workspace.catalog, &workspace.settings, document, slo).is_ok()
        })
        .collect()
}

/// The paths among the names of objectives.
pub(super) fn paths(arguments: &Measuring, session: &Session<'_, '_>) -> Vec<PathBuf> {
    let names = arguments.objectives.iter().chain(&arguments.slos);
    names.filter(|name| is_path(session, name)).map(PathBuf::from).collect()
}

/// Whether a word of the command line is a path rather than a name.
fn is_path(session: &Session<'_, '_>, word: &str) -> bool {
    let yaml =
        Path::new(word).extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    word == "-"
        || yaml
        || word.ends_with('/')
        || files::kind(&session.path(Path::new(word))) != files::PathKind::Missing
}

/// Shows the errors of what the chosen objectives need, and refuses to go on if there are any.
fn refuse_errors(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    ids: &BTreeSet<DocumentId>,
    some_file: bool,
) -> Result<(), Failure> {
    let closure = workspace.catalog.closure(ids.iter().copied());
    let places: Vec<Place> =
        closure.iter().map(|id| workspace.catalog.document(*id).place).collect();
    let mut errors = workspace.errors_in(&places);
    if some_file {
        errors.extend(workspace.errors_in_named());
        errors.sort_by(Diagnostic::order);
        errors.dedup();
    }
    if errors.is_empty() {
        return Ok(());
    }
    let options = render::Options { width: 100, ..render::Options::default() };
    let mut bytes = Vec::new();
    let rules: &[&'static Rule] = &registry::RULES;
    render::render(render::Format::Text, &workspace.sources, &errors, rules, &options, &mut bytes)?;
    session.warn(String::from_utf8_lossy(&bytes).trim_end());
    let count = words::plural(errors.len() as u64, "error");
    Err(Failure::input(format!("{count} in what this needs"))
        .hint("`sre validate` shows everything that is wrong"))
}

/// Resolves objectives, measures them, and holds the one against the other.
///
/// # Errors
/// If an objective is incomplete, or a file named on the command line cannot be read.
pub(super) fn assess<'a>(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
    chosen: Vec<(&'a Document, &'a ServiceLevelObjective)>,
) -> Result<Vec<Assessment<'a>>, Failure> {
    let period = period(arguments)?;
    let mut objectives = Vec::new();
    for (document, slo) in chosen {
        let resolved = resolve::resolve(&workspace.catalog, &workspace.settings, document, slo)
            .map_err(|incomplete| refuse(workspace, &incomplete))?;
        objectives.push(resolved);
    }
    let mut results: Vec<Option<Result<Measurements, Unknown>>> =
        objectives.iter().map(|_| None).collect();
    let mut groups: BTreeMap<(Option<&str>, bool), Vec<usize>> = BTreeMap::new();
    for (at, objective) in objectives.iter().enumerate() {
        match source_of(arguments, workspace, objective) {
            Err(reason) => results[at] = Some(Err(Unknown { reason, input: true })),
            Ok((source, counts)) => groups.entry((source, counts)).or_default().push(at),
        }
    }
    let mut groups: Vec<_> = groups.into_iter().rev().collect();
    while let Some(((source, counts), members)) = groups.pop() {
        let group: Vec<&ResolvedObjective<'_>> =
            members.iter().map(|at| &objectives[*at]).collect();
        let outcome = match scan_group(arguments, session, workspace, source, counts, &group)? {
            Scanned::Done(outcome) => outcome,
            Scanned::Without(reasons) => {
                // What one objective asks for in vain is no reason not to answer the others.
                for (member, reason) in reasons {
                    results[members[member]] = Some(Err(Unknown { reason, input: true }));
                }
                let others: Vec<usize> =
                    members.into_iter().filter(|at| results[*at].is_none()).collect();
                if !others.is_empty() {
                    groups.push(((source, counts), others));
                }
                continue;
            }
        };
        for (member, result) in members.into_iter().zip(outcome) {
            results[member] = Some(result);
        }
    }
    tell_adjustments(session, workspace, &objectives);
    let unknown = || Err(Unknown { reason: "not measured".to_owned(), input: false });
    Ok(objectives
        .into_iter()
        .zip(results)
        .map(|(objective, result)| {
            assess::assess(objective, result.unwrap_or_else(unknown), period)
        })
        .collect())
}

/// Says which budgets are to be seen otherwise than they were measured, for none is.
fn tell_adjustments(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    objectives: &[ResolvedObjective<'_>],
) {
    for (document, adjustment) in workspace.catalog.iter::<BudgetAdjustment>() {
        let slos = adjustment.slos.get().into_iter().flatten().filter_map(Field::get);
        for name in slos.map(Ref::name) {
            if objectives.iter().any(|objective| objective.document.name() == name) {
                session.note(&format!(
                    "note: {name}: measured as it was, `{}` is not applied",
                    document.name()
                ));
            }
        }
    }
}

/// The stretch of time that was chosen instead of the objectives' windows.
fn period(arguments: &Measuring) -> Result<Option<(Instant, Instant)>, Failure> {
    match arguments.from.zip(arguments.to) {
        Some((from, to)) if from >= to => {
            let (from, to) = (rfc3339(from), rfc3339(to));
            Err(Failure::input(format!("there is no time from `{from}` to `{to}`"))
                .hint("--from is the beginning, --to the end"))
        }
        period => Ok(period),
    }
}

/// How the run ends: as the answer says, unless the input was at fault for something unknown.
pub(super) fn exit(assessments: &[Assessment<'_>], answer: Exit) -> Exit {
    let at_fault = assessments
        .iter()
        .filter_map(|assessment| assessment.outcome.as_ref().err())
        .any(|unknown| unknown.input);
    if at_fault { answer.and(Exit::Input) } else { answer }
}

/// Refuses to compute with an incomplete objective.
pub(super) fn refuse(workspace: &Workspace, incomplete: &Incomplete) -> Failure {
    let place = workspace.sources.position(incomplete.place);
    let name = workspace.sources.name(incomplete.place.source);
    Failure::input(format!("{name}:{}:{}: {incomplete}", place.line, place.column))
        .hint(incomplete.help.clone())
}

/// Where an objective is measured, and whether in counts; or why it is not.
fn source_of<'a>(
    arguments: &Measuring,
    workspace: &Workspace,
    objective: &ResolvedObjective<'a>,
) -> Result<(Option<&'a str>, bool), String> {
    let indicator =
        objective.indicator.as_ref().ok_or("the objective names no indicator (`sli`)")?;
    let counts = match &indicator.measurement {
        None => return Err("the indicator does not say how it is measured".to_owned()),
        Some(Measurement::Prometheus) => {
            return Err("measured by Prometheus queries, and this version reads files only; \
                        give a file with --data for an indicator of `events` or `counts`"
                .to_owned());
        }
        Some(Measurement::Counts { .. }) => true,
        Some(Measurement::Events { .. }) => false,
    };
    if !arguments.data.is_empty() {
        // A file that is named instead of the declared ones is written as they are.
        return Ok((indicator.source.filter(|name| says_how_to_read(workspace, name)), counts));
    }
    match indicator.source {
        Some(source) => Ok((Some(source), counts)),
        None => Err("no data source: add `source` to the indicator, a default to `sre.yaml`, or \
                     name a file with --data"
            .to_owned()),
    }
}

/// Whether a data source says more of its files than where they are.
fn says_how_to_read(workspace: &Workspace, name: &str) -> bool {
    files_of(workspace, name).is_ok_and(|(_, files)| {
        !files.columns.is_empty()
            || files.time_column.value().is_some()
            || files.duration_unit.value().is_some()
            || files.max_bad_lines.value().is_some()
    })
}

/// What came of reading one source for a group of objectives.
enum Scanned {
    /// The measurements of each.
    Done(Vec<Result<Measurements, Unknown>>),
    /// Nothing was read, because of these members of the group.
    Without(Vec<(usize, String)>),
}

/// Reads one source once for all objectives that are measured there.
fn scan_group(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    source: Option<&str>,
    counts: bool,
    group: &[&ResolvedObjective<'_>],
) -> Result<Scanned, Failure> {
    let all_unknown = |reason: String| {
        Ok(Scanned::Without((0..group.len()).map(|member| (member, reason.clone())).collect()))
    };
    let files = match source.map(|name| files_of(workspace, name)) {
        Some(Err(reason)) => return all_unknown(reason),
        Some(Ok((document, files))) => Some((document, files)),
        None => None,
    };
    let given = !arguments.data.is_empty();
    let files_only = files.map(|(_, files)| files);
    let request = match request(arguments, session.now(), files_only, counts, group) {
        Ok(request) => request,
        Err(conditions) => {
            let reason = |(member, error): (usize, BadCondition)| (member, error.reason(workspace));
            return Ok(Scanned::Without(conditions.into_iter().map(reason).collect()));
        }
    };
    let (name, paths) = match (&files, source) {
        (Some((document, files)), Some(name)) if !given => {
            match declared_paths(session, workspace, document, files) {
                Ok(paths) => (name.to_owned(), paths),
                Err(reason) => return all_unknown(reason),
            }
        }
        _ => (given_name(arguments), given_paths(arguments, session)?),
    };
    let total: u64 = paths.iter().map(|path| files::size(path)).sum();
    let inputs = paths.iter().map(|path| input(session, path)).collect::<Result<_, _>>()?;
    let progress = Progress::new(session, &format!("reading {name}"), total);
    let outcome = scan(inputs, &request, &|bytes| progress.advance(bytes));
    drop(progress);
    match outcome {
        Ok(outcome) => {
            tell(session, &name, &outcome.report);
            Ok(Scanned::Done(share_out(&name, outcome, group)))
        }
        // What the command line names and cannot be read is the user's mistake, and ends the run.
        Err(error) if given => Err(scan_failure(&error)),
        Err(error) => {
            let reason = match error.help() {
                Some(help) => format!("{}; {help}", chain(&error)),
                None => chain(&error),
            };
            match error {
                ScanError::UnknownColumn { measure, .. } if measure < group.len() => {
                    Ok(Scanned::Without(vec![(measure, reason)]))
                }
                _ => all_unknown(reason),
            }
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn scan_failure(error: &ScanError) -> Failure {
    let failure = Failure::input(chain(error));
    match error.help() {
        Some(help) => failure.hint(help),
        None => failure,
    }
}

/// The files of a data source.
fn files_of<'a>(workspace: &'a Workspace, name: &str) -> Result<(&'a Document, &'a Files), String> {
    let (document, source) = workspace
        .catalog
        .get::<DataSource>(name)
        .ok_or_else(|| format!("the data source `{name}` cannot be used"))?;
    match source.files.value() {
        Some(files) => Ok((document, files)),
        None => Err(format!(
            "`{name}` is a Prometheus server, and this version reads files only; name a file with --data"
        )),
    }
}

/// Why a request cannot be made.
struct BadCondition {
    message: String,
    help: Option<String>,
    place: Place,
}

impl BadCondition {
    fn reason(self, workspace: &Workspace) -> String {
        let position = workspace.sources.position(self.place);
        let name = workspace.sources.name(self.place.source);
        let reason = format!("{name}:{}:{}: {}", position.line, position.column, self.message);
        match self.help {
            Some(help) => format!("{reason}; {help}"),
            None => reason,
        }
    }
}

/// What is asked of the files, for all objectives of a group.
///
/// # Errors
/// The members of the group whose conditions cannot be read.
fn request(
    arguments: &Measuring,
    now: Instant,
    files: Option<&Files>,
    counts: bool,
    group: &[&ResolvedObjective<'_>],
) -> Result<ScanRequest, Vec<(usize, BadCondition)>> {
    let unit = files.and_then(|files| files.duration_unit.value()).copied();
    let format = files.and_then(|files| files.format.value()).copied();
    let shape = if counts {
        Shape::Counts(CountShape {
            measures: group.iter().map(|objective| count_measure(objective)).collect(),
            labels: None,
        })
    } else {
        let (mut measures, mut wrong) = (Vec::new(), Vec::new());
        for (member, objective) in group.iter().enumerate() {
            match event_measure(objective, format, unit) {
                Ok(measure) => measures.push(measure),
                Err(error) => wrong.push((member, error)),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Shape::Events(measures)
    };
    let mut request = ScanRequest::new(shape, now);
    request.at = arguments.at.or(arguments.to);
    request.from = arguments.from;
    request.lookback = lookback(arguments, group);
    if let Some(files) = files {
        // Named files may be of another format, unless the unit of their durations depends on it.
        let known = arguments.data.is_empty() || unit.is_some();
        request.format = format.filter(|_| known).map(scan_format);
        request.time = files.time_column.value().cloned();
        request.columns = files
            .columns
            .iter()
            .filter_map(|(name, column)| Some((name.clone(), column.get()?.clone())))
            .collect();
        request.duration_unit = unit.map(scan_unit);
    }
    let declared = files.and_then(|files| files.max_bad_lines.value());
    let declared = declared.and_then(|text| max_bad_lines(text).ok());
    // One line in a hundred: more is hardly the file that the document means.
    let usual = MaxBadLines::Share(crate::kernel::units::Ratio::ONE_PERCENT);
    request.max_bad_lines = arguments.max_bad_lines.or(declared).unwrap_or(usual);
    Ok(request)
}

/// How far back the group looks: its longest window.
fn lookback(arguments: &Measuring, group: &[&ResolvedObjective<'_>]) -> Duration {
    let longest = group
        .iter()
        .flat_map(|objective| {
            let tiers = objective.alerting.tiers.iter().map(|tier| tier.long.max(tier.short));
            tiers.chain([objective.objective.window()])
        })
        .max()
        .unwrap_or(Duration::ZERO);
    let asked = match (arguments.from, arguments.to) {
        (Some(from), Some(to)) => {
            Duration::from_milliseconds(u64::try_from((to - from).num_milliseconds()).unwrap_or(0))
        }
        _ => Duration::ZERO,
    };
    longest.max(asked)
}

fn count_measure(objective: &ResolvedObjective<'_>) -> CountMeasure {
    match objective.indicator.as_ref().and_then(|indicator| indicator.measurement.as_ref()) {
        Some(Measurement::Counts { good, bad, total }) => {
            CountMeasure { good: good.clone(), bad: bad.clone(), total: total.clone() }
        }
        _ => CountMeasure::default(),
    }
}

fn event_measure(
    objective: &ResolvedObjective<'_>,
    format: Option<data_source::FileFormat>,
    unit: Option<data_source::DurationUnit>,
) -> Result<EventMeasure, BadCondition> {
    let measurement = objective.indicator.as_ref().and_then(|i| i.measurement.as_ref());
    let Some(Measurement::Events { total, good, place }) = measurement else {
        return Ok(EventMeasure {
            total: None,
            good: Predicate::threshold("", Bound::AtMost, 0.0),
        });
    };
    let parse = |text: &String| {
        Predicate::parse(text).map_err(|error| BadCondition {
            message: format!("`{text}` is not a condition: {}", error.message),
            help: error.help,
            place: *place,
        })
    };
    let good = match good {
        Good::If(text) => parse(text)?,
        Good::Within(column, threshold) => {
            let limit = limit(*threshold, format, unit);
            Predicate::threshold(column, Bound::AtMost, limit)
        }
    };
    Ok(EventMeasure { total: total.as_ref().map(parse).transpose()?, good })
}

/// A threshold in the unit of the column: the readers of access logs give seconds, other files hold
/// what they hold.
fn limit(
    threshold: Duration,
    format: Option<data_source::FileFormat>,
    unit: Option<data_source::DurationUnit>,
) -> f64 {
    use data_source::{DurationUnit as Unit, FileFormat as Format};
    let milliseconds = threshold.milliseconds() as f64;
    match (format, unit.unwrap_or_default()) {
        (Some(Format::AccessLog), _) | (_, Unit::Seconds) => milliseconds / 1e3,
        (_, Unit::Milliseconds) => milliseconds,
        (_, Unit::Microseconds) => milliseconds * 1e3,
    }
}

fn scan_format(format: data_source::FileFormat) -> Format {
    match format {
        data_source::FileFormat::Csv => Format::Csv,
        data_source::FileFormat::Jsonl => Format::JsonLines,
        data_source::FileFormat::AccessLog => Format::AccessLog,
    }
}

fn scan_unit(unit: data_source::DurationUnit) -> crate::kernel::measure::DurationUnit {
    use crate::kernel::measure::DurationUnit as Unit;
    match unit {
        data_source::DurationUnit::Seconds => Unit::Seconds,
        data_source::DurationUnit::Milliseconds => Unit::Milliseconds,
        data_source::DurationUnit::Microseconds => Unit::Microseconds,
    }
}

/// The files that a data source declares, relative to its document.
fn declared_paths(
    session: &Session<'_, '_>,
    workspace: &Workspace,
    document: &Document,
    files: &Files,
) -> Result<Vec<PathBuf>, String> {
    let folder = workspace
        .path(document.place.source)
        .and_then(|path| path.parent())
        .unwrap_or_else(|| session.folder());
    let mut found = Vec::new();
    for pattern in files.paths.get().into_iter().flatten().filter_map(Field::get) {
        let paths = files::expand(folder, pattern).map_err(|error| chain(&error))?;
        if paths.is_empty() {
            return Err(format!("no file matches `{pattern}`"));
        }
        found.extend(paths);
    }
    if let Some(missing) = found.iter().find(|path| files::kind(path) != files::PathKind::File) {
        return Err(format!("`{}` cannot be read: no such file", session.shown(missing)));
    }
    Ok(each_once(found))
}

fn given_name(arguments: &Measuring) -> String {
    match arguments.data.as_slice() {
        [path] if path.as_os_str() == "-" => "<stdin>".to_owned(),
        [path] => path.display().to_string(),
        more => format!("{} files", more.len()),
    }
}

fn given_paths(arguments: &Measuring, session: &Session<'_, '_>) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in &arguments.data {
        if path.as_os_str() == "-" {
            found.push(path.clone());
            continue;
        }
        let paths = files::expand(session.folder(), &path.to_string_lossy())?;
        if paths.is_empty() {
            return Err(Failure::input(format!("no file matches `{}`", path.display())));
        }
        if paths.iter().any(|path| files::kind(path) == files::PathKind::Missing) {
            return Err(Failure::input(format!("`{}` does not exist", path.display())));
        }
        if paths.iter().any(|path| files::kind(path) == files::PathKind::Folder) {
            let message = format!("`{}` is a folder", path.display());
            return Err(Failure::input(message).hint("name its files, such as `logs/*.log`"));
        }
        found.extend(paths);
    }
    Ok(each_once(found))
}

/// A file once, however often it is named: its events would count twice.
fn each_once(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let is_new = |path: &PathBuf| path.as_os_str() == "-" || seen.insert(files::canonical(path));
    paths.into_iter().filter(is_new).collect()
}

fn input(session: &mut Session<'_, '_>, path: &Path) -> Result<Input, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Input::new("<stdin>", session.take_stdin()?));
    }
    let full = path.to_owned();
    Ok(Input::opened_by(session.shown(path), move || {
        let file = files::open(&full).map_err(|error| match error {
            FileError::System { cause, .. } => cause,
            other => std::io::Error::other(other.to_string()),
        })?;
        Ok(Box::new(file) as Box<dyn Read + Send>)
    }))
}

fn share_out(
    name: &str,
    outcome: ScanOutcome,
    group: &[&ResolvedObjective<'_>],
) -> Vec<Result<Measurements, Unknown>> {
    let ScanOutcome { series, judged, report } = outcome;
    series
        .into_iter()
        .take(group.len())
        .zip(judged)
        .map(|(series, judged)| match report.end {
            Some(at) if report.records > 0 => {
                Ok(Measurements { series, judged, at, source: name.to_owned() })
            }
            _ => Err(Unknown { reason: format!("`{name}` holds no records"), input: false }),
        })
        .collect()
}

/// Sentences in as few lines as fit a narrow terminal.
fn lines_of(sentences: &[String]) -> Vec<String> {
    const WIDTH: usize = 76;
    let mut lines: Vec<String> = Vec::new();
    for sentence in sentences {
        match lines.last_mut() {
            Some(line) if line.chars().count() + sentence.chars().count() + 2 <= WIDTH => {
                line.push_str(&format!("; {sentence}"));
            }
            _ => lines.push(sentence.clone()),
        }
    }
    lines
}

/// Says on standard error what was assumed, repaired and left out.
fn tell(session: &mut Session<'_, '_>, name: &str, report: &ReadReport) {
    let read = match report.end {
        Some(end) => {
            format!("{}, the window ends {}", words::plural(report.records, "record"), rfc3339(end))
        }
        None => "nothing to read".to_owned(),
    };
    session.note(&format!("note: {name}: {read}"));
    for line in lines_of(&report.assumptions) {
        session.note(&format!("  {line}"));
    }
    let lines = |count: u64| words::plural(count, "line");
    for (verb, problem) in
        [("could not be read", &report.bad_lines), ("read in part", &report.repaired)]
    {
        if problem.first.is_empty() {
            continue;
        }
        let mut text = format!("{name}: {} {verb}", lines(problem.count));
        for problem in problem.first.iter().take(3) {
            text.push_str(&format!("\n  {}:{}: {}", problem.input, problem.line, problem.reason));
        }
        if problem.count > 3 {
            text.push_str("\n  …");
        }
        if verb == "could not be read" {
            session.warn(&format!("warning: {text}"));
        } else {
            session.note(&format!("note: {text}"));
        }
    }
    if report.disorder.lines > 0 {
        session.detail(&format!(
            "note: {name}: {} older than the line before, by at most {}",
            lines(report.disorder.lines),
            report.disorder.furthest
        ));
    }
    if report.excluded.after_now > 0 {
        let records = words::plural(report.excluded.after_now, "record");
        session.warn(&format!("warning: {name}: {records} later than the present left out"));
    }
    for (count, why) in [
        (report.excluded.after_end, "at or after the end asked for"),
        (report.excluded.before_lookback, "before the longest window"),
    ] {
        if count > 0 {
            session.detail(&format!(
                "note: {name}: {} {why} left out",
                words::plural(count, "record")
            ));
        }
    }
}
