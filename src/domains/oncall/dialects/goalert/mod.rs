//! GoAlert: schedules as its GraphQL API gives them, to be imported and compared.
//!
//! A schedule has targets, which are rotations or users, each with rules: hours of some days of the week, in
//! the schedule's zone. All whose rule is open are on call at once. Overrides add, remove or replace
//! somebody, each by whom the rules have; temporary schedules replace everything in their time. A rotation
//! has a zone of its own, and what is known of whose turn it is are the present turn and the handoff at its
//! end.
//!
//! Source: GoAlert's GraphQL schema, and how its calculation of shifts behaves, as of release 0.33.
mod form;
mod lowering;
mod overrides;
mod reading;

use super::pager::Pager;
use crate::kernel::spec::{
    Dialect,
    decode::Reading,
    dialect::Foreign,
    tree::{NodeId, Tree},
};
use form::Export;
use std::sync::Arc;

/// The dialect.
pub static DIALECT: Dialect =
    Dialect { name: "GoAlert", recognises, decode, lower: lowering::lower };

/// The pager.
pub static PAGER: Pager = Pager {
    name: "GoAlert",
    annotation: "goalert.me/schedule",
    answer: "the answer of GoAlert's API to the query in the guide on pagers, as JSON",
    period: |from, to| format!("`shifts(start: \"{from}\", end: \"{to}\")`"),
};

/// The items of a field of the answer: of a page of them, or the only one.
fn nodes(tree: &Tree<'_>, several: &str, one: &str) -> Vec<NodeId> {
    let data = tree.at(&["data"]).unwrap_or(tree.root);
    let present = |node: &NodeId| !tree.is_null(*node);
    let page = tree.get(data, several).and_then(|page| tree.get(page, "nodes"));
    let listed = page.and_then(|nodes| tree.list(nodes)).unwrap_or_default().iter().copied();
    tree.get(data, one).into_iter().chain(listed).filter(present).collect()
}

fn recognises(tree: &Tree<'_>) -> bool {
    let is_schedule = |node: &NodeId| tree.get(*node, "timeZone").is_some();
    nodes(tree, "schedules", "schedule").iter().any(is_schedule)
}

fn decode(reading: &Reading<'_>) -> Option<Foreign> {
    reading::export(reading).map(|export: Export| Arc::new(export) as Foreign)
}
