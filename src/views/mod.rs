//! Answers that look across domains.
pub mod reference;
pub mod status;
