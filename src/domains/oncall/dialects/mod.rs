//! Schedules of other tools, read into our rotations.
pub mod pagerduty;

use crate::kernel::spec::Dialect;

/// Those whose documents are imported, and never stand for ours.
pub static IMPORTED: &[&Dialect] = &[&pagerduty::DIALECT];
