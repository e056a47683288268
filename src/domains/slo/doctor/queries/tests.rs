use super::*;
use crate::{
    domains::slo::{doctor::selector::probes, queries::Side},
    kernel::measure::server::Group,
};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A selector with three series that have been there all the time.
fn selector(text: &str) -> SelectorFacts {
    SelectorFacts {
        probe: probes(&Side::Counter(text.to_owned())).remove(0),
        now: Ok(3),
        before: Some(Ok(3)),
        since: None,
        absence: None,
        buckets: None,
        metric_type: Some("counter".to_owned()),
        falls: Some(Ok(1.0)),
        labels: Vec::new(),
    }
}

fn absent(text: &str, absence: Absence) -> SelectorFacts {
    let absence = Some(Ok(absence));
    let (before, metric_type, falls) = (None, None, None);
    SelectorFacts { now: Ok(0), before, metric_type, falls, absence, ..selector(text) }
}

fn side(which: &'static str, selector: SelectorFacts) -> SideFacts {
    SideFacts { which, is_query: false, selectors: vec![selector] }
}

fn answer(groups: usize) -> Answer {
    let count = Some(EventCount { good: 99.0, total: 100.0 });
    let group = Group { windows: vec![count], ..Group::default() };
    Answer { groups: vec![group; groups], ..Answer::default() }
}

fn facts(all: SelectorFacts, part: SideFacts) -> QueryFacts {
    QueryFacts {
        sides: vec![side("all", all), part],
        group_by: Vec::new(),
        max_series: 1000,
        from: at("2026-04-14T00:00:00Z"),
        at: at("2026-05-14T00:00:00Z"),
        windows: vec![(Duration::from_hours(1), Ok(answer(1)))],
        raw: Vec::new(),
    }
}

fn sound() -> QueryFacts {
    facts(selector("a_total"), side("bad", selector("a_total{code=\"500\"}")))
}

#[track_caller]
fn check(facts: &QueryFacts, check: &str, health: Health, words: &str) {
    let findings = judge(facts);
    let found = findings.iter().any(|finding| {
        let text = format!("{}; {}", finding.message, finding.help.as_deref().unwrap_or(""));
        finding.check == check && finding.health == health && text.contains(words)
    });
    assert!(found, "{check} {health:?} `{words}`: {findings:#?}");
}

#[test]
fn what_is_sound_is_ok() {
    let findings = judge(&sound());
    assert!(findings.iter().all(|finding| finding.health == Health::Ok), "{findings:#?}");
    check(&sound(), "type", Health::Ok, "`a_total` is of type counter");
}

#[test]
fn gauges_are_no_counters() {
    let gauge = SelectorFacts { metric_type: Some("gauge".into()), ..selector("a_total") };
    let part = || side("bad", selector("a_total{code=\"500\"}"));
    check(&facts(gauge, part()), "type", Health::Bad, "`a_total` is a gauge");
    let falls = |falls| SelectorFacts { falls: Some(Ok(falls)), ..selector("a") };
    check(&facts(falls(20.0), part()), "type", Health::Warning, "fell 20 times in an hour");
    check(&facts(falls(6.0), part()), "type", Health::Ok, "of type counter");
}

#[test]
fn what_never_was_bad_may_be_right_and_good_may_not() {
    let absence = || Absence::NoValue {
        condition: "code=\"500\"".into(),
        label: "code".into(),
        values: vec!["200".into()],
    };
    let part = |which| side(which, absent("a_total{code=\"500\"}", absence()));
    check(&facts(selector("a_total"), part("bad")), "series", Health::Warning, "`code` is `200`");
    check(&facts(selector("a_total"), part("good")), "series", Health::Bad, "`code` is `200`");
}

#[test]
fn good_events_that_begin_later_than_all_are_said() {
    let young = |text: &str| SelectorFacts {
        before: Some(Ok(0)),
        since: Some(at("2026-05-01T00:00:00Z")),
        ..selector(text)
    };
    let good = facts(selector("a_total"), side("good", young("b_total")));
    check(&good, "beginning", Health::Warning, "they begin about 2026-05-01 00:00 UTC");
    check(&good, "beginning", Health::Warning, "all events count as bad");
    // Where both are young that is said once.
    let both = facts(young("a_total"), side("good", young("b_total")));
    let said = judge(&both).into_iter().filter(|finding| finding.check == "beginning").count();
    assert_eq!(said, 1);
}

#[test]
fn names_that_are_nearly_others_are_wrong_on_any_side() {
    let part = |near: &[&str]| {
        let near = near.iter().map(|name| (*name).to_owned()).collect();
        facts(selector("a_total"), side("bad", absent("b_total", Absence::NoMetric { near })))
    };
    check(&part(&[]), "series", Health::Warning, "right if there never was such an event");
    check(&part(&["c_total"]), "series", Health::Bad, "`c_total`");
}

#[test]
fn what_is_not_there_now_is_told_from_what_never_was() {
    let part = || side("bad", selector("a_total{code=\"500\"}"));
    let stopped = facts(absent("a_total", Absence::Stopped), part());
    check(&stopped, "series", Health::Bad, "it had some earlier in the window");
    let near = vec!["a_totals".to_owned()];
    let no_metric = facts(absent("a_total", Absence::NoMetric { near }), part());
    check(&no_metric, "series", Health::Bad, "is one of these meant: `a_totals`?");
}

#[test]
fn buckets_that_are_not_there_are_named_with_their_neighbours() {
    let bucket = |text: &str, bounds: &[f64]| SelectorFacts {
        buckets: Some(Ok(bounds.to_vec())),
        ..absent(text, Absence::Combination)
    };
    let asked = |bounds: &[f64]| {
        let part = side("good", bucket("h_bucket{le=\"0.3\"}", bounds));
        facts(selector("h_count"), part)
    };
    let near = "the nearest are `0.25` and `0.5`; it has 0.1, 0.25, 0.5, 1";
    check(&asked(&[0.1, 0.25, 0.5, 1.0]), "bucket", Health::Bad, near);
    check(&asked(&[0.1]), "bucket", Health::Bad, "the nearest are `0.1`");
}

#[test]
fn buckets_that_some_series_lack_are_said() {
    let some = SelectorFacts { now: Ok(2), ..selector("h_bucket{le=\"0.3\"}") };
    let facts = facts(selector("h_count"), side("good", some));
    check(&facts, "bucket", Health::Warning, "2 of 3 series");
}

#[test]
fn many_groups_are_said_before_they_are_too_many() {
    let groups = |count| QueryFacts {
        group_by: vec!["region".into()],
        max_series: 10,
        windows: vec![(Duration::from_hours(1), Ok(answer(count)))],
        ..sound()
    };
    check(&groups(7), "groups", Health::Ok, "7 groups by region");
    check(&groups(8), "groups", Health::Warning, "8 groups by region, of at most 10");
}

#[test]
fn labels_that_one_side_has_alone_are_said() {
    let with = |text: &str, values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        SelectorFacts { labels: vec![("region".to_owned(), Ok(values))], ..selector(text) }
    };
    let labels = |all: &[&str], part: &[&str]| QueryFacts {
        group_by: vec!["region".into()],
        ..facts(with("a_total", all), side("bad", with("b_total", part)))
    };
    check(&labels(&["eu"], &["eu"]), "labels", Health::Ok, "`region` has 1 value");
    check(&labels(&["eu"], &["us"]), "labels", Health::Warning, "bad events have `region` `us`");
    check(&labels(&["eu"], &[]), "labels", Health::Bad, "`b_total` has the label `region`");
}

#[test]
fn silence_is_explained_by_what_the_queries_give() {
    let silent = |raw: Raw| QueryFacts {
        windows: vec![(Duration::from_hours(1), Ok(Answer::default()))],
        raw: vec![("all", Ok(raw))],
        ..sound()
    };
    let numbers = |numbers: &[f64]| Raw { numbers: numbers.to_vec(), histograms: false };
    check(&silent(numbers(&[f64::NAN])), "events", Health::Bad, "NaN");
    check(&silent(numbers(&[])), "events", Health::Bad, "though its series have samples");
    check(&silent(numbers(&[1.0])), "events", Health::Bad, "the queries give nothing");
    let histograms = Raw { histograms: true, ..Raw::default() };
    check(&silent(histograms), "events", Health::Bad, "native histograms, not numbers");
}

#[test]
fn a_failing_server_is_said_once() {
    let why = || {
        let fault = Fault::Environment;
        Unanswered { message: "cannot connect".into(), help: None, fault }
    };
    let dead = |text: &str| SelectorFacts { now: Err(why()), before: None, ..selector(text) };
    let facts = QueryFacts { windows: vec![], ..facts(dead("a"), side("bad", dead("b"))) };
    let said = judge(&facts).into_iter().filter(|finding| finding.unanswered).count();
    assert_eq!(said, 1);
    check(&facts, "series", Health::Unknown, "cannot connect");
}
