//! Reliability as code: the library behind the `sre` program.
pub mod adapters;
pub mod cli;
pub mod domains;
pub mod kernel;
pub mod registry;
pub mod views;
