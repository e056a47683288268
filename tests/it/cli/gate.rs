//! `sre gate`.
use super::harness::{Files, NOW, Run};
use serde_json::Value;

/// Four days of a thousand orders each, `failed` of them in the last hour but one; `policy` is the
/// rest of the catalog. At 99 %, 40 may fail.
fn shop(failed: u32, policy: &str) -> Files {
    let mut csv = String::from("time,orders,failed\n");
    for hour in 0..100u32 {
        let failed = if hour == 98 { failed } else { 0 };
        csv += &format!(
            "2026-05-{:02}T{:02}:00:00Z,40,{failed}\n",
            1 + hour / 24,
            hour % 24,
            failed = failed.min(40)
        );
    }
    Files::new(&[
        (
            "specs/shop.yaml",
            "apiVersion: sre/v1
kind: DataSource
metadata: {name: orders, owner: shop}
spec: {files: {paths: [../orders.csv], records: counts}}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: checkout, owner: shop}
spec:
  target: 99.5%
  window: 100h
  policy: agreed
  alerting: {tiers: [{severity: page, long: 6h, short: 2h, burn_rate: 100}]}
  sli: {source: orders, counts: {bad: failed, total: orders}}
",
        ),
        (
            "specs/policy.yaml",
            &format!(
                "apiVersion: sre/v1
kind: ErrorBudgetPolicy
metadata: {{name: agreed, owner: shop}}
spec:
  states:
    - {{name: careful, when: {{remaining_below: 50%}}, actions: [notify, approval]}}
    - {{name: frozen, when: {{remaining_below: 0%}}, actions: [freeze]}}
{policy}"
            ),
        ),
        ("orders.csv", &csv),
    ])
}

fn gate(files: &Files, arguments: &[&str]) -> (Value, u8) {
    let run = || Run::new(&["gate", "-q"]).args(arguments.iter().copied()).within(files);
    (run().json(), run().go().code)
}

#[track_caller]
fn check(files: &Files, arguments: &[&str], decision: &str, code: u8) -> Value {
    let (answer, found) = gate(files, arguments);
    assert_eq!((answer["decision"].as_str().unwrap(), found), (decision, code), "{answer:#}");
    answer
}

#[test]
fn what_is_left_of_the_budget_decides() {
    // 20 of 4,000 may fail: 10 leave a half, 11 less, 20 nothing, 21 less than nothing.
    check(&shop(10, ""), &[], "allow", 0);
    check(&shop(11, ""), &[], "warn", 0);
    check(&shop(20, ""), &["--fail-on", "warn"], "warn", 1);
    let answer = check(&shop(21, ""), &[], "freeze", 1);
    let item = &answer["items"][0];
    assert_eq!(item["state"], "frozen");
    assert_eq!(item["actions"], serde_json::json!(["freeze"]));
    assert_eq!(item["reasons"][0], "-5.00% of the budget is left, below 0%");
    assert_eq!(item["inputs"]["total"], 4000);
    assert_eq!(item["states"][0]["truth"], "holds");
    check(&shop(21, ""), &["--fail-on", "never"], "freeze", 0);
}

#[test]
fn the_answer_reads_well() {
    Run::new(&["gate", "-q"]).within(&shop(21, "")).check(
        "\
freeze: changes wait, because of checkout

SLO       POLICY    LEFT  STATE   DECISION  WHY
checkout  agreed  -5.00%  frozen  ✗ freeze  -5.00% of the budget is left, below 0%

• checkout: only changes that make the service more reliable
",
        "",
        1,
    );
}

#[test]
fn an_objective_without_a_policy_has_the_default_one() {
    let files = shop(21, "");
    let text = files.read("specs/shop.yaml").replace("  policy: agreed\n", "");
    files.write("specs/shop.yaml", text.as_bytes());
    let answer = check(&files, &[], "freeze", 1);
    assert_eq!(answer["items"][0]["policy"], "default");
    assert_eq!(answer["items"][0]["state"], "overspent");
    // The settings may name another.
    files.write("specs/sre.yaml", b"defaults: [{policy: agreed}]\n");
    assert_eq!(check(&files, &[], "freeze", 1)["items"][0]["policy"], "agreed");
    files.write("specs/sre.yaml", b"defaults: [{policy: other}]\n");
    Run::new(&["gate", "-q"]).within(&files).check(
        "",
        "error: `other`, which the settings name as the policy of `checkout`, does not exist\n  \
         help: `sre list errorbudgetpolicy` shows what there is\n",
        2,
    );
}

#[test]
fn who_is_paged_does_not_change_unnoticed() {
    // 30 of 240 orders of the last six hours are 25 times what is allowed.
    let files = shop(30, "");
    let policy = "apiVersion: sre/v1
kind: ErrorBudgetPolicy
metadata: {name: agreed, owner: shop}
spec:
  states:
    - {name: paging, when: {alert_firing: page}, actions: [approval]}
    - {name: burning, when: {burn_rate_above: 24}, actions: [freeze]}
";
    files.write("specs/policy.yaml", policy.as_bytes());
    let answer = check(&files, &[], "freeze", 1);
    let item = &answer["items"][0];
    assert_eq!(item["state"], "burning");
    assert_eq!(item["states"][0]["truth"], "fails");
    assert_eq!(item["inputs"]["burn_rates"][0]["window"], "6h");
    assert_eq!(item["inputs"]["burn_rates"][0]["burn_rate"], 25);
    files.write("specs/policy.yaml", policy.replace("above: 24", "above: 25").as_bytes());
    check(&files, &[], "allow", 0);
}

#[test]
fn what_cannot_be_judged_is_no_decision_unless_the_policy_has_one() {
    let unknown = |more: &str| {
        let files = shop(0, more);
        files.write("orders.csv", b"time,orders,failed\n");
        files
    };
    check(&unknown(""), &[], "unknown", 4);
    check(&unknown(""), &["--fail-on", "never"], "unknown", 0);
    check(&unknown("  on_unknown: allow\n"), &[], "allow", 0);
    check(&unknown("  on_unknown: warn\n"), &[], "warn", 0);
    let answer = check(&unknown("  on_unknown: freeze\n"), &[], "freeze", 1);
    let item = &answer["items"][0];
    assert_eq!(item["possible_states"], serde_json::json!(["careful", "frozen"]));
    assert_eq!((&item["state"], &item["inputs"]), (&Value::Null, &Value::Null));
    assert_eq!(item["unknown"], "`orders` holds no records");
    assert_eq!(item["reasons"], serde_json::json!(["cannot be judged: `orders` holds no records"]));
    // A change that no freeze holds up need not wait for the measurements.
    check(&unknown("  exempt_changes: [security]\n"), &["--change", "security"], "warn", 0);
}

#[test]
fn a_missing_file_is_wrong_input_unless_the_policy_has_decided() {
    let files = shop(0, "");
    files.write(
        "specs/shop.yaml",
        files.read("specs/shop.yaml").replace("orders.csv", "x.csv").as_bytes(),
    );
    check(&files, &[], "unknown", 2);
    let more = files.read("specs/policy.yaml") + "  on_unknown: warn\n";
    files.write("specs/policy.yaml", more.as_bytes());
    check(&files, &[], "warn", 0);
}

#[test]
fn exemptions_turn_a_freeze_into_a_warning_until_they_end() {
    let exemption = |more: &str| {
        shop(
            21,
            &format!("  exemptions: [{{reason: tax law, ticket: T-1, approved_by: kim{more}}}]\n"),
        )
    };
    let answer = check(&exemption(", until: '2026-12-01T12:00:01Z'"), &[], "warn", 0);
    let item = &answer["items"][0];
    assert_eq!(item["policy_decision"], "freeze");
    assert_eq!(item["exemption"]["until"], "2026-12-01T12:00:01Z");
    assert_eq!(item["exemption"]["approved_by"], "kim");
    let answer = check(&exemption(&format!(", until: '{NOW}'")), &[], "freeze", 1);
    assert_eq!(answer["items"][0]["exemption"], Value::Null);
    assert_eq!(answer["items"][0]["ended_exemptions"][0]["ticket"], "T-1");
    // For others than this objective, or for other changes, it does not hold.
    check(&exemption(", until: '2027-01-01T00:00:00Z', slos: [checkout]"), &[], "warn", 0);
    let changes = exemption(", until: '2027-01-01T00:00:00Z', changes: [tax]");
    check(&changes, &[], "freeze", 1);
    check(&changes, &["--change", "security"], "freeze", 1);
    check(&changes, &["--change", "tax"], "warn", 0);
}

#[test]
fn glass_is_broken_with_a_reason_and_an_end_and_loudly() {
    let files = shop(21, "");
    let glass = |until: &str| {
        Run::new(&["gate", "-qq", "--break-glass", "INC-42", "--until", until]).within(&files)
    };
    let ran = glass("2026-12-02T12:00:00Z").go();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        ran.stderr,
        "warning: GLASS BROKEN for checkout until 2026-12-02T12:00:00Z: INC-42\n"
    );
    let answer = glass("2026-12-02T12:00:00Z").json();
    assert_eq!(answer["decision"], "allow");
    assert_eq!(answer["break_glass"]["used"], true);
    assert_eq!(answer["items"][0]["policy_decision"], "freeze");
    assert_eq!(answer["items"][0]["glass_broken"], true);
    glass("2026-12-02T12:00:01Z").check(
        "",
        "error: --until 2026-12-02T12:00:01Z lies too far ahead: `agreed` allows at most 1d\n  \
         help: name an earlier moment, or agree on an exemption in the policy\n",
        2,
    );
    assert_eq!(glass(NOW).go().code, 2);
    // One without the other is no use of it.
    let ran = Run::new(&["gate", "--break-glass", "INC-42"]).within(&files).go();
    assert_eq!(ran.code, 2, "{ran:?}");
    // A policy may forbid it.
    let files = shop(21, "  break_glass: {longest: 0s}\n");
    let ran = Run::new(&["gate", "--break-glass", "x", "--until", "2026-12-01T13:00:00Z"])
        .within(&files)
        .go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`agreed` does not allow to break glass"), "{}", ran.stderr);
}

#[test]
fn glass_that_need_not_be_broken_stays_whole() {
    let files = shop(0, "");
    let ran = Run::new(&["gate", "--break-glass", "x", "--until", "2026-12-01T13:00:00Z"])
        .within(&files)
        .go();
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("no glass was broken"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("GLASS BROKEN"), "{}", ran.stderr);
}

#[test]
fn a_chosen_stretch_of_time_is_refused() {
    let ran = Run::new(&["gate", "--from", "2026-05-01T00:00:00Z", "--to", "2026-05-02T00:00:00Z"])
        .within(&shop(0, ""))
        .go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--at INSTANT"), "{}", ran.stderr);
}

/// The shop with an objective over a day, of which five orders fail on the second of May, after six.
fn history() -> Files {
    let files = shop(0, "");
    let spec = files.read("specs/shop.yaml").replace("window: 100h", "window: 1d");
    files.write("specs/shop.yaml", spec.as_bytes());
    let csv =
        files.read("orders.csv").replace("2026-05-02T06:00:00Z,40,0", "2026-05-02T06:00:00Z,40,5");
    files.write("orders.csv", csv.as_bytes());
    files
}

#[test]
fn a_replay_says_when_changes_would_have_waited() {
    let files = history();
    Run::new(&["gate", "--replay", "-q"]).within(&files).check(
        "\
at the end of every day in UTC, changes would have waited for 1 of 1 objective

SLO       POLICY  JUDGED  ALLOW  WARN  UNKNOWN  FREEZE  TOO LITTLE HISTORY
checkout  agreed       4      3     0        0       1                   0

SLO       FROZEN FROM           UNTIL                 TIMES  STATE   WHY
checkout  2026-05-03 00:00 UTC  2026-05-04 00:00 UTC      1  frozen  -4.17% of the budget is left, below 0%
",
        "",
        0,
    );
    // Every six hours: the first three moments have less than a day behind them; the outage is in the
    // day before four of the others.
    let answer = Run::new(&["gate", "--replay", "--every", "6h", "-q"]).within(&files).json();
    let item = &answer["items"][0];
    assert_eq!((&item["judged"], &item["not_enough_history"]), (&13.into(), &3.into()));
    assert_eq!((&item["freeze"], &item["allow"]), (&4.into(), &9.into()));
    assert_eq!(item["freezes"][0]["from"], "2026-05-02T12:00:00Z");
    assert_eq!(item["freezes"][0]["until"], "2026-05-03T12:00:00Z");
    assert_eq!(item["freezes"].as_array().unwrap().len(), 1);
    // In Tokyo, days end at 15:00 UTC.
    let answer = Run::new(&["gate", "--replay", "--tz", "Asia/Tokyo", "-q"]).within(&files).json();
    let item = &answer["items"][0];
    assert_eq!(item["freezes"][0]["from"], "2026-05-02T15:00:00Z");
    assert_eq!(item["not_enough_history"], 1);
}

#[test]
fn a_replay_agrees_with_the_gate_of_each_day() {
    let files = history();
    for (day, decision) in [("02", "allow"), ("03", "freeze"), ("04", "allow"), ("05", "allow")] {
        let at = format!("2026-05-{day}T00:00:00Z");
        let (answer, _) = gate(&files, &["--at", &at]);
        assert_eq!(answer["decision"], decision, "{at}");
    }
}

#[test]
fn a_replay_without_enough_history_says_so() {
    let ran = Run::new(&["gate", "--replay", "-q"]).within(&shop(0, "")).go();
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("nothing can be judged"), "{}", ran.stdout);
    let ran = Run::new(&["gate", "--replay", "--every", "5m"]).within(&shop(0, "")).go();
    assert_eq!(ran.code, 2);
    let ran = Run::new(&["gate", "--replay", "--change", "x"]).within(&shop(0, "")).go();
    assert_eq!(ran.code, 2);
    let ran = Run::new(&["gate", "--every", "2d"]).within(&shop(0, "")).go();
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn a_policy_may_look_further_back_than_the_objective() {
    let files = history();
    let policy = "apiVersion: sre/v1
kind: ErrorBudgetPolicy
metadata: {name: agreed, owner: shop}
spec:
  states:
    - {name: burning, when: {burn_rate_above: 0.27, burn_window: 90h}, actions: [freeze]}
";
    files.write("specs/policy.yaml", policy.as_bytes());
    // Five of the 3,600 orders of ninety hours are 0.2777… times what is allowed.
    let answer = check(&files, &[], "freeze", 1);
    let rate = &answer["items"][0]["inputs"]["burn_rates"][0];
    assert_eq!(rate["burn_rate"].to_string(), "0.277777777778");
    files.write("specs/policy.yaml", policy.replace("0.27,", "0.28,").as_bytes());
    check(&files, &[], "allow", 0);
}

/// Whether a policy with these two conditions, the first before the second, hides the first.
fn hides(first: &str, second: &str) -> bool {
    let files = shop(0, "");
    let policy = format!(
        "apiVersion: sre/v1
kind: ErrorBudgetPolicy
metadata: {{name: agreed, owner: shop}}
spec:
  states:
    - {{name: first, when: {{{first}}}, actions: [freeze]}}
    - {{name: second, when: {{{second}}}, actions: [notify]}}
"
    );
    files.write("specs/policy.yaml", policy.as_bytes());
    let ran = Run::new(&["validate", "--format", "concise"]).within(&files).go();
    assert!(!ran.stdout.contains("error["), "{}", ran.stdout);
    ran.stdout.contains("EBP004")
}

#[test]
fn a_state_that_a_later_one_always_replaces_is_found() {
    assert!(hides("alert_firing: page", "alert_firing: ticket"));
    assert!(!hides("alert_firing: ticket", "alert_firing: page"));
    assert!(hides("exhausted_within: 1d", "exhausted_within: 7d"));
    assert!(!hides("exhausted_within: 7d", "exhausted_within: 1d"));
    // What is overspent is overspent within any time.
    assert!(hides("remaining_below: 0%", "exhausted_within: 1d"));
    assert!(!hides("remaining_below: 25%", "exhausted_within: 1d"));
    assert!(hides("burn_rate_above: 6", "burn_rate_above: 2, burn_window: 6h"));
    assert!(!hides("burn_rate_above: 6, burn_window: 1h", "burn_rate_above: 2"));
    assert!(!hides("burn_rate_above: 2", "burn_rate_above: 6"));
    let probability = |share: &str| format!("exhaustion_probability_above: {share}, within: 7d");
    assert!(hides(&probability("50%"), &probability("20%")));
    assert!(!hides(&probability("20%"), &probability("50%")));
    assert!(!hides(&probability("50%"), "exhaustion_probability_above: 20%"));
}
