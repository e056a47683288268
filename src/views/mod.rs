//! Answers that look across domains.
pub mod diff;
pub mod graph;
pub mod reference;
pub mod status;
pub mod test;
