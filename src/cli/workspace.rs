//! The catalog that a command works with: found, read, linked.
use super::{Failure, Session};
use crate::{
    adapters::files::{self, FileError, PathKind, SETTINGS_FILE},
    kernel::{
        diagnostic::{
            Diagnostic, Finding, Level,
            engine::{self, Levels},
            rule::Context,
            suppress::Suppression,
        },
        settings::Settings,
        source::{Place, SourceId, SourceMap, SourceText},
        spec::{Catalog, LoadedText, load_text, rules},
    },
    registry,
};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// A catalog with everything that was found while reading it.
pub struct Workspace {
    /// The catalog's folder.
    pub root: PathBuf,
    /// All texts.
    pub sources: SourceMap,
    /// The file of each text; standard input has none.
    pub paths: BTreeMap<SourceId, PathBuf>,
    /// All documents.
    pub catalog: Catalog,
    /// The catalog's settings.
    pub settings: Settings,
    /// The levels of rules, settings applied.
    pub levels: Levels,
    /// Documents of other languages: where, and what they call themselves.
    pub foreign: Vec<(Place, String)>,
    /// Texts that the command line names.
    pub named: BTreeSet<SourceId>,
    /// Of these, the ones that are named themselves, and not as part of a folder.
    pub named_as_file: BTreeSet<SourceId>,
    findings: Vec<Finding>,
    suppressions: Vec<Suppression>,
}

/// A text before it is read as YAML.
struct Raw {
    name: String,
    path: Option<PathBuf>,
    named: Named,
    text: Result<String, FileError>,
}

/// How the command line names a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// It does not: the text belongs to the catalog around.
    Not,
    /// As part of a folder.
    InFolder,
    /// Itself.
    Itself,
}

impl Workspace {
    /// Reads the catalog around `paths`, which the command line names; without any, the catalog of the
    /// working folder.
    ///
    /// # Errors
    /// If a path does not exist, or there is no catalog.
    pub fn open(session: &mut Session<'_, '_>, paths: &[PathBuf]) -> Result<Self, Failure> {
        let root = find_root(session, paths)?;
        let mut raw = Vec::new();
        let mut seen = BTreeSet::new();
        for path in paths {
            if path.as_os_str() == "-" {
                let text = files::read_limited(session.take_stdin(), Path::new("<stdin>"));
                raw.push(Raw {
                    name: "<stdin>".to_owned(),
                    path: None,
                    named: Named::Itself,
                    text,
                });
                continue;
            }
            let full = session.path(path);
            match files::kind(&full) {
                PathKind::Missing => {
                    return Err(Failure::input(format!("`{}` does not exist", path.display())));
                }
                PathKind::Folder => {
                    let found = files::yaml_files(&full)?;
                    read_all(session, found, Named::InFolder, &mut seen, &mut raw);
                }
                PathKind::File => read_all(session, vec![full], Named::Itself, &mut seen, &mut raw),
            }
        }
        if root.is_dir() {
            read_all(session, files::yaml_files(&root)?, Named::Not, &mut seen, &mut raw);
        }
        raw.sort_by(|a, b| a.name.cmp(&b.name));
        Self::build(session, root, raw)
    }

    fn build(session: &mut Session<'_, '_>, root: PathBuf, raw: Vec<Raw>) -> Result<Self, Failure> {
        let (mut texts, mut paths) = (Vec::new(), BTreeMap::new());
        let (mut named, mut named_as_file) = (BTreeSet::new(), BTreeSet::new());
        for raw in raw {
            let id = SourceId(u32::try_from(texts.len()).unwrap_or(u32::MAX));
            let text = raw.text?;
            texts.push(SourceText { name: raw.name, text: text.into() });
            if raw.named != Named::Not {
                named.insert(id);
            }
            if raw.named == Named::Itself {
                named_as_file.insert(id);
            }
            if let Some(path) = raw.path {
                paths.insert(id, path);
            }
        }
        let mut sources = SourceMap::new(texts);
        let loaded: Vec<LoadedText> = sources
            .iter()
            .map(|(id, text)| (id, text.text.clone()))
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|(id, text)| load_text(id, &text, &registry::KINDS))
            .collect();
        let (mut documents, mut findings) = (Vec::new(), Vec::new());
        let (mut suppressions, mut foreign) = (Vec::new(), Vec::new());
        for text in loaded {
            documents.extend(text.documents);
            findings.extend(text.findings);
            suppressions.extend(text.suppressions);
            foreign.extend(text.foreign);
        }
        let (catalog, linking) = Catalog::build(documents, &registry::KINDS);
        findings.extend(linking);
        let (settings, levels) =
            read_settings(session, &root, &mut sources, &mut paths, &catalog, &mut findings)?;
        Ok(Self {
            root,
            sources,
            paths,
            catalog,
            settings,
            levels,
            foreign,
            named,
            named_as_file,
            findings,
            suppressions,
        })
    }

    /// Runs the rules, and gives everything that is wrong its level.
    pub fn diagnose(&mut self, session: &Session<'_, '_>, levels: &Levels) -> Vec<Diagnostic> {
        let context =
            Context { catalog: &self.catalog, settings: &self.settings, now: session.now() };
        let mut findings = std::mem::take(&mut self.findings);
        findings.extend(engine::check(&context, &registry::RULES, levels));
        engine::finish(findings, &self.suppressions, &registry::RULES, levels, session.now())
    }

    /// The errors found while reading and linking that lie in these places: what stops a command that
    /// needs the documents there. Rules are not run.
    pub fn errors_in(&self, places: &[Place]) -> Vec<Diagnostic> {
        let mut errors: Vec<Diagnostic> = self
            .findings
            .iter()
            .filter(|finding| self.levels.of(finding.rule) == Level::Error)
            .filter(|finding| places.iter().any(|place| place.contains(finding.primary.place)))
            .map(|finding| Diagnostic { level: Level::Error, finding: finding.clone() })
            .collect();
        errors.sort_by(Diagnostic::order);
        errors
    }

    /// Whether a text is the catalog's settings.
    pub fn is_settings(&self, id: SourceId) -> bool {
        self.paths.get(&id).is_some_and(|path| *path == self.root.join(SETTINGS_FILE))
    }

    /// Every error found while reading the texts that the command line names.
    pub fn errors_in_named(&self) -> Vec<Diagnostic> {
        let whole = |id: &SourceId| Place { source: *id, start: 0, end: u32::MAX };
        let places: Vec<Place> = self.named.iter().map(whole).collect();
        self.errors_in(&places)
    }
}

fn read_all(
    session: &Session<'_, '_>,
    found: Vec<PathBuf>,
    named: Named,
    seen: &mut BTreeSet<PathBuf>,
    raw: &mut Vec<Raw>,
) {
    let fresh: Vec<PathBuf> =
        found.into_iter().filter(|path| seen.insert(files::canonical(path))).collect();
    let folder = session.folder().to_owned();
    let shown = |path: &Path| {
        path.strip_prefix(&folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
    };
    raw.par_extend(fresh.into_par_iter().map(|path| {
        let text = files::read_document(&path);
        Raw { name: shown(&path), path: Some(path), named, text }
    }));
}

/// The catalog's folder: `--specs`; else, from the first path named or the working folder, the nearest
/// parent with settings; else `./specs` if the path lies in it or none is named; else the folder named
/// or that of the file named.
pub(super) fn find_root(session: &Session<'_, '_>, paths: &[PathBuf]) -> Result<PathBuf, Failure> {
    if let Some(specs) = &session.global().specs {
        let root = session.path(specs);
        return match files::kind(&root) {
            PathKind::Folder => Ok(root),
            _ => Err(Failure::input(format!("`{}` is not a folder", specs.display()))
                .hint("--specs names the folder of a catalog")),
        };
    }
    let specs = session.path(Path::new("specs"));
    let named = paths.iter().find(|path| path.as_os_str() != "-").map(|path| session.path(path));
    let Some(named) = named else {
        let from_stdin = !paths.is_empty();
        if let Some(root) = files::catalog_root(session.folder()) {
            return Ok(root);
        }
        return match files::kind(&specs) {
            PathKind::Folder => Ok(specs),
            _ if from_stdin => Ok(PathBuf::new()),
            _ => Err(Failure::input("no catalog here: neither an `sre.yaml` nor a folder `specs`")
                .hint("`sre init` makes one")
                .hint("--specs names the folder of an existing one")),
        };
    };
    let folder = match files::kind(&named) {
        PathKind::Folder => named.clone(),
        _ => named.parent().map(Path::to_owned).unwrap_or_default(),
    };
    if let Some(root) = files::catalog_root(&folder) {
        return Ok(root);
    }
    let inside = files::canonical(&folder).starts_with(files::canonical(&specs));
    Ok(if inside { specs } else { folder })
}

fn read_settings(
    session: &Session<'_, '_>,
    root: &Path,
    sources: &mut SourceMap,
    paths: &mut BTreeMap<SourceId, PathBuf>,
    catalog: &Catalog,
    findings: &mut Vec<Finding>,
) -> Result<(Settings, Levels), Failure> {
    let path = root.join(SETTINGS_FILE);
    if root.as_os_str().is_empty() || files::kind(&path) != PathKind::File {
        return Ok((Settings::default(), Levels::default()));
    }
    let text = files::read_document(&path)?;
    let id = sources.add(session.shown(&path), text.as_str());
    paths.insert(id, path);
    let (settings, problems, references) = Settings::load(id, &text);
    findings.extend(problems);
    for reference in references {
        if catalog.find(reference.kind, &reference.name).is_none() {
            let message = format!("no {} is called `{}`", reference.kind, reference.name);
            findings.push(Finding::new(&rules::UNRESOLVED_REFERENCE, reference.place, message));
        }
    }
    let (levels, problems) = settings.levels(&registry::RULES);
    findings.extend(problems);
    Ok((settings, levels))
}
