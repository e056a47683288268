//! slo-generator: its objectives (`sre.google.com/v2`, and the form before that) and its shared
//! configuration, to be imported.
//!
//! Its documents never stand for ours: how they are read depends on the environment, on the folder they
//! lie in and on which configuration they are run with. An import takes one configuration for all.
//!
//! Source: slo-generator's documentation and its code, version 2.6.
mod form;
mod lowering;
mod measuring;

use crate::kernel::spec::{
    Dialect,
    decode::Reading,
    dialect::Foreign,
    tree::{NodeId, Tree},
};
use form::{Config, Objective, OldObjective};
use std::sync::Arc;

/// The dialect.
pub static DIALECT: Dialect =
    Dialect { name: "slo-generator", recognises, decode, lower: lowering::lower };

/// What a document is.
#[derive(Debug)]
enum Parsed {
    /// An objective.
    Objective(Box<Objective>),
    /// The shared configuration.
    Config(Box<Config>),
}

/// What a document is, by its outermost keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Objective,
    OldObjective,
    Config,
}

fn form(tree: &Tree<'_>) -> Option<Form> {
    let text = |key: &str| tree.at(&[key]).and_then(|node| tree.scalar(node)).map(|(text, _)| text);
    // Its own test data write `version` for `apiVersion`.
    let version = text("apiVersion").or_else(|| text("version"));
    let is = |key: &str| tree.at(&[key]).is_some_and(|node: NodeId| tree.map(node).is_some());
    if version.is_some_and(|version| version.starts_with("sre.google.com/")) {
        return Some(Form::Objective);
    }
    if version.is_some() {
        return None;
    }
    if tree.at(&["slo_name"]).is_some() && tree.at(&["backend"]).is_some() {
        return Some(Form::OldObjective);
    }
    let listed = tree.at(&["default_exporters"]).is_some_and(|node| tree.list(node).is_some());
    (is("error_budget_policies") || is("backends") || (is("exporters") && listed))
        .then_some(Form::Config)
}

fn recognises(tree: &Tree<'_>) -> bool {
    form(tree).is_some()
}

fn decode(reading: &Reading<'_>) -> Option<Foreign> {
    let root = reading.tree().root;
    let parsed = match form(reading.tree())? {
        Form::Objective => Parsed::Objective(Box::new(form::objective(reading, root)?)),
        Form::OldObjective => {
            let old: OldObjective = reading.decode(root, None)?;
            Parsed::Objective(Box::new(old.into()))
        }
        Form::Config => Parsed::Config(Box::new(reading.decode(root, None)?)),
    };
    Some(Arc::new(parsed))
}
