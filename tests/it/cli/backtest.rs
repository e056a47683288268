//! `sre backtest`.
use super::harness::{Files, Run};
use serde_json::Value;

const SPEC: &str = "apiVersion: sre/v1
kind: DataSource
metadata: {name: requests, owner: shop}
spec: {files: {paths: [../requests.csv], records: counts, step: 1m}}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: api, owner: shop}
spec:
  service: shop
  target: 99.9%
  window: 30d
  sli: {source: requests, counts: {bad: failed, total: requests}}
---
apiVersion: sre/v1
kind: AlertPolicy
metadata: {name: slow, owner: shop}
spec:
  tiers:
    - {severity: page, long: 6h, short: 30m, burn_rate: 6}
---
apiVersion: sre/v1
kind: Service
metadata: {name: shop, owner: shop}
spec: {tier: 1}
";

/// Four days of minutes with 1000 requests each from 2026-03-01 on; in these minutes that share of them fails.
fn shop(outages: &[(usize, usize, u32)]) -> Files {
    let mut csv = String::from("time,requests,failed\n");
    for minute in 0..4 * 1440 {
        let outage = outages.iter().find(|(from, to, _)| (*from..*to).contains(&minute));
        let failed = outage.map_or(0, |(.., failed)| *failed);
        let (day, hour) = (1 + minute / 1440, minute % 1440 / 60);
        csv += &format!("2026-03-{day:02}T{hour:02}:{:02}:00Z,1000,{failed}\n", minute % 60);
    }
    Files::new(&[("specs/shop.yaml", SPEC), ("requests.csv", &csv)])
}

/// Twenty minutes of the third day in which all fails, from 23:00 on, and one minute of the fourth.
fn two_outages() -> Files {
    shop(&[(2 * 1440 + 1380, 2 * 1440 + 1400, 1000), (3 * 1440 + 600, 3 * 1440 + 601, 300)])
}

fn run(files: &Files, arguments: &[&str]) -> Value {
    Run::new(&["backtest", "-q"]).args(arguments.iter().copied()).within(files).json()
}

fn alert<'v>(answer: &'v Value, severity: &str) -> &'v Value {
    let alerts = answer["items"][0]["policies"][0]["alerts"].as_array().unwrap();
    alerts.iter().find(|alert| alert["severity"] == severity).unwrap()
}

#[test]
fn an_outage_is_found_and_when_it_would_have_paged() {
    let answer = run(&two_outages(), &[]);
    let item = &answer["items"][0];
    let incidents = item["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 1, "{answer:#}");
    assert_eq!(incidents[0]["from"], "2026-03-03T23:00:00Z");
    assert_eq!(incidents[0]["to"], "2026-03-03T23:20:00Z");
    // 20,000 of 0.1 % of 30 days of a thousand a minute.
    assert_eq!(incidents[0]["budget_spent"], 0.462_962_962_963);
    let page = alert(&answer, "page");
    let firings = page["firings"].as_array().unwrap();
    // Of 60,000 requests 864 are too many, of 360,000 2160: the first minute pages by the hour, and with the
    // third the six hours are above as well; half an hour after the last, their short window is clean.
    assert_eq!(firings.len(), 1, "{page:#}");
    assert_eq!(firings[0]["from"], "2026-03-03T23:01:00Z");
    assert_eq!(firings[0]["to"], "2026-03-03T23:50:00Z");
    assert_eq!(firings[0]["at_night"], true);
    let score = &page["score"];
    assert_eq!(score["detection_seconds"]["median"], 60.0);
    assert_eq!(score["reset_seconds"]["worst"], 1800.0);
    assert_eq!(score["precision"], 1.0);
    assert_eq!(score["recall"], 1.0);
    assert_eq!(score["at_night"], 1);
    // Four days say nothing of a month.
    assert_eq!(score["per_month"], Value::Null);
    assert_eq!(page["judged"]["from"], "2026-03-01T06:00:00Z");
    assert_eq!(page["judged"]["to"], "2026-03-05T00:00:00Z");
}

#[test]
fn given_incidents_replace_the_found_ones() {
    let files = two_outages();
    files.write(
        "incidents.csv",
        b"from,to,name,slo\n\
          2026-03-03T22:58:00Z,2026-03-03T23:25:00Z,INC-1,\n\
          2026-03-04T10:00:00Z,2026-03-04T10:05:00Z,INC-2,api\n\
          2026-03-04T12:00:00Z,2026-03-04T12:05:00Z,INC-3,other\n\
          2026-03-04T14:00:00Z,2026-03-04T14:05:00Z,nothing failed,\n\
          2025-03-04T12:00:00Z,2025-03-04T12:05:00Z,before it,\n",
    );
    let answer = run(&files, &["--incidents", "incidents.csv"]);
    assert_eq!(answer["truth"]["source"], "given");
    let names: Vec<&Value> = answer["items"][0]["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["INC-1", "INC-2"]);
    let seen = &alert(&answer, "page")["score"]["incidents"];
    assert_eq!((&seen[0]["state"], &seen[1]["state"]), (&"detected".into(), &"missed".into()));
    assert_eq!(seen[0]["detection_seconds"], 180.0);
    let code = |fail_on: &str| {
        let arguments = ["backtest", "-q", "--incidents", "incidents.csv", "--fail-on", fail_on];
        Run::new(&arguments).within(&files).go().code
    };
    // INC-2 makes no alert fire: 300 of 60,000 are too few, and of 360,000 as well.
    assert_eq!((code("missed"), code("false"), code("never")), (1, 0, 0));
}

#[test]
fn a_file_of_incidents_says_all_that_is_wrong_with_it() {
    let files = two_outages();
    files.write("incidents.csv", b"from,to\n2026-03-03,\n,\n");
    Run::new(&["backtest", "--incidents", "incidents.csv"]).within(&files).check(
        "",
        "error: incidents.csv:2: `from`: `2026-03-03` is a day, not an instant\n  \
         help: write it like `2026-05-14T09:20:00Z`\n\
         error: incidents.csv:3: `from` is empty\n  \
         help: say when it began, like `2026-05-14T09:20:00Z`\n\
         error: 2 errors in the incidents of incidents.csv\n  \
         help: a file of incidents has the fields `from`, `to` and, if you like, `name` and `slo`\n",
        2,
    );
    let missing = Run::new(&["backtest", "--incidents", "none.csv"]).within(&files).go();
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("none.csv"), "{}", missing.stderr);
}

#[test]
fn policies_are_compared() {
    let files = two_outages();
    let answer = run(&files, &["--policy", "slow", "--policy", "workbook"]);
    let policies = answer["items"][0]["policies"].as_array().unwrap();
    let names: Vec<&Value> = policies.iter().map(|policy| &policy["name"]).collect();
    assert_eq!(names, ["workbook", "slow", "workbook"]);
    assert_eq!(policies[0], policies[2]);
    let found = &policies[1]["alerts"][0]["score"]["detection_seconds"]["median"];
    assert_eq!(*found, 180.0);
    let text = Run::new(&["backtest", "-q", "--policy", "slow"]).within(&files).go();
    assert!(text.stdout.contains("POLICY"), "{}", text.stdout);
    let wrong = Run::new(&["backtest", "-q", "--policy", "slo"]).within(&files).go();
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("did you mean `slow`?"), "{}", wrong.stderr);
}

#[test]
fn a_stretch_of_time_is_replayed_with_the_history_before_it() {
    let files = two_outages();
    let range = ["--from", "2026-03-03T22:00:00Z", "--to", "2026-03-04T02:00:00Z"];
    let answer = run(&files, &range);
    let page = alert(&answer, "page");
    assert_eq!(page["judged"]["from"], "2026-03-03T22:00:00Z");
    assert_eq!(page["judged"]["moments"], 241);
    assert_eq!(page["firings"][0]["from"], "2026-03-03T23:01:00Z");
    let hold = run(&files, &["--for", "2m", "--keep-firing-for", "5m", "--interval", "2m"]);
    let firings = &alert(&hold, "page")["firings"];
    // At 23:02 it is seen, at 23:04 it has been for two minutes, and it goes on for at least five.
    assert_eq!(firings[0]["from"], "2026-03-03T23:04:00Z");
    assert_eq!(firings[0]["to"], "2026-03-03T23:56:00Z");
    let wrong = Run::new(&["backtest", "--from", range[3], "--to", range[1]]).within(&files).go();
    assert_eq!(wrong.code, 2);
    assert_eq!(Run::new(&["backtest", "--interval", "0s"]).within(&files).go().code, 2);
}

#[test]
fn history_that_is_too_short_for_a_window_is_said() {
    let files = two_outages();
    let arguments = ["--from", "2026-03-01T00:00:00Z", "--to", "2026-03-02T12:00:00Z"];
    let ran = Run::new(&["backtest", "-q"]).args(arguments).within(&files).go();
    let expected =
        "api: ticket 3d/6h is not known: its window of 3d is longer than the history of 1d12h";
    assert!(ran.stdout.contains(expected), "{}", ran.stdout);
    let answer = run(&files, &arguments);
    let tiers = answer["items"][0]["policies"][0]["tiers"].as_array().unwrap();
    let known: Vec<bool> = tiers.iter().map(|tier| !tier["judged"].is_null()).collect();
    assert_eq!(known, [true, true, true, false]);
}

#[test]
fn pictures_are_drawn_to_files_and_to_the_terminal() {
    let files = two_outages();
    let ran = Run::new(&["backtest", "-q", "--plot", "api.svg", "--chart"]).within(&files).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let picture = files.read("api.svg");
    assert!(picture.starts_with("<svg ") && picture.contains("fires above 14.4"), "{picture}");
    assert!(ran.stdout.contains("errors 100%"), "{}", ran.stdout);
    let both = ["backtest", "-q", "--policy", "slow", "--plot"];
    let one_file = Run::new(&both).args(["both.svg"]).within(&files).go();
    assert_eq!(one_file.code, 2);
    assert!(one_file.stderr.contains("2 pictures do not fit into one file"), "{}", one_file.stderr);
    assert_eq!(Run::new(&both).args(["plots"]).within(&files).go().code, 0);
    for policy in ["workbook", "slow"] {
        assert!(files.read(&format!("plots/api-{policy}.svg")).contains(policy));
    }
    let narrow = ["backtest", "-q", "--chart", "--color", "never"];
    let narrow = Run::new(&narrow).within(&files).on_terminal(80).go();
    let widest = narrow.stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 80, "{}", narrow.stdout);
    let plain = Run::new(&["backtest", "-q", "--chart"]).env("LC_ALL", "C").within(&files).go();
    assert!(plain.stdout.is_ascii(), "{}", plain.stdout);
}

#[test]
fn false_pages_are_expected_where_traffic_is_low() {
    let answer = run(&two_outages(), &[]);
    let expected = &answer["items"][0]["policies"][0]["false_pages"];
    assert_eq!(expected["method"], "bound");
    assert!(expected["per_month"].as_f64().unwrap() < 0.01);
}

/// A tier that has to hold: so long in a replay, pending at a moment before, and `for` in the rules.
#[test]
fn a_tier_waits_wherever_it_is_looked_at() {
    let files = two_outages();
    let waits = SPEC.replace("  window: 30d\n", "  window: 30d\n  alerting: slow\n").replace(
        "burn_rate: 6}",
        "burn_rate: 6, for: 5m}\n    - {severity: page, long: 1h, short: 5m, burn_rate: 14.4, for: 30s}",
    );
    files.write("specs/shop.yaml", waits.as_bytes());
    let tier = |answer: &Value, tier: usize| {
        let tier = &answer["items"][0]["policies"][0]["tiers"][tier];
        (tier["for"].clone(), tier["firings"][0]["from"].clone())
    };
    let answer = run(&files, &[]);
    // The six hours are above at 23:03; what has to hold for less than a step holds for one.
    assert_eq!(tier(&answer, 0), ("5m".into(), "2026-03-03T23:08:00Z".into()));
    assert_eq!(tier(&answer, 1), ("30s".into(), "2026-03-03T23:02:00Z".into()));
    let at_once = run(&files, &["--for", "0s"]);
    assert_eq!(tier(&at_once, 0), (Value::Null, "2026-03-03T23:03:00Z".into()));
    let state = |at: &str| {
        let answer = Run::new(&["burn", "api", "-q", "--at", at]).within(&files).json();
        let alerts = &answer["items"][0]["alerts"];
        let text = |tier: usize, field: &str| alerts[tier][field].as_str().unwrap().to_owned();
        (text(0, "state"), text(1, "state"), text(1, "sentence"))
    };
    let (slow, fast, said) = state("2026-03-03T23:07:00Z");
    assert_eq!((slow.as_str(), fast.as_str()), ("pending", "firing"));
    // Minutes do not tell whether half of one was above.
    assert!(said.contains("whether it has held for 30s is not known"), "{said}");
    assert_eq!(state("2026-03-03T23:08:00Z").0, "firing");
}

/// One minute after the other with a hundred requests, of which so many fail.
fn history(failed: &[u32], start: &str) -> Files {
    let start: chrono::DateTime<chrono::Utc> = start.parse().unwrap();
    let mut csv = String::from("time,requests,failed\n");
    for (minute, failed) in (0..).zip(failed) {
        let time = start + chrono::TimeDelta::minutes(minute);
        csv += &format!("{},100,{failed}\n", time.format("%Y-%m-%dT%H:%M:%SZ"));
    }
    Files::new(&[("specs/shop.yaml", SPEC), ("requests.csv", &csv)])
}

#[test]
fn a_severity_fires_as_soon_as_one_of_its_tiers_does() {
    // Two and a half days: the ticket over three days is judged at no moment.
    let failed: Vec<u32> =
        (0..3600).map(|minute| if (2400..2420).contains(&minute) { 50 } else { 0 }).collect();
    let files = history(&failed, "2026-03-01T00:00:00Z");
    let answer = run(&files, &[]);
    let ticket = alert(&answer, "ticket");
    let tiers = answer["items"][0]["policies"][0]["tiers"].as_array().unwrap();
    let day = tiers.iter().find(|tier| tier["name"] == "ticket-1d").unwrap();
    assert_eq!(ticket["firings"], day["firings"]);
    assert_eq!(ticket["score"]["firings"], 1);
    assert_eq!(ticket["score"]["recall"], 1.0);
    assert_eq!(ticket["score"]["incidents"][0]["state"], "detected");
    assert_eq!(ticket["silence_is_doubtful"], true);
    let text = Run::new(&["backtest", "-q"]).within(&files).go();
    assert!(!text.stdout.contains("not judged"), "{}", text.stdout);
    assert!(text.stdout.contains("1 incident, none missed"), "{}", text.stdout);
}

#[test]
fn where_nothing_can_be_judged_there_is_no_verdict() {
    // Fifty minutes, and no window is shorter than an hour.
    let failed: Vec<u32> = (0..50).map(|minute| if minute < 20 { 0 } else { 100 }).collect();
    let files = history(&failed, "2026-03-01T00:00:00Z");
    let text = Run::new(&["backtest", "-q"]).within(&files).go();
    let expected = "1 objective replayed: nothing can be judged; 1 incident, 1 not judged\n";
    assert!(text.stdout.starts_with(expected), "{}", text.stdout);
    assert_eq!(text.code, 4);
    // An hour more, and the first tier is judged: that is something, and silence is not.
    let failed: Vec<u32> = (0..120).map(|minute| u32::from(minute >= 100)).collect();
    let files = history(&failed, "2026-03-01T00:00:00Z");
    let code = |fail_on: &str| {
        let arguments = ["backtest", "-q", "--minimum-share", "0.1%", "--fail-on", fail_on];
        Run::new(&arguments).within(&files).go().code
    };
    assert_eq!((code("never"), code("missed")), (0, 4));
}

#[test]
fn a_page_that_fires_when_looking_begins_tells_of_its_incident() {
    let files = two_outages();
    let range = ["--from", "2026-03-03T23:10:00Z", "--to", "2026-03-03T23:20:00Z"];
    let answer = run(&files, &range);
    let page = alert(&answer, "page");
    assert_eq!(page["firings"][0]["incidents"][0], 0);
    let seen = &page["score"]["incidents"][0];
    assert_eq!((&seen["state"], &seen["detection_seconds"]), (&"detected".into(), &Value::Null));
    // Eleven minutes say nothing of a month.
    assert_eq!(page["score"]["per_month"], Value::Null);
    assert_eq!(answer["items"][0]["policies"][0]["false_pages"], Value::Null);
    let text = Run::new(&["backtest", "-q"]).args(range).within(&files).go();
    assert!(text.stdout.contains("within 10m"), "{}", text.stdout);
    assert!(!text.stdout.contains("in 30d"), "{}", text.stdout);
}

#[test]
fn pictures_of_other_formats_are_refused() {
    let files = two_outages();
    for name in ["x.png", "x.PDF"] {
        let ran = Run::new(&["backtest", "-q", "--plot", name]).within(&files).go();
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains("pictures are drawn as SVG"), "{}", ran.stderr);
        assert!(ran.stderr.contains("--plot x.svg"), "{}", ran.stderr);
        assert!(!files.path().join(name).exists());
    }
    assert_eq!(Run::new(&["backtest", "-q", "--plot", "x.SVG"]).within(&files).go().code, 0);
    assert!(files.read("x.SVG").starts_with("<svg "));
}
