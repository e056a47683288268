//! What is computed about incidents: pure, with the present moment as an argument.
//!
//! | where | what |
//! |---|---|
//! | [`event`] | what may happen in an incident |
//! | [`clocks`] | when it was detected, acknowledged, mitigated, resolved, and how long that took |
//! | [`record`] | an incident with everything that is computed from |
//! | [`levels`] | severities: their response times, hours and criteria |
//! | [`response`], [`updates`] | whether somebody answered in time, and told often enough how it stands |
//! | [`suggest`] | the severity by what is known |
//! | [`cost`] | what incidents cost of an error budget |
//! | [`durations`] | what durations say: medians, survival, intervals, ratios |
//! | [`frequency`] | how often incidents happen |
//! | [`summary`] | all of it for a group of incidents |
pub mod clocks;
pub mod cost;
pub mod durations;
pub mod event;
pub mod frequency;
pub mod levels;
pub mod record;
pub mod response;
pub mod suggest;
pub mod summary;
pub mod updates;

pub use clocks::{Clock, Clocks, Disorder, Status};
pub use event::{Event, EventType};
pub use record::{Impact, Record};
