//! `sre budget`, `burn`, `gate` and `status` where servers fail.
#![expect(clippy::disallowed_methods, reason = "looks into a cache")]
use super::harness::{Files, Ran, Run};
use crate::{
    misbehaving::{Behaviour, Misbehaving},
    transport::SECRET,
};
use serde_json::{Value, json};
use std::{fmt::Write as _, fs};

/// A catalog with one objective on a file, and one on each of these servers: name, address, and what else
/// its data source says.
fn catalog(servers: &[(&str, &str, &str)]) -> Files {
    let mut text = String::from(
        "apiVersion: sre/v1\nkind: DataSource\nmetadata: {name: requests, owner: web}\n\
         spec: {files: {paths: [../requests.csv], format: csv}}\n\
         ---\napiVersion: sre/v1\nkind: SLO\nmetadata: {name: healthy, owner: web}\n\
         spec: {target: 99%, window: 1d, sli: {source: requests, events: {good: status < 500}}}\n",
    );
    for (name, url, more) in servers {
        let more = if more.is_empty() { String::new() } else { format!(", {more}") };
        write!(
            text,
            "---\napiVersion: sre/v1\nkind: DataSource\nmetadata: {{name: at-{name}, owner: web}}\n\
             spec: {{prometheus: {{url: '{url}'{more}}}}}\n\
             ---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}, owner: web}}\n\
             spec:\n  target: 99%\n  window: 30d\n  sli:\n    source: at-{name}\n    prometheus:\n\
             \x20     total: 'requests_total{{job=\"api\"}}'\n\
             \x20     bad: 'requests_total{{job=\"api\",code=\"500\"}}'\n"
        )
        .unwrap();
    }
    // Sixty good requests in a minute not long ago.
    let mut csv = "time,status\n".to_owned();
    for second in 0..60 {
        writeln!(csv, "2026-12-01T11:58:{second:02}Z,200").unwrap();
    }
    Files::new(&[("specs/all.yaml", &text), ("requests.csv", &csv)])
}

fn item<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let items = answer["items"].as_array().unwrap();
    items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("{name}: {answer}"))
}

fn read(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// A run of a command over the catalog, that says all it can.
fn run(files: &Files, arguments: &[&str]) -> Ran {
    let run = Run::new(arguments).args(["-v", "--show-queries", "--format", "json"]);
    let ran = run.within(files).go();
    assert!(!format!("{ran:?}").contains(SECRET), "{ran:?}");
    ran
}

/// What a server says, how its data source is asked, and a part of the sentence and the exit code that
/// come of it.
struct Case {
    name: &'static str,
    server: Misbehaving,
    settings: &'static str,
    says: &'static str,
    code: u8,
}

fn case(name: &'static str, behaviour: Behaviour, says: &'static str, code: u8) -> Case {
    Case { name, server: Misbehaving::start(behaviour), settings: "", says, code }
}

fn error(kind: &str, message: &str) -> Behaviour {
    let body = json!({"status": "error", "errorType": kind, "error": message}).to_string();
    let status = if kind == "bad_data" { 400 } else { 422 };
    Behaviour::Answer { status, content_type: "application/json", body: body.into() }
}

/// An answer to an instant query with as many series as asked for, all of them of all events.
fn many_series(count: usize) -> Behaviour {
    let series: Vec<String> = (0..count)
        .map(|number| {
            format!(
                r#"{{"metric":{{"sre_part":"total","pod":"{number}"}},"value":[1796126400,"1"]}}"#
            )
        })
        .collect();
    Behaviour::json(&format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#,
        series.join(",")
    ))
}

fn untrusted() -> Misbehaving {
    let signed = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der());
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key.into())
        .unwrap();
    Misbehaving::start_tls(Behaviour::json("{}"), config)
}

fn cases() -> Vec<Case> {
    let unauthorized =
        Behaviour::Answer { status: 401, content_type: "text/plain", body: "who is it?".into() };
    let elsewhere = format!("https://login.example.com/in?state={SECRET}");
    vec![
        Case {
            settings: "timeout: 300ms",
            ..case("stalls", Behaviour::StallBeforeHeaders, "no answer within 300ms", 3)
        },
        case("login", Behaviour::LoginPage, "answered with a web page, not with JSON", 3),
        case(
            "busy",
            Behaviour::RetryAfter { status: 429, value: "120".into() },
            "too many requests (429): later; it asks to wait 2m",
            3,
        ),
        case(
            "away",
            Behaviour::RetryAfter { status: 503, value: "120".into() },
            "the server is not there at present (503)",
            3,
        ),
        case("half", Behaviour::CloseInBody, "the answer broke off", 3),
        case("guarded", unauthorized, "the server wants a credential (401): who is it?", 3),
        Case {
            server: untrusted(),
            ..case(
                "untrusted",
                Behaviour::HangUp,
                "is not signed by an authority that is trusted",
                3,
            )
        },
        case(
            "moved",
            Behaviour::Redirect { status: 302, location: elsewhere },
            "redirected to https://login.example.com/in;",
            3,
        ),
        case("nonsense", Behaviour::json("[1, 2]"), "JSON that is not of the Prometheus API", 3),
        case("crowd", many_series(50_000), "more than 1000 series", 2),
        case("refuses", error("bad_data", "1:1: parse error: odd"), "1:1: parse error: odd", 2),
        case(
            "too-much",
            error("execution", "query processing would load too many samples into memory"),
            "too many samples",
            2,
        ),
    ]
}

/// Each failure has a sentence, and takes nothing from what stands beside it.
#[test]
fn failures_have_sentences_and_spoil_nothing_else() {
    let cases = cases();
    let urls: Vec<String> = cases.iter().map(|case| case.server.url()).collect();
    let mut servers: Vec<(&str, &str, &str)> = cases
        .iter()
        .zip(&urls)
        .map(|(case, url)| (case.name, url.as_str(), case.settings))
        .collect();
    // Nobody listens on port 1.
    servers.push(("dead", "http://127.0.0.1:1", ""));
    let files = catalog(&servers);
    let ran = run(&files, &["budget"]);
    assert_eq!(ran.code, 2, "what is asked wrongly goes before what failed");
    let answer = read(&ran);
    assert_eq!(answer["items"].as_array().unwrap().len(), cases.len() + 2);
    let healthy = item(&answer, "healthy");
    assert_eq!((&healthy["state"], &healthy["total"]), (&"ok".into(), &60.into()));
    let mut sentences = std::collections::BTreeSet::new();
    let expected = cases.iter().map(|case| (case.name, case.says));
    for (name, says) in expected.chain([("dead", "cannot connect")]) {
        let item = item(&answer, name);
        assert_eq!(item["state"], "unknown", "{name}");
        let reason = item["reason"].as_str().unwrap();
        assert!(reason.contains(says), "{name}: {reason}");
        assert!(sentences.insert(reason.to_owned()), "twice: {reason}");
        for nothing in ["good", "bad", "total", "sli", "budget", "burn_rate", "coverage"] {
            assert_eq!(item[nothing], Value::Null, "{name}: {nothing}");
        }
        assert_eq!(item["burn_rates"], json!([]), "{name}");
    }
    // The reason is told to people as well.
    let ran = Run::new(&["budget", "guarded", "healthy", "-q"]).within(&files).go();
    assert!(ran.stdout.contains("the server wants a credential (401)"), "{ran:?}");
}

/// One at a time, each command ends as the worst of what it could not find out.
#[test]
fn failures_end_runs_by_whose_fault_they_are() {
    let cases = cases();
    let urls: Vec<String> = cases.iter().map(|case| case.server.url()).collect();
    let servers: Vec<(&str, &str, &str)> = cases
        .iter()
        .zip(&urls)
        .map(|(case, url)| (case.name, url.as_str(), case.settings))
        .collect();
    let files = catalog(&servers);
    for case in &cases {
        let ran = run(&files, &["budget", "healthy", case.name]);
        assert_eq!(ran.code, case.code, "{}: {ran:?}", case.name);
    }
    for name in ["guarded", "refuses"] {
        let code = cases.iter().find(|case| case.name == name).unwrap().code;
        let burn = run(&files, &["burn", "healthy", name]);
        assert_eq!(burn.code, code, "{burn:?}");
        assert_eq!(item(&read(&burn), "healthy")["alerts"][0]["state"], "quiet");
        let gate = run(&files, &["gate", "healthy", name]);
        assert_eq!(gate.code, code, "{gate:?}");
        let decision = read(&gate);
        assert_eq!(item(&decision, "healthy")["decision"], "allow", "{gate:?}");
        assert_ne!(item(&decision, name)["decision"], "allow", "{gate:?}");
        let reason = item(&decision, name)["unknown"].as_str().unwrap().to_owned();
        assert!(reason.contains(cases.iter().find(|case| case.name == name).unwrap().says));
    }
    // What shows what there is does not fail.
    let status = Run::new(&["status"]).within(&files).go();
    assert_eq!(status.code, 0, "{status:?}");
    assert!(status.stdout.contains("12 unknown, 1 ok"), "{}", status.stdout);
}

/// The form of a reply depends on what is asked.
fn by_path(files: &Files, server: &Misbehaving, vector: &str, matrix: &str) -> Vec<Behaviour> {
    run(files, &["budget", "server", "--no-cache"]);
    let form = |path: &str| if path.ends_with("query_range") { matrix } else { vector };
    server.requests().iter().map(|request| Behaviour::json(form(&request.path))).collect()
}

fn replies(bad: u32, more: &str) -> (String, String) {
    let one = |part: &str, value: u32| {
        format!(r#"{{"metric":{{"sre_part":"{part}"}},"value":[1796126400,"{value}"]}}"#)
    };
    let vector = format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{},{}]}}{more}}}"#,
        one("total", 100_000),
        one("part", bad)
    );
    let matrix =
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[]}}{more}}}"#);
    (vector, matrix)
}

/// A server that answers every window with the same, in turn; and the catalog for it.
fn answering(bad: u32, more: &str) -> (Misbehaving, Files) {
    let (vector, matrix) = replies(bad, more);
    // Asked one after the other, the requests stand in a fixed order, which is found out first.
    let settings = "concurrency: 1";
    let probe = Misbehaving::start(Behaviour::json(&vector));
    let files = catalog(&[("server", &probe.url(), settings)]);
    let mut order = by_path(&files, &probe, &vector, &matrix);
    assert!(order.len() > 5, "{}", order.len());
    order = order.iter().cycle().take(order.len() * 8).cloned().collect();
    let server = Misbehaving::start_with(order);
    let files = catalog(&[("server", &server.url(), settings)]);
    (server, files)
}

#[test]
fn warnings_make_answers_incomplete() {
    let (_whole, files) = answering(10, "");
    let ran = run(&files, &["budget", "server", "--no-cache"]);
    assert_eq!((ran.code, &item(&read(&ran), "server")["state"]), (0, &"ok".into()), "{ran:?}");
    let warning = r#","warnings":["store eu-2 is away"]"#;
    let (_partial, files) = answering(10, warning);
    for (command, code) in [("budget", 4), ("burn", 4), ("gate", 4)] {
        let ran = run(&files, &[command, "server", "healthy", "--no-cache"]);
        assert_eq!(ran.code, code, "{command}: {ran:?}");
        let answer = read(&ran);
        let item = item(&answer, "server");
        if command == "budget" {
            assert_eq!(item["state"], "incomplete");
            assert_eq!(item["total"], 100_000, "what is known is shown");
            let reason = item["reason"].as_str().unwrap();
            assert!(reason.contains("may lack something: store eu-2 is away"), "{reason}");
        }
        if command == "gate" {
            assert!(item["unknown"].as_str().unwrap().contains("store eu-2"), "{item}");
        }
    }
    // Worse stands: an objective beside it whose server is dead, and one that fires.
    let (_partial, files) = answering(100_000, warning);
    assert_eq!(run(&files, &["burn", "server", "--no-cache"]).code, 1);
}

/// A replica counted twice or a store left out is a wrong number, and another tenant's is none at all.
#[test]
fn tenants_and_the_parameters_of_thanos_are_sent() {
    let body = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
    let server = Misbehaving::start(Behaviour::json(body));
    let url = server.url();
    let more = "tenant: shop, thanos: {max_source_resolution: 5m}";
    run(&catalog(&[("server", &url, more)]), &["budget", "server", "--no-cache"]);
    let requests = server.requests();
    assert!(requests.len() > 1, "{requests:?}");
    for request in requests {
        assert_eq!(request.headers["x-scope-orgid"], "shop");
        for sent in ["dedup=true", "partial_response=false", "max_source_resolution=5m"] {
            assert!(request.body.contains(sent), "{sent}: {request:?}");
        }
    }
}

/// A rate over a count would be wrong by the length of the window.
#[test]
fn sides_of_different_units_are_refused() {
    let mixed = catalog(&[("server", "http://127.0.0.1:1", "")]).read("specs/all.yaml").replace(
        "'requests_total{job=\"api\"}'",
        "'sum(rate(requests_total{job=\"api\"}[{{.window}}]))'",
    );
    let ran = run(&Files::new(&[("specs/all.yaml", &mixed)]), &["budget", "server"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let says = "one side of the indicator of `server` gives events, the other events per second";
    assert!(ran.stderr.contains(says), "{ran:?}");
}

/// No secret is said, whatever is asked for: not those of variables, files and addresses.
#[test]
fn secrets_stay_secret() {
    let guarded = Behaviour::Answer {
        status: 401,
        content_type: "text/plain",
        body: format!("who is {SECRET}?").into(),
    };
    let (vector, _) = replies(0, "");
    for behaviour in [guarded, Behaviour::HangUp, Behaviour::json(&vector)] {
        let server = Misbehaving::start(behaviour.clone());
        let files = catalog(&[("server", &server.url(), "")]);
        let host = format!("127.0.0.1:{}", server.port());
        let credentials = [
            format!("bearer: {{token: {SECRET}}}"),
            format!("basic: {{username: me, password: {SECRET}}}"),
        ];
        let cache = files.path().join("cache");
        let check = |run: Run| {
            let ran = run
                .args(["budget", "server", "-v", "--show-queries"])
                .env("SRE_CACHE_DIR", cache.to_str().unwrap())
                .within(&files)
                .go();
            let hidden = [SECRET, "bWU6aHVudGVyMi01ZWNyM3Q"];
            for secret in hidden {
                assert!(!format!("{ran:?}").contains(secret), "{ran:?}");
                for kept in fs::read_dir(&cache).unwrap() {
                    let bytes = fs::read(kept.unwrap().path()).unwrap();
                    assert!(!String::from_utf8_lossy(&bytes).contains(secret));
                }
            }
        };
        check(Run::new(&[]).env("SRE_PROMETHEUS_HOST", &host).env("SRE_PROMETHEUS_TOKEN", SECRET));
        let basic = Run::new(&[]).env("SRE_PROMETHEUS_HOST", &host);
        check(basic.env("SRE_PROMETHEUS_USERNAME", "me").env("SRE_PROMETHEUS_PASSWORD", SECRET));
        for credential in credentials {
            let text = format!("- {{name: prod, host: '{host}', {credential}}}\n");
            files.write("credentials.yaml", text.as_bytes());
            let path = files.path().join("credentials.yaml");
            check(Run::new(&[]).env("SRE_CREDENTIALS", path.to_str().unwrap()));
        }
        if !matches!(behaviour, Behaviour::HangUp) {
            let sent = server.requests();
            let authorized = sent.iter().filter(|one| one.headers.contains_key("authorization"));
            assert!(authorized.count() >= 4, "the secrets were sent");
        }
    }
    let files = catalog(&[("server", "http://127.0.0.1:1", "")]);
    for url in [
        format!("http://me:{SECRET}@127.0.0.1:1"),
        format!("http://127.0.0.1:1/?token={SECRET}"),
        format!("http://127.0.0.1:1/#{SECRET}"),
    ] {
        let ran = run(&files, &["budget", "server", "--prometheus", &url]);
        assert_eq!(ran.code, 2, "{ran:?}");
        let files = catalog(&[("server", &url, "")]);
        assert_eq!(run(&files, &["budget"]).code, 2);
    }
}

/// What a data source that is a program prints is measured, where that is allowed.
#[cfg(unix)]
mod programs {
    use super::*;

    fn catalog(sources: &[(&str, &str, &str, &str)]) -> Files {
        let mut text = String::new();
        for (name, script, more, sli) in sources {
            let run = json!(["sh", "-c", script]);
            write!(
                text,
                "apiVersion: sre/v1\nkind: DataSource\nmetadata: {{name: at-{name}, owner: web}}\n\
                 spec: {{command: {{run: {run}{more}}}}}\n\
                 ---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}, owner: web}}\n\
                 spec: {{target: 99%, window: 1d, sli: {{source: at-{name}, {sli}}}}}\n---\n"
            )
            .unwrap();
        }
        Files::new(&[("specs/all.yaml", text.trim_end_matches("---\n"))])
    }

    const COUNTS: &str = "counts: {bad: failed, total: orders}";
    const EVENTS: &str = "events: {good: status < 500}";
    const SAMPLES: &str =
        "prometheus: {bad: 'requests_total{code=\"500\"}', total: requests_total}";

    fn programs() -> Files {
        catalog(&[
            (
                "counts",
                "echo time,orders,failed; echo 2026-12-01T10:00:00Z,40,1; \
                 echo 2026-12-01T11:00:00Z,60,2",
                ", records: counts",
                COUNTS,
            ),
            (
                "events",
                "printf '{\"time\":\"2026-12-01T11:00:00Z\",\"status\":200}\\n\
                 {\"time\":\"2026-12-01T11:00:01Z\",\"status\":500}\\n'",
                ", format: jsonl",
                EVENTS,
            ),
            (
                "samples",
                "for at in 0 60 120; do echo \"requests_total{code=\\\"200\\\"} $at $((1796122800 + at))\"; \
                 done; echo 'requests_total{code=\"500\"} 1 1796122800'; \
                 echo 'requests_total{code=\"500\"} 3 1796122920'; echo '# EOF'",
                ", format: openmetrics",
                SAMPLES,
            ),
            // It is told which time is asked for.
            (
                "asked",
                "echo time,status; echo \"$SRE_TO,200\" | sed s/12:00/11:59/; test -n \"$SRE_FROM\"",
                "",
                EVENTS,
            ),
            ("fails", "echo time,status; echo no disk >&2; exit 3", "", EVENTS),
            ("fails-samples", "echo no series >&2; exit 3", ", format: openmetrics", SAMPLES),
            ("slow", "sleep 30", ", timeout: 300ms", EVENTS),
            ("prose", "echo this is no measurement", "", EVENTS),
        ])
    }

    #[test]
    fn are_refused_unless_allowed() {
        let files = programs();
        let ran = run(&files, &["budget"]);
        assert_eq!(ran.code, 2);
        for item in read(&ran)["items"].as_array().unwrap() {
            assert_eq!(item["state"], "unknown");
            let reason = item["reason"].as_str().unwrap();
            assert!(reason.ends_with("runs a program (`sh`); allow that with --allow-command"));
        }
    }

    #[test]
    fn are_read_like_files() {
        let names = ["counts", "events", "samples", "asked"];
        let ran =
            Run::new(&["budget", "--allow-command", "--format", "json", "--fail-on", "never"])
                .args(names)
                .within(&programs())
                .go();
        assert_eq!(ran.code, 0, "{ran:?}");
        let answer = read(&ran);
        for (name, total, bad) in
            [("counts", 100, 3), ("events", 2, 1), ("samples", 122, 2), ("asked", 1, 0)]
        {
            let item = item(&answer, name);
            assert_eq!((&item["total"], &item["bad"]), (&total.into(), &bad.into()), "{item}");
            assert_eq!(item["source"], format!("at-{name}"));
            assert_eq!(item["extrapolated"], false);
        }
    }

    #[test]
    fn fail_as_surroundings_do() {
        let files = programs();
        let check = |name: &str, says: &str, code: u8| {
            let ran = run(&files, &["budget", "counts", name, "--allow-command"]);
            assert_eq!(ran.code, code, "{ran:?}");
            let answer = read(&ran);
            assert_eq!(item(&answer, "counts")["total"], 100);
            let item = item(&answer, name);
            assert_eq!(item["state"], "unknown");
            assert!(item["reason"].as_str().unwrap().contains(says), "{item}");
        };
        check("fails", "`sh` ended with status 3: no disk", 3);
        check("fails-samples", "`sh` ended with status 3: no series", 3);
        check("slow", "`sh` ran longer than 300ms", 3);
        // What it prints is for whoever wrote it to mend, as with a file.
        check("prose", "output of at-prose", 2);
    }

    #[test]
    fn that_are_not_there_are_missing_surroundings() {
        let text = programs().read("specs/all.yaml").replace("\"sh\"", "\"no-such-program\"");
        let files = Files::new(&[("specs/all.yaml", &text)]);
        let ran = run(&files, &["budget", "events", "--allow-command"]);
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.stdout.contains("there is no such program in `PATH`"), "{ran:?}");
    }
}
