//! `sre import`: documents of other tools, written as ours.
use crate::{
    adapters::files::{self, PathKind},
    cli::{Exit, Failure, Session, Workspace, commands::runbook, losses},
    domains::slo::dialects,
    kernel::{
        diagnostic::{Diagnostic, Level},
        measure::rules::SOURCE_URL_WITH_CREDENTIALS,
        report::words,
        source::{Place, SourceId},
        spec::{Dialect, Document, Loss, load_text, problem, rules, write},
    },
    registry,
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Arguments of `sre import`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Files and folders, `-` for standard input; the catalog unless said. The name of the tool may stand before
    /// them.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The tool that the documents are written for; recognised unless said.
    #[arg(long, value_name = "TOOL", value_parser = dialect)]
    from: Option<&'static Dialect>,
    /// Writes a file for each document into this folder instead of all of them to standard output.
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrites files that are there.
    #[arg(long, requires = "out")]
    force: bool,
    /// Goes on where something that the documents say cannot be carried over.
    #[arg(long)]
    allow_loss: bool,
}

impl Arguments {
    /// The same with the tool as `--from` that stands before the paths, where there is no such file.
    fn with_tool(&self, session: &Session<'_, '_>) -> Self {
        let mut arguments = self.clone();
        if let (None, [first, _, ..]) = (self.from, &self.paths[..])
            && files::kind(&session.path(first)) == PathKind::Missing
            && let Some(tool) = first.to_str().and_then(|word| dialect(word).ok())
        {
            arguments.from = Some(tool);
            arguments.paths.remove(0);
        }
        arguments
    }
}

/// The dialects by the names of the command line: `slo-generator`.
fn word(dialect: &Dialect) -> String {
    dialect.name.to_ascii_lowercase().replace(' ', "-")
}

fn dialect(text: &str) -> Result<&'static Dialect, String> {
    let all = registry::IMPORTED.iter().copied();
    all.clone().find(|dialect| word(dialect) == text.to_ascii_lowercase()).ok_or_else(|| {
        let names: Vec<String> = all.map(word).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        format!("the tools are {}", problem::list(&names))
    })
}

/// Imports documents.
///
/// # Errors
/// If a file cannot be read or written, or has errors, or nothing in it is of another tool.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let arguments = &arguments.with_tool(session);
    if !arguments.paths.is_empty()
        && arguments.paths.iter().all(|path| runbook::import::is_page(path))
    {
        let (out, force) = (arguments.out.as_deref(), arguments.force);
        return runbook::import::run(session, &arguments.paths, out, force);
    }
    let insisted = arguments.from.map(|dialect| [dialect]);
    let dialects = insisted.as_ref().map_or(&registry::IMPORTED[..], |one| &one[..]);
    let workspace = Workspace::open_foreign(session, &arguments.paths, dialects)?;
    let meant = |source: SourceId| arguments.paths.is_empty() || workspace.named.contains(&source);
    refuse_unknown(arguments, session, &workspace)?;
    let mut found = workspace.found(Level::Warning, meant);
    // That a document beside those that are converted has the same name is no business of theirs.
    found.retain(|diagnostic| {
        let finding = &diagnostic.finding;
        *finding.rule.code != *rules::DUPLICATE_NAME.code
            || finding.related.is_empty()
            || finding.related.iter().any(|other| meant(other.place.source))
    });
    let mut documents: Vec<&Document> =
        workspace.catalog.documents().iter().filter(|it| meant(it.place.source)).collect();
    documents.sort_by_key(|document| document.place);
    found.extend(credentials(session, &workspace, &documents));
    refuse_errors(session, &workspace, &found)?;
    let lost: Vec<Loss> =
        workspace.losses.iter().filter(|loss| meant(loss.place.source)).cloned().collect();
    if documents.is_empty() && lost.is_empty() {
        let named = arguments.from.map_or("another tool", |dialect| dialect.name);
        return Err(Failure::input(format!("there are no documents of {named}"))
            .hint("name their files, or the folder that holds them"));
    }
    let texts: Vec<String> =
        documents.iter().map(|document| text_of(&workspace, document)).collect::<Result<_, _>>()?;
    if let Some(exit) = losses::refuse(session, &workspace, &lost, arguments.allow_loss)? {
        return Ok(exit);
    }
    match &arguments.out {
        None => print(session, &texts)?,
        Some(folder) => write_all(arguments, session, folder, &documents, &texts)?,
    }
    Ok(Exit::Success)
}

/// Credentials in addresses: what is written goes to more places than what was read.
fn credentials(
    session: &Session<'_, '_>,
    workspace: &Workspace,
    documents: &[&Document],
) -> Vec<Diagnostic> {
    let places: Vec<Place> = documents.iter().map(|document| document.place).collect();
    let mut errors = workspace.rule_errors_in(session, &places);
    errors.retain(|error| error.finding.rule.code == SOURCE_URL_WITH_CREDENTIALS.code);
    errors
}

/// Shows what was found, and refuses to go on if there are errors among it.
fn refuse_errors(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    found: &[Diagnostic],
) -> Result<(), Failure> {
    if !found.is_empty() {
        workspace.tell(session, found)?;
    }
    let errors = found.iter().filter(|diagnostic| diagnostic.level == Level::Error).count();
    if errors == 0 {
        return Ok(());
    }
    let count = words::plural(errors as u64, "error");
    Err(Failure::input(format!("{count} in what is imported"))
        .hint("mend them there, then import again"))
}

/// The text of a document, which has no errors when it is read as ours.
fn text_of(workspace: &Workspace, document: &Document) -> Result<String, Failure> {
    let without = dialects::without_missing_source(&workspace.catalog, document);
    let document = without.as_ref().unwrap_or(document);
    let (kind, name) = (document.kind.name, document.name());
    let failure = |reason: &str| {
        Failure::input(format!("the {kind} `{name}` cannot be written: {reason}"))
            .hint("mend the document that it is read from")
    };
    let text = write::text(document).ok_or_else(|| failure("a part of it could not be read"))?;
    let loaded = load_text(SourceId::default(), &text, &registry::KINDS, &[]);
    match loaded.findings.iter().find(|finding| finding.rule.level == Level::Error) {
        Some(finding) => Err(failure(&finding.message)),
        None => Ok(text),
    }
}

/// Refuses a file that is named and holds something that no tool here is known to have written.
fn refuse_unknown(
    arguments: &Arguments,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let mut passed_over = 0;
    for (place, called) in &workspace.foreign {
        if !workspace.named_as_file.contains(&place.source) {
            passed_over += u64::from(workspace.named.contains(&place.source));
            continue;
        }
        let path = workspace.sources.name(place.source);
        let line = workspace.sources.position(*place).line;
        let called = if called.is_empty() { "a document" } else { called };
        let expected = arguments.from.map_or("of a known tool", |dialect| dialect.name);
        let names: Vec<String> = registry::IMPORTED.iter().map(|dialect| word(dialect)).collect();
        return Err(Failure::input(format!("{path}:{line}: {called} is not {expected}"))
            .hint(format!("documents of these tools are read: {}", names.join(", "))));
    }
    if passed_over > 0 {
        let count = words::plural(passed_over, "document");
        session.note(&format!("{count} of unknown tools passed over"));
    }
    Ok(())
}

fn print(session: &mut Session<'_, '_>, texts: &[String]) -> Result<(), Failure> {
    session.print(texts.join("---\n").as_bytes())
}

/// Writes each document into a file of its own: all of them, or none.
fn write_all(
    arguments: &Arguments,
    session: &mut Session<'_, '_>,
    folder: &Path,
    documents: &[&Document],
    texts: &[String],
) -> Result<(), Failure> {
    let folder = session.path(folder);
    let mut taken = BTreeSet::new();
    let paths: Vec<PathBuf> =
        documents.iter().map(|document| folder.join(file_name(document, &mut taken))).collect();
    if !arguments.force {
        let there: Vec<&PathBuf> =
            paths.iter().filter(|path| files::kind(path) != PathKind::Missing).collect();
        if let Some(first) = there.first() {
            let others = match there.len() - 1 {
                0 => String::new(),
                others => format!(", and {} more", words::plural(others as u64, "file")),
            };
            return Err(Failure::input(format!("`{}` exists{others}", session.shown(first)))
                .hint("write into another folder, or overwrite with --force"));
        }
    }
    for (path, text) in paths.iter().zip(texts) {
        match files::kind(path) {
            PathKind::Missing => files::create(path, text)?,
            PathKind::File | PathKind::Folder => files::write_atomically(path, text)?,
        }
    }
    let count = words::plural(paths.len() as u64, "file");
    session.note(&format!("wrote {count} into {}", session.shown(&folder)));
    Ok(())
}

/// Where a document stands: `slo/checkout-availability.yaml`. Names that a file cannot have are made
/// such; the second of the same gets a number.
fn file_name(document: &Document, taken: &mut BTreeSet<String>) -> PathBuf {
    let kind = document.kind.name.to_ascii_lowercase();
    let plain = |character: char| {
        if character.is_alphanumeric() || matches!(character, '-' | '_' | '.') {
            character
        } else {
            '-'
        }
    };
    let name: String = document.name().chars().map(plain).take(200).collect();
    let name = name.trim_start_matches('.').to_owned();
    let mut number = 1;
    loop {
        let numbered = if number == 1 { name.clone() } else { format!("{name}-{number}") };
        if taken.insert(format!("{kind}/{}", numbered.to_lowercase())) {
            return Path::new(&kind).join(format!("{numbered}.yaml"));
        }
        number += 1;
    }
}
