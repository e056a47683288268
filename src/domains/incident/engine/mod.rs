//! What is computed about incidents: pure, with the present moment as an argument.
//!
//! | where | what |
//! |---|---|
//! | [`event`] | what may happen in an incident |
//! | [`clocks`] | when it was detected, acknowledged, mitigated, resolved, and how long that took |
//! | [`record`] | an incident with everything that is computed from |
pub mod clocks;
pub mod event;
pub mod record;

pub use clocks::{Clock, Clocks, Disorder, Status};
pub use event::{Event, EventType};
pub use record::{Impact, Record};
