//! OpenSLO: `openslo/v1` with all of its kinds, `openslo/v1alpha` and `openslo.com/v2alpha`.
//!
//! | file | what |
//! |---|---|
//! | [`v1`] | the types of `v1`, which the other two are read into (`v1alpha`, `v2alpha`) |
//! | [`metadata`], [`duration`], [`any`] | parts that the versions share |
//! | `check` | what the language asks for beyond types |
//! | [`rules`] | what its own examples get wrong, and is understood all the same |
//! | `lower` | what documents mean in our kinds |
//! | `raising` | our objectives in the words of `v1` |
//!
//! Source: the specification and its Go library, which is stricter; where the two differ, the library
//! stands, and what the specification's own examples break is a warning.
pub mod any;
mod check;
pub mod duration;
mod lower;
pub mod metadata;
mod raising;
pub mod rules;
pub mod v1;
mod v1alpha;
mod v2alpha;

use crate::kernel::{
    diagnostic::Finding,
    source::Place,
    spec::{
        Dialect, Field,
        decode::Reading,
        dialect::Foreign,
        problem, rules as reading_rules,
        tree::{NodeId, Tree},
    },
};
use check::Checks;
use metadata::{Metadata, MetadataV2Alpha};
pub use raising::{Raised, raise};
use serde::Deserialize;
use std::sync::Arc;
use v1::{
    AlertConditionSpec, AlertPolicySpec, DataSourceSpec, ServiceSpec, SliSpec, SloSpec, TargetSpec,
};

/// The dialect.
pub static DIALECT: Dialect = Dialect { name: "OpenSLO", recognises, decode, lower: lower::lower };

/// A version of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `openslo/v1alpha`
    V1Alpha,
    /// `openslo/v1`
    V1,
    /// `openslo.com/v2alpha`
    V2Alpha,
}

impl Version {
    const ALL: [(&'static str, Self); 3] = [
        ("openslo/v1", Self::V1),
        ("openslo/v1alpha", Self::V1Alpha),
        ("openslo.com/v2alpha", Self::V2Alpha),
    ];

    /// The kinds that it has.
    fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::V1Alpha => &["Service", "SLO"],
            Self::V1 | Self::V2Alpha => &[
                "Service",
                "DataSource",
                "SLI",
                "SLO",
                "AlertPolicy",
                "AlertCondition",
                "AlertNotificationTarget",
            ],
        }
    }
}

/// What stands where one document may: one object, or a list of them.
#[derive(Debug)]
pub struct File {
    objects: Vec<Arc<Object>>,
}

/// One object of the language, which its documents in our kinds remember as their origin.
#[derive(Debug)]
pub struct Object {
    /// The whole of it.
    pub place: Place,
    /// Whether it was read without an error.
    pub clean: bool,
    /// The version of the language that it is written in.
    pub version: Version,
    /// What it says of itself.
    pub metadata: Metadata,
    /// What it is.
    pub body: Body,
}

/// What an object is.
#[derive(Debug)]
pub enum Body {
    /// A service.
    Service(ServiceSpec),
    /// Where something is measured.
    DataSource(DataSourceSpec),
    /// What is measured.
    Sli(Box<SliSpec>),
    /// What is promised.
    Slo(Box<SloSpec>),
    /// When to alert, and whom.
    AlertPolicy(Box<AlertPolicySpec>),
    /// When to alert.
    AlertCondition(Box<AlertConditionSpec>),
    /// Whom to alert.
    AlertNotificationTarget(TargetSpec),
}

impl Body {
    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => "Service",
            Self::DataSource(_) => "DataSource",
            Self::Sli(_) => "SLI",
            Self::Slo(_) => "SLO",
            Self::AlertPolicy(_) => "AlertPolicy",
            Self::AlertCondition(_) => "AlertCondition",
            Self::AlertNotificationTarget(_) => "AlertNotificationTarget",
        }
    }
}

/// Whether a text calls itself a version of the language.
fn is_ours(version: &str) -> bool {
    version == "openslo"
        || ["openslo/", "openslo.com/"].iter().any(|begin| version.starts_with(begin))
}

fn recognises(tree: &Tree<'_>) -> bool {
    let object = |node: NodeId| {
        let version = tree.get(node, "apiVersion");
        version.and_then(|node| tree.scalar(node)).is_some_and(|(text, _)| is_ours(text))
    };
    match tree.list(tree.root) {
        Some(items) => items.iter().any(|item| object(*item)),
        None => object(tree.root),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "dialects may read nothing")]
fn decode(reading: &Reading<'_>) -> Option<Foreign> {
    let tree = reading.tree();
    let items = tree.list(tree.root).map_or_else(|| vec![tree.root], <[NodeId]>::to_vec);
    let objects =
        items.into_iter().filter_map(|item| object(reading, item)).map(Arc::new).collect();
    Some(Arc::new(File { objects }))
}

/// The outermost keys of an object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<M, S> {
    #[serde(rename = "apiVersion")]
    _api_version: Field<String>,
    #[serde(rename = "kind")]
    _kind: Field<String>,
    metadata: Field<M>,
    spec: Field<S>,
}

/// The same where nothing needs to be said in `spec`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LooseEnvelope<M, S> {
    #[serde(rename = "apiVersion")]
    _api_version: Field<String>,
    #[serde(rename = "kind")]
    _kind: Field<String>,
    metadata: Field<M>,
    spec: Option<Field<S>>,
}

/// One object of the text.
fn object(reading: &Reading<'_>, node: NodeId) -> Option<Object> {
    let errors = reading.errors();
    let version = version(reading, node)?;
    let kind = kind(reading, node, version)?;
    if (version, kind) == (Version::V2Alpha, "SLO") {
        check_service(reading, node);
    }
    let read = match version {
        Version::V2Alpha => body::<MetadataV2Alpha>(reading, node, version, kind),
        Version::V1 | Version::V1Alpha => body::<Metadata>(reading, node, version, kind),
    };
    let (metadata, body, spec) = read?;
    let mut findings = Vec::new();
    let mut checks = Checks { version, findings: &mut findings };
    metadata.check(&mut checks);
    match &body {
        Body::Service(spec) => checks.description(spec.description.as_ref()),
        Body::DataSource(spec) => {
            checks.description(spec.description.as_ref());
            checks.said("type", &spec.type_);
        }
        Body::Sli(sli) => sli.check(spec, &mut checks),
        Body::Slo(slo) => slo.check(spec, &mut checks),
        Body::AlertPolicy(policy) => policy.check(&mut checks),
        Body::AlertCondition(condition) => condition.check(&mut checks),
        Body::AlertNotificationTarget(target) => {
            checks.description(target.description.as_ref());
            checks.said("target", &target.target);
        }
    }
    for finding in findings {
        reading.report(finding);
    }
    let clean = reading.errors() == errors;
    Some(Object { place: reading.place(node), clean, version, metadata, body })
}

/// The service of `v2alpha`: its library calls it `serviceRef`, its text `service`.
fn check_service(reading: &Reading<'_>, node: NodeId) {
    let tree = reading.tree();
    let Some(spec) = tree.entry(node, "spec").filter(|spec| tree.map(spec.value).is_some()) else {
        return;
    };
    if tree.get(spec.value, "serviceRef").is_some() {
        return;
    }
    let (rule, place, message) = if let Some(service) = tree.entry(spec.value, "service") {
        let message = "`serviceRef` is missing, and `service` is read in its place";
        (&rules::FIELD_LEFT_OUT, reading.place(service.key), message)
    } else {
        (&reading_rules::MISSING_FIELD, reading.place(spec.key), "missing field `serviceRef`")
    };
    reading.report(Finding::new(rule, place, message).help("write `serviceRef: …`"));
}

/// Reads what an object is, with the place of its `spec`.
fn body<M: for<'de> Deserialize<'de> + Into<Metadata>>(
    reading: &Reading<'_>,
    node: NodeId,
    version: Version,
    kind: &str,
) -> Option<(Metadata, Body, Place)> {
    match (kind, version) {
        ("Service", _) => {
            let envelope: LooseEnvelope<M, ServiceSpec> = reading.decode(node, None)?;
            let place = envelope.spec.as_ref().map_or(reading.place(node), Field::place);
            let spec = envelope.spec.and_then(Field::into_value).unwrap_or_default();
            Some((envelope.metadata.into_value()?.into(), Body::Service(spec), place))
        }
        ("DataSource", _) => read::<M, _>(reading, node, Body::DataSource),
        ("SLI", Version::V2Alpha) => {
            read::<M, v2alpha::SliSpec>(reading, node, |spec| Body::Sli(Box::new(spec.into())))
        }
        ("SLI", _) => read::<M, _>(reading, node, |spec| Body::Sli(Box::new(spec))),
        ("SLO", Version::V1Alpha) => {
            read::<M, v1alpha::SloSpec>(reading, node, |spec| Body::Slo(Box::new(spec.into())))
        }
        ("SLO", Version::V2Alpha) => {
            read::<M, v2alpha::SloSpec>(reading, node, |spec| Body::Slo(Box::new(spec.into())))
        }
        ("SLO", Version::V1) => read::<M, _>(reading, node, |spec| Body::Slo(Box::new(spec))),
        ("AlertPolicy", _) => read::<M, _>(reading, node, |spec| Body::AlertPolicy(Box::new(spec))),
        ("AlertCondition", _) => {
            read::<M, _>(reading, node, |spec| Body::AlertCondition(Box::new(spec)))
        }
        ("AlertNotificationTarget", _) => {
            read::<M, _>(reading, node, Body::AlertNotificationTarget)
        }
        _ => None,
    }
}

fn read<M: for<'de> Deserialize<'de> + Into<Metadata>, S: for<'de> Deserialize<'de>>(
    reading: &Reading<'_>,
    node: NodeId,
    body: impl FnOnce(S) -> Body,
) -> Option<(Metadata, Body, Place)> {
    let envelope: Envelope<M, S> = reading.decode(node, None)?;
    // What stands there is looked at even where its name cannot be read.
    let metadata = envelope.metadata;
    let place = envelope.spec.place();
    let spec = envelope.spec.into_value()?;
    let at = metadata.place();
    let metadata = metadata.into_value().map_or_else(|| Metadata::unnamed(at), Into::into);
    Some((metadata, body(spec), place))
}

fn version(reading: &Reading<'_>, node: NodeId) -> Option<Version> {
    let tree = reading.tree();
    let Some((at, (text, _))) =
        tree.get(node, "apiVersion").and_then(|at| Some((at, tree.scalar(at)?)))
    else {
        let message = "missing field `apiVersion`";
        let finding = Finding::new(&reading_rules::MISSING_FIELD, reading.place(node), message);
        reading.report(finding.help("write `apiVersion: openslo/v1`"));
        return None;
    };
    let found = Version::ALL.iter().find(|(name, _)| *name == text);
    if found.is_none() {
        let names: Vec<&str> = Version::ALL.iter().map(|(name, _)| *name).collect();
        let message =
            format!("`apiVersion`: `{}` is no version of OpenSLO", problem::shorten(text));
        let help = format!("the versions are {}", problem::list(&names));
        reading.report(
            Finding::new(&reading_rules::INVALID_VALUE, reading.place(at), message).help(help),
        );
    }
    found.map(|(_, version)| *version)
}

fn kind(reading: &Reading<'_>, node: NodeId, version: Version) -> Option<&'static str> {
    let tree = reading.tree();
    let Some((at, (text, _))) = tree.get(node, "kind").and_then(|at| Some((at, tree.scalar(at)?)))
    else {
        let message = "missing field `kind`";
        let finding = Finding::new(&reading_rules::MISSING_FIELD, reading.place(node), message);
        reading.report(finding.help(format!("the kinds are {}", problem::list(version.kinds()))));
        return None;
    };
    let found = version.kinds().iter().find(|name| **name == text);
    if found.is_none() {
        let message = format!("unknown kind `{}`", problem::shorten(text));
        let finding = Finding::new(&reading_rules::UNKNOWN_KIND, reading.place(at), message);
        reading.report(match problem::closest(text, version.kinds()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("the kinds are {}", problem::list(version.kinds()))),
        });
    }
    found.copied()
}
