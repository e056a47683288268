//! Objectives written in Pyrra's language, and read back.
use super::read;
use proptest::prelude::*;
use sre::{
    domains::slo::{
        dialects::pyrra::{self, Written},
        model::Severity,
        prometheus_rules::pyrra::{self as rules, Options},
        resolve::{self, ResolvedObjective},
        spec::ServiceLevelObjective,
    },
    kernel::{
        settings::Settings,
        source::SourceMap,
        spec::{Catalog, load_text},
        units::Ratio,
    },
    registry::KINDS,
};

/// Reads objectives of ours and resolves the first one over its first window.
fn ours<T>(text: &str, look: impl FnOnce(&SourceMap, &ResolvedObjective<'_>) -> T) -> T {
    let mut sources = SourceMap::default();
    let id = sources.add("slo.yaml", text);
    let loaded = load_text(id, text, &KINDS, &[]);
    assert!(loaded.findings.is_empty(), "{text}\n{:?}", loaded.findings);
    let (catalog, _) = Catalog::build(loaded.documents, &KINDS);
    let (document, slo) = catalog.iter::<ServiceLevelObjective>().next().unwrap();
    let settings = Settings::default();
    let resolved = resolve::resolve(&catalog, &settings, document, slo).unwrap();
    look(&sources, &resolved[0])
}

/// Reads a Pyrra objective and resolves it.
fn theirs<T>(text: &str, look: impl FnOnce(&ResolvedObjective<'_>) -> T) -> T {
    let (_, lowered, found) = read(text);
    let (catalog, _) = Catalog::build(lowered.documents, &KINDS);
    let (document, slo) = catalog
        .iter::<ServiceLevelObjective>()
        .next()
        .unwrap_or_else(|| panic!("{text}\n{found:#?}"));
    let settings = Settings::default();
    let resolved = resolve::resolve(&catalog, &settings, document, slo).unwrap();
    look(&resolved[0])
}

/// Everything that an objective means: what is promised, asked and alerted on, and by whom it is kept.
fn meaning(objective: &ResolvedObjective<'_>) -> String {
    let indicator = objective.indicator.as_ref().map(|indicator| {
        let Some(resolve::Measurement::Prometheus(question)) = &indicator.measurement else {
            panic!("{indicator:?}")
        };
        question.promql(&objective.group_by)
    });
    let labels: Vec<(&str, &str)> = objective.document.labels().collect();
    let metadata = objective.document.metadata.as_ref().unwrap();
    let annotations: Vec<(&str, &str)> = metadata
        .annotations
        .iter()
        .map(|(key, value)| (key.as_str(), value.get().unwrap().as_str()))
        .collect();
    let tiers: Vec<_> = objective
        .alerting
        .tiers
        .iter()
        .map(|tier| {
            (tier.severity, tier.long, tier.short, tier.factor, tier.hold, tier.is_guarded())
        })
        .collect();
    format!(
        "{:#?}",
        (
            objective.document.name(),
            (objective.service, objective.owner, labels, annotations, &objective.runbook),
            metadata.description.as_ref().and_then(|field| field.get()),
            (objective.objective, &objective.window, objective.budgeting),
            (&objective.group_by, tiers, objective.notices, indicator),
        )
    )
}

fn written(objective: &ResolvedObjective<'_>) -> (String, Vec<String>) {
    let Written { text, losses } = pyrra::write(objective);
    let losses = losses.into_iter().map(|loss| format!("{}: {}", loss.field, loss.reason));
    (text.unwrap_or_default(), losses.collect())
}

/// Metrics with labels that have to be quoted.
fn metric(stem: &'static str) -> impl Strategy<Value = String> {
    let label = ("[a-z_][a-z0-9_]{0,5}", "(=|!=)", "[a-z0-9 .\"\\\\ä-]{0,6}");
    let expression = ("re_[a-z]{1,4}", "(=~|!~)", "[a-z0-9]{1,3}(\\.[*+])?(\\|[a-z]{1,2})?");
    (proptest::collection::vec(prop_oneof![label, expression], 0..4)).prop_map(move |matchers| {
        let matchers: Vec<String> = matchers
            .into_iter()
            .filter(|(label, ..)| label != "le")
            .map(|(label, operator, value)| {
                let value = value.replace('\\', "\\\\").replace('"', "\\\"");
                format!("{label}{operator}\"{value}\"")
            })
            .collect();
        format!("{stem}{{{}}}", matchers.join(","))
    })
}

/// An indicator as YAML of one line, in Pyrra's words.
fn indicator() -> impl Strategy<Value = String> {
    let quoted = |metric: &str| format!("{{metric: '{}'}}", metric.replace('\'', "''"));
    let grouping = proptest::collection::vec("[a-z]{1,4}", 0..3)
        .prop_map(|labels| format!("grouping: [{}]", labels.join(", ")));
    let ratio = (metric("errors_total"), metric("requests_total"), grouping.clone()).prop_map(
        move |(errors, total, grouping)| {
            let (errors, total) = (quoted(&errors), quoted(&total));
            format!("{{ratio: {{errors: {errors}, total: {total}, {grouping}}}}}")
        },
    );
    let latency =
        (metric("h_seconds_bucket"), metric("h_seconds_count"), grouping.clone(), "(0\\.)?[1-9]")
            .prop_map(move |(success, total, grouping, bound)| {
                let success =
                    success.replacen('{', &format!("{{le=\"{bound}\","), 1).replace(",}", "}");
                let (success, total) = (quoted(&success), quoted(&total));
                format!("{{latency: {{success: {success}, total: {total}, {grouping}}}}}")
            });
    let native = (metric("h_seconds"), grouping.clone(), 1_u32..5000).prop_map(
        move |(total, grouping, milliseconds)| {
            let total = quoted(&total);
            format!("{{latencyNative: {{latency: {milliseconds}ms, total: {total}, {grouping}}}}}")
        },
    );
    let gauge = (metric("up"), grouping).prop_map(move |(metric, grouping)| {
        let metric = quoted(&metric);
        format!("{{bool_gauge: {{{}, {grouping}}}}}", &metric[1..metric.len() - 1])
    });
    prop_oneof![ratio, latency, native, gauge]
}

/// Objectives of Pyrra's that say all that ours can say.
fn objective() -> impl Strategy<Value = String> {
    let severity = "(critical|warning)";
    let severities = (severity, severity, severity, severity).prop_map(|(a, b, c, d)| {
        format!("severities: {{fastBurn: {a}, mediumBurn: {b}, slowBurn: {c}, longTermBurn: {d}, absent: {a}}}")
    });
    let burning = prop_oneof![severities, Just("burnrates: false".to_owned())];
    let absent = prop_oneof![Just(""), Just(", absent: false")];
    let alerting = (burning, absent).prop_map(|(burning, absent)| format!("{burning}{absent}"));
    (indicator(), 0..Ratio::PARTS, 3_u32..100, alerting, "[a-z]{1,8}", any::<bool>()).prop_map(
        |(indicator, target, days, alerting, word, namespaced)| {
            let target = Ratio::from_parts(target).unwrap().percent();
            let target = target.trim_end_matches('%');
            let namespace = if namespaced { "namespace: shop, " } else { "" };
            format!(
                "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\n\
                 metadata:\n  {{name: a-{word}, {namespace}labels: {{role: {word}-rules, \
                 pyrra.dev/team: {word}, pyrra.dev/owner: {word}, pyrra.dev/service: s-{word}}}, \
                 annotations: {{pyrra.dev/summary: '{word}', \
                 pyrra.dev/runbook_url: 'https://r.example.org/{word}'}}}}\n\
                 spec:\n  description: about {word}\n  target: '{target}'\n  window: {days}d\n  \
                 indicator: {indicator}\n  alerting: {{{alerting}}}\n"
            )
        },
    )
}

/// The same objective in our words, without what it came from.
fn in_our_words(objective: &ResolvedObjective<'_>) -> String {
    let document = objective.document;
    let slo = document.spec::<ServiceLevelObjective>().unwrap();
    let metadata = document.metadata.as_ref().unwrap();
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let texts = |map: &std::collections::BTreeMap<String, sre::kernel::spec::Field<String>>| {
        let pairs = map.iter().map(|(k, v)| format!("{}: {}", quoted(k), quoted(v.get().unwrap())));
        pairs.collect::<Vec<_>>().join(", ")
    };
    let queries = slo.sli.as_ref().unwrap().get().unwrap().mapping().unwrap();
    let queries = queries.prometheus.as_ref().unwrap().get().unwrap();
    let sides: Vec<String> = [
        ("good", &queries.good),
        ("bad", &queries.bad),
        ("total", &queries.total),
        ("native_histogram", &queries.native_histogram),
    ]
    .into_iter()
    .filter_map(|(name, side)| Some(format!("{name}: {}", quoted(side.as_ref()?.get()?))))
    .collect();
    let tiers: Vec<String> = objective
        .alerting
        .tiers
        .iter()
        .map(|tier| {
            format!(
                "{{severity: {}, long: {}, short: {}, burn_rate: {}, for: {}}}",
                tier.severity.name(),
                tier.long,
                tier.short,
                tier.factor.as_f64(),
                tier.hold
            )
        })
        .collect();
    let notice = |severity: Option<Severity>| severity.map_or("none", Severity::name);
    let (exhausted, absent) =
        (notice(objective.notices.budget_exhausted), notice(objective.notices.sli_absent));
    let threshold = slo.threshold.as_ref().and_then(|field| field.get());
    let threshold = threshold.map(|limit| format!("  threshold: {limit}\n")).unwrap_or_default();
    let service = objective.service.map(|name| format!("  service: {name}\n")).unwrap_or_default();
    format!(
        "apiVersion: sre/v1\nkind: SLO\nmetadata:\n  name: {}\n  owner: {}\n  description: {}\n  \
         labels: {{{}}}\n  annotations: {{{}}}\nspec:\n{service}  target: {}\n  window: {}\n{threshold}  \
         runbook: {}\n  group_by: [{}]\n  sli: {{prometheus: {{{}}}}}\n  alerting: {{tiers: [{}], \
         budget_exhausted: {exhausted}, sli_absent: {absent}}}\n",
        document.name(),
        objective.owner.unwrap(),
        quoted(metadata.description.as_ref().unwrap().get().unwrap()),
        texts(&metadata.labels),
        texts(&metadata.annotations),
        objective.objective.target().percent(),
        objective.objective.window(),
        quoted(objective.runbook.as_ref().unwrap()),
        objective.group_by.join(", "),
        sides.join(", "),
        tiers.join(", "),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    /// Written as it came, and by way of our own words: the meaning is the same, and nothing is lost.
    #[test]
    fn pyrra_to_ours_to_pyrra_means_the_same(text in objective()) {
        let (before, ours_text, as_it_came) = theirs(&text, |objective| {
            let (as_it_came, losses) = written(objective);
            assert_eq!(losses, [""; 0]);
            (meaning(objective), in_our_words(objective), as_it_came)
        });
        prop_assert_eq!(&theirs(&as_it_came, meaning), &before, "{}\n{}", text, as_it_came);
        let (own, (by_way_of_ours, losses)) =
            ours(&ours_text, |_, objective| (meaning(objective), written(objective)));
        prop_assert_eq!(&own, &before, "{}", ours_text);
        prop_assert_eq!(losses, Vec::<String>::new(), "{}", ours_text);
        prop_assert_eq!(&theirs(&by_way_of_ours, meaning), &before, "{}\n{}", text, by_way_of_ours);
        // Pyrra would write the very same rules.
        let rules = |text: &str| theirs(text, |objective| {
            let options = Options { generic: true, prometheus_3: true, ..Options::default() };
            rules::rules_of(objective, &options).rules.unwrap()
        });
        prop_assert_eq!(rules(&by_way_of_ours), rules(&text), "{}\n{}", text, by_way_of_ours);
    }
}

/// Objectives of ours that Pyrra has words for come back with the same meaning.
#[test]
fn ours_to_pyrra_to_ours_means_the_same() {
    let tiers = "{tiers: [{severity: page, long: 1h, short: 5m, burn_rate: 14, for: 2m}, \
                 {severity: page, long: 6h, short: 30m, burn_rate: 7, for: 15m}, \
                 {severity: ticket, long: 1d, short: 2h, burn_rate: 2, for: 1h}, \
                 {severity: ticket, long: 4d, short: 6h, burn_rate: 1, for: 3h}], \
                 budget_exhausted: none, sli_absent: ";
    for (sli, more) in [
        ("{bad: 'a_total{code=~\"5..\"}', total: a_total}", ""),
        ("{good: 'a_total{code!=\"500\"}', total: a_total}", ""),
        ("{histogram: 'h_seconds{job=\"a\"}'}", "  threshold: 1s\n"),
        ("{histogram: h_seconds}", "  threshold: 300ms\n"),
        ("{native_histogram: 'h_seconds{job=\"a\"}'}", "  threshold: 300ms\n  group_by: [job]\n"),
        (
            "{good: 'sum by (a, b) (sum_over_time(up[{{.window}}]))', \
             total: 'sum by (b,a)(count_over_time( up [ {{ .window }} ] ))'}",
            "  group_by: [b, a]\n",
        ),
        (
            "{bad: 'sum(rate(a_total{code=\"500\"}[{{.window}}]))', \
             total: 'sum(rate(a_total[{{.window}}]))'}",
            "",
        ),
    ] {
        let absent = if sli.contains("native") { "none" } else { "page" };
        let text = format!(
            "apiVersion: sre/v1\nkind: SLO\nmetadata: {{name: a, owner: shop}}\n\
             spec:\n  target: 99.95%\n  window: 28d\n  alerting: {tiers}{absent}}}\n{more}  \
             sli: {{prometheus: {sli}}}\n"
        );
        let (before, (pyrra, losses)) =
            ours(&text, |_, objective| (meaning(objective), written(objective)));
        assert_eq!(losses, [""; 0], "{text}");
        let after = theirs(&pyrra, meaning);
        // How a side is asked may differ: a rate is counted as an increase, and a good side as its bad rest.
        let apart = |text: &str| {
            let (before, _) =
                text.split_once("Some(\n            (").unwrap_or_else(|| panic!("{text}"));
            before.to_owned()
        };
        assert_eq!(apart(&after), apart(&before), "{text}\n{pyrra}");
    }
}

/// Everything that Pyrra has no words for, each with its place.
#[test]
fn what_pyrra_has_no_words_for_is_listed_by_field() {
    let text = r#"apiVersion: sre/v1
kind: SLO
metadata:
  name: checkout
  display_name: The checkout
  labels: {team-name: shop, room: "4 b", tier: one}
  links: [{name: wiki, url: "https://wiki.example.org"}]
spec:
  target: 99.9%
  windows: [{calendar: month, time_zone: UTC}, 7d]
  method: timeslices
  slice_target: 95%
  no_data: bad
  minimum_coverage: 90%
  policy: freeze
  sli:
    category: availability
    source: prometheus
    prometheus: {bad: 'a_total{code=~"5.."}', total: a_total}
"#;
    ours(text, |sources, objective| {
        let Written { text, losses } = pyrra::write(objective);
        let text = text.unwrap();
        assert!(text.contains("window: 30d") && text.contains("pyrra.dev/tier: one"), "{text}");
        let losses: Vec<(String, usize)> = losses
            .into_iter()
            .map(|loss| (loss.field, sources.position(loss.place).line))
            .collect();
        let losses: Vec<(&str, usize)> =
            losses.iter().map(|(field, line)| (field.as_str(), *line)).collect();
        let expected = [
            ("spec.alerting.budget_exhausted", 4),
            ("spec.alerting.tiers", 4),
            ("metadata.display_name", 5),
            ("metadata.labels.team-name", 6),
            ("metadata.labels.room", 6),
            ("metadata.links", 7),
            ("spec.window", 10),
            ("spec.windows", 10),
            ("spec.method", 11),
            ("spec.slice_target", 12),
            ("spec.no_data", 13),
            ("spec.minimum_coverage", 14),
            ("spec.policy", 15),
            ("spec.sli.category", 17),
            ("spec.sli.source", 18),
        ];
        assert_eq!(losses, expected);
    });
}

/// Where the indicator itself cannot be said, nothing is written.
#[test]
fn what_pyrra_cannot_measure_is_not_written() {
    for sli in [
        "{events: {good: 'status < 500'}}",
        "{counts: {good: good, total: total}}",
        "{prometheus: {good: a_total, total: 'b_total'}}",
        "{prometheus: {good: a_total, bad: b_total}}",
        "{prometheus: {bad: 'sum(increase(a[{{.window}}])) or vector(0)', total: 'sum(increase(b[{{.window}}]))'}}",
        "{category: availability}",
    ] {
        let text = format!(
            "apiVersion: sre/v1\nkind: SLO\nmetadata: {{name: a}}\n\
             spec: {{target: 99.9%, window: 28d, sli: {sli}}}\n"
        );
        ours(&text, |_, objective| {
            let Written { text, losses } = pyrra::write(objective);
            assert_eq!(text, None, "{sli}");
            assert!(
                losses.iter().any(|loss| loss.reason.ends_with("is not written")),
                "{losses:?}"
            );
        });
    }
}

/// An indicator of its own document loses the same.
#[test]
fn indicators_that_are_referred_to_are_written_too() {
    let text = "apiVersion: sre/v1\nkind: SLI\nmetadata: {name: speed}\n\
                spec: {category: latency, prometheus: {native_histogram: h_seconds}}\n---\n\
                apiVersion: sre/v1\nkind: SLO\nmetadata: {name: a}\nspec: {target: 99%, window: 28d, \
                threshold: 200ms, sli: speed, alerting: {tiers: [], sli_absent: page, budget_exhausted: none}}\n";
    ours(text, |_, objective| {
        let (pyrra, losses) = written(objective);
        assert!(pyrra.contains("latencyNative") && !pyrra.contains("absent"), "{pyrra}");
        let fields: Vec<&str> =
            losses.iter().filter_map(|loss| loss.split_once(':')).map(|(field, _)| field).collect();
        assert_eq!(fields, ["spec.sli.category", "spec.alerting.sli_absent"], "{losses:?}");
    });
}
