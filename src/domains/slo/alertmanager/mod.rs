//! Alertmanager: who is told of an alert, and the configuration that follows from a catalog.
//!
//! | where | what |
//! |---|---|
//! | [`config`] | a configuration as it decides who is told, read from any file |
//! | [`matcher`], `pattern` | conditions on labels, and the regular expressions in them |
//! | [`time_interval`] | times at which routes are silent or active |
//!
//! The meaning of a configuration is that of Alertmanager 0.25 to 0.34: `dispatch/route.go`,
//! `inhibit/inhibit.go`, `timeinterval`, `matcher/parse` and `pkg/labels`.
pub mod config;
pub mod delivery;
pub mod matcher;
pub mod mutes;
mod pattern;
pub mod time_interval;

pub use config::Configuration;
