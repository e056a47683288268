//! A post-mortem as Markdown and as a web page.
//!
//! [`content`] says what is on it, section by section in the order of the template; [`markdown`] and [`html`]
//! write that.
pub mod content;
pub mod html;
pub mod markdown;

pub use content::{Page, page};
