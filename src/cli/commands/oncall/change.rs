//! Changes of who is on call, written into the files.
use super::{look::refuse_unknown, opening::Opened};
use crate::{
    adapters::files,
    cli::{Exit, Failure, Session, arguments::Selection},
    domains::oncall::{
        change::{self, Change, field},
        spec::{LocalTime, NOBODY, OverrideSpec, Role, SwapSpec},
    },
    kernel::{
        source::Place,
        spec::{Name, append, scalar::Scalar as _},
    },
};

/// Where a change is written.
#[derive(Clone, Debug, clap::Args)]
struct Target {
    /// The rotation.
    #[arg(value_name = "ROTATION")]
    rotation: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Shows what would be written, and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `sre oncall override`.
#[derive(Debug, clap::Args)]
pub(super) struct Override {
    #[command(flatten)]
    target: Target,
    /// Who is on call; `nobody` for a gap.
    #[arg(long, value_name = "PERSON", value_parser = change::name)]
    user: Name,
    /// Whom they replace; everybody who is on call unless said.
    #[arg(long, value_name = "PERSON", value_parser = change::name)]
    replaces: Option<Name>,
    /// In the role of the secondary.
    #[arg(long)]
    secondary: bool,
    /// From when on: a time in the rotation's zone such as `2027-03-28T18:00`, or an instant.
    #[arg(long, value_name = "TIME", value_parser = local_time)]
    start: LocalTime,
    /// Until when.
    #[arg(long, value_name = "TIME", value_parser = local_time)]
    end: LocalTime,
}

/// Arguments of `sre oncall swap`.
#[derive(Debug, clap::Args)]
pub(super) struct Swap {
    #[command(flatten)]
    target: Target,
    /// Who asks for it.
    #[arg(long, value_name = "PERSON", value_parser = change::name)]
    user: Name,
    /// Who takes over.
    #[arg(long, value_name = "PERSON", value_parser = change::name)]
    with: Name,
    /// What `--user` gives away: its beginning and its end.
    #[arg(long, num_args = 2, value_names = ["START", "END"], value_parser = local_time, required = true)]
    gives: Vec<LocalTime>,
    /// What `--user` takes in exchange: its beginning and its end.
    #[arg(long, num_args = 2, value_names = ["START", "END"], value_parser = local_time)]
    takes: Vec<LocalTime>,
    /// Who has approved it: anybody but `--user`. Until somebody has, nothing changes.
    #[arg(long, value_name = "PERSON", value_parser = change::name)]
    approved_by: Option<Name>,
}

fn local_time(text: &str) -> Result<LocalTime, String> {
    LocalTime::read(text).map_err(|problem| problem.message)
}

/// Adds an override.
pub(super) fn add_override(
    arguments: &Override,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Failure> {
    write(&arguments.target, session, |at| {
        Change::Override(OverrideSpec {
            user: field(arguments.user.clone(), at),
            replaces: arguments.replaces.clone().map(|name| field(name, at)),
            role: arguments.secondary.then(|| field(Role::Secondary, at)),
            start: field(arguments.start, at),
            end: field(arguments.end, at),
            reason: arguments.target.reason.clone().map(|reason| field(reason, at)),
        })
    })
}

/// Adds a swap.
pub(super) fn add_swap(arguments: &Swap, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    if arguments.approved_by.as_ref() == Some(&arguments.user) {
        return Err(Failure::input("whoever asks for a swap cannot approve it")
            .hint("let somebody else: --approved-by NAME"));
    }
    if arguments.approved_by.as_ref().is_some_and(|name| name.as_str() == NOBODY) {
        return Err(Failure::input("nobody cannot approve a swap")
            .hint("leave --approved-by out until somebody has"));
    }
    if arguments.user == arguments.with {
        return Err(Failure::input("a swap is between two people"));
    }
    let pair = |times: &[LocalTime]| match times {
        [start, end] => Some((*start, *end)),
        _ => None,
    };
    let Some(gives) = pair(&arguments.gives) else {
        return Err(Failure::input("--gives is a beginning and an end"));
    };
    write(&arguments.target, session, |at| {
        Change::Swap(SwapSpec {
            user: field(arguments.user.clone(), at),
            with: field(arguments.with.clone(), at),
            gives: field(change::span(gives, at), at),
            takes: pair(&arguments.takes).map(|takes| field(change::span(takes, at), at)),
            approved_by: arguments.approved_by.clone().map(|name| field(name, at)),
            reason: arguments.target.reason.clone().map(|reason| field(reason, at)),
        })
    })
}

/// Adds a change to a rotation, once it is known what it does.
fn write(
    target: &Target,
    session: &mut Session<'_, '_>,
    change: impl FnOnce(Place) -> Change,
) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &[], None)?;
    let names = [target.rotation.clone()];
    let rotations = opened.rotations(session, &names, &Selection::default())?;
    let [rotation] = rotations.as_slice() else {
        return Err(Failure::input(format!("several rotations are called `{}`", target.rotation)));
    };
    let document = rotation.document;
    let change = change(document.name_place());
    // Where nobody says who there is, a new name is a new person.
    if opened.people().are_listed() {
        for person in change.people().filter(|person| *person != NOBODY) {
            refuse_unknown(person, &opened, &rotations)?;
        }
    }
    let effect = change
        .effect(&opened.workspace.catalog, rotation, session.now())
        .map_err(|wrong| wrong_change(&wrong))?;
    if !effect.changes_all {
        return Err(Failure::input("who is on call then stays the same: nothing would change")
            .hint(format!("`sre oncall schedule {}` shows who is on call when", document.name())));
    }
    let source = document.place.source;
    let Some(path) = opened.workspace.path(source) else {
        return Err(Failure::input(format!("`{}` stands in no file", document.name())));
    };
    let (text, shown) = (&opened.workspace.sources.get(source).text, session.shown(path));
    let (list, line) = (change.list(), change.line());
    let edited = append::to_list(text, document.place, list, &line).map_err(|reason| {
        Failure::input(format!("`{list}` of `{}` in {shown}: {reason}", document.name()))
            .hint(format!("add it by hand: `- {line}`"))
    })?;
    if effect.in_the_past {
        session.warn("warning: this changes who was on call in the past");
    }
    if effect.is_pending {
        session.note("note: nothing changes until somebody approves it: `approved_by`");
    }
    if target.dry_run {
        session
            .print(format!("{shown}, `{list}` of `{}`:\n- {line}\n", document.name()).as_bytes())?;
        return Ok(Exit::Success);
    }
    files::replace(path, text, &edited)?;
    session.note(&format!("added to `{list}` of `{}` in {shown}", document.name()));
    Ok(Exit::Success)
}

/// What is wrong with a change that stands in no file yet.
fn wrong_change(wrong: &[crate::kernel::diagnostic::Finding]) -> Failure {
    let message = wrong.first().map_or("it cannot be understood", |first| first.message.as_str());
    let failure = Failure::input(message);
    match wrong.first().and_then(|first| first.help.clone()) {
        Some(help) => failure.hint(help),
        None => failure,
    }
}
