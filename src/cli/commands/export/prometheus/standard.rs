//! Our own rules.
use super::{Arguments, against::Existing};
use crate::{
    cli::{Exit, Failure, Session, arguments, losses, measured},
    domains::slo::{
        answer::rules::{self, CostTerms, RulesOf, RulesReport},
        guards::{Choice, Guard},
        prometheus_rules::{
            collisions,
            cost::{Cost, Intervals},
            names,
            standard::{self, Options, Written},
        },
    },
    kernel::units::Duration,
};
use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

/// The first line of what is written.
const HEADER: &str = "# Made by `sre export prometheus`: change the objectives, not this file.\n";

/// Flags of our own rules.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Rules")]
pub(super) struct Flags {
    /// A label that all series and alerts get; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = extra_label)]
    pub(super) extra_label: Vec<(String, String)>,
    /// How often the rules are evaluated; as the server does unless said.
    #[arg(long, value_name = "DURATION")]
    interval: Option<Duration>,
    /// What alerts on burn rates are called; `SLOErrorBudgetBurn` unless said.
    #[arg(long, value_name = "NAME")]
    pub(super) alert_name: Option<String>,
    /// What names of groups begin with; `slo-` unless said.
    #[arg(long, value_name = "TEXT")]
    group_prefix: Option<String>,
    /// Of how many groups an objective with `group_by` has series: those with the most events, and one
    /// more for all others, called `other`. 0: of all.
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    max_groups: u32,
    /// Writes unit tests for promtool into this file, for the rules in --output. What is counted in slices
    /// or in the periods of a calendar, and for how long alerts wait, is tested in further files beside it, such
    /// as `PATH-5m.yaml`, whose rules are evaluated more often.
    #[arg(long, value_name = "PATH", requires = "output")]
    tests: Option<PathBuf>,
    /// Refuses to write rules that make what a rule of these files makes already: rule files, files with
    /// `PrometheusRule` objects, or folders with such files; may be repeated.
    #[arg(long, value_name = "PATH")]
    against: Vec<PathBuf>,
    /// Says on standard error what the rules cost: how many series they record and how many samples they
    /// read.
    #[arg(long)]
    cost: bool,
    /// How often the server scrapes, for --cost.
    #[arg(long, value_name = "DURATION", default_value = "30s", requires = "cost")]
    scrape_interval: Duration,
    /// How many series each selector of an indicator has, for --cost.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "cost")]
    series_per_selector: u32,
}

/// How often a server evaluates groups that do not say (Prometheus, `evaluation_interval`).
const EVALUATION: Duration = Duration::from_minutes(1);

impl Flags {
    /// Whether one of them was given that means nothing to rules of other tools.
    pub(super) fn are_used_alone(&self) -> bool {
        self.tests.is_some() || self.cost || !self.against.is_empty()
    }
}

/// Writes our own rules.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let (exporting, flags) = (&arguments.exporting, &arguments.standard);
    let workspace = exporting.open(session)?;
    let objectives = exporting.resolve(session, &workspace)?;
    if let Some(clash) = standard::Identity::clash(&workspace.catalog, &objectives) {
        return Err(measured::refuse(&workspace, &clash));
    }
    let choices = arguments.traffic.choose(exporting, session, &workspace, &objectives)?;
    let options = Options {
        interval: flags.interval,
        labels: flags.extra_label.iter().cloned().collect(),
        alert_name: flags.alert_name.clone(),
        group_prefix: flags.group_prefix.clone(),
        most_groups: (flags.max_groups > 0).then_some(flags.max_groups),
        tiers: choices
            .iter()
            .map(|(slo, choices)| (slo.clone(), choices.iter().map(|it| it.tier.clone()).collect()))
            .collect(),
        reasons: reasons(&choices),
    };
    let written = standard::rules(&workspace.catalog, &objectives, &options)
        .map_err(|wrong| measured::refuse_all(session, &workspace, &wrong))?;
    let mut lost = losses::in_reading(&workspace, &objectives, None);
    lost.extend(written.losses.iter().cloned());
    if let Some(exit) = losses::refuse(session, &workspace, &lost, exporting.allow_loss)? {
        return Ok(exit);
    }
    let existing = Existing::read(session, &flags.against, exporting.output.as_deref())?;
    if tell(flags, session, &written, &existing, &choices)? == Exit::Found {
        return Ok(Exit::Found);
    }
    let groups = [written.file.groups.as_slice()];
    super::refuse_faults(arguments, session, &workspace, &objectives, groups)?;
    let text = arguments.objects.text(written.file)?;
    exporting.write(session, &format!("{HEADER}{text}"))?;
    if let (Some(path), Some(rules)) = (&flags.tests, &exporting.output) {
        let rules = relative(&session.path(path), &session.path(rules));
        let tests = standard::tests(&workspace.catalog, &objectives, &options, &rules);
        for sentence in &tests.untested {
            session.note(&format!("note: {sentence}"));
        }
        for (at, file) in tests.files.iter().enumerate() {
            let path = if at == 0 { path.clone() } else { beside(path, file.every) };
            exporting.write_to(session, &path, &format!("{HEADER}{}", file.text))?;
        }
    }
    Ok(Exit::Success)
}

/// Why tiers have the guards that were chosen, by objective and tier.
fn reasons(choices: &BTreeMap<String, Vec<Choice>>) -> BTreeMap<(String, String), String> {
    let of_slo = |(slo, choices): (&String, &Vec<Choice>)| {
        let slo = slo.clone();
        let chosen = choices.iter().filter(|choice| choice.guard != Guard::Own);
        let reason = |choice: &Choice| {
            let none = matches!(choice.guard, Guard::NotNeeded | Guard::NoneFound);
            let said = if none { "No guard by traffic" } else { "Chosen by traffic" };
            let reason = format!("{said}: {}.", choice.reason);
            ((slo.clone(), choice.tier.name.clone()), reason)
        };
        chosen.map(reason).collect::<Vec<_>>()
    };
    choices.iter().flat_map(of_slo).collect()
}

/// Tells what was asked for about the rules. Returns how the run ends if it is to end here.
fn tell(
    flags: &Flags,
    session: &mut Session<'_, '_>,
    written: &Written,
    existing: &Existing,
    choices: &BTreeMap<String, Vec<Choice>>,
) -> Result<Exit, Failure> {
    let collisions = collisions::find(&written.file, &existing.rules);
    if !flags.cost && collisions.is_empty() && choices.is_empty() {
        return Ok(Exit::Success);
    }
    let terms = flags.cost.then(|| CostTerms {
        intervals: Intervals {
            scrape: flags.scrape_interval,
            evaluation: flags.interval.unwrap_or(EVALUATION),
        },
        series: u64::from(flags.series_per_selector),
    });
    let objectives =
        written.objectives.iter().zip(&written.file.groups).map(|(slo, group)| RulesOf {
            slo,
            cost: terms.map(|terms| Cost::of(group, terms.intervals)),
            choices: choices.get(slo).cloned().unwrap_or_default(),
        });
    let report = rules::report(&RulesReport {
        objectives: objectives.collect(),
        cost: terms,
        collisions: &collisions,
        sources: &existing.sources,
    });
    session.tell(&report)?;
    Ok(if collisions.is_empty() { Exit::Success } else { Exit::Found })
}

/// The path of the tests whose rules are evaluated so often: `tests-5m.yaml` beside `tests.yaml`.
fn beside(path: &Path, every: Duration) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{stem}-{every}{}", ending.unwrap_or_default()))
}

/// The path of a file as another one names it: from the folder that it stands in.
fn relative(from: &Path, to: &Path) -> String {
    let folder = from.parent().unwrap_or(Path::new(""));
    let shared = folder.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(shared)).collect();
    path.to_string_lossy().replace('\\', "/")
}

fn extra_label(text: &str) -> Result<(String, String), String> {
    let (key, value) = arguments::label(text)?;
    if let Some((message, help)) = names::wrong_label(&key) {
        return Err(format!("{message}: {help}"));
    }
    Ok((key, value))
}
