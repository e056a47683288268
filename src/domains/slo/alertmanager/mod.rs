//! Alertmanager: who is told of an alert, and the configuration that follows from a catalog.
//!
//! | where | what |
//! |---|---|
//! | [`config`] | a configuration as it decides who is told, read from any file |
//! | [`matcher`], `pattern` | conditions on labels, and the regular expressions in them |
//! | [`time_interval`] | times at which routes are silent or active |
//! | [`delivery`] | who is told of an alert, and when |
//! | [`generate`] | routes, inhibition and time intervals that follow from a catalog |
//! | [`mutes`] | adjustments of budgets as time intervals |
//! | `write` | the text of it, whole or merged into a configuration that is there |
//!
//! The meaning of a configuration is that of Alertmanager 0.25 to 0.34: `dispatch/route.go`,
//! `inhibit/inhibit.go`, `timeinterval`, `matcher/parse` and `pkg/labels`.
pub mod config;
pub mod delivery;
pub mod generate;
pub mod matcher;
pub mod mutes;
mod pattern;
pub mod time_interval;
pub mod write;

pub use config::Configuration;
