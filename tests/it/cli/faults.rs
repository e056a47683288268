//! What goes wrong at the edges of commands is said, and not passed over.
use super::harness::{Files, Run};
use std::path::Path;

const SPEC: &str = "apiVersion: sre/v1
kind: SLO
metadata: {name: shop, owner: shop}
spec:
  target: 80%
  window: 30d
  alerting:
    tiers:
      - {severity: page, long: 1h, short: 5m, burn_rate: 14.4}
      - {severity: ticket, long: 6h, short: 30m, burn_rate: 6}
      - {severity: ticket, long: 3d, short: 6h, burn_rate: 1}
  sli: {prometheus: {good: good_total, total: all_total}}
";

#[test]
fn every_tier_that_can_never_fire_is_told_with_its_arithmetic() {
    let other = SPEC.replace("name: shop,", "name: other,");
    let files = Files::new(&[("specs/a.yaml", &other), ("specs/b.yaml", SPEC)]);
    let ran = Run::new(&["export", "prometheus"]).within(&files).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    for slo in ["other", "shop"] {
        for (tier, arithmetic) in [
            ("page-1h", "burn rate 14.4 × error budget 20% = 288% of events"),
            ("ticket-6h", "burn rate 6 × error budget 20% = 120% of events"),
        ] {
            let sentence = format!("`{tier}` of `{slo}` can never fire: {arithmetic}");
            assert!(ran.stderr.contains(&sentence), "{ran:?}");
        }
        assert!(!ran.stderr.contains("ticket-3d"), "{ran:?}");
    }
    assert!(ran.stderr.contains("specs/a.yaml:3:18: "), "{ran:?}");
    assert!(ran.stderr.contains("error: 4 alert tiers of which no rule can be made"), "{ran:?}");
    // One alone is the error itself.
    files.write("specs/b.yaml", b"");
    files.write("specs/a.yaml", other.replace("burn_rate: 6}", "burn_rate: 2}").as_bytes());
    let ran = Run::new(&["export", "prometheus"]).within(&files).go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("error: specs/a.yaml:3:18: `page-1h` of `other`"), "{ran:?}");
}

#[test]
fn tiers_whose_alerts_nothing_tells_apart_make_no_rules() {
    let spec = SPEC
        .replace("80%", "99%")
        .replace("ticket, long: 6h, short: 30m", "page, long: 1h, short: 10m");
    let files = Files::new(&[("specs/a.yaml", &spec)]);
    let ran = Run::new(&["export", "prometheus"]).within(&files).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    assert!(ran.stderr.contains("two tiers of `shop` are called `page-1h`"), "{ran:?}");
    assert!(ran.stderr.contains("give one of the two a `name` of its own"), "{ran:?}");
    files.write(
        "specs/a.yaml",
        spec.replace(
            "{severity: page, long: 1h, short: 10m",
            "{name: slower, severity: page, long: 1h, short: 10m",
        )
        .as_bytes(),
    );
    let ran = Run::new(&["export", "prometheus"]).within(&files).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("slo_tier: slower"), "{ran:?}");
}

#[test]
fn folders_without_a_document_are_no_success() {
    let files = Files::new(&[("notes/readme.txt", "nothing"), ("more/.hidden.yaml", "a: 1")]);
    let ran = Run::new(&["validate", "notes"]).within(&files).go();
    assert_eq!(ran.code, 2, "{ran:?}");
    let sentence = "the folder `notes` holds no document: nothing was checked";
    assert!(ran.stderr.contains(sentence), "{ran:?}");
    let ran = Run::new(&["validate", "notes", "more", "--format", "json"]).within(&files).go();
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("the folders `notes`, `more` hold no document"), "{ran:?}");
    // One that holds something is enough, and so is something of another language.
    files.write("specs/a.yaml", SPEC.as_bytes());
    files.write("other/pod.yaml", b"apiVersion: v1\nkind: Pod\n");
    for folder in ["specs", "other"] {
        let ran =
            Run::new(&["validate", "notes", folder, "--fail-on", "never"]).within(&files).go();
        assert_eq!(ran.code, 0, "{folder}: {ran:?}");
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_are_called_so() {
    use std::os::unix::fs::symlink;
    let files = Files::new(&[("specs/a.yaml", SPEC)]);
    let link = |from: &str, to: &str| symlink(Path::new(to), files.path().join(from)).unwrap();
    link("loop.yaml", "pool.yaml");
    link("pool.yaml", "loop.yaml");
    link("dead.yaml", "nothing.yaml");
    for (arguments, why) in [
        (["validate", "loop.yaml"], "`loop.yaml` is a link that leads back to itself"),
        (["validate", "dead.yaml"], "`dead.yaml` is a link to something that does not exist"),
        (["validate", "none.yaml"], "`none.yaml` does not exist"),
        (["fmt", "loop.yaml"], "`loop.yaml` is a link that leads back to itself"),
        (["budget", "--data=loop.yaml"], "`loop.yaml` is a link that leads back to itself"),
    ] {
        let ran = Run::new(&arguments).within(&files).go();
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(why), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn names_that_no_label_has_are_refused() {
    let files = Files::new(&[]);
    let config = "route: {receiver: a}\nreceivers: [{name: a}]\n";
    let route = |label: &str| {
        Run::new(&["route", "--config", "-", label]).stdin(config).within(&files).go()
    };
    let ran = route("1a=x");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("`1a` is no name of a label"), "{ran:?}");
    assert_eq!(route("a:b=x").code, 2);
    // What stands in quotes is meant so, and the configuration came from standard input.
    for label in ["team=x", "\"1a\"=x"] {
        let ran = route(label);
        assert_eq!(ran.code, 0, "{label}: {ran:?}");
    }
    let ran = Run::new(&["route", "--config", "-", "team=x"]).stdin("route: 1\n").within(&files);
    let ran = ran.go();
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("<stdin>"), "{ran:?}");
}

#[test]
fn a_configuration_keeps_the_ends_of_its_lines() {
    let base = "# Ours.\nroute:\n  receiver: a\nreceivers:\n  - name: a\n";
    let spec = SPEC.replace("80%", "99%");
    let files = Files::new(&[("specs/a.yaml", &spec), ("unix.yml", base)]);
    files.write("windows.yml", base.replace('\n', "\r\n").as_bytes());
    let merged = |name: &str| {
        let ran = Run::new(&["export", "alertmanager", "--base", name]).within(&files).go();
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.stdout
    };
    let (unix, windows) = (merged("unix.yml"), merged("windows.yml"));
    assert!(!unix.contains('\r') && unix.len() > base.len());
    assert_eq!(windows, unix.replace('\n', "\r\n"));
    // What is merged in again is found again.
    files.write("again.yml", windows.as_bytes());
    assert_eq!(merged("again.yml"), windows);
}

#[test]
fn losses_fit_on_the_terminal() {
    let openslo = "apiVersion: openslo/v1
kind: SLO
metadata: {name: shop}
spec:
  service: shop
  indicator:
    metadata: {name: answers}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {metricSourceRef: nowhere, type: Prometheus, spec: {query: good_total}}}
        total: {metricSource: {type: Prometheus, spec: {query: all_total}}}
  budgetingMethod: Occurrences
  timeWindow: [{duration: 28d, isRolling: true}]
  objectives: [{displayName: Good, target: 0.99}]
";
    let files = Files::new(&[("openslo.yaml", openslo)]);
    let run = || Run::new(&["import", "openslo.yaml"]).within(&files);
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap();
    for columns in [72, 80, 150] {
        let ran = run().with_errors_on_terminal(columns).go();
        assert_eq!(ran.code, 1);
        let widest = widest(&ran.stderr);
        assert!(columns - 30 < widest && widest <= columns, "{columns}: {}", ran.stderr);
    }
    // A source that is nowhere is left out, so that what is written stands for itself.
    let ran = run().args(["--allow-loss"]).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.stdout.contains("nowhere"), "{ran:?}");
    files.write("ours/shop.yaml", ran.stdout.as_bytes());
    let ran = Run::new(&["validate", "ours", "--format", "concise"]).within(&files).go();
    assert_eq!(ran.code, 0, "{ran:?}");
}
