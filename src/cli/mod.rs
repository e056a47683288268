//! The shell around the library: arguments, settings, one file per command, exit codes. Nothing else
//! prints.
pub mod arguments;
pub mod commands;
mod exit;
mod failure;
mod losses;
mod measured;
mod output;
mod progress;
pub mod reference;
mod revisions;
mod selection;
mod session;
mod texts;
mod workspace;
mod world;

pub use exit::Exit;
pub use failure::Failure;
pub use session::Session;
pub use workspace::Workspace;
pub use world::World;

use crate::kernel::report::FormKind;
use arguments::Arguments;
use clap::{CommandFactory, FromArgMatches};

/// Runs the program: reads the command line, carries out the command, prints, and says how it ended.
pub fn main(world: &mut World<'_>) -> Exit {
    let matches = command().try_get_matches_from(&world.arguments);
    let arguments = match matches.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(world, &error),
    };
    let outcome = Session::new(world, arguments.global)
        .and_then(|mut session| commands::run(arguments.command, &mut session));
    match outcome {
        Ok(exit) => exit,
        Err(failure) => output::failure(world, &failure),
    }
}

/// The command line as clap knows it, with the commands in groups.
pub fn command() -> clap::Command {
    commands::help::with_groups(Arguments::command())
}

/// The machine forms of all answers, for which JSON Schemas are published.
pub fn forms() -> Vec<FormKind> {
    use crate::{
        domains::incident::answer::{
            IncidentAnswer, IncidentCostAnswer, IncidentListAnswer, IncidentStatsAnswer,
            IncidentTimelineAnswer,
        },
        domains::oncall::answer::{
            EscalationProofAnswer, EscalationSimulationAnswer, FairnessAnswer, GapsAnswer,
            NextAnswer, OncallDiffAnswer, ScheduleAnswer, WhoAnswer,
        },
        domains::postmortem::answer::{PostMortemActionsAnswer, PostMortemCheckAnswer},
        domains::recovery::answer::{
            RecoveryCheckAnswer, RecoveryPlanAnswer, RecoveryStatusAnswer,
        },
        domains::runbook::answer::{
            CoverageAnswer, PlanAnswer, RunAnswer, RunbookAnswer, RunbookListAnswer,
        },
        domains::slo::answer::{
            BacktestAnswer, BudgetAnswer, BurnAnswer, DoctorAnswer, GateAnswer, GateReplayAnswer,
            RouteAnswer, RulesAnswer, SlaAnswer,
        },
        domains::toil::answer::ToilAnswer,
        kernel::diagnostic::render::json,
        views::{diff::DiffAnswer, graph::GraphAnswer, status::StatusAnswer, test::TestAnswer},
    };
    vec![
        FormKind::of::<BacktestAnswer>(),
        FormKind::of::<BudgetAnswer>(),
        FormKind::of::<BurnAnswer>(),
        FormKind::of::<DiffAnswer>(),
        FormKind::of::<DoctorAnswer>(),
        FormKind::of::<RecoveryCheckAnswer>(),
        FormKind::of::<RecoveryPlanAnswer>(),
        FormKind::of::<RecoveryStatusAnswer>(),
        FormKind::of::<EscalationProofAnswer>(),
        FormKind::of::<EscalationSimulationAnswer>(),
        FormKind::of::<GateAnswer>(),
        FormKind::of::<GateReplayAnswer>(),
        FormKind::of::<GraphAnswer>(),
        FormKind::of::<IncidentAnswer>(),
        FormKind::of::<IncidentCostAnswer>(),
        FormKind::of::<IncidentListAnswer>(),
        FormKind::of::<IncidentStatsAnswer>(),
        FormKind::of::<IncidentTimelineAnswer>(),
        FormKind::of::<commands::list::ListAnswer>(),
        FormKind::of::<losses::LossesAnswer>(),
        FormKind::of::<commands::show::ShowAnswer>(),
        FormKind::of::<OncallDiffAnswer>(),
        FormKind::of::<FairnessAnswer>(),
        FormKind::of::<GapsAnswer>(),
        FormKind::of::<NextAnswer>(),
        FormKind::of::<ScheduleAnswer>(),
        FormKind::of::<WhoAnswer>(),
        FormKind::of::<PostMortemActionsAnswer>(),
        FormKind::of::<PostMortemCheckAnswer>(),
        FormKind::of::<RouteAnswer>(),
        FormKind::of::<RulesAnswer>(),
        FormKind::of::<RunbookAnswer>(),
        FormKind::of::<CoverageAnswer>(),
        FormKind::of::<RunbookListAnswer>(),
        FormKind::of::<PlanAnswer>(),
        FormKind::of::<RunAnswer>(),
        FormKind::of::<SlaAnswer>(),
        FormKind::of::<StatusAnswer>(),
        FormKind::of::<TestAnswer>(),
        FormKind::of::<ToilAnswer>(),
        FormKind::of::<json::Report>(),
        FormKind::of::<commands::version::VersionAnswer>(),
    ]
}
