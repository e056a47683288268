//! Rules for Prometheus: what a rule file holds, and its text.
pub mod model;
pub mod names;
pub mod pyrra;
pub mod resource;
pub mod standard;
pub mod write;

pub use model::{Rule, RuleFile, RuleGroup, RuleKind};
