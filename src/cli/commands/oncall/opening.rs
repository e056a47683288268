//! Which rotations are meant, and over which time.
use crate::{
    adapters::git,
    cli::{
        Failure, Session, Workspace,
        arguments::{Selection, instant},
        measured, revisions, selection,
    },
    domains::oncall::{
        answer::{Shown, SpokenFor},
        people::People,
        resolve::{self, ResolvedRotation},
        spec::Rotation,
    },
    kernel::{
        diagnostic::Finding,
        spec::{Document, Spec},
        time::Period,
        units::Instant,
    },
};
use chrono::{DurationRound as _, TimeDelta};
use std::{collections::BTreeSet, path::PathBuf};

/// A stretch of time on the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::cli) struct Range {
    /// The beginning; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    from: Option<Instant>,
    /// The end.
    #[arg(long, value_name = "INSTANT", value_parser = instant, conflicts_with = "days")]
    to: Option<Instant>,
    /// How many days from the beginning, instead of --to.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=36_525))]
    days: Option<u32>,
}

impl Range {
    /// The period that is meant; so many days where no end is said.
    pub(in crate::cli) fn period(
        &self,
        session: &Session<'_, '_>,
        days: u32,
    ) -> Result<Period, Failure> {
        let from = self.from.unwrap_or(minute(session));
        let length = TimeDelta::days(self.days.unwrap_or(days).into());
        let to = self.to.or(from.checked_add_signed(length)).unwrap_or(from);
        if to <= from {
            return Err(Failure::input("the time asked for ends before it begins")
                .hint("--from is before --to; without --from it is now"));
        }
        if (to - from) > TimeDelta::days(36_525) {
            return Err(Failure::input("more than a hundred years are asked for")
                .hint("ask for less, with --from and --to or --days"));
        }
        Ok(Period { from, to })
    }
}

/// The present minute: rotations are as exact as that.
pub(in crate::cli) fn minute(session: &Session<'_, '_>) -> Instant {
    let now = session.now();
    now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now)
}

/// A catalog that was opened for questions about being on call.
pub(in crate::cli) struct Opened {
    /// The catalog.
    pub(in crate::cli) workspace: Workspace,
    /// What it is.
    pub(in crate::cli) spoken_for: SpokenFor,
}

impl Opened {
    /// The catalog as the files are now; or as they were in a commit.
    ///
    /// # Errors
    /// If there is no catalog, or no such commit.
    pub(in crate::cli) fn of(
        session: &mut Session<'_, '_>,
        names: &[String],
        revision: Option<&str>,
    ) -> Result<Self, Failure> {
        if let Some(revision) = revision {
            let state =
                revisions::read(session, &revisions::Wanted::Revision(revision.to_owned()))?;
            let catalog = session.shown(&state.workspace.root);
            let spoken_for = SpokenFor { catalog, revision: state.commit, changed: false };
            return Ok(Self { workspace: state.workspace, spoken_for });
        }
        let paths: Vec<PathBuf> = names
            .iter()
            .filter(|name| measured::is_path(session, name))
            .map(PathBuf::from)
            .collect();
        let workspace = Workspace::open(session, &paths)?;
        let root = workspace.root.clone();
        // Outside of a repository, or without git, the files are all that is spoken for.
        let commit = git::commit(&root, "HEAD").ok().map(|commit| commit.id);
        let changed = commit.is_some()
            && git::changed_since(&root, "HEAD")
                .is_ok_and(|paths| paths.iter().any(|path| path.starts_with(&root)));
        let catalog = session.shown(&root);
        Ok(Self { workspace, spoken_for: SpokenFor { catalog, revision: commit, changed } })
    }

    /// The rotations that names and files mean, all where there are none.
    ///
    /// # Errors
    /// If one does not exist, has errors, or does not say who is on call.
    pub(in crate::cli) fn rotations(
        &self,
        session: &mut Session<'_, '_>,
        names: &[String],
        selection: &Selection,
    ) -> Result<Vec<ResolvedRotation<'_>>, Failure> {
        let chosen = self.documents::<Rotation>(session, names, selection)?;
        let resolve = |(document, spec)| {
            resolve::resolve(&self.workspace.catalog, document, spec)
                .map_err(|wrong| self.refuse(document, &wrong))
        };
        chosen.into_iter().map(resolve).collect()
    }

    /// The documents of a kind that names and files mean.
    ///
    /// # Errors
    /// If one does not exist or has errors.
    pub(in crate::cli) fn documents<T: Spec>(
        &self,
        session: &mut Session<'_, '_>,
        names: &[String],
        selection: &Selection,
    ) -> Result<Vec<(&Document, &T)>, Failure> {
        let workspace = &self.workspace;
        let (files, names): (Vec<&String>, Vec<&String>) =
            names.iter().partition(|name| measured::is_path(session, name));
        let mut ids = BTreeSet::new();
        for name in &names {
            ids.extend(selection::find(workspace, Some(T::KIND), name)?);
        }
        let all = names.is_empty() && files.is_empty();
        for (id, document) in workspace.catalog.documents().iter().enumerate() {
            let in_file = !files.is_empty() && workspace.named.contains(&document.place.source);
            if document.kind.name == T::KIND && (all || in_file) {
                ids.insert(id);
            }
        }
        measured::refuse_errors(session, workspace, &ids, !files.is_empty())?;
        let documents = ids.into_iter().map(|id| workspace.catalog.document(id));
        let chosen: Vec<_> = documents
            .filter(|document| selection.includes(workspace, document))
            .filter_map(|document| Some((document, document.spec::<T>()?)))
            .collect();
        if chosen.is_empty() {
            let kind = T::KIND;
            return Err(Failure::input(format!("no {kind} is meant by this")).hint(format!(
                "`sre list {kind}` shows what there is, `sre new {kind} NAME` writes one"
            )));
        }
        Ok(chosen)
    }

    /// The people of the catalog.
    pub(in crate::cli) fn people(&self) -> People {
        People::of(&self.workspace.catalog)
    }

    /// Refuses to work with a document that something is wrong with.
    pub(in crate::cli) fn refuse(&self, document: &Document, wrong: &[Finding]) -> Failure {
        let Some(first) = wrong.first() else {
            return Failure::input(format!("`{}` cannot be read", document.name()))
                .hint("`sre validate` shows everything that is wrong");
        };
        let place = first.primary.place;
        let position = self.workspace.sources.position(place);
        let name = self.workspace.sources.name(place.source);
        let failure = Failure::input(format!(
            "{name}:{}:{}: {}",
            position.line, position.column, first.message
        ));
        match &first.help {
            Some(help) => failure.hint(help.clone()),
            None => failure,
        }
    }
}

/// The zone in which tables show times: the one that was asked for, else that of each rotation.
pub(in crate::cli) fn shown(session: &Session<'_, '_>) -> Shown {
    Shown(session.global().tz.clone())
}
