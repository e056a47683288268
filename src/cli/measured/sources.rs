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
    domains::slo::assess::{Measurements, Unknown},
    kernel::measure::{Input, ScanError, ScanOutcome, ScanRequest, scan},
};

/// What came of reading one source for a group of objectives.
pub(super) enum Scanned {
    /// The measurements of each.
    Done(Vec<Result<Vec<Measurements>, Unknown>>),
    /// Nothing was read, because of these members of the group.
    Without(Vec<(usize, Unknown)>),
}

/// Reads one source once for all objectives that are measured there.
pub(super) fn scan_group(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    source: Option<&str>,
    way: Way,
    group: &[&Subject<'_>],
) -> Result<Scanned, Failure> {
    let all_unknown = |unknown: Unknown| {
        Ok(Scanned::Without((0..group.len()).map(|member| (member, unknown.clone())).collect()))
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
            return Ok(Scanned::Without(conditions.into_iter().map(reason).collect()));
        }
    };
    let opened = match (&files, source) {
        (Some(files), Some(name)) if !given => {
            match declared(arguments, session, workspace, files, &request) {
                Ok((inputs, total)) => Opened { name: name.to_owned(), inputs, total },
                Err(unknown) => return all_unknown(unknown),
            }
        }
        _ => {
            let paths = given_paths(arguments, session)?;
            let total = paths.iter().map(|path| files::size(path)).sum();
            let inputs = paths.iter().map(|path| input(session, path)).collect::<Result<_, _>>()?;
            Opened { name: given_name(arguments), inputs, total }
        }
    };
    let Opened { name, inputs, total } = opened;
    let progress = Progress::new(session, &format!("reading {name}"), total);
    let outcome = scan(inputs, &request, &|bytes| progress.advance(bytes));
    drop(progress);
    match outcome {
        Ok(outcome) => {
            tell_report(session, &name, &outcome.report);
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
                    Ok(Scanned::Without(vec![(measure, Unknown::input(reason))]))
                }
                _ => all_unknown(Unknown::input(reason)),
            }
        }
    }
}

/// What is read.
struct Opened {
    name: String,
    inputs: Vec<Input>,
    /// Bytes, as far as known.
    total: u64,
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
