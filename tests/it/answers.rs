//! Every machine form validates against the JSON Schema that is published for it.
use crate::cli::harness::Run;
use serde_json::Value;
use sre::cli;

/// What each command prints for the example catalog, by the name of its form.
const COMMANDS: &[(&str, &[&str])] = &[
    ("backtest", &["backtest"]),
    ("budget", &["budget", "--fail-on", "never"]),
    ("burn", &["burn", "--fail-on", "never"]),
    ("diff", &["diff", "specs", "specs"]),
    ("doctor", &["doctor", "--fail-on", "never"]),
    ("dr-check", &["dr", "check"]),
    ("dr-plan", &["dr", "plan", "shop"]),
    ("dr-status", &["dr", "status"]),
    ("gate", &["gate", "--fail-on", "never"]),
    ("gate-replay", &["gate", "--replay"]),
    ("graph", &["graph"]),
    ("escalation-proof", &["escalate", "prove"]),
    ("escalation-simulation", &["escalate", "simulate"]),
    ("incident", &["incident", "show", "2025-05-14-orders-fail"]),
    ("incident-cost", &["incident", "cost"]),
    (
        "incident-stats",
        &[
            "incident",
            "stats",
            "--compare",
            "--from",
            "2025-05-01T00:00:00Z",
            "--to",
            "2025-05-31T00:00:00Z",
        ],
    ),
    ("incident-list", &["incident", "list", "--all"]),
    ("incident-timeline", &["incident", "timeline", "2025-05-14-orders-fail"]),
    ("list", &["list"]),
    ("oncall-diff", &["oncall", "diff", "specs", "specs"]),
    ("oncall-fairness", &["oncall", "fairness"]),
    ("oncall-gaps", &["oncall", "gaps"]),
    ("oncall-next", &["oncall", "next", "grace"]),
    ("oncall-schedule", &["oncall", "schedule"]),
    ("oncall-who", &["oncall", "who"]),
    // What an answer is not is said on standard error.
    ("losses", &["export", "prometheus"]),
    ("postmortem-actions", &["postmortem", "actions", "--all"]),
    ("postmortem-check", &["postmortem", "check"]),
    ("route", &["route"]),
    ("runbook", &["runbook", "show", "database-high-cpu"]),
    ("runbook-coverage", &["runbook", "coverage"]),
    ("runbook-list", &["runbook", "list"]),
    ("runbook-plan", &["runbook", "plan", "database-high-cpu"]),
    ("runbook-run", &["runbook", "verify", "tests/data/runbook/run.jsonl"]),
    ("rules", &["export", "prometheus", "--allow-loss", "--cost"]),
    ("show", &["show", "checkout-availability", "--effective"]),
    ("sla", &["sla", "--fail-on", "never"]),
    ("status", &["status"]),
    ("test", &["test"]),
    ("toil", &["toil", "--fail-on", "never"]),
    ("validate", &["validate", "docs/examples/broken.yaml"]),
    ("version", &["version"]),
];

#[test]
fn answers_are_what_their_schemas_say() {
    let forms = cli::forms();
    assert_eq!(forms.len(), COMMANDS.len(), "each form has a command here");
    for &(name, arguments) in COMMANDS {
        let form = forms.iter().find(|form| form.name() == name).unwrap();
        let schema = (form.json_schema)();
        let arguments: Vec<&str> =
            arguments.iter().copied().chain(["--format", "json", "-q"]).collect();
        let ran = Run::new(&arguments).go();
        let told = ran.stdout.is_empty() || name == "rules";
        let text = if told { ran.stderr } else { ran.stdout };
        let answers = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let answer = answers.last().unwrap().unwrap();
        assert_eq!(answer["schema"], form.schema);
        let validator = jsonschema::draft7::new(&schema).unwrap();
        let problems: Vec<String> =
            validator.iter_errors(&answer).map(|error| format!("{name}: {error}")).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

#[test]
fn the_schemas_notice_what_is_missing() {
    for form in cli::forms() {
        let validator = jsonschema::draft7::new(&(form.json_schema)()).unwrap();
        assert!(
            !validator.is_valid(&serde_json::json!({"schema": form.schema})),
            "{}",
            form.schema
        );
    }
}
