//! A real Alertmanager, configured by us: which alerts it tells whom of, and which it keeps silent.
use super::{Server, installed};
use crate::cli::harness::{Files, Run};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read as _, Write as _},
    net::TcpListener,
    process::Command,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Two objectives; the second is under maintenance.
fn catalog() -> String {
    let now = chrono::Utc::now();
    let hour = chrono::TimeDelta::hours(1);
    let at = |instant: chrono::DateTime<chrono::Utc>| instant.format("%Y-%m-%dT%H:%M:%SZ");
    let (from, to) = (at(now - hour), at(now + hour));
    format!(
        "apiVersion: sre/v1
kind: SLO
metadata: {{name: checkout, owner: orders}}
spec: {{target: 99.9%, window: 30d, group_by: [region], alerting: alerts, sli: {{category: availability, prometheus: {{good: ok, total: all}}}}}}
---
apiVersion: sre/v1
kind: SLO
metadata: {{name: search, owner: web}}
spec: {{target: 99%, window: 30d, alerting: alerts, sli: {{category: availability, prometheus: {{good: ok, total: all}}}}}}
---
apiVersion: sre/v1
kind: AlertPolicy
metadata: {{name: alerts}}
spec:
  budget_exhausted: ticket
  sli_absent: page
  tiers:
    - {{name: fast, severity: page, long: 1h, short: 5m, burn_rate: 14.4}}
    - {{name: slow, severity: page, long: 6h, short: 30m, burn_rate: 6}}
    - {{name: steady, severity: ticket, long: 3d, short: 6h, burn_rate: 1}}
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {{name: maintenance}}
spec: {{slos: [search], mode: exclude, interval: {{from: '{from}', to: '{to}'}}}}
"
    )
}

/// Labels of an alert.
type Labels = BTreeMap<String, String>;

struct Alertmanager(Server);

impl Alertmanager {
    fn start(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alertmanager.yml");
        super::write(&path, configuration);
        let data = folder.path().join("data");
        let command = |port: u16| {
            let mut command = Command::new("prometheus-alertmanager");
            command.arg(format!("--config.file={}", path.display()));
            command.arg(format!("--storage.path={}", data.display()));
            command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
            command.arg("--cluster.listen-address=");
            command
        };
        Self(Server::start(folder, command, "/-/ready"))
    }

    fn fire(&self, alerts: &[Labels]) {
        let alerts: Vec<Value> = alerts.iter().map(|labels| json!({"labels": labels})).collect();
        let body = Value::Array(alerts).to_string();
        let headers = "Content-Type: application/json\r\n";
        let (status, _, reply) =
            self.0.http.send_bytes("POST", "/api/v2/alerts", headers, body.as_bytes()).unwrap();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&reply));
    }

    /// Every alert that is known with its receivers, and whether others keep it silent.
    fn alerts(&self) -> BTreeMap<Labels, (BTreeSet<String>, bool)> {
        let (_, _, reply) = self.0.http.send("GET", "/api/v2/alerts", "").unwrap();
        let reply: Vec<Value> = serde_json::from_slice(&reply).unwrap();
        let labels = |alert: &Value| serde_json::from_value(alert["labels"].clone()).unwrap();
        let receivers = |alert: &Value| {
            let list = alert["receivers"].as_array().unwrap().iter();
            list.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        let inhibited =
            |alert: &Value| !alert["status"]["inhibitedBy"].as_array().unwrap().is_empty();
        reply.iter().map(|alert| (labels(alert), (receivers(alert), inhibited(alert)))).collect()
    }
}

/// The alerts that the catalog can send, in one region each where that is a label of theirs.
fn alerts(files: &Files) -> Vec<Labels> {
    let answer = Run::new(&["route", "--slo", "checkout", "--slo", "search"]).within(files).json();
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| serde_json::from_value(item["labels"].clone()).unwrap()).collect()
}

fn text(labels: &Labels) -> String {
    labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
}

/// What we answer of an alert beside others that fire: who is told, and whether others keep it silent.
fn answer(files: &Files, alert: &Labels, others: &[Labels]) -> (BTreeSet<String>, bool) {
    let mut arguments = vec!["route".to_owned(), text(alert)];
    arguments.extend(["--config".to_owned(), "am.yml".to_owned()]);
    for other in others.iter().filter(|other| *other != alert) {
        arguments.extend(["--firing".to_owned(), text(other)]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let answer = Run::new(&arguments).within(files).json();
    let deliveries = answer["items"][0]["deliveries"].as_array().unwrap();
    let receivers = deliveries.iter().map(|one| one["receiver"].as_str().unwrap().to_owned());
    (receivers.collect(), deliveries.iter().all(|one| one["state"] == "inhibited"))
}

#[test]
fn alertmanager_inhibits_what_we_say() {
    if !installed(&["prometheus-alertmanager"]) {
        return;
    }
    let files = Files::new(&[("sre.yaml", ""), ("a.yaml", &catalog())]);
    let export = Run::new(&["export", "alertmanager", "-q", "--now", &at_once()]);
    let export = export.within(&files).go();
    files.write("am.yml", export.stdout.as_bytes());
    let server = Alertmanager::start(&export.stdout);
    let all = alerts(&files);
    assert_eq!(all.len(), 10);
    let mut fired: Vec<Labels> = Vec::new();
    let mut inhibited = 0;
    // Slowest first, so that each new alert can make others silent; checkout in two regions, where the
    // first has no fast page.
    for alert in all.iter().rev() {
        let regions: &[&str] = match alert["sloth_slo"].as_str() {
            "checkout" if alert["slo_tier"] == "fast" => &["eu"],
            "checkout" => &["us", "eu"],
            _ => &[""],
        };
        for region in regions {
            let mut alert = alert.clone();
            if !region.is_empty() {
                alert.insert("region".to_owned(), (*region).to_owned());
            }
            fired.push(alert);
        }
        server.fire(&fired);
        // An alert that was taken is known to all parts of the server a moment later.
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let theirs = server.alerts();
            let ours: BTreeMap<Labels, (BTreeSet<String>, bool)> =
                fired.iter().map(|one| (one.clone(), answer(&files, one, &fired))).collect();
            if theirs == ours {
                inhibited += ours.values().filter(|(_, inhibited)| *inhibited).count();
                break;
            }
            assert!(Instant::now() < deadline, "{theirs:#?}\n{ours:#?}");
            thread::sleep(Duration::from_millis(100));
        }
    }
    assert_eq!(fired.len(), 14);
    assert!(inhibited > 10, "{inhibited}");
}

/// Receives notifications, and tells the channel of every alert in them.
fn receiver(told: mpsc::Sender<Labels>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            let body = loop {
                let count = stream.read(&mut buffer).unwrap();
                request.extend_from_slice(&buffer[..count]);
                let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
                    continue;
                };
                let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
                let length = head.split("content-length: ").nth(1).unwrap();
                let length: usize = length.lines().next().unwrap().trim().parse().unwrap();
                if request.len() >= end + 4 + length {
                    break request.split_off(end + 4);
                }
            };
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            for alert in body["alerts"].as_array().unwrap() {
                let _ = told.send(serde_json::from_value(alert["labels"].clone()).unwrap());
            }
        }
    });
    port
}

#[test]
fn alertmanager_keeps_silent_during_maintenance() {
    if !installed(&["prometheus-alertmanager"]) {
        return;
    }
    let (sender, told) = mpsc::channel();
    let url = format!("http://127.0.0.1:{}/", receiver(sender));
    let names = ["orders-page", "orders-ticket", "web-page", "web-ticket"];
    let receivers: String = names
        .iter()
        .map(|name| format!("- name: {name}\n  webhook_configs: [{{url: '{url}'}}]\n"))
        .collect();
    let base =
        format!("route:\n  receiver: ops\n  group_wait: 1s\nreceivers:\n- name: ops\n{receivers}");
    let files = Files::new(&[("sre.yaml", ""), ("a.yaml", &catalog()), ("base.yml", &base)]);
    let now = at_once();
    let export = Run::new(&["export", "alertmanager", "-q", "--base", "base.yml", "--now", &now]);
    let export = export.within(&files).go();
    assert_eq!(export.code, 0, "{}", export.stderr);
    let fast: Vec<Labels> =
        alerts(&files).into_iter().filter(|alert| alert["slo_tier"] == "fast").collect();
    let states: Vec<Value> = fast
        .iter()
        .map(|alert| {
            let answer = Run::new(&["route", "--now", &now, &text(alert)]).within(&files).json();
            answer["items"][0]["deliveries"][0]["state"].clone()
        })
        .collect();
    assert_eq!(states, ["told", "muted"]);
    let server = Alertmanager::start(&export.stdout);
    // Both wait for as long as the other, and the one that is told of comes first.
    server.fire(&fast);
    let first = told.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(first, fast[0]);
    let second = told.recv_timeout(Duration::from_secs(4));
    assert_eq!(second, Err(mpsc::RecvTimeoutError::Timeout));
}

fn at_once() -> String {
    chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
