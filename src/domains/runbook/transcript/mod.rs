//! Transcripts of runs: JSON Lines, each line bound to the one before.
//!
//! | where | what |
//! |---|---|
//! | [`chain`] | lines and their hashes: writing one, reading and checking all |
//! | [`summary`] | what happened in a run, step by step |
//!
//! A transcript is a file that only grows. It is the record of what was done to production, so that it has to
//! be readable when everything else is gone: every line is a JSON object of its own, and says what happened
//! without the catalog.
pub mod chain;
pub mod summary;

pub use chain::{Broken, Chain, Entry, Transcript, hash_of, hex, read};
pub use summary::{RunSummary, StepSummary};

/// The folder of a catalog in which transcripts stand, each as `<runbook>/<run>.jsonl`.
pub const FOLDER: &str = "runs";

/// How the name of a transcript's file ends.
pub const ENDING: &str = "jsonl";
