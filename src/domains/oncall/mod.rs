//! Who is on call, and who is told when nobody answers.
//!
//! | where | what |
//! |---|---|
//! | [`engine`] | turns, rosters, coverage, layers, overrides: who is on call when; escalation; load |
pub mod engine;
