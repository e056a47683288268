//! Rules for Prometheus: what a rule file holds, and its text.
pub mod check;
pub mod collisions;
pub mod cost;
pub mod go_yaml;
pub mod model;
pub mod names;
pub mod number;
pub mod pyrra;
pub mod resource;
pub mod sloth;
pub mod standard;
pub mod write;

pub use model::{Rule, RuleFile, RuleGroup, RuleKind};
