//! `sre toil`: how much work by hand there is, and what is worth automating.
use super::postmortem::transcripts;
use crate::{
    cli::{Exit, Failure, Session, Workspace, measured},
    domains::{
        incident::resolve as incidents,
        oncall::people::People,
        toil::{
            answer::{self, Asked},
            engine::work::Source,
            ledger,
            spec::{Month, ToilLog},
        },
    },
    kernel::spec::{Target as _, problem, scalar::Scalar as _},
};

/// Arguments of `sre toil`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Teams, or logs without one; all of the catalog unless said.
    #[arg(value_name = "TEAM")]
    teams: Vec<String>,
    /// How many months are looked at, the last included.
    #[arg(long, value_name = "NUMBER", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=120))]
    months: u32,
    /// The last month, such as `2026-10`; the present one unless said.
    #[arg(long, value_name = "MONTH", value_parser = month)]
    until: Option<Month>,
    /// Leaves out what is known from there; may be repeated.
    #[arg(long, value_name = "SOURCE", value_parser = ["logged", "runbook", "page"])]
    without: Vec<String>,
    /// When the run fails: above the cap over all months, or never.
    #[arg(long, value_name = "STATE", default_value = "above", value_parser = ["above", "never"])]
    fail_on: String,
}

fn month(text: &str) -> Result<Month, String> {
    Month::read(text).map_err(|wrong| wrong.message)
}

/// Computes toil.
///
/// # Errors
/// If a log has errors, or a team is not known or has none.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let workspace = Workspace::open(session, &[])?;
    let documents = workspace.catalog.documents().iter().enumerate();
    let logs = documents.filter(|(_, document)| document.kind.name == ToilLog::KIND);
    measured::refuse_errors(session, &workspace, &logs.map(|(id, _)| id).collect(), false)?;
    let runs = transcripts(session, &workspace)?;
    let summaries: Vec<_> = runs.iter().map(|run| &run.summary).collect();
    let incidents = incidents::all(&workspace.catalog);
    let mut groups = ledger::groups(&workspace.catalog, &summaries, &incidents);
    for team in &arguments.teams {
        if !groups.iter().any(|group| group.name == *team) {
            let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
            let failure = Failure::input(format!("nothing is known of the toil of `{team}`"));
            return Err(match problem::closest(team, &names) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("`sre new ToilLog NAME` writes a log"),
            });
        }
    }
    if groups.is_empty() {
        return Err(Failure::input("the catalog has no log of toil")
            .hint("`sre new ToilLog NAME` writes one; name a `team` in it"));
    }
    groups.retain(|group| arguments.teams.is_empty() || arguments.teams.contains(&group.name));
    let today = session.now().date_naive();
    let last = arguments.until.map_or(today, Month::first);
    let without = Source::ALL.into_iter();
    let asked = Asked {
        months: ledger::months(last, arguments.months),
        without: without
            .filter(|source| arguments.without.iter().any(|name| name == source.name()))
            .collect(),
        now: session.now(),
        fails: arguments.fail_on == "above",
    };
    session.answer(&answer::report(&groups, &People::of(&workspace.catalog), &asked))
}
