//! Runbooks: what to do when something is wrong, and doing it with a record.
//!
//! | where | what |
//! |---|---|
//! | [`engine`] | plans, and the machine that runs them; over traits, without processes |
//! | [`spec`] | what users write |
//! | [`resolve`] | from that to a plan |
//! | [`transcript`] | the record of a run, each line bound to the one before |
//! | [`rules`] | what may be wrong |
//! | [`coverage`] | alerts against runbooks |
//! | [`markdown`] | runbooks as pages for people, and from them |
//! | [`answer`] | answers as reports |
pub mod answer;
pub mod coverage;
pub mod engine;
pub mod markdown;
pub mod resolve;
pub mod rules;
pub mod spec;
pub mod transcript;
