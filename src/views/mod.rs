//! Answers that look across domains.
pub mod status;
