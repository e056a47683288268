//! Pyrra's language: read, meant, compiled and written.
//!
//! Golden data are Pyrra's own cases and examples, outside of the repository. Tests that read them are
//! skipped where they are absent, and fail there with `SRE_GOLDEN=required` in the environment.
mod meaning;
mod reading;
mod rules;
mod writing;

use serde_yaml::Value;
use sre::{
    kernel::{
        diagnostic::{
            Diagnostic,
            engine::{self, Levels},
        },
        settings::Settings,
        source::SourceMap,
        spec::{Lowered, dialect, load_text},
    },
    registry::{DIALECTS, KINDS, RULES},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of Pyrra's golden data.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "looks for the golden data, and says where there are none"
)]
fn golden() -> Option<PathBuf> {
    let root = std::env::var_os("SRE_GOLDEN_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/golden/slo"),
        PathBuf::from,
    );
    let folder = root.join("pyrra");
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var_os("SRE_GOLDEN").is_some_and(|value| value == "required");
    assert!(!required, "there are no golden data in {}", folder.display());
    println!("skipped: there are no golden data");
    None
}

#[expect(clippy::disallowed_methods, reason = "reads the golden data")]
fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn yaml(path: &Path) -> Value {
    serde_yaml::from_str(&text(path)).unwrap()
}

/// All YAML files below a folder, in order.
#[expect(clippy::disallowed_methods, reason = "reads the golden data")]
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What a text means, and what is wrong with it as a Pyrra document.
fn read(text: &str) -> (SourceMap, Lowered, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let source = sources.add("pyrra.yaml", text);
    let loaded = load_text(source, text, &KINDS, DIALECTS);
    assert!(loaded.foreign.is_empty() && loaded.documents.is_empty(), "{text}");
    let mut lowered = dialect::lower(&loaded.dialects, &Settings::default());
    let mut findings = loaded.findings;
    findings.append(&mut lowered.findings);
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let found = engine::finish(findings, &loaded.suppressions, &RULES, &Levels::default(), now);
    (sources, lowered, found)
}
