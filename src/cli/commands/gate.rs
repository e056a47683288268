//! `sre gate`: whether a change may go out, as the error budget policies say.
use crate::{
    cli::{
        Exit, Failure, Session, Workspace,
        arguments::instant,
        measured::{self, Measuring},
    },
    domains::slo::{
        answer::{self, GateFailOn},
        assess::Assessment,
        engine::gate::Decision,
        gated::{self, BreakGlass, Circumstances, Gated, Replayed, ResolvedPolicy},
        resolve,
    },
    kernel::{
        measure::LONGEST_LOOKBACK,
        time::rfc3339,
        units::{Duration, Instant},
    },
};
use std::collections::BTreeMap;

/// Arguments of `sre gate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What kind of change waits at the gate: policies may exempt some, such as `security`.
    #[arg(long, value_name = "KIND")]
    change: Option<String>,
    /// Lets the change through in an emergency, for this reason; needs --until.
    #[arg(long, value_name = "REASON", requires = "until")]
    break_glass: Option<String>,
    /// When the emergency ends at the latest.
    #[arg(long, value_name = "INSTANT", value_parser = instant, requires = "break_glass")]
    until: Option<Instant>,
    /// Asks the gate about the measured past instead, and says when changes would have waited.
    #[arg(long, conflicts_with_all = ["change", "break_glass", "fail_on"])]
    replay: bool,
    /// How often the past is asked about: whole days at their end, or hours within each day.
    #[arg(long, value_name = "DURATION", default_value = "1d", requires = "replay")]
    every: Duration,
    /// From which decision on the run fails.
    #[arg(long, value_name = "DECISION", default_value = "freeze", value_parser = GateFailOn::NAMES)]
    fail_on: String,
    /// Objectives and measurements.
    #[command(flatten)]
    measured: measured::Measuring,
}

/// How often the past may be asked about: years of history are judged in seconds then.
const SHORTEST_STEP: Duration = Duration::from_hours(1);

/// Decides whether a change may go out.
///
/// # Errors
/// If an objective does not exist, has errors, or lacks what the computation needs; if its policy cannot
/// be used; if glass is broken in a way that the policy does not allow.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let fail_on: GateFailOn = arguments.fail_on.parse().map_err(Failure::input)?;
    if arguments.measured.from.is_some() {
        return Err(Failure::input("a gate stands at the end of an objective's own window")
            .hint("--at INSTANT asks about an earlier moment"));
    }
    if arguments.every < SHORTEST_STEP {
        return Err(Failure::input(format!("--every {} is too often", arguments.every))
            .hint(format!("ask at most every {SHORTEST_STEP}")));
    }
    let circumstances = Circumstances {
        now: session.now(),
        change: arguments.change.clone(),
        break_glass: break_glass(arguments, session)?,
    };
    let paths = measured::paths(&arguments.measured, session);
    let workspace = Workspace::open(session, &paths)?;
    let chosen = measured::choose(&arguments.measured, session, &workspace)?;
    let mut policies = Policies::new();
    let (catalog, settings) = (&workspace.catalog, &workspace.settings);
    for (document, slo) in &chosen {
        for window in resolve::windows(document, slo, settings) {
            let policy = gated::policy_of(catalog, settings, document, slo, &window);
            let policy = policy.map_err(|error| {
                Failure::input(error.to_string())
                    .hint("`sre list errorbudgetpolicy` shows what there is")
            })?;
            policies.insert((document.name(), window.to_string()), policy);
        }
    }
    // A policy may look further back than the objective.
    let windows = policies.values().flat_map(|policy| policy.policy.burn_windows());
    let longest = windows.max().unwrap_or_default().min(LONGEST_LOOKBACK);
    let lookback = if arguments.replay { LONGEST_LOOKBACK } else { longest };
    let ahead = policies.values().flat_map(|policy| policy.policy.probability_windows()).max();
    // The end of a period is looked at anyway.
    let measuring = Measuring {
        forecast: ahead.is_some() && !arguments.replay,
        horizon: ahead.flatten().unwrap_or_default(),
        lookback,
        ..arguments.measured.clone()
    };
    let assessments = measured::assess(&measuring, session, &workspace, &chosen)?;
    if arguments.replay {
        return replay(arguments, &assessments, &policies, session, &workspace);
    }
    let gated: Vec<Gated<'_, '_>> = assessments
        .iter()
        .map(|assessment| {
            gated::decide(assessment, policy_of(&policies, assessment), &circumstances)
        })
        .collect();
    if let Some(glass) = &circumstances.break_glass {
        check_glass(glass, &gated, session)?;
    }
    let zone = session.zone(&workspace.settings);
    let exit = session.answer(&answer::gate::report(&gated, &circumstances, fail_on, &zone))?;
    // What a policy has decided for the unknown is decided, whatever the reason for not knowing.
    let undecided = gated.iter().filter(|one| one.decision == Decision::Unknown);
    Ok(measured::exit(undecided.map(|one| one.assessment), exit))
}

/// The policy of each objective over each of its windows, by its name and the window: 30 days that roll are
/// not a month of the calendar.
type Policies<'a> = BTreeMap<(&'a str, String), ResolvedPolicy<'a>>;

/// The policy of the objective and window that an assessment is about.
fn policy_of<'a>(policies: &Policies<'a>, assessment: &Assessment<'a>) -> ResolvedPolicy<'a> {
    let objective = &assessment.objective;
    match policies.get(&(objective.document.name(), objective.window.to_string())) {
        Some(policy) => policy.clone(),
        None => gated::default_policy(),
    }
}

/// Says what the gate would have said.
fn replay(
    arguments: &Arguments,
    assessments: &[Assessment<'_>],
    policies: &Policies<'_>,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let zone = session.zone(&workspace.settings);
    let replayed: Vec<Replayed<'_, '_>> = assessments
        .iter()
        .map(|assessment| {
            gated::replay(assessment, policy_of(policies, assessment), arguments.every, &zone)
        })
        .collect();
    let report = answer::gate::replay::report(&replayed, arguments.every, &zone);
    let exit = session.answer(&report)?;
    Ok(measured::exit(assessments, exit))
}

/// How glass is to be broken.
fn break_glass(
    arguments: &Arguments,
    session: &Session<'_, '_>,
) -> Result<Option<BreakGlass>, Failure> {
    let Some((reason, until)) = arguments.break_glass.as_ref().zip(arguments.until) else {
        return Ok(None);
    };
    if reason.trim().is_empty() {
        return Err(Failure::input("glass is broken without a reason").hint(
            "say why, so that others can read it: --break-glass 'INC-42: checkout is down'",
        ));
    }
    if until <= session.now() {
        return Err(Failure::input(format!("--until {} lies in the past", rfc3339(until)))
            .hint("name the moment at which the emergency is over at the latest"));
    }
    Ok(Some(BreakGlass { reason: reason.clone(), until }))
}

/// Holds broken glass against the policies that it breaks, and says loudly that it is broken.
fn check_glass(
    glass: &BreakGlass,
    gated: &[Gated<'_, '_>],
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    let broken: Vec<&Gated<'_, '_>> = gated.iter().filter(|one| one.broken).collect();
    for one in &broken {
        let (policy, longest) = (one.policy.name, one.policy.longest_break_glass);
        if longest.is_zero() {
            return Err(Failure::input(format!("`{policy}` does not allow to break glass"))
                .hint("agree on an exemption in the policy"));
        }
        if glass.until - session.now() > longest.to_chrono() {
            let until = rfc3339(glass.until);
            return Err(Failure::input(format!(
                "--until {until} lies too far ahead: `{policy}` allows at most {longest}"
            ))
            .hint("name an earlier moment, or agree on an exemption in the policy"));
        }
    }
    let mut names: Vec<&str> =
        broken.iter().map(|one| one.assessment.objective.document.name()).collect();
    names.dedup();
    let (until, reason) = (rfc3339(glass.until), &glass.reason);
    if names.is_empty() {
        session.note("note: nothing held up the change, no glass was broken");
    } else {
        let names = names.join(", ");
        session.shout(&format!("warning: GLASS BROKEN for {names} until {until}: {reason}"));
    }
    Ok(())
}
