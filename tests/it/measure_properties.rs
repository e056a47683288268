//! What holds for measurement files of any content.
#![expect(clippy::unwrap_used, reason = "what is not as expected may panic")]
use proptest::prelude::*;
use sre::kernel::{
    measure::{
        CountMeasure, CountShape, EventMeasure, Format, Input, Predicate, ScanOutcome, ScanRequest,
        Shape, scan,
    },
    units::{Duration, Instant},
};

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn events() -> ScanRequest {
    let predicate = |text| Predicate::parse(text).unwrap();
    let measures = vec![
        EventMeasure { total: None, good: predicate("status < 500") },
        EventMeasure {
            total: Some(predicate("path NOT LIKE '/health%'")),
            good: predicate("duration <= 0.3 AND status < 500"),
        },
    ];
    ScanRequest::new(Shape::Events(measures), instant("2026-06-01T00:00:00Z"))
}

fn run(inputs: Vec<Input>, request: &ScanRequest) -> ScanOutcome {
    scan(inputs, request, &|_| {}).unwrap()
}

/// One event in all formats; a few are broken, late or out of order.
#[derive(Clone, Debug)]
struct Event {
    second: i64,
    status: u16,
    duration: u16,
    path: &'static str,
    broken: bool,
}

fn event() -> impl Strategy<Value = Event> {
    let path = prop::sample::select(vec!["/", "/healthz", "/a,b", "/a\"\"b", "/line\nbreak"]);
    (0i64..40_000, 200u16..600, 0u16..1000, path, prop::bool::weighted(0.05)).prop_map(
        |(second, status, duration, path, broken)| Event { second, status, duration, path, broken },
    )
}

impl Event {
    fn time(&self) -> Instant {
        instant("2026-03-01T00:00:00Z") + chrono::TimeDelta::seconds(self.second)
    }

    fn csv(&self) -> String {
        let time = if self.broken { "never".to_owned() } else { self.time().to_rfc3339() };
        let (status, millis) = (self.status, self.duration);
        format!("{time},{status},0.{millis:03},\"{}\"\n", self.path)
    }

    fn log(&self) -> String {
        let time = self.time().format("%d/%b/%Y:%H:%M:%S +0000");
        let quote = if self.broken { "" } else { "\"" };
        let (path, status) = (self.path.replace(['\n', '"'], "_"), self.status);
        format!("::1 - - [{time}] \"GET {path} HTTP/1.1\" {status} 5 \"-\" \"-{quote} 0.25\n")
    }

    fn json(&self) -> String {
        let path = self.path.replace("\"\"", "\"");
        let object = serde_json::json!({
            "time": self.time().to_rfc3339(),
            "status": self.status,
            "duration": f64::from(self.duration) / 1000.0,
            "path": path,
        });
        format!("{object}{}\n", if self.broken { "}" } else { "" })
    }
}

fn csv(events: &[Event]) -> String {
    let rows: String = events.iter().map(Event::csv).collect();
    format!("time,status,duration,path\n{rows}")
}

fn json(events: &[Event]) -> String {
    events.iter().map(Event::json).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn formats_splits_and_shuffles_agree(
        (events, shuffled) in prop::collection::vec(event(), 1..60)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        cut in any::<prop::sample::Index>(),
        at in prop::option::of(0i64..40_000),
    ) {
        prop_assume!(events.iter().any(|event| !event.broken));
        let at = at.map(|second| instant("2026-03-01T00:00:00Z") + chrono::TimeDelta::seconds(second));
        let request = ScanRequest { at, ..events_request() };
        let whole = run(vec![Input::from_bytes("a.csv", csv(&events))], &request);
        let other_order = run(vec![Input::from_bytes("a.csv", csv(&shuffled))], &request);
        prop_assert_eq!(&whole.series, &other_order.series);
        let (first, second) = events.split_at(cut.index(events.len()));
        let parts = vec![
            Input::from_bytes("1.csv", csv(first)),
            Input::from_bytes("2.csv", csv(second)),
        ];
        let split = run(parts, &request);
        prop_assert_eq!(&whole.series, &split.series);
        prop_assert_eq!(whole.report.excluded, split.report.excluded);
        prop_assert_eq!(whole.report.bad_lines.count, split.report.bad_lines.count);
        let other_format = run(vec![Input::from_bytes("a.jsonl", json(&events))], &request);
        prop_assert_eq!(&whole.series, &other_format.series);
        let broken = events.iter().filter(|event| event.broken).count() as u64;
        prop_assert_eq!(whole.report.bad_lines.count, broken);
        prop_assert_eq!(whole.report.records + broken, events.len() as u64);
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, words in prop::collection::vec(prop::sample::select(vec![
        "time", "status", "good", "total", ",", ";", "\n", "\"", "{", "}", ":", "[", "]", "\\",
        "1772359201", "2026-03-01T10:00:01Z", "200", "-1", "127.0.0.1 - - ",
        "[01/Mar/2026:10:00:01 +0000] ", "\"GET / HTTP/1.1\" ", "200 5", " ", "\"-\"", "é",
    ]), 0..40), counts: bool) {
        let words = words.concat().into_bytes();
        let mut request = events_request();
        if counts {
            let name = |name: &str| Some(name.to_owned());
            let measure = CountMeasure { good: name("good"), bad: None, total: name("total") };
            request.shape = Shape::Counts(CountShape { measures: vec![measure], labels: None });
        }
        for bytes in [bytes, words] {
            for format in [None, Some(Format::Csv), Some(Format::JsonLines), Some(Format::AccessLog)] {
                let request = ScanRequest { format, threads: Some(1), ..request.clone() };
                let _ = scan(vec![Input::from_bytes("a", bytes.clone())], &request, &|_| {});
            }
            let mut gzip = vec![0x1f, 0x8b, 8, 0];
            gzip.extend(bytes);
            let _ = scan(vec![Input::from_bytes("a", gzip)], &request, &|_| {});
        }
    }
}

fn events_request() -> ScanRequest {
    ScanRequest { lookback: Duration::from_days(1), ..events() }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    // Several blocks, with bad lines, disorder, quotes over newlines and late records in each.
    let mut choose = 1u64;
    let events: Vec<Event> = (0..60_000)
        .map(|index| {
            choose = choose.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let random = choose >> 33;
            let below = |limit: u16| u16::try_from(random % u64::from(limit)).unwrap();
            Event {
                second: index / 3 + i64::from(below(7)),
                status: 200 + below(400),
                duration: below(1000),
                path: ["/", "/healthz", "/line\nbreak", "/a\"\"b"][usize::from(below(4))],
                broken: random.is_multiple_of(5000),
            }
        })
        .collect();
    let log: Vec<String> = events.iter().map(Event::log).collect();
    for (name, text) in
        [("a.csv", csv(&events)), ("a.jsonl", json(&events)), ("a.log", log.concat())]
    {
        assert!(text.len() > 3 << 19, "several blocks");
        let read = |threads| {
            let request = ScanRequest { threads: Some(threads), ..events_request() };
            let inputs =
                vec![Input::from_bytes(name, text.clone()), Input::from_bytes(name, text.clone())];
            run(inputs, &request)
        };
        let alone = read(1);
        let report = &alone.report;
        assert!(report.bad_lines.count + report.repaired.count > 10, "{name}: {report:?}");
        assert!(report.disorder.lines > 1000);
        for threads in [2, 3, 8] {
            let together = read(threads);
            assert_eq!(together.series, alone.series, "{name} on {threads} threads");
            assert_eq!(together.report, alone.report, "{name} on {threads} threads");
        }
    }
}
