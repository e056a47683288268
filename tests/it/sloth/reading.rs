//! Sloth's documents as our objectives.
use crate::cli::harness::{Files, Run};
use serde_json::json;

const CHECKOUT: &str = r#"version: prometheus/v1
service: checkout
labels: {owner: shop, tier: 2}
slos:
  - name: availability
    objective: 99.9
    description: People can pay.
    labels: {category: availability}
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="checkout",code=~"5.."}[{{ .window }}]))
        total_query: sum(rate(http_requests_total{job="checkout"}[{{.window}}]))
    alerting:
      name: CheckoutFails
      annotations: {runbook: "https://wiki.example.org/checkout"}
      ticket_alert: {disable: true}
  - name: satisfaction
    objective: 95
    sli:
      raw:
        error_ratio_query: |
          1 - avg(avg_over_time(satisfaction_ratio{job="checkout"}[{{.window}}])) # of all
    alerting:
      annotations: {runbook_url: "https://wiki.example.org/satisfaction"}
      page_alert: {disable: true}
      ticket_alert: {disable: true}
"#;

#[test]
fn objectives_are_listed_shown_and_computed() {
    let files = Files::new(&[("checkout.yaml", CHECKOUT)]);
    let list = Run::new(&["list", "--path", "checkout.yaml"]).within(&files).json();
    let item = &list["items"][0];
    assert_eq!(item["kind"], "SLO");
    assert_eq!(item["name"], "checkout-availability");
    assert_eq!(item["service"], "checkout");
    assert_eq!(item["owner"], "shop");
    let labels = json!({"owner": "shop", "tier": "2", "category": "availability"});
    assert_eq!(item["labels"], labels);
    assert_eq!(list["items"][1]["name"], "checkout-satisfaction");

    let show = ["show", "checkout-availability", "--effective", "--specs", "."];
    let shown = Run::new(&show).within(&files).json();
    let effective = &shown["items"][0]["effective"];
    assert_eq!(effective["target"], "99.9%");
    assert_eq!(effective["window"], "30d");
    assert_eq!(effective["runbook"], "https://wiki.example.org/checkout");
    assert_eq!(effective["tiers"], json!(["page 1h/5m above 14.4", "page 6h/30m above 6"]));

    let budget = ["budget", "checkout.yaml", "--actual", "99.95%"];
    let budget = Run::new(&budget).within(&files).json();
    assert_eq!(budget["items"][0]["name"], "checkout-availability");
    assert_eq!(budget["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_sound_file_has_nothing_to_mend() {
    let files = Files::new(&[("checkout.yaml", CHECKOUT)]);
    let ran = Run::new(&["validate", "checkout.yaml", "--format", "concise"]).within(&files).go();
    let told: Vec<&str> = ran.stdout.lines().collect();
    let note = "note[SLI002] the indicator has no data source";
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|line| line.ends_with(note)), "{told:?}");
    assert_eq!(ran.code, 0);
}

/// Every kind of mistake in one file: all are told at once, each at its place.
const WRONG: &str = r#"version: prometheus/v2
service: -checkout
labels: {owner: "", __name__: x}
slo_plugin: {}
slos:
  - name: a
    objective: "99.9"
    sli: {raw: {error_ratio_query: "avg(x)"}}
    alerting: {name: A}
  - name: latency
    objektive: 99
    sli: {events: {error_query: "sum(rate(a_total[{{.window}}])", total_query: "{{.labels}}"}}
    alerting: {name: A, page_alert: {disable: maybe}}
  - name: freshness
    objective: 120
    sli: {}
    alerting: {page_alert: {labels: {team: ""}}}
"#;

#[test]
fn every_mistake_is_told_at_once() {
    let files = Files::new(&[("wrong.yaml", WRONG)]);
    let ran = Run::new(&["validate", "wrong.yaml", "--format", "concise"]).within(&files).go();
    assert_eq!(ran.code, 1);
    let expected = [
        "1:10",
        "`prometheus/v2` is no `version`",
        "2:10",
        "`-checkout` is no `service`",
        "3:17",
        "the label `owner` in `labels` is empty",
        "3:21",
        "`__name__` in `labels` is no name",
        "4:1",
        "unknown field `slo_plugin`",
        "6:11",
        "`a` is no `name`",
        "7:16",
        "expected a number",
        "8:36",
        "`error_ratio_query` does not hold `{{.window}}`",
        "11:5",
        "unknown field `objektive`",
        "12:37",
        "`error_query` is no PromQL",
        "12:81",
        "`total_query` holds `{{.labels}}`",
        "13:47",
        "expected `true` or `false`",
        "15:16",
        "an `objective` of 120",
        "16:10",
        "`sli` says nothing",
        "17:15",
        "the alerts have no `name`",
        "17:44",
        "the label `team` in `page_alert.labels` is empty",
    ];
    for pair in expected.chunks(2) {
        let (at, message) = (format!("wrong.yaml:{}:", pair[0]), pair[1]);
        let told = ran.stdout.lines().any(|line| line.starts_with(&at) && line.contains(message));
        assert!(told, "{at} {message}\n{}", ran.stdout);
    }
    assert_eq!(
        ran.stdout.lines().filter(|line| line.contains("error")).count(),
        16,
        "{}",
        ran.stdout
    );
}

#[test]
fn a_resource_says_the_same_as_a_file() {
    let resource = CHECKOUT
        .replace("error_query", "errorQuery")
        .replace("total_query", "totalQuery")
        .replace("error_ratio_query", "errorRatioQuery")
        .replace("page_alert", "pageAlert")
        .replace("ticket_alert", "ticketAlert")
        .replace("tier: 2", "tier: \"2\"")
        .replace("version: prometheus/v1\n", "");
    let indented: String = resource.lines().map(|line| format!("  {line}\n")).collect();
    let resource = format!(
        "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\nmetadata:\n  name: checkout\n  \
         namespace: shop\nspec:\n{indented}"
    );
    let answer = |text: &str| {
        let files = Files::new(&[("checkout.yaml", text)]);
        let run = ["budget", "checkout.yaml", "--actual", "99.95%"];
        Run::new(&run).within(&files).json()
    };
    assert_eq!(answer(&resource), answer(CHECKOUT));
    let files = Files::new(&[("checkout.yaml", &resource.replace("namespace", "namespce"))]);
    let ran = Run::new(&["validate", "checkout.yaml", "--format", "concise"]).within(&files).go();
    assert!(ran.stdout.contains("unknown field `namespce`"), "{ran:?}");
}

const WINDOWS: &str = "apiVersion: sloth.slok.dev/v1
kind: AlertWindows
spec:
  sloPeriod: 7d
  page:
    quick: {errorBudgetPercent: 8, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 12.5, shortWindow: 30m, longWindow: 6h}
  ticket:
    quick: {errorBudgetPercent: 20, shortWindow: 2h, longWindow: 1d}
    slow: {errorBudgetPercent: 42, shortWindow: 6h, longWindow: 3d}
";

#[test]
fn windows_of_the_period_are_the_tiers() {
    let files = Files::new(&[
        ("sre.yaml", "defaults: [{window: 7d}]\n"),
        ("checkout.yaml", CHECKOUT),
        ("windows.yaml", WINDOWS),
    ]);
    let shown = Run::new(&["show", "checkout-availability", "--effective"]).within(&files).json();
    let effective = &shown["items"][0]["effective"];
    assert_eq!(effective["window"], "1w");
    assert_eq!(effective["tiers"], json!(["page 1h/5m above 13.44", "page 6h/30m above 3.5"]));
    let validate = ["validate", "--format", "concise", "--level", "sli-without-source=off"];
    let ran = Run::new(&validate).within(&files).go();
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 0), "{ran:?}");

    files.write("others.yaml", WINDOWS.replace("42", "40").as_bytes());
    let ran = Run::new(&["validate", "--format", "concise"]).within(&files).go();
    assert!(ran.stdout.contains("there are other windows for `1w`"), "{ran:?}");
    assert_eq!(ran.code, 1);
}

#[test]
fn two_objectives_of_one_name_are_refused_across_files() {
    let files = Files::new(&[("a.yaml", CHECKOUT), ("b.yaml", CHECKOUT)]);
    let ran = Run::new(&["validate", ".", "--format", "concise"]).within(&files).go();
    assert!(ran.stdout.contains("another SLO is called `checkout-availability`"), "{ran:?}");
    assert_eq!(ran.code, 1);
}

#[test]
fn there_are_no_alerts_but_those_on_burn_rates() {
    let files = Files::new(&[("checkout.yaml", CHECKOUT)]);
    let rules = Run::new(&["export", "prometheus", "checkout.yaml", "--allow-loss"]);
    let rules = rules.within(&files).go().stdout;
    assert!(rules.contains("alert: SLOErrorBudgetBurn"), "{rules}");
    for other in ["SLOErrorBudgetExhausted", "SLOIndicatorAbsent"] {
        assert!(!rules.contains(other), "{rules}");
    }
}
