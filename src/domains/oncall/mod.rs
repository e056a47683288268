//! Who is on call, and who is told when nobody answers.
//!
//! | where | what |
//! |---|---|
//! | [`engine`] | turns, rosters, coverage, layers, overrides: who is on call when; escalation; load |
//! | [`spec`] | what users write |
//! | [`resolve`], [`escalate`] | from that to what the engine computes with |
//! | [`people`] | where people live, and when they are away |
//! | [`rules`] | what may be wrong |
//! | [`change`] | changes as they are written into files |
//! | [`tested`] | the tests that rotations carry |
//! | [`answer`] | answers as reports |
//! | [`dialects`] | schedules of other tools |
//! | [`icalendar`] | shifts as files for people's calendars |
pub mod answer;
pub mod change;
pub mod dialects;
pub mod engine;
pub mod escalate;
pub mod icalendar;
pub mod people;
pub mod resolve;
pub mod rules;
pub mod spec;
pub mod tested;
