//! The commands, run in process: what they print, where, and how they end.
pub mod harness;
