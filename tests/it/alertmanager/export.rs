//! `sre export alertmanager` and `sre route`: what amtool says of what we write, and what we answer.
use super::{complaint, receivers};
use crate::{
    cli::harness::{Files, Run},
    servers::installed,
};
use serde_json::Value;

/// Two teams, a maintenance that returns, one that needs its dates, one that is over.
const CATALOG: &str = r"
apiVersion: sre/v1
kind: Service
metadata: {name: checkout, owner: orders}
spec: {tier: 1}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: checkout-availability}
spec: {service: checkout, target: 99.9%, window: 30d, group_by: [region], sli: {category: availability, prometheus: {good: 'ok', total: 'all'}}}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: checkout-latency, owner: web.team}
spec: {service: checkout, target: 99%, window: 30d, threshold: 300ms, sli: {category: latency, prometheus: {good: 'ok', total: 'all'}}, alerting: slow}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: orphan}
spec: {target: 99%, window: 30d, sli: {category: availability, prometheus: {good: 'ok', total: 'all'}}}
---
apiVersion: sre/v1
kind: AlertPolicy
metadata: {name: slow}
spec:
  tiers:
    - {name: page-6h, severity: page, long: 2h, short: 5m, burn_rate: 14}
    - {name: page-1h, severity: page, long: 12h, short: 1h, burn_rate: 6}
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {name: sundays}
spec:
  slos: [checkout-availability, checkout-latency]
  mode: exclude
  recurrence: {start: '2026-01-04T04:00:00+01:00', duration: 2h, rule: 'FREQ=WEEKLY;BYDAY=SU', time_zone: Europe/Berlin}
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {name: over}
spec: {slos: [orphan], mode: exclude, interval: {from: '2026-01-04T04:00:00Z', to: '2026-01-04T05:00:00Z'}}
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {name: outage}
spec: {slos: [orphan], mode: bad, interval: {from: '2027-01-04T04:00:00Z', to: '2027-01-04T05:00:00Z'}}
";

const FORTNIGHTLY: &str = r"
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {name: fortnightly}
spec:
  slos: [orphan]
  mode: good
  recurrence: {start: '2026-01-04T23:00:00Z', duration: 3h, rule: 'FREQ=WEEKLY;INTERVAL=2'}
";

fn catalog(more: &str) -> Files {
    Files::new(&[("sre.yaml", ""), ("a.yaml", &format!("{CATALOG}{more}"))])
}

fn export(files: &Files, arguments: &[&str]) -> String {
    let arguments = [&["export", "alertmanager", "-q"], arguments].concat();
    let ran = Run::new(&arguments).within(files).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

/// Every alert of the catalog, with our answer and amtool's.
fn compare(files: &Files, config: &str) -> Vec<(String, String)> {
    let answer = Run::new(&["route", "--config", config]).within(files).json();
    let items = answer["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| {
            let labels: Vec<(String, String)> = serde_json::from_value::<
                std::collections::BTreeMap<String, String>,
            >(item["labels"].clone())
            .unwrap()
            .into_iter()
            .collect();
            let deliveries = item["deliveries"].as_array().unwrap();
            let ours: Vec<&str> =
                deliveries.iter().map(|one| one["receiver"].as_str().unwrap()).collect();
            assert_eq!(ours, receivers(&files.path().join(config), &labels));
            (format!("{} {}", item["slo"], item["tier"]).replace('"', ""), ours.join(","))
        })
        .collect()
}

#[test]
fn alerts_reach_who_answers_for_the_objective() {
    if !installed(&["amtool"]) {
        return;
    }
    let files = catalog("");
    files.write("am.yml", export(&files, &[]).as_bytes());
    assert_eq!(complaint(&files.path().join("am.yml")), None);
    let found = compare(&files, "am.yml");
    let expected = [
        ("checkout-availability page-1h", "orders-page"),
        ("checkout-availability page-6h", "orders-page"),
        ("checkout-availability ticket-1d", "orders-ticket"),
        ("checkout-availability ticket-3d", "orders-ticket"),
        ("checkout-availability budget-exhausted", "orders-ticket"),
        ("checkout-availability sli-absent", "orders-ticket"),
        ("checkout-latency page-6h", "web.team-page"),
        ("checkout-latency page-1h", "web.team-page"),
        ("checkout-latency budget-exhausted", "web.team-ticket"),
        ("checkout-latency sli-absent", "web.team-ticket"),
        ("orphan page-1h", "default"),
        ("orphan page-6h", "default"),
        ("orphan ticket-1d", "default"),
        ("orphan ticket-3d", "default"),
        ("orphan budget-exhausted", "default"),
        ("orphan sli-absent", "default"),
    ];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(alert, who)| ((*alert).to_owned(), (*who).to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_configuration_that_is_there_keeps_its_routes_and_comments() {
    if !installed(&["amtool"]) {
        return;
    }
    let base = "# Ours.\nroute:\n  receiver: ops\n  routes:\n  # Always.\n  - matchers: [alertname=\"Watchdog\"]\n    \
                receiver: dead\nreceivers:\n- name: ops\n- name: dead\n- name: orders-page\n  \
                webhook_configs: [{url: 'http://127.0.0.1:1/'}]\n";
    let files = catalog("");
    files.write("am.yml", base.as_bytes());
    for _ in 0..2 {
        export(&files, &["--base", "am.yml", "-o", "am.yml"]);
        let text = files.read("am.yml");
        let mut lines = text.lines();
        assert!(base.lines().all(|line| lines.any(|found| found == line)), "{text}");
        assert_eq!(text.matches("orders-ticket").count(), 2, "{text}");
        assert_eq!(complaint(&files.path().join("am.yml")), None);
    }
    assert!(compare(&files, "am.yml").contains(&("orphan page-1h".to_owned(), "ops".to_owned())));
    let watchdog = [("alertname".to_owned(), "Watchdog".to_owned())];
    assert_eq!(receivers(&files.path().join("am.yml"), &watchdog), ["dead"]);
}

fn states(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| item["deliveries"][0]["state"].as_str().unwrap()).collect()
}

#[test]
fn maintenance_and_other_alerts_keep_silent() {
    let files = catalog("");
    let ask = |slo: &str, more: &[&str]| {
        let arguments = [&["route", "--slo", slo, "--now", "2026-05-01T00:00:00Z"], more].concat();
        Run::new(&arguments).within(&files).json()
    };
    // A Sunday in summer: 04:00 in Berlin is 02:00 UTC.
    let muted = ask("checkout-latency", &["--at", "2026-07-05T03:00:00Z"]);
    assert_eq!(states(&muted), ["muted"; 4]);
    assert_eq!(muted["items"][0]["deliveries"][0]["told_at"], "2026-07-05T04:00:30Z");
    let after = ask("checkout-latency", &["--at", "2026-07-05T04:00:00Z"]);
    assert_eq!(states(&after), ["told"; 4]);
    // Policies disagree about which of two names is the faster tier; each objective has its own order.
    let fast = "--firing=sloth_id=checkout-latency,sloth_severity=page,slo_tier=page-6h";
    let silent = ask("checkout-latency", &["--at", "2026-07-06T03:00:00Z", fast]);
    assert_eq!(states(&silent), ["told", "inhibited", "inhibited", "inhibited"]);
    let regions = [
        "--at",
        "2026-07-06T03:00:00Z",
        "--firing",
        "sloth_id=checkout-availability,sloth_severity=page,region=eu",
    ];
    let other = ask("checkout-availability", &regions);
    assert_eq!(states(&other), ["told"; 6], "another region");
    let same = "sloth_id=checkout-availability,sloth_severity=ticket,slo_tier=ticket-1d,region=eu";
    let page =
        "--firing=sloth_id=checkout-availability,sloth_severity=page,slo_tier=page-1h,region=eu";
    let ran = Run::new(&["route", "sloth_severity=ticket", same, page]).within(&files).json();
    assert_eq!(states(&ran), ["inhibited"]);
}

#[test]
fn a_maintenance_beyond_the_horizon_is_a_loss() {
    let files = catalog(FORTNIGHTLY);
    let ran = Run::new(&["export", "alertmanager"]).within(&files).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("spec.recurrence.rule"), "{}", ran.stderr);
    assert!(ran.stderr.contains("a.yaml:"), "{}", ran.stderr);
    let text = export(&files, &["--allow-loss", "--mute-ahead", "60d"]);
    assert!(text.contains("months: ['1']\n      years: ['2027']"), "{text}");
    assert!(!text.contains("months: ['2']"), "{text}");
    if installed(&["amtool"]) {
        files.write("am.yml", text.as_bytes());
        assert_eq!(complaint(&files.path().join("am.yml")), None);
    }
}

#[test]
fn the_exit_code_says_whether_it_is_as_expected() {
    let files = catalog("");
    files.write(
        "am.yml",
        b"route: {receiver: a, routes: [{match: {team: x}, receiver: b}]}\nreceivers: [{name: a, slack_configs: [{}]}, {name: b}]\n",
    );
    let code = |arguments: &[&str]| {
        Run::new(&[&["route", "--config", "am.yml"], arguments].concat()).within(&files).go().code
    };
    assert_eq!(code(&["team=y", "--expect", "a", "--fail-on", "silent"]), 0);
    assert_eq!(code(&["team=x", "--expect", "a"]), 1);
    assert_eq!(code(&["team=x"]), 0);
    assert_eq!(code(&["team=x", "--fail-on", "nobody"]), 1);
    assert_eq!(code(&["team!=x"]), 2);
    assert_eq!(code(&["team"]), 2);
    files.write("am.yml", b"route: {reciever: a}\nreceivers: [{name: a}]\n");
    let ran = Run::new(&["route", "--config", "am.yml", "a=b"]).within(&files).go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("did you mean `receiver`?"), "{}", ran.stderr);
}
