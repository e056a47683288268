//! Questions about one state of the files.
use super::opening::{Opened, Range, minute, shown};
use crate::{
    cli::{
        Exit, Failure, Session,
        arguments::{Selection, instant},
    },
    domains::oncall::{answer, resolve::ResolvedRotation},
    kernel::{spec::problem, units::Instant},
};
use std::collections::BTreeSet;

/// Which rotations.
#[derive(Clone, Debug, Default, clap::Args)]
struct Chosen {
    /// Rotations by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    rotations: Vec<String>,
    /// Which rotations.
    #[command(flatten)]
    selection: Selection,
}

/// Arguments of `sre oncall who`.
#[derive(Debug, clap::Args)]
pub(super) struct Who {
    #[command(flatten)]
    chosen: Chosen,
    /// When; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// As the files were in this git revision: who was on call then, as the schedule stood then.
    #[arg(long, value_name = "REVISION")]
    rev: Option<String>,
}

/// Says who is on call.
pub(super) fn who(arguments: &Who, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let Chosen { rotations, selection } = &arguments.chosen;
    let opened = Opened::of(session, rotations, arguments.rev.as_deref())?;
    let rotations = opened.rotations(session, rotations, selection)?;
    let asked = answer::who::Asked {
        at: arguments.at.unwrap_or(minute(session)),
        shown: shown(session),
        spoken_for: opened.spoken_for.clone(),
    };
    session.answer(&answer::who::report(&rotations, &opened.people(), &asked))
}

/// Arguments of `sre oncall schedule`.
#[derive(Debug, clap::Args)]
pub(super) struct Schedule {
    #[command(flatten)]
    chosen: Chosen,
    /// When; four weeks unless said.
    #[command(flatten)]
    range: Range,
    /// Only what this person does.
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Draws months instead of a table.
    #[arg(long)]
    month: bool,
}

/// Shows who is on call when.
pub(super) fn schedule(
    arguments: &Schedule,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Failure> {
    session.format()?;
    let Chosen { rotations, selection } = &arguments.chosen;
    let opened = Opened::of(session, rotations, None)?;
    let rotations = opened.rotations(session, rotations, selection)?;
    if let Some(person) = &arguments.person {
        refuse_unknown(person, &opened, &rotations)?;
    }
    let asked = answer::schedule::Asked {
        period: arguments.range.period(session, 28)?,
        person: arguments.person.clone(),
        shown: shown(session),
        as_months: arguments.month,
    };
    session.answer(&answer::schedule::report(&rotations, &opened.people(), &asked))
}

/// Arguments of `sre oncall next`.
#[derive(Debug, clap::Args)]
pub(super) struct Next {
    /// Who.
    #[arg(value_name = "PERSON")]
    person: String,
    /// How many shifts are shown.
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    number: u16,
    /// When it is looked for; a year unless said.
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    selection: Selection,
}

/// Says when somebody is on call next.
pub(super) fn next(arguments: &Next, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let opened = Opened::of(session, &[], None)?;
    let rotations = opened.rotations(session, &[], &arguments.selection)?;
    refuse_unknown(&arguments.person, &opened, &rotations)?;
    let period = arguments.range.period(session, 366)?;
    let people = opened.people();
    let person = (arguments.person.as_str(), people.shown(&arguments.person));
    let most = usize::from(arguments.number);
    session.answer(&answer::next::report(&rotations, person, period, most, &shown(session)))
}

/// Refuses somebody who is in no roster and no team: most likely a misspelling.
///
/// # Errors
/// If nobody is called so.
pub(in crate::cli) fn refuse_unknown(
    person: &str,
    opened: &Opened,
    rotations: &[ResolvedRotation<'_>],
) -> Result<(), Failure> {
    let people = opened.people();
    let mut known: BTreeSet<String> = people.names().map(str::to_owned).collect();
    for (_, duty) in rotations.iter().flat_map(ResolvedRotation::duties) {
        known.extend(duty.schedule.everybody());
    }
    if known.contains(person) {
        return Ok(());
    }
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let failure = Failure::input(format!("nobody is called `{person}`"));
    Err(match problem::closest(person, &names) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("a person is in a roster, an override or a team"),
    })
}

/// Arguments of `sre oncall gaps` and `sre oncall fairness`.
#[derive(Debug, clap::Args)]
pub(super) struct Over {
    #[command(flatten)]
    chosen: Chosen,
    /// When; a year unless said.
    #[command(flatten)]
    range: Range,
}

/// Finds gaps.
pub(super) fn gaps(arguments: &Over, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let Chosen { rotations, selection } = &arguments.chosen;
    let opened = Opened::of(session, rotations, None)?;
    let rotations = opened.rotations(session, rotations, selection)?;
    let period = arguments.range.period(session, 365)?;
    session.answer(&answer::gaps::report(&rotations, period, &shown(session)))
}

/// Computes loads.
pub(super) fn fairness(arguments: &Over, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let Chosen { rotations, selection } = &arguments.chosen;
    let opened = Opened::of(session, rotations, None)?;
    let rotations = opened.rotations(session, rotations, selection)?;
    let period = arguments.range.period(session, 365)?;
    session.answer(&answer::fairness::report(&rotations, &opened.people(), period))
}
