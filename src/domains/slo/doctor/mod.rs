//! What the doctor says: facts about sources and about what is asked of them, judged.
//!
//! Nothing here asks anything. [`server`] judges what a server says of itself, [`queries`] what it says of
//! the queries of one objective, [`files`] what was read from files, [`counts`] the events that either
//! counted. [`selector`] takes selectors apart, so that it can be asked which part of one finds nothing.
pub mod counts;
pub mod files;
pub mod queries;
pub mod selector;
pub mod server;

use super::assess::Unknown;
use crate::kernel::{
    measure::server::{Fault, Unanswered},
    spec::Document,
};

/// How well something is. The order is that of urgency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    #[default]
    Ok,
    /// It may be right, and somebody should look at it.
    Warning,
    /// It could not be looked at.
    Unknown,
    /// It is wrong.
    Bad,
}

impl Health {
    /// The word, for people and machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Bad => "bad",
        }
    }
}

/// The check of an objective that says which source it has, and whether that can be looked at.
pub const SOURCE: &str = "source";

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, in a word: `answer`, `retention`, `series`.
    pub check: &'static str,
    /// How well it is.
    pub health: Health,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether it is because a server did not answer.
    pub unanswered: bool,
}

impl Finding {
    fn new(check: &'static str, health: Health, message: impl Into<String>) -> Self {
        Self { check, health, message: message.into(), help: None, unanswered: false }
    }

    /// Something that is as it should be.
    pub fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Health::Ok, message)
    }

    /// Something that somebody should look at.
    pub fn warning(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Health::Warning, message)
    }

    /// Something that could not be looked at.
    pub fn unknown(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Health::Unknown, message)
    }

    /// Something that is wrong.
    pub fn bad(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Health::Bad, message)
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// What it means that a server did not answer a question: the question is wrong, or nothing is known.
    pub fn unanswered(check: &'static str, why: &Unanswered) -> Self {
        let health = match why.fault {
            Fault::Question => Health::Bad,
            Fault::Environment | Fault::NoData => Health::Unknown,
        };
        let unanswered = why.fault == Fault::Environment;
        let finding = Self::new(check, health, why.message.clone());
        Self { help: why.help.clone(), unanswered, ..finding }
    }

    /// What it means that a source could not be read.
    pub fn unread(check: &'static str, why: &Unknown) -> Self {
        let unanswered = why.fault == Fault::Environment;
        Self { unanswered, ..Self::bad(check, why.reason.clone()) }
    }
}

/// The worst of some findings; ok where there are none.
pub fn worst<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Health {
    findings.into_iter().map(|finding| finding.health).max().unwrap_or_default()
}

/// Which way measurements come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// From files.
    Files,
    /// From a Prometheus-compatible server.
    Prometheus,
    /// From a program.
    Command,
}

impl SourceKind {
    /// The word, as documents have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Prometheus => "prometheus",
            Self::Command => "command",
        }
    }
}

/// A source that was looked at, and the objectives that it measures.
#[derive(Clone, Debug)]
pub struct ExaminedSource<'a> {
    /// Name of the data source, path of the file or address of the server that the command line names.
    pub name: String,
    /// Which way measurements come from it.
    pub kind: SourceKind,
    /// Where that is: an address, or the files that were read.
    pub place: Option<String>,
    /// What was found of the source itself.
    pub findings: Vec<Finding>,
    /// What was found of the objectives, in their order.
    pub objectives: Vec<ExaminedObjective<'a>>,
}

/// An objective that was looked at.
#[derive(Clone, Debug)]
pub struct ExaminedObjective<'a> {
    /// Its document.
    pub document: &'a Document,
    /// The service that it speaks of.
    pub service: Option<&'a str>,
    /// Who answers for it.
    pub owner: Option<&'a str>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Everything that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Checkup<'a> {
    /// The sources, by name.
    pub sources: Vec<ExaminedSource<'a>>,
    /// Objectives that no source measures.
    pub without_source: Vec<ExaminedObjective<'a>>,
}

impl<'a> Checkup<'a> {
    /// All objectives, each with its source.
    pub fn objectives(
        &self,
    ) -> impl Iterator<Item = (Option<&ExaminedSource<'a>>, &ExaminedObjective<'a>)> {
        let with = self
            .sources
            .iter()
            .flat_map(|source| source.objectives.iter().map(move |one| (Some(source), one)));
        with.chain(self.without_source.iter().map(|one| (None, one)))
    }

    /// All findings.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let of_sources = self.sources.iter().flat_map(|source| &source.findings);
        of_sources.chain(self.objectives().flat_map(|(_, objective)| &objective.findings))
    }

    /// Whether some server did not answer.
    pub fn is_unanswered(&self) -> bool {
        self.findings().any(|finding| finding.unanswered)
    }
}
