//! The command line.
use super::commands;
use crate::kernel::{
    report::Format,
    time::{Zone, parse_instant},
    units::Instant,
};
use chrono::Datelike as _;
use clap::{Parser, Subcommand, ValueEnum, builder::PossibleValue};
use std::path::PathBuf;

/// Reliability as code: check, compute, compile and act on what your team promises.
#[derive(Debug, Parser)]
#[command(
    name = "sre",
    disable_help_subcommand = true,
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Arguments {
    /// What all commands share.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of all commands.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The catalog's folder; else the nearest parent with an `sre.yaml`, else `./specs`, else the
    /// folder of the file named.
    #[arg(long, global = true, value_name = "DIR")]
    pub specs: Option<PathBuf>,
    /// The form of the answer.
    #[arg(long, global = true, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Freezes the clock at this instant; also `SRE_NOW`.
    #[arg(long, global = true, value_name = "INSTANT", value_parser = instant)]
    pub now: Option<Instant>,
    /// The zone in which tables show times; UTC unless said.
    #[arg(long, global = true, value_name = "ZONE", value_parser = zone)]
    pub tz: Option<Zone>,
    /// When to colour: `auto` does on a terminal, unless `NO_COLOR` is set.
    #[arg(long, global = true, value_name = "WHEN")]
    pub color: Option<ColorChoice>,
    /// Says less on standard error: once no notes, twice nothing but failures.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub quiet: u8,
    /// Says more on standard error.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new catalog that works
    Init(commands::init::Arguments),
    /// Write a new document of a kind
    New(commands::new::Arguments),
    /// Find everything that is wrong with documents
    Validate(commands::validate::Arguments),
    /// Bring documents into their canonical form
    Fmt(commands::fmt::Arguments),
    /// Turn documents of other tools into ours
    Import(commands::import::Arguments),
    /// Show the whole catalog on one screen
    Status(commands::status::Arguments),
    /// Compute error budgets from measurements
    Budget(commands::budget::Arguments),
    /// Compute burn rates and say which alerts fire
    Burn(commands::burn::Arguments),
    /// Replay alerts on what was measured, and score them against incidents
    Backtest(commands::backtest::Arguments),
    /// Look whether the sources answer, and can answer what the catalog asks
    Doctor(commands::doctor::Arguments),
    /// Decide whether a change may go out, as the error budget policies say
    Gate(commands::gate::Arguments),
    /// Compute what service level agreements say of a month, quarter or year
    Sla(commands::sla::Arguments),
    /// Say who is on call, when and how much; change it, and see what a change means
    Oncall(commands::oncall::Arguments),
    /// Say who is told of a page, and prove that somebody is in time
    Escalate(commands::escalate::Arguments),
    /// Check whether services come back from a disaster in time, and plan and test it
    Dr(commands::dr::Arguments),
    /// Write post-mortems, say what is missing in them, and list what is still to be done
    Postmortem(commands::postmortem::Arguments),
    /// Say how much work by hand there is, and what is worth automating
    Toil(commands::toil::Arguments),
    /// Show runbooks, run them with a transcript, and hold alerts against them
    Runbook(commands::runbook::Arguments),
    /// Write down what goes wrong while it happens, and say what that teaches
    Incident(commands::incident::Arguments),
    /// Write objectives and rotations in the languages of other tools
    Export(commands::export::Arguments),
    /// Run the expectations that documents carry
    Test(commands::test::Arguments),
    /// Say who is told of an alert, by which route, and when
    Route(commands::route::Arguments),
    /// List documents
    List(commands::list::Arguments),
    /// Show a document and everything that refers to it
    Show(commands::show::Arguments),
    /// Say what a change of documents means: promises, budgets, alerts
    Diff(commands::diff::Arguments),
    /// Draw services, what they need, and what refers to what
    Graph(commands::graph::Arguments),
    /// Explain a rule, a kind or a term
    Explain(commands::explain::Arguments),
    /// Print the JSON Schema of documents or answers
    Schema(commands::schema::Arguments),
    /// Print completions for a shell
    Completions(commands::completions::Arguments),
    /// Print the manual pages
    Man(commands::man::Arguments),
    /// Print the version
    Version(commands::version::Arguments),
    /// Print help on a command or a topic
    Help(commands::help::Arguments),
}

/// Selects documents.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Selection")]
pub struct Selection {
    /// Only documents with this label; may be repeated, all must match.
    #[arg(short = 'l', long = "label", value_name = "KEY=VALUE", value_parser = label)]
    pub labels: Vec<(String, String)>,
    /// Only what speaks of this service.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// Only what this team or person answers for.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Only what speaks of services of this tier.
    #[arg(long, value_name = "NUMBER")]
    pub tier: Option<u8>,
}

/// Reads an instant of the command line: RFC 3339.
///
/// # Errors
/// What is wrong, and how it is written.
pub fn instant(text: &str) -> Result<Instant, String> {
    let instant = parse_instant(text)
        .map_err(|message| format!("{message}; write it like `2026-05-14T09:20:00Z`"))?;
    // What measurements are counted with holds nanoseconds, and has no room for more.
    if !(1700..2250).contains(&instant.year()) {
        return Err(format!("`{text}` is not within the years 1700 to 2249"));
    }
    Ok(instant)
}

/// Reads the name of a time zone.
///
/// # Errors
/// If there is none of that name.
pub fn zone(text: &str) -> Result<Zone, String> {
    Zone::get(text).ok_or_else(|| match Zone::closest(text) {
        Some(near) => format!("no such time zone; did you mean `{near}`?"),
        None => "no such time zone; write a name such as `Europe/Berlin`".to_owned(),
    })
}

/// Reads `key=value`.
///
/// # Errors
/// If there is no key, or no value.
pub fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it like `team=payments`".to_owned()),
    }
}

/// A value parser that offers names.
pub fn choices(
    names: impl IntoIterator<Item = &'static str>,
) -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(names.into_iter().map(PossibleValue::new))
}

/// The format of a report that was asked for.
///
/// # Errors
/// If there is no such format.
pub fn report_format(name: Option<&str>) -> Result<Format, super::Failure> {
    match name {
        None => Ok(Format::Table),
        Some(name) => name.parse().map_err(super::Failure::input),
    }
}
