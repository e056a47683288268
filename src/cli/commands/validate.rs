//! `sre validate`: everything that is wrong with documents, in one run.
use crate::{
    adapters::{
        files::{self, PathKind},
        git,
    },
    cli::{Exit, Failure, Session, Workspace},
    kernel::{
        diagnostic::{
            Diagnostic, Level, Tally,
            baseline::Baseline,
            engine::{Levels, find_rule},
            render::{self, Format},
        },
        report::words,
        source::{SourceId, edit},
        spec::problem,
    },
    registry,
};
use std::{collections::BTreeSet, path::PathBuf, str::FromStr as _};

/// Arguments of `sre validate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files and folders, `-` for standard input; the catalog unless said.
    paths: Vec<PathBuf>,
    /// The least level that makes the run fail.
    #[arg(long, value_name = "LEVEL", value_parser = ["note", "warning", "error", "never"])]
    fail_on: Option<String>,
    /// Sets the level of a rule: `--level slo-without-runbook=error`; may be repeated.
    #[arg(long = "level", value_name = "RULE=LEVEL", value_parser = level)]
    levels: Vec<(String, Level)>,
    /// Mends what can be mended without changing what a document means.
    #[arg(long)]
    fix: bool,
    /// Shows problems in files that changed since this git revision only; all files are still read.
    #[arg(long, value_name = "REV")]
    changed_since: Option<String>,
    /// Hides the problems that this file lists.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Writes the present problems into the baseline file instead of showing them.
    #[arg(long, requires = "baseline")]
    write_baseline: bool,
}

fn level(text: &str) -> Result<(String, Level), String> {
    let (rule, level) = text.split_once('=').ok_or("write it like `slo-without-runbook=error`")?;
    Ok((rule.to_owned(), level.parse()?))
}

/// Validates documents.
///
/// # Errors
/// If a file cannot be read, or a rule, format or revision does not exist.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let format = format(session)?;
    let mut workspace = Workspace::open(session, &arguments.paths)?;
    let levels = levels(arguments, &workspace)?;
    let mut diagnostics = workspace.diagnose(session, &levels);
    let shown = shown_texts(arguments, session, &workspace)?;
    diagnostics.retain(|d| shown.contains(&d.finding.primary.place.source));
    if arguments.fix {
        let fixed = fix(session, &workspace, &diagnostics)?;
        if fixed > 0 {
            workspace = Workspace::open(session, &arguments.paths)?;
            diagnostics = workspace.diagnose(session, &levels);
            diagnostics.retain(|d| shown.contains(&d.finding.primary.place.source));
        }
    }
    let hidden = match &arguments.baseline {
        None => 0,
        Some(path) if arguments.write_baseline => {
            return write_baseline(session, &workspace, &diagnostics, path);
        }
        Some(path) => apply_baseline(session, &workspace, &mut diagnostics, path)?,
    };
    let fail_on = match arguments.fail_on.as_deref() {
        Some("never") => None,
        Some(name) => Some(name.parse::<Level>().map_err(Failure::input)?),
        None => Some(workspace.settings.fail_on()),
    };
    let surface = session.surface();
    let options = render::Options {
        color: surface.colour,
        unicode: surface.unicode,
        width: surface.width.unwrap_or(120),
        fail_on,
        hidden,
    };
    let mut bytes = Vec::new();
    render::render(format, &workspace.sources, &diagnostics, &options, &mut bytes)?;
    session.print(&bytes)?;
    if format == Format::Text && !diagnostics.is_empty() {
        session.note("");
    }
    summarize(session, &workspace, &shown, &diagnostics, hidden);
    refuse_foreign(&workspace)?;
    refuse_nothing(arguments, session, &workspace)?;
    let failed = fail_on.is_some_and(|least| diagnostics.iter().any(|d| d.level >= least));
    // The process ends here; taking a large catalog apart piece by piece would only cost time.
    std::mem::forget((workspace, diagnostics));
    Ok(if failed { Exit::Found } else { Exit::Success })
}

fn format(session: &Session<'_, '_>) -> Result<Format, Failure> {
    match session.global().format.as_deref() {
        None | Some("table") => Ok(Format::Text),
        Some(name) => Format::from_str(name).map_err(Failure::input),
    }
}

/// The rules' levels: the catalog's settings, then the command line.
fn levels(arguments: &Arguments, workspace: &Workspace) -> Result<Levels, Failure> {
    let mut levels = workspace.levels.clone();
    for (name, level) in &arguments.levels {
        let rule = find_rule(&registry::RULES, name).ok_or_else(|| {
            let names: Vec<&str> = registry::RULES.iter().map(|rule| rule.name).collect();
            let failure = Failure::input(format!("no rule is called `{name}`"));
            match problem::closest(name, &names) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("`sre explain` lists the rules"),
            }
        })?;
        levels.set(rule, *level);
    }
    Ok(levels)
}

/// The texts whose problems are shown: those named, or all; of these, those that changed.
fn shown_texts(
    arguments: &Arguments,
    session: &Session<'_, '_>,
    workspace: &Workspace,
) -> Result<BTreeSet<SourceId>, Failure> {
    let mut shown: BTreeSet<SourceId> = workspace.sources.iter().map(|(id, _)| id).collect();
    if !arguments.paths.is_empty() {
        shown.retain(|id| workspace.named.contains(id) || workspace.is_settings(*id));
    }
    if let Some(revision) = &arguments.changed_since {
        let folder =
            if workspace.root.is_dir() { workspace.root.as_path() } else { session.folder() };
        let changed: BTreeSet<PathBuf> = git::changed_since(folder, revision)?
            .into_iter()
            .map(|path| files::canonical(&path))
            .collect();
        shown.retain(|id| {
            // Standard input has no past to be compared with.
            workspace.path(*id).is_none_or(|path| changed.contains(&files::canonical(path)))
        });
    }
    Ok(shown)
}

/// Applies the fixes of rules that say theirs are safe; returns how many.
fn fix(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    diagnostics: &[Diagnostic],
) -> Result<usize, Failure> {
    let edits = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.finding.rule.fixable)
        .filter_map(|diagnostic| diagnostic.finding.fix.as_ref());
    let edited = edit::apply(&workspace.sources, edits);
    for (source, after) in &edited.texts {
        let Some(path) = workspace.path(*source) else {
            session.warn("standard input cannot be mended in place; name a file");
            continue;
        };
        files::replace(path, &workspace.sources.get(*source).text, after)?;
    }
    if edited.applied > 0 {
        session.note(&format!("mended {}", words::plural(edited.applied as u64, "problem")));
    }
    Ok(edited.applied)
}

fn write_baseline(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    diagnostics: &[Diagnostic],
    path: &std::path::Path,
) -> Result<Exit, Failure> {
    let baseline = Baseline::of(&workspace.sources, diagnostics);
    files::write_atomically(&session.path(path), &baseline.to_json())?;
    let count = words::plural(diagnostics.len() as u64, "problem");
    session.note(&format!("wrote {} with {count}", path.display()));
    Ok(Exit::Success)
}

fn apply_baseline(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    diagnostics: &mut Vec<Diagnostic>,
    path: &std::path::Path,
) -> Result<usize, Failure> {
    let text = files::read_document(&session.path(path))?;
    let baseline = Baseline::from_json(&text).map_err(|error| {
        Failure::input(format!("`{}`: {error}", path.display()))
            .hint("write one with --write-baseline")
    })?;
    let applied = baseline.apply(&workspace.sources, std::mem::take(diagnostics));
    *diagnostics = applied.shown;
    let stale: usize = applied.stale.iter().map(|(_, count)| count).sum();
    if stale > 0 {
        let count = words::plural(stale as u64, "problem");
        session.note(&format!("the baseline lists {count} that are gone; write it anew"));
    }
    Ok(applied.hidden)
}

fn summarize(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    shown: &BTreeSet<SourceId>,
    diagnostics: &[Diagnostic],
    hidden: usize,
) {
    let documents = workspace
        .catalog
        .documents()
        .iter()
        .filter(|document| shown.contains(&document.place.source))
        .count();
    let mut text = format!(
        "{} in {}: {}",
        words::plural(documents as u64, "document"),
        words::plural(shown.len() as u64, "file"),
        Tally::of(diagnostics)
    );
    if hidden > 0 {
        text.push_str(&format!(" ({hidden} hidden by the baseline)"));
    }
    let skipped =
        workspace.foreign.iter().filter(|(place, _)| shown.contains(&place.source)).count();
    if skipped > 0 {
        let count = words::plural(skipped as u64, "document");
        text.push_str(&format!("; {count} of other languages passed over"));
    }
    session.note(&text);
}

/// Folders that are named and hold nothing that is read are a mistake: a pipeline that checks a folder which was
/// moved would be content for ever.
fn refuse_nothing(
    arguments: &Arguments,
    session: &Session<'_, '_>,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let folders = |path: &PathBuf| files::kind(&session.path(path)) == PathKind::Folder;
    let named_alone = !arguments.paths.is_empty() && arguments.paths.iter().all(folders);
    let named = |id: SourceId| {
        let path = workspace.path(id).map(|path| files::canonical(path));
        let within = |folder: &PathBuf| files::canonical(&session.path(folder));
        path.is_some_and(|path| arguments.paths.iter().any(|it| path.starts_with(within(it))))
    };
    let mut settings = workspace.sources.iter().filter(|(id, _)| workspace.is_settings(*id));
    if !named_alone || !workspace.named.is_empty() || settings.any(|(id, _)| named(id)) {
        return Ok(());
    }
    let shown: Vec<String> =
        arguments.paths.iter().map(|it| format!("`{}`", it.display())).collect();
    let (folders, hold) = if shown.len() == 1 { ("folder", "holds") } else { ("folders", "hold") };
    Err(Failure::input(format!(
        "the {folders} {} {hold} no document: nothing was checked",
        shown.join(", ")
    ))
    .hint(
        "`.yaml` and `.yml` files are read, but for hidden ones and those that `.gitignore` names",
    ))
}

/// A file that is named and holds something else is a mistake; one met on the way is not.
fn refuse_foreign(workspace: &Workspace) -> Result<(), Failure> {
    let mut foreign = workspace
        .foreign
        .iter()
        .filter(|(place, _)| workspace.named_as_file.contains(&place.source));
    let Some((place, called)) = foreign.next() else { return Ok(()) };
    let name = workspace.sources.name(place.source);
    let line = workspace.sources.position(*place).line;
    let what = if called.is_empty() {
        "has neither `apiVersion` nor `kind`".to_owned()
    } else {
        format!("is a document of `{called}`")
    };
    Err(Failure::input(format!("{name}:{line} {what}, not one of ours"))
        .hint("documents begin with `apiVersion: sre/v1` and a `kind`; `sre new` writes one"))
}
