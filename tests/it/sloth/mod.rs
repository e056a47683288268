//! Sloth's documents: read, refused, measured, compiled and written.
#![expect(clippy::disallowed_methods, reason = "reads the golden data")]
mod alerts;
pub(crate) mod golden;
mod reading;
mod rules;
mod validation;
mod writing;
