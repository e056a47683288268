//! Sloth, which compiles objectives into rules for Prometheus: its file format (`version:
//! prometheus/v1`), the same as a Kubernetes resource (`PrometheusServiceLevel`), and the windows that
//! it alerts on (`AlertWindows`).
//!
//! `form` reads either form, `level` is what both say, `check` finds what Sloth would refuse,
//! `windows` are the pairs of windows, `lower` says the same in our kinds, and `write` writes it again.
//!
//! Source: Sloth's reference of its formats, and its behaviour in version 0.16.
mod check;
mod form;
pub mod level;
mod lower;
mod resource;
mod template;
pub mod windows;
pub mod write;

use crate::kernel::{
    diagnostic::Finding,
    spec::{
        Dialect,
        decode::Reading,
        dialect::Foreign,
        problem,
        rules::{INVALID_VALUE, UNKNOWN_KIND},
        tree::Tree,
    },
};
use level::ServiceLevel;
use std::sync::Arc;
use windows::AlertWindows;

pub use lower::Origin;
pub use template::replaced as with_window;

/// The language.
pub static DIALECT: Dialect = Dialect { name: "Sloth", recognises, decode, lower: lower::lower };

/// What `version` has in files.
pub const FILE_VERSION: &str = "prometheus/v1";
/// What `apiVersion` has in resources.
pub const RESOURCE_VERSION: &str = "sloth.slok.dev/v1";
/// The kind of resource that holds objectives.
pub const RESOURCE_KIND: &str = "PrometheusServiceLevel";
/// The kind of document that holds windows.
pub const WINDOWS_KIND: &str = "AlertWindows";

/// A document of the dialect.
#[derive(Debug)]
enum Parsed {
    Level(Arc<ServiceLevel>),
    Windows(Arc<AlertWindows>),
}

/// The scalar at one of the outermost keys.
fn outermost<'t>(tree: &'t Tree<'_>, key: &str) -> Option<&'t str> {
    let node = tree.at(&[key]).filter(|node| !tree.is_null(*node))?;
    tree.scalar(node).map(|(text, _)| text)
}

/// Versions of its format to come are recognised too, and refused; and files without a version, which
/// look like nothing else.
fn recognises(tree: &Tree<'_>) -> bool {
    match (outermost(tree, "apiVersion"), outermost(tree, "version")) {
        (Some(version), _) => version.split('/').next() == Some("sloth.slok.dev"),
        (None, Some(version)) => version.split('/').next() == Some("prometheus"),
        (None, None) => {
            outermost(tree, "kind").is_none()
                && tree.at(&["slos"]).is_some()
                && tree.at(&["service"]).is_some()
        }
    }
}

fn decode(reading: &Reading<'_>) -> Option<Foreign> {
    let tree = reading.tree();
    let parsed = match outermost(tree, "apiVersion") {
        None => Parsed::Level(Arc::new(form::file(reading)?)),
        Some(version) => {
            expect_version(reading, "apiVersion", version, RESOURCE_VERSION);
            match outermost(tree, "kind") {
                Some(WINDOWS_KIND) => Parsed::Windows(Arc::new(windows::decode(reading)?)),
                Some(RESOURCE_KIND) => Parsed::Level(Arc::new(resource::decode(reading)?)),
                kind => {
                    report_kind(reading, kind);
                    return None;
                }
            }
        }
    };
    Some(Arc::new(parsed))
}

/// Refuses another version than the one that is known.
fn expect_version(reading: &Reading<'_>, key: &str, version: &str, known: &str) {
    let Some(node) = reading.tree().at(&[key]).filter(|_| version != known) else { return };
    let shown = problem::shorten(version);
    reading.report(
        Finding::new(
            &INVALID_VALUE,
            reading.place(node),
            format!("`{shown}` is no `{key}` of Sloth's that is known"),
        )
        .help(format!("write `{key}: {known}`")),
    );
}

fn report_kind(reading: &Reading<'_>, kind: Option<&str>) {
    let tree = reading.tree();
    let kinds = [RESOURCE_KIND, WINDOWS_KIND];
    let place = tree.entry(tree.root, "kind").or(tree.entry(tree.root, "apiVersion"));
    let Some(place) = place.map(|entry| reading.place(entry.value)) else { return };
    let finding = match kind {
        Some(kind) => {
            let message = format!("unknown kind `{}` of Sloth's", problem::shorten(kind));
            Finding::new(&UNKNOWN_KIND, place, message)
        }
        None => Finding::new(&UNKNOWN_KIND, place, "missing field `kind`"),
    };
    reading.report(match kind.and_then(|kind| problem::closest(kind, &kinds)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(place, near),
        None => finding.help(format!("the kinds are {}", problem::list(&kinds))),
    });
}
