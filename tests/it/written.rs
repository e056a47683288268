//! Documents of every kind, written again: the same documents.
#![expect(clippy::disallowed_methods, reason = "reads the example catalog")]
use sre::{
    kernel::{
        source::SourceId,
        spec::{format::format_text, load_text, write},
    },
    registry::{DIALECTS, KINDS},
};
use std::{fs, path::Path};

/// Writes every document of a text, and holds what is read of that against the original.
#[track_caller]
fn check(text: &str) -> usize {
    let loaded = load_text(SourceId::default(), text, &KINDS, DIALECTS);
    for document in &loaded.documents {
        let written = write::text(document).unwrap_or_else(|| panic!("{document:?} of\n{text}"));
        let again = load_text(SourceId::default(), &written, &KINDS, DIALECTS);
        assert!(again.findings.is_empty(), "{:#?}\n{written}", again.findings);
        let [read] = &again.documents[..] else { panic!("{written}") };
        assert_eq!(write::values(read), write::values(document), "{written}");
        let names = |document: &sre::kernel::spec::Document| -> Vec<(&'static str, String)> {
            document.references.iter().map(|r| (r.kind, r.name.clone())).collect()
        };
        assert_eq!(names(read), names(document), "{written}");
        assert_eq!(format_text(SourceId::default(), &written, &KINDS), Ok(written.clone()));
    }
    loaded.documents.len()
}

#[test]
fn templates_of_all_kinds_are_written_again() {
    for kind in KINDS.iter() {
        assert_eq!(check(&kind.template.replace("{name}", "some-name")), 1, "{kind:?}");
    }
}

#[test]
fn the_example_catalog_is_written_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let documents: usize = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter(|path| path.file_name().is_some_and(|name| name != "sre.yaml"))
        .map(|path| check(&fs::read_to_string(path).unwrap()))
        .sum();
    assert!(documents > 20, "{documents}");
}

/// The good examples of all rules hold every field that some rule is about.
#[test]
fn examples_of_the_rules_are_written_again() {
    let mut documents = 0;
    for rule in sre::registry::RULES.iter() {
        for block in rule.page.split("```yaml good\n").skip(1) {
            documents += check(block.split("```").next().unwrap_or(""));
        }
    }
    assert!(documents > 50, "{documents}");
}
