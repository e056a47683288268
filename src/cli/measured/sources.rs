//! One source, read once for all objectives that are measured there.
use super::{
    Measuring,
    inputs::{chain, declared_paths, given_name, given_paths, input},
    request::{BadCondition, request},
    subjects::Subject,
    tell::tell_report,
};
use crate::{
    adapters::files,
    cli::{Failure, Session, Workspace, progress::Progress},
    domains::slo::{
        assess::{Measurements, Unknown},
        resolve::Measurement,
    },
    kernel::{
        measure::{DataSource, LONGEST_LOOKBACK, ScanError, ScanOutcome, data_source::Files, scan},
        spec::{Document, Optional},
    },
};

/// Where an objective is measured, and whether in counts; or why it is not.
pub(super) fn source_of<'a>(
    arguments: &Measuring,
    workspace: &Workspace,
    subject: &Subject<'a>,
) -> Result<(Option<&'a str>, bool), String> {
    let objective = subject.first();
    let indicator =
        objective.indicator.as_ref().ok_or("the objective names no indicator (`sli`)")?;
    let counts = match &indicator.measurement {
        None => return Err("the indicator does not say how it is measured".to_owned()),
        Some(Measurement::Prometheus(_)) => {
            return Err("measured by Prometheus queries, and this version reads files only; \
                        give a file with --data for an indicator of `events` or `counts`"
                .to_owned());
        }
        Some(Measurement::Counts { .. }) => true,
        Some(Measurement::Events { .. }) => false,
    };
    let longest = subject.looks_back();
    if longest > LONGEST_LOOKBACK {
        return Err(format!(
            "a window of `{longest}` is too long: at most `{LONGEST_LOOKBACK}` are counted"
        ));
    }
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
pub(super) fn says_how_to_read(workspace: &Workspace, name: &str) -> bool {
    files_of(workspace, name).is_ok_and(|(_, files)| {
        !files.columns.is_empty()
            || files.time_column.value().is_some()
            || files.duration_unit.value().is_some()
            || files.max_bad_lines.value().is_some()
    })
}

/// What came of reading one source for a group of objectives.
pub(super) enum Scanned {
    /// The measurements of each.
    Done(Vec<Result<Measurements, Unknown>>),
    /// Nothing was read, because of these members of the group.
    Without(Vec<(usize, String)>),
}

/// Reads one source once for all objectives that are measured there.
pub(super) fn scan_group(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    source: Option<&str>,
    counts: bool,
    group: &[&Subject<'_>],
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
                    Ok(Scanned::Without(vec![(measure, reason)]))
                }
                _ => all_unknown(reason),
            }
        }
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

fn share_out(
    name: &str,
    outcome: ScanOutcome,
    group: &[&Subject<'_>],
) -> Vec<Result<Measurements, Unknown>> {
    let ScanOutcome { series, judged, report } = outcome;
    series
        .into_iter()
        .take(group.len())
        .zip(judged)
        .map(|(series, judged)| match report.end {
            Some(at) if report.records > 0 => {
                Ok(Measurements::new(series, at, name).with_judged(judged))
            }
            _ => Err(Unknown::no_data(format!("`{name}` holds no records"))),
        })
        .collect()
}
