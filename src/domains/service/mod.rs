//! Services: what is promised for, and what depends on what.
pub mod attainability;
pub mod dependencies;
pub mod rules;
pub mod spec;
