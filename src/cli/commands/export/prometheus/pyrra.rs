//! Pyrra's rules.
use super::Arguments;
use crate::{
    cli::{Exit, Failure, Session, losses},
    domains::slo::{
        dialects,
        prometheus_rules::{
            RuleGroup,
            pyrra::{self, Compiled, ExternalUrl, ObjectiveRules, Options},
            resource::PrometheusRule,
            write,
        },
    },
};
use std::collections::BTreeSet;

/// The first line of what is written.
const HEADER: &str =
    "# Made by `sre export prometheus --mode pyrra`: change the objectives, not this file.\n";

/// Flags of Pyrra's rules.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Rules of Pyrra")]
pub(super) struct PyrraFlags {
    /// Where Pyrra's pages are; alerts lead there.
    #[arg(long, value_name = "URL")]
    pyrra_url: Option<ExternalUrl>,
    /// Adds rules whose names are the same for all objectives, such as `pyrra_availability`.
    #[arg(long)]
    generic_rules: bool,
    /// Matches bounds of buckets exactly as they are written. Unless said, `le="1"` matches `1.0` too, as
    /// Prometheus 3 writes it.
    #[arg(long)]
    exact_buckets: bool,
}

/// Writes Pyrra's rules.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let (exporting, flags) = (&arguments.exporting, &arguments.pyrra);
    arguments.objects.refuse_metadata()?;
    let workspace = exporting.open(session)?;
    let objectives = exporting.resolve(session, &workspace)?;
    let first = objectives.iter().filter_map(|windows| windows.first());
    let options = Options {
        external_url: flags.pyrra_url.clone(),
        generic: flags.generic_rules,
        prometheus_3: !flags.exact_buckets,
    };
    let mut lost = losses::in_reading(&workspace, &objectives, Some(&dialects::pyrra::DIALECT));
    let mut rules: Vec<ObjectiveRules> = Vec::new();
    for objective in first {
        let Compiled { rules: compiled, losses } = pyrra::rules_of(objective, &options);
        lost.extend(losses);
        rules.extend(compiled);
    }
    if let Some(exit) = losses::refuse(session, &workspace, &lost, exporting.allow_loss)? {
        return Ok(exit);
    }
    for silent in rules.iter().flat_map(|rules| &rules.silent) {
        session.note(silent);
    }
    let (documents, text): (Vec<Vec<RuleGroup>>, String) = if arguments.objects.prometheus_rule {
        let objects: Vec<_> = rules.iter().flat_map(ObjectiveRules::objects).collect();
        let texts: Vec<String> = objects.iter().map(PrometheusRule::text).collect();
        (objects.into_iter().map(|object| object.groups).collect(), texts.join("---\n"))
    } else {
        refuse_same_names(&rules)?;
        let file = pyrra::file(&rules);
        let text = write::write(&file);
        (vec![file.groups], text)
    };
    let documents = documents.iter().map(Vec::as_slice);
    super::refuse_faults(arguments, session, &workspace, &objectives, documents)?;
    exporting.write(session, &format!("{HEADER}{text}"))?;
    Ok(Exit::Success)
}

/// Pyrra names groups by objectives alone, and Prometheus wants a file's groups to differ.
fn refuse_same_names(rules: &[ObjectiveRules]) -> Result<(), Failure> {
    let mut names = BTreeSet::new();
    match rules.iter().find(|rules| !names.insert(rules.name.as_str())) {
        None => Ok(()),
        Some(rules) => {
            let message = format!("two objectives are called `{}`", rules.name);
            Err(Failure::input(message).hint("export each of them into a file of its own, or write objects with --prometheus-rule"))
        }
    }
}
