//! Answers of this domain: assessments as reports.
pub mod backtest;
pub mod budget;
pub mod burn;
mod close;
mod dependencies;
pub mod doctor;
mod form;
pub mod gate;
pub mod route;
pub mod rules;
pub mod sla;
mod words;

pub use backtest::{BacktestAnswer, BacktestFailOn};
pub use close::group;
pub use doctor::{DoctorAnswer, DoctorFailOn};
pub use form::{BudgetAnswer, BurnAnswer};
pub use gate::{GateAnswer, GateFailOn, replay::GateReplayAnswer};
pub use route::RouteAnswer;
pub use rules::RulesAnswer;
pub use sla::{SlaAnswer, SlaFailOn};
pub use words::state;

use super::assess::{Assessment, BudgetState};
use crate::kernel::report::Verdict;
use std::str::FromStr;

/// From which state of a budget on a run fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// More was spent than is allowed.
    #[default]
    Exhausted,
    /// An alert fires, or more was spent than is allowed.
    Burning,
    /// Never.
    Never,
}

impl FailOn {
    /// The words, as flags have them.
    pub const NAMES: [&'static str; 3] = ["exhausted", "burning", "never"];

    /// What an assessment means for whoever waits.
    pub fn verdict(self, assessment: &Assessment<'_>) -> Verdict {
        match (assessment.state(), self) {
            (BudgetState::Exhausted, Self::Exhausted | Self::Burning)
            | (BudgetState::Burning, Self::Burning) => Verdict::Found,
            (
                BudgetState::NoData | BudgetState::Unknown | BudgetState::Incomplete,
                Self::Exhausted | Self::Burning,
            ) => Verdict::Undecided,
            _ => Verdict::Pass,
        }
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "exhausted" => Ok(Self::Exhausted),
            "burning" => Ok(Self::Burning),
            "never" => Ok(Self::Never),
            _ => Err(format!("`{text}` is not one of {}", Self::NAMES.join(", "))),
        }
    }
}
