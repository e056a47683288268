//! Files, and what programs print: reads them as an answer would, and keeps what reading told.
use super::{
    super::{
        inputs::given_name,
        sources::{Read, Scanned, read_group},
    },
    Measuring, Route, Subject, Way, examined, files_of,
};
use crate::{
    cli::{Failure, Session, Workspace},
    domains::slo::{
        assess::{Measurements, Unknown},
        doctor::{ExaminedObjective, ExaminedSource, Finding, SOURCE, SourceKind, counts, files},
    },
};

/// Reads one source and looks at what it gives for the objectives that are measured there.
///
/// # Errors
/// If a file that the command line names cannot be read.
pub(super) fn look<'a>(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
    route: Route<'a>,
    group: &[&Subject<'a>],
) -> Result<ExaminedSource<'a>, Failure> {
    let given = !arguments.data.is_empty();
    let name = match route.source.filter(|_| !given) {
        Some(name) => name.to_owned(),
        None => given_name(arguments),
    };
    let program = route.source.filter(|_| !given).and_then(|name| {
        let command = files_of(workspace, name).ok()?.command?;
        command.run.get()?.first()?.get().cloned()
    });
    let kind = if program.is_some() { SourceKind::Command } else { SourceKind::Files };
    let mut source =
        ExaminedSource { name, kind, place: program.clone(), findings: vec![], objectives: vec![] };
    if let Some(program) = program.filter(|_| !arguments.allow_command) {
        let message = format!("`{program}` is not run unless that is allowed");
        let help = "look at what it does, and allow it with --allow-command";
        source.findings.push(Finding::unknown("program", message).help(help));
        source.objectives = unread(group);
        return Ok(source);
    }
    let (results, read) = read_all(arguments, session, workspace, route, group)?;
    match &read {
        Some(Read { report, .. }) => {
            if kind == SourceKind::Files {
                let names: Vec<&str> =
                    report.inputs.iter().map(|input| input.name.as_str()).collect();
                source.place = Some(names.join(", "));
            }
            let end = arguments.at.or(arguments.to).unwrap_or_else(|| session.now());
            source.findings = files::judge(report, end);
        }
        None => {
            if let Some(unknown) = common(&results) {
                source.findings.push(Finding::unread("read", unknown));
                source.objectives = unread(group);
                return Ok(source);
            }
        }
    }
    let is_empty = read.is_some_and(|read| read.report.records == 0);
    let chosen = arguments.from.zip(arguments.to);
    source.objectives = group
        .iter()
        .zip(results)
        .map(|(subject, result)| match result {
            _ if is_empty => examined(subject, vec![nothing_known()]),
            Ok(measured) => {
                let windows =
                    if chosen.is_some() { &subject.windows[..1] } else { &subject.windows };
                let findings = windows
                    .iter()
                    .flat_map(|window| counts::measured(window, &measured, chosen))
                    .collect();
                examined(subject, findings)
            }
            Err(unknown) => examined(subject, vec![Finding::unread("query", &unknown)]),
        })
        .collect();
    Ok(source)
}

/// The measurements of each objective, or why there are none.
type Results = Vec<Result<Vec<Measurements>, Unknown>>;

/// Reads a source for all that can be read there: what one objective asks for in vain is no reason not to
/// look at the others.
fn read_all(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    route: Route<'_>,
    group: &[&Subject<'_>],
) -> Result<(Results, Option<Read>), Failure> {
    let mut results: Vec<Option<Result<Vec<Measurements>, Unknown>>> =
        group.iter().map(|_| None).collect();
    let mut found = None;
    loop {
        let open: Vec<usize> = (0..group.len()).filter(|at| results[*at].is_none()).collect();
        if open.is_empty() {
            break;
        }
        let members: Vec<&Subject<'_>> = open.iter().map(|at| group[*at]).collect();
        let (scanned, read) =
            read_group(arguments, session, workspace, route.source, route.way, &members)?;
        match scanned {
            Scanned::Done(outcome) => {
                for (at, result) in open.into_iter().zip(outcome) {
                    results[at] = Some(result);
                }
                found = read;
                break;
            }
            Scanned::Without(reasons) if reasons.is_empty() => break,
            Scanned::Without(reasons) => {
                for (member, unknown) in reasons {
                    results[open[member]] = Some(Err(unknown));
                }
            }
        }
    }
    let has_results = results.iter().any(Option::is_some);
    if found.is_none() && has_results && route.way != Way::Samples {
        // Whether it is the source that cannot be read, or what each objective asks of it.
        (_, found) = read_group(arguments, session, workspace, route.source, route.way, &[])?;
    }
    let unknown = || Err(Unknown::no_data("not measured"));
    Ok((results.into_iter().map(|result| result.unwrap_or_else(unknown)).collect(), found))
}

/// The one reason for which nothing was read for any of several objectives: it is the source's.
fn common(results: &Results) -> Option<&Unknown> {
    let mut reasons = results.iter().map(|result| result.as_ref().err());
    let first = reasons.next()??;
    reasons.all(|reason| reason == Some(first)).then_some(first)
}

fn unread<'a>(group: &[&Subject<'a>]) -> Vec<ExaminedObjective<'a>> {
    group.iter().map(|subject| examined(subject, vec![nothing_known()])).collect()
}

fn nothing_known() -> Finding {
    Finding::unknown(SOURCE, "not looked at, because nothing could be read from its source")
}
