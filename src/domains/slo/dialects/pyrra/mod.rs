//! Pyrra's language: `pyrra.dev/v1alpha1`, kind `ServiceLevelObjective`.
//!
//! `document` is what stands there, `reading` checks it and makes an `objective` of it, and
//! `lowering` says the same in our kinds. The other way, `raising` makes an objective of Pyrra's of one
//! of ours, and `writing` writes it.
mod alerting;
mod document;
mod lowering;
mod objective;
mod percent;
mod raising;
mod reading;
pub mod rules;
mod writing;

use crate::{
    domains::slo::resolve::ResolvedObjective,
    kernel::spec::{Dialect, Loss, decode::Reading, dialect::Foreign, tree::Tree},
};
use std::sync::Arc;

pub(in crate::domains::slo) use {
    alerting::{Burn, Windows},
    document::PartialResponse,
    objective::{
        ABSENT_SEVERITY, Metric, PROPAGATED, PyrraIndicator, PyrraObjective, print, quote,
    },
    raising::{Raised, raise},
};

/// The dialect.
pub static DIALECT: Dialect = Dialect { name: "Pyrra", recognises, decode, lower: lowering::lower };

/// An objective written in Pyrra's language.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document, as YAML; `None` where the objective cannot be said at all.
    pub text: Option<String>,
    /// What Pyrra has no words for.
    pub losses: Vec<Loss>,
}

/// Writes an objective, over its first window, in Pyrra's language. One that came from there is written
/// as it was.
pub fn write(objective: &ResolvedObjective<'_>) -> Written {
    let Raised { objective, losses } = raise(objective);
    Written { text: objective.map(|objective| writing::write(&objective)), losses }
}

/// What was read of a document.
struct Decoded {
    envelope: document::Envelope,
    /// Each part of it that could be read.
    parts: reading::Parts,
    /// `None` where something of it could not be read.
    objective: Option<PyrraObjective>,
}

fn recognises(tree: &Tree<'_>) -> bool {
    let version = tree.at(&["apiVersion"]).and_then(|node| tree.scalar(node));
    version.is_some_and(|(version, _)| version.starts_with("pyrra.dev/"))
}

fn decode(reading: &Reading<'_>) -> Option<Foreign> {
    let envelope: document::Envelope = reading.decode(reading.tree().root, None)?;
    let (parts, objective) = reading::objective(reading, &envelope);
    Some(Arc::new(Decoded { envelope, parts, objective }))
}
