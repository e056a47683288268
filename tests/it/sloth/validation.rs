//! What Sloth refuses is refused, and what it takes is taken.
use super::golden;
use crate::cli::harness::{Files, Ran, Run};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of Sloth's that it takes: what its own cases begin with, field by field.
#[derive(Clone)]
struct Sloth {
    service: &'static str,
    name: &'static str,
    objective: &'static str,
    labels: Vec<(&'static [u8], &'static [u8])>,
    sli: String,
    alert_name: &'static str,
    page: Vec<u8>,
    ticket: Vec<u8>,
    plugins: &'static str,
}

const ERRORS: &str = r#"sum(rate(grpc_server_handled_requests_count{job="myapp",code=~"Internal|Unavailable"}[{{ .window }}]))"#;
const TOTAL: &str = r#"sum(rate(grpc_server_handled_requests_count{job="myapp"}[{{ .window }}]))"#;
const BROKEN: &str = "sum(rate(grpc_server_handled_requests_count{[{{ .window }}]))";
const WITHOUT_WINDOW: &str = "sum(rate(grpc_server_handled_requests_count[1m]))";

fn events(error: &str, total: &str) -> String {
    format!("{{events: {{error_query: '{error}', total_query: '{total}'}}}}")
}

fn raw(query: &str) -> String {
    format!("{{raw: {{error_ratio_query: '{query}'}}}}")
}

impl Sloth {
    fn valid() -> Self {
        Self {
            service: "test-svc",
            name: "test.slo-0_1",
            objective: "99.99",
            labels: vec![(b"owner", b"myteam"), (b"category", b"test")],
            sli: events(ERRORS, TOTAL),
            alert_name: "testAlert",
            page: b"{labels: {severity: slack}, annotations: {message: Now.}}".to_vec(),
            ticket: b"{labels: {severity: slack}, annotations: {message: Later.}}".to_vec(),
            plugins: "{}",
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut text = format!(
            "version: prometheus/v1\nservice: \"{}\"\nslos:\n- name: \"{}\"\n  objective: {}\n  \
             sli: {}\n  plugins: {}\n  labels:\n",
            self.service, self.name, self.objective, self.sli, self.plugins
        )
        .into_bytes();
        for (key, value) in &self.labels {
            text.extend([b"    \"", *key, b"\": \"", *value, b"\"\n"].concat());
        }
        text.extend(format!("  alerting:\n    name: \"{}\"\n", self.alert_name).bytes());
        text.extend([b"    page_alert: ", self.page.as_slice(), b"\n"].concat());
        text.extend([b"    ticket_alert: ", self.ticket.as_slice(), b"\n"].concat());
        text
    }
}

fn validate(bytes: &[u8]) -> Ran {
    let files = Files::new(&[]);
    files.write("slos.yaml", bytes);
    Run::new(&["validate", "slos.yaml", "--format", "concise"]).within(&files).go()
}

/// What one of the mutations of Sloth's cases makes of the valid file, and what the message has to name;
/// `None` for what is to be taken.
///
/// Where a case cannot be written as a file, the entry says what stands for it: the name by which Sloth
/// tells objectives apart is made of service and name, both alerts have one name in files, bytes that
/// are no UTF-8 are refused with the file, and the period is not in files but in `AlertWindows`.
#[expect(clippy::too_many_lines, reason = "a table")]
fn mutated(mutation: &str) -> (Vec<u8>, Option<&'static str>) {
    let mut slo = Sloth::valid();
    let with = |slo: Sloth, names: &'static str| (slo.bytes(), Some(names));
    let not_utf8 = "is not UTF-8";
    let text = |field: &str, key: &[u8], value: &[u8]| {
        [b"{", field.as_bytes(), b": {\"", key, b"\": \"", value, b"\"}}"].concat()
    };
    let key: &[u8] = b"\xF0\x8F\xBF\xBF";
    match mutation {
        "" => return (slo.bytes(), None),
        r#"id = """# => {
            (slo.service, slo.name) = ("", "");
            return with(slo, "`service` is empty");
        }
        r#"id = "this-is-{a-test""# => {
            (slo.service, slo.name) = ("this-is", "{a-test");
            return with(slo, "`{a-test` is no `name`");
        }
        r#"name = """# => slo.name = "",
        r#"name = "this-is-{a-test""# => slo.name = "this-is-{a-test",
        r#"name = "_" + name"# => slo.name = "_test.slo-0_1",
        r#"id = id + "_""# | r#"name = name + "_""# => slo.name = "test.slo-0_1_",
        r#"service = """# => slo.service = "",
        r#"service = "this-is-{a-test""# => slo.service = "this-is-{a-test",
        r#"id = "_" + id"# | r#"service = "_" + service"# => slo.service = "_test-svc",
        r#"service = service + "_""# => slo.service = "test-svc_",
        "sli = {}" => {
            "{}".clone_into(&mut slo.sli);
            return with(slo, "`sli` says nothing");
        }
        "time_window = 0" => {
            let windows = "apiVersion: sloth.slok.dev/v1\nkind: AlertWindows\nspec:\n  sloPeriod: 0\n  \
                           page: &pair\n    quick: &window {errorBudgetPercent: 2, shortWindow: 5m, \
                           longWindow: 1h}\n    slow: *window\n  ticket: *pair\n";
            return (windows.into(), Some("`sloPeriod` has no length"));
        }
        "objective = -1" => slo.objective = "-1",
        "objective = 0" => slo.objective = "0",
        "objective = 100.0001" => slo.objective = "100.0001",
        r#"labels["\xF0\x8F\xBF\xBF"] = "label key is wrong""# => {
            slo.labels.push((key, b"label key is wrong"));
            return with(slo, not_utf8);
        }
        r#"labels["something"] = """# => {
            slo.labels.push((b"something", b""));
            return with(slo, "the label `something` in `labels`");
        }
        r#"labels["something"] = "\xc3\x28""# => {
            slo.labels.push((b"something", b"\xc3\x28"));
            return with(slo, not_utf8);
        }
        r#"page_alert.name = """# | r#"ticket_alert.name = """# => {
            slo.alert_name = "";
            return with(slo, "the alerts have no `name`");
        }
        r#"page_alert.name = "" ; page_alert.disable = true ; page_alert.labels = {} ; page_alert.annotations = {}"# =>
        {
            slo.page = b"{disable: true}".to_vec();
            return (slo.bytes(), None);
        }
        r#"ticket_alert.name = "" ; ticket_alert.disable = true ; ticket_alert.labels = {} ; ticket_alert.annotations = {}"# =>
        {
            slo.ticket = b"{disable: true}".to_vec();
            return (slo.bytes(), None);
        }
        r#"plugins.chain = list{ ; {ID: ""}, ; }"# => {
            slo.plugins = "{chain: [{id: \"\"}]}";
            return with(slo, "`id` of a plugin");
        }
        "plugins.overridePrevious = true ; plugins.chain = list{}" => {
            slo.plugins = "{overridePrevious: true, chain: []}";
            return with(slo, "`overridePrevious`");
        }
        _ => {}
    }
    if let Some((alert, field)) =
        mutation.split_once('.').filter(|(alert, _)| alert.ends_with("_alert"))
    {
        let (field, rest) = field.split_once('[').unwrap();
        let (bytes, names) = match rest {
            r#""something"] = """# => (text(field, b"something", b""), None),
            r#""something"] = "\xc3\x28""# => {
                (text(field, b"something", b"\xc3\x28"), Some(not_utf8))
            }
            _ => (text(field, key, b"wrong"), Some(not_utf8)),
        };
        let empty = match (alert, field) {
            ("page_alert", "labels") => "`something` in `page_alert.labels`",
            ("page_alert", _) => "`something` in `page_alert.annotations`",
            (_, "labels") => "`something` in `ticket_alert.labels`",
            _ => "`something` in `ticket_alert.annotations`",
        };
        if alert == "page_alert" {
            slo.page = bytes;
        } else {
            slo.ticket = bytes;
        }
        return with(slo, names.unwrap_or(empty));
    }
    if let Some(rest) = mutation.strip_prefix("sli.") {
        let broken = rest.contains("_count{[");
        let query = if broken { BROKEN } else { WITHOUT_WINDOW };
        let (sli, names) = match rest {
            r#"events.error_query = """# => (events("", TOTAL), "`error_query` is empty"),
            r#"events.total_query = """# => (events(ERRORS, ""), "`total_query` is empty"),
            "events = nil ; sli.raw = raw{}" => (raw(""), "`error_ratio_query` is empty"),
            _ if rest.starts_with("raw") => {
                let both = format!(
                    "{{events: {{error_query: '{ERRORS}', total_query: '{TOTAL}'}}, \
                                    raw: {{error_ratio_query: '{ERRORS}'}}}}"
                );
                (both, "`events` cannot stand beside `raw`")
            }
            _ if rest.starts_with("events = nil") => (raw(query), "`error_ratio_query`"),
            _ if rest.contains("; sli.events.error_query") => {
                (events(ERRORS, ERRORS), "`error_query` and `total_query` are the same")
            }
            _ if rest.starts_with("events.error_query") => (events(query, TOTAL), "`error_query`"),
            _ if rest.starts_with("events.total_query") => (events(ERRORS, query), "`total_query`"),
            _ => panic!("a case that is not known: {mutation}"),
        };
        slo.sli = sli;
        return with(slo, names);
    }
    #[expect(clippy::match_same_arms, reason = "a table: one arm for each case")]
    let names = match mutation.split([' ', '=']).next() {
        Some("name") => "`name`",
        Some("service") => "`service`",
        Some("id") if slo.service.starts_with('_') => "`service`",
        Some("id") => "`name`",
        Some("objective") => "`objective`",
        _ => panic!("a case that is not known: {mutation}"),
    };
    with(slo, names)
}

#[test]
fn every_case_of_sloth_ends_as_it_does_there_and_the_message_names_the_field() {
    let Some(folder) = golden::folder() else { return };
    let cases = golden::cases(&folder, "cases/validation.yaml");
    let cases = cases["cases"].as_sequence().unwrap();
    assert_eq!(cases.len(), 48);
    for case in cases {
        let mutation = case["mutation"].as_str().unwrap();
        let (bytes, names) = mutated(mutation);
        assert_eq!(names.is_none(), case["error"].is_null(), "{mutation}");
        let ran = validate(&bytes);
        let shown = format!(
            "{}\n{ran:?}\n{}",
            case["case"].as_str().unwrap(),
            String::from_utf8_lossy(&bytes)
        );
        match names {
            None => assert_eq!(ran.code, 0, "{shown}"),
            Some(names) => {
                assert_ne!(ran.code, 0, "{shown}");
                assert!((ran.stdout + &ran.stderr).contains(names), "{names}: {shown}");
            }
        }
    }
}

/// The files of a folder that Sloth would look at, as its flags choose among them.
fn chosen(folder: &Path, exclude: Option<&str>, include: Option<&str>) -> Vec<PathBuf> {
    let matches = |pattern: Option<&str>, path: &str| {
        pattern.is_some_and(|pattern| regex_lite(pattern, path))
    };
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        if next.is_file() {
            found.push(next);
            continue;
        }
        folders.extend(fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()));
    }
    found.retain(|path| {
        let path = path.to_str().unwrap();
        !matches(exclude, path) && (include.is_none() || matches(include, path))
    });
    found.sort();
    found
}

/// The three patterns that the cases use: a part of a path, with or without `.*` around it.
fn regex_lite(pattern: &str, path: &str) -> bool {
    path.contains(pattern.trim_start_matches(".*").trim_end_matches(".*"))
}

#[test]
fn folders_of_documents_end_as_they_do_in_sloth() {
    let Some(folder) = golden::folder() else { return };
    let cases = golden::cases(&folder, "cases/validate_cli.yaml");
    let cases = cases.as_sequence().unwrap();
    assert_eq!(cases.len(), 13);
    for case in cases {
        let arguments: Vec<&str> = case["args"].as_str().unwrap().split(' ').collect();
        let value = |name: &str| {
            let at = arguments.iter().position(|argument| *argument == name)?;
            arguments.get(at + 1).copied()
        };
        let input = folder.join("sloth").join(value("--input").unwrap());
        let paths = chosen(&input, value("--fs-exclude"), value("--fs-include"));
        // What of Sloth's reading of OpenSLO is stricter or laxer than OpenSLO is not looked at here.
        let paths: Vec<&str> = paths.iter().filter_map(|path| path.to_str()).collect();
        let (openslo, paths): (Vec<&str>, Vec<&str>) =
            paths.into_iter().partition(|path| path.contains("openslo"));
        let expected = case["error"].as_bool().unwrap();
        if paths.is_empty() {
            // Nothing to look at is a failure; the command names at least one path.
            assert!(expected && (openslo.len() == 2 || value("--fs-exclude") == Some(".*")));
            continue;
        }
        let mut run = Run::new(&["validate", "--format", "concise"]).args(paths);
        if arguments.contains(&"--ignore-slo-duplicates") {
            run = run.args(["--level", "duplicate-name=off"]);
        }
        let ran = run.go();
        assert_eq!(ran.code != 0, expected, "{}\n{ran:?}", case["case"].as_str().unwrap());
    }
}
