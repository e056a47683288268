//! `sre escalate`: who is told of a page, and whether anybody always is in time.
use super::oncall::{Opened, Range, minute};
use crate::{
    cli::{
        Exit, Failure, Session,
        arguments::{Selection, instant},
    },
    domains::{
        incident::spec::IncidentResponse,
        oncall::{
            answer::{
                Shown,
                escalation::{self, AskedProof, AskedSimulation, Claim},
            },
            escalate::{self, ResolvedEscalation},
            spec::EscalationPolicy,
        },
    },
    kernel::{
        spec::{Optional as _, values},
        units::{Duration, Instant},
    },
};
use clap::Subcommand;

/// Arguments of `sre escalate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What is asked.
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Say who is told of a page, minute by minute, until somebody answers
    Simulate(Simulate),
    /// Prove that somebody is told in time of every page of the year ahead, or show one of which nobody is
    Prove(Prove),
}

/// Which policies.
#[derive(Clone, Debug, Default, clap::Args)]
struct Chosen {
    /// Escalation policies by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    policies: Vec<String>,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Debug, clap::Args)]
struct Simulate {
    #[command(flatten)]
    chosen: Chosen,
    /// When the page begins; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// Somebody acknowledges it so long after that; nobody does unless said.
    #[arg(long, value_name = "DURATION")]
    ack: Option<Duration>,
}

#[derive(Debug, clap::Args)]
struct Prove {
    #[command(flatten)]
    chosen: Chosen,
    /// Within how long somebody is to be told; may be repeated. Unless said, within what the policies promise
    /// (`respond_within`) and the severities that name them (`response_time`), or at all.
    #[arg(long, value_name = "DURATION")]
    within: Vec<Duration>,
    /// Of which pages; those of a year unless said.
    #[command(flatten)]
    range: Range,
}

/// Answers a question.
///
/// # Errors
/// If a policy does not exist or has errors.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    match &arguments.question {
        Question::Simulate(arguments) => simulate(arguments, session),
        Question::Prove(arguments) => prove(arguments, session),
    }
}

fn simulate(arguments: &Simulate, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &arguments.chosen.policies, None)?;
    let policies = resolved(&arguments.chosen, session, &opened)?;
    let asked = AskedSimulation {
        at: arguments.at.unwrap_or(minute(session)),
        acknowledged: arguments.ack,
        shown: Shown(session.global().tz.clone()),
    };
    session.answer(&escalation::simulation(&policies, &opened.people(), &asked))
}

fn prove(arguments: &Prove, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &arguments.chosen.policies, None)?;
    let policies = resolved(&arguments.chosen, session, &opened)?;
    let period = arguments.range.period(session, 365)?;
    let with_claims = policies.into_iter().map(|policy| {
        let asked = arguments.within.iter().map(|within| (None, Some(*within)));
        let promised = values(&policy.spec.respond_within)
            .map(|one| (one.severity.get().cloned(), one.within.get().copied()))
            .filter(|_| arguments.within.is_empty());
        let severities = response_times(&opened, policy.document.name())
            .filter(|_| arguments.within.is_empty())
            .map(|(severity, within)| (Some(severity), Some(within)));
        let mut claims: Vec<Claim> = Vec::new();
        for (severity, within) in asked.chain(promised).chain(severities) {
            // A policy and a severity that names it may promise the same.
            if !claims.iter().any(|one| one.severity == severity && one.within == within) {
                claims.push(Claim { severity, within });
            }
        }
        if claims.is_empty() {
            claims.push(Claim { severity: None, within: None });
        }
        (policy, claims)
    });
    let asked = AskedProof { period, shown: Shown(session.global().tz.clone()) };
    let with_claims: Vec<_> = with_claims.collect();
    session.answer(&escalation::proof(&with_claims, &opened.people(), &asked))
}

/// The response times of severities whose escalation a policy is. Those of certain hours are no promise about every
/// page.
fn response_times<'o>(
    opened: &'o Opened,
    policy: &'o str,
) -> impl Iterator<Item = (String, Duration)> + 'o {
    let responses = opened.workspace.catalog.iter::<IncidentResponse>();
    let levels = responses.filter_map(|(_, response)| response.severity_levels.get());
    levels.flat_map(|levels| values(levels)).filter_map(move |level| {
        let escalation = level.escalation.value()?.name();
        let named = escalation == policy && level.hours.is_empty();
        named.then_some((level.name.get()?.to_string(), *level.response_time.value()?))
    })
}

fn resolved<'o>(
    chosen: &Chosen,
    session: &mut Session<'_, '_>,
    opened: &'o Opened,
) -> Result<Vec<ResolvedEscalation<'o>>, Failure> {
    let documents =
        opened.documents::<EscalationPolicy>(session, &chosen.policies, &chosen.selection)?;
    let resolve = |(document, spec)| {
        escalate::resolve(&opened.workspace.catalog, document, spec)
            .map_err(|wrong| opened.refuse(document, &wrong))
    };
    documents.into_iter().map(resolve).collect()
}
