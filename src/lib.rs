//! Reliability as code: the library behind the `sre` program.
pub mod domains;
pub mod kernel;
pub mod registry;
