//! Answers of this domain as reports.
pub mod actions;
pub mod check;

pub use actions::PostMortemActionsAnswer;
pub use check::PostMortemCheckAnswer;
