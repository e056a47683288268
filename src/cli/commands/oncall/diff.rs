//! `sre oncall diff`: who gains and who loses what by a change of the files.
use super::{
    against,
    opening::{Opened, minute, shown},
};
use crate::{
    cli::{Exit, Failure, Session, arguments::Selection, revisions},
    domains::oncall::{
        answer::{
            SpokenFor,
            diff::{self, Asked, Compared},
        },
        resolve::ResolvedRotation,
        spec::Role,
    },
    kernel::time::{Period, Zone},
};
use chrono::TimeDelta;
use std::{collections::BTreeMap, path::PathBuf};

/// Arguments of `sre oncall diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What is compared: `A..B` are two git revisions, `A...B` is `B` and where it left `A`, `A` alone is
    /// compared with the files as they are, and so is the last commit unless said; or two folders.
    #[arg(value_name = "REVISION|FOLDER", num_args = 0..=2)]
    states: Vec<String>,
    /// How many days ahead are compared.
    #[arg(long, value_name = "NUMBER", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3660))]
    days: u32,
    /// How many days of the past are: a change there makes the run fail.
    #[arg(long, value_name = "NUMBER", default_value_t = 90, value_parser = clap::value_parser!(u32).range(0..=3660))]
    past_days: u32,
    /// Only this rotation; may be repeated.
    #[arg(long, value_name = "NAME")]
    rotation: Vec<String>,
    /// Compares with the final schedule of an export of a pager (PagerDuty, GoAlert) instead, from now on: each
    /// difference makes the run fail.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["states", "past_days"])]
    against: Option<PathBuf>,
}

/// Says who gains and who loses what.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    if let Some(path) = &arguments.against {
        return against::run(path, &arguments.rotation, arguments.days, session);
    }
    let (from, to) = revisions::wanted(session, &arguments.states)?;
    let states = [revisions::read(session, &from)?, revisions::read(session, &to)?];
    let names = (states[0].name.clone(), states[1].name.clone());
    let now = minute(session);
    let period = Period {
        from: now - TimeDelta::days(arguments.past_days.into()),
        to: now + TimeDelta::days(arguments.days.into()),
    };
    let [before, after] =
        states.map(|state| Opened { spoken_for: SpokenFor::default(), workspace: state.workspace });
    let was = rotations(arguments, session, &before)?;
    let is = rotations(arguments, session, &after)?;
    if was.is_empty() && is.is_empty() {
        return Err(Failure::input("there is no rotation in either state")
            .hint("`sre list Rotation` shows what there is"));
    }
    let mut compared: BTreeMap<String, Compared> = BTreeMap::new();
    for (states, is_after) in [(&was, false), (&is, true)] {
        for rotation in states {
            for (role, duty) in rotation.duties() {
                let shifts = duty.schedule.shifts(period);
                let one = entry(&mut compared, rotation, role);
                if is_after { one.after = shifts } else { one.before = shifts }
            }
        }
    }
    let compared: Vec<Compared> = compared.into_values().collect();
    let asked = Asked { names, period, now, shown: shown(session), must_agree: false };
    session.answer(&diff::report(&compared, &after.people(), &asked))
}

fn entry<'c>(
    compared: &'c mut BTreeMap<String, Compared>,
    rotation: &ResolvedRotation<'_>,
    role: Role,
) -> &'c mut Compared {
    let name = match role {
        Role::Primary => rotation.document.name().to_owned(),
        Role::Secondary => format!("{}/{}", rotation.document.name(), role.name()),
    };
    let new = |zone: &Zone| Compared {
        rotation: name.clone(),
        zone: zone.clone(),
        before: Vec::new(),
        after: Vec::new(),
    };
    compared.entry(name.clone()).or_insert_with(|| new(&rotation.zone))
}

/// The rotations that are meant, of a state in which there may be none of that name.
fn rotations<'o>(
    arguments: &Arguments,
    session: &mut Session<'_, '_>,
    opened: &'o Opened,
) -> Result<Vec<ResolvedRotation<'o>>, Failure> {
    let catalog = &opened.workspace.catalog;
    let all = catalog.iter::<crate::domains::oncall::spec::Rotation>();
    let names: Vec<String> = all
        .map(|(document, _)| document.name().to_owned())
        .filter(|name| arguments.rotation.is_empty() || arguments.rotation.contains(name))
        .collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    opened.rotations(session, &names, &Selection::default())
}
