//! Schedules of other tools, read into our rotations.
pub mod goalert;
pub mod pager;
pub mod pagerduty;
mod reading;
mod writing;

use crate::kernel::spec::Dialect;

/// Those whose documents are imported, and never stand for ours.
pub static IMPORTED: &[&Dialect] = &[&pagerduty::DIALECT, &goalert::DIALECT];
