//! `sre dr`: whether services come back from a disaster, how, and when that was last tried.
mod drill;

use super::oncall::Opened;
use crate::{
    cli::{Exit, Failure, Session, arguments::Selection},
    domains::recovery::{
        answer::{check, plan, status},
        judge::{self, Judged},
        resolve::{self, ResolvedPlan},
        spec::DisasterRecoveryPlan,
    },
};
use clap::Subcommand;

/// Arguments of `sre dr`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What is asked.
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Say whether plans keep their objectives of time and data, after each disruption
    Check(Chosen),
    /// Show a plan as it is carried out: steps with their earliest beginning and their slack
    Plan(Plan),
    /// Test a plan, and write down how long each step takes
    Drill(drill::Arguments),
    /// Show which plans were tested and are due, and which services have none
    Status(Chosen),
}

/// Which plans.
#[derive(Clone, Debug, Default, clap::Args)]
struct Chosen {
    /// Recovery plans by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    plans: Vec<String>,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Debug, clap::Args)]
struct Plan {
    /// The recovery plan.
    #[arg(value_name = "NAME|FILE")]
    plan: String,
    /// After which disruption; after each unless said.
    #[arg(long, value_name = "NAME")]
    disruption: Option<String>,
}

/// Answers a question.
///
/// # Errors
/// If a plan does not exist or has errors.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    match &arguments.question {
        Question::Check(chosen) => check(chosen, session),
        Question::Plan(arguments) => plan(arguments, session),
        Question::Drill(arguments) => drill::run(arguments, session),
        Question::Status(chosen) => status(chosen, session),
    }
}

fn check(chosen: &Chosen, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let opened = Opened::of(session, &chosen.plans, None)?;
    let plans = plans(&opened, session, chosen)?;
    let report = check::report(&judged(&opened, &plans, session), session.now());
    session.answer(&report)
}

fn status(chosen: &Chosen, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let opened = Opened::of(session, &chosen.plans, None)?;
    let plans = plans(&opened, session, chosen)?;
    let catalog = &opened.workspace.catalog;
    let without = judge::without_plan(catalog, &resolve::all(catalog));
    let report = status::report(&judged(&opened, &plans, session), &without, session.now());
    session.answer(&report)
}

fn plan(arguments: &Plan, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let chosen = Chosen { plans: vec![arguments.plan.clone()], ..Chosen::default() };
    let opened = Opened::of(session, &chosen.plans, None)?;
    let plans = plans(&opened, session, &chosen)?;
    let [plan] = plans.as_slice() else {
        return Err(Failure::input(format!("`{}` is {} plans", arguments.plan, plans.len()))
            .hint("name one of them"));
    };
    let judged = judged(&opened, &plans, session);
    let mut disruptions = judged.into_iter().flat_map(|one| one.disruptions).collect::<Vec<_>>();
    if let Some(wanted) = &arguments.disruption {
        refuse_unknown(plan, wanted)?;
        disruptions.retain(|one| one.disruption.name == Some(wanted));
    }
    session.answer(&plan::report(plan, &disruptions))
}

/// Refuses a disruption that a plan does not have.
fn refuse_unknown(plan: &ResolvedPlan<'_>, wanted: &str) -> Result<(), Failure> {
    let names: Vec<&str> = plan.disruptions.iter().filter_map(|one| one.name).collect();
    if names.contains(&wanted) {
        return Ok(());
    }
    let failure = Failure::input(format!("the plan has no disruption `{wanted}`"));
    Err(if names.is_empty() {
        failure.hint("it does not tell any apart: leave --disruption out")
    } else {
        failure.hint(format!("it has {}", names.join(", ")))
    })
}

/// The plans that are meant.
fn plans<'o>(
    opened: &'o Opened,
    session: &mut Session<'_, '_>,
    chosen: &Chosen,
) -> Result<Vec<ResolvedPlan<'o>>, Failure> {
    let documents =
        opened.documents::<DisasterRecoveryPlan>(session, &chosen.plans, &chosen.selection)?;
    let resolve = |(document, spec)| {
        resolve::resolve(&opened.workspace.catalog, document, spec)
            .map_err(|wrong| opened.refuse(document, &wrong))
    };
    documents.into_iter().map(resolve).collect()
}

fn judged<'p, 'o>(
    opened: &'o Opened,
    plans: &'p [ResolvedPlan<'o>],
    session: &Session<'_, '_>,
) -> Vec<Judged<'p, 'o>> {
    let catalog = &opened.workspace.catalog;
    let all = resolve::all(catalog);
    plans.iter().map(|plan| judge::judge(catalog, plan, &all, session.now())).collect()
}
