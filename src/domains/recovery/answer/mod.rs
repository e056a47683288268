//! The answers of `sre dr`.
//!
//! | where | what |
//! |---|---|
//! | [`check`] | whether plans keep what they promise |
//! | [`plan`] | a plan as it is carried out: when each step begins, and how much it may be late |
//! | [`status`] | which plans were tested, and which services have none |
pub mod check;
pub mod plan;
pub mod status;

pub use check::RecoveryCheckAnswer;
pub use plan::RecoveryPlanAnswer;
pub use status::RecoveryStatusAnswer;

use super::{engine::due::Due, judge::Standing};
use crate::kernel::{
    report::{Cell, words},
    units::Duration,
};

/// What is to be said of a promise, as people read it.
fn standing_cell(standing: Standing) -> Cell {
    match standing {
        Standing::Met => Cell::good("met"),
        Standing::AtRisk => Cell::warning("at risk"),
        Standing::Breached => Cell::bad("breached"),
        Standing::Unknown => Cell::unknown("unknown"),
    }
}

/// A length of time, or nothing.
fn span_cell(span: Option<Duration>) -> Cell {
    span.map_or(Cell::Missing, Cell::span)
}

/// What is due, in words.
fn due_text(due: Due) -> String {
    match due {
        Due::Never => "never tested".to_owned(),
        Due::On(day) => format!("due {day}"),
        Due::Overdue(day, days) => {
            let ago = words::plural(u64::try_from(days).unwrap_or(0), "day");
            format!("overdue since {day}, {ago}")
        }
        Due::InFuture(day) => format!("last on {day}, which is to come"),
    }
}

/// What is due, as people read it.
fn due_cell(due: Option<Due>) -> Cell {
    match due {
        None => Cell::Missing,
        Some(on @ Due::On(_)) => Cell::good(due_text(on)),
        Some(never @ Due::Never) => Cell::bad(due_text(never)),
        Some(late @ (Due::Overdue(..) | Due::InFuture(_))) => Cell::warning(due_text(late)),
    }
}
