//! The catalog that a command works with: found, read, linked.
use super::{
    Failure, Session,
    texts::{self, Collected, Named},
};
use crate::{
    adapters::files::{self, PathKind},
    domains::slo::resolve,
    kernel::{
        diagnostic::{
            Diagnostic, Finding, Level,
            engine::{self, Levels},
            render,
            rule::Context,
            suppress::Suppression,
        },
        settings::Settings,
        source::{Place, SourceId, SourceMap, SourceText},
        spec::{Catalog, Dialect, LoadedText, Loss, Reference, dialect, load_text, rules},
    },
    registry,
};
use rayon::prelude::*;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// A catalog with everything that was found while reading it.
pub struct Workspace {
    /// The catalog's folder.
    pub root: PathBuf,
    /// All texts.
    pub sources: SourceMap,
    paths: Vec<Option<PathBuf>>,
    settings_source: Option<SourceId>,
    /// All documents.
    pub catalog: Catalog,
    /// The catalog's settings.
    pub settings: Settings,
    /// The levels of rules, settings applied.
    pub levels: Levels,
    /// What documents of other tools say that ours have no words for.
    pub losses: Vec<Loss>,
    /// Documents of unknown languages: where, and what they call themselves.
    pub foreign: Vec<(Place, String)>,
    /// Texts that the command line names.
    pub named: BTreeSet<SourceId>,
    /// Of these, the ones that are named themselves, and not as part of a folder.
    pub named_as_file: BTreeSet<SourceId>,
    findings: Vec<Finding>,
    suppressions: Vec<Suppression>,
}

impl Workspace {
    /// Reads the catalog around `paths`, which the command line names; without any, the catalog of the
    /// working folder.
    ///
    /// # Errors
    /// If a path does not exist, or there is no catalog.
    pub fn open(session: &mut Session<'_, '_>, paths: &[PathBuf]) -> Result<Self, Failure> {
        Self::read(session, paths, registry::DIALECTS, true)
    }

    /// The same with documents of these dialects alone, without ours.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_foreign(
        session: &mut Session<'_, '_>,
        paths: &[PathBuf],
        dialects: &[&'static Dialect],
    ) -> Result<Self, Failure> {
        Self::read(session, paths, dialects, false)
    }

    fn read(
        session: &mut Session<'_, '_>,
        paths: &[PathBuf],
        dialects: &[&'static Dialect],
        with_ours: bool,
    ) -> Result<Self, Failure> {
        let root = find_root(session, paths)?;
        let collected = texts::collect(session, &root, paths)?;
        Ok(Self::build(root, collected, dialects, with_ours))
    }

    /// The catalog of these texts, which belong to the folder `root`.
    pub(super) fn of(root: PathBuf, collected: Collected) -> Self {
        Self::build(root, collected, registry::DIALECTS, true)
    }

    fn build(
        root: PathBuf,
        collected: Collected,
        known: &[&'static Dialect],
        with_ours: bool,
    ) -> Self {
        let Collected { documents, settings } = collected;
        let mut texts = Vec::with_capacity(documents.len());
        let mut paths = Vec::with_capacity(documents.len());
        let (mut named, mut named_as_file) = (BTreeSet::new(), BTreeSet::new());
        for (id, text) in (0..).map(SourceId).zip(documents) {
            texts.push(SourceText { name: text.name, text: text.contents });
            paths.push(text.path);
            if text.named != Named::Not {
                named.insert(id);
            }
            if text.named == Named::Itself {
                named_as_file.insert(id);
            }
        }
        let mut sources = SourceMap::new(texts);
        let loaded: Vec<LoadedText> = sources
            .iter()
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|(id, text)| load_text(id, &text.text, &registry::KINDS, known))
            .collect();
        let (mut documents, mut findings) = (Vec::with_capacity(loaded.len()), Vec::new());
        let (mut suppressions, mut foreign, mut dialects) = (Vec::new(), Vec::new(), Vec::new());
        for text in loaded {
            documents.extend(text.documents.into_iter().filter(|_| with_ours));
            findings.extend(text.findings);
            suppressions.extend(text.suppressions);
            foreign.extend(text.foreign);
            dialects.extend(text.dialects);
        }
        let settings = settings.map(|text| {
            paths.push(text.path);
            (sources.add(text.name, text.contents.as_str()), text.contents)
        });
        let settings_source = settings.as_ref().map(|(id, _)| *id);
        let (settings, named_by_settings) = match settings {
            None => (Settings::default(), Vec::new()),
            Some((id, text)) => {
                let (settings, problems, references) = Settings::load(id, &text);
                findings.extend(problems);
                (settings, references)
            }
        };
        let lowered = dialect::lower(&dialects, &settings);
        documents.extend(lowered.documents);
        findings.extend(lowered.findings);
        let (catalog, linking) = Catalog::build(documents, &registry::KINDS);
        findings.extend(linking);
        findings.extend(unresolved(&catalog, &settings, &named_by_settings));
        let (levels, problems) = settings.levels(&registry::RULES);
        findings.extend(problems);
        Self {
            root,
            sources,
            paths,
            settings_source,
            catalog,
            settings,
            levels,
            losses: lowered.losses,
            foreign,
            named,
            named_as_file,
            findings,
            suppressions,
        }
    }

    /// Runs the rules, and gives everything that is wrong its level.
    pub fn diagnose(&mut self, session: &Session<'_, '_>, levels: &Levels) -> Vec<Diagnostic> {
        let context =
            Context { catalog: &self.catalog, settings: &self.settings, now: session.now() };
        let mut findings = std::mem::take(&mut self.findings);
        findings.extend(engine::check(&context, &registry::RULES, levels));
        self.keep_to_our_language(&mut findings);
        engine::finish(findings, &self.suppressions, &registry::RULES, levels, session.now())
    }

    /// Takes back the fixes that rules about our kinds propose for documents of other tools: what they
    /// write is our language.
    fn keep_to_our_language(&self, findings: &mut [Finding]) {
        let documents = self.catalog.documents().iter();
        let foreign: BTreeSet<Place> =
            documents.filter(|d| d.dialect.is_some()).map(|d| d.place).collect();
        for finding in findings.iter_mut().filter(|finding| finding.fix.is_some()) {
            if foreign.iter().any(|place| place.contains(finding.primary.place)) {
                finding.fix = None;
            }
        }
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

    /// The errors in these places, those of rules as well: what stops a command that writes for others
    /// what is made of the documents there. What a comment allows stops nothing.
    pub fn rule_errors_in(&self, session: &Session<'_, '_>, places: &[Place]) -> Vec<Diagnostic> {
        let context =
            Context { catalog: &self.catalog, settings: &self.settings, now: session.now() };
        let mut findings = self.findings.clone();
        findings.extend(engine::check(&context, &registry::RULES, &self.levels));
        self.keep_to_our_language(&mut findings);
        let (rules, now) = (&registry::RULES, session.now());
        let found = engine::finish(findings, &self.suppressions, rules, &self.levels, now);
        let errors = found.into_iter().filter(|one| one.level == Level::Error);
        errors
            .filter(|one| places.iter().any(|place| place.contains(one.finding.primary.place)))
            .collect()
    }

    /// What was found while reading and linking in the texts that are meant, from a level on. Rules are
    /// not run.
    pub fn found(&self, least: Level, meant: impl Fn(SourceId) -> bool) -> Vec<Diagnostic> {
        let found = self.findings.iter().filter(|finding| meant(finding.primary.place.source));
        let mut found: Vec<Diagnostic> = found
            .map(|finding| Diagnostic {
                level: self.levels.of(finding.rule),
                finding: finding.clone(),
            })
            .filter(|diagnostic| diagnostic.level >= least)
            .collect();
        found.sort_by(Diagnostic::order);
        found
    }

    /// All errors found while reading and linking. Rules are not run.
    pub fn errors(&self) -> Vec<Diagnostic> {
        let whole = |(source, _)| Place { source, start: 0, end: u32::MAX };
        self.errors_in(&self.sources.iter().map(whole).collect::<Vec<_>>())
    }

    /// Shows what was found on standard error, unless asked to be very quiet.
    ///
    /// # Errors
    /// If they cannot be rendered.
    pub fn tell(&self, session: &mut Session<'_, '_>, found: &[Diagnostic]) -> Result<(), Failure> {
        let options = render::Options { width: 100, ..render::Options::default() };
        let mut bytes = Vec::new();
        render::render(render::Format::Text, &self.sources, found, &options, &mut bytes)?;
        session.warn(String::from_utf8_lossy(&bytes).trim_end());
        Ok(())
    }

    /// The file of a text; standard input has none.
    pub fn path(&self, id: SourceId) -> Option<&PathBuf> {
        self.paths.get(id.0 as usize)?.as_ref()
    }

    /// Whether a text is the catalog's settings.
    pub fn is_settings(&self, id: SourceId) -> bool {
        self.settings_source == Some(id)
    }

    /// The text of the catalog's settings, where it has some.
    pub fn settings_text(&self) -> Option<&str> {
        Some(&self.sources.get(self.settings_source?).text)
    }

    /// Every error in the catalog's settings: any of them may be what an objective's defaults hang on.
    pub fn errors_in_settings(&self) -> Vec<Diagnostic> {
        let whole = |source| Place { source, start: 0, end: u32::MAX };
        self.errors_in(&self.settings_source.map(whole).into_iter().collect::<Vec<_>>())
    }

    /// Every error found while reading the texts that the command line names.
    pub fn errors_in_named(&self) -> Vec<Diagnostic> {
        let whole = |id: &SourceId| Place { source: *id, start: 0, end: u32::MAX };
        let places: Vec<Place> = self.named.iter().map(whole).collect();
        self.errors_in(&places)
    }
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

/// Documents that the settings name and that do not exist.
fn unresolved(catalog: &Catalog, settings: &Settings, references: &[Reference]) -> Vec<Finding> {
    let missing = references.iter().filter(|reference| {
        let Reference { kind, name, .. } = reference;
        catalog.find(kind, name).is_none()
    });
    let finding = |reference: &Reference| {
        let message = format!("no {} is called `{}`", reference.kind, reference.name);
        Finding::new(&rules::UNRESOLVED_REFERENCE, reference.place, message)
    };
    missing.map(finding).chain(resolve::unknown_defaults(catalog, settings)).collect()
}
