//! Documents that came, went, have another name, or say something else.
use super::{
    Level, Side,
    fields::{self, FieldChange, Fields, differences},
};
use crate::{
    domains::{
        service::spec::Service,
        slo::{
            dialects::beyond,
            spec::{
                AdjustmentMode, BudgetAdjustment, ServiceLevelAgreement, ServiceLevelObjective,
            },
        },
    },
    kernel::spec::{Document, Target as _, write},
};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Kind and name of a document. The settings are [`SETTINGS`].
pub(super) type Key = (&'static str, String);

/// What stands for the settings where documents are named.
pub(super) const SETTINGS: (&str, &str) = ("settings", "sre.yaml");

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Added,
    Removed,
    Renamed,
    Changed,
}

impl What {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Changed => "changed",
        }
    }
}

/// A document that is not what it was.
#[derive(Clone, Debug)]
pub(super) struct DocumentChange {
    pub(super) what: What,
    pub(super) level: Level,
    pub(super) key: Key,
    /// Its name before, where it has another.
    pub(super) former_name: Option<String>,
    /// The language of another tool that it is written in.
    pub(super) dialect: Option<&'static str>,
    /// What it says otherwise; all that a document says which came or went is not listed.
    pub(super) fields: Vec<FieldChange>,
    /// File and line before.
    pub(super) at_before: Option<String>,
    /// File and line now.
    pub(super) at_after: Option<String>,
}

/// A side with its documents by kind and name, each as plain values.
pub(super) struct Read<'c> {
    pub(super) side: &'c Side<'c>,
    documents: BTreeMap<Key, (&'c Document, Value)>,
}

impl<'c> Read<'c> {
    pub(super) fn of(side: &'c Side<'c>) -> Self {
        let mut documents = BTreeMap::new();
        for document in side.catalog.documents().iter().filter(|one| !one.name().is_empty()) {
            let key = (document.kind.name, document.name().to_owned());
            // The first of several is the one that references lead to.
            documents
                .entry(key)
                .or_insert_with(|| (document, write::values(document).unwrap_or(Value::Null)));
        }
        Self { side, documents }
    }

    /// What a document says in its `spec`, by field; nothing for one that is not there.
    pub(super) fn spec(&self, kind: &'static str, name: &str) -> Option<&Value> {
        let (_, value) = self.documents.get(&(kind, name.to_owned()))?;
        fields::at(value, &["spec"])
    }

    fn settings(&self) -> Option<Value> {
        let text = self.side.settings_text?;
        // What cannot be read has been refused; an empty file says nothing.
        serde_yaml::from_str(text).ok()
    }

    fn at(&self, document: &Document) -> String {
        let place = document.name_place();
        let sources = self.side.sources;
        format!("{}:{}", sources.name(place.source), sources.position(place).line)
    }
}

/// What became of the documents and the settings, by kind and name.
pub(super) fn changes(before: &Read<'_>, after: &Read<'_>) -> Vec<DocumentChange> {
    let keys = |read: &Read<'_>| -> BTreeSet<Key> { read.documents.keys().cloned().collect() };
    let (old, new) = (keys(before), keys(after));
    let mut removed: Vec<&Key> = old.difference(&new).collect();
    let mut added: Vec<&Key> = new.difference(&old).collect();
    let mut changes = Vec::new();
    for (from, to) in renamed(before, after, &removed, &added) {
        removed.retain(|key| *key != from);
        added.retain(|key| *key != to);
        changes.extend(change(before, after, Some(from), Some(to)));
    }
    changes.extend(removed.into_iter().filter_map(|key| change(before, after, Some(key), None)));
    changes.extend(added.into_iter().filter_map(|key| change(before, after, None, Some(key))));
    let both = old.intersection(&new);
    changes.extend(both.filter_map(|key| change(before, after, Some(key), Some(key))));
    changes.extend(settings(before, after));
    changes.sort_by(|a, b| a.key.cmp(&b.key));
    changes
}

/// Documents that are gone and have come again under another name: those of a kind that say the same,
/// where no other does.
fn renamed<'k>(
    before: &Read<'_>,
    after: &Read<'_>,
    removed: &[&'k Key],
    added: &[&'k Key],
) -> Vec<(&'k Key, &'k Key)> {
    let same = |from: &Key, to: &Key| {
        let (old, new) = (before.spec(from.0, &from.1), after.spec(to.0, &to.1));
        let says_something = matches!(old, Some(Value::Mapping(fields)) if !fields.is_empty());
        from.0 == to.0 && says_something && old == new
    };
    let mut found = Vec::new();
    for from in removed {
        let mut to = added.iter().filter(|to| same(from, to));
        if let (Some(to), None) = (to.next(), to.next())
            && removed.iter().filter(|from| same(from, to)).count() == 1
        {
            found.push((*from, *to));
        }
    }
    found
}

fn change(
    before: &Read<'_>,
    after: &Read<'_>,
    from: Option<&Key>,
    to: Option<&Key>,
) -> Option<DocumentChange> {
    let old = from.and_then(|key| before.documents.get(key));
    let new = to.and_then(|key| after.documents.get(key));
    let key = to.or(from)?.clone();
    let fields = match (old, new) {
        (Some((was, old)), Some((is, new))) => {
            let nameless =
                |value: &Value, document: &Document| match fields::at(value, &["metadata"]) {
                    Some(metadata) => {
                        let metadata = fields::fields(&fields::without(metadata, &["name"]));
                        let named = metadata
                            .into_iter()
                            .map(|(key, text)| (format!("metadata.{key}"), text));
                        let spec = fields::fields(&fields::without(
                            value,
                            &["metadata", "apiVersion", "kind"],
                        ));
                        named.chain(spec).chain(beyond::of(document)).collect()
                    }
                    None => Fields::new(),
                };
            differences(&nameless(old, was), &nameless(new, is))
        }
        _ => Vec::new(),
    };
    let what = match (old, new) {
        (None, None) => return None,
        (None, Some(_)) => What::Added,
        (Some(_), None) => What::Removed,
        (Some(_), Some(_)) if from != to => What::Renamed,
        (Some(_), Some(_)) if fields.is_empty() => return None,
        (Some(_), Some(_)) => What::Changed,
    };
    let documents = (old.map(|(document, _)| *document), new.map(|(document, _)| *document));
    Some(DocumentChange {
        what,
        level: level(what, documents, &fields),
        former_name: from.filter(|from| **from != key).map(|from| from.1.clone()),
        dialect: documents.1.or(documents.0).and_then(|one| one.dialect).map(|one| one.name),
        fields,
        at_before: documents.0.map(|document| before.at(document)),
        at_after: documents.1.map(|document| after.at(document)),
        key,
    })
}

fn settings(before: &Read<'_>, after: &Read<'_>) -> Option<DocumentChange> {
    let (old, new) = (before.settings(), after.settings());
    let fields = |value: &Option<Value>| value.as_ref().map(fields::fields).unwrap_or_default();
    let fields = differences(&fields(&old), &fields(&new));
    let what = match (before.side.settings_text, after.side.settings_text) {
        (None, None) => return None,
        (None, Some(_)) => What::Added,
        (Some(_), None) => What::Removed,
        (Some(_), Some(_)) if fields.is_empty() => return None,
        (Some(_), Some(_)) => What::Changed,
    };
    Some(DocumentChange {
        what,
        level: Level::Cosmetic,
        key: (SETTINGS.0, SETTINGS.1.to_owned()),
        former_name: None,
        dialect: None,
        fields,
        at_before: None,
        at_after: None,
    })
}

/// How much it matters by itself. What a document that others use changes for them is told of them.
fn level(
    what: What,
    (old, new): (Option<&Document>, Option<&Document>),
    fields: &[FieldChange],
) -> Level {
    let Some(document) = new.or(old) else { return Level::Cosmetic };
    let kind = document.kind.name;
    match (kind, what) {
        (ServiceLevelObjective::KIND | ServiceLevelAgreement::KIND, What::Removed) => {
            Level::Breaking
        }
        (ServiceLevelObjective::KIND | ServiceLevelAgreement::KIND, What::Added) => {
            Level::Tightened
        }
        (ServiceLevelObjective::KIND, What::Renamed) => Level::Breaking,
        (Service::KIND | ServiceLevelAgreement::KIND, What::Renamed)
        | (Service::KIND, What::Removed) => Level::Changed,
        (BudgetAdjustment::KIND, What::Added) => adjusting(document, Level::Loosened),
        (BudgetAdjustment::KIND, What::Removed) => adjusting(document, Level::Tightened),
        (ServiceLevelAgreement::KIND, What::Changed) => agreement(old, new).max(plain(fields)),
        // What their fields mean is told fact by fact.
        (ServiceLevelObjective::KIND, What::Changed) => metadata(fields),
        (_, What::Changed) if document.kind.used_by_reference => metadata(fields),
        (_, What::Changed) => plain(fields),
        _ => Level::Cosmetic,
    }
}

/// An adjustment that forgives loosens; one that counts time as bad does the opposite.
fn adjusting(document: &Document, forgiving: Level) -> Level {
    let mode = document.spec::<BudgetAdjustment>().and_then(|one| one.mode.get());
    match (mode, forgiving) {
        (Some(AdjustmentMode::Bad), Level::Loosened) => Level::Tightened,
        (Some(AdjustmentMode::Bad), _) => Level::Loosened,
        _ => forgiving,
    }
}

/// A customer who is promised less than before has something taken away.
fn agreement(old: Option<&Document>, new: Option<&Document>) -> Level {
    let target = |document: Option<&Document>| {
        document.and_then(|one| one.spec::<ServiceLevelAgreement>()?.target.get().copied())
    };
    match (target(old), target(new)) {
        (Some(old), Some(new)) => Level::by_order(new.cmp(&old), Level::Tightened, Level::Breaking),
        _ => Level::Cosmetic,
    }
}

fn plain(fields: &[FieldChange]) -> Level {
    let of_spec = fields.iter().any(|one| one.field.starts_with("spec"));
    if of_spec { Level::Changed } else { metadata(fields) }
}

/// Names and explanations are for people. By labels defaults are chosen and alerts routed.
fn metadata(fields: &[FieldChange]) -> Level {
    let matters = |one: &FieldChange| {
        one.field == "metadata.owner" || one.field.starts_with("metadata.labels")
    };
    if fields.iter().any(matters) { Level::Changed } else { Level::Cosmetic }
}
