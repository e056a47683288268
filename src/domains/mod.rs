//! One folder per subject, each with everything about it: what users write, what engines compute
//! with, the engines, the rules.
pub mod incident;
pub mod oncall;
pub mod postmortem;
pub mod recovery;
pub mod runbook;
pub mod service;
pub mod slo;
pub mod toil;
