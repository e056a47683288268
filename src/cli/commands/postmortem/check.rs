//! `sre postmortem check`: what is missing or wrong.
use super::paths;
use crate::{
    cli::{Exit, Failure, Session, Workspace, arguments::Selection},
    domains::postmortem::{
        answer::{self, check::Checked},
        demand,
        rules::RULES,
        sections::ResolvedTemplate,
        spec::{PostMortem, PostMortemTemplate},
    },
    kernel::{
        diagnostic::{Diagnostic, Level},
        spec::{Document, Target as _},
    },
};

/// Arguments of `sre postmortem check`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Post-mortems by name, or files that hold them; all of the catalog unless said, and then incidents
    /// without one as well.
    #[arg(value_name = "NAME|FILE")]
    names: Vec<String>,
    /// The least level that makes the run fail.
    #[arg(long, value_name = "LEVEL", default_value = "warning", value_parser = ["note", "warning", "error", "never"])]
    fail_on: String,
    #[command(flatten)]
    selection: Selection,
}

/// Checks post-mortems.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let fail_on = match arguments.fail_on.as_str() {
        "never" => None,
        name => Some(name.parse::<Level>().map_err(Failure::input)?),
    };
    let mut workspace = Workspace::open(session, &paths(&arguments.names, session))?;
    let levels = workspace.levels.clone();
    let found = workspace.diagnose(session, &levels);
    let mut chosen = super::chosen(&arguments.names, false, session, &workspace)?;
    chosen.retain(|(document, _)| arguments.selection.includes(&workspace, document));
    let everything = arguments.names.is_empty() && arguments.selection.is_all();
    let found: Vec<Diagnostic> =
        found.into_iter().filter(|one| is_meant(one, &chosen, everything, &workspace)).collect();
    if !found.is_empty() {
        workspace.tell(session, &found)?;
    }
    let demands = if everything { demand::all(&workspace.catalog) } else { Vec::new() };
    let checked: Vec<Checked<'_>> = chosen
        .into_iter()
        .map(|(document, spec)| Checked {
            template: ResolvedTemplate::for_document(&workspace.catalog, spec),
            document,
            spec,
        })
        .collect();
    let terms = (session.now(), fail_on);
    session.answer(&answer::check::report(&checked, &demands, &found, &workspace.sources, terms))
}

/// Whether something that was found is about what is checked.
fn is_meant(
    one: &Diagnostic,
    chosen: &[(&Document, &PostMortem)],
    everything: bool,
    workspace: &Workspace,
) -> bool {
    let place = one.finding.primary.place;
    if chosen.iter().any(|(document, _)| document.place.contains(place)) {
        return true;
    }
    if !everything {
        // A file that is named and cannot be read holds no document that could be found in it.
        return workspace.named.contains(&place.source) && one.level == Level::Error;
    }
    if RULES.iter().any(|rule| rule.code == one.finding.rule.code) {
        return true;
    }
    let documents = workspace.catalog.documents().iter();
    let mut around = documents.filter(|document| document.place.contains(place));
    let ours = [PostMortem::KIND, PostMortemTemplate::KIND];
    around.any(|document| ours.contains(&document.kind.name))
}
