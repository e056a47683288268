//! What is asked, and what is made of the answers.
use super::servers::{
    Answers, Fake, PART, TOTAL, ask, at, field, json, now, options, question, simulated, vector,
};
use crate::kernel::{
    measure::server::{
        Answer, Effort, Fault, Fetch, Method, NoCache, Options, Part, PrometheusSource, Question,
        SampleSource, Steps, Unanswered, inspect,
    },
    series::EventCount,
    units::Duration,
};

fn one(question: &Question, series: &[(&str, &str)]) -> Result<Answer, Unanswered> {
    let reply = vector(series);
    let server = Fake::new(|_, _| Ok(reply.clone()));
    ask(&server, &NoCache, std::slice::from_ref(question)).0.remove(0)
}

fn refused(question: &Question, series: &[(&str, &str)]) -> String {
    let unanswered = one(question, series).unwrap_err();
    assert_eq!(unanswered.fault, Fault::Question);
    format!("{} / {}", unanswered.message, unanswered.help.unwrap_or_default())
}

#[expect(clippy::unnecessary_wraps, reason = "as it stands in answers")]
fn count(good: f64, total: f64) -> Option<EventCount> {
    Some(EventCount { good, total })
}

#[test]
fn a_window_is_one_request_at_its_end() {
    let server = Fake::new(|_, _| Ok(vector(&[(TOTAL, "100"), (PART, "2.5")])));
    let (answers, effort) = ask(&server, &NoCache, &[question()]);
    assert_eq!(answers[0].as_ref().unwrap().groups[0].windows, [count(97.5, 100.0)]);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method, requests[0].path), (Method::Post, "/api/v1/query"));
    assert_eq!(
        requests[0].form,
        [
            (
                "query",
                "label_replace((\nall[1h]\n), \"sre_part\", \"total\", \"\", \"\")\n\
                 or label_replace((\nbad[1h]\n), \"sre_part\", \"part\", \"\", \"\")"
                    .to_owned()
            ),
            ("time", "1773144000".to_owned()),
            ("nocache", "1".to_owned()),
        ]
    );
    let bytes = vector(&[(TOTAL, "100"), (PART, "2.5")]).body.len() as u64;
    assert_eq!(effort, Effort { requests: 1, cached: 0, bytes, samples: 2 });
}

#[test]
fn a_grid_is_asked_for_at_the_ends_of_its_steps() {
    let server = Fake::new(|request, _| Ok(simulated(request)));
    // Steps of a minute: chunks are 10,000 minutes, and one begins at 2026-03-15T18:40Z.
    let grid =
        Steps { from: at("2026-03-15T18:37:30Z"), count: 5, step: Duration::from_minutes(1) };
    let asked = Question { windows: Vec::new(), grid: Some(grid), ..question() };
    let answer = ask(&server, &NoCache, &[asked]).0.remove(0).unwrap();
    assert_eq!(answer.groups[0].steps.len(), 5);
    let mut asked: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            let field = |name| field(request, name).unwrap().to_owned();
            assert!(field("query").contains("all[1m]"));
            (request.path, field("start"), field("end"), field("step"))
        })
        .collect();
    asked.sort();
    let range = |start: &str, end: &str| {
        ("/api/v1/query_range", start.to_owned(), end.to_owned(), "60".to_owned())
    };
    assert_eq!(asked, [range("1773599910", "1773599970"), range("1773600030", "1773600150")]);
}

#[test]
fn the_same_is_asked_once() {
    let server = Fake::new(|request, _| Ok(simulated(request)));
    let grid = |from, count| Some(Steps { from: at(from), count, step: Duration::from_hours(1) });
    let first = Question { grid: grid("2026-03-01T00:00:00Z", 48), ..question() };
    let second = Question { grid: grid("2026-03-02T00:00:00Z", 48), ..question() };
    let alone: Vec<_> = [&first, &second]
        .iter()
        .map(|question| ask(&server, &NoCache, std::slice::from_ref(*question)).0.remove(0))
        .collect();
    server.requests();
    let (together, effort) = ask(&server, &NoCache, &[first.clone(), second, first]);
    assert_eq!(together, [alone[0].clone(), alone[1].clone(), alone[0].clone()]);
    // One window, and the grids in two pieces that do not overlap.
    assert_eq!(effort.requests, 3);
    let ranges: Vec<_> = server
        .requests()
        .iter()
        .filter_map(|request| {
            Some((field(request, "start")?.to_owned(), field(request, "end")?.to_owned()))
        })
        .collect();
    let range = |start: &str, end: &str| (start.to_owned(), end.to_owned());
    assert_eq!(ranges, [range("1772326800", "1772496000"), range("1772499600", "1772582400")]);
}

/// Answers come in the order of the questions, however long each takes.
#[test]
fn timing_decides_nothing() {
    let questions: Vec<Question> = (0..40)
        .map(|index| Question {
            total: format!("all_{}[{{{{.window}}}}]", index % 31),
            windows: (1..4).map(|hours| (now() - chrono::TimeDelta::hours(hours), now())).collect(),
            ..question()
        })
        .collect();
    let reply = |query: &str| {
        let number = query.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 9973);
        if number % 13 == 0 {
            vector(&[(TOTAL, "-1")])
        } else {
            vector(&[(TOTAL, &number.to_string())])
        }
    };
    let run = |concurrency: usize| -> Answers {
        let server = Fake::new(move |request, before| {
            for _ in 0..(before * 7919) % 50 {
                std::thread::yield_now();
            }
            Ok(reply(field(request, "query").unwrap()))
        });
        let options = Options { concurrency, ..options() };
        PrometheusSource { fetch: &server, cache: &NoCache, options }.ask(&questions)
    };
    let alone = run(1);
    assert!(alone.0.iter().any(Result::is_err) && alone.0.iter().any(Result::is_ok));
    for concurrency in [0, 2, 8, 100] {
        assert_eq!(run(concurrency).0, alone.0, "{concurrency} at a time");
    }
}

#[test]
fn nothing_found_is_nothing_measured() {
    let answer = one(&question(), &[]).unwrap();
    assert_eq!(answer.groups.len(), 1);
    assert_eq!(answer.groups[0].windows, [None]);
    assert!(
        one(&Question { group_by: vec!["a".into()], ..question() }, &[]).unwrap().groups.is_empty()
    );
    assert_eq!(one(&question(), &[(TOTAL, "NaN"), (PART, "1")]).unwrap().groups[0].windows, [None]);
    let null = r#"{"status":"success","data":{"resultType":"vector","result":null}}"#;
    let server = Fake::new(|_, _| Ok(json(null)));
    assert_eq!(
        ask(&server, &NoCache, &[question()]).0[0].as_ref().unwrap().groups[0].windows,
        [None]
    );
    // A window without a length is not asked for.
    let server = Fake::new(|_, _| panic!("asked"));
    let empty = Question {
        windows: vec![(now(), now()), (now(), at("2026-03-01T00:00:00Z"))],
        ..question()
    };
    let (answers, effort) = ask(&server, &NoCache, &[empty]);
    assert_eq!(answers[0].as_ref().unwrap().groups[0].windows, [None, None]);
    assert_eq!(effort, Effort::default());
}

#[test]
fn more_series_than_expected_are_refused() {
    let several = [(TOTAL, "1"), (r#""sre_part":"total","pod":"a""#, "1")];
    assert_eq!(
        refused(&question(), &several),
        "the query for all events gives 2 series where one was expected / aggregate with `sum(...)`, or \
         set `group_by`"
    );
    let several = [(TOTAL, "1"), (PART, "1"), (r#""sre_part":"part","pod":"a""#, "1")];
    assert!(refused(&question(), &several).contains("the query for bad events gives 2 series"));
    let by_pod = Question { group_by: vec!["zone".into(), "pod".into()], ..question() };
    let several = [
        (r#""sre_part":"total","pod":"a","zone":"z\u001b","x":"1""#, "1"),
        (r#""sre_part":"total","pod":"a","zone":"z\u001b","x":"2""#, "1"),
    ];
    assert_eq!(
        refused(&by_pod, &several),
        "the query for all events gives 2 series for zone=\"z\\u{1b}\", pod=\"a\" where one was expected \
         / aggregate with `sum by (zone, pod) (...)`"
    );
    assert_eq!(
        refused(&by_pod, &[(r#""sre_part":"total","pod":"a""#, "1")]),
        "no series of the query for all events has the label `zone` / aggregate with `sum by (zone, pod) \
         (...)`, or take it out of `group_by`"
    );
}

#[test]
fn groups_are_sorted_and_matched() {
    let by = Question { group_by: vec!["b".into(), "a".into()], ..question() };
    let answer = one(
        &by,
        &[
            (r#""sre_part":"total","a":"1","b":"2""#, "10"),
            (r#""sre_part":"total","a":"2","b":"1""#, "20"),
            (r#""sre_part":"total","b":"1""#, "30"),
            (r#""sre_part":"part","a":"2","b":"1""#, "5"),
            (r#""sre_part":"part","a":"9","b":"9""#, "7"),
        ],
    )
    .unwrap();
    let groups: Vec<_> = answer
        .groups
        .iter()
        .map(|group| (group.labels["b"].as_str(), group.labels["a"].as_str(), group.windows[0]))
        .collect();
    assert_eq!(
        groups,
        [
            ("1", "", count(30.0, 30.0)),
            ("1", "2", count(15.0, 20.0)),
            ("2", "1", count(10.0, 10.0))
        ]
    );
    assert_eq!(
        answer.notes,
        [
            r#"left out: a group with bad events which the query for all events does not have: b="9", a="9""#
        ]
    );
}

#[test]
fn groups_without_a_match_are_refused() {
    let by = Question { group_by: vec!["r".into()], ..question() };
    let series = [(r#""sre_part":"total","r":"eu""#, "10"), (r#""sre_part":"part","r":"EU""#, "5")];
    assert_eq!(
        refused(&by, &series),
        "no group of the query for bad events is one of the query for all events / both have to give the \
         same values of r: aggregate both with the same `sum by (...)`"
    );
}

#[test]
fn what_is_too_much_is_refused() {
    let many: Vec<(String, String)> = (0..1001)
        .map(|index| (format!(r#""sre_part":"total","pod":"{index}""#), "1".to_owned()))
        .collect();
    let many: Vec<(&str, &str)> =
        many.iter().map(|(labels, value)| (labels.as_str(), value.as_str())).collect();
    let by_pod = Question { group_by: vec!["pod".into()], ..question() };
    assert!(refused(&by_pod, &many).starts_with("more than 1000 series / aggregate"));
    assert_eq!(one(&by_pod, &many[..1000]).unwrap().groups.len(), 1000);
    let grid = |count| {
        let from = at("2026-01-01T00:00:00Z");
        let grid = Some(Steps { from, count, step: Duration::from_milliseconds(1) });
        Question { grid, ..question() }
    };
    assert!(
        refused(&grid(u32::MAX), &[]).starts_with("4294967295 steps are more than the 5000000")
    );
    // Both limits hold for what comes back, too.
    let server = Fake::new(|request, _| Ok(simulated(request)));
    let limited = |options: Options, question: Question| {
        let source = PrometheusSource { fetch: &server, cache: &NoCache, options };
        source.ask(&[question]).0.remove(0).map_err(|unanswered| unanswered.message)
    };
    assert_eq!(
        limited(Options { max_points: 50, ..options() }, grid(50)),
        Err("more than 50 numbers".to_owned())
    );
    assert!(limited(Options { max_points: 51, ..options() }, grid(50)).is_ok());
}

#[test]
fn odd_questions_are_answered_or_refused() {
    let empty = Question { total: " \n # nothing".to_owned(), ..question() };
    assert!(refused(&empty, &[]).starts_with("the query for all events is empty"));
    let empty = Question { part: Part::Good(String::new()), ..question() };
    assert!(refused(&empty, &[]).starts_with("the query for good events is empty"));
    let grid = Some(Steps { from: now(), count: 1, step: Duration::ZERO });
    assert_eq!(refused(&Question { grid, ..question() }, &[]), "no clock reaches 1 steps of 0s / ");
    let fixed = Question { total: "all[5m]".to_owned(), ..question() };
    let notes = one(&fixed, &[(TOTAL, "1")]).unwrap().notes;
    assert_eq!(
        notes,
        [
            "the query for all events does not say `{{.window}}`: it counts the same whatever the window"
        ]
    );
}

#[test]
fn numbers_that_cannot_be_name_their_place() {
    let message = refused(&question(), &[(TOTAL, "10"), (PART, "20")]);
    assert!(
        message.starts_with(
            "20 bad of 10 events from 2026-03-10T11:00:00Z to 2026-03-10T12:00:00Z: more than there are"
        ),
        "{message}"
    );
    let grid =
        Some(Steps { from: at("2026-03-09T00:00:00Z"), count: 2, step: Duration::from_hours(1) });
    let server = Fake::new(|_, _| {
        Ok(json(format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[
            {{"metric":{{{TOTAL},"r":"eu"}},"values":[[1773018000,"5"],[1773021600,"-7"]]}}]}}}}"#
        )))
    });
    let asked = Question { windows: Vec::new(), grid, group_by: vec!["r".into()], ..question() };
    let unanswered = ask(&server, &NoCache, &[asked]).0.remove(0).unwrap_err();
    assert_eq!(
        unanswered.message,
        "the query for all events gives -7, less than none, in the step from 2026-03-09T01:00:00Z for \
         r=\"eu\""
    );
}

#[test]
fn a_server_tells_of_itself() {
    let says = |status: u16, body: &'static str| {
        Fake::new(move |_, _| Ok(crate::kernel::measure::server::Reply { status, ..json(body) }))
    };
    let version = |server: &dyn Fetch| {
        let build = inspect::build_info(server).unwrap();
        build.map(|build| (build.application, build.version))
    };
    let prometheus =
        says(200, r#"{"status":"success","data":{"version":"3.5.0","branch":"HEAD"}}"#);
    assert_eq!(version(&prometheus), Some((None, Some("3.5.0".to_owned()))));
    assert_eq!(prometheus.requests()[0].method, Method::Get);
    assert_eq!(version(&says(200, r#"{"status":"success","data":{}}"#)), None);
    assert_eq!(version(&says(404, "404 page not found")), None);
    assert!(inspect::build_info(&says(401, "")).is_err());
    for (text, time) in
        [("15d", Some("15d")), ("30d or 10GiB", Some("30d")), ("10GiB", None), ("1y", Some("365d"))]
    {
        let body = format!(r#"{{"status":"success","data":{{"storageRetention":"{text}"}}}}"#);
        let server = Fake::new(|_, _| Ok(json(body.as_bytes())));
        let retention = inspect::retention(&server).unwrap().unwrap();
        assert_eq!(retention.text, text);
        assert_eq!(retention.time, time.map(|time| time.parse().unwrap()));
    }
    assert_eq!(inspect::retention(&says(400, "unsupported path requested")), Ok(None));
    assert_eq!(inspect::has_data(&Fake::new(|_, _| Ok(vector(&[]))), "up", now()), Ok(false));
    let three = Fake::new(|_, _| Ok(vector(&[("", "3")])));
    assert_eq!(inspect::has_data(&three, "up", now()), Ok(true));
    assert_eq!(inspect::series_count(&three, "up", now()), Ok(3));
    let les =
        Fake::new(|_, _| Ok(vector(&[(r#""le":"0.5""#, "3"), (r#""le":"+Inf""#, "3"), ("", "1")])));
    assert_eq!(inspect::label_values(&les, "h_bucket", "le", now()).unwrap(), ["+Inf", "0.5"]);
}

#[test]
fn metrics_are_looked_up_by_name() {
    let bodies = |known: &'static str| {
        Fake::new(move |_, _| {
            let body = format!(r#"{{"status":"success","data":{{{known}}}}}"#);
            Ok(json(body.as_bytes()))
        })
    };
    let kind = |server: &dyn Fetch, metric: &str| inspect::metric_type(server, metric).unwrap();
    let gauge = bodies(r#""a_total":[{"type":"gauge","help":"","unit":""}]"#);
    assert_eq!(kind(&gauge, "a_total").as_deref(), Some("gauge"));
    // OpenMetrics knows a counter, and the parts of a histogram, by the name of the whole.
    let histogram = bodies(r#""h":[{"type":"histogram","help":"","unit":""}]"#);
    assert_eq!(kind(&histogram, "h_bucket").as_deref(), Some("histogram"));
    assert_eq!(histogram.requests().len(), 2);
    assert_eq!(kind(&bodies(""), "b_total"), None);
    let names = Fake::new(|_, _| Ok(json(br#"{"status":"success","data":["b","a"]}"#)));
    assert_eq!(inspect::metric_names(&names, "http", now(), now()).unwrap(), ["a", "b"]);
    let (name, pattern) = &names.requests()[0].form[0];
    assert_eq!((*name, pattern.as_str()), ("match[]", r#"{__name__=~"http.*"}"#));
    let missing = Fake::new(|_, _| {
        Ok(crate::kernel::measure::server::Reply { status: 404, ..json(b"not found") })
    });
    assert_eq!(inspect::metric_names(&missing, "http", now(), now()), Ok(vec![]));
    assert_eq!(inspect::metric_type(&missing, "a_total"), Ok(None));
}

#[test]
fn a_query_may_give_no_numbers() {
    let numbers = |value: &'static str| {
        let server = Fake::new(move |_, _| Ok(vector(&[("", value)])));
        inspect::numbers(&server, "a[{{.window}}]", Duration::from_hours(1), now()).unwrap()
    };
    assert_eq!(numbers("2"), (vec![2.0], false));
    assert!(numbers("NaN").0[0].is_nan());
    let body = br#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,{"count":"1"}]}]}}"#;
    let histogram = Fake::new(|_, _| Ok(json(body)));
    let found = inspect::numbers(&histogram, "a", Duration::from_hours(1), now());
    assert_eq!(found, Ok((vec![], true)));
}
