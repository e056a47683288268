//! Toil: work by hand that comes again and again, and how much of it a team does.
//!
//! | where | what |
//! |---|---|
//! | [`spec`] | what users write |
//! | [`engine`] | shares, months and what is worth automating; pure |
//! | [`ledger`] | from logs, transcripts and incidents to what is computed with |
//! | [`hours`] | how long people work in a month |
//! | [`rules`] | what may be wrong |
//! | [`answer`] | the answer as a report |
pub mod answer;
pub mod engine;
pub mod hours;
pub mod ledger;
pub mod rules;
pub mod spec;
