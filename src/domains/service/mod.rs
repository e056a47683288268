//! Services: what is promised for, and what depends on what.
pub mod spec;
