//! The only code that touches the world: files, the clock, programs, servers, the terminal.
pub mod address;
pub mod cache;
pub mod clock;
pub mod credentials;
pub mod files;
pub mod git;
pub mod http;
mod printable;
pub mod process;
#[cfg(unix)]
pub mod steps;
pub mod terminal;
pub mod transcripts;
