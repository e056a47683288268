//! Service level objectives: error budgets, burn rates, alerts.
pub mod engine;
pub mod model;
pub mod spec;
