//! The small shared base: values, places, problems, documents, series, reports. It knows no domain
//! and does no input or output.
pub mod circles;
pub mod diagnostic;
pub mod expectation;
pub mod measure;
pub mod report;
pub mod series;
pub mod settings;
pub mod source;
pub mod spec;
pub mod time;
pub mod units;
