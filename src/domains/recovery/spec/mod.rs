//! What users write about recovery.
mod drill;
mod plan;

pub use drill::{DrillKind, DrillResult, DrillStepSpec, RecoveryDrill};
pub use plan::{
    BackupSpec, ContactSpec, DisasterRecoveryPlan, DisruptionSpec, DurationSpec, Frequency,
    RestoreTestSpec, StepSpec, ThreePointSpec,
};

use crate::kernel::spec::Kind;

/// The kinds, in the order in which they are listed.
pub static KINDS: [&Kind; 2] = [&DISASTER_RECOVERY_PLAN, &RECOVERY_DRILL];

/// The kind `DisasterRecoveryPlan`.
pub static DISASTER_RECOVERY_PLAN: Kind = Kind::of::<DisasterRecoveryPlan>(
    "how services come back from a disaster, how soon, and with how much data",
    include_str!("plan.yaml"),
);

/// The kind `RecoveryDrill`.
pub static RECOVERY_DRILL: Kind = Kind::of::<RecoveryDrill>(
    "a test of a recovery plan: what was done, how long it took, and what came of it",
    include_str!("drill.yaml"),
);
