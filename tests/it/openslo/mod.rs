//! OpenSLO: what is read, what is refused, what it means, and what is written.
pub(crate) mod golden;
mod meaning;
mod validation;
mod writing;

use sre::{
    kernel::{
        diagnostic::{Finding, Level},
        settings::Settings,
        source::SourceMap,
        spec::{Document, Loss, dialect, load_text},
    },
    registry::{DIALECTS, KINDS},
};

/// What a text of OpenSLO was read as.
pub(crate) struct Read {
    pub(crate) documents: Vec<Document>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) objects: usize,
    sources: SourceMap,
}

impl Read {
    /// Reads texts, each a file.
    pub(crate) fn of(texts: &[&str]) -> Self {
        let mut sources = SourceMap::default();
        let (mut dialects, mut findings) = (Vec::new(), Vec::new());
        for text in texts {
            let source = sources.add("slos.yaml", *text);
            let loaded = load_text(source, text, &KINDS, DIALECTS);
            assert!(loaded.documents.is_empty() && loaded.foreign.is_empty(), "{text}");
            dialects.extend(loaded.dialects);
            findings.extend(loaded.findings);
        }
        let lowered = dialect::lower(&dialects, &Settings::default());
        findings.extend(lowered.findings);
        let (documents, losses) = (lowered.documents, lowered.losses);
        Self { documents, findings, losses, objects: dialects.len(), sources }
    }

    /// The messages of that level, each with the text that it points at.
    pub(crate) fn messages(&self, level: Level) -> Vec<String> {
        self.findings
            .iter()
            .filter(|finding| finding.rule.level == level)
            .map(|finding| {
                let at = self.sources.slice(finding.primary.place).lines().next().unwrap_or("");
                format!("{at}: {}", finding.message)
            })
            .collect()
    }

    /// What is wrong for good.
    pub(crate) fn errors(&self) -> Vec<String> {
        self.messages(Level::Error)
    }

    /// Fields and reasons of what is lost.
    pub(crate) fn lost(&self) -> Vec<String> {
        self.losses.iter().map(|loss| format!("{}: {}", loss.field, loss.reason)).collect()
    }
}
