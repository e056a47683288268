//! Every rule's page is a test: its bad examples give the finding, its good ones do not.
use chrono::{TimeZone, Utc};
use sre::{
    kernel::{
        diagnostic::{
            Diagnostic, Level, Rule,
            engine::{self, Levels},
            rule::Context,
        },
        settings::Settings,
        source::SourceMap,
        spec::{Catalog, load_text},
        units::Instant,
    },
    registry::{KINDS, RULES},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The day on which the pages are read: examples with dates are written for it.
fn today() -> Instant {
    Utc.with_ymd_and_hms(2026, 11, 22, 12, 0, 0).unwrap()
}

fn diagnose(text: &str) -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let source = sources.add("example.yaml", text);
    let loaded = load_text(source, text, &KINDS);
    let (catalog, linking) = Catalog::build(loaded.documents, &KINDS);
    let settings = Settings::default();
    let context = Context { catalog: &catalog, settings: &settings, now: today() };
    let mut findings = loaded.findings;
    findings.extend(linking);
    findings.extend(engine::check(&context, &RULES, &Levels::default()));
    let diagnostics =
        engine::finish(findings, &loaded.suppressions, &RULES, &Levels::default(), today());
    (sources, diagnostics)
}

fn rule(name: &str) -> &'static Rule {
    engine::find_rule(&RULES, name).unwrap_or_else(|| panic!("no rule is called {name}"))
}

/// What a rule says of a text: the text it points at, then the message.
fn findings(name: &str, text: &str) -> Vec<(String, String)> {
    let (sources, diagnostics) = diagnose(text);
    diagnostics
        .into_iter()
        .filter(|diagnostic| diagnostic.finding.rule == rule(name))
        .map(|diagnostic| {
            let finding = diagnostic.finding;
            (sources.slice(finding.primary.place).to_owned(), finding.message)
        })
        .collect()
}

#[track_caller]
fn check(name: &str, text: &str, expected: &[(&str, &str)]) {
    let found = findings(name, text);
    let found: Vec<(&str, &str)> =
        found.iter().map(|(at, message)| (at.as_str(), message.as_str())).collect();
    assert_eq!(found, expected);
}

/// The blocks of a page fenced as ```` ```yaml bad ```` and the like.
fn blocks<'p>(page: &'p str, fence: &str) -> Vec<&'p str> {
    let opening = format!("```{fence}\n");
    page.split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().expect("`split` gives at least one part"))
        .collect()
}

#[test]
fn every_page_has_its_parts() {
    for rule in RULES.iter() {
        let page = rule.page;
        assert_eq!(page.lines().next(), Some(format!("# {}", rule.name).as_str()), "{rule:?}");
        assert!(rule.summary().ends_with('.'), "{rule:?}: {}", rule.summary());
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
        let expected = ["## Why it matters", "## Bad", "## Good", "## Source"];
        assert_eq!(headings, expected, "{rule:?}");
        assert!(!blocks(page, "yaml bad").is_empty(), "{rule:?} has no bad example");
        assert!(!blocks(page, "yaml good").is_empty(), "{rule:?} has no good example");
    }
}

#[test]
fn bad_examples_give_the_finding() {
    for rule in RULES.iter() {
        for block in blocks(rule.page, "yaml bad") {
            let (_, diagnostics) = diagnose(block);
            let found = diagnostics.iter().any(|diagnostic| diagnostic.finding.rule == *rule);
            assert!(found, "{rule:?} finds nothing in\n{block}\nbut there is {diagnostics:#?}");
        }
    }
}

#[test]
fn good_examples_do_not_give_it_and_have_no_errors() {
    for rule in RULES.iter() {
        for block in blocks(rule.page, "yaml good") {
            let (_, diagnostics) = diagnose(block);
            let wrong: Vec<&Diagnostic> = diagnostics
                .iter()
                .filter(|diagnostic| {
                    diagnostic.finding.rule == *rule || diagnostic.level == Level::Error
                })
                .collect();
            assert!(wrong.is_empty(), "{rule:?} in\n{block}\n{wrong:#?}");
        }
    }
}

#[test]
fn codes_and_names_are_unique_and_well_formed() {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "sorted, each once: {codes:?}");
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    for rule in RULES.iter() {
        let (group, number) = rule.code.split_at(3);
        assert!(group.bytes().all(|byte| byte.is_ascii_uppercase()), "{rule:?}");
        assert!(number.len() == 3 && number.parse::<u16>().is_ok(), "{rule:?}");
        let words: Vec<&str> = rule.name.split('-').collect();
        let word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        assert!(words.len() >= 2 && words.iter().all(word), "{rule:?}");
    }
}

/// Every page is a file of its rule's name, and every file in a folder of rules is a rule's page.
#[test]
fn files_are_called_as_their_rules() {
    let mut pages = BTreeMap::new();
    collect_pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut pages);
    let expected: BTreeMap<String, String> =
        RULES.iter().map(|rule| (rule.name.to_owned(), rule.page.to_owned())).collect();
    assert_eq!(
        pages.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>(),
        "files and rules"
    );
    assert!(pages == expected, "a page is not that of its rule");
}

#[expect(clippy::disallowed_methods, reason = "a test may look at the sources")]
fn collect_pages(folder: &Path, pages: &mut BTreeMap<String, String>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect_pages(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md")
            && folder.ends_with("rules")
        {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(pages.insert(name, fs::read_to_string(&path).unwrap()).is_none(), "{path:?}");
        }
    }
}
