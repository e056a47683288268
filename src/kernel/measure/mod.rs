//! What a measurement source is.
pub mod data_source;

pub use data_source::DataSource;
