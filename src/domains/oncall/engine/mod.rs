//! Who is on call when. Pure: civil rules and zones in, stretches of time with people out.
//!
//! | where | what |
//! |---|---|
//! | [`handoffs`] | the grid of turns: when each begins |
//! | [`roster`] | whose turn it is, through all changes of the roster |
//! | [`coverage`] | hours of the week in which anybody is on call at all |
//! | [`schedule`] | layers, temporary schedules and overrides: the shifts that follow |
//! | [`whole`] | shifts from their beginning to their end |
//! | [`load`] | how much of it each person has, and how evenly |
//! | [`escalation`] | who is told of a page, and whether anybody always is |
//! | [`periods`] | sets of instants |
//!
//! All stretches are half open: at the instant of a handoff the new person is on call.
pub mod coverage;
pub mod escalation;
pub mod handoffs;
pub mod load;
pub mod periods;
pub mod roster;
pub mod schedule;
pub mod whole;

pub use coverage::Window;
pub use handoffs::{GapRule, Handoffs, HolidayRule, Rhythm, Turn};
pub use roster::{Apply, Member, Roster, Version};
pub use schedule::{Layer, Nested, Override, Schedule, Shift, Temporary};
