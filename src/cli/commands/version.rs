//! `sre version`.
use crate::{
    cli::{Exit, Failure, Session},
    kernel::{
        report::{Block, Cell, Report},
        spec::API_VERSION,
        time::TZDB_VERSION,
    },
};
use serde_json::json;

/// Arguments of `sre version`.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Prints the version.
///
/// # Errors
/// If it cannot be written.
pub fn run(_: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let report = Report::new(
        "sre/version@1",
        json!({"version": version, "api_version": API_VERSION, "time_zones": TZDB_VERSION}),
    )
    .block(Block::facts([
        ("sre", Cell::text(version)),
        ("language", Cell::text(API_VERSION)),
        ("time zones", Cell::text(TZDB_VERSION)),
    ]));
    session.answer(&report)
}
