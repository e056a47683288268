//! `sre incident import`: incidents that stand elsewhere.
use super::store;
use crate::{
    adapters::files,
    cli::{Exit, Failure, Session, Workspace},
    domains::{
        incident::{
            change::{self, NewEvent, NewIncident},
            imported::{Imported, Problem, json_lines, origins, pagerduty},
            resolve,
            spec::{Incident, IncidentResponse},
        },
        service::spec::Service,
    },
    kernel::{report::words, spec::Document},
};
use clap::Subcommand;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Arguments of `sre incident import`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// From where.
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    /// Answers of PagerDuty's REST API: `GET /incidents`, and log entries
    Pagerduty(Files),
    /// An object on each line
    Jsonl(Files),
}

#[derive(Debug, clap::Args)]
struct Files {
    /// Files; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    paths: Vec<PathBuf>,
    /// What a severity or priority there is called here; may be repeated.
    #[arg(long = "severity", value_name = "THERE=HERE", value_parser = pair)]
    severities: Vec<(String, String)>,
    /// What a service there is called here; may be repeated.
    #[arg(long = "service", value_name = "THERE=HERE", value_parser = pair)]
    services: Vec<(String, String)>,
    /// Says what would be written, and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (there, here) = text.split_once('=').ok_or("write it like `P1=SEV-1`")?;
    Ok((there.to_owned(), here.to_owned()))
}

/// Brings incidents in.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let (files, imported) = match &arguments.source {
        Source::Jsonl(files) => {
            let mut imported = Vec::new();
            for path in &files.paths {
                let (text, shown) = text(path, session)?;
                let read = json_lines::read(&text);
                imported.extend(read.map_err(|problems| refuse(session, &shown, &problems))?);
            }
            (files, imported)
        }
        Source::Pagerduty(files) => {
            let mut answers = Vec::new();
            let mut names = Vec::new();
            for path in &files.paths {
                let (text, shown) = text(path, session)?;
                answers
                    .push(serde_json::from_str(&text).map_err(|error| {
                        Failure::input(format!("{shown} is not JSON: {error}"))
                    })?);
                names.push(shown);
            }
            let read = pagerduty::read(&answers);
            let shown = names.join(", ");
            (files, read.map_err(|problems| refuse(session, &shown, &problems))?)
        }
    };
    write(files, imported, session)
}

fn text(path: &Path, session: &mut Session<'_, '_>) -> Result<(String, String), Failure> {
    if path == Path::new("-") {
        return Ok((session.stdin_text()?, "<stdin>".to_owned()));
    }
    let place = session.path(path);
    Ok((files::read_document(&place)?, session.shown(&place)))
}

fn refuse(session: &mut Session<'_, '_>, shown: &str, problems: &[Problem]) -> Failure {
    for problem in problems {
        session.warn(&format!("error: {shown}: {}: {}", problem.place, problem.message));
    }
    let count = words::plural(problems.len() as u64, "error");
    Failure::input(format!("{count} in {shown}: nothing was written"))
}

/// What was done.
#[derive(Default)]
struct Done {
    written: usize,
    lengthened: usize,
    added: usize,
    same: usize,
}

/// Writes what is new.
fn write(
    files: &Files,
    imported: Vec<Imported>,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Failure> {
    let workspace = Workspace::open(session, &[])?;
    // By the origins of their events, in which an incident's own begin alike.
    let all = workspace.catalog.iter::<Incident>();
    let by_origin: BTreeMap<&str, (&Document, &Incident)> = all
        .flat_map(|(document, spec)| origins(spec).map(move |origin| (origin, (document, spec))))
        .collect();
    let mut done = Done::default();
    let mut unknown = BTreeSet::new();
    for one in merged(imported) {
        let mut after = by_origin.range(one.origin.as_str()..);
        let existing = after.next().filter(|(origin, _)| origin.starts_with(&one.origin));
        if let Some((_, (document, spec))) = existing {
            let record = resolve::resolve(document, spec).record;
            let events = one.new_events(spec, &record);
            if events.is_empty() {
                done.same += 1;
                continue;
            }
            if files.dry_run {
                for event in &events {
                    session
                        .print(format!("{}: - {}\n", document.name(), event.line()).as_bytes())?;
                }
            } else {
                store::extend(session, &workspace, document, &events)?;
            }
            done.lengthened += 1;
            done.added += events.len();
            continue;
        }
        let incident = ours(one, files, &workspace, &mut unknown);
        if files.dry_run {
            session.print(format!("--- # {}.yaml\n{}", incident.id, incident.text()).as_bytes())?;
        } else {
            store::create(&workspace, &incident, false)?;
        }
        done.written += 1;
    }
    for what in &unknown {
        session.warn(&format!("warning: {what}"));
    }
    let would = if files.dry_run { "would be " } else { "" };
    session.note(&format!(
        "{} {would}written, {} {would}lengthened by {}, {} the same as before",
        words::plural(done.written as u64, "incident"),
        done.lengthened,
        words::plural(done.added as u64, "event"),
        done.same
    ));
    Ok(Exit::Success)
}

/// The incidents, those that were read more than once as one.
fn merged(imported: Vec<Imported>) -> Vec<Imported> {
    let mut merged: BTreeMap<String, Imported> = BTreeMap::new();
    for one in imported {
        match merged.get_mut(&one.origin) {
            None => drop(merged.insert(one.origin.clone(), one)),
            Some(known) => {
                let known_events = &mut known.events;
                for event in one.events {
                    let same = |other: &NewEvent| {
                        other.origin == event.origin
                            || (event.event.is_clock() && other.event == event.event)
                    };
                    if !known_events.iter().any(same) {
                        known_events.push(event);
                    }
                }
                known_events.sort_by_key(|event| event.at);
            }
        }
    }
    merged.into_values().collect()
}

/// An incident of another tool as one of ours: names that the catalog does not have are left out, and told.
fn ours(
    one: Imported,
    files: &Files,
    workspace: &Workspace,
    unknown: &mut BTreeSet<String>,
) -> NewIncident {
    let named = |pairs: &[(String, String)], there: &str| {
        let found = pairs.iter().find(|(from, _)| from == there);
        found.map_or_else(|| there.to_owned(), |(_, here)| here.clone())
    };
    let levels: BTreeSet<String> = workspace
        .catalog
        .iter::<IncidentResponse>()
        .flat_map(|(_, response)| resolve::levels(&workspace.catalog, response).levels)
        .map(|level| level.name)
        .collect();
    let severity = one.severity.as_deref().map(|there| named(&files.severities, there));
    let severity = severity.filter(|name| {
        let known = levels.is_empty() || levels.contains(name);
        if !known {
            unknown.insert(format!(
                "there is no severity `{name}`: say what it is here with --severity {name}=..."
            ));
        }
        known
    });
    let mut services = Vec::new();
    for there in &one.services {
        let here = named(&files.services, there);
        if workspace.catalog.get::<Service>(&here).is_some() {
            services.push(here);
        } else {
            unknown.insert(format!(
                "no service is called `{here}`: say what it is here with --service \"{there}=...\""
            ));
        }
    }
    let began = one.began().unwrap_or_default();
    let known = |kind: &str, name: &String| workspace.catalog.find(kind, name).is_some();
    let slos = one.slos.iter().filter(|name| {
        let known = known("SLO", name);
        if !known {
            unknown.insert(format!("no SLO is called `{name}`: it is left out"));
        }
        known
    });
    let slos = slos.cloned().collect();
    NewIncident {
        id: change::id(began, &one.title),
        owner: None,
        severity,
        response: None,
        services,
        slos,
        causes: one.causes,
        events: one.events,
        link: one.url.map(|url| ("source".to_owned(), url)),
        title: one.title,
    }
}
