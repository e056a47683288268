//! What went wrong, when, who did what about it, and how long it took.
//!
//! | where | what |
//! |---|---|
//! | [`spec`] | what users write |
//! | [`resolve`] | from that to what is computed with |
//! | [`engine`] | clocks, response times, statistics of durations |
pub mod engine;
pub mod resolve;
pub mod spec;
