//! What users write of runbooks.
mod parameter;
mod runbook;
mod scalars;
mod step;

pub use parameter::{ParameterSpec, ParameterType, SecretSpec};
pub use runbook::{RequiresSpec, Runbook, SectionsSpec};
pub use scalars::{AnyText, VariableName};
pub use step::{CaptureSpec, ExpectSpec, Shell, StepSpec, UndoSpec, WhenSpec};

use crate::kernel::spec::Kind;

/// The kinds, in the order in which they are listed.
pub static KINDS: [&Kind; 1] = [&RUNBOOK];

/// The kind `Runbook`.
pub static RUNBOOK: Kind = Kind::of::<Runbook>(
    "what to do when something is wrong, step by step: for people and to be run",
    include_str!("runbook.yaml"),
);
