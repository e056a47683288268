//! `sre diff`: what a change of the catalog means.
use crate::{
    cli::{
        Exit, Failure, Session, Workspace,
        revisions::{self, State},
    },
    kernel::report::Format,
    views::diff::{Difference, FailOn, Side},
};

/// Arguments of `sre diff`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What is compared: `A..B` are two git revisions, `A...B` is `B` and where it left `A`, `A` alone is
    /// compared with the files as they are, and so is the last commit unless said; or two folders.
    #[arg(value_name = "REVISION|FOLDER", num_args = 0..=2)]
    states: Vec<String>,
    /// The least level of a change that makes the run fail.
    #[arg(long, value_name = "LEVEL", default_value = "breaking", value_parser = FailOn::NAMES)]
    fail_on: String,
}

/// The most rows of a table on a page: a comment on a pull request has at most 65,536 characters.
const ROWS: usize = 60;

/// Says what differs between two states of a catalog.
///
/// # Errors
/// If a state cannot be read or has errors.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let format = session.format()?;
    let fail_on: FailOn = arguments.fail_on.parse().map_err(Failure::input)?;
    let (from, to) = revisions::wanted(session, &arguments.states)?;
    let (before, after) = (revisions::open(session, &from)?, revisions::open(session, &to)?);
    tell_of_nothing(session, &before, &after)?;
    let difference = Difference::between(&side(&before), &side(&after));
    let limit = (format == Format::Markdown).then_some(ROWS);
    session.answer(&difference.report(fail_on, limit))
}

fn side(state: &State) -> Side<'_> {
    let Workspace { catalog, settings, sources, .. } = &state.workspace;
    Side {
        name: &state.name,
        commit: state.commit.as_deref(),
        catalog,
        settings,
        settings_text: state.workspace.settings_text(),
        sources,
    }
}

/// A catalog that is not there has no documents: that is a change too, and most often a mistake.
fn tell_of_nothing(
    session: &mut Session<'_, '_>,
    before: &State,
    after: &State,
) -> Result<(), Failure> {
    if before.without_catalog && after.without_catalog {
        return Err(Failure::input(format!(
            "there is no catalog in `{}`, nor in `{}`",
            before.name, after.name
        ))
        .hint("run it in the catalog's folder, or name that with --specs"));
    }
    for state in [before, after] {
        if state.without_catalog {
            session.warn(&format!("there is no catalog in `{}`", state.name));
        }
    }
    Ok(())
}
