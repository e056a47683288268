//! The language: YAML text to located trees to typed documents to a catalog.
//!
//! [`yaml`] reads text into a [`tree`], [`spelling`] replaces old spellings in it, [`decode`] turns it
//! into plain Rust types with every problem in one pass, [`load`] does all that for one text,
//! [`dialect`] brings in documents of other tools, and [`catalog`] joins the documents of all texts and resolves what refers to what. [`kind`] is the
//! one declaration of a kind from which all of it, and `schema`, follows. `write` turns documents back
//! into text.
pub mod append;
pub mod catalog;
pub mod core_schema;
pub mod decode;
pub mod dialect;
pub mod document;
pub mod field;
pub mod format;
pub mod kind;
pub mod load;
pub mod problem;
pub mod reference;
pub mod rules;
pub mod scalar;
pub mod schema;
pub mod spelling;
pub mod tree;
pub mod union;
pub mod write;
pub mod yaml;

pub use catalog::Catalog;
pub use dialect::{Dialect, ForeignDocument, Loss, Lowered};
pub use document::{Document, Link, Metadata, Reference};
pub use field::{Field, Optional, values};
pub use kind::{Kind, Spec};
pub use load::{LoadedText, load_text};
pub use reference::{Ref, Target};
pub use scalar::{Day, Moment, Name};
pub use spelling::{Spelling, Unit};
pub use union::{Alternatives, Count, Either};

/// The version of the language, first line of every document.
pub const API_VERSION: &str = "sre/v1";
