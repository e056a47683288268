//! The only code that touches the world: files, the clock, git, the terminal.
pub mod clock;
pub mod files;
pub mod git;
pub mod terminal;
