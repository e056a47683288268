//! One source, read once for all objectives that are measured there.
use super::{
    Measuring,
    inputs::{chain, declared_paths, given_name, given_paths, input, program},
    request::{BadCondition, request},
    routes::{FileSource, Way, files_of},
    subjects::Subject,
    tell::tell_report,
};
use crate::{
    adapters::files,
    cli::{Failure, Session, Workspace, progress::Progress},
    domains::slo::{
        assess::{Measurements, Unknown},
        queries::Side,
        resolve::{Measurement, ResolvedObjective},
    },
    kernel::measure::{
        Input, ReadReport, ScanError, ScanOutcome, ScanRequest,
        openmetrics::{CounterMeasure, CounterPart, CounterRequest, Selector, scan_openmetrics},
        scan,
    },
};

/// What came of reading one source for a group of objectives.
pub(super) enum Scanned {
    /// The measurements of each.
    Done(Vec<Result<Vec<Measurements>, Unknown>>),
    /// Nothing was read, because of these members of the group.
    Without(Vec<(usize, Unknown)>),
}

/// Reads one source once for all objectives that are measured there, and says on standard error what
/// there is to say about it.
pub(super) fn scan_group(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    source: Option<&str>,
    way: Way,
    group: &[&Subject<'_>],
) -> Result<Scanned, Failure> {
    let (scanned, read) = read_group(arguments, session, workspace, source, way, group)?;
    if let Some(Read { name, report }) = read {
        tell_report(session, &name, &report);
    }
    Ok(scanned)
}

/// What was read of a source.
pub(super) struct Read {
    /// Its name, or the path of the file.
    pub(super) name: String,
    /// What was read, assumed, repaired and left out.
    pub(super) report: ReadReport,
}

/// Reads one source once for all objectives that are measured there. Nothing of a source that could not
/// be read.
pub(super) fn read_group(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    source: Option<&str>,
    way: Way,
    group: &[&Subject<'_>],
) -> Result<(Scanned, Option<Read>), Failure> {
    let without = |reasons| Ok((Scanned::Without(reasons), None));
    let all_unknown = |unknown: Unknown| {
        without((0..group.len()).map(|member| (member, unknown.clone())).collect())
    };
    let files = match source.map(|name| files_of(workspace, name)) {
        Some(Err(reason)) => return all_unknown(Unknown::input(reason)),
        Some(Ok(files)) => Some(files),
        None => None,
    };
    let given = !arguments.data.is_empty();
    let layout = files.as_ref().map(|source| &*source.files);
    let request = match request(arguments, session.now(), layout, way, group) {
        Ok(request) => request,
        Err(conditions) => {
            let reason = |(member, error): (usize, BadCondition)| {
                (member, Unknown::input(error.reason(workspace)))
            };
            return without(conditions.into_iter().map(reason).collect());
        }
    };
    let opened = match (&files, source) {
        (Some(files), Some(name)) if !given => {
            match declared(arguments, session, workspace, files, &request) {
                Ok((inputs, total)) => {
                    let is_program = files.command.is_some();
                    Opened { name: name.to_owned(), inputs, total, is_program }
                }
                Err(unknown) => return all_unknown(unknown),
            }
        }
        _ => {
            let paths = given_paths(arguments, session)?;
            let total = paths.iter().map(|path| files::size(path)).sum();
            let inputs = paths.iter().map(|path| input(session, path)).collect::<Result<_, _>>()?;
            Opened { name: given_name(arguments), inputs, total, is_program: false }
        }
    };
    if way == Way::Samples {
        return count_samples(session, opened, &request, group, given);
    }
    let Opened { name, inputs, total, is_program } = opened;
    let progress = Progress::new(session, &format!("reading {name}"), total);
    let outcome = scan(inputs, &request, &|bytes| progress.advance(bytes));
    drop(progress);
    match outcome {
        Ok(outcome) => {
            let read = Read { name: name.clone(), report: outcome.report.clone() };
            Ok((Scanned::Done(share_out(&name, outcome, group)), Some(read)))
        }
        // What the command line names and cannot be read is the user's mistake, and ends the run.
        Err(error) if given => Err(scan_failure(&error)),
        Err(error) => {
            let unknown = unreadable(&error, is_program);
            match error {
                ScanError::UnknownColumn { measure, .. } if measure < group.len() => {
                    without(vec![(measure, unknown)])
                }
                _ => all_unknown(unknown),
            }
        }
    }
}

/// Why a source could not be read. A program that cannot be started, fails or takes too long is a failure
/// of the surroundings; what is wrong with what it prints, or with a file, is for the user to mend.
fn unreadable(error: &ScanError, is_program: bool) -> Unknown {
    let reason = match error.help() {
        Some(help) => format!("{}; {help}", chain(error)),
        None => chain(error),
    };
    match error {
        ScanError::Unreadable { .. } if is_program => Unknown::environment(reason),
        _ => Unknown::input(reason),
    }
}

/// Counts samples of counters, the way a server would.
fn count_samples(
    session: &mut Session<'_, '_>,
    opened: Opened,
    request: &ScanRequest,
    group: &[&Subject<'_>],
    given: bool,
) -> Result<(Scanned, Option<Read>), Failure> {
    let Opened { name, inputs, total, is_program } = opened;
    let name = name.as_str();
    let mut measures = Vec::new();
    let mut wrong = Vec::new();
    for (member, subject) in group.iter().enumerate() {
        match counter_measure(subject.first()) {
            Ok(measure) => measures.push(measure),
            Err(unknown) => wrong.push((member, unknown)),
        }
    }
    if !wrong.is_empty() {
        return Ok((Scanned::Without(wrong), None));
    }
    let mut counters = CounterRequest::new(measures, request.now);
    (counters.at, counters.from) = (request.at, request.from);
    counters.whole_steps = request.whole_steps;
    counters.lookback = request.lookback;
    counters.max_bad_lines = request.max_bad_lines;
    let progress = Progress::new(session, &format!("reading {name}"), total);
    let outcome = scan_openmetrics(inputs, &counters, &|bytes| progress.advance(bytes));
    drop(progress);
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) if given => return Err(scan_failure(&error)),
        Err(error) => {
            let unknown = unreadable(&error, is_program);
            let all = (0..group.len()).map(|member| (member, unknown.clone()));
            return Ok((Scanned::Without(all.collect()), None));
        }
    };
    let end = outcome.report.end.filter(|_| outcome.report.records > 0);
    let results = outcome.measures.into_iter().map(|groups| {
        let groups = groups.map_err(|unmeasured| {
            Unknown::input(match unmeasured.help {
                Some(help) => format!("{}; {help}", unmeasured.message),
                None => unmeasured.message,
            })
        })?;
        let at = end.filter(|_| !groups.is_empty());
        let at = at.ok_or_else(|| Unknown::no_data(format!("`{name}` holds no such counters")))?;
        let found = groups.into_iter().map(|group| Measurements {
            group: group.labels,
            ..Measurements::new(group.series, at, name)
        });
        Ok(found.collect())
    });
    let read = Read { name: name.to_owned(), report: outcome.report };
    Ok((Scanned::Done(results.collect()), Some(read)))
}

/// What is counted for an objective.
fn counter_measure(objective: &ResolvedObjective<'_>) -> Result<CounterMeasure, Unknown> {
    let measurement = objective.indicator.as_ref().and_then(|it| it.measurement.as_ref());
    let Some(Measurement::Prometheus(question)) = measurement else {
        return Err(Unknown::input("the indicator has no selectors"));
    };
    let selector = |side: &Side| match side.counters().as_deref() {
        Some([selector]) => {
            Selector::parse(selector).map_err(|error| Unknown::input(chain(&error)))
        }
        _ => Err(Unknown::input(
            "on files of samples all events are one selector; say `total`, and `good` or `bad`",
        )),
    };
    let part = selector(&question.part)?;
    Ok(CounterMeasure {
        total: selector(&question.total)?,
        part: if question.part_is_good { CounterPart::Good(part) } else { CounterPart::Bad(part) },
        group_by: objective.group_by.iter().map(|label| (*label).to_owned()).collect(),
    })
}

/// What is read.
struct Opened {
    name: String,
    inputs: Vec<Input>,
    /// Bytes, as far as known.
    total: u64,
    /// Whether a program prints it.
    is_program: bool,
}

/// What a data source declares: its files, or the output of its program.
fn declared(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    source: &FileSource<'_>,
    request: &ScanRequest,
) -> Result<(Vec<Input>, u64), Unknown> {
    if let Some(command) = source.command {
        let input = program(arguments, session, workspace, source, command, request)?;
        return Ok((vec![input], 0));
    }
    let paths = declared_paths(session, workspace, source.document, &source.files)
        .map_err(Unknown::input)?;
    let total = paths.iter().map(|path| files::size(path)).sum();
    let inputs = paths.iter().map(|path| input(session, path)).collect::<Result<_, _>>();
    Ok((inputs.map_err(|failure| Unknown::input(failure.error.to_string()))?, total))
}

fn scan_failure(error: &ScanError) -> Failure {
    let failure = Failure::input(chain(error));
    match error.help() {
        Some(help) => failure.hint(help),
        None => failure,
    }
}

fn share_out(
    name: &str,
    outcome: ScanOutcome,
    group: &[&Subject<'_>],
) -> Vec<Result<Vec<Measurements>, Unknown>> {
    let ScanOutcome { series, judged, report } = outcome;
    series
        .into_iter()
        .take(group.len())
        .zip(judged)
        .map(|(series, judged)| match report.end {
            Some(at) if report.records > 0 => {
                Ok(vec![Measurements::new(series, at, name).with_judged(judged)])
            }
            _ => Err(Unknown::no_data(format!("`{name}` holds no records"))),
        })
        .collect()
}
