//! `sre burn`, and `sre status`.
use super::harness::Run;

#[test]
fn says_which_tiers_fire() {
    let ran = Run::new(&["burn", "checkout-availability", "-q"]).go();
    assert_eq!(ran.code, 1);
    assert!(
        ran.stdout.contains("page    1h/5m         14.4  31.8   46.9  ✗ firing"),
        "{}",
        ran.stdout
    );
    let answer = Run::new(&["burn", "checkout-availability"]).json();
    assert_eq!(answer["schema"], "sre/burn@1");
    let item = &answer["items"][0];
    assert_eq!(item["alert_policy"], "paging-alerts");
    let states: Vec<&str> = item["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tier| tier["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["firing", "firing", "rising", "rising"]);
    assert_eq!(item["alerts"][0]["threshold"], 14.4);
}

#[test]
fn the_name_of_the_policy_is_told() {
    let policy = |slo: &str| Run::new(&["burn", slo]).json()["items"][0]["alert_policy"].clone();
    assert_eq!(policy("storefront-latency"), "workbook");
    assert_eq!(policy("database-availability"), "hourly-alerts");
    assert_eq!(policy("search-freshness"), serde_json::Value::Null);
}

#[test]
fn severities_from_which_it_fails() {
    let code =
        |arguments: &[&str]| Run::new(&["burn", "-q"]).args(arguments.iter().copied()).go().code;
    assert_eq!(code(&["storefront-latency"]), 1);
    assert_eq!(code(&["storefront-latency", "--fail-on", "page"]), 0);
    assert_eq!(code(&["checkout-availability", "--fail-on", "page"]), 1);
    assert_eq!(code(&["checkout-availability", "--fail-on", "never"]), 0);
    assert_eq!(code(&["database-availability"]), 0);
    assert_eq!(Run::new(&["budget", "storefront-latency", "--fail-on", "burning"]).go().code, 1);
}

#[test]
fn status_shows_everything_and_never_fails() {
    let ran = Run::new(&["status", "-q"]).go();
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout
            .starts_with("41 documents, no problems; 9 objectives: 1 exhausted, 2 burning, 6 ok\n"),
        "{}",
        ran.stdout
    );
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[3].contains("search-freshness"), "the worst stands first: {}", lines[3]);
}

/// Nothing that a terminal of 80 columns shows is wider, and the state stays.
#[test]
fn fits_terminals() {
    for command in ["status", "burn", "budget", "list"] {
        for columns in [80, 120] {
            let ran = Run::new(&[command, "-q", "--color", "never"]).on_terminal(columns).go();
            for line in ran.stdout.lines() {
                assert!(line.chars().count() <= columns, "{command} at {columns}: {line}");
            }
            assert!(command == "list" || ran.stdout.contains('✓'), "{command}: {}", ran.stdout);
        }
    }
}

#[test]
fn locales_without_unicode_get_ascii() {
    for command in ["status", "burn", "budget", "list"] {
        let ran = Run::new(&[command, "-q"]).env("LC_ALL", "C").on_terminal(100).go();
        assert!(ran.stdout.is_ascii() || ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
        let plain = Run::new(&[command, "-q", "--color", "never"]).env("LC_ALL", "C").go();
        assert!(plain.stdout.is_ascii(), "{}", plain.stdout);
    }
}
