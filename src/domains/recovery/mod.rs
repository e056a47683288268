//! Disaster recovery: plans that say how a service comes back and how much data it loses, and the drills
//! that prove it.
pub mod answer;
pub mod digest;
pub mod engine;
pub mod judge;
pub mod resolve;
pub mod rules;
pub mod spec;
