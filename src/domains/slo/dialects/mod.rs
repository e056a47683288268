//! Languages of other tools for service level objectives: read into our kinds, and written out of them.
pub mod beyond;
pub mod openslo;
pub mod pyrra;
pub mod slo_generator;
pub mod sloth;

use crate::kernel::spec::Dialect;

/// The dialects. A document is of the first that recognises it.
pub static DIALECTS: &[&Dialect] = &[&openslo::DIALECT, &sloth::DIALECT, &pyrra::DIALECT];

/// Those whose documents are imported, and never stand for ours.
pub static IMPORTED: &[&Dialect] = &[&slo_generator::DIALECT];
