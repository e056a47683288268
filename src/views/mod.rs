//! Answers that look across domains.
pub mod graph;
pub mod reference;
pub mod status;
