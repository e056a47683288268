//! What users write about toil.
mod toil_log;

pub use toil_log::{Automation, Month, TaskSpec, ToilEntry, ToilLog};

use crate::kernel::spec::Kind;

/// The kinds, in the order in which they are listed.
pub static KINDS: [&Kind; 1] = [&TOIL_LOG];

/// The kind `ToilLog`.
pub static TOIL_LOG: Kind = Kind::of::<ToilLog>(
    "work by hand that comes again and again: what, how often, how long",
    include_str!("toil_log.yaml"),
);
