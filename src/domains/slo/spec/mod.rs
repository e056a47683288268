//! What users write: the kinds of this domain.
mod alert_policy;
mod budget_adjustment;
mod error_budget_policy;
mod money;
mod objective_test;
mod sla;
mod sli;
mod slo;
mod window;

pub use alert_policy::{AlertPolicySpec, Notice, TierSpec};
pub use budget_adjustment::{AdjustmentMode, BudgetAdjustment, Interval, Recurrence};
pub use error_budget_policy::{
    BreakGlass, BudgetState, ErrorBudgetPolicy, Exemption, OnUnknown, PolicyCondition,
};
pub use money::Money;
pub use objective_test::{ObjectiveTest, TestExpectation, TestStretch};
pub use sla::{CreditTier, ServiceLevelAgreement, SlaDefinition, SlaPeriod};
pub use sli::{Category, CountColumns, EventPredicates, Indicator, Queries};
pub use slo::{CompositePart, Method, ServiceLevelObjective};
pub use window::{CalendarWindow, WindowSpec};

use crate::kernel::spec::Kind;

/// The kinds to which other languages are lowered.
pub(super) use {alert_policy::KIND as ALERT_POLICY, sli::KIND as SLI, slo::KIND as SLO};

/// The kinds, in the order in which they are listed.
pub static KINDS: [&Kind; 6] = [
    &slo::KIND,
    &sli::KIND,
    &alert_policy::KIND,
    &error_budget_policy::KIND,
    &budget_adjustment::KIND,
    &sla::KIND,
];
