//! What went wrong, when, who did what about it, and how long it took.
//!
//! | where | what |
//! |---|---|
//! | [`spec`] | what users write |
//! | [`resolve`] | from that to what is computed with |
//! | [`engine`] | clocks, response times, statistics of durations |
//! | [`rules`] | what may be wrong |
//! | [`answer`] | answers as reports |
//! | [`imported`] | incidents of other tools |
//! | [`change`] | new incidents and new events, as they are written into files |
pub mod answer;
pub mod change;
pub mod engine;
pub mod imported;
pub mod resolve;
pub mod rules;
pub mod spec;
