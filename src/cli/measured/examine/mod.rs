//! Looks at sources and at what objectives ask of them: the facts that the doctor judges.
//!
//! `server` asks servers, several at a time; `files` reads files and the output of programs.
mod files;
mod server;

use super::{
    Measuring,
    routes::{Route, Way, files_of, route},
    subjects::{self, Subject},
};
use crate::{
    cli::{Failure, Session, Workspace},
    domains::slo::{
        doctor::{Checkup, ExaminedObjective, ExaminedSource, Finding, SOURCE},
        resolve,
        spec::ServiceLevelObjective,
    },
    kernel::spec::Document,
};
use std::collections::BTreeMap;

/// Looks at the sources of these objectives, and whether they can answer what is asked of them. What is
/// wrong with one hides nothing of the others.
///
/// # Errors
/// If the command line names a file that cannot be read or a server that cannot be asked at all.
pub(in crate::cli) fn examine<'a>(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
    chosen: &[(&'a Document, &'a ServiceLevelObjective)],
) -> Result<Checkup<'a>, Failure> {
    super::period(arguments)?;
    // What servers said before is no sign of life.
    let arguments = &Measuring { no_cache: true, ..arguments.clone() };
    let mut checkup = Checkup::default();
    let whole = whole(workspace, chosen, &mut checkup);
    let (subjects, _) = subjects::collect(workspace, &whole)?;
    let mut routes: BTreeMap<Route<'a>, Vec<usize>> = BTreeMap::new();
    for (at, subject) in subjects.iter().enumerate() {
        match route(arguments, workspace, subject) {
            Ok(Some(route)) => routes.entry(route).or_default().push(at),
            Ok(None) => checkup.without_source.push(composite(subject)),
            Err(reason) => {
                let finding = Finding::bad(SOURCE, reason);
                checkup.without_source.push(examined(subject, vec![finding]));
            }
        }
    }
    let mut servers = Vec::new();
    for (route, members) in routes {
        let group: Vec<&Subject<'a>> = members.iter().map(|at| &subjects[*at]).collect();
        if route.way == Way::Server {
            servers.push((route.source, group));
        } else {
            let source = files::look(arguments, session, workspace, route, &group)?;
            join(&mut checkup.sources, source);
        }
    }
    for source in server::look(arguments, session, workspace, servers)? {
        join(&mut checkup.sources, source);
    }
    checkup.sources.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(checkup)
}

/// The objectives that lack nothing; of the others it is said what they lack.
fn whole<'a>(
    workspace: &'a Workspace,
    chosen: &[(&'a Document, &'a ServiceLevelObjective)],
    checkup: &mut Checkup<'a>,
) -> Vec<(&'a Document, &'a ServiceLevelObjective)> {
    let mut whole = Vec::new();
    for (document, slo) in chosen {
        match resolve::resolve(&workspace.catalog, &workspace.settings, document, slo) {
            Ok(_) => whole.push((*document, *slo)),
            Err(incomplete) => {
                let position = workspace.sources.position(incomplete.place);
                let name = workspace.sources.name(incomplete.place.source);
                let place = format!("{name}:{}:{}", position.line, position.column);
                let finding = Finding::bad("objective", format!("{place}: {}", incomplete.message));
                checkup.without_source.push(ExaminedObjective {
                    document,
                    service: None,
                    owner: None,
                    findings: vec![finding.help(incomplete.help)],
                });
            }
        }
    }
    whole
}

/// What was found of an objective.
fn examined<'a>(subject: &Subject<'a>, findings: Vec<Finding>) -> ExaminedObjective<'a> {
    let objective = subject.first();
    ExaminedObjective {
        document: objective.document,
        service: objective.service,
        owner: objective.owner,
        findings,
    }
}

fn composite<'a>(subject: &Subject<'a>) -> ExaminedObjective<'a> {
    let parts: Vec<String> =
        subject.first().composite.iter().map(|(name, _)| format!("`{name}`")).collect();
    let message = format!("it is composed of {}, which are looked at themselves", parts.join(", "));
    examined(subject, vec![Finding::ok(SOURCE, message)])
}

/// Adds a source; one that is read in two ways is one all the same.
fn join<'a>(sources: &mut Vec<ExaminedSource<'a>>, source: ExaminedSource<'a>) {
    match sources.iter_mut().find(|known| known.name == source.name && known.kind == source.kind) {
        None => sources.push(source),
        Some(known) => {
            for finding in source.findings {
                if !known.findings.contains(&finding) {
                    known.findings.push(finding);
                }
            }
            known.objectives.extend(source.objectives);
        }
    }
}
