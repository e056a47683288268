//! `sre postmortem actions`: what is still to be done.
use super::paths;
use crate::{
    cli::{Exit, Failure, Session, Workspace},
    domains::postmortem::{
        actions::{self, Action},
        answer,
    },
    kernel::spec::Optional as _,
};

/// Arguments of `sre postmortem actions`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Post-mortems by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    names: Vec<String>,
    /// Only what this person or team answers for.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Those that are closed as well.
    #[arg(long)]
    all: bool,
}

/// Lists actions.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let workspace = Workspace::open(session, &paths(&arguments.names, session))?;
    let chosen = super::chosen(&arguments.names, true, session, &workspace)?;
    let all = chosen.into_iter().flat_map(|(document, spec)| actions::of(document, spec));
    let owned = |action: &Action<'_>| {
        let owner = action.item.owner.value().map(String::as_str);
        arguments.owner.as_deref().is_none_or(|name| owner == Some(name))
    };
    let actions: Vec<Action<'_>> = all.filter(owned).collect();
    session.answer(&answer::actions::report(&actions, arguments.all, session.now()))
}
