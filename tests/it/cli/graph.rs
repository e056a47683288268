//! `sre graph`.
#![expect(clippy::disallowed_methods, reason = "runs Graphviz on what is drawn for it")]
use super::harness::{Files, Ran, Run};
use crate::servers::installed;
use serde_json::Value;
use std::{
    io::Write as _,
    process::{Command, Stdio},
};

fn service(name: &str, needs: &[&str]) -> String {
    let needs: Vec<String> = needs.iter().map(|need| format!("    - {need}\n")).collect();
    let needs =
        if needs.is_empty() { String::new() } else { format!("  depends_on:\n{}", needs.concat()) };
    format!(
        "apiVersion: sre/v1\nkind: Service\nmetadata: {{name: {name}}}\nspec:\n  tier: 1\n{needs}---\n"
    )
}

fn slo(name: &str, service: &str, more: &str) -> String {
    format!(
        "apiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}}}\nspec:\n  service: {service}\n{more}---\n"
    )
}

/// Two services in front of a database with two copies; one promises too much.
fn shop() -> Files {
    let services = [
        service("web", &["{service: api}", "{service: search, criticality: soft}"]),
        service("api", &["{service: db, redundancy: 2}", "{service: mail}"]),
        service("db", &[]),
    ];
    let slos = [
        slo("web-up", "web", "  target: 99.9%\n  window: 30d\n  sli: web-requests\n"),
        slo("api-up", "api", "  target: 99.95%\n  window: 30d\n  alerting: loud\n"),
        slo("db-up", "db", "  target: 99%\n  window: {calendar: month, time_zone: UTC}\n"),
        slo("mail-up", "mail", "  target: 99.5%\n  window: 30d\n"),
        "apiVersion: sre/v1\nkind: SLI\nmetadata: {name: web-requests}\nspec:\n  indicator: good / total\n---\n"
            .to_owned(),
        "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: journey}\nspec:\n  target: 99%\n  window: 30d\n  \
         composite:\n    - {slo: web-up, weight: 2}\n    - {slo: api-up}\n"
            .to_owned(),
    ];
    Files::new(&[
        ("sre.yaml", ""),
        ("specs/services.yaml", &services.concat()),
        ("specs/slos.yaml", &slos.concat()),
    ])
}

fn graph(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(&["graph", "-q"]).args(arguments.iter().copied()).within(files).go()
}

#[test]
fn a_tree_of_services_with_promises_and_ceilings() {
    let ran = graph(&shop(), &[]);
    let expected = "\
Service web  tier 1
├─ SLO web-up  99.9% over 30d  ✗ above ceiling 99.4403049%
│  └─ SLI web-requests
├─ needs Service api  tier 1
│  ├─ SLO api-up  99.95% over 30d  ✗ above ceiling 99.49005%
│  │  └─ AlertPolicy loud  ✗ not in the catalog
│  ├─ needs Service db  hard, 2 copies  tier 1
│  │  └─ SLO db-up  99% per month
│  └─ needs Service mail  ! not in the catalog
│     └─ SLO mail-up  99.5% over 30d
└─ needs Service search  soft  ! not in the catalog
SLO journey  99% over 30d
├─ part SLO web-up  weight 2  99.9% over 30d  ✗ above ceiling 99.4403049%  see above
└─ part SLO api-up  weight 1  99.95% over 30d  ✗ above ceiling 99.49005%  see above

9 documents, 12 references, 3 not in the catalog
";
    assert_eq!((ran.stdout.as_str(), ran.code), (expected, 0), "\n{}", ran.stdout);
}

#[test]
fn the_ceilings_are_those_that_the_rule_computes() {
    let files = shop();
    let found = Run::new(&["validate", "--format", "concise", "-q"]).within(&files).go().stdout;
    let answer = Run::new(&["graph"]).within(&files).json();
    let mut told = 0;
    for node in answer["nodes"].as_array().unwrap() {
        let Some(ceiling) = node["ceiling"].as_f64().filter(|_| node["kind"] == "SLO") else {
            continue;
        };
        // The message cuts after seven decimals.
        let percent = format!("{:.9}", ceiling * 100.0);
        let in_rule = found.lines().filter(|line| line.contains("SLO011")).any(|line| {
            let told = line.rsplit(' ').next().unwrap().trim_end_matches('%');
            percent.starts_with(told)
        });
        assert_eq!(in_rule, node["attainable"] == false, "{node} {percent}\n{found}");
        told += 1;
    }
    assert_eq!(told, 2, "{answer}");
}

#[test]
fn a_part_of_it_in_either_direction() {
    let files = shop();
    let below = graph(&files, &["api", "--depth", "1"]);
    let expected = "\
Service api  tier 1
├─ SLO api-up  99.95% over 30d  ✗ above ceiling 99.49005%
├─ needs Service db  hard, 2 copies  tier 1
└─ needs Service mail  ! not in the catalog

3 documents, 3 references, 1 not in the catalog
";
    assert_eq!(below.stdout, expected, "\n{}", below.stdout);
    let above = graph(&files, &["db", "--direction", "needed-by"]);
    let expected = "\
Service db  tier 1
├─ needed by Service api  hard, 2 copies  tier 1
│  ├─ needed by Service web  tier 1
│  │  └─ SLO web-up  99.9% over 30d  ✗ above ceiling 99.4403049%
│  │     └─ part of SLO journey  weight 2  99% over 30d
│  └─ SLO api-up  99.95% over 30d  ✗ above ceiling 99.49005%
│     └─ part of SLO journey  weight 1  99% over 30d
└─ SLO db-up  99% per month

7 documents, 7 references
";
    assert_eq!(above.stdout, expected, "\n{}", above.stdout);
    let services = graph(&files, &["--kind", "services", "--direction", "both"]);
    assert!(services.stdout.starts_with("what it needs\nService web"), "{}", services.stdout);
    assert!(services.stdout.contains("\nwhat needs it\nService db"), "{}", services.stdout);
    assert!(!services.stdout.contains("SLO"), "{}", services.stdout);
    let of_api = graph(&files, &["--service", "api", "--kind", "slo", "--format", "csv"]);
    assert_eq!(
        of_api.stdout,
        "from,relation,to,criticality,redundancy,resolved\n\
         SLO/api-up,speaks_of,Service/api,,,true\n"
    );
    let own = graph(&files, &["SLO/web-up"]);
    assert!(own.stdout.starts_with("SLO web-up"), "{}", own.stdout);
    assert!(own.stdout.contains("├─ Service web  tier 1\n"), "{}", own.stdout);
}

#[test]
fn eighty_columns_of_ascii() {
    let files = shop();
    let ran = Run::new(&["graph", "--color", "never"])
        .within(&files)
        .env("LC_ALL", "C")
        .on_terminal(80)
        .go();
    assert!(ran.stdout.is_ascii(), "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.len() <= 80), "{}", ran.stdout);
    assert!(ran.stdout.contains("|- needs Service api"), "{}", ran.stdout);
    assert!(ran.stdout.contains("`- needs Service search"), "{}", ran.stdout);
}

#[test]
fn circles_end_and_are_said() {
    let services = [
        service("a", &["{service: b}"]),
        service("b", &["{service: c, criticality: soft}"]),
        service("c", &["{service: a}", "{service: c}"]),
        slo("one", "a", "  target: 99%\n  window: 30d\n  composite: [{slo: two}]\n"),
        slo("two", "a", "  target: 99%\n  window: 30d\n  composite: [{slo: one}]\n"),
    ];
    let files = Files::new(&[("sre.yaml", ""), ("specs/all.yaml", &services.concat())]);
    for direction in ["needs", "needed-by"] {
        let ran = graph(&files, &["--direction", direction]);
        assert_eq!(ran.code, 0);
        assert_eq!(ran.stdout.matches(" cycle\n").count(), 2, "{}", ran.stdout);
        assert!(ran.stdout.contains("\n• a -> b -> c -> a\n"), "{}", ran.stdout);
    }
    let answer = Run::new(&["graph"]).within(&files).json();
    let cycles = answer["cycles"].as_array().unwrap();
    assert!(
        cycles.contains(&serde_json::json!(["Service/a", "Service/b", "Service/c"])),
        "{answer}"
    );
    assert!(cycles.contains(&serde_json::json!(["SLO/one", "SLO/two"])), "{answer}");
    assert!(cycles.contains(&serde_json::json!(["Service/c"])), "{answer}");
}

#[test]
fn a_chain_as_long_as_a_catalog_is_cut() {
    let chain: String = (0..5000)
        .map(|at| service(&format!("s{at:04}"), &[&format!("{{service: s{:04}}}", at + 1)]))
        .collect();
    let files = Files::new(&[("sre.yaml", ""), ("specs/chain.yaml", &chain)]);
    let ran = graph(&files, &["s0000"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("Service s0050  tier 1  1 below\n"), "{}", ran.stdout);
    let answer = Run::new(&["graph", "s4990"]).within(&files).json();
    assert_eq!(answer["nodes"].as_array().unwrap().len(), 11);
}

#[test]
fn what_cannot_be_shown() {
    let files = shop();
    graph_fails(
        &files,
        &["wen"],
        "error: no document is called `wen`\n  help: did you mean `web`?\n",
    );
    graph_fails(
        &files,
        &["--format", "xml"],
        "error: no format `xml`; expected one of tree, mermaid, dot, json, yaml, csv, markdown\n",
    );
    graph_fails(
        &files,
        &["web", "-l", "team=none"],
        "error: no document is meant by this\n  help: `sre list` shows what there is\n",
    );
    files.write(
        "specs/broken.yaml",
        b"apiVersion: sre/v1\nkind: SLO\nmetadata: {name: half}\nspec: {traget: 1}\n",
    );
    let ran = Run::new(&["graph", "half"]).within(&files).go();
    assert_eq!(ran.stderr, "2 errors in the catalog; `sre validate` shows what is wrong\n");
    assert!(ran.stdout.starts_with("SLO half\n"), "{}", ran.stdout);
}

fn graph_fails(files: &Files, arguments: &[&str], message: &str) {
    let ran = graph(files, arguments);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), ran.code), ("", message, 2));
}

/// Names that try to be syntax.
fn hostile() -> Files {
    let names =
        [r#"a"]; b"#, r"back\slash\", "a & b &quot; <i>", "end", "x-->y|z|", "ünï #quot; 東京"];
    let services: String = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let next = names[(at + 1) % names.len()];
            let quoted = |name: &str| serde_json::to_string(name).unwrap();
            service(&quoted(name), &[&format!("{{service: {}}}", quoted(next))])
        })
        .collect();
    Files::new(&[("sre.yaml", ""), ("specs/all.yaml", &services)])
}

#[test]
fn graphviz_reads_the_dot_form() {
    if !installed(&["dot"]) {
        return;
    }
    for files in [shop(), hostile()] {
        let text = graph(&files, &["--format", "dot"]).stdout;
        let mut dot = Command::new("dot")
            .arg("-Tjson")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        dot.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = dot.wait_with_output().unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && complaints.is_empty(), "{complaints}\n{text}");
        let drawn: Value = serde_json::from_slice(&output.stdout).unwrap();
        let answer = Run::new(&["graph"]).within(&files).json();
        let count = |value: &Value| value.as_array().unwrap().len();
        assert_eq!(count(&drawn["objects"]), count(&answer["nodes"]), "{text}");
        assert_eq!(count(&drawn["edges"]), count(&answer["edges"]), "{text}");
    }
}

#[test]
fn the_dot_and_mermaid_forms() {
    let files = shop();
    let dot = graph(&files, &["web", "--depth", "1", "--format", "dot"]).stdout;
    assert!(
        dot.contains("\"Service/web\" -> \"Service/search\" [label=\"soft\", style=dashed];"),
        "{dot}"
    );
    assert!(dot.contains("99.9% over 30d\\nabove ceiling 99.4403049%"), "{dot}");
    let mermaid = graph(&files, &["web", "--depth", "1", "--format", "mermaid"]).stdout;
    let expected = "\
flowchart LR
  Service_api[\"Service api<br/>tier 1<br/>ceiling 99.49005%\"]
  Service_web[\"Service web<br/>tier 1<br/>ceiling 99.4403049%\"]
  SLO_web_up([\"SLO web-up<br/>99.9% over 30d<br/>above ceiling 99.4403049%\"])
  Service_search[\"Service search<br/>not in the catalog\"]
  Service_web ==>|\"needs\"| Service_api
  Service_web -.->|\"soft\"| Service_search
  SLO_web_up --> Service_web
  classDef service fill:#dbeafe,stroke:#1d4ed8,color:#111
  class Service_api,Service_web service
  classDef unattainable fill:#fee2e2,stroke:#b91c1c,color:#111
  class SLO_web_up unattainable
  classDef missing fill:#fff,stroke:#b91c1c,stroke-dasharray:4,color:#b91c1c
  class Service_search missing
";
    assert_eq!(mermaid, expected, "\n{mermaid}");
    let markdown = graph(&files, &["web", "--format", "markdown"]).stdout;
    assert!(markdown.starts_with("```mermaid\nflowchart LR\n"), "{markdown}");
}
