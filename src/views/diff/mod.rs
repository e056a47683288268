//! What a change of a catalog means: two states of it, and what differs in what is promised, counted and
//! alerted.
//!
//! | file | topic |
//! |---|---|
//! | this one | two sides, and the answer over all that differs |
//! | `level` | how much a change matters |
//! | `documents` | documents that came, went, have another name or say something else |
//! | `fields` | documents as flat lists of fields |
//! | `objective` | objectives: targets, budgets, and what they are computed from |
//! | `facts` | everything that an objective is computed from, fact by fact |
//! | `tiers`, `rules` | alert tiers, and rules for Prometheus |
//! | `replay` | what the change would have meant for alerts on a measured history |
//! | `page`, `form` | the answer for people and for machines |
//!
//! What is compared is what documents mean: references are followed and defaults applied first, so that a
//! change of an alert policy, of a data source or of the settings is told of every objective that it
//! reaches. Comments, order and spelling mean nothing.
mod documents;
mod facts;
mod fields;
mod form;
mod level;
mod objective;
mod page;
mod replay;
mod rules;
mod tiers;

pub use form::DiffAnswer;
pub use level::{FailOn, Level};
pub use replay::Replayed;

use crate::kernel::{
    report::{Report, Verdict},
    settings::Settings,
    source::SourceMap,
    spec::Catalog,
};
use documents::{DocumentChange, Key, Read, What};
use objective::{ObjectiveChange, Objectives};
use std::collections::{BTreeMap, BTreeSet};

/// One of the two states that are compared.
#[derive(Clone, Copy, Debug)]
pub struct Side<'c> {
    /// What it is called.
    pub name: &'c str,
    /// Its commit, where it has one.
    pub commit: Option<&'c str>,
    /// Its documents.
    pub catalog: &'c Catalog,
    /// Its settings.
    pub settings: &'c Settings,
    /// The text of its settings, where there are any.
    pub settings_text: Option<&'c str>,
    /// Its texts.
    pub sources: &'c SourceMap,
}

/// What differs between two states.
#[derive(Debug)]
pub struct Difference {
    before: Named,
    after: Named,
    documents: Vec<DocumentChange>,
    objectives: Vec<ObjectiveChange>,
    /// What the change would have meant for alerts; `None` where that was not asked for.
    history: Option<Vec<Replayed>>,
}

/// An objective of which a change can be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayable {
    /// Its name.
    pub name: String,
    /// Its name before.
    pub former_name: String,
    /// Whether the same is measured as before.
    pub measured_alike: bool,
}

/// A state, as answers call it.
#[derive(Debug)]
struct Named {
    name: String,
    commit: Option<String>,
}

impl Difference {
    /// What differs.
    pub fn between(before: &Side<'_>, after: &Side<'_>) -> Self {
        let (old, new) = (Read::of(before), Read::of(after));
        let documents = documents::changes(&old, &new);
        let changed: BTreeSet<Key> = documents
            .iter()
            .flat_map(|change| {
                let former = change.former_name.clone().map(|name| (change.key.0, name));
                former.into_iter().chain([change.key.clone()])
            })
            .collect();
        let former: BTreeMap<String, String> = documents
            .iter()
            .filter(|change| change.what == What::Renamed && objective::is_one(change.key.0))
            .filter_map(|change| Some((change.key.1.clone(), change.former_name.clone()?)))
            .collect();
        let objectives =
            objective::changes(&Objectives::of(&old), &Objectives::of(&new), &former, &changed);
        let mut difference = Self {
            before: named(before),
            after: named(after),
            documents,
            objectives,
            history: None,
        };
        difference.pass_on_levels();
        difference
    }

    /// A document matters as much as the worst that it brings about.
    fn pass_on_levels(&mut self) {
        for document in &mut self.documents {
            let own = self
                .objectives
                .iter()
                .filter(|one| objective::is_one(document.key.0) && one.name == document.key.1);
            let own = own.map(|one| one.level);
            let through = self.objectives.iter().flat_map(|one| &one.rows);
            let through = through.filter(|row| row.through.contains(&document.key));
            let most = own.chain(through.map(|row| row.level)).max();
            document.level = document.level.max(most.unwrap_or_default());
        }
    }

    /// The objectives that are on both sides, and of which more than looks changed.
    pub fn replayable(&self) -> Vec<Replayable> {
        let on_both = self.objectives.iter().filter(|one| {
            matches!(one.what, What::Changed | What::Renamed) && one.level > Level::Cosmetic
        });
        on_both
            .map(|one| Replayable {
                name: one.name.clone(),
                former_name: one.former_name.clone().unwrap_or_else(|| one.name.clone()),
                measured_alike: !one.rows.iter().any(|row| facts::is_measured_by(&row.what)),
            })
            .collect()
    }

    /// The same with what the change would have meant for alerts.
    #[must_use]
    pub fn with_history(self, history: Vec<Replayed>) -> Self {
        Self { history: Some(history), ..self }
    }

    /// The gravest level of all changes; `None` where nothing changed.
    pub fn level(&self) -> Option<Level> {
        let documents = self.documents.iter().map(|one| one.level);
        documents.chain(self.objectives.iter().map(|one| one.level)).max()
    }

    /// The answer. The run fails where a change is at least as grave as `fail_on` says. `limit`: the most
    /// rows that a table has, of which it is said how many are left out; `None`: any number.
    pub fn report(&self, fail_on: FailOn, limit: Option<usize>) -> Report {
        let fails = fail_on.0.is_some_and(|least| self.level().is_some_and(|level| level >= least));
        let verdict = if fails { Verdict::Found } else { Verdict::Pass };
        Report::of(&form::answer(self)).blocks(page::blocks(self, limit)).verdict(verdict)
    }
}

fn named(side: &Side<'_>) -> Named {
    Named { name: side.name.to_owned(), commit: side.commit.map(str::to_owned) }
}
