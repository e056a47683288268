//! Looking at runbooks: nothing is run here.
use super::{
    given::{self, Values},
    history::Kept,
};
use crate::{
    cli::{
        Exit, Failure, Session,
        arguments::Selection,
        commands::oncall::{Opened, minute},
    },
    domains::{
        oncall::{
            people::People,
            resolve::all,
            spec::{EscalationPolicy, Rotation, Team},
        },
        runbook::{
            answer::{self, show::EscalationForm},
            engine::variables::{Value, Variables},
            resolve::ResolvedRunbook,
            spec::Runbook,
        },
    },
    kernel::{spec::values, time::Period, units::Instant},
};
use chrono::TimeDelta;

/// Arguments of `sre runbook list`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Runbooks by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    runbooks: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    kept: Kept,
}

/// Lists runbooks.
pub(super) fn list(arguments: &List, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &arguments.runbooks, None)?;
    let runbooks =
        opened.documents::<Runbook>(session, &arguments.runbooks, &arguments.selection)?;
    let runs = arguments.kept.runs(session, &opened.workspace.root)?;
    let runs: Vec<_> = runs.into_iter().map(|run| run.summary).collect();
    session.answer(&answer::list::report(&runbooks, &runs, session.now()))
}

/// Arguments of `sre runbook show`.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The runbook, or a file that holds one.
    #[arg(value_name = "NAME|FILE")]
    runbook: String,
    #[command(flatten)]
    kept: Kept,
}

/// Shows a runbook.
pub(super) fn show(arguments: &Show, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, std::slice::from_ref(&arguments.runbook), None)?;
    let runbook = given::runbook(session, &opened, &arguments.runbook)?;
    let runs = arguments.kept.runs(session, &opened.workspace.root)?;
    let mut own: Vec<_> = runs
        .iter()
        .map(|run| &run.summary)
        .filter(|run| run.started.runbook == runbook.document.name())
        .collect();
    own.sort_by_key(|run| std::cmp::Reverse(run.at));
    let escalation = escalation(&opened, &runbook, minute(session));
    let folder = |path: &std::path::Path| session.shown(path);
    let report = answer::show::report(&runbook, &escalation, &own, &folder);
    session.answer(&report)
}

/// Who each name of the escalation path is now: of a rotation whoever is on call, of a team everybody.
fn escalation(opened: &Opened, runbook: &ResolvedRunbook<'_>, now: Instant) -> Vec<EscalationForm> {
    let catalog = &opened.workspace.catalog;
    let people = People::of(catalog);
    let rotations = if runbook.spec.escalation_path.is_empty() { Vec::new() } else { all(catalog) };
    let moment = Period { from: now, to: now + TimeDelta::minutes(1) };
    let of = |name: &str| {
        if catalog.get::<Rotation>(name).is_some() {
            let rotation = rotations.iter().find(|one| one.document.name() == name);
            let duties = rotation.iter().flat_map(|rotation| rotation.duties());
            let mut on_call = Vec::new();
            for (_, duty) in duties {
                for shift in duty.schedule.shifts(moment) {
                    let person = people.shown(&shift.person).to_owned();
                    if !on_call.contains(&person) {
                        on_call.push(person);
                    }
                }
            }
            return (Some("rotation"), on_call);
        }
        if let Some((_, team)) = catalog.get::<Team>(name) {
            let members = team.members.get().into_iter().flat_map(|list| values(list));
            let names = members.filter_map(|person| person.name.get());
            return (
                Some("team"),
                names.map(|name| people.shown(name.as_str()).to_owned()).collect(),
            );
        }
        if people.place(name).is_some() {
            return (Some("person"), vec![people.shown(name).to_owned()]);
        }
        if catalog.get::<EscalationPolicy>(name).is_some() {
            return (Some("escalation policy"), Vec::new());
        }
        (None, Vec::new())
    };
    values(&runbook.spec.escalation_path)
        .map(|name| {
            let (kind, people) = of(name.as_str());
            EscalationForm { name: name.to_string(), kind: kind.map(str::to_owned), people }
        })
        .collect()
}

/// Arguments of `sre runbook plan`.
#[derive(Debug, clap::Args)]
pub(super) struct Plan {
    /// The runbook, or a file that holds one.
    #[arg(value_name = "NAME|FILE")]
    runbook: String,
    #[command(flatten)]
    values: Values,
}

/// Prints a plan.
pub(super) fn plan(arguments: &Plan, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, std::slice::from_ref(&arguments.runbook), None)?;
    let runbook = given::runbook(session, &opened, &arguments.runbook)?;
    let values = arguments.values.by_name()?;
    let (variables, wrong) = match given::bind(session, &runbook, &values) {
        Ok(variables) => (variables, Vec::new()),
        // What is wrong is said at the end; what is right is shown.
        Err(wrong) => (partly(&runbook, &values), wrong),
    };
    let folder = |path: &std::path::Path| session.shown(path);
    let report = answer::plan::report(&runbook, &variables, wrong, &folder);
    session.answer(&report)
}

/// The values that are fine; a secret is not read for that.
fn partly(
    runbook: &ResolvedRunbook<'_>,
    values: &std::collections::BTreeMap<String, String>,
) -> Variables {
    let mut variables = Variables::new();
    for one in &runbook.parameters {
        let parameter = &one.parameter;
        let text = match values.get(&parameter.name).or(parameter.default.as_ref()) {
            _ if parameter.secret => String::new(),
            Some(text) if parameter.check(text).is_ok() => text.clone(),
            _ => continue,
        };
        variables.insert(parameter.name.clone(), Value { text, secret: parameter.secret });
    }
    variables
}
