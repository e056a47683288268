//! `sre export prometheus`: recording and alerting rules.
mod against;
mod objects;
mod pyrra;
mod sloth;
mod standard;
mod traffic;

use super::Exporting;
use crate::{
    cli::{Exit, Failure, Session, Workspace},
    domains::slo::{
        prometheus_rules::{
            RuleGroup,
            check::{self, Fault},
            standard::Identity,
        },
        resolve::ResolvedObjective,
    },
    kernel::report::words,
};
use clap::ValueEnum;

/// Arguments of `sre export prometheus`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Objectives and the output.
    #[command(flatten)]
    exporting: Exporting,
    /// Whose rules are written.
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Mode::Standard)]
    mode: Mode,
    /// Writes the rules even where Prometheus would refuse them, as far as is known here.
    #[arg(long)]
    unchecked: bool,
    /// What only our own rules have.
    #[command(flatten)]
    standard: standard::Flags,
    /// Guards of our own rules.
    #[command(flatten)]
    traffic: traffic::TrafficFlags,
    /// Rules as objects of Kubernetes.
    #[command(flatten)]
    objects: objects::ObjectFlags,
    /// What only Pyrra's rules have.
    #[command(flatten)]
    pyrra: pyrra::PyrraFlags,
    /// What only Sloth's rules have.
    #[command(flatten)]
    sloth: sloth::Flags,
}

/// Whose rules are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Ours, under the names that dashboards for Sloth know.
    Standard,
    /// Pyrra's, under its names and with its thresholds.
    Pyrra,
    /// Sloth's, byte by byte.
    Sloth,
}

/// Refuses rules that Prometheus would refuse: the groups of one document after the other.
fn refuse_faults<'g>(
    arguments: &Arguments,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    objectives: &[Vec<ResolvedObjective<'_>>],
    documents: impl IntoIterator<Item = &'g [RuleGroup]>,
) -> Result<(), Failure> {
    if arguments.unchecked {
        return Ok(());
    }
    let faults: Vec<Fault> = documents.into_iter().flat_map(check::faults).collect();
    if faults.is_empty() {
        return Ok(());
    }
    for fault in &faults {
        let called = |name: &String| {
            objectives.iter().filter_map(|windows| windows.first()).find(|one| {
                let id = Identity::of(&workspace.catalog, one).id;
                *name == id || name == one.document.name()
            })
        };
        let objective = fault.objective.iter().find_map(called);
        let place = objective.map(|one| {
            let place = one.document.name_place();
            let line = workspace.sources.position(place).line;
            format!("{}:{line}: ", workspace.sources.name(place.source))
        });
        let place = place.unwrap_or_default();
        session.warn(&format!("error: {place}{}: {}", fault.at, fault.message));
    }
    let count = words::plural(faults.len() as u64, "mistake");
    Err(Failure::input(format!("{count} for which Prometheus would refuse these rules")).hint(
        "correct the objectives; if your server takes them all the same, --unchecked writes them",
    ))
}

/// Writes rules.
///
/// # Errors
/// If an objective does not exist, has errors or cannot be alerted on, or the file cannot be written.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    if arguments.mode != Mode::Sloth && arguments.sloth.are_used() {
        return Err(Failure::input("a flag of Sloth's rules without `--mode sloth`")
            .hint("`sre help export prometheus` says which they are"));
    }
    if arguments.mode != Mode::Standard && arguments.standard.are_used_alone() {
        return Err(Failure::input("a flag of our own rules with another `--mode`")
            .hint("`sre help export prometheus` says which they are"));
    }
    if arguments.mode == Mode::Sloth && arguments.objects.prometheus_rule {
        return Err(Failure::input("Sloth's rules are written as a rule file only")
            .hint("leave out --prometheus-rule or --mode sloth"));
    }
    match arguments.mode {
        Mode::Sloth => sloth::run(arguments, session),
        Mode::Standard => standard::run(arguments, session),
        Mode::Pyrra => pyrra::run(arguments, session),
    }
}
