//! The unit tests that come with the rules: they pass, and notice changes.
use super::{
    mutants::{Mutant, mutants},
    promtool, test_files,
};
use crate::cli::harness::{Files, Run};
use std::{collections::BTreeMap, thread};

const SLO: &str = r#"apiVersion: sre/v1
kind: SLO
metadata: {name: NAME}
spec:
  target: 99.9%
  window: 7d
  sli:
    prometheus:
      bad: requests_total{job="NAME", code=~"5.."}
      total: requests_total{job="NAME"}
  alerting:
    tiers:
      - {severity: page, long: 1h, short: 5m, burn_rate: 14.4}
"#;

/// The objective under another name, with parts of its text replaced.
fn slo(name: &str, replaced: &[(&str, &str)]) -> String {
    let text = replaced.iter().fold(SLO.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    text.replace("NAME", name)
}

const TIER: &str = "burn_rate: 14.4}";
const SIDES: &str = "      bad: requests_total{job=\"NAME\", code=~\"5..\"}\n      total: requests_total{job=\"NAME\"}\n";

/// Rules, and the files of their tests.
#[track_caller]
fn export(document: &str, arguments: &[&str]) -> (String, BTreeMap<String, String>, String) {
    let files = Files::new(&[("slo.yaml", document)]);
    let run = Run::new(&["export", "prometheus", "slo.yaml"])
        .args(["-o", "rules.yaml", "--tests", "tests.yaml"])
        .args(arguments.iter().copied());
    let ran = run.within(&files).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let every = ["-1h", "-15m", "-5m", "-1m", "-30s"].map(|every| format!("tests{every}.yaml"));
    let names = [&["tests.yaml".to_owned()], &every[..]].concat();
    let tests = names.iter().filter(|name| files.path().join(name).exists());
    let tests = tests.map(|name| ((*name).clone(), files.read(name))).collect();
    (files.read("rules.yaml"), tests, ran.stderr)
}

fn count(tests: &BTreeMap<String, String>) -> usize {
    tests.values().map(|text| text.matches("\n- interval:").count()).sum()
}

/// All kinds of indicators, windows, budgets and guards in one catalog.
#[test]
fn tests_of_a_mixed_catalog_pass() {
    if !promtool() {
        return;
    }
    let guards = "burn_rate: 14.4, minimum_events: 20, minimum_bad_events: 5, confidence: 95%}\n      \
                  - {severity: ticket, long: 3h, short: 15m, burn_rate: 3, event_weighted: true}\n      \
                  - {severity: ticket, long: 6h, short: 30m, burn_rate: 6, enabled: false}";
    let rates = "      bad: sum(rate(errors_total[{{.window}}]))\n      total: sum(rate(calls_total[{{.window}}]))\n";
    let unknown = "      bad: sum(rate(a_total[{{.window}}])) - sum(rate(b_total[{{.window}}]))\n      \
                   total: sum(rate(a_total[{{.window}}]))\n";
    let catalog = [
        slo("counters", &[(TIER, guards), ("7d", "30d")]),
        slo("rates", &[(SIDES, rates), ("window: 7d", "windows: [7d, 1d]")]),
        slo("unknown", &[(SIDES, unknown)]),
        slo(
            "both",
            &[(
                SIDES,
                "      good: served_total{job=\"NAME\"}\n      bad: failed_total{job=\"NAME\"}\n",
            )],
        ),
        slo(
            "histogram",
            &[
                (SIDES, "      histogram: seconds{job=\"NAME\"}\n"),
                ("window: 7d", "window: 7d\n  threshold: 1s\n  group_by: [route]"),
            ],
        ),
        slo(
            "native",
            &[
                (SIDES, "      native_histogram: seconds{job=\"NAME\"}\n"),
                ("window: 7d", "window: 7d\n  threshold: 1s"),
            ],
        ),
        slo("month", &[("7d", "{calendar: month, time_zone: UTC}")]),
        slo("week", &[("7d", "{calendar: week, time_zone: UTC}")]),
        slo(
            "slices",
            &[
                ("7d", "30d\n  method: timeslices\n  slice_target: 95%"),
                ("99.9%", "99%"),
                (TIER, "burn_rate: 6}"),
            ],
        ),
        slo(
            "ratios",
            &[
                ("7d", "30d\n  method: ratio_timeslices\n  no_traffic: good"),
                ("99.9%", "99%"),
                (TIER, "burn_rate: 6}"),
            ],
        ),
    ];
    let (rules, tests, said) = export(&catalog.join("---\n"), &["--max-groups", "5"]);
    let names: Vec<&str> = tests.keys().map(String::as_str).collect();
    assert_eq!(names, ["tests-15m.yaml", "tests-1h.yaml", "tests-5m.yaml", "tests.yaml"], "{said}");
    assert!(count(&tests) > 30, "{} tests", count(&tests));
    for name in ["unknown", "native"] {
        assert!(said.contains(&format!("note: `{name}`: the tests feed shares")), "{said}");
    }
    for name in ["counters", "rates", "both", "histogram", "month", "week", "slices", "ratios"] {
        for what in [
            "what is left of the budget",
            "no traffic",
            "counters that begin anew",
            "nothing to count",
        ] {
            let line = format!("# {name} {what}");
            assert!(tests.values().any(|text| text.contains(&line)), "{line}");
        }
    }
    for what in ["too few events", "enough events in a total outage"] {
        let line = format!("# counters page-1h: {what}");
        assert!(tests.values().any(|text| text.contains(&line)), "{line}");
    }
    let (said, passed) = test_files(&rules, &tests);
    assert!(passed, "{said}\n{rules}\n{tests:#?}");
}

/// Alerts that wait do so for exactly as long as their tier says.
#[test]
fn tests_notice_every_change_of_a_wait() {
    if !promtool() {
        return;
    }
    let tiers = "burn_rate: 14.4, for: 2m, minimum_bad_events: 20, confidence: 95%}\n      \
                 - {severity: ticket, long: 1d, short: 2h, burn_rate: 3, for: 1h}";
    let rates = "      good: ok_total{job=\"NAME\"}\n      total: requests_total{job=\"NAME\"}\n";
    let catalog =
        [slo("counters", &[(TIER, tiers)]), slo("good", &[(TIER, tiers), (SIDES, rates)])];
    let (rules, tests, said) = export(&catalog.join("---\n"), &[]);
    assert!(!said.contains("nothing tests"), "{said}");
    for (file, line) in [
        ("tests-30s.yaml", "counters page-1h: fires after 2m, and not before"),
        ("tests-15m.yaml", "good ticket-1d: fires after 1h, and not before"),
    ] {
        assert!(tests[file].contains(line), "{file}: {tests:#?}");
    }
    let (said, passed) = test_files(&rules, &tests);
    assert!(passed, "{said}\n{rules}");
    for (wait, others) in [("2m", ["90s", "150s"]), ("1h", ["45m", "75m"])] {
        let line = format!("    for: {wait}\n");
        assert_eq!(rules.matches(&line).count(), 2, "{rules}");
        let changed = others.map(|other| rules.replacen(&line, &format!("    for: {other}\n"), 1));
        for mutant in changed.into_iter().chain([rules.replacen(&line, "", 1)]) {
            let (_, passed) = test_files(&mutant, &tests);
            assert!(!passed, "a change of {wait} is not noticed: {mutant}");
        }
    }
    // Where the traffic of a longer time has a say, that is said.
    let weighted = "burn_rate: 14.4, for: 2m, event_weighted: true}";
    let (.., said) = export(&slo("weighted", &[(TIER, weighted)]), &[]);
    assert!(said.contains("`weighted`: nothing tests that `page-1h` waits for 2m"), "{said}");
}

/// Objectives that count other series are tested at once: promtool evaluates all rules for each test.
#[test]
fn tests_of_more_objectives_are_not_more_tests() {
    let one = export(&slo("a", &[]), &[]);
    let both = export(&[slo("a", &[]), slo("b", &[])].join("---\n"), &[]);
    assert_eq!(count(&both.1), count(&one.1));
    let shared =
        export(&[slo("a", &[]), slo("b", &[("job=\"NAME\"", "job=\"a\"")])].join("---\n"), &[]);
    assert!(2 * count(&shared.1) > 3 * count(&one.1), "both count the same");
}

/// Runs the tests on all mutants; those that pass are given back.
fn survivors(document: &str, concerns: impl Fn(&Mutant) -> bool) -> (usize, Vec<String>) {
    let (rules, tests, _) = export(document, &[]);
    let (said, passed) = test_files(&rules, &tests);
    assert!(passed, "{said}");
    let mutants: Vec<Mutant> = mutants(&rules).into_iter().filter(concerns).collect();
    let (one, two) = mutants.split_at(mutants.len() / 2);
    let run = |part: &[Mutant]| -> Vec<String> {
        let alive = part.iter().filter(|mutant| test_files(&mutant.rules, &tests).1);
        alive.map(|mutant| mutant.what.clone()).collect()
    };
    let survivors = thread::scope(|scope| {
        let other = scope.spawn(|| run(two));
        let mut all = run(one);
        all.extend(other.join().unwrap());
        all
    });
    (mutants.len(), survivors)
}

/// Changes that make no difference to what is recorded or told: `what` of the mutants that have one of
/// these texts.
fn is_noticed(mutant: &Mutant, without_effect: &[&str]) -> bool {
    !without_effect.iter().any(|text| mutant.what.contains(text))
}

#[test]
fn tests_notice_every_change_of_a_number_a_range_or_a_sign() {
    if !promtool() {
        return;
    }
    let without_effect = [
        // The hour that runs is found by its number, so that the range may be longer.
        "[1h:5m] -> [7200s:5m]",
        // One that is multiplied is one that is divided by, for 0 and for 1.
        "vector(1) -> ",
    ];
    let (count, survivors) =
        survivors(&slo("a", &[]), |mutant| is_noticed(mutant, &without_effect));
    assert!(count > 60, "{count}");
    assert!(survivors.is_empty(), "of {count} not noticed:\n{}", survivors.join("\n"));
}

#[test]
fn tests_notice_every_change_of_a_guard() {
    if !promtool() {
        return;
    }
    let guarded =
        |name: &str, guard: &str| slo(name, &[(TIER, &format!("burn_rate: 14.4, {guard}}}"))]);
    let catalog = [
        guarded("few", "minimum_events: 20"),
        guarded("bad", "minimum_bad_events: 5"),
        guarded("sure", "confidence: 95%"),
        guarded("heavy", "event_weighted: true"),
    ];
    let (count, survivors) = survivors(&catalog.join("---\n"), |mutant| {
        // What is surely above the threshold is above it, and so is what is heavy enough at even traffic.
        let implied = mutant.what.contains("0.0144 -> 0.01368")
            && (mutant.what.contains("sure") || mutant.what.contains("heavy"));
        // The digit to which a product is rounded.
        let rounding = mutant.what.contains(": 0.001 -> ");
        let structure = [" and -> ", " + -> ", " - -> ", " * -> ", " / -> "];
        let of_structure = structure.iter().any(|text| mutant.what.contains(text));
        mutant.what.starts_with("SLOErrorBudgetBurn: ") && !implied && !rounding && !of_structure
    });
    assert!(count > 20, "{count}");
    assert!(survivors.is_empty(), "of {count} not noticed:\n{}", survivors.join("\n"));
}

#[test]
fn tests_notice_changes_of_calendars_and_slices() {
    if !promtool() {
        return;
    }
    let month = slo("month", &[("7d", "{calendar: month, time_zone: UTC}")]);
    let (count, of_month) = survivors(&month, |mutant| {
        // Tests see one month only: none of another one to leave out.
        let of_budget = ["0.001 -> ", "1 -> ", " - -> ", " / -> ", " * -> "];
        mutant.what.starts_with("slo:period_error_budget_remaining")
            && of_budget.iter().any(|text| mutant.what.contains(text))
    });
    assert!(count > 5, "{count}");
    let slices = [
        ("7d", "30d\n  method: timeslices\n  slice_target: 95%"),
        ("99.9%", "99%"),
        (TIER, "burn_rate: 6}"),
    ];
    let (count, of_slices) = survivors(&slo("slices", &slices), |mutant| {
        // Five percent of a few slices are none.
        let of_tier =
            mutant.what.starts_with("SLOErrorBudgetBurn: ") && !mutant.what.contains(": 0.06");
        let of_slice = mutant.what.starts_with("slo:sli_slice_error:ratio5m: 0.05")
            || mutant.what.starts_with("slo:sli_bad:increase5m: [")
            || mutant.what.starts_with("slo:sli_error:ratio_rate6h")
            || mutant.what.starts_with("slo:current_burn_rate");
        of_tier || of_slice
    });
    assert!(count > 8, "{count}");
    let survivors = [of_month, of_slices].concat();
    assert!(survivors.is_empty(), "not noticed:\n{}", survivors.join("\n"));
}
