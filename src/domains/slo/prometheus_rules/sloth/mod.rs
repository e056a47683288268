//! The rules that Sloth writes, byte by byte.
//!
//! [`subject`] is what Sloth knows of an objective, out of its own documents or any others;
//! `recordings`, `about` and `alerts` are its three groups of rules, and `text` is the file.
//! All arithmetic is in binary floating point and in the order in which Sloth does it, for its numbers
//! show that.
//!
//! Source: Sloth's behaviour in version 0.16, and the test data that it is held against.
mod about;
mod alerts;
mod from_openslo;
mod from_ours;
mod from_sloth;
mod recordings;
pub mod subject;
mod text;

use super::{RuleGroup, names::RESERVED_LABELS};
use crate::{
    domains::slo::{
        dialects::sloth::{
            Origin,
            windows::{AlertWindows, Windows},
        },
        resolve::{Incomplete, ResolvedObjective},
        spec::AlertPolicySpec,
    },
    kernel::{
        source::Place,
        spec::{Catalog, Loss},
        units::Duration,
    },
};
use rayon::prelude::*;
use std::collections::BTreeMap;
use subject::{Shape, Subject};

/// The version of Sloth whose rules these are.
pub const VERSION: &str = "v0.16.0";

/// How rules are written.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the comment above the rules and the label `sloth_version` say.
    pub version: String,
    /// Labels that all series get.
    pub labels: BTreeMap<String, String>,
    /// What alerts of documents are called that do not say.
    pub alert_name: Option<String>,
    /// Whether alerts are written.
    pub alerts: bool,
    /// Whether recordings are written.
    pub recordings: bool,
    /// Window of objectives from documents of Sloth's, which say none; their own one unless said.
    pub period: Option<Duration>,
    /// Whether each document becomes one of its own, as Sloth does it. Prometheus reads only the first of
    /// a file.
    pub separate: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: VERSION.to_owned(),
            labels: BTreeMap::new(),
            alert_name: None,
            alerts: true,
            recordings: true,
            period: None,
            separate: false,
        }
    }
}

/// What was written, and what was not.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The file; empty where no objective has rules.
    pub text: String,
    /// The groups of each of its documents.
    pub documents: Vec<Vec<RuleGroup>>,
    /// What the documents say and the rules do not.
    pub losses: Vec<Loss>,
}

/// The rules of one document.
struct Source {
    /// The document.
    place: Place,
    /// What it becomes.
    shape: Shape,
    /// Its groups.
    groups: Vec<RuleGroup>,
}

/// Sloth's rules for objectives, each of which is given once for each of its windows.
///
/// # Errors
/// A window that Sloth does not know how to alert on, or a query that only a program of Sloth's knows.
pub fn write(
    catalog: &Catalog,
    objectives: &[Vec<ResolvedObjective<'_>>],
    options: &Options,
) -> Result<Written, Incomplete> {
    let mut losses = Vec::new();
    let mut subjects = Vec::new();
    for windows in objectives {
        let Some(first) = windows.first() else { continue };
        let subject = match first.document.origin::<Origin>() {
            Some(origin) => {
                let period = options.period.unwrap_or(first.objective.window());
                Some(from_sloth::subject(catalog, origin, period, &mut losses)?)
            }
            None => match from_openslo::subject(catalog, first)? {
                Some(subject) => Some(subject),
                None => from_ours::subject(catalog, windows, options, &mut losses),
            },
        };
        subjects.extend(subject);
    }
    // Sloth reads documents, and what is in them, in the order in which they are written.
    subjects.sort_by_key(|subject: &Subject| (subject.document, subject.index));
    let mut sources: Vec<Source> = Vec::new();
    let of = |subject: Subject| (groups(&subject, options), subject);
    let with_groups: Vec<_> = subjects.into_par_iter().map(of).collect();
    for (groups, subject) in with_groups {
        match sources.last_mut() {
            Some(source) if source.place == subject.document => source.groups.extend(groups),
            _ => sources.push(Source { place: subject.document, shape: subject.shape, groups }),
        }
    }
    sources.retain(|source| !source.groups.is_empty());
    let documents = text::documents(sources, options);
    let text = text::write(&documents, options);
    let documents = documents.into_iter().map(|document| document.groups).collect();
    Ok(Written { text, documents, losses })
}

/// The groups of an objective, without those that hold nothing.
fn groups(subject: &Subject, options: &Options) -> Vec<RuleGroup> {
    let group = |name: &str, rules: Vec<super::Rule>| RuleGroup {
        name: format!("sloth-slo-{name}-{}", subject.id),
        rules,
        ..RuleGroup::default()
    };
    let mut groups = Vec::new();
    if options.recordings {
        groups.push(group("sli-recordings", recordings::rules(subject, options)));
        groups.push(group("meta-recordings", about::rules(subject, options)));
    }
    if options.alerts {
        groups.push(group("alerts", alerts::rules(subject)));
    }
    groups.retain(|group| !group.rules.is_empty());
    groups
}

/// The windows to alert on for a period: those of a document, else those that Sloth knows by itself.
fn windows(catalog: &Catalog, period: Duration, place: Place) -> Result<Windows, Incomplete> {
    let written = catalog
        .iter::<AlertPolicySpec>()
        .filter_map(|(document, _)| document.origin::<AlertWindows>()?.complete());
    let custom = written.into_iter().find(|windows| windows.period == period);
    custom.or_else(|| Windows::built_in(period)).ok_or_else(|| Incomplete {
        message: format!("Sloth knows no windows to alert on for a period of `{period}`"),
        help: format!("write `AlertWindows` with `sloPeriod: {period}`, or choose `30d` or `28d`"),
        place,
    })
}

/// Whether a label of a document is one that the rules give themselves.
fn is_reserved(label: &str) -> bool {
    RESERVED_LABELS.contains(&label)
}
