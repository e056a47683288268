//! `sre diff`: what a change of the catalog means.
use crate::{
    cli::{
        Exit, Failure, Session, Workspace,
        arguments::instant,
        measured::{self, Measuring, max_bad_lines},
        revisions::{self, State},
    },
    domains::slo::{
        assess::Assessment,
        model::AlertTier,
        resolve::{self, ResolvedObjective},
        spec::ServiceLevelObjective,
    },
    kernel::{
        measure::MaxBadLines,
        report::Format,
        units::{Duration, Instant},
    },
    views::diff::{Difference, FailOn, Replayed, Side},
};
use std::{collections::BTreeMap, path::PathBuf};

/// Arguments of `sre diff`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What is compared: `A..B` are two git revisions, `A...B` is `B` and where it left `A`, `A` alone is
    /// compared with the files as they are, and so is the last commit unless said; or two folders.
    #[arg(value_name = "REVISION|FOLDER", num_args = 0..=2)]
    states: Vec<String>,
    /// The least level of a change that makes the run fail.
    #[arg(long, value_name = "LEVEL", default_value = "breaking", value_parser = FailOn::NAMES)]
    fail_on: String,
    /// Where what changed is replayed on.
    #[command(flatten)]
    replaying: Replaying,
}

/// The measurements on which alerts are replayed.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "History")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Replaying {
    /// Replays the alerts of what changed on what the sources of the documents measured.
    #[arg(long)]
    history: bool,
    /// Replays them on this file (or `-`) instead; may be repeated.
    #[arg(long, value_name = "PATH")]
    data: Vec<PathBuf>,
    /// Replays them on what this server measured.
    #[arg(long, value_name = "URL")]
    prometheus: Option<String>,
    /// Runs the programs that data sources name (`command`).
    #[arg(long)]
    allow_command: bool,
    /// Neither reads nor keeps what servers answered before.
    #[arg(long)]
    no_cache: bool,
    /// Says on standard error what servers are asked, and what they answer.
    #[arg(long)]
    show_queries: bool,
    /// Where the history ends; else where the measurements do.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// The beginning of the history; needs --to.
    #[arg(long, value_name = "INSTANT", value_parser = instant, requires = "to", conflicts_with = "at")]
    from: Option<Instant>,
    /// The end of the history that begins at --from.
    #[arg(long, value_name = "INSTANT", value_parser = instant, requires = "from", conflicts_with = "at")]
    to: Option<Instant>,
    /// Time from one evaluation to the next; a step of the measurements unless said, which is a minute.
    #[arg(long, value_name = "DURATION")]
    interval: Option<Duration>,
    /// Unreadable lines that are put up with: a number, or a share such as `1%`.
    #[arg(long, value_name = "NUMBER|SHARE", value_parser = max_bad_lines)]
    max_bad_lines: Option<MaxBadLines>,
}

impl Replaying {
    fn is_asked_for(&self) -> bool {
        self.history || !self.data.is_empty() || self.prometheus.is_some()
    }

    /// What is to be measured of these objectives.
    fn measuring(&self, names: Vec<String>) -> Measuring {
        Measuring {
            slos: names,
            data: self.data.clone(),
            prometheus: self.prometheus.clone(),
            allow_command: self.allow_command,
            no_cache: self.no_cache,
            show_queries: self.show_queries,
            at: self.at,
            from: self.from,
            to: self.to,
            max_bad_lines: self.max_bad_lines,
            ..Measuring::default()
        }
    }
}

/// The most rows of a table on a page: a comment on a pull request has at most 65,536 characters.
const ROWS: usize = 60;

/// Says what differs between two states of a catalog.
///
/// # Errors
/// If a state cannot be read or has errors.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let format = session.format()?;
    let fail_on: FailOn = arguments.fail_on.parse().map_err(Failure::input)?;
    let (from, to) = revisions::wanted(session, &arguments.states)?;
    let (before, after) = (revisions::open(session, &from)?, revisions::open(session, &to)?);
    tell_of_nothing(session, &before, &after)?;
    let mut difference = Difference::between(&side(&before), &side(&after));
    let mut exit = Exit::Success;
    if arguments.replaying.is_asked_for() {
        let (replayed, least) =
            replay(&arguments.replaying, session, &difference, &before, &after)?;
        exit = least;
        difference = difference.with_history(replayed);
    }
    let limit = (format == Format::Markdown).then_some(ROWS);
    Ok(session.answer(&difference.report(fail_on, limit))?.and(exit))
}

/// Replays the alerts of the objectives that changed, as they were and as they are; and how the run ends
/// at least.
fn replay(
    arguments: &Replaying,
    session: &mut Session<'_, '_>,
    difference: &Difference,
    before: &State,
    after: &State,
) -> Result<(Vec<Replayed>, Exit), Failure> {
    if arguments.interval == Some(Duration::ZERO) {
        return Err(Failure::input("--interval 0s evaluates nothing")
            .hint("rules are evaluated every 30s or 1m"));
    }
    let changed = difference.replayable();
    let (old, new) = (&before.workspace, &after.workspace);
    let (mut was, mut is) = (BTreeMap::new(), BTreeMap::new());
    for one in &changed {
        was.extend(first_window(old, &one.former_name)?.map(|first| (one.name.as_str(), first)));
        is.extend(first_window(new, &one.name)?.map(|first| (one.name.as_str(), first)));
    }
    let tiers = was.values().chain(is.values()).flat_map(|first| &first.alerting.tiers);
    let looks_back = tiers.map(AlertTier::looks_back).max().unwrap_or_default();
    let mut measure = |workspace, names: Vec<String>| {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let measuring = arguments.measuring(names);
        let chosen = measured::choose(&measuring, session, workspace)?;
        measured::replayable(
            &measuring,
            arguments.interval,
            looks_back,
            session,
            workspace,
            &chosen,
        )
    };
    let names = changed.iter().map(|one| one.name.clone()).collect();
    let now = measure(new, names)?;
    let otherwise = changed.iter().filter(|one| !one.measured_alike);
    let then = measure(old, otherwise.map(|one| one.former_name.clone()).collect())?;
    let mut replayed = Vec::new();
    for one in &changed {
        let Some(was) = was.get(one.name.as_str()) else { continue };
        for assessment in now.iter().filter(|now| now.objective.document.name() == one.name) {
            if one.measured_alike {
                replayed.push(Replayed::of(was, assessment, None));
                continue;
            }
            let group = |one: &Assessment<'_>| one.reading().map(|reading| reading.group.clone());
            let counterpart = then.iter().find(|then| {
                then.objective.document.name() == one.former_name
                    && (group(then) == group(assessment) || group(then).is_none())
            });
            replayed.push(match counterpart {
                Some(then) => Replayed::of(was, assessment, Some(then)),
                None => Replayed::unknown(&one.name, "its groups are others than before"),
            });
        }
    }
    let exit = measured::exit(now.iter().chain(&then), Exit::Success);
    Ok((replayed, exit))
}

/// An objective over its first window, the one that alerts are about.
fn first_window<'a>(
    workspace: &'a Workspace,
    name: &str,
) -> Result<Option<ResolvedObjective<'a>>, Failure> {
    let Some((document, slo)) = workspace.catalog.get::<ServiceLevelObjective>(name) else {
        return Ok(None);
    };
    let resolved = resolve::resolve(&workspace.catalog, &workspace.settings, document, slo)
        .map_err(|incomplete| measured::refuse(workspace, &incomplete))?;
    Ok(resolved.into_iter().next())
}

fn side(state: &State) -> Side<'_> {
    let Workspace { catalog, settings, sources, .. } = &state.workspace;
    Side {
        name: &state.name,
        commit: state.commit.as_deref(),
        catalog,
        settings,
        settings_text: state.workspace.settings_text(),
        sources,
    }
}

/// A catalog that is not there has no documents: that is a change too, and most often a mistake.
fn tell_of_nothing(
    session: &mut Session<'_, '_>,
    before: &State,
    after: &State,
) -> Result<(), Failure> {
    if before.without_catalog && after.without_catalog {
        return Err(Failure::input(format!(
            "there is no catalog in `{}`, nor in `{}`",
            before.name, after.name
        ))
        .hint("run it in the catalog's folder, or name that with --specs"));
    }
    for state in [before, after] {
        if state.without_catalog {
            session.warn(&format!("there is no catalog in `{}`", state.name));
        }
    }
    Ok(())
}
