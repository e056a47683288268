//! All documents, and what refers to what.
use super::{Document, Kind, Reference, kind::Spec, problem, rules};
use crate::kernel::{diagnostic::Finding, source::Place};
use rayon::prelude::*;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    ops::Range,
};

/// Index of a document of a [`Catalog`].
pub type DocumentId = usize;

/// Documents by kind and name.
#[derive(Debug, Default)]
pub struct Catalog {
    /// By order of kinds, then name, then place.
    documents: Vec<Document>,
    /// By the name of a kind, then by name.
    index: HashMap<&'static str, HashMap<String, DocumentId>>,
    /// By the name of a kind: from its first document to behind its last.
    of_kind: HashMap<&'static str, Range<DocumentId>>,
    /// For each document, who refers to it and where.
    referrers: Vec<Vec<(DocumentId, Place)>>,
}

impl Catalog {
    /// Joins documents; findings are duplicates and references to nothing.
    pub fn build(documents: Vec<Document>, kinds: &[&'static Kind]) -> (Self, Vec<Finding>) {
        let mut catalog = Self { documents: sorted(documents, kinds), ..Self::default() };
        let mut findings = Vec::new();
        catalog.index_names(&mut findings);
        catalog.resolve(kinds, &mut findings);
        (catalog, findings)
    }

    fn index_names(&mut self, findings: &mut Vec<Finding>) {
        for (id, document) in self.documents.iter().enumerate() {
            let (kind, name) = (document.kind.name, document.name());
            self.of_kind.entry(kind).or_insert(id..id).end = id + 1;
            if name.is_empty() {
                continue;
            }
            let names = self.index.entry(kind).or_default();
            if let Some(&first) = names.get(name) {
                let message = format!("another {kind} is called `{name}`");
                findings.push(
                    Finding::new(&rules::DUPLICATE_NAME, document.name_place(), message)
                        .related(self.documents[first].name_place(), "it stands here")
                        .help("rename one of the two, or remove it"),
                );
                continue;
            }
            names.insert(name.to_owned(), id);
        }
    }

    fn resolve(&mut self, kinds: &[&'static Kind], findings: &mut Vec<Finding>) {
        let mut referrers = vec![Vec::new(); self.documents.len()];
        for (id, document) in self.documents.iter().enumerate() {
            for reference in &document.references {
                match self.id_of(reference.kind, &reference.name) {
                    Some(target) => referrers[target].push((id, reference.place)),
                    // Other tools name services, and have no documents for them.
                    None if document.dialect.is_some() && may_be_elsewhere(reference, kinds) => {}
                    None => findings.push(self.unresolved(reference, kinds)),
                }
            }
        }
        self.referrers = referrers;
    }

    fn unresolved(&self, reference: &Reference, kinds: &[&'static Kind]) -> Finding {
        let rule = if may_be_elsewhere(reference, kinds) {
            &rules::UNKNOWN_SERVICE
        } else {
            &rules::UNRESOLVED_REFERENCE
        };
        let names: Vec<&str> = self
            .documents
            .iter()
            .filter(|document| document.kind.name == reference.kind)
            .map(Document::name)
            .collect();
        let message = format!("no {} is called `{}`", reference.kind, reference.name);
        let finding = Finding::new(rule, reference.place, message);
        match problem::closest(&reference.name, &names) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!(
                "write a document of kind `{}` with this name, or correct the name",
                reference.kind
            )),
        }
    }

    /// All documents, by order of kinds, then name.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The document with that id.
    pub fn document(&self, id: DocumentId) -> &Document {
        &self.documents[id]
    }

    /// The document of that kind and name.
    pub fn find(&self, kind: &str, name: &str) -> Option<&Document> {
        let id = self.id_of(kind, name)?;
        Some(&self.documents[id])
    }

    /// Id of the document of that kind and name.
    pub fn id_of(&self, kind: &str, name: &str) -> Option<DocumentId> {
        self.index.get(kind)?.get(name).copied()
    }

    /// Id of that very document.
    pub fn id(&self, document: &Document) -> Option<DocumentId> {
        self.documents.iter().position(|other| std::ptr::eq(other, document))
    }

    /// The document of a kind with that name, and its specification.
    pub fn get<T: Spec>(&self, name: &str) -> Option<(&Document, &T)> {
        let document = self.find(T::KIND, name)?;
        document.spec::<T>().map(|spec| (document, spec))
    }

    /// All documents of a kind that could be read, by name.
    pub fn iter<T: Spec>(&self) -> impl Iterator<Item = (&Document, &T)> {
        // Documents are in the order of their kinds: a rule may ask for each document anew.
        let range = self.of_kind.get(T::KIND).cloned().unwrap_or_default();
        let documents = self.documents.get(range).unwrap_or_default();
        documents.iter().filter_map(|document| Some((document, document.spec::<T>()?)))
    }

    /// Who refers to a document, and where.
    pub fn referrers(&self, id: DocumentId) -> &[(DocumentId, Place)] {
        &self.referrers[id]
    }

    /// What a document needs: itself and everything it refers to, however far.
    pub fn closure(&self, roots: impl IntoIterator<Item = DocumentId>) -> Vec<DocumentId> {
        let mut found = BTreeSet::new();
        let mut queue: VecDeque<DocumentId> = roots.into_iter().collect();
        while let Some(id) = queue.pop_front() {
            if !found.insert(id) {
                continue;
            }
            let references = self.documents[id].references.iter();
            queue.extend(references.filter_map(|r| self.id_of(r.kind, &r.name)));
        }
        found.into_iter().collect()
    }
}

/// Whether a name of that kind may resolve to nothing.
fn may_be_elsewhere(reference: &Reference, kinds: &[&'static Kind]) -> bool {
    kinds.iter().any(|kind| kind.name == reference.kind && !kind.must_resolve)
}

/// The documents by order of kinds, then name, then place.
fn sorted(documents: Vec<Document>, kinds: &[&'static Kind]) -> Vec<Document> {
    let rank = |document: &Document| kinds.iter().position(|kind| kind.name == document.kind.name);
    // Keys are sorted instead of the documents, which are large and would be moved again and again.
    let mut keys: Vec<_> = (0..)
        .zip(&documents)
        .map(|(at, document)| (rank(document), document.name(), document.place, at))
        .collect();
    keys.par_sort_unstable();
    let order: Vec<usize> = keys.into_iter().map(|(.., at)| at).collect();
    let mut documents: Vec<Option<Document>> = documents.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| documents[at].take()).collect()
}
