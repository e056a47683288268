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

/// The shop with other lines in its objective and more documents.
fn with(files: &Files, from: &str, to: &str, more: &str) {
    let spec = files.read("specs/shop.yaml");
    assert!(spec.contains(from), "{spec}");
    files.write("specs/shop.yaml", (spec.replace(from, to) + more).as_bytes());
}

#[test]
fn the_adjusted_budget_decides_and_the_answer_says_so() {
    let files = shop(21, "");
    // Eleven hours of the failed ones are left out: all of them.
    let adjustment = |mode: &str| {
        format!(
            "---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {{name: provider, owner: shop}}
spec:
  slos: [checkout]
  mode: {mode}
  interval: {{from: '2026-05-05T00:00:00Z', to: '2026-05-05T04:00:00Z'}}
"
        )
    };
    with(&files, "metadata", "metadata", &adjustment("exclude"));
    let answer = check(&files, &[], "allow", 0);
    let inputs = &answer["items"][0]["inputs"];
    assert_eq!((&inputs["good"], &inputs["total"]), (&3840.into(), &3840.into()));
    assert_eq!(
        (&inputs["remaining_ratio"], &inputs["adjustments"][0]),
        (&1.into(), &"provider".into())
    );
    assert_eq!(inputs["remaining_ratio_as_measured"].to_string(), "-0.05");
    let ran = Run::new(&["gate", "-q"]).within(&files).go();
    let said = "checkout: judged with provider; without, -5.00% of the budget is left";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    // And where all of it counts as bad, it decides as well.
    let files = shop(0, "");
    with(&files, "metadata", "metadata", &adjustment("bad"));
    assert_eq!(check(&files, &[], "freeze", 1)["items"][0]["inputs"]["good"], 3840);
}

#[test]
fn windows_are_told_apart_and_the_worst_decides() {
    // 11 failed of the last day are too many for it, and not for a hundred hours.
    let files = shop(11, "");
    with(&files, "window: 100h", "windows: [100h, 1d]", "");
    let answer = check(&files, &[], "freeze", 1);
    let items = answer["items"].as_array().unwrap();
    let found: Vec<_> =
        items.iter().map(|item| (&item["window"]["length"], &item["decision"])).collect();
    assert_eq!(found, [(&"4d4h".into(), &"warn".into()), (&"1d".into(), &"freeze".into())]);
    Run::new(&["gate", "-q"]).within(&files).check(
        "\
freeze: changes wait, because of checkout over 1d

SLO       WINDOW  POLICY      LEFT  STATE    DECISION  WHY
checkout  4d4h    agreed    45.00%  careful  ! warn    45.00% of the budget is left, below 50%
checkout  1d      agreed  -129.17%  frozen   ✗ freeze  -129.17% of the budget is left, below 0%

• checkout over 4d4h: tell people; changes need an approval
• checkout over 1d: only changes that make the service more reliable
",
        "",
        1,
    );
}

#[test]
fn groups_are_told_apart() {
    let files = shop(0, "");
    let begin = 1_777_593_600; // 2026-05-01T00:00:00Z
    let mut samples = String::new();
    for (region, at_last) in [("north", 0), ("south", 30)] {
        for hour in 0..=100 {
            let at = begin + hour * 3600;
            samples += &format!("orders_total{{region=\"{region}\"}} {} {at}\n", hour * 40);
        }
        for hour in 0..=100 {
            let failed = if hour == 100 { at_last } else { 0 };
            let at = begin + hour * 3600;
            samples += &format!("failed_total{{region=\"{region}\"}} {failed} {at}\n");
        }
    }
    files.write("orders.txt", samples.as_bytes());
    with(
        &files,
        "paths: [../orders.csv], records: counts",
        "paths: [../orders.txt], format: openmetrics",
        "",
    );
    with(
        &files,
        "counts: {bad: failed, total: orders}",
        "prometheus: {bad: failed_total, total: orders_total}",
        "",
    );
    // Together, 30 of 8,000 are within what is allowed.
    check(&files, &[], "warn", 0);
    with(&files, "  window: 100h", "  window: 100h\n  group_by: [region]", "");
    let answer = check(&files, &[], "freeze", 1);
    let items = answer["items"].as_array().unwrap();
    let found: Vec<_> =
        items.iter().map(|item| (&item["group"]["region"], &item["decision"])).collect();
    assert_eq!(found, [(&"north".into(), &"allow".into()), (&"south".into(), &"freeze".into())]);
    let ran = Run::new(&["gate", "-q"]).within(&files).go();
    assert!(ran.stdout.contains("region=south"), "{}", ran.stdout);
    assert!(ran.stdout.contains("because of checkout{region=\"south\"}\n"), "{}", ran.stdout);
    let ran = Run::new(&["gate", "-q", "--format", "openmetrics"]).within(&files).go();
    let sample = "sre_gate_decision{slo=\"checkout\",window=\"4d4h\",group_region=\"south\",policy=\"agreed\"} 2\n";
    assert!(ran.stdout.contains(sample), "{}", ran.stdout);
    // With several windows both tell rows and sentences apart, on a narrow terminal as well.
    let windows = "windows: [1d, 30d, {calendar: month, time_zone: UTC}]";
    with(&files, "window: 100h", windows, "");
    let narrow = || Run::new(&["gate", "-q"]).within(&files).on_terminal(80).env("NO_COLOR", "1");
    let shown = narrow().go().stdout;
    let head = shown.lines().find(|line| line.starts_with("SLO ")).unwrap();
    assert!(head.contains("GROUP") && head.contains("WINDOW"), "{shown}");
    for window in ["1d", "30d", "month"] {
        let row = |line: &str| line.contains("region=south") && line.contains(window);
        assert!(shown.lines().any(row), "{window}: {shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    assert!(shown.contains("• checkout{region=\"south\"} over 1d: "), "{shown}");
    let replayed = narrow().args(["--replay"]).go().stdout;
    assert!(replayed.lines().any(|line| line.contains("GROUP") && line.contains("WINDOW")));
    // Where nothing can be read, each bullet says of what.
    files.write("orders.txt", b"");
    let replayed = Run::new(&["gate", "-q", "--replay"]).within(&files).go().stdout;
    for window in ["1d", "30d", "month"] {
        assert!(replayed.contains(&format!(" over {window}: ")), "{replayed}");
    }
}

#[test]
fn calendar_windows_are_replayed_as_the_gate_saw_them() {
    let files = shop(0, "");
    // Nine weeks of 40 orders an hour from 2026-03-02 on; twelve bad hours on 10 April.
    let start: chrono::DateTime<chrono::Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
    let mut csv = String::from("time,orders,failed\n");
    for hour in 0..63 * 24 {
        let at = start + chrono::TimeDelta::hours(hour);
        let bad = at.format("%m-%dT%H").to_string().starts_with("04-10T") && hour % 24 < 12;
        csv += &format!("{},40,{}\n", at.format("%Y-%m-%dT%H:%M:%SZ"), if bad { 14 } else { 0 });
    }
    files.write("orders.csv", csv.as_bytes());
    let month = "window: {calendar: month, time_zone: Europe/Berlin}";
    with(&files, "window: 100h", month, "");
    let replay =
        Run::new(&["gate", "--replay", "-q", "--tz", "Europe/Berlin"]).within(&files).json();
    let item = &replay["items"][0];
    assert_eq!(item["window"], "month");
    // 168 of the 144 that April may lose: from then on until a new month has a budget of its own. In the
    // moment in which April ends, it is April that is seen.
    assert_eq!(item["freezes"].as_array().unwrap().len(), 1, "{item:#}");
    assert_eq!(item["freezes"][0]["from"], "2026-04-10T22:00:00Z");
    assert_eq!(item["freezes"][0]["until"], "2026-05-01T22:00:00Z");
    assert_eq!(item["freezes"][0]["moments"], 21);
    // All of March lacks its first day, and is judged at the end of no day.
    assert_eq!(item["not_enough_history"], 30);
    for (at, decision) in [
        ("2026-04-09T22:00:00Z", "allow"),
        ("2026-04-10T08:00:00Z", "warn"),
        ("2026-04-10T22:00:00Z", "freeze"),
        ("2026-04-30T22:00:00Z", "freeze"),
        ("2026-05-01T22:00:00Z", "allow"),
    ] {
        let (answer, _) = gate(&files, &["--at", at]);
        assert_eq!(answer["decision"], decision, "{at}");
    }
    let answer = check(&files, &["--at", "2026-04-10T08:00:00Z"], "warn", 0);
    assert_eq!(answer["items"][0]["inputs"]["expected_total"], 28_800);
}

#[test]
fn a_probability_decides_where_there_is_a_week_of_history() {
    let likely = |days: u32, bad: u32, within: &str| {
        let files = shop(0, "");
        let start: chrono::DateTime<chrono::Utc> = "2026-05-01T00:00:00Z".parse().unwrap();
        let mut csv = String::from("time,orders,failed\n");
        for hour in 0..i64::from(days) * 24 {
            let at = start + chrono::TimeDelta::hours(hour);
            // The last three days fail at a rate that the budget of two weeks does not bear for long.
            let failed = if hour >= i64::from(days - 3) * 24 { bad } else { 0 };
            csv += &format!("{},400,{failed}\n", at.format("%Y-%m-%dT%H:%M:%SZ"));
        }
        files.write("orders.csv", csv.as_bytes());
        with(&files, "window: 100h", "window: 14d", "");
        let policy = format!(
            "apiVersion: sre/v1
kind: ErrorBudgetPolicy
metadata: {{name: agreed, owner: shop}}
spec:
  states:
    - {{name: likely, when: {{exhaustion_probability_above: 50%{within}}}, actions: [freeze]}}
"
        );
        files.write("specs/policy.yaml", policy.as_bytes());
        files
    };
    let week = ", within: 7d";
    let item = |answer: &Value| answer["items"][0]["states"][0]["conditions"][0].clone();
    let calm = item(&check(&likely(28, 0, week), &[], "allow", 0));
    assert_eq!((&calm["value"], &calm["window"]), (&0.into(), &"1w".into()));
    let spent = item(&check(&likely(28, 10, week), &[], "freeze", 1));
    assert!(spent["value"].as_f64().unwrap() > 0.5, "{spent}");
    assert!(
        spent["sentence"].as_str().unwrap().starts_with("empty within 1w with a probability of")
    );
    // Without `within`, the window; and a time beyond it is looked at as well.
    let own = item(&check(&likely(28, 10, ""), &[], "freeze", 1));
    assert_eq!(own["window"], "2w");
    let far = item(&check(&likely(28, 0, ", within: 30d"), &[], "allow", 0));
    assert_eq!(far["value"], 0);
    // The same of a calendar window is about the rest of its period, three days here, and says so;
    // 30 days that roll have the same nominal length, and a policy of their own.
    let month = |bad: u32, within: &str| {
        let files = likely(28, bad, within);
        with(&files, "window: 14d", "windows: [30d, {calendar: month, time_zone: UTC}]", "");
        files
    };
    let (calm, _) = gate(&month(0, ""), &[]);
    let of = |answer: &Value, at: usize| answer["items"][at]["states"][0]["conditions"][0].clone();
    assert_eq!(of(&calm, 0)["window"], "30d");
    assert_eq!((&of(&calm, 1)["window"], &of(&calm, 1)["value"]), (&Value::Null, &0.into()));
    let (spent, _) = gate(&month(200, ""), &[]);
    let sentence = of(&spent, 1)["sentence"].as_str().unwrap().to_owned();
    let begins = "empty by the end of the period with a probability of";
    assert!(sentence.starts_with(begins), "{sentence}");
    // Beyond the end there is nothing more to come.
    let (beyond, _) = gate(&month(200, ", within: 60d"), &[]);
    assert_eq!(of(&beyond, 1)["value"], of(&spent, 1)["value"]);
    assert_eq!(of(&beyond, 1)["window"], "60d");
    // When the period ends it is known.
    for (bad, decision) in [(0, "allow"), (200, "freeze")] {
        let files = likely(31, bad, "");
        with(&files, "window: 14d", "window: {calendar: month, time_zone: UTC}", "");
        let (answer, _) = gate(&files, &[]);
        assert_eq!(answer["decision"], decision, "{answer:#}");
    }
    // Six days are too few to draw from.
    let answer = check(&likely(6, 10, week), &[], "unknown", 4);
    let reason = answer["items"][0]["reasons"][0].as_str().unwrap();
    assert!(reason.contains("6.0 days with 57600 events are too little history"), "{reason}");
}

#[test]
fn less_than_the_objective_asks_for_decides_nothing() {
    let files = shop(21, "");
    with(&files, "  window: 100h", "  window: 200h\n  minimum_coverage: 60%", "");
    let answer = check(&files, &[], "unknown", 4);
    let reason = "50.00% of the window was measured, and `minimum_coverage` is 60%";
    assert_eq!(answer["items"][0]["unknown"], reason);
    with(&files, "minimum_coverage: 60%", "minimum_coverage: 50%", "");
    check(&files, &[], "freeze", 1);
}
