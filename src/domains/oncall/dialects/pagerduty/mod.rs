//! PagerDuty: schedules as its REST API gives them (`GET /schedules/{id}`), to be imported and compared.
//!
//! A schedule has layers, of which those that were made later come first in the answer and count before
//! the others. A layer's turns are counted from `rotation_virtual_start`, its users take them in their
//! order, and it is visible from `start` to `end`. Overrides and the final schedule are in the answer as far
//! as a period was asked for (`since`, `until`).
//!
//! Source: the reference of PagerDuty's REST API, version 2, and its articles on schedules.
mod form;
mod lowering;
mod reading;

use super::pager::Pager;
use form::Schedule;

use crate::kernel::spec::{
    Dialect,
    decode::Reading,
    dialect::Foreign,
    tree::{NodeId, Tree},
};
use std::sync::Arc;

/// The dialect.
pub static DIALECT: Dialect =
    Dialect { name: "PagerDuty", recognises, decode, lower: lowering::lower };

/// The pager.
pub static PAGER: Pager = Pager {
    name: "PagerDuty",
    annotation: "pagerduty.com/schedule",
    answer: "the answer of PagerDuty's API to `GET /schedules/{id}`, as JSON",
    period: |from, to| format!("`since={from}` and `until={to}`"),
};

/// The schedules of an answer: of one that was asked for, or of all.
fn schedules(tree: &Tree<'_>) -> Vec<NodeId> {
    let is_schedule = |node: &NodeId| tree.get(*node, "schedule_layers").is_some();
    let one = tree.at(&["schedule"]).into_iter();
    let several = tree.at(&["schedules"]).and_then(|node| tree.list(node)).unwrap_or_default();
    let all: Vec<NodeId> = one.chain(several.iter().copied()).collect();
    if all.is_empty() && is_schedule(&tree.root) {
        return vec![tree.root];
    }
    all.into_iter().filter(is_schedule).collect()
}

fn recognises(tree: &Tree<'_>) -> bool {
    !schedules(tree).is_empty()
}

fn decode(reading: &Reading<'_>) -> Option<Foreign> {
    let read = |node: NodeId| reading::schedule(reading, node).map(Arc::new);
    let schedules: Vec<Arc<Schedule>> =
        schedules(reading.tree()).into_iter().filter_map(read).collect();
    (!schedules.is_empty()).then(|| Arc::new(schedules) as Foreign)
}
