//! `sre backtest`: alerts replayed on what was measured.
use crate::{
    adapters::files,
    cli::{
        Exit, Failure, Session, Workspace,
        measured::{self, Measuring},
        selection,
    },
    domains::slo::{
        answer::{
            self, BacktestFailOn,
            backtest::{
                Terms, Truth as Told,
                plot::{self, Scene},
            },
        },
        assess::Assessment,
        backtested::{self, Backtested, Candidate, Night, Truth},
        engine::backtest::{Options, incidents::Definition},
        incidents::{self, GivenIncident},
        model::AlertPolicy,
        resolve,
        spec::AlertPolicySpec,
    },
    kernel::{
        report::{Block, words},
        spec::Target as _,
        units::{Duration, Ratio},
    },
};
use rayon::prelude::*;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Arguments of `sre backtest`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Incidents from this file (CSV, JSON Lines or YAML; `-` is standard input) instead of those found in the
    /// measurements.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["minimum_share", "gap"])]
    incidents: Option<PathBuf>,
    /// What spent more than this share of the budget is an incident; 2% unless said.
    #[arg(long, value_name = "RATIO")]
    minimum_share: Option<Ratio>,
    /// Errors that are no further apart than this are one incident; 15m unless said, or three times the usual time
    /// between events where that is longer.
    #[arg(long, value_name = "DURATION")]
    gap: Option<Duration>,
    /// Time from one evaluation to the next; a step of the measurements unless said, which is a minute.
    #[arg(long, value_name = "DURATION")]
    interval: Option<Duration>,
    /// How long a condition has to hold before it fires, as `for` of a rule; as each tier says unless said.
    #[arg(long = "for", value_name = "DURATION")]
    hold: Option<Duration>,
    /// How long an alert goes on after its condition, as `keep_firing_for` of a rule.
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    keep_firing_for: Duration,
    /// Tries this alert policy as well, a document or `workbook`; may be repeated.
    #[arg(long = "policy", value_name = "NAME")]
    policies: Vec<String>,
    /// The hours of the night, in the zone of the tables.
    #[arg(long, value_name = "FROM-TO", default_value = "22:00-06:00")]
    night: Night,
    /// Draws error ratio, burn rates and alerts below the tables.
    #[arg(long)]
    chart: bool,
    /// Draws them to an SVG file, or to one for each objective in a folder.
    #[arg(long, value_name = "FILE.svg|FOLDER")]
    plot: Option<PathBuf>,
    /// What makes the run fail: an incident that no alert tells of, or a page that no incident is behind.
    #[arg(long, value_name = "WHAT", default_value = "never", value_parser = BacktestFailOn::NAMES)]
    fail_on: String,
    /// Objectives and measurements.
    #[command(flatten)]
    measured: Measuring,
}

/// Replays alerts on what was measured.
///
/// # Errors
/// If an objective does not exist, has errors, or lacks what the computation needs; if a policy or the file of
/// incidents cannot be used; if a picture cannot be written.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let fail_on: BacktestFailOn = arguments.fail_on.parse().map_err(Failure::input)?;
    if arguments.interval == Some(Duration::ZERO) {
        return Err(Failure::input("--interval 0s evaluates nothing")
            .hint("rules are evaluated every 30s or 1m"));
    }
    if let Some(path) = &arguments.plot {
        check_picture(path)?;
    }
    let given = arguments.incidents.as_deref().map(|path| given(path, session)).transpose()?;
    let paths = measured::paths(&arguments.measured, session);
    let workspace = Workspace::open(session, &paths)?;
    let chosen = measured::choose(&arguments.measured, session, &workspace)?;
    let named = named(arguments, session, &workspace)?;
    let mut candidates = BTreeMap::new();
    for (document, slo) in &chosen {
        let window = resolve::window(document, slo, &workspace.settings).unwrap_or_default();
        let (catalog, settings) = (&workspace.catalog, &workspace.settings);
        let resolved = resolve::resolve(catalog, settings, document, slo);
        let resolved = resolved.map_err(|incomplete| measured::refuse(&workspace, &incomplete))?;
        // Alerts are about the first window.
        let own = resolved.into_iter().next().map(|first| Candidate {
            name: first.alerting_name.unwrap_or("own").to_owned(),
            policy: first.alerting,
        });
        let mut all: Vec<Candidate> = own.into_iter().collect();
        all.extend(named.iter().map(|one| one.candidate(window)));
        candidates.insert(document.name(), all);
    }
    let history = candidates.values().map(|all| backtested::looks_back(all, arguments.hold)).max();
    let history = history.unwrap_or_default();
    let (measuring, interval) = (&arguments.measured, arguments.interval);
    let assessments =
        measured::replayable(measuring, interval, history, session, &workspace, &chosen)?;
    let options = Options {
        interval: arguments.interval.unwrap_or_default(),
        from: arguments.measured.from,
        to: arguments.measured.to,
        hold: arguments.hold,
        keep_firing: arguments.keep_firing_for,
    };
    let definition = Definition {
        share: arguments.minimum_share.unwrap_or(Definition::default().share),
        gap: arguments.gap,
    };
    let truth = given.as_deref().map_or(Truth::Found(definition), Truth::Given);
    let of = |assessment: &Assessment<'_>| {
        candidates.get(assessment.objective.document.name()).map_or(&[][..], Vec::as_slice)
    };
    let tested: Vec<Backtested<'_, '_>> = assessments
        .par_iter()
        .map(|one| backtested::backtest(one, of(one), truth, &options))
        .collect();
    let zone = session.zone(&workspace.settings);
    let truth = if given.is_some() { Told::Given } else { Told::Found(definition) };
    let terms = Terms { zone: &zone, night: arguments.night, truth, fail_on };
    if let Some(path) = &arguments.plot {
        draw(path, &tested, &terms, session)?;
    }
    let chart = if arguments.chart { charts(&tested, &terms, session) } else { Vec::new() };
    let exit = session.answer(&answer::backtest::report(&tested, &terms, chart))?;
    Ok(measured::exit(&assessments, exit))
}

/// The incidents of a file.
fn given(path: &Path, session: &mut Session<'_, '_>) -> Result<Vec<GivenIncident>, Failure> {
    let (text, shown) = if path == Path::new("-") {
        (session.stdin_text()?, "<stdin>".to_owned())
    } else {
        let place = session.path(path);
        (files::read_document(&place)?, session.shown(&place))
    };
    incidents::read(path, &text).map_err(|problems| {
        for problem in &problems {
            let (line, message, help) = (problem.line, &problem.message, &problem.help);
            session.warn(&format!("error: {shown}:{line}: {message}\n  help: {help}"));
        }
        let count = words::plural(problems.len() as u64, "error");
        Failure::input(format!("{count} in the incidents of {shown}")).hint(
            "a file of incidents has the fields `from`, `to` and, if you like, `name` and `slo`",
        )
    })
}

/// A policy that the command line names.
enum Named<'a> {
    Workbook,
    Document(&'a str, &'a AlertPolicySpec),
}

impl Named<'_> {
    fn candidate(&self, window: Duration) -> Candidate {
        match self {
            Self::Workbook => {
                Candidate { name: "workbook".to_owned(), policy: AlertPolicy::workbook(window) }
            }
            Self::Document(name, spec) => {
                let policy = resolve::alert_policy(spec, window);
                Candidate { name: (*name).to_owned(), policy }
            }
        }
    }
}

/// The policies that the command line names.
fn named<'a>(
    arguments: &Arguments,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
) -> Result<Vec<Named<'a>>, Failure> {
    let mut named = Vec::new();
    for name in &arguments.policies {
        if name == "workbook" && workspace.catalog.get::<AlertPolicySpec>(name).is_none() {
            named.push(Named::Workbook);
            continue;
        }
        let found = selection::find(workspace, Some(AlertPolicySpec::KIND), name)?;
        measured::refuse_errors(session, workspace, &found.into_iter().collect(), false)?;
        if let Some((document, spec)) = workspace.catalog.get::<AlertPolicySpec>(name) {
            named.push(Named::Document(document.name(), spec));
        }
    }
    Ok(named)
}

/// Formats of pictures that somebody may take for granted.
const OTHER_PICTURES: [&str; 13] =
    ["avif", "bmp", "eps", "gif", "jpeg", "jpg", "pdf", "png", "ps", "svgz", "tif", "tiff", "webp"];

/// Whether a name ends like a file of that format.
fn ends_in(path: &Path, format: &str) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(format))
}

/// Refuses names of pictures that are not made: they would become folders.
fn check_picture(path: &Path) -> Result<(), Failure> {
    let Some(format) = OTHER_PICTURES.into_iter().find(|format| ends_in(path, format)) else {
        return Ok(());
    };
    let shown = path.display();
    let instead = path.with_extension("svg");
    Err(Failure::input(format!("--plot {shown}: pictures are drawn as SVG, not as `{format}`"))
        .hint(format!(
            "--plot {} for one objective, or a folder for all of them: --plot plots/",
            instead.display()
        )))
}

/// Draws each objective under each policy as SVG.
fn draw(
    path: &Path,
    tested: &[Backtested<'_, '_>],
    terms: &Terms<'_>,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    let mut scenes = Vec::new();
    for one in tested {
        for policy in &one.policies {
            if let Some(scene) = Scene::of(one, policy, terms.zone, plot::COLUMNS) {
                let several = one.policies.len() > 1;
                let suffix = if several { format!("-{}", policy.name) } else { String::new() };
                let name = format!("{}{suffix}", scene.title());
                scenes.push((file_name(&name), plot::svg(&scene)));
            }
        }
    }
    let place = session.path(path);
    let is_file = ends_in(path, "svg");
    match (scenes.as_slice(), is_file) {
        ([], _) => {
            session.warn("warning: nothing is drawn, because nothing was evaluated");
        }
        ([(_, picture)], true) => files::write_atomically(&place, picture)?,
        (_, true) => {
            let count = words::plural(scenes.len() as u64, "picture");
            return Err(Failure::input(format!("{count} do not fit into one file"))
                .hint("name one objective, or a folder: --plot plots/"));
        }
        (_, false) => {
            files::create_folder(&place)?;
            for (name, picture) in &scenes {
                files::write_atomically(&place.join(format!("{name}.svg")), picture)?;
            }
        }
    }
    Ok(())
}

/// A name without what file systems and shells do not like.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    name.trim_matches(['-', '.']).to_owned()
}

/// Draws each objective under each policy for the terminal.
fn charts(
    tested: &[Backtested<'_, '_>],
    terms: &Terms<'_>,
    session: &Session<'_, '_>,
) -> Vec<Block> {
    // Lines to be copied are indented by two.
    const INDENT: usize = 2;
    let surface = session.surface();
    let width = surface.width.unwrap_or(80).min(120).saturating_sub(INDENT);
    let mut blocks = Vec::new();
    for one in tested {
        for policy in &one.policies {
            let Some(scene) = Scene::of(one, policy, terms.zone, plot::COLUMNS) else { continue };
            blocks.push(Block::heading(scene.title()));
            blocks.push(Block::code("text", plot::text(&scene, width, surface.unicode)));
        }
    }
    blocks
}
