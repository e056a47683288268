//! `sre sla`: what agreements say of a period, and what that costs.
use crate::{
    cli::{
        Exit, Failure, Session, Workspace,
        arguments::{Selection, instant},
        measured::{self, Measuring, max_bad_lines},
        selection,
    },
    domains::slo::{
        answer::{self, SlaFailOn},
        assess::Assessment,
        contract::{self, Asked, Contract, Statement},
        spec::ServiceLevelAgreement,
    },
    kernel::{
        measure::MaxBadLines,
        spec::Target as _,
        time::{CalendarUnit, NamedPeriod, rfc3339},
        units::{Duration, Instant},
    },
};
use std::{collections::BTreeMap, path::PathBuf};

/// Arguments of `sre sla`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Arguments {
    /// Agreements by name; all of the catalog unless said.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// The month, quarter or year: `2025-06`, `2025-Q2`, `2025`; else the one in which the measurements
    /// end, so far.
    #[arg(long, value_name = "PERIOD", value_parser = period, conflicts_with = "previous")]
    period: Option<NamedPeriod>,
    /// The period before the one in which the measurements end.
    #[arg(long)]
    previous: bool,
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
    /// Says on standard error what servers are asked, and what they answer.
    #[arg(long)]
    show_queries: bool,
    /// Where the measurements are taken to end; else where they do.
    #[arg(long, value_name = "INSTANT", value_parser = instant, conflicts_with = "period")]
    at: Option<Instant>,
    /// Unreadable lines that are put up with: a number, or a share such as `1%`.
    #[arg(long, value_name = "NUMBER|SHARE", value_parser = max_bad_lines)]
    max_bad_lines: Option<MaxBadLines>,
    /// From which state on the run fails.
    #[arg(long, value_name = "STATE", default_value = "below", value_parser = SlaFailOn::NAMES)]
    fail_on: String,
    /// Which agreements.
    #[command(flatten)]
    selection: Selection,
}

/// Reads a period of the command line.
fn period(text: &str) -> Result<NamedPeriod, String> {
    let period = NamedPeriod::parse(text)
        .ok_or_else(|| "write it like `2025-06`, `2025-Q2` or `2025`".to_owned())?;
    // As with instants: what measurements are counted with has no room for more.
    if !(1700..2249).contains(&period.year()) {
        return Err(format!("`{text}` is not within the years 1700 to 2248"));
    }
    Ok(period)
}

/// Computes what agreements say.
///
/// # Errors
/// If an agreement does not exist or has errors, or its period is not the one asked for or lies ahead.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let fail_on: SlaFailOn = arguments.fail_on.parse().map_err(Failure::input)?;
    let workspace = Workspace::open(session, &[])?;
    let contracts = contracts(arguments, session, &workspace)?;
    let asked = match (arguments.period, arguments.previous) {
        (Some(period), _) => Asked::Named(period),
        (None, true) => Asked::Previous,
        (None, false) => Asked::Current,
    };
    let mut slos: Vec<String> =
        contracts.iter().filter_map(|contract| contract.slo.map(str::to_owned)).collect();
    slos.sort_unstable();
    slos.dedup();
    let assessments = if slos.is_empty() {
        Vec::new()
    } else {
        let measuring = measuring(arguments, session, &contracts, slos)?;
        let chosen = measured::choose(&measuring, session, &workspace)?;
        measured::assess(&measuring, session, &workspace, &chosen)?
    };
    let statements: Vec<Statement<'_>> = contracts
        .into_iter()
        .map(|contract| {
            let of = |one: &&Assessment<'_>| Some(one.objective.document.name()) == contract.slo;
            let own: Vec<&Assessment<'_>> = assessments.iter().filter(of).collect();
            contract::state(contract, &own, asked)
        })
        .collect::<Result<_, _>>()
        .map_err(|incomplete| measured::refuse(&workspace, &incomplete))?;
    let zone = session.zone(&workspace.settings);
    let exit = session.answer(&answer::sla::report(&statements, fail_on, &zone))?;
    let unknown = statements.iter().filter_map(|statement| statement.outcome.as_ref().err());
    Ok(unknown.map(measured::fault).fold(exit, Exit::and))
}

/// The agreements that the arguments name, with the period that is asked for.
fn contracts<'a>(
    arguments: &Arguments,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
) -> Result<Vec<Contract<'a>>, Failure> {
    let kind = ServiceLevelAgreement::KIND;
    let mut ids = Vec::new();
    for name in &arguments.names {
        ids.extend(selection::find(workspace, Some(kind), name)?);
    }
    if arguments.names.is_empty() {
        let documents = workspace.catalog.documents().iter().enumerate();
        ids.extend(documents.filter(|(_, one)| one.kind.name == kind).map(|(id, _)| id));
    }
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| arguments.selection.includes(workspace, workspace.catalog.document(*id)));
    measured::refuse_errors(session, workspace, &ids.iter().copied().collect(), false)?;
    let mut contracts = Vec::new();
    for id in ids {
        let document = workspace.catalog.document(id);
        let Some(spec) = document.spec::<ServiceLevelAgreement>() else { continue };
        let Some(contract) = contract::resolve(&workspace.catalog, document, spec) else {
            continue;
        };
        match arguments.period {
            Some(period) if period.unit() != contract.unit => {
                if !arguments.names.is_empty() {
                    return Err(other_span(&contract));
                }
            }
            _ => contracts.push(contract),
        }
    }
    if contracts.is_empty() {
        return Err(Failure::input("no agreement is meant by this")
            .hint("`sre list sla` shows what there is"));
    }
    Ok(contracts)
}

fn other_span(contract: &Contract<'_>) -> Failure {
    let example = match contract.unit {
        CalendarUnit::Week => "2025-W23",
        CalendarUnit::Month => "2025-06",
        CalendarUnit::Quarter => "2025-Q2",
        CalendarUnit::Year => "2025",
    };
    let (name, unit) = (contract.document.name(), contract.unit.name());
    Failure::input(format!("`{name}` is agreed on by the {unit}"))
        .hint(format!("write the period like `{example}`"))
}

/// What is to be measured for these agreements.
///
/// A period that is over by the clock ends the measurements; else they go on to where they end, and
/// enough is read before that for the period asked for.
fn measuring(
    arguments: &Arguments,
    session: &Session<'_, '_>,
    contracts: &[Contract<'_>],
    slos: Vec<String>,
) -> Result<Measuring, Failure> {
    let mut longest_steps = BTreeMap::new();
    for contract in contracts {
        let Some(slo) = contract.slo else { continue };
        let step = contract.longest_step();
        let longest = longest_steps.entry(slo.to_owned()).or_insert(step);
        *longest = step.min(*longest);
    }
    let mut measuring = Measuring {
        slos,
        data: arguments.data.clone(),
        prometheus: arguments.prometheus.clone(),
        allow_command: arguments.allow_command,
        no_cache: arguments.no_cache,
        show_queries: arguments.show_queries,
        longest_steps,
        at: arguments.at,
        max_bad_lines: arguments.max_bad_lines,
        ..Measuring::default()
    };
    let Some(period) = arguments.period else {
        // The current period and the whole one before it, and the longest of either.
        let longest = contracts.iter().map(|contract| match contract.unit {
            CalendarUnit::Week => 14,
            CalendarUnit::Month => 62,
            CalendarUnit::Quarter => 184,
            CalendarUnit::Year => 732,
        });
        measuring.lookback = Duration::from_days(longest.max().unwrap_or(0));
        return Ok(measuring);
    };
    let bounds = contracts.iter().map(|contract| period.period(&contract.zone));
    let (from, to) = bounds
        .map(|one| (one.from, one.to))
        .reduce(|(from, to), (other, end)| (from.min(other), to.max(end)))
        .unwrap_or((session.now(), session.now()));
    if from >= session.now() {
        return Err(Failure::input(format!("the period {period} lies ahead"))
            .hint(format!("it begins at {}", rfc3339(from))));
    }
    let end = to.min(session.now());
    measuring.at = (to <= session.now()).then_some(to);
    let length = u64::try_from((end - from).num_milliseconds()).unwrap_or(0);
    measuring.lookback = Duration::from_milliseconds(length);
    Ok(measuring)
}
