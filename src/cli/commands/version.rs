//! `sre version`.
use crate::{
    cli::{Exit, Failure, Session},
    kernel::{
        report::{Block, Cell, Form, Report},
        spec::API_VERSION,
        time::TZDB_VERSION,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// Arguments of `sre version`.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Versions of the program and of what is built into it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VersionAnswer {
    /// Version of the program.
    version: &'static str,
    /// Version of the language that it reads.
    api_version: &'static str,
    /// Version of the time zone database that is built in.
    time_zones: &'static str,
}

impl Form for VersionAnswer {
    const SCHEMA: &'static str = "sre/version@1";
}

/// Prints the version.
///
/// # Errors
/// If it cannot be written.
pub fn run(_: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let report =
        Report::of(&VersionAnswer { version, api_version: API_VERSION, time_zones: TZDB_VERSION })
            .block(Block::facts([
                ("sre", Cell::text(version)),
                ("language", Cell::text(API_VERSION)),
                ("time zones", Cell::text(TZDB_VERSION)),
            ]));
    session.answer(&report)
}
