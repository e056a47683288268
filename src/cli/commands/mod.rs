//! One file per command: its arguments, and what it does with them.
pub mod backtest;
pub mod budget;
pub mod burn;
pub mod completions;
pub mod diff;
pub mod doctor;
pub mod dr;
pub mod escalate;
pub mod explain;
pub mod export;
pub mod fmt;
pub mod gate;
pub mod graph;
pub mod help;
pub mod import;
pub mod incident;
pub mod init;
pub mod list;
pub mod man;
pub mod new;
pub mod oncall;
pub mod postmortem;
pub mod route;
pub mod runbook;
pub mod schema;
pub mod show;
pub mod sla;
pub mod status;
pub mod test;
pub mod toil;
pub mod validate;
pub mod version;

use super::{Exit, Failure, Session, arguments::Command};

/// Carries out a command.
pub(super) fn run(command: Command, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    match command {
        Command::Init(arguments) => init::run(&arguments, session),
        Command::New(arguments) => new::run(&arguments, session),
        Command::Validate(arguments) => validate::run(&arguments, session),
        Command::Export(arguments) => export::run(&arguments, session),
        Command::Fmt(arguments) => fmt::run(&arguments, session),
        Command::Import(arguments) => import::run(&arguments, session),
        Command::Status(arguments) => status::run(&arguments, session),
        Command::Backtest(arguments) => backtest::run(&arguments, session),
        Command::Budget(arguments) => budget::run(&arguments, session),
        Command::Burn(arguments) => burn::run(&arguments, session),
        Command::Doctor(arguments) => doctor::run(&arguments, session),
        Command::Dr(arguments) => dr::run(&arguments, session),
        Command::Escalate(arguments) => escalate::run(&arguments, session),
        Command::Oncall(arguments) => oncall::run(&arguments, session),
        Command::Postmortem(arguments) => postmortem::run(&arguments, session),
        Command::Toil(arguments) => toil::run(&arguments, session),
        Command::Incident(arguments) => incident::run(&arguments, session),
        Command::Gate(arguments) => gate::run(&arguments, session),
        Command::Sla(arguments) => sla::run(&arguments, session),
        Command::Test(arguments) => test::run(&arguments, session),
        Command::Route(arguments) => route::run(&arguments, session),
        Command::List(arguments) => list::run(&arguments, session),
        Command::Show(arguments) => show::run(&arguments, session),
        Command::Diff(arguments) => diff::run(&arguments, session),
        Command::Graph(arguments) => graph::run(&arguments, session),
        Command::Explain(arguments) => explain::run(&arguments, session),
        Command::Runbook(arguments) => runbook::run(&arguments, session),
        Command::Schema(arguments) => schema::run(&arguments, session),
        Command::Completions(arguments) => completions::run(&arguments, session),
        Command::Man(arguments) => man::run(&arguments, session),
        Command::Version(arguments) => version::run(&arguments, session),
        Command::Help(arguments) => help::run(&arguments, session),
    }
}
