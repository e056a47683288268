//! `sre doctor` on real servers: what is wrong with a query is found, and said with what to do.
use super::{Server, data};
use crate::{
    cli::harness::{Files, Run},
    misbehaving::{Behaviour, Misbehaving},
};
use serde_json::Value;
use sre::kernel::time::rfc3339;

/// A catalog of one server, with these objectives: name, rest of the spec.
fn catalog(url: &str, window: &str, objectives: &[(&str, &str)]) -> Files {
    let mut text = source("metrics", url);
    for (name, spec) in objectives {
        text += &objective(name, "metrics", window, spec);
    }
    Files::new(&[("sre.yaml", "{}"), ("all.yaml", &text)])
}

fn source(name: &str, url: &str) -> String {
    format!(
        "apiVersion: sre/v1\nkind: DataSource\nmetadata: {{name: {name}, owner: us}}\n\
         spec: {{prometheus: {{url: \"{url}\", timeout: 5s}}}}\n"
    )
}

fn objective(name: &str, source: &str, window: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}, owner: us}}\n\
         spec:\n  target: 99%\n  window: {window}\n  alerting: {{tiers: [{{severity: page, long: 1h, \
         short: 5m, burn_rate: 14.4}}]}}\n{}",
        spec.replace("SOURCE", source)
    )
}

/// What the doctor says at the end of the history, and how it ends.
fn doctor(files: &Files) -> (Value, u8) {
    let now = rfc3339(data::end());
    let run = || Run::new(&["doctor", "-q", "--now", &now]).within(files);
    (run().json(), run().go().code)
}

/// The findings of an objective, or of the source, each as `state check: message; help`.
fn findings(answer: &Value, name: &str) -> Vec<String> {
    let lists = [&answer["sources"], &answer["items"]];
    let mut all = lists.into_iter().flat_map(|list| list.as_array().unwrap());
    let one = all.find(|item| item["name"] == name).unwrap_or_else(|| panic!("{name}: {answer}"));
    one["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
            format!("{} {}: {}; {}", text("state"), text("check"), text("message"), text("help"))
        })
        .collect()
}

/// That some finding begins and goes on like this.
#[track_caller]
fn says(answer: &Value, name: &str, begins: &str, holds: &str) {
    let findings = findings(answer, name);
    let found = findings.iter().any(|one| one.starts_with(begins) && one.contains(holds));
    assert!(found, "`{begins}` … `{holds}` is not among\n{}", findings.join("\n"));
}

/// That nothing but what is ok is found.
#[track_caller]
fn is_well(answer: &Value, name: &str) {
    let findings = findings(answer, name);
    let wrong: Vec<_> = findings.iter().filter(|one| !one.starts_with("ok ")).collect();
    assert!(!findings.is_empty() && wrong.is_empty(), "{name}: {wrong:#?}");
}

const SOUND: &str = "  sli:
    source: SOURCE
    prometheus:
      total: http_requests_total{job=\"api\"}
      bad: http_requests_total{job=\"api\",code=~\"5..\"}
";

/// What is wrong with queries is found on any server that has the history.
pub(super) fn finds_what_is_wrong(server: &Server, not_native: &str, nan: &str) {
    let url = format!("http://127.0.0.1:{}", server.http.port);
    let ratio = |good: &str, total: &str| {
        format!("  sli: {{source: SOURCE, prometheus: {{good: '{good}', total: '{total}'}}}}\n")
    };
    let histogram = |threshold: &str| {
        format!(
            "  threshold: {threshold}\n  sli: {{category: latency, source: SOURCE, prometheus: \
             {{histogram: 'http_duration_seconds{{job=\"api\"}}'}}}}\n"
        )
    };
    let all = "http_requests_total{job=\"api\"}";
    let ok = "http_requests_total{job=\"api\",code=\"200\"}";
    let objectives = [
        ("sound", SOUND.to_owned()),
        ("misspelled", ratio(ok, "http_request_total{job=\"api\"}")),
        ("no-value", ratio("http_requests_total{job=\"api\",code=\"2xx\"}", all)),
        ("no-combination", ratio("http_requests_total{job=\"quiet\",code=\"500\"}", all)),
        ("never-bad", SOUND.replace("5..", "4..")),
        (
            "good-and-bad",
            SOUND
                .replace(
                    "total: http_requests_total{job=\"api\"}",
                    "good: http_requests_total{job=\"api\",code=\"200\"}",
                )
                .replace("5..", "503"),
        ),
        ("swapped", ratio("http_requests_total", all)),
        ("nearly-swapped", ratio(all, ok)),
        ("no-bucket", histogram("300ms")),
        ("bucket", histogram("500ms")),
        (
            "not-native",
            SOUND
                .replace(
                    "prometheus:\n",
                    "prometheus:\n      native_histogram: http_requests_total\n",
                )
                .lines()
                .filter(|line| !line.contains("total: ") && !line.contains("bad: "))
                .collect::<Vec<_>>()
                .join("\n")
                + "\n  threshold: 1s\n",
        ),
        ("no-label", ratio(ok, all) + "  group_by: [datacenter]\n"),
        ("by-region", ratio(ok, all) + "  group_by: [region]\n"),
        (
            "nan",
            ratio(
                "sum(increase(http_requests_total{job=\"api\"}[{{.window}}])) * 0 / 0",
                "sum(increase(http_requests_total{job=\"api\"}[{{.window}}])) * 0 / 0",
            ),
        ),
    ];
    let objectives: Vec<(&str, &str)> =
        objectives.iter().map(|(name, spec)| (*name, spec.as_str())).collect();
    let (answer, code) = doctor(&catalog(&url, "2d", &objectives));
    assert_eq!(code, 1);
    is_well(&answer, "metrics");
    is_well(&answer, "sound");
    is_well(&answer, "bucket");
    is_well(&answer, "by-region");
    says(&answer, "sound", "ok series: all: 3 series of `http_requests_total{job=\"api\"}`", "");
    says(&answer, "sound", "ok beginning: ", "2026-03-03");
    says(
        &answer,
        "misspelled",
        "bad series: all: there is no metric `http_request_total`",
        "`http_requests_total`",
    );
    says(
        &answer,
        "no-value",
        "bad series: good: no series of `http_requests_total` has code=\"2xx\"",
        "`200`, `500`",
    );
    says(&answer, "no-combination", "bad series: good: no series of", "all together by none");
    says(&answer, "never-bad", "warning series: bad: no series of", "right if there never was");
    says(&answer, "good-and-bad", "warning series: bad: no series of", "right if there never was");
    says(&answer, "swapped", "bad events: over the last 1h: ", "more than there are");
    says(&answer, "no-bucket", "bad bucket: good: ", "the nearest are `0.1` and `0.5`");
    says(&answer, "bucket", "ok bucket: ", "up to 0.5");
    says(&answer, "not-native", "bad events: ", not_native);
    says(&answer, "no-label", "bad labels: all: no series", "`datacenter`");
    says(&answer, "by-region", "ok groups: 2 groups by region", "");
    says(&answer, "nearly-swapped", "warning events: more good than all", "not swapped");
    says(&answer, "nan", nan, "divide by zero");
}

/// A window that begins before the history: when that begins is found.
pub(super) fn finds_where_the_data_begin(server: &Server) {
    let url = format!("http://127.0.0.1:{}", server.http.port);
    let (answer, code) = doctor(&catalog(&url, "12d", &[("young", SOUND)]));
    assert_eq!(code, 0);
    // Twelve days before the end of three days; found to a sixty-fourth of that.
    says(&answer, "young", "warning beginning: no samples of", "they begin about 2026-03-02 0");
}

/// A server that keeps samples for less than a window is long.
pub(super) fn finds_short_retention(server: &Server) {
    let url = format!("http://127.0.0.1:{}", server.http.port);
    let (answer, code) = doctor(&catalog(&url, "120d", &[("long", SOUND)]));
    assert_eq!(code, 1);
    says(
        &answer,
        "metrics",
        "bad retention: it keeps samples for 90d, and `long` looks back 120d",
        "",
    );
}

/// A server that does something else than answering, beside one that does: the other is looked at.
pub(super) fn bad_days_hide_nothing(server: &Server) {
    for (behaviour, expected) in [
        (
            Behaviour::Answer { status: 401, content_type: "text/plain", body: b"who?".to_vec() },
            "the server wants a credential (401)",
        ),
        (Behaviour::LoginPage, "answered with a web page, not with JSON"),
        (Behaviour::StallBeforeHeaders, "no answer within 1s"),
        (Behaviour::HangUp, "bad answer: "),
    ] {
        let broken = Misbehaving::start(behaviour);
        let text = source("broken", &broken.url()).replace("5s", "1s")
            + "---\n"
            + &source("metrics", &format!("http://127.0.0.1:{}", server.http.port))
            + &objective("hidden", "broken", "2d", SOUND)
            + &objective("sound", "metrics", "2d", SOUND);
        let files = Files::new(&[("sre.yaml", "{}"), ("all.yaml", &text)]);
        let (answer, code) = doctor(&files);
        assert_eq!(code, 3, "{answer}");
        says(&answer, "broken", "bad answer: ", expected);
        says(&answer, "hidden", "unknown source: not looked at", "");
        is_well(&answer, "sound");
    }
}

/// A server that answers what reads nothing, and fails at everything else, is left in peace after a few
/// questions.
#[test]
fn a_server_that_always_fails_is_not_asked_for_ever() {
    let alive = Behaviour::json(
        r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}"#,
    );
    let nothing = Behaviour::Answer { status: 404, content_type: "text/plain", body: vec![] };
    let fails = Behaviour::Answer { status: 500, content_type: "text/plain", body: vec![] };
    let broken = Misbehaving::start_with(vec![alive, nothing.clone(), nothing, fails]);
    let names: Vec<String> = (0..40).map(|number| format!("slo-{number}")).collect();
    let objectives: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), SOUND)).collect();
    let files = catalog(&broken.url(), "2d", &objectives);
    let now = rfc3339(data::end());
    let ran = Run::new(&["doctor", "-q", "--now", &now]).within(&files).go();
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("the server failed too often"), "{}", ran.stdout);
    assert!(broken.requests().len() < 40, "{} requests", broken.requests().len());
}
