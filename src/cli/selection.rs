//! Which documents a command speaks of.
use super::{Failure, Workspace, arguments::Selection};
use crate::{
    domains::{
        service::spec::Service,
        slo::spec::{ServiceLevelAgreement, ServiceLevelObjective},
    },
    kernel::spec::{Document, Optional, Ref, catalog::DocumentId, problem},
};

impl Selection {
    /// Whether every document is meant.
    pub fn is_all(&self) -> bool {
        self.labels.is_empty()
            && self.service.is_none()
            && self.owner.is_none()
            && self.tier.is_none()
    }

    /// Whether a document is meant.
    pub fn includes(&self, workspace: &Workspace, document: &Document) -> bool {
        let labels = self.labels.iter().all(|(key, value)| document.label(key) == Some(value));
        let service = service_of(document);
        labels
            && self.service.as_deref().is_none_or(|name| service == Some(name))
            && self.owner.as_deref().is_none_or(|name| owner_of(workspace, document) == Some(name))
            && self.tier.is_none_or(|tier| tier_of(workspace, service) == Some(tier))
    }
}

/// The service that a document is or speaks of.
pub(super) fn service_of(document: &Document) -> Option<&str> {
    if document.spec::<Service>().is_some() {
        return Some(document.name());
    }
    if let Some(agreement) = document.spec::<ServiceLevelAgreement>() {
        return agreement.service.get().map(Ref::name);
    }
    document.spec::<ServiceLevelObjective>()?.service.value().map(Ref::name)
}

/// Who answers for a document: itself says, or its service.
pub(super) fn owner_of<'a>(workspace: &'a Workspace, document: &'a Document) -> Option<&'a str> {
    document.owner().or_else(|| {
        let (service, _) = workspace.catalog.get::<Service>(service_of(document)?)?;
        service.owner()
    })
}

fn tier_of(workspace: &Workspace, service: Option<&str>) -> Option<u8> {
    let (_, service) = workspace.catalog.get::<Service>(service?)?;
    service.tier.value().copied()
}

/// The documents of a kind that `names` name: by name, or `KIND/NAME`.
///
/// # Errors
/// If there is no such document.
pub(super) fn find(
    workspace: &Workspace,
    kind: Option<&str>,
    name: &str,
) -> Result<Vec<DocumentId>, Failure> {
    let (kind, name) = match name.split_once('/') {
        Some((prefix, rest)) if kind.is_none() => {
            match crate::registry::KINDS.iter().find(|k| k.name.eq_ignore_ascii_case(prefix)) {
                Some(kind) => (Some(kind.name), rest),
                None => (kind, name),
            }
        }
        _ => (kind, name),
    };
    let of_kind = |document: &&Document| kind.is_none_or(|kind| document.kind.name == kind);
    let documents = workspace.catalog.documents();
    let found: Vec<DocumentId> = documents
        .iter()
        .enumerate()
        .filter(|(_, document)| of_kind(document) && document.name() == name)
        .map(|(id, _)| id)
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let names: Vec<&str> = documents.iter().filter(of_kind).map(Document::name).collect();
    let what = kind.map_or("document".to_owned(), str::to_owned);
    let failure = Failure::input(format!("no {what} is called `{name}`"));
    Err(match problem::closest(name, &names) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`sre list` shows what there is"),
    })
}

/// The name of the kind that a word of the command line means, in any case, singular or plural.
pub(super) fn kind_named(word: &str) -> Result<&'static str, Failure> {
    let singular = word.strip_suffix(['s', 'S']).unwrap_or(word);
    let found = crate::registry::KINDS
        .iter()
        .find(|kind| [word, singular].iter().any(|word| kind.name.eq_ignore_ascii_case(word)));
    found.map(|kind| kind.name).ok_or_else(|| {
        let names: Vec<&str> = crate::registry::KINDS.iter().map(|kind| kind.name).collect();
        let failure = Failure::input(format!("no kind is called `{word}`"));
        match problem::closest(word, &names) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("the kinds are {}", problem::list(&names))),
        }
    })
}
