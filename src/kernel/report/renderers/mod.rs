//! One renderer per format, each from a `Report` to bytes.
pub(super) mod csv;
pub(super) mod json;
pub(super) mod markdown;
pub(super) mod openmetrics;
pub(super) mod terminal;
pub(super) mod yaml;

pub use terminal::Surface;
