//! Runbooks as pages for people, divided as those of the Prometheus operator are: Meaning, Impact, Diagnosis,
//! Mitigation; and such pages as runbooks.
mod reading;
mod writing;

pub use reading::{Page, ReadError, read};
pub use writing::page;
