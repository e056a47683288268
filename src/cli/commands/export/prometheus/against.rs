//! Rule files that are there already.
use crate::{
    adapters::files::{self, PathKind},
    cli::{Failure, Session, output},
    domains::slo::prometheus_rules::collisions::{self, ExistingRule},
    kernel::{diagnostic::Level, report::words, source::SourceMap},
};
use std::path::{Path, PathBuf};

/// The rules of other files.
#[derive(Default)]
pub(super) struct Existing {
    /// The files.
    pub(super) sources: SourceMap,
    /// Their rules.
    pub(super) rules: Vec<ExistingRule>,
}

impl Existing {
    /// Reads rule files, and all YAML files of folders that hold rules; without the one that is to be
    /// written.
    ///
    /// # Errors
    /// If a path does not exist or cannot be read, if a file is not YAML, or if one that is named holds no
    /// rules.
    pub(super) fn read(
        session: &mut Session<'_, '_>,
        paths: &[PathBuf],
        without: Option<&Path>,
    ) -> Result<Self, Failure> {
        let without = without.map(|path| files::canonical(&session.path(path)));
        let mut existing = Self::default();
        let mut findings = Vec::new();
        for path in paths {
            let full = session.path(path);
            let shown = session.shown(&full);
            let (found, named) = match files::kind(&full) {
                PathKind::Missing => {
                    return Err(Failure::input(format!("`{shown}` {}", files::why_missing(&full)))
                        .hint("name a rule file, or a folder with rule files"));
                }
                PathKind::Folder => (files::yaml_files(&full)?, false),
                PathKind::File => (vec![full], true),
            };
            for file in found {
                if without.as_ref() == Some(&files::canonical(&file)) {
                    continue;
                }
                let text = files::read_document(&file)?;
                let id = existing.sources.add(session.shown(&file), text.clone());
                let (rules, wrong) = collisions::read(id, &text);
                if named && rules.is_empty() && wrong.is_empty() {
                    return Err(Failure::input(format!("`{shown}` holds no rules"))
                        .hint("name a rule file, or a file with `PrometheusRule` objects"));
                }
                existing.rules.extend(rules);
                findings.extend(wrong);
            }
        }
        let count = words::plural(findings.len() as u64, "error");
        if findings.is_empty() {
            return Ok(existing);
        }
        output::findings(session, &existing.sources, findings, Level::Error)?;
        Err(Failure::input(format!("{count} in rule files that are there already"))
            .hint("`promtool check rules` says what Prometheus thinks of them"))
    }
}
