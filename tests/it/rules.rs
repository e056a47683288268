//! Every rule's page is a test: its bad examples give the finding, its good ones do not.
mod objectives;

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
        spec::{Catalog, dialect, load_text},
        units::Instant,
    },
    registry::{DIALECTS, KINDS, RULES},
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
    diagnose_with("", text)
}

fn diagnose_with(settings: &str, text: &str) -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let source = sources.add("example.yaml", text);
    let loaded = load_text(source, text, &KINDS, DIALECTS);
    let (settings, wrong, _) = Settings::load(sources.add("sre.yaml", settings), settings);
    assert!(wrong.is_empty(), "{wrong:?}");
    let lowered = dialect::lower(&loaded.dialects, &settings);
    let documents = loaded.documents.into_iter().chain(lowered.documents).collect();
    let (catalog, linking) = Catalog::build(documents, &KINDS);
    let context = Context { catalog: &catalog, settings: &settings, now: today() };
    let mut findings = loaded.findings;
    findings.extend(lowered.findings);
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

#[expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test may look at the sources and fail if it cannot"
)]
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
            assert!(
                pages.insert(name, fs::read_to_string(&path).unwrap()).is_none(),
                "{}",
                path.display()
            );
        }
    }
}

/// A service with one objective of availability.
fn service(name: &str, target: &str, depends_on: &str) -> String {
    format!(
        "---\napiVersion: sre/v1\nkind: Service\nmetadata: {{name: {name}, owner: shop}}\n\
         spec:\n  depends_on: [{depends_on}]\n\
         ---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}-availability}}\n\
         spec: {{service: {name}, target: {target}, window: 30d}}\n"
    )
}

fn hard(name: &str) -> String {
    format!("{{service: {name}}}")
}

#[test]
fn a_chain_of_dependencies_is_shown_with_its_arithmetic() {
    let text = [
        service("checkout", "99.95%", &hard("payments")),
        service("payments", "99.9%", &hard("ledger")),
        service("ledger", "99.9%", ""),
    ]
    .concat();
    check(
        "slo-stricter-than-dependencies",
        &text,
        &[(
            "99.95%",
            "99.95% cannot be kept: checkout → payments (99.9%) → ledger (99.9%): at most 99.8001%",
        )],
    );
    let (sources, diagnostics) = diagnose(&text);
    let finding = &diagnostics
        .iter()
        .find(|diagnostic| diagnostic.finding.rule.name == "slo-stricter-than-dependencies")
        .unwrap()
        .finding;
    assert_eq!(finding.primary.text, "99.9% × 99.9% = 99.8001%");
    let related: Vec<(&str, &str)> = finding
        .related
        .iter()
        .map(|label| (sources.slice(label.place), label.text.as_str()))
        .collect();
    let expected = [
        ("payments", "`payments` is needed here"),
        ("99.9%", "`payments-availability`"),
        ("ledger", "`ledger` is needed here"),
        ("99.9%", "`ledger-availability`"),
    ];
    assert_eq!(related, expected);
}

#[test]
fn a_shared_dependency_counts_once() {
    let text = [
        service("a", "99.75%", &[hard("b"), hard("c")].join(", ")),
        service("b", "99.9%", &hard("d")),
        service("c", "99.9%", &hard("d")),
        service("d", "99.9%", ""),
    ]
    .concat();
    let message = "99.75% cannot be kept: a → c (99.9%), a → b (99.9%) → d (99.9%): at most \
                   99.7002999%";
    check("slo-stricter-than-dependencies", &text, &[("99.75%", message)]);
    check("slo-stricter-than-dependencies", &text.replace("99.75%", "99.7%"), &[]);
}

#[test]
fn copies_services_without_promise_and_other_objectives_are_taken_as_documented() {
    let text = [
        service("a", "99.995%", "{service: b, redundancy: 2}, {service: e, criticality: soft}"),
        service("b", "99%", &hard("c")),
        "---\napiVersion: sre/v1\nkind: Service\nmetadata: {name: c, owner: shop}\n\
         spec:\n  depends_on: [{service: d}]\n"
            .to_owned(),
        service("d", "99.999%", ""),
        service("e", "90%", ""),
        // Latency says nothing of availability, and of two promises the stricter one counts.
        "---\napiVersion: sre/v1\nkind: SLO\nmetadata: {name: d-latency}\n\
         spec: {service: d, target: 90%, window: 30d, threshold: 1s}\n\
         ---\napiVersion: sre/v1\nkind: SLO\nmetadata: {name: d-loose}\n\
         spec: {service: d, target: 95%, window: 7d}\n"
            .to_owned(),
    ]
    .concat();
    let message = "99.995% cannot be kept: a → b (2 copies of 99% = 99.99%) → c (no objective) → \
                   d (99.999%): at most 99.9890001%";
    check("slo-stricter-than-dependencies", &text, &[("99.995%", message)]);
}

#[test]
fn a_chain_of_thousands_is_cut_and_takes_no_time() {
    let mut text = service("s0", "99.95%", &hard("s1"));
    for at in 1..1500 {
        text += &service(&format!("s{at}"), "99.9%", &hard(&format!("s{}", at + 1)));
    }
    text += &service("s1500", "99.9%", "");
    let found = findings("slo-stricter-than-dependencies", &text);
    let (_, message) = found.iter().find(|(at, _)| at == "99.95%").unwrap();
    assert!(message.len() < 300, "{message}");
    assert!(message.contains("s5 (99.9%) → … → s"), "{message}");
}

#[test]
fn a_cycle_prints_its_chain_once() {
    let text = [
        service("b", "99%", &hard("c")),
        service("c", "99%", &hard("a")),
        service("a", "99%", &hard("b")),
        service("outside", "90%", &hard("a")),
    ]
    .concat();
    check("dependency-cycle", &text, &[("b", "`a` needs itself in the end: a → b → c → a")]);
    check(
        "dependency-cycle",
        &text.replace("{service: a}", "{service: a, criticality: soft}"),
        &[],
    );
}

#[test]
fn a_long_cycle_is_cut() {
    let text: String = (0..3000)
        .map(|at| service(&format!("s{at}"), "99%", &hard(&format!("s{}", (at + 1) % 3000))))
        .collect();
    let found = findings("dependency-cycle", &text);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .1
            .ends_with("s6 → s7 → … → s2993 → s2994 → s2995 → s2996 → s2997 → s2998 → s2999 → s0"),
        "{found:?}"
    );
}

/// The examples that the product began with, as documents: warnings and notes, no errors.
#[test]
fn the_first_examples_are_accepted() {
    let text = "apiVersion: sre/v1\nkind: SLI\nmetadata: {name: api_availability}\n\
                spec:\n  category: availability\n  indicator: successful_requests / total_requests\n  \
                measurement_method: percentage over 1 minute windows\n\
                ---\napiVersion: sre/v1\nkind: SLO\nmetadata: {name: API 99.9% Availability}\n\
                spec: {target: 0.999, window: 30d}\n\
                ---\napiVersion: sre/v1\nkind: SLO\nmetadata: {name: API P99 Latency}\n\
                spec: {threshold_ms: 200, target_percent: 0.99, window: 30d}\n";
    let (_, diagnostics) = diagnose(text);
    let found: BTreeSet<(&str, Level)> =
        diagnostics.iter().map(|found| (found.finding.rule.name, found.level)).collect();
    let expected = [
        ("deprecated-spelling", Level::Warning),
        ("name-not-portable", Level::Note),
        ("slo-without-indicator", Level::Warning),
        ("slo-without-owner", Level::Warning),
        ("slo-without-runbook", Level::Warning),
        ("slo-without-service", Level::Note),
        ("unused-document", Level::Warning),
    ];
    assert_eq!(found, BTreeSet::from(expected));
}

#[test]
fn every_cycle_of_a_knot_is_printed() {
    let text = [
        service("a", "99%", &[hard("b"), hard("c")].join(", ")),
        service("b", "99%", &hard("a")),
        service("c", "99%", &hard("a")),
    ]
    .concat();
    check(
        "dependency-cycle",
        &text,
        &[
            ("b", "`a` needs itself in the end: a → b → a"),
            ("c", "`a` needs itself in the end: a → c → a"),
        ],
    );
}

#[test]
fn a_tier_that_never_fires_says_why() {
    let text = "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: a}\n\
                spec: {target: 90%, window: 30d}\n";
    let message = "`page-1h` can never fire: not even a total outage burns that fast";
    check("alert-tier-never-fires", text, &[("90%", message)]);
    let (_, diagnostics) = diagnose(text);
    let finding = &diagnostics
        .iter()
        .find(|diagnostic| diagnostic.finding.rule.name == "alert-tier-never-fires")
        .unwrap()
        .finding;
    assert_eq!(
        finding.primary.text,
        "burn rate 14.4 × error budget 10% = 144% of events, which would have to be exceeded"
    );
    assert_eq!(
        finding.help.as_deref(),
        Some(
            "raise the target above 93.0556%, or write an `alerting` with a lower burn rate; this \
             is the default one"
        )
    );
    // Shares become burn rates by the window: 2% of seven days in an hour is 3.36.
    check("alert-tier-never-fires", &text.replace("30d", "7d"), &[]);
}

#[test]
fn swapped_sides_are_told() {
    let sli = |measured: &str| {
        format!("apiVersion: sre/v1\nkind: SLI\nmetadata: {{name: a}}\nspec:\n  {measured}\n")
    };
    check(
        "sli-good-total-swapped",
        &sli("indicator: total_requests / successful_requests"),
        &[(
            "total_requests",
            "`good` and `total` seem to be swapped: `successful_requests` reads like a part of \
             `total_requests`",
        )],
    );
    check(
        "sli-good-total-swapped",
        &sli("counts: {bad: requests, total: errors}"),
        &[(
            "requests",
            "`bad` and `total` seem to be swapped: `errors` reads like a part of `requests`",
        )],
    );
    check("sli-good-total-swapped", &sli("indicator: successful_requests / total_requests"), &[]);
}

#[test]
fn problems_inside_a_value_are_shown_inside_it() {
    let sli = |measured: &str| {
        format!("apiVersion: sre/v1\nkind: SLI\nmetadata: {{name: a}}\nspec:\n  {measured}\n")
    };
    for quote in ["", "\"", "'"] {
        let text = sli(&format!("events: {{good: {quote}status < five hundred{quote}}}"));
        let found = findings("predicate-invalid", &text);
        assert_eq!(found.len(), 1, "{text}");
        assert_ne!(found[0].0, format!("{quote}status < five hundred{quote}"), "{text}");
        assert!("status < five hundred".contains(&found[0].0), "{found:?}");
    }
    check(
        "promql-invalid",
        &sli("prometheus: {good: \"sum(rate(a[5m])\", total: a_total}"),
        &[("(", "this `(` does not close")],
    );
}

#[test]
fn settings_answer_for_documents() {
    let text = "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: a}\nspec: {target: 99%}\n\
                ---\napiVersion: sre/v1\nkind: AlertPolicy\nmetadata: {name: patient}\n\
                spec:\n  tiers: [{severity: page, long: 1h, short: 5m, burn_rate: 200}]\n";
    let settings = "defaults:\n  - {window: 30d, owner: shop, runbook: 'runbooks/{name}.md', \
                    alerting: patient}\n";
    let names = |settings: &str| -> BTreeSet<&str> {
        let (_, diagnostics) = diagnose_with(settings, text);
        diagnostics.iter().map(|diagnostic| diagnostic.finding.rule.name).collect()
    };
    let answered =
        ["slo-without-window", "slo-without-owner", "slo-without-runbook", "unused-document"];
    for rule in answered {
        assert!(names("").contains(rule), "{rule}");
        assert!(!names(settings).contains(rule), "{rule}");
    }
    // The policy that the settings name is the one that is looked at.
    assert!(!names("").contains("alert-tier-never-fires"));
    assert!(names(settings).contains("alert-tier-never-fires"));
}

#[test]
fn of_documents_with_errors_only_the_values_that_stand_there_are_judged() {
    let text =
        "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: a}\nspec: {target: 100%, wndow: 1d}\n";
    let (_, diagnostics) = diagnose(text);
    let rules: Vec<&str> =
        diagnostics.iter().map(|diagnostic| diagnostic.finding.rule.name).collect();
    assert_eq!(rules, ["slo-target-unreachable", "unknown-field"]);
}

#[test]
fn the_same_problems_come_out_whatever_the_order_of_documents() {
    let documents: Vec<String> = (0..12)
        .map(|at| service(&format!("s{at}"), "99.9%", &hard(&format!("s{}", (at * 5 + 1) % 12))))
        .collect();
    let messages = |documents: &[String]| {
        let (_, diagnostics) = diagnose(&documents.concat());
        let mut messages: Vec<String> =
            diagnostics.into_iter().map(|diagnostic| diagnostic.finding.message).collect();
        messages.sort();
        messages
    };
    let mut reversed = documents.clone();
    reversed.reverse();
    assert_eq!(messages(&documents), messages(&reversed));
}
