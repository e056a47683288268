//! The arithmetic of error budgets. Pure: `now` is an argument.
//!
//! Start with [`budget`], then [`burn`], [`alert`] and [`exhaustion`]: they take a series of events and a
//! rolling window. What makes another series of it stands before them: [`adjust`] (maintenance and
//! corrections), [`slices`] (time slices), [`composite`] (several series as one), [`bounds`] (missing time
//! filled in), best in this order. [`calendar_budget`] is the budget of a period that does not roll.
//! [`backtest`] asks what alerts would have said of the past.
//!
//! Whatever decides (is the budget overspent, is a window above a threshold) compares whole numbers exactly,
//! see `exact`; `f64` is for what is shown.
pub mod adjust;
pub mod alert;
pub mod backtest;
pub mod bounds;
pub mod budget;
pub mod burn;
pub mod calendar_budget;
pub mod ceiling;
pub mod composite;
pub mod confidence;
mod exact;
pub mod exhaustion;
mod explain;
pub mod gate;
pub mod outlook;
pub mod returns;
pub mod sla;
pub mod slices;

#[cfg(test)]
mod testing;
