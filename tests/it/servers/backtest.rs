//! `sre backtest` against Prometheus: the rules that `sre export prometheus` writes, evaluated minute by minute over
//! the same history.
//!
//! Scrapes lie on the minutes at which rules are evaluated, and nothing happens while none is made, so that
//! `increase` counts what happened and the two have to agree exactly: nothing is put up with.
use super::{Server, installed, prometheus};
use crate::cli::harness::{Files, Run};
use serde_json::Value;
use sre::kernel::units::Instant;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    ops::RangeInclusive,
    path::Path,
    process::Command,
};

/// A day of minutes.
const MINUTES: usize = 1440;

fn start() -> Instant {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

fn at(minute: usize) -> Instant {
    start() + chrono::TimeDelta::minutes(i64::try_from(minute).unwrap())
}

/// Its seconds.
fn day() -> RangeInclusive<i64> {
    start().timestamp()..=at(MINUTES).timestamp()
}

const SPEC: &str = r#"apiVersion: sre/v1
kind: SLO
metadata: {name: api, owner: shop}
spec:
  service: shop
  target: 99.9%
  window: 30d
  alerting:
    tiers:
      - {severity: page, long: 1h, short: 5m, budget_share: 2%, for: 2m}
      - {severity: page, long: 2h, short: 15m, burn_rate: 6}
      - {severity: ticket, long: 4h, short: 30m, burn_rate: 3, for: 10m, minimum_events: 135000}
      - {severity: ticket, long: 10h, short: 1h, burn_rate: 1}
  sli:
    prometheus:
      bad: http_requests_total{job="api",code=~"5.."}
      total: http_requests_total{job="api"}
---
apiVersion: sre/v1
kind: Service
metadata: {name: shop, owner: shop}
spec: {tier: 1}
"#;

/// What happened up to each minute: the values of the two counters; `None` where no scrape was made.
struct History(Vec<Option<[u64; 2]>>);

impl History {
    /// Outages of many kinds, a silence, and a restart; with twelve minutes without scrapes in an outage, if `gap`.
    fn new(gap: bool) -> Self {
        let (mut state, mut values) = (7_u64, [1_000_000, 50_000]);
        let minutes = (0..=MINUTES).map(|minute| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let noise = state >> 33;
            let is_gap = gap && (805..817).contains(&minute);
            // What a gap hid would be counted behind it.
            let is_silent = (700..720).contains(&minute) || (805..=817).contains(&minute) && gap;
            let total = if is_silent || minute == 0 { 0 } else { 300 + noise % 600 };
            let per_mille = match minute {
                100..110 => 400,
                300..360 => 12,
                500..640 => 4,
                790..850 => 500,
                1000..1003 => 1000,
                _ => u64::from(noise.is_multiple_of(5)) * 2,
            };
            let bad = total * per_mille / 1000;
            if minute == 350 {
                values = [0, 0];
            }
            values = [values[0] + total - bad, values[1] + bad];
            (!is_gap).then_some(values)
        });
        Self(minutes.collect())
    }

    fn open_metrics(&self) -> String {
        self.open_metrics_until(MINUTES, start())
    }

    /// Up to a minute, as if it had begun at another instant.
    fn open_metrics_until(&self, last: usize, begin: Instant) -> String {
        let mut text = String::from("# TYPE http_requests_total counter\n");
        for (code, which) in [("200", 0), ("500", 1)] {
            for (minute, values) in self.0.iter().enumerate().take(last + 1) {
                if let Some(values) = values {
                    let time = begin.timestamp() + 60 * i64::try_from(minute).unwrap();
                    let value = values[which];
                    writeln!(
                        text,
                        "http_requests_total{{job=\"api\",code=\"{code}\"}} {value} {time}"
                    )
                    .unwrap();
                }
            }
        }
        text
    }

    /// The values of one counter, as promtool's unit tests write them.
    fn notation(&self, which: usize) -> String {
        let value = |values: &Option<[u64; 2]>| {
            values.map_or("_".to_owned(), |values| values[which].to_string())
        };
        self.0.iter().map(value).collect::<Vec<_>>().join(" ")
    }
}

/// The minutes at which each tier fires, of those at which it is judged.
type Fired = BTreeMap<String, BTreeMap<usize, bool>>;

/// What `sre backtest` says.
fn backtested(files: &Files, arguments: &[&str]) -> Fired {
    let arguments =
        ["backtest", "-q", "--to", "2026-03-03T00:00:00Z", "--from", "2026-03-02T00:00:00Z"]
            .into_iter()
            .chain(arguments.iter().copied());
    let answer = Run::new(&[]).args(arguments).within(files).json();
    let policy = &answer["items"][0]["policies"][0];
    assert_eq!(policy["interval"], "1m", "{answer:#}");
    let minute = |value: &Value| {
        let at: Instant = value.as_str().unwrap().parse().unwrap();
        usize::try_from((at - start()).num_minutes()).unwrap()
    };
    let mut fired = Fired::new();
    for tier in policy["tiers"].as_array().unwrap() {
        let judged = &tier["judged"];
        let minutes = minute(&judged["from"])..=minute(&judged["to"]);
        let firings: Vec<_> = tier["firings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let to = &one["to"];
                minute(&one["from"])..if to.is_null() { MINUTES + 1 } else { minute(to) }
            })
            .collect();
        assert!(!firings.is_empty(), "each tier fires: {tier:#}");
        let within = |at: usize| firings.iter().any(|one| one.contains(&at));
        let name = tier["name"].as_str().unwrap().to_owned();
        fired.insert(name, minutes.map(|at| (at, within(at))).collect());
    }
    assert_eq!(fired.len(), 4);
    fired
}

fn files(history: &History) -> Files {
    Files::new(&[
        ("specs/api.yaml", SPEC),
        ("history.prom", &format!("{}# EOF\n", history.open_metrics())),
    ])
}

/// The rules that are made of the objective.
fn rules(files: &Files) -> String {
    let ran = Run::new(&["export", "prometheus", "-q"]).within(files).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

/// A unit test of promtool that says at each minute which tiers fire.
fn unit_test(history: &History, fired: &Fired, minutes: RangeInclusive<usize>) -> String {
    let mut text = String::from(
        "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n",
    );
    for (code, which) in [("200", 0), ("500", 1)] {
        let series = format!("http_requests_total{{job=\"api\",code=\"{code}\"}}");
        writeln!(text, "  - series: '{series}'\n    values: '{}'", history.notation(which))
            .unwrap();
    }
    text += "  promql_expr_test:\n";
    for minute in minutes {
        let judged: Vec<(&str, bool)> = fired
            .iter()
            .filter_map(|(tier, minutes)| Some((tier.as_str(), *minutes.get(&minute)?)))
            .collect();
        if judged.is_empty() {
            continue;
        }
        let tiers: Vec<&str> = judged.iter().map(|(tier, _)| *tier).collect();
        let expr = format!(
            "sum by (slo_tier) (ALERTS{{slo_tier=~\"{}\",alertstate=\"firing\"}})",
            tiers.join("|")
        );
        let firing = judged
            .iter()
            .filter(|(_, fires)| *fires)
            .map(|(tier, _)| format!("{{labels: '{{slo_tier=\"{tier}\"}}', value: 1}}"));
        let firing: Vec<String> = firing.collect();
        let samples = firing.join(", ");
        writeln!(
            text,
            "  - expr: '{expr}'\n    eval_time: {minute}m\n    exp_samples: [{samples}]"
        )
        .unwrap();
    }
    text
}

fn promtool_agrees(
    folder: &Path,
    history: &History,
    fired: &Fired,
    minutes: RangeInclusive<usize>,
) -> bool {
    super::write(&folder.join("test.yml"), &unit_test(history, fired, minutes));
    let mut command = Command::new("promtool");
    let output = command.args(["test", "rules", "test.yml"]).current_dir(folder).output().unwrap();
    output.status.success()
}

/// Prometheus's own rule evaluation, markers of staleness included, over a history with a gap.
#[test]
fn alerts_fire_at_the_minutes_at_which_prometheus_fires_them() {
    if !installed(&["promtool"]) {
        return;
    }
    let history = History::new(true);
    let files = files(&history);
    let mut fired = backtested(&files, &["--data", "history.prom"]);
    // What a tier has to hold for is as true as its windows: without it there is another opinion.
    let at_once = backtested(&files, &["--data", "history.prom", "--for", "0s"]);
    for tier in ["page-1h", "ticket-4h"] {
        let sooner = fired[tier].iter().find(|(minute, fires)| at_once[tier][minute] != **fires);
        let (minute, is_firing) = sooner.unwrap_or_else(|| panic!("{tier} waits for nothing"));
        assert!(!is_firing, "{tier} at {minute}");
    }
    files.write("rules.yml", rules(&files).as_bytes());
    assert!(
        promtool_agrees(files.path(), &history, &fired, 0..=MINUTES),
        "promtool has another opinion"
    );
    // One minute more would have been noticed.
    let page = fired.get_mut("page-1h").unwrap();
    let first = page.iter().find(|(_, fires)| **fires).map(|(minute, _)| *minute).unwrap();
    page.insert(first - 1, true);
    let around = first - 1..=first;
    assert!(!promtool_agrees(files.path(), &history, &fired, around), "promtool notices nothing");
}

/// Rules in the order in which they build on each other.
struct Stages {
    /// Recording rules, each of what the ones before it record.
    recording: Vec<Vec<serde_yaml::Value>>,
    /// Tier and expression of each alert.
    alerts: Vec<(String, String)>,
}

impl Stages {
    fn of(rules: &str) -> Self {
        let file: serde_yaml::Value = serde_yaml::from_str(rules).unwrap();
        let mut left: Vec<serde_yaml::Value> = Vec::new();
        let mut alerts = Vec::new();
        for rule in file["groups"]
            .as_sequence()
            .unwrap()
            .iter()
            .flat_map(|group| group["rules"].as_sequence().unwrap())
        {
            let text = |field: &serde_yaml::Value| field.as_str().map(str::to_owned);
            match text(&rule["labels"]["slo_tier"]) {
                Some(tier) => alerts.push((tier, text(&rule["expr"]).unwrap())),
                None if rule["alert"].is_null() => left.push(rule.clone()),
                None => {}
            }
        }
        let mut recording = Vec::new();
        while !left.is_empty() {
            let names: BTreeSet<String> =
                left.iter().map(|rule| rule["record"].as_str().unwrap().to_owned()).collect();
            let (ready, later): (Vec<_>, Vec<_>) = left.into_iter().partition(|rule| {
                let expr = rule["expr"].as_str().unwrap();
                !names.iter().any(|name| expr.contains(&format!("{name}{{")))
            });
            assert!(!ready.is_empty(), "rules build on each other in a circle");
            recording.push(ready);
            left = later;
        }
        Self { recording, alerts }
    }
}

/// The series that an expression is at each minute: labels, and minutes with their values.
fn asked(server: &Server, expr: &str, times: &RangeInclusive<i64>) -> Vec<Value> {
    let form = super::http::form(&[
        ("query", expr.to_owned()),
        ("start", times.start().to_string()),
        ("end", times.end().to_string()),
        ("step", "60".to_owned()),
    ]);
    let (status, _, body) = server.http.send("POST", "/api/v1/query_range", &form).unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let answer: Value = serde_json::from_slice(&body).unwrap();
    answer["data"]["result"].as_array().unwrap().clone()
}

/// The minutes at which an expression has an answer.
fn answered(server: &Server, expr: &str) -> BTreeSet<usize> {
    let series = asked(server, expr, &day());
    let points = series.iter().flat_map(|one| one["values"].as_array().unwrap());
    let minute = |point: &Value| {
        usize::try_from((point[0].as_i64().unwrap() - start().timestamp()) / 60).unwrap()
    };
    points.map(minute).collect()
}

/// What a recording rule records, as OpenMetrics; of an alert that waits for nothing, that it fires.
///
/// `promtool tsdb create-blocks-from rules` would evaluate each group at an instant of its own between two minutes;
/// these are evaluated at full minutes, as the alerts are.
pub(super) fn recorded(
    server: &Server,
    rule: &serde_yaml::Value,
    times: &RangeInclusive<i64>,
) -> String {
    let mut text = String::new();
    for series in asked(server, rule["expr"].as_str().unwrap(), times) {
        let own = series["metric"].as_object().unwrap();
        let mut labels: BTreeMap<String, String> = own
            .iter()
            .filter(|(name, _)| *name != "__name__")
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        for (name, value) in rule["labels"].as_mapping().unwrap() {
            labels.insert(name.as_str().unwrap().to_owned(), value.as_str().unwrap().to_owned());
        }
        if let Some(alert) = rule["alert"].as_str() {
            labels.insert("alertname".to_owned(), alert.to_owned());
            labels.insert("alertstate".to_owned(), "firing".to_owned());
        }
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        let name = rule["record"].as_str().unwrap_or("ALERTS");
        let name = format!("{name}{{{}}}", labels.join(","));
        for point in series["values"].as_array().unwrap() {
            let value = if rule["alert"].is_null() { point[1].as_str().unwrap() } else { "1" };
            let time = &point[0];
            writeln!(text, "{name} {value} {time}").unwrap();
        }
    }
    text
}

/// A history, and everything that rules record of it at each minute of these times.
pub(super) fn with_recorded(history: &str, rules: &str, times: &RangeInclusive<i64>) -> String {
    let mut text = history.to_owned();
    for stage in &Stages::of(rules).recording {
        let server = prometheus::start(&text, &[]);
        for rule in stage {
            text += &recorded(&server, rule, times);
        }
    }
    text
}

/// A Prometheus that has the history, and everything that the rules record of it, minute by minute.
#[test]
fn alerts_fire_on_a_server_at_the_minutes_of_a_backtest() {
    if !installed(prometheus::PROGRAMS) {
        return;
    }
    let history = History::new(false);
    let files = files(&history);
    // What an expression says is what fires without a time to hold.
    let at_once = ["--for", "0s"];
    let fired = backtested(&files, &[&["--data", "history.prom"][..], &at_once].concat());
    let rules = rules(&files);
    let stages = Stages::of(&rules);
    // A spent budget and an absent indicator have alerts of their own, which no tier replays.
    let tiers: Vec<_> = stages.alerts.iter().filter(|(tier, _)| fired.contains_key(tier)).collect();
    assert_eq!((tiers.len(), stages.recording.len() > 1), (4, true));
    let text = with_recorded(&history.open_metrics(), &rules, &day());
    let server = prometheus::start(&text, &[]);
    for (tier, expr) in tiers {
        let answered = answered(&server, expr);
        let differ: Vec<usize> = fired[tier]
            .iter()
            .filter(|(minute, fires)| answered.contains(minute) != **fires)
            .map(|(minute, _)| *minute)
            .collect();
        assert_eq!(differ, [0; 0], "{tier}");
    }
    // And from the server itself, step by step.
    let url = format!("http://127.0.0.1:{}", server.http.port);
    let asked = backtested(&files, &[&["--prometheus", &url, "--no-cache"][..], &at_once].concat());
    for (tier, minutes) in &fired {
        let differs = minutes.iter().find(|(minute, fires)| asked[tier].get(minute) != Some(fires));
        assert_eq!(differs, None, "{tier}");
    }
}

/// Minutes around which nothing changes in what fires, one for each set of tiers that do.
fn moments(fired: &Fired) -> BTreeMap<BTreeSet<&str>, usize> {
    let firing = |minute: usize| -> Option<BTreeSet<&str>> {
        fired.values().all(|minutes| minutes.contains_key(&minute)).then(|| {
            fired.iter().filter(|(_, it)| it[&minute]).map(|(tier, _)| tier.as_str()).collect()
        })
    };
    let mut moments = BTreeMap::new();
    for minute in 4..MINUTES - 6 {
        let Some(tiers) = firing(minute) else { continue };
        if (minute - 4..=minute + 6).all(|other| firing(other).as_ref() == Some(&tiers)) {
            moments.entry(tiers).or_insert(minute);
        }
    }
    moments
}

/// The body of an answer of a server's.
fn got(server: &Server, path: &str) -> Value {
    let (status, _, body) = server.http.send("GET", path, "").unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

/// The tiers whose alerts fire on a server, after it has evaluated its rules twice.
fn firing(server: &Server) -> BTreeSet<String> {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let mut evaluations = BTreeSet::new();
    while evaluations.len() < 3 {
        assert!(std::time::Instant::now() < deadline, "the rules are not evaluated");
        let groups = got(server, "/api/v1/rules");
        for group in groups["data"]["groups"].as_array().unwrap() {
            let rules = group["rules"].as_array().unwrap();
            if rules.iter().all(|rule| rule["health"] == "ok") {
                evaluations.insert(group["lastEvaluation"].as_str().unwrap().to_owned());
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let alerts = got(server, "/api/v1/alerts");
    let alerts = alerts["data"]["alerts"].as_array().unwrap().iter();
    alerts
        .filter(|alert| alert["state"] == "firing")
        .map(|alert| alert["labels"]["slo_tier"].as_str().unwrap().to_owned())
        .collect()
}

/// A Prometheus that evaluates the rules by itself, over histories that end now: in outages of several kinds, before
/// them and behind them.
#[test]
fn alerts_of_a_server_are_those_that_burn_tells() {
    if !installed(prometheus::PROGRAMS) {
        return;
    }
    let history = History::new(false);
    // A server that has just begun to evaluate has not seen for how long something holds.
    let spec = SPEC.replace(", for: 2m", "").replace(", for: 10m", "");
    let files = files(&history);
    files.write("specs/api.yaml", spec.as_bytes());
    let fired = backtested(&files, &["--data", "history.prom"]);
    let rules = rules(&files);
    let moments = moments(&fired);
    assert!(moments.contains_key(&BTreeSet::new()), "at no time all is quiet: {moments:?}");
    for tier in fired.keys() {
        let is_told_apart =
            |fires| moments.keys().any(|tiers| tiers.contains(tier.as_str()) == fires);
        assert!(is_told_apart(true) && is_told_apart(false), "{tier}: {moments:?}");
    }
    for (tiers, minute) in &moments {
        let now = chrono::Utc::now().timestamp();
        let now = chrono::DateTime::from_timestamp(now, 0).unwrap();
        let begin = now - chrono::TimeDelta::minutes(i64::try_from(*minute).unwrap());
        let server =
            prometheus::start_evaluating(&history.open_metrics_until(*minute, begin), &rules);
        let url = format!("http://127.0.0.1:{}", server.http.port);
        let answer = Run::new(&["burn", "-q", "--fail-on", "never", "--no-cache"])
            .args(["--prometheus", &url, "--now", &now.to_rfc3339()])
            .within(&files)
            .json();
        let alerts = answer["items"][0]["alerts"].as_array().unwrap();
        let told: BTreeSet<String> = alerts
            .iter()
            .filter(|alert| alert["state"] == "firing")
            .map(|alert| alert["name"].as_str().unwrap().to_owned())
            .collect();
        let expected: BTreeSet<String> = tiers.iter().map(ToString::to_string).collect();
        assert_eq!(told, expected, "burn at minute {minute}: {answer:#}");
        let mut evaluated = firing(&server);
        evaluated.retain(|tier| fired.contains_key(tier));
        assert_eq!(evaluated, told, "Prometheus at minute {minute}");
    }
}
