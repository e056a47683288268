//! `sre sla`.
use super::harness::{Files, Run};
use serde_json::Value;

/// Hours of a hundred orders each from 2026-05-01T00:00Z on, `failed` of them one by one from the first
/// hour on; `spec` is what the agreement says besides 99.9 % of a month.
fn shop(hours: u32, failed: u32, spec: &str) -> Files {
    let mut csv = String::from("time,orders,failed\n");
    let mut left = failed;
    for hour in 0..hours {
        let failed = left.min(100);
        left -= failed;
        let day = hour / 24;
        let (month, day) = if day < 31 { (5, day + 1) } else { (6, day - 30) };
        csv += &format!("2026-{month:02}-{day:02}T{:02}:00:00Z,100,{failed}\n", hour % 24);
    }
    Files::new(&[
        (
            "specs/shop.yaml",
            &format!(
                "apiVersion: sre/v1
kind: DataSource
metadata: {{name: orders, owner: shop}}
spec: {{files: {{paths: [../orders.csv], records: counts, step: 1h}}}}
---
apiVersion: sre/v1
kind: SLO
metadata: {{name: checkout, owner: shop}}
spec:
  service: shop
  target: 99.95%
  window: 30d
  alerting: {{tiers: [{{severity: page, long: 6h, short: 1h, burn_rate: 6}}]}}
  sli: {{source: orders, counts: {{bad: failed, total: orders}}}}
---
apiVersion: sre/v1
kind: SLA
metadata: {{name: gold, owner: shop}}
spec:
  customer: all
  service: shop
  slo: checkout
  target: 99.9%
  period: month
  credit_tiers: [{{below: 99.9%, credit: 10%}}, {{below: 99%, credit: 25%}}]
{spec}
---
apiVersion: sre/v1
kind: Service
metadata: {{name: shop, owner: shop}}
spec: {{tier: 1}}
"
            ),
        ),
        ("orders.csv", &csv),
    ])
}

const UTC: &str = "  time_zone: UTC\n";

/// Hours of May.
const MAY: u32 = 744;

fn run(files: &Files, arguments: &[&str]) -> (Value, u8) {
    let run = || Run::new(&["sla", "-q"]).args(arguments.iter().copied()).within(files);
    (run().json(), run().go().code)
}

#[track_caller]
fn check(files: &Files, arguments: &[&str], state: &str, code: u8) -> Value {
    let (answer, found) = run(files, arguments);
    let item = &answer["items"][0];
    assert_eq!((item["state"].as_str().unwrap(), found), (state, code), "{answer:#}");
    item.clone()
}

#[test]
fn a_month_of_74400_orders_may_have_74_bad_ones() {
    let item = check(&shop(MAY, 74, UTC), &[], "met", 0);
    assert_eq!(item["credit"], Value::Null);
    assert_eq!((&item["good"], &item["total"]), (&74_326.into(), &74_400.into()));
    assert_eq!(
        (&item["period"]["name"], &item["period"]["over"]),
        (&"2026-05".into(), &true.into())
    );
    let item = check(&shop(MAY, 75, UTC), &[], "breached", 1);
    assert_eq!(item["credit"]["credit"].to_string(), "0.1");
    assert_eq!(item["next"], Value::Null);
    check(&shop(MAY, 744, UTC), &["--fail-on", "never"], "breached", 0);
    let item = check(&shop(MAY, 745, UTC), &[], "breached", 1);
    assert_eq!(item["credit"]["below"].to_string(), "0.99");
}

#[test]
fn credits_are_shares_of_the_bill() {
    let fee = format!("{UTC}  monthly_fee: 1999.99 USD\n");
    let item = check(&shop(MAY, 75, &fee), &[], "breached", 1);
    assert_eq!(item["credit"]["amount"], 199.999);
    assert_eq!(item["credit"]["currency"], "USD");
    let ran = Run::new(&["sla", "gold", "-q"]).within(&shop(MAY, 75, &fee)).go();
    assert!(ran.stdout.contains("10% of the bill: 199.9990 USD"), "{}", ran.stdout);
}

#[test]
fn a_month_that_is_not_over_says_what_is_left() {
    // Ten days of 24,000 orders: 24 may be bad so far, 74.4 by the end of the month.
    let ten_days = |failed| shop(240, failed, UTC);
    let item = check(&ten_days(24), &[], "met", 0);
    assert_eq!(item["expected_total"], 74_400);
    assert_eq!(item["next"]["left"], 50.4);
    let item = check(&ten_days(30), &[], "below", 1);
    assert_eq!(item["period"]["over"], false);
    assert_eq!(item["credit"]["credit"].to_string(), "0.1");
    assert_eq!(item["if_perfect"].to_string(), "0.999596774194");
    check(&ten_days(30), &["--fail-on", "breached"], "below", 0);
    // 75 are more than the whole month may have.
    let item = check(&ten_days(75), &["--fail-on", "breached"], "breached", 1);
    assert_eq!(item["tiers"][0]["certain"], true);
    assert_eq!(item["next"]["below"].to_string(), "0.99");
}

#[test]
fn too_few_measurements_are_no_kept_promise() {
    // The clock says that May is over, and the measurements end on the 26th.
    let item = check(&shop(600, 0, UTC), &["--period", "2026-05"], "unknown", 4);
    assert_eq!(item["coverage"].to_string(), "0.806451612903");
    check(&shop(670, 0, UTC), &["--period", "2026-05"], "met", 0);
    check(&shop(600, 75, UTC), &["--period", "2026-05"], "breached", 1);
    // A month without any.
    let item = check(&shop(600, 0, UTC), &["--period", "2026-04"], "unknown", 4);
    assert_eq!(item["availability"], Value::Null);
    let empty = shop(0, 0, UTC);
    let item = check(&empty, &[], "unknown", 4);
    assert_eq!(item["reason"], "`orders` holds no records");
    assert_eq!(item["period"], Value::Null);
}

#[test]
fn periods_follow_the_calendar_of_the_contract() {
    // May and two days of June.
    let files = |spec: &str| shop(MAY + 48, 75, spec);
    let item = check(&files(UTC), &[], "met", 0);
    assert_eq!(item["period"]["name"], "2026-06");
    check(&files(UTC), &["--previous"], "breached", 1);
    check(&files(UTC), &["--at", "2026-06-01T00:00:00Z"], "breached", 1);
    // Without a zone as in UTC.
    let item = check(&files(""), &["--previous"], "breached", 1);
    assert_eq!(item["period"]["to"], "2026-06-01T00:00:00Z");
    // In Auckland, May begins twelve hours before and the bad hour of midnight UTC lies in it too.
    let item = check(&files("  time_zone: Pacific/Auckland\n"), &["--previous"], "breached", 1);
    assert_eq!(item["period"]["from"], "2026-04-30T12:00:00Z");
    assert_eq!(item["total"], 73_200);
    // In Honolulu, it ends ten hours later, and the bad hour is one of April.
    let honolulu = files("  time_zone: Pacific/Honolulu\n");
    let item = check(&honolulu, &["--previous"], "met", 0);
    assert_eq!(item["total"], 74_400);
    let yearly = shop(MAY, 75, UTC);
    let text = yearly.read("specs/shop.yaml").replace("period: month", "period: year");
    yearly.write("specs/shop.yaml", text.as_bytes());
    // Of a year, five months have passed and one was measured.
    let item = check(&yearly, &[], "unknown", 4);
    assert_eq!(item["period"]["name"], "2026");
}

#[test]
fn periods_that_cannot_be_are_refused() {
    let files = shop(MAY, 0, UTC);
    let sla = |period: &str| Run::new(&["sla", "gold", "--period", period]).within(&files);
    sla("2027-01").check(
        "",
        "error: the period 2027-01 lies ahead\n  help: it begins at 2027-01-01T00:00:00Z\n",
        2,
    );
    sla("2026-Q2").check(
        "",
        "error: `gold` is agreed on by the month\n  help: write the period like `2025-06`\n",
        2,
    );
    for period in ["May", "0000", "1699-12", "2249-Q1", "9999"] {
        assert_eq!(sla(period).go().code, 2, "{period}");
    }
    assert_eq!(sla("1700-01").go().code, 4);
}

#[test]
fn adjustments_that_are_named_leave_their_time_out() {
    let adjustment = |mode: &str, when: &str| {
        format!(
            "{UTC}  exclusions_by: [provider]
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {{name: provider, owner: shop}}
spec: {{slos: [checkout], mode: {mode}, {when}}}
"
        )
    };
    let interval = "interval: {from: '2026-05-01T00:00:00Z', to: '2026-05-01T01:00:00Z'}";
    let item = check(&shop(MAY, 100, &adjustment("exclude", interval)), &[], "met", 0);
    assert_eq!(item["excluded_minutes"], 60);
    assert_eq!((&item["bad"], &item["total"]), (&0.into(), &74_300.into()));
    assert_eq!(item["availability_with_excluded"].to_string(), "0.998655913978");
    assert_eq!(item["prorated"], false);
    // Half of the first hour, in which all are bad, and the hour before the half stays as it was.
    let half = "interval: {from: '2026-05-01T00:30:00Z', to: '2026-05-01T01:00:00Z'}";
    let item = check(&shop(MAY, 50, &adjustment("exclude", half)), &[], "met", 0);
    assert_eq!((&item["bad"], &item["total"]), (&25.into(), &74_350.into()));
    assert_eq!(item["prorated"], true);
    let files = shop(MAY, 50, &adjustment("exclude", half));
    let ran = Run::new(&["sla", "gold", "-q"]).within(&files).go();
    assert!(ran.stdout.contains("steps that it covers in part divided by time"), "{}", ran.stdout);
    // Of 150, fifty lie outside of it.
    check(&shop(MAY, 175, &adjustment("exclude", interval)), &[], "breached", 1);
    check(&shop(MAY, 100, &adjustment("good", interval)), &[], "breached", 1);
    let files = shop(MAY, 100, &adjustment("good", interval));
    let ran = Run::new(&["sla", "-q"]).within(&files).go();
    assert!(ran.stdout.contains("`provider` leaves nothing out"), "{}", ran.stdout);
}

#[test]
fn adjustments_that_return_leave_each_of_their_times_out() {
    let weekly = |rule: &str| {
        format!(
            "{UTC}  exclusions_by: [windows]
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {{name: windows, owner: shop}}
spec:
  slos: [checkout]
  mode: exclude
  recurrence: {{start: '2026-05-01T00:00:00Z', duration: 2h, rule: {rule}}}
"
        )
    };
    // Five Fridays of May, and the bad orders are in the first two hours of the first.
    let item = check(&shop(MAY, 150, &weekly("FREQ=WEEKLY")), &[], "met", 0);
    assert_eq!(item["excluded_minutes"], 600);
    assert_eq!((&item["bad"], &item["total"]), (&0.into(), &73_400.into()));
    assert_eq!(item["excluded_by"], serde_json::json!(["windows"]));
    assert_eq!(item["availability_with_excluded"].to_string(), "0.997983870968");
    // Ten days in, two have been, and three are to come: not expected to have orders that count.
    let item = check(&shop(240, 150, &weekly("FREQ=WEEKLY")), &[], "met", 0);
    assert_eq!(item["excluded_minutes"], 240);
    assert_eq!(item["expected_total"], 73_400);
    // Saturdays, none of which was bad.
    let saturdays = weekly("FREQ=WEEKLY;BYDAY=SA").replace("05-01T00", "05-02T00");
    check(&shop(MAY, 150, &saturdays), &[], "breached", 1);
    // A rule that nobody can follow is not passed over.
    let files = shop(MAY, 0, &weekly("FREQ=SOMETIMES"));
    let ran = Run::new(&["sla", "-q"]).within(&files).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    assert!(ran.stderr.contains("FREQ=SOMETIMES"), "{}", ran.stderr);
}

#[test]
fn a_promise_is_about_all_groups_together() {
    let files = shop(0, 0, UTC);
    // Hours of 60 orders in the north and, for two weeks, of 100 in the south, of which 75 fail at once:
    // more than a month of the south alone may have.
    let begin: i64 =
        "2026-05-01T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
    let series = |region: &str, hourly: i64, hours: i64| {
        let total = (0..=hours).map(|hour| {
            format!(
                "orders_total{{region=\"{region}\"}} {} {}\n",
                hour * hourly,
                begin + hour * 3600
            )
        });
        let failed = (0..=hours).map(|hour| {
            let failed = if region == "south" && hour > 5 { 75 } else { 0 };
            format!("failed_total{{region=\"{region}\"}} {failed} {}\n", begin + hour * 3600)
        });
        total.chain(failed).collect::<String>()
    };
    let samples = series("north", 60, MAY.into()) + &series("south", 100, 336);
    files.write("orders.txt", samples.as_bytes());
    let text = files
        .read("specs/shop.yaml")
        .replace(
            "paths: [../orders.csv], records: counts, step: 1h",
            "paths: [../orders.txt], format: openmetrics",
        )
        .replace(
            "counts: {bad: failed, total: orders}",
            "prometheus: {bad: failed_total, total: orders_total}",
        );
    files.write("specs/shop.yaml", text.as_bytes());
    let one = check(&files, &[], "met", 0);
    assert_eq!((&one["bad"], &one["total"]), (&75.into(), &78_240.into()));
    let text = text.replace("  window: 30d\n", "  windows: [30d, 7d]\n  group_by: [region]\n");
    files.write("specs/shop.yaml", text.as_bytes());
    let budgets = Run::new(&["budget", "-q", "--fail-on", "never"]).within(&files).json();
    assert_eq!(budgets["items"].as_array().unwrap().len(), 4, "{budgets:#}");
    assert_eq!(check(&files, &[], "met", 0), one);
}

#[test]
fn definitions_over_intervals() {
    // Two bad hours of 744, one of them half.
    let downtime = |more: &str| shop(MAY, 150, &format!("{UTC}  definition: downtime\n{more}"));
    let item = check(&downtime("  interval: 1h\n"), &[], "breached", 1);
    assert_eq!((&item["bad"], &item["lost_minutes"]), (&1.into(), &60.into()));
    assert_eq!((&item["unit"], &item["total"]), (&"intervals".into(), &744.into()));
    let item = check(&downtime("  interval: 1h\n  down_when: 50%\n"), &[], "breached", 1);
    assert_eq!(item["bad"], 2);
    let mean = shop(MAY, 150, &format!("{UTC}  definition: interval_mean\n  interval: 1h\n"));
    assert_eq!(check(&mean, &[], "breached", 1)["bad"], 1.5);
    let item = check(&downtime(""), &[], "unknown", 2);
    assert_eq!(
        item["reason"],
        "the contract looks at intervals of `1m`, and the measurements have steps of `1h`: write \
         `interval: 1h`, or measure more often"
    );
}

#[test]
fn what_nothing_measures_is_wrong_input() {
    let files = shop(MAY, 0, UTC);
    let text = files.read("specs/shop.yaml").replace("  slo: checkout\n", "");
    files.write("specs/shop.yaml", text.as_bytes());
    let item = check(&files, &[], "unknown", 2);
    assert_eq!(item["reason"], "no objective measures it: add `slo`");
    assert_eq!(Run::new(&["sla", "silver"]).within(&files).go().code, 2);
    assert_eq!(Run::new(&["sla", "--service", "other"]).within(&files).go().code, 2);
    assert_eq!(Run::new(&["sla", "--service", "shop"]).within(&files).go().code, 2);
}

#[test]
fn the_answer_reads_well() {
    Run::new(&["sla", "-q"])
        .within(&shop(240, 30, &format!("{UTC}  monthly_fee: 500 EUR\n")))
        .check(
            "\
SLA   PERIOD   PROMISED  AVAILABILITY  LOST  KNOWN  CREDIT  LEFT     STATE
gold  2026-05     99.9%        99.88%  18m    100%     10%  26m 38s  ! below

promised to       all
period            2026-05-01 00:00 UTC to 2026-06-01 00:00 UTC
so far            to 2026-05-11 00:00 UTC, 32.26% of the period
counted           23,970 good of 24,000 events
measured          100% of the time that is over
if all goes well  99.96% at the end
if it goes on     99.96% at the end, like the last 7 days
credit            10% of the bill so far: 50.00 EUR
margin            checkout is missed 22 minutes 19 seconds of outage before the promise is
source            orders

BELOW  CREDIT  AMOUNT      BAD EVENTS LEFT  AS AN OUTAGE  STATE
99.9%     10%  50.00 EUR                44  26m 38s       ! so far
  99%     25%  125.00 EUR              714  7h 8m         ✓ not reached
",
            "",
            1,
        );
}

#[test]
fn the_numbers_are_there_for_a_server() {
    let metrics = |failed| {
        let run = Run::new(&["sla", "-q", "--format", "openmetrics", "--fail-on", "never"]);
        run.within(&shop(MAY, failed, UTC)).go().stdout
    };
    let labels = "{sla=\"gold\",period=\"2026-05\",service=\"shop\",customer=\"all\"}";
    let text = metrics(744);
    for (name, value) in [("availability", "0.99"), ("target", "0.999"), ("credit", "0.1")] {
        let sample = format!("sre_sla_{name}_ratio{labels} {value}\n");
        assert!(text.contains(&sample), "{sample}{text}");
    }
    assert!(metrics(0).contains(&format!("sre_sla_credit_ratio{labels} 0\n")));
}

#[test]
fn a_promise_like_the_objective_has_no_margin() {
    let files = shop(MAY, 0, UTC);
    let spec = files.read("specs/shop.yaml").replace("target: 99.95%", "target: 99.9%");
    files.write("specs/shop.yaml", spec.as_bytes());
    let ran = Run::new(&["sla", "gold", "-q"]).within(&files).go();
    let line = ran.stdout.lines().find(|line| line.starts_with("margin")).unwrap().to_owned();
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    assert_eq!(words.join(" "), "none, the objective promises the same");
}
