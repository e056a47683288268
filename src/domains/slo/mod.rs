//! Service level objectives: error budgets, burn rates, alerts.
pub mod adjustments;
pub mod answer;
pub mod assess;
pub mod behind;
pub mod composed;
pub mod contract;
pub mod doctor;
pub mod engine;
pub mod gated;
pub mod model;
pub mod moments;
pub mod promises;
mod promql;
pub mod queries;
pub mod resolve;
pub mod rules;
pub mod spec;
