//! `sre diff`, on real git repositories.
#![expect(clippy::disallowed_methods, reason = "makes the repositories that it compares")]
use super::harness::{Files, Ran, Run};
use serde_json::Value;
use std::fs;

fn commit(files: &Files, message: &str) {
    files.git(&["add", "-A"]);
    files.git(&["commit", "-qm", message]);
}

const SLO: &str = "\
apiVersion: sre/v1
kind: SLO
metadata: {name: checkout, owner: shop}
spec:
  service: shop
  target: 99.9%
  window: 30d
  alerting: paging
  sli:
    source: prom
    prometheus:
      bad: http_requests_total{code=~\"5..\"}
      total: http_requests_total
  runbook: https://wiki.example/checkout
";

const REST: &str = "\
apiVersion: sre/v1
kind: Service
metadata: {name: shop, owner: shop}
spec: {tier: 1}
---
apiVersion: sre/v1
kind: DataSource
metadata: {name: prom, owner: shop}
spec: {prometheus: {url: http://prometheus.example:9090}}
---
apiVersion: sre/v1
kind: AlertPolicy
metadata: {name: paging}
spec:
  tiers:
    - {severity: page, long: 1h, short: 5m, burn_rate: 14.4}
    - {severity: ticket, long: 3d, short: 6h, burn_rate: 1}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: search, owner: shop}
spec: {service: shop, target: 99%, window: 30d, alerting: paging, sli: {indicator: good / total, source: prom}}
";

/// A repository with a catalog, committed once.
fn repository() -> Files {
    let files = Files::new(&[
        ("sre.yaml", "defaults:\n  - runbook: https://wiki.example/{name}\n"),
        ("specs/checkout.yaml", SLO),
        ("specs/rest.yaml", REST),
    ]);
    files.git(&["init", "-q"]);
    commit(&files, "a catalog");
    files
}

fn edit(files: &Files, name: &str, from: &str, to: &str) {
    let text = files.read(name);
    assert!(text.contains(from), "{name} has no `{from}`");
    files.write(name, text.replace(from, to).as_bytes());
}

fn diff(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(&["diff"]).args(arguments.iter().copied()).within(files).go()
}

fn answer(files: &Files, arguments: &[&str]) -> Value {
    let answer = Run::new(&["diff"]).args(arguments.iter().copied()).within(files).json();
    let form = sre::cli::forms().into_iter().find(|form| form.name() == "diff").unwrap();
    let schema = jsonschema::draft7::new(&(form.json_schema)()).unwrap();
    let problems: Vec<String> = schema.iter_errors(&answer).map(|one| one.to_string()).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    answer
}

/// What changed of an objective, by what it is.
#[track_caller]
fn row(answer: &Value, objective: &str, what: &str) -> Value {
    let objectives = answer["objectives"].as_array().unwrap();
    let found = objectives.iter().find(|one| one["name"] == objective);
    let rows = found.unwrap_or_else(|| panic!("no {objective} in {answer:#}"))["changes"].clone();
    let row = rows.as_array().unwrap().iter().find(|one| one["what"] == what).cloned();
    row.unwrap_or_else(|| panic!("no {what} in {rows:#}"))
}

#[track_caller]
fn check_row(row: &Value, before: Option<&str>, after: Option<&str>, level: &str) {
    let found = (row["before"].as_str(), row["after"].as_str(), row["level"].as_str().unwrap());
    assert_eq!(found, (before, after, level), "{row:#}");
}

#[test]
fn a_lower_target_is_told_with_its_budget_and_its_alerts() {
    let files = repository();
    edit(&files, "specs/checkout.yaml", "99.9%", "99.5%");
    let found = answer(&files, &["HEAD"]);
    check_row(&row(&found, "checkout", "target"), Some("99.9%"), Some("99.5%"), "loosened");
    check_row(
        &row(&found, "checkout", "budget"),
        Some("43.2 min per 30d"),
        Some("216.0 min per 30d"),
        "loosened",
    );
    check_row(
        &row(&found, "checkout", "tier page-1h"),
        Some("errors above 1.44%, outage noticed after 52s"),
        Some("errors above 7.20%, outage noticed after 4m 19s"),
        "loosened",
    );
    assert_eq!(found["level"], "loosened");
    let budget = &found["objectives"][0]["budgets"][0];
    assert!((budget["minutes_after"].as_f64().unwrap() - 216.0).abs() < 1e-9, "{budget}");
    let tier = &found["objectives"][0]["tiers"][0];
    assert_eq!((&tier["before"]["factor"], &tier["after"]["factor"]), (&14.4.into(), &14.4.into()));
    assert_eq!(tier["after"]["error_ratio"], 0.072);
    // The work tree is compared with the last commit where nothing is said.
    assert_eq!(answer(&files, &[])["objectives"], found["objectives"]);
    commit(&files, "less");
    assert_eq!(answer(&files, &["HEAD^..HEAD"])["objectives"], found["objectives"]);
    assert_eq!(answer(&files, &["HEAD^", "HEAD"])["objectives"], found["objectives"]);
    assert_eq!(answer(&files, &["HEAD^.."])["objectives"], found["objectives"]);
    let back = answer(&files, &["HEAD..HEAD^"]);
    check_row(&row(&back, "checkout", "target"), Some("99.5%"), Some("99.9%"), "tightened");
    assert_eq!(back["level"], "tightened");
}

#[test]
fn comments_order_and_spelling_mean_nothing() {
    let files = repository();
    edit(
        &files,
        "specs/checkout.yaml",
        "  target: 99.9%\n  window: 30d\n",
        "  window: 720h # a month\n  target_percent: 0.999\n",
    );
    let ran = diff(&files, &[]);
    let expected = "from HEAD to work tree\nnothing that means anything differs\n";
    assert_eq!((ran.stdout.as_str(), ran.code), (expected, 0));
    assert_eq!(answer(&files, &[])["level"], Value::Null);
}

#[test]
fn a_policy_is_told_of_every_objective_that_uses_it() {
    let files = repository();
    edit(&files, "specs/rest.yaml", "burn_rate: 14.4", "burn_rate: 10, minimum_events: 100");
    let found = answer(&files, &[]);
    for objective in ["checkout", "search"] {
        let row = row(&found, objective, "tier page-1h");
        check_row(
            &row,
            Some("burn rate above 14.4, 2.00% of the budget, -"),
            Some("burn rate above 10, 1.39% of the budget, from 100 events on"),
            "loosened",
        );
        assert_eq!(row["through"], serde_json::json!(["AlertPolicy/paging"]));
    }
    let policy =
        found["documents"].as_array().unwrap().iter().find(|one| one["kind"] == "AlertPolicy");
    let policy = policy.unwrap();
    assert_eq!((&policy["change"], &policy["level"]), (&"changed".into(), &"loosened".into()));
    // One line for both of them.
    let ran = diff(&files, &["-q"]);
    let shared: Vec<&str> =
        ran.stdout.lines().filter(|line| line.contains("burn rate above 10")).collect();
    assert_eq!(shared.len(), 1, "{}", ran.stdout);
    assert!(shared[0].contains("checkout, search") && shared[0].contains("AlertPolicy paging"));
}

#[test]
fn settings_are_told_of_every_objective_that_they_reach() {
    let files = repository();
    edit(&files, "specs/rest.yaml", "window: 30d, alerting", "alerting");
    edit(&files, "sre.yaml", "  - runbook", "  - window: 30d\n    runbook");
    commit(&files, "by default");
    edit(&files, "sre.yaml", "30d", "7d");
    let found = answer(&files, &[]);
    let window = row(&found, "search", "window");
    check_row(&window, Some("30d"), Some("1w"), "changed");
    assert_eq!(window["through"], serde_json::json!(["settings/sre.yaml"]));
    assert_eq!(found["objectives"].as_array().unwrap().len(), 1, "{found:#}");
    assert_eq!(found["documents"][0]["fields"][0]["field"], "defaults[0].window");
}

#[test]
fn tiers_and_rules_that_come_and_go() {
    let files = repository();
    edit(
        &files,
        "specs/rest.yaml",
        "    - {severity: ticket, long: 3d, short: 6h, burn_rate: 1}\n",
        "    - {severity: page, long: 6h, short: 30m, burn_rate: 6}\n",
    );
    let found = answer(&files, &[]);
    let gone = row(&found, "checkout", "tier ticket-3d");
    assert_eq!((&gone["after"], &gone["level"]), (&Value::Null, &"loosened".into()));
    let come = row(&found, "checkout", "tier page-6h");
    assert_eq!((&come["before"], &come["level"]), (&Value::Null, &"tightened".into()));
    let rules = &found["objectives"][0]["rules"];
    let has = |list: &Value, tier: &str| {
        list.as_array()
            .unwrap()
            .iter()
            .any(|rule| rule["kind"] == "alert" && rule["labels"]["slo_tier"] == tier)
    };
    assert!(has(&rules["added"], "page-6h"), "{rules:#}");
    assert!(has(&rules["removed"], "ticket-3d"), "{rules:#}");
    let records = |list: &Value| -> Vec<String> {
        let rules = list.as_array().unwrap().iter().filter(|rule| rule["kind"] == "record");
        rules.map(|rule| rule["name"].as_str().unwrap().to_owned()).collect()
    };
    assert!(
        records(&rules["added"]).contains(&"slo:sli_error:ratio_rate30m".to_owned()),
        "{rules:#}"
    );
    assert!(
        records(&rules["removed"]).contains(&"slo:sli_error:ratio_rate3d".to_owned()),
        "{rules:#}"
    );
    let text = diff(&files, &["-q"]).stdout;
    assert!(
        text.contains("rules by name") && text.contains("removed alert SLOErrorBudgetBurn"),
        "{text}"
    );
}

#[test]
fn documents_that_come_go_and_are_renamed() {
    let files = repository();
    edit(&files, "specs/checkout.yaml", "{name: checkout, owner", "{name: orders, owner");
    files.write(
        "specs/new.yaml",
        SLO.replace("name: checkout", "name: fresh").replace("99.9%", "99%").as_bytes(),
    );
    edit(
        &files,
        "specs/rest.yaml",
        "name: search, owner: shop}\nspec: {",
        "name: find, owner: shop}\nspec: {minimum_coverage: 10%, ",
    );
    let found = answer(&files, &["--fail-on", "never"]);
    check_row(&row(&found, "orders", "name"), Some("checkout"), Some("orders"), "breaking");
    check_row(
        &row(&found, "fresh", "objective"),
        None,
        Some("99% per 30d: 432.0 min"),
        "tightened",
    );
    check_row(
        &row(&found, "search", "objective"),
        Some("99% per 30d: 432.0 min"),
        None,
        "breaking",
    );
    check_row(&row(&found, "find", "objective"), None, Some("99% per 30d: 432.0 min"), "tightened");
    let changes: Vec<(&str, &str)> = found["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["change"].as_str().unwrap()))
        .collect();
    assert_eq!(
        changes,
        [("find", "added"), ("fresh", "added"), ("orders", "renamed"), ("search", "removed")]
    );
    assert_eq!(diff(&files, &["-q"]).code, 1, "what others rely on is gone");
    assert_eq!(diff(&files, &["-q", "--fail-on", "never"]).code, 0);
}

#[test]
fn the_exit_code_goes_by_the_level() {
    let files = repository();
    edit(
        &files,
        "specs/checkout.yaml",
        "https://wiki.example/checkout",
        "https://wiki.example/orders",
    );
    let codes = |files: &Files| -> Vec<u8> {
        ["cosmetic", "tightened", "changed", "loosened", "breaking", "never"]
            .iter()
            .map(|level| diff(files, &["-q", "--fail-on", level]).code)
            .collect()
    };
    assert_eq!(codes(&files), [1, 0, 0, 0, 0, 0], "a runbook is for people");
    edit(&files, "specs/checkout.yaml", "99.9%", "99.95%");
    assert_eq!(codes(&files), [1, 1, 0, 0, 0, 0]);
    edit(&files, "specs/checkout.yaml", "30d", "28d");
    assert_eq!(codes(&files), [1, 1, 1, 0, 0, 0]);
    edit(&files, "specs/checkout.yaml", "99.95%", "99.5%");
    assert_eq!(codes(&files), [1, 1, 1, 1, 0, 0]);
    fs::remove_file(files.path().join("specs/checkout.yaml")).unwrap();
    assert_eq!(codes(&files), [1, 1, 1, 1, 1, 0]);
}

#[test]
fn folders_are_compared_without_git() {
    let files = Files::new(&[
        ("old/sre.yaml", "defaults: [{window: 30d}]\n"),
        (
            "old/slo.yaml",
            "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: a}\nspec: {target: 99%}\n",
        ),
        ("new/sre.yaml", "defaults: [{window: 30d}]\n"),
        (
            "new/slo.yaml",
            "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: a}\nspec: {target: 99.9%}\n",
        ),
    ]);
    let found = answer(&files, &["old", "new"]);
    check_row(&row(&found, "a", "target"), Some("99%"), Some("99.9%"), "tightened");
    assert_eq!(found["from"], serde_json::json!({"name": "old", "commit": null}));
    let ran = diff(&files, &["old"]);
    assert!(ran.code == 2 && ran.stderr.starts_with("error: `old` is one folder\n"), "{ran:?}");
    let ran = diff(&files, &["./old", "./nowhere"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("error: `./nowhere` is not a folder\n", 2));
}

#[test]
fn three_dots_begin_where_the_branch_left() {
    let files = repository();
    files.git(&["checkout", "-qb", "topic"]);
    edit(&files, "specs/rest.yaml", "target: 99%", "target: 98%");
    commit(&files, "topic");
    files.git(&["checkout", "-q", "main"]);
    edit(&files, "specs/checkout.yaml", "99.9%", "99.95%");
    commit(&files, "meanwhile");
    let objectives = |found: &Value| found["objectives"].as_array().unwrap().len();
    assert_eq!(objectives(&answer(&files, &["main..topic"])), 2);
    let found = answer(&files, &["main...topic"]);
    assert_eq!(objectives(&found), 1);
    check_row(&row(&found, "search", "target"), Some("99%"), Some("98%"), "loosened");
    let base = files.git(&["merge-base", "main", "topic"]);
    assert_eq!(found["from"], serde_json::json!({"name": "main...topic", "commit": base.trim()}));
}

#[test]
fn a_revision_is_read_as_a_checkout_would_be() {
    let files = repository();
    files.write("specs/.gitignore", b"draft*.yaml\n!draft-kept.yaml\n");
    files.write("specs/draft.yaml", b"kind: Nonsense\napiVersion: sre/v1\n");
    files.write("specs/draft-kept.yaml", SLO.replace("name: checkout", "name: kept").as_bytes());
    files.write("specs/.hidden/slo.yaml", b"kind: Nonsense\napiVersion: sre/v1\n");
    files.write("elsewhere/slo.yml", SLO.replace("name: checkout", "name: linked").as_bytes());
    std::os::unix::fs::symlink("../elsewhere/slo.yml", files.path().join("specs/linked.yaml"))
        .unwrap();
    std::os::unix::fs::symlink("../../outside.yaml", files.path().join("elsewhere/out.yaml"))
        .unwrap();
    fs::rename(files.path().join("sre.yaml"), files.path().join("specs/sre.yaml")).unwrap();
    files.git(&["add", "-A"]);
    files.git(&["add", "-f", "specs/draft.yaml"]);
    files.git(&["commit", "-qm", "oddities"]);
    // Below `specs`, where the settings are now.
    let run = |arguments: &[&str]| {
        Run::new(&["--specs", "specs", "diff"]).args(arguments.iter().copied()).within(&files)
    };
    let found = run(&["HEAD"]).json();
    assert_eq!(found["documents"], serde_json::json!([]), "{found:#}");
    let found = run(&["HEAD^", "HEAD", "--fail-on", "never"]).json();
    let names: Vec<&str> = found["objectives"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names[..2], ["kept", "linked"], "{found:#}");
}

#[test]
fn a_catalog_that_was_not_there() {
    let files = Files::new(&[("README.md", "nothing yet\n")]);
    files.git(&["init", "-q"]);
    commit(&files, "empty");
    let ran = diff(&files, &["HEAD", "HEAD"]);
    assert!(
        ran.stderr.starts_with("error: there is no catalog in `HEAD`, nor in `HEAD`\n"),
        "{ran:?}"
    );
    files.write(
        "specs/slo.yaml",
        SLO.replace("  alerting: paging\n", "").replace("    source: prom\n", "").as_bytes(),
    );
    let ran = diff(&files, &["-q", "--fail-on", "tightened"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("there is no catalog in `HEAD`\n", 1), "{ran:?}");
    assert!(ran.stdout.contains("99.9% per 30d: 43.2 min"), "{}", ran.stdout);
}

#[test]
fn what_cannot_be_compared() {
    let files = repository();
    let ran = diff(&files, &["nowhere..HEAD"]);
    assert_eq!(
        (ran.stderr.as_str(), ran.code),
        (
            "error: git knows no revision `nowhere`\n  \
             help: name a commit, a branch or a tag that is fetched here\n",
            2
        )
    );
    let ran = diff(&files, &["--output=x", "HEAD"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    edit(&files, "specs/rest.yaml", "target: 99%", "target: 99");
    commit(&files, "broken");
    edit(&files, "specs/rest.yaml", "target: 99", "target: 99%");
    let ran = diff(&files, &["main"]);
    assert!(ran.stderr.contains("main:specs/rest.yaml:22:31"), "{}", ran.stderr);
    assert!(
        ran.stderr.ends_with(
            "error: 1 error in `main`: what it means cannot be compared\n  help: mend it, or compare \
             with a revision that `sre validate` finds no errors in\n"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 2));
    assert_eq!(diff(&files, &["main^"]).code, 0);
    let outside = Files::new(&[("specs/slo.yaml", SLO)]);
    let ran = diff(&outside, &["HEAD"]);
    assert!(
        ran.stderr.contains("is in no git repository\n  help: name two folders instead"),
        "{}",
        ran.stderr
    );
    files.git(&["checkout", "-q", "--orphan", "other"]);
    commit(&files, "unrelated");
    let ran = diff(&files, &["main...other"]);
    assert!(
        ran.stderr.starts_with("error: `main` and `other` have no commit in common\n"),
        "{ran:?}"
    );
}

#[test]
fn a_shallow_clone_says_so() {
    let files = repository();
    files.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
    let clone = Files::new(&[]);
    let origin = format!("file://{}", files.path().display());
    clone.git(&["clone", "-q", "--depth", "1", &origin, "."]);
    let ran = diff(&clone, &["HEAD^..HEAD"]);
    assert!(
        ran.stderr.starts_with(
            "error: git knows no revision `HEAD^`, and this clone is shallow\n  help: fetch"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.code, 2);
}

#[test]
fn documents_of_other_tools_are_compared_by_what_they_mean() {
    let sloth = |objective: &str| {
        format!(
            "version: prometheus/v1\nservice: shop\nslos:\n  - name: up\n    objective: {objective}\n    sli:\n      \
             events:\n        error_query: sum(rate(errors[{{{{.window}}}}]))\n        total_query: \
             sum(rate(requests[{{{{.window}}}}]))\n    alerting:\n      name: Up\n"
        )
    };
    let files = Files::new(&[
        ("sre.yaml", "defaults: [{window: 30d}]\n"),
        ("specs/sloth.yaml", &sloth("99.9")),
    ]);
    files.git(&["init", "-q"]);
    commit(&files, "sloth");
    files.write("specs/sloth.yaml", sloth("99.5").as_bytes());
    let found = answer(&files, &[]);
    let objective = &found["objectives"][0];
    check_row(
        &row(&found, objective["name"].as_str().unwrap(), "target"),
        Some("99.9%"),
        Some("99.5%"),
        "loosened",
    );
    assert!(
        found["documents"].as_array().unwrap().iter().any(|one| one["dialect"].is_string()),
        "{found:#}"
    );
}

#[test]
fn a_comment_for_a_pull_request() {
    let files = repository();
    edit(&files, "specs/checkout.yaml", "99.9%", "99.5%");
    let ran = diff(&files, &["--format", "markdown"]);
    let expected = "\
## from `HEAD` to `work tree`

1 objective: 1 loosened

| Level | SLO | What | Before | After | Through |
| --- | --- | --- | --- | --- | --- |
| ! loosened | `checkout` | target | 99.9% | 99.5% | – |
| ! loosened | `checkout` | budget | 43.2 min per 30d | 216.0 min per 30d | – |

<details>
<summary>what follows for alerts and rules</summary>
";
    assert!(ran.stdout.starts_with(expected), "{}", ran.stdout);
    assert_eq!(
        ran.stdout.matches("<details>").count(),
        ran.stdout.matches("\n\n</details>\n").count(),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stderr, "");
}

#[test]
fn an_agreement_with_a_customer() {
    let files = repository();
    let sla = "apiVersion: sre/v1\nkind: SLA\nmetadata: {name: resellers}\nspec: {service: shop, target: 99.5%, period: month, time_zone: UTC}\n";
    files.write("specs/sla.yaml", sla.as_bytes());
    commit(&files, "promised");
    edit(&files, "specs/sla.yaml", "99.5%", "99%");
    let found = answer(&files, &[]);
    assert_eq!(found["level"], "breaking", "{found:#}");
    assert_eq!(found["objectives"], serde_json::json!([]));
    let text = diff(&files, &["-q"]);
    assert!(
        text.stdout.contains("1 document changed, and no objective with them"),
        "{}",
        text.stdout
    );
    assert_eq!(text.code, 1);
    edit(&files, "specs/sla.yaml", "99%", "99.9%");
    assert_eq!(answer(&files, &[])["level"], "changed");
}

#[test]
fn eighty_columns() {
    let files = repository();
    edit(&files, "specs/rest.yaml", "burn_rate: 14.4", "burn_rate: 10, minimum_events: 100");
    edit(&files, "specs/checkout.yaml", "99.9%", "99.5%");
    let ran = Run::new(&["diff", "--color", "never"])
        .within(&files)
        .env("LC_ALL", "C")
        .on_terminal(80)
        .go();
    assert!(
        ran.stdout.is_ascii() && ran.stdout.lines().all(|line| line.len() <= 80),
        "{}",
        ran.stdout
    );
}

/// Ten days of a hundred requests a minute: on the fifth day two hours in which every fifth fails, on the
/// eighth ten minutes in which all do. `slow` requests are one more in a hundred.
fn history() -> String {
    let mut text = String::from("time,good,failed,slow,total\n");
    let start = chrono::DateTime::parse_from_rfc3339("2026-03-01T00:00:00Z").unwrap();
    for minute in 0..14_400 {
        let failed = match minute {
            5760..5880 => 20,
            10_080..10_090 => 100,
            _ => 0,
        };
        let at = start + chrono::TimeDelta::minutes(minute);
        let at = at.format("%Y-%m-%dT%H:%M:%SZ");
        text.push_str(&format!("{at},{},{failed},{},100\n", 100 - failed, 1 + failed / 2));
    }
    text
}

/// A repository with a catalog that is measured by a file, which is not committed.
fn measured() -> Files {
    let catalog = "\
apiVersion: sre/v1
kind: DataSource
metadata: {name: counts}
spec: {files: {paths: [\"../data/counts.csv\"], format: csv, records: counts, step: 1m, time_column: time}}
---
apiVersion: sre/v1
kind: AlertPolicy
metadata: {name: paging}
spec: {tiers: [{severity: page, long: 1h, short: 5m, burn_rate: 14.4}]}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: up}
spec: {target: 99.9%, window: 30d, alerting: paging, sli: {source: counts, counts: {bad: failed, total: total}}}
";
    let files =
        Files::new(&[("sre.yaml", ""), ("specs/all.yaml", catalog), (".gitignore", "data/\n")]);
    files.git(&["init", "-q"]);
    commit(&files, "a catalog");
    files.write("data/counts.csv", history().as_bytes());
    files
}

#[test]
fn on_history_a_slack_alert_misses_what_the_old_one_told_of() {
    let files = measured();
    edit(&files, "specs/all.yaml", "burn_rate: 14.4", "burn_rate: 250");
    let found = answer(&files, &["--history", "-q"]);
    let history = &found["history"][0];
    assert_eq!((&history["slo"], &history["incidents"]), (&"up".into(), &2.into()), "{history:#}");
    let (before, after) = (&history["before"], &history["after"]);
    assert_eq!((&before["pages"], &before["missed"]), (&2.into(), &0.into()), "{history:#}");
    assert_eq!((&after["pages"], &after["missed"]), (&0.into(), &2.into()), "{history:#}");
    assert_eq!(before["noticed_after_seconds"], 300);
    assert_eq!(before["budget_events"], 4320);
    assert_eq!(history["from"], "2026-03-01T01:00:00Z");
    let text = diff(&files, &["--history", "-q"]).stdout;
    assert!(text.contains("\non history\n"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("up ") && line.contains("0 -> 2")), "{text}");
    let page = diff(&files, &["--data", "data/counts.csv", "-q", "--format", "markdown"]).stdout;
    assert!(page.contains("**on history**"), "{page}");
    // The same as the alerts by themselves would have said.
    let replay = Run::new(&["backtest", "up"]).within(&files).json();
    let pages = |replay: &Value| replay["items"][0]["policies"][0]["alerts"][0]["firings"].clone();
    assert_eq!(pages(&replay).as_array().map_or(0, Vec::len), 0, "{replay:#}");
    files.git(&["stash", "-q"]);
    let replay = Run::new(&["backtest", "up"]).within(&files).json();
    assert_eq!(pages(&replay).as_array().map_or(0, Vec::len), 2, "{replay:#}");
}

#[test]
fn on_history_another_indicator_is_measured_on_both_sides() {
    let files = measured();
    edit(&files, "specs/all.yaml", "bad: failed", "bad: slow");
    let found = answer(&files, &["--history", "-q"]);
    let history = &found["history"][0];
    // One in a hundred is slow at any time: ten times what the target allows, and below 14.4.
    assert_eq!(history["before"]["pages"], 2, "{history:#}");
    assert_eq!(history["after"]["pages"], 2, "{history:#}");
    assert_eq!(history["incidents"], 1, "all of it is one incident: {history:#}");
    check_row(&row(&found, "up", "indicator counts.bad"), Some("failed"), Some("slow"), "changed");
}

#[test]
fn a_history_that_is_not_there() {
    let files = measured();
    edit(&files, "specs/all.yaml", "99.9%", "99.5%");
    fs::remove_file(files.path().join("data/counts.csv")).unwrap();
    let ran = diff(&files, &["--history", "-q"]);
    assert!(ran.stdout.contains("up: not known: "), "{ran:?}");
    assert_eq!(ran.code, 2, "{ran:?}");
    let ran = diff(&files, &["--data", "nowhere.csv"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("error: `nowhere.csv` does not exist\n", 2));
    assert_eq!(answer(&files, &[])["history"], Value::Null);
}
