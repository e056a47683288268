//! What is said of composites, groups, slices, windows and histograms.
use super::{check, diagnose, findings};

/// An objective with that in its `spec`, over 30 days unless it says otherwise.
fn objective(name: &str, spec: &str) -> String {
    let window = if spec.contains("window") { "" } else { "  window: 30d\n" };
    format!(
        "---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}}}\nspec:\n{window}  {}\n",
        spec.replace('\n', "\n  ")
    )
}

fn composite(name: &str, parts: &[&str]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("{{slo: {part}}}")).collect();
    objective(name, &format!("target: 99%\ncomposite: [{}]", parts.join(", ")))
}

fn source(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: sre/v1\nkind: DataSource\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"
    )
}

const EVENTS: &str = "target: 99.9%\nsli: {events: {good: status < 500}}";

#[test]
fn composites_of_themselves_print_their_chain() {
    let text = [
        composite("b", &["c", "leaf"]),
        composite("c", &["a"]),
        composite("a", &["leaf", "b"]),
        composite("self", &["self"]),
        composite("outside", &["a"]),
        objective("leaf", EVENTS),
    ]
    .concat();
    check(
        "composite-cycle",
        &text,
        &[
            ("b", "`a` contains itself: a → b → c → a"),
            ("self", "`self` contains itself: self → self"),
        ],
    );
    check(
        "composite-cycle",
        &text.replace("{slo: a}", "{slo: leaf}").replace("[{slo: self}]", "[{slo: leaf}]"),
        &[],
    );
}

#[test]
fn a_long_chain_of_composites_takes_no_time() {
    let mut text: String =
        (0..3000).map(|at| composite(&format!("s{at}"), &[&format!("s{}", at + 1)])).collect();
    text += &objective("s3000", EVENTS);
    check("composite-cycle", &text, &[]);
    let text = text.replace("{slo: s3000}", "{slo: s0}");
    let found = findings("composite-cycle", &text);
    assert_eq!(found.len(), 1);
    assert!(found[0].1.starts_with("`s0` contains itself: s0 → s1 → s2"), "{found:?}");
    assert!(found[0].1.ends_with("s2999 → s0") && found[0].1.len() < 300, "{found:?}");
}

#[test]
fn parts_that_cannot_be_joined_are_told() {
    let grouped =
        "target: 99%\ngroup_by: [route]\nsli: {prometheus: {good: g_total, total: a_total}}";
    let text = [
        composite("journey", &["grouped", "plain", "plain", "inner"]),
        composite("inner", &["plain"]),
        objective("grouped", grouped),
        objective("plain", EVENTS),
    ]
    .concat();
    let message = "`grouped` has a budget for each group, and no single one to be a part with";
    check("composite-part-has-group-by", &text, &[("grouped", message)]);
    check("composite-part-repeated", &text, &[("plain", "`plain` is a part twice")]);
    check("composite-part-without-slices", &text, &[]);
    let sliced = text.replacen("target: 99%", "target: 99%\n  method: ratio_timeslices", 1);
    let message = "`inner` counts events, `journey` slices of `5m`";
    check("composite-part-without-slices", &sliced, &[("inner", message)]);
    let both =
        text.replace("target: 99%\n  composite", "target: 99%\n  method: timeslices\n  composite");
    check("composite-part-without-slices", &both, &[]);
    check(
        "composite-part-without-slices",
        &both.replacen("method: timeslices", "method: timeslices\n  slice: 1m", 1),
        &[("inner", "`inner` counts slices of `5m`, `journey` slices of `1m`")],
    );
}

#[test]
fn composites_are_no_faulty_objectives() {
    let service = "---\napiVersion: sre/v1\nkind: Service\nmetadata: {name: shop, owner: a}\n\
                   spec: {depends_on: [{service: base}]}\n";
    let base =
        "---\napiVersion: sre/v1\nkind: Service\nmetadata: {name: base, owner: a}\nspec: {}\n";
    let text = [
        service,
        base,
        &objective("base-availability", "service: base\ntarget: 99%\nsli: {events: {good: a}}"),
        &objective(
            "journey",
            "service: shop\ntarget: 99.9%\ncomposite: [{slo: base-availability}]",
        ),
        &composite("nobodys", &["base-availability"]),
    ]
    .concat();
    for rule in [
        "slo-without-indicator",
        "slo-without-service",
        "service-without-slo",
        "unused-document",
        // A composite may be of anything: nothing follows from what it promises.
        "slo-stricter-than-dependencies",
        "dependency-without-objective",
    ] {
        check(rule, &text, &[]);
    }
    let plain = text.replace("composite: [{slo: base-availability}]", "sli: {events: {good: a}}");
    assert!(!findings("slo-stricter-than-dependencies", &plain).is_empty());
}

#[test]
fn fields_of_composites_that_do_nothing_are_told() {
    let text = [
        objective(
            "journey",
            "target: 99%\nmethod: timeslices\nslice_target: 95%\n\
             composite: [{slo: a, weight: 2}, {slo: b}]",
        ),
        objective("a", EVENTS),
        objective("b", EVENTS),
    ]
    .concat();
    let weight = "this weight has no effect: a slice is bad if any part is bad in it";
    let target = "this `slice_target` has no effect: parts are judged by their own";
    check("composite-field-without-effect", &text, &[("95%", target), ("2", weight)]);
}

#[test]
fn groups_need_labels() {
    let text =
        |sli: &str| objective("a", &format!("target: 99%\ngroup_by: [route, job]\nsli: {sli}"));
    let rule = "group-by-without-labels";
    let message = "`group_by` needs labels, and events have none";
    check(rule, &text("{events: {good: status < 500}}"), &[("route", message)]);
    let message = "`group_by` needs labels, and counts have none";
    check(rule, &text("{indicator: good / total}"), &[("route", message)]);
    check(rule, &text("{prometheus: {good: g_total, total: a_total}}"), &[]);
    check(rule, &text("{prometheus: {histogram: h_seconds}}"), &[]);
    let query = |by: &str| {
        text(&format!(
            "{{prometheus: {{good: g_total, total: '{by}(increase(a_total[{{{{.window}}}}]))'}}}}"
        ))
    };
    let message = "`total` does not keep the label `job`";
    let found = findings(rule, &query("sum by (route) "));
    assert_eq!(found.iter().map(|(_, message)| message.as_str()).collect::<Vec<_>>(), [message]);
    check(rule, &query("sum by (job, route) "), &[]);
    // Which labels stay is not known where only those are named that go.
    check(rule, &query("sum without (instance) "), &[]);
}

#[test]
fn slices_and_alerts_need_steps_that_fit() {
    let text = |slice: &str, step: &str| {
        let counts = "sli: {source: orders, counts: {bad: failed, total: orders}}";
        let method = format!("target: 99%\nmethod: timeslices\nslice_target: 95%\n{slice}{counts}");
        let step = format!("files: {{paths: [a.csv], records: counts{step}}}");
        [objective("a", &method), source("orders", &step)].concat()
    };
    let rule = "slice-not-whole-steps";
    let message = "slices of `7m` cannot be made of measurements in steps of `5m`";
    check(rule, &text("slice: 7m\n", ", step: 5m"), &[("7m", message)]);
    let message = "slices of `5m` cannot be made of measurements in steps of `15m`";
    check(rule, &text("", ", step: 15m"), &[("timeslices", message)]);
    check(rule, &text("slice: 15m\n", ", step: 5m"), &[]);
    check(rule, &text("slice: 7m\n", ""), &[]);
    let parts = "target: 99%\nmethod: timeslices\ncomposite: [{slo: a}]";
    let journey = [text("slice: 15m\n", ", step: 15m"), objective("j", parts)].concat();
    let message = "slices of `5m` cannot be made of measurements of `a` in steps of `15m`";
    check(rule, &journey, &[("timeslices", message)]);

    let rule = "alert-window-shorter-than-step";
    let message = "`page-1h` of `a` looks at `5m`, less than a slice of `15m`: it can never fire";
    check(rule, &text("slice: 15m\n", ", step: 5m"), &[("15m", message)]);
    check(rule, &text("slice: 5m\n", ", step: 5m"), &[]);
}

#[test]
fn a_budget_below_one_slice_is_told() {
    let text = |target: &str, windows: &str| {
        objective(
            "a",
            &format!(
                "target: {target}\nmethod: timeslices\nslice_target: 95%\nwindows: [{windows}]"
            ),
        )
    };
    check("slice-longer-than-budget", &text("99.95%", "30d, 7d"), &[]);
    let message = "99.96% of `1w` allows 4.0 minutes: one bad slice of `5m` misses it";
    check("slice-longer-than-budget", &text("99.96%", "30d, 7d"), &[("99.96%", message)]);
}

#[test]
fn every_window_is_looked_at() {
    let text =
        objective("a", "target: 99.99%\nwindows: [30d, 1d, {calendar: week, time_zone: UTC}]");
    let message = "99.99% of `1d` allows 8.6 seconds of outage: nobody can react in that time";
    check("slo-target-beyond-measurement", &text, &[("99.99%", message)]);
    check("slo-target-beyond-measurement", &text.replace("1d, ", ""), &[]);
    check(
        "windows-repeated",
        &objective("a", "target: 99%\nwindows: [30d, 720h]"),
        &[("720h", "the window `30d` stands here twice")],
    );
}

#[test]
fn selectors_are_measured_on_samples_and_queries_on_servers() {
    let text = |queries: &str, on: &str| {
        let sli =
            format!("target: 99%\nthreshold: 1s\nsli: {{source: s, prometheus: {{{queries}}}}}");
        [objective("a", &sli), source("s", on)].concat()
    };
    let files = "files: {paths: [a.om], format: openmetrics}";
    let program = "command: {run: [./a], format: openmetrics}";
    let server = "prometheus: {url: 'http://p:9090'}";
    let selectors = "good: g_total, total: a_total";
    let query = "good: g_total, total: 'sum(increase(a_total[{{.window}}]))'";
    let rule = "sli-source-mismatch";
    for on in [files, program, server] {
        check(rule, &text(selectors, on), &[]);
        check(rule, &text("histogram: h_seconds", on), &[]);
    }
    check(rule, &text(query, server), &[]);
    let cases = [
        (
            query,
            files,
            "`total` is a whole query, which needs a server, and `s` is files of samples",
        ),
        (
            query,
            program,
            "`total` is a whole query, which needs a server, and `s` is a program that prints samples",
        ),
        (
            "native_histogram: h",
            files,
            "a native histogram needs a server, and `s` is files of samples",
        ),
        (
            "good: g_total, bad: b_total",
            files,
            "the sum of `good` and `bad` needs a server, and `s` is files of samples",
        ),
        (
            selectors,
            "files: {paths: [a.csv], format: csv}",
            "`prometheus` cannot be measured on `s`, which is files of records",
        ),
    ];
    for (queries, on, message) in cases {
        check(rule, &text(queries, on), &[("s", message)]);
    }
    let events =
        [objective("a", "target: 99%\nsli: {source: s, events: {good: a}}"), source("s", program)];
    let message = "`events` cannot be measured on `s`, which is a program that prints samples";
    check(rule, &events.concat(), &[("s", message)]);
}

#[test]
fn histograms_are_latency() {
    let text = |more: &str, histogram: &str| {
        objective("a", &format!("target: 99%\n{more}sli: {{prometheus: {{{histogram}}}}}"))
    };
    let bare = text("", "histogram: h_seconds");
    let message = "`a` does not say how fast is fast enough";
    let found = findings("latency-slo-without-threshold", &bare);
    assert_eq!(found.iter().map(|(_, message)| message.as_str()).collect::<Vec<_>>(), [message]);
    for rule in
        ["threshold-without-latency", "latency-category-without-threshold", "sli-sides-incomplete"]
    {
        check(rule, &text("threshold: 1s\n", "native_histogram: h_seconds"), &[]);
        check(rule, &bare, &[]);
    }
    for (written, said) in [
        ("h_seconds_bucket", "_bucket"),
        ("'h_seconds_count{job=\"a\"}'", "_count"),
        ("h_seconds_sum", "_sum"),
    ] {
        let text = text("threshold: 1s\n", &format!("histogram: {written}"));
        let message = format!("`histogram` names the histogram, not its series `{said}`");
        check("histogram-with-suffix", &text, &[(written, &message)]);
        let (sources, diagnostics) = diagnose(&text);
        let found = diagnostics.iter().find_map(|diagnostic| diagnostic.finding.fix.as_ref());
        let fix = found.unwrap();
        assert_eq!(sources.slice(fix.place), format!("h_seconds{said}"));
        assert_eq!(fix.text, "h_seconds");
    }
    for (written, message) in [
        ("'sum(h_seconds)'", "`histogram` is a selector, and this is a whole query"),
        ("'{job=\"a\"}'", "`histogram` needs the name of a metric"),
        ("'h_seconds{le=\"1\"}'", "the objective's threshold chooses the bucket, not `le`"),
    ] {
        let text = text("threshold: 1s\n", &format!("histogram: {written}"));
        check("histogram-not-a-selector", &text, &[(written, message)]);
    }
    let both = text("threshold: 1s\n", "histogram: h_seconds, good: g_total");
    let message = "`good` cannot stand beside `histogram`";
    check("invalid-value", &both, &[("g_total", message)]);
    check(
        "promql-invalid",
        &text("threshold: 1s\n", "histogram: 'h_seconds{'"),
        &[("{", "this `{` does not close")],
    );
}
