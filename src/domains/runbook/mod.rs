//! Runbooks: what to do when something is wrong, and doing it with a record.
//!
//! | where | what |
//! |---|---|
//! | [`engine`] | plans, and the machine that runs them; over traits, without processes |
//! | [`transcript`] | the record of a run, each line bound to the one before |
pub mod engine;
pub mod transcript;
