//! What can be known of an incident without anybody writing it: the draft of a post-mortem.
//!
//! | where | what |
//! |---|---|
//! | [`timeline`] | what happened when, from the incident, its runbooks, its alerts and the rotations |
//! | [`cost`] | what it spent of an error budget |
//! | [`text`] | all of it as a document, in the order of the template |
pub mod cost;
pub mod text;
pub mod timeline;

use super::sections::ResolvedTemplate;
use crate::domains::incident::resolve::ResolvedIncident;
use cost::Cost;
use timeline::Line;

/// Everything that goes into a draft.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// The incident.
    pub incident: &'a ResolvedIncident<'a>,
    /// What the post-mortem has to say.
    pub template: &'a ResolvedTemplate<'a>,
    /// What was spent of which budgets, by objective.
    pub costs: Vec<Cost>,
    /// Objectives of which that is not known, each with the reason.
    pub unknown: Vec<(String, String)>,
    /// What happened when, in order.
    pub timeline: Vec<Line>,
}
