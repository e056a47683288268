//! Objectives of ours in the languages of others, and back: what comes back means the same, unless it was told
//! that it would not.
use proptest::prelude::*;
use serde_json::{Value, json};
use sre::{
    domains::slo::{
        dialects::{
            openslo, pyrra,
            sloth::{level::Form, write as sloth},
        },
        model::AlertTier,
        resolve::{self, Measurement, ResolvedObjective},
        spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::Level,
        settings::Settings,
        source::SourceId,
        spec::{Catalog, Document, Field, Ref, dialect, load_text},
    },
    registry::{DIALECTS, KINDS},
};
use std::collections::BTreeMap;

const REST: &str = "apiVersion: sre/v1
kind: DataSource
metadata: {name: prom}
spec: {prometheus: {url: 'http://prometheus.example.org'}}
---
apiVersion: sre/v1
kind: Service
metadata: {name: shop}
spec: {}
---
";

/// What an objective says, by the field in which a loss of it is told.
type Meaning = BTreeMap<&'static str, String>;

fn catalog(text: &str) -> Catalog {
    let loaded = load_text(SourceId::default(), text, &KINDS, DIALECTS);
    let lowered = dialect::lower(&loaded.dialects, &Settings::default());
    let findings = loaded.findings.iter().chain(&lowered.findings);
    let errors = findings.filter(|finding| finding.rule.level == Level::Error);
    let errors: Vec<&str> = errors.map(|finding| finding.message.as_str()).collect();
    assert_eq!(errors, [""; 0], "{text}");
    let documents: Vec<Document> = loaded.documents.into_iter().chain(lowered.documents).collect();
    Catalog::build(documents, &KINDS).0
}

fn with_objective<T>(
    catalog: &Catalog,
    look: impl FnOnce(&[ResolvedObjective<'_>]) -> T,
) -> Option<T> {
    let (document, slo) = catalog.iter::<ServiceLevelObjective>().next()?;
    let settings = Settings::default();
    let windows = resolve::resolve(catalog, &settings, document, slo).unwrap();
    Some(look(&windows))
}

fn text(field: Option<&Field<String>>) -> String {
    field.and_then(Field::get).cloned().unwrap_or_default()
}

/// The texts under other keys than those that a language has for what has fields of its own here.
fn texts(map: &BTreeMap<String, Field<String>>) -> String {
    let own = |key: &str| key == "owner" || key == "runbook" || key.starts_with("openslo.com/");
    let texts = map.iter().filter(|(key, _)| !own(key));
    texts.map(|(key, value)| format!("{key}={}\n", text(Some(value)))).collect()
}

fn tier(tier: &AlertTier) -> String {
    // By name, so that a field that is new is compared as well. Names are how languages call a tier.
    let AlertTier {
        name: _,
        severity,
        long,
        short,
        factor,
        hold,
        minimum_events,
        minimum_bad_events,
        confidence,
        event_weighted,
        labels,
        annotations,
    } = tier;
    let guards = (minimum_events, minimum_bad_events, confidence, event_weighted);
    format!(
        "{} {long}/{short} above {factor} for {hold} {guards:?} {labels:?} {annotations:?}\n",
        severity.name()
    )
}

fn meaning(catalog: &Catalog, windows: &[ResolvedObjective<'_>]) -> Meaning {
    let first = &windows[0];
    let slo = first.document.spec::<ServiceLevelObjective>().unwrap();
    let metadata = first.document.metadata.as_ref().unwrap();
    let (_, indicator) = resolve::indicator_of(catalog, first.document, slo).unwrap();
    let measurement = first.indicator.as_ref().and_then(|it| it.measurement.as_ref());
    let Some(Measurement::Prometheus(question)) = measurement else { panic!("{measurement:?}") };
    let mut tiers: Vec<String> = first.alerting.tiers.iter().map(tier).collect();
    tiers.sort();
    let lengths: Vec<_> = windows.iter().map(|one| &one.window).collect();
    let notices = first.notices;
    BTreeMap::from([
        ("metadata.name", first.document.name().to_owned()),
        ("metadata.display_name", text(metadata.display_name.as_ref())),
        ("metadata.description", text(metadata.description.as_ref())),
        ("metadata.owner", format!("{:?}", first.owner)),
        ("metadata.labels", texts(&metadata.labels)),
        ("metadata.annotations", texts(&metadata.annotations)),
        ("metadata.links", metadata.links.len().to_string()),
        ("spec.service", format!("{:?}", first.service)),
        ("spec.target", first.objective.target().to_string()),
        ("spec.window", format!("{lengths:?}")),
        ("spec.method", format!("{:?}", first.budgeting)),
        ("spec.no_data", format!("{:?}", first.no_data)),
        ("spec.minimum_coverage", format!("{:?}", first.minimum_coverage)),
        ("spec.group_by", format!("{:?}", first.group_by)),
        ("spec.policy", format!("{:?}", slo.policy.as_ref().and_then(Field::get).map(Ref::name))),
        ("spec.runbook", format!("{:?}", first.runbook)),
        ("spec.tests", slo.tests.len().to_string()),
        ("spec.sli", format!("{:?}", question.promql(&[])).replace([' ', '\n'], "")),
        ("spec.sli.category", format!("{:?}", indicator.category.as_ref().and_then(Field::get))),
        ("spec.sli.indicator", text(indicator.indicator.as_ref())),
        ("spec.sli.measurement_method", text(indicator.measurement_method.as_ref())),
        (
            "spec.sli.source",
            format!("{:?}", indicator.source.as_ref().and_then(Field::get).map(Ref::name)),
        ),
        ("alerting", tiers.concat()),
        ("budget_exhausted", format!("{:?}", notices.budget_exhausted)),
        ("sli_absent", format!("{:?}", notices.sli_absent)),
    ])
}

/// A text of another language, and the fields that it does not say.
type Written = (String, Vec<String>);

fn fields(losses: Vec<sre::kernel::spec::Loss>) -> Vec<String> {
    losses.into_iter().map(|loss| loss.field).collect()
}

fn as_sloth(catalog: &Catalog, windows: &[ResolvedObjective<'_>]) -> Written {
    let options = sloth::Options {
        form: Form::File,
        namespace: None,
        alert_name: "SLOErrorBudgetBurn".to_owned(),
    };
    let written = sloth::write(catalog, &[windows.to_vec()], &options);
    (written.text, fields(written.losses))
}

fn as_pyrra(_: &Catalog, windows: &[ResolvedObjective<'_>]) -> Written {
    let written = pyrra::write(&windows[0]);
    (written.text.unwrap_or_default(), fields(written.losses))
}

fn as_openslo(catalog: &Catalog, windows: &[ResolvedObjective<'_>]) -> Written {
    let raised = openslo::raise(&[windows.to_vec()], catalog, &Settings::default());
    (raised.text, fields(raised.losses))
}

/// Writes an objective, reads it back and compares.
fn check(
    ours: &str,
    write: fn(&Catalog, &[ResolvedObjective<'_>]) -> Written,
    forgiven: &[&str],
) -> Result<(), TestCaseError> {
    let before = catalog(ours);
    let (meant, (theirs, lost)) =
        with_objective(&before, |windows| (meaning(&before, windows), write(&before, windows)))
            .unwrap();
    let after = catalog(&theirs);
    let found = with_objective(&after, |windows| meaning(&after, windows));
    let Some(found) = found else {
        prop_assert!(!lost.is_empty(), "{}\nis nothing, and nobody told", ours);
        return Ok(());
    };
    for (field, value) in &meant {
        // The factors of alerts follow from the window, and what slices count as is a part of the method.
        let follows = |lost: &String| {
            let pair = (*field, lost.as_str());
            // And silence that cannot be said leaves all alerts to the default.
            let silence =
                ["budget_exhausted", "sli_absent"].map(|notice| (notice, "spec.alerting.tiers"));
            let others = [("alerting", "spec.window"), ("spec.method", "spec.no_traffic")];
            silence.contains(&pair) || others.contains(&pair)
        };
        let told = lost.iter().any(|lost| lost.contains(field) || follows(lost));
        prop_assert!(
            told || found[field] == *value || forgiven.contains(field),
            "{field} was\n{value}\nand is\n{}\nand only this was told: {lost:?}\n{ours}\n{theirs}",
            found[field]
        );
    }
    Ok(())
}

fn maybe(value: Value) -> impl Strategy<Value = Value> {
    prop_oneof![2 => Just(Value::Null), 1 => Just(value)]
}

fn tiers() -> impl Strategy<Value = Value> {
    let windows = prop_oneof![
        Just(("page", "1h", "5m", "14")),
        Just(("page", "6h", "30m", "7")),
        Just(("ticket", "1d", "2h", "2")),
        Just(("ticket", "3d", "3d", "1")),
    ];
    let guards = (
        maybe(json!(20)),
        maybe(json!(3)),
        maybe(json!("95%")),
        maybe(json!(true)),
        maybe(json!({"team": "web"})),
        maybe(json!({"note": "look"})),
    );
    let hold = prop_oneof![Just(Value::Null), Just(json!("2m")), Just(json!("90s"))];
    let one = (windows, hold, guards, maybe(json!(false))).prop_map(
        |((severity, long, short, factor), hold, guards, enabled)| {
            let (events, bad, confidence, weighted, labels, annotations) = guards;
            without_null(json!({
                "severity": severity, "long": long, "short": short, "burn_rate": factor, "for": hold,
                "minimum_events": events, "minimum_bad_events": bad, "confidence": confidence,
                "event_weighted": weighted, "labels": labels, "annotations": annotations,
                "enabled": enabled,
            }))
        },
    );
    let any = prop::collection::vec(one, 0..4).prop_map(Value::from);
    let of_pyrra = |with_hold: bool| {
        let tier = |severity: &str, long: &str, short: &str, factor: u32, hold: &str| {
            let hold = if with_hold { json!(hold) } else { Value::Null };
            without_null(json!({
                "severity": severity, "long": long, "short": short, "burn_rate": factor, "for": hold,
            }))
        };
        json!([
            tier("page", "1h", "5m", 14, "2m"),
            tier("page", "6h", "30m", 7, "15m"),
            tier("ticket", "1d", "2h", 2, "1h"),
            tier("ticket", "4d", "6h", 1, "3h"),
        ])
    };
    prop_oneof![3 => any, 1 => Just(of_pyrra(true)), 1 => Just(of_pyrra(false))]
}

fn without_null(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_null(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other,
    }
}

fn alerting() -> impl Strategy<Value = Value> {
    let notice =
        || prop::sample::select(vec![Value::Null, json!("page"), json!("ticket"), json!("none")]);
    let labels = maybe(json!({"channel": "alerts"}));
    let policy = (tiers(), notice(), notice(), labels).prop_map(|(tiers, spent, absent, labels)| {
        json!({"tiers": tiers, "budget_exhausted": spent, "sli_absent": absent, "labels": labels})
    });
    prop_oneof![1 => Just(Value::Null), 3 => policy]
}

fn objectives() -> impl Strategy<Value = String> {
    let window = prop::sample::select(vec![
        json!({"window": "30d"}),
        json!({"window": "28d"}),
        json!({"window": "1w"}),
        json!({"window": {"calendar": "month", "time_zone": "Europe/Berlin"}}),
        json!({"windows": ["30d", "7d"]}),
    ]);
    let method = prop::sample::select(vec![
        json!({}),
        json!({"method": "timeslices", "slice": "5m", "slice_target": "95%"}),
        json!({"method": "timeslices", "slice_target": "95%", "no_traffic": "bad"}),
        json!({"method": "ratio_timeslices", "slice": "1m", "no_traffic": "good"}),
    ]);
    let metadata = (
        maybe(json!("The shop's web")),
        maybe(json!("What people see.")),
        maybe(json!("team-shop")),
        maybe(json!({"team": "shop"})),
        maybe(json!({"note": "kept"})),
        maybe(json!([{"name": "wiki", "url": "https://wiki.example.org"}])),
    );
    let sli = (
        maybe(json!("availability")),
        maybe(json!("good over all")),
        maybe(json!("counted at the door")),
        maybe(json!("prom")),
    );
    let more = (
        maybe(json!("bad")),
        maybe(json!("90%")),
        maybe(json!(["job"])),
        maybe(json!("freeze")),
        maybe(json!("https://wiki.example.org/runbook")),
        maybe(json!([{
            "name": "an outage pages",
            "given": [{"for": "1d", "events": 100, "bad": "100%"}],
            "then": [{"at": "1d", "fires": ["page"]}],
        }])),
    );
    let parts = (metadata, window, method, sli, more, alerting());
    parts.prop_map(|(metadata, window, method, sli, more, alerting)| {
        let (display_name, description, owner, labels, annotations, links) = metadata;
        let (category, indicator, how, source) = sli;
        let (no_data, minimum_coverage, group_by, policy, runbook, tests) = more;
        let mut spec = json!({
            "service": "shop", "target": "99.9%", "no_data": no_data, "minimum_coverage": minimum_coverage,
            "group_by": group_by, "policy": policy, "runbook": runbook, "alerting": alerting,
            "tests": tests,
            "sli": {
                "category": category, "indicator": indicator, "measurement_method": how, "source": source,
                "prometheus": {"bad": "a_total{code=\"500\"}", "total": "a_total"},
            },
        });
        for part in [window, method] {
            let fields = part.as_object().unwrap().clone();
            spec.as_object_mut().unwrap().extend(fields);
        }
        let slo = json!({
            "apiVersion": "sre/v1", "kind": "SLO",
            "metadata": {
                "name": "shop-web", "display_name": display_name, "description": description, "owner": owner,
                "labels": labels, "annotations": annotations, "links": links,
            },
            "spec": spec,
        });
        format!("{REST}{}\n", serde_json::to_string_pretty(&without_null(slo)).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_sloth_does_not_carry_is_told(ours in objectives()) {
        // Its language has neither of these two alerts. Where the default alone asks for them, that is not told.
        check(&ours, as_sloth, &["budget_exhausted", "sli_absent"])?;
    }

    #[test]
    fn what_pyrra_does_not_carry_is_told(ours in objectives()) {
        check(&ours, as_pyrra, &[])?;
    }

    #[test]
    fn what_openslo_does_not_carry_is_told(ours in objectives()) {
        check(&ours, as_openslo, &[])?;
    }
}
