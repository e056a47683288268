//! What Pyrra's objectives mean in our kinds, and what commands make of them.
use super::read;
use crate::cli::harness::{Files, Run};
use sre::{
    domains::slo::{
        model::Severity,
        resolve::{self, Measurement},
        spec::ServiceLevelObjective,
    },
    kernel::{
        measure::server::Part,
        settings::Settings,
        spec::{Catalog, Document},
    },
    registry::KINDS,
};

fn objective(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\n\
         metadata:\n  name: {name}\n  namespace: shop\n  labels: {{pyrra.dev/team: web, role: rules}}\n\
         spec:\n  target: '99.9'\n  window: 4w\n{spec}"
    )
}

const RATIO: &str = r#"  indicator:
    ratio:
      errors: {metric: 'http_requests_total{job="api",code=~"5.."}'}
      total: {metric: 'http_requests_total{job="api"}'}
"#;

const GAUGE: &str = r#"  indicator:
    bool_gauge:
      metric: up{job="api"}
      grouping: [instance]
"#;

/// Resolves the one objective of a text, and gives it to `look` with the queries of total and part.
fn resolved(text: &str, look: impl FnOnce(&resolve::ResolvedObjective<'_>, String, Part)) {
    let (_, lowered, found) = read(text);
    assert!(found.is_empty(), "{found:#?}");
    let (catalog, findings) = Catalog::build(lowered.documents, &KINDS);
    assert!(findings.is_empty(), "{findings:?}");
    let settings = Settings::default();
    let (document, slo) = catalog.iter::<ServiceLevelObjective>().next().unwrap();
    assert_eq!(document.dialect.unwrap().name, "Pyrra");
    let objectives = resolve::resolve(&catalog, &settings, document, slo).unwrap();
    let [objective] = &objectives[..] else { panic!("{objectives:?}") };
    let indicator = objective.indicator.as_ref().unwrap();
    let Some(Measurement::Prometheus(question)) = &indicator.measurement else {
        panic!("{indicator:?}")
    };
    let (total, part) = question.promql(&objective.group_by);
    look(objective, total, part);
}

#[test]
fn a_ratio_is_bad_over_total_with_the_four_tiers() {
    resolved(&objective("errors", RATIO), |objective, total, part| {
        assert_eq!(objective.document.name(), "errors");
        let labels: Vec<_> = objective.document.labels().collect();
        assert_eq!(labels, [("namespace", "shop"), ("team", "web")]);
        assert_eq!(objective.objective.target().percent(), "99.9%");
        assert_eq!(objective.objective.window().to_string(), "4w");
        assert_eq!(total, r#"sum(increase(http_requests_total{job="api"}[{{.window}}]))"#);
        let bad = r#"sum(increase(http_requests_total{code=~"5..",job="api"}[{{.window}}]))"#;
        assert_eq!(part, Part::Bad(bad.to_owned()));
        let tiers: Vec<_> = objective
            .alerting
            .tiers
            .iter()
            .map(|tier| {
                let windows = format!("{}/{}", tier.long, tier.short);
                (tier.name.as_str(), tier.severity, windows, tier.factor.as_f64())
            })
            .collect();
        let expected = [
            ("fastBurn", Severity::Page, "1h/5m".to_owned(), 14.0),
            ("mediumBurn", Severity::Page, "6h/30m".to_owned(), 7.0),
            ("slowBurn", Severity::Ticket, "1d/2h".to_owned(), 2.0),
            ("longTermBurn", Severity::Ticket, "4d/6h".to_owned(), 1.0),
        ];
        assert_eq!(tiers, expected);
    });
}

#[test]
fn a_latency_is_its_bucket_over_its_count_in_either_version_of_prometheus() {
    let latency = r#"  indicator:
    latency:
      success: {metric: 'http_seconds_bucket{job="api",le="1"}'}
      total: {metric: 'http_seconds_count{job="api"}'}
"#;
    resolved(&objective("latency", latency), |_, total, part| {
        assert_eq!(total, r#"sum(increase(http_seconds_count{job="api"}[{{.window}}]))"#);
        let good = r#"sum(increase(http_seconds_bucket{job="api",le=~"1(\\.0)?"}[{{.window}}]))"#;
        assert_eq!(part, Part::Good(good.to_owned()));
    });
}

#[test]
fn a_native_latency_is_a_native_histogram_with_a_threshold() {
    let native = r#"  indicator:
    latencyNative:
      latency: 250ms
      total: {metric: 'http_seconds{job="api"}'}
      grouping: [route, route]
"#;
    resolved(&objective("native", native), |objective, total, part| {
        assert_eq!(objective.group_by, ["route"]);
        let sum = r#"sum by (route) (increase(http_seconds{job="api"}[{{.window}}]))"#;
        assert_eq!(total, format!("histogram_count({sum})"));
        let Part::Good(good) = part else { panic!("{part:?}") };
        assert!(good.starts_with(&format!("(histogram_fraction(-Inf, 0.25, {sum})")), "{good}");
    });
}

#[test]
fn a_gauge_is_counted_by_its_samples() {
    resolved(&objective("up", GAUGE), |objective, total, part| {
        assert_eq!(objective.group_by, ["instance"]);
        let over = |function: &str| {
            format!(r#"sum by (instance) ({function}(up{{job="api"}}[{{{{.window}}}}]))"#)
        };
        assert_eq!(total, over("count_over_time"));
        assert_eq!(part, Part::Good(over("sum_over_time")));
    });
}

#[test]
fn alerts_that_are_off_are_none_and_other_severities_are_known_or_lost() {
    for off in ["burnrates: false", "disabled: true"] {
        let text = objective("errors", &format!("{RATIO}  alerting: {{{off}}}\n"));
        let (_, lowered, _) = read(&text);
        assert!(lowered.losses.is_empty(), "{:?}", lowered.losses);
        let (catalog, _) = Catalog::build(lowered.documents, &KINDS);
        let (document, slo) = catalog.iter::<ServiceLevelObjective>().next().unwrap();
        let settings = Settings::default();
        let resolved = resolve::resolve(&catalog, &settings, document, slo).unwrap();
        assert!(resolved[0].alerting.tiers.is_empty());
    }
    let severities =
        "  alerting:\n    severities: {fastBurn: ticket, slowBurn: high, longTermBurn: ''}\n";
    let text = objective("errors", &format!("{RATIO}{severities}"));
    let (sources, lowered, _) = read(&text);
    let losses: Vec<(&str, &str)> = lowered
        .losses
        .iter()
        .map(|loss| (sources.slice(loss.place), loss.field.as_str()))
        .filter(|(_, field)| *field != "spec.alerting")
        .collect();
    assert_eq!(losses, [("high", "spec.alerting.severities.slowBurn")]);
    resolved(&text, |objective, _, _| {
        let severities: Vec<Severity> =
            objective.alerting.tiers.iter().map(|tier| tier.severity).collect();
        let expected = [Severity::Ticket, Severity::Page, Severity::Ticket, Severity::Ticket];
        assert_eq!(severities, expected);
    });
}

/// What the document says of Pyrra and not of the objective is lost, each field with its place.
#[test]
fn what_cannot_be_carried_over_is_listed_by_field() {
    let text = objective(
        "errors",
        &format!(
            "{RATIO}  alerting: {{name: Burning, absentName: Gone, absent: true, \
             severities: {{absent: info}}}}\n  partial_response_strategy: warn\n  \
             performanceOverAccuracy: true\n  ruleOutput: {{shortRulesLabels: {{a: b}}}}\n"
        ),
    );
    let (sources, lowered, _) = read(&text);
    let losses: Vec<(&str, usize)> = lowered
        .losses
        .iter()
        .map(|loss| (loss.field.as_str(), sources.position(loss.place).line))
        .collect();
    let expected = [
        ("spec.alerting.name", 14),
        ("spec.alerting.absentName", 14),
        ("spec.alerting.severities.absent", 14),
        ("spec.partial_response_strategy", 15),
        ("spec.performanceOverAccuracy", 16),
        ("spec.ruleOutput", 17),
    ];
    assert_eq!(losses, expected, "{:#?}", lowered.losses);
}

#[test]
fn objectives_of_one_name_are_told_apart_by_their_namespaces() {
    let other = objective("errors", RATIO).replace("namespace: shop", "namespace: search");
    let (_, lowered, found) = read(&format!("{}---\n{other}", objective("errors", RATIO)));
    let names: Vec<&str> = lowered.documents.iter().map(Document::name).collect();
    assert_eq!(names, ["shop/errors", "search/errors"]);
    let rules: Vec<&str> = found.iter().map(|found| found.finding.rule.name).collect();
    assert_eq!(rules, ["pyrra-name-in-two-namespaces"; 2]);
}

/// A catalog of Pyrra documents: `validate`, `list`, `show` and `burn` take them as they are.
#[test]
fn commands_work_on_pyrra_documents_as_they_are() {
    let files = Files::new(&[
        ("specs/errors.yaml", &objective("errors", RATIO)),
        ("specs/up.yaml", &objective("up", GAUGE)),
    ]);
    let validate = Run::new(&["validate"]).within(&files).go();
    assert_eq!(validate.code, 0, "{validate:?}");
    let list = Run::new(&["list"]).within(&files).json();
    let names: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["errors", "up"], "{list:#}");
    let show = Run::new(&["show", "errors", "--effective"]).within(&files).go();
    assert_eq!((show.code, show.stdout.contains("page 1h/5m above 14")), (0, true), "{show:?}");
    let budget = Run::new(&["budget", "errors"]).within(&files).go();
    assert_ne!(budget.code, 0, "there is nothing to ask: {budget:?}");
    assert!(budget.stdout.contains("no data source"), "{budget:?}");
}

/// A command that needs a document with errors refuses, and tells them at their places.
#[test]
fn commands_refuse_a_document_with_errors() {
    let files =
        Files::new(&[("specs/errors.yaml", &objective("errors", RATIO).replace("99.9", "999"))]);
    let ran = Run::new(&["budget", "--slo", "specs/errors.yaml"]).within(&files).go();
    assert_eq!(ran.code, 2, "{ran:?}");
    let said = "`target` is `999`; it lies between 0 and 100";
    assert!(ran.stderr.contains(said), "{ran:?}");
    assert!(ran.stderr.contains("errors.yaml:8:"), "{ran:?}");
}
