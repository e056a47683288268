//! Servers that are made up, and what is asked of them.
use crate::kernel::{
    measure::server::{
        Answer, Cache, Effort, Fetch, FetchError, Options, Part, PrometheusSource, Question, Reply,
        Request, SampleSource, Unanswered,
    },
    units::{Duration, Instant},
};
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

pub(super) type Answers = (Vec<Result<Answer, Unanswered>>, Effort);

/// A server that is a function of the request and of how often it was asked before.
pub(super) struct Fake<F> {
    pub(super) reply: F,
    pub(super) requests: Mutex<Vec<Request>>,
    pub(super) pauses: Mutex<Vec<Duration>>,
}

impl<F: Fn(&Request, usize) -> Result<Reply, FetchError> + Sync> Fake<F> {
    pub(super) fn new(reply: F) -> Self {
        Self { reply, requests: Mutex::default(), pauses: Mutex::default() }
    }

    /// The requests since the last time, in the order in which they came.
    pub(super) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    pub(super) fn pauses(&self) -> Vec<String> {
        let pauses = std::mem::take(&mut *self.pauses.lock().unwrap());
        pauses.iter().map(ToString::to_string).collect()
    }
}

impl<F: Fn(&Request, usize) -> Result<Reply, FetchError> + Sync> Fetch for Fake<F> {
    fn fetch(&self, request: &Request) -> Result<Reply, FetchError> {
        let before = {
            let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
            requests.push(request.clone());
            requests.len() - 1
        };
        (self.reply)(request, before)
    }

    fn pause(&self, duration: Duration) {
        self.pauses.lock().unwrap().push(duration);
    }
}

/// A cache in memory.
#[derive(Default)]
pub(super) struct Memory(pub(super) Mutex<BTreeMap<String, Vec<u8>>>);

impl Cache for Memory {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        self.0.lock().unwrap().insert(key.to_owned(), bytes.to_vec());
    }
}

pub(super) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn now() -> Instant {
    at("2026-03-10T12:00:00Z")
}

/// A question with bad events and one window of an hour.
pub(super) fn question() -> Question {
    Question {
        total: "all[{{.window}}]".to_owned(),
        part: Part::Bad("bad[{{.window}}]".to_owned()),
        group_by: Vec::new(),
        windows: vec![(at("2026-03-10T11:00:00Z"), now())],
        grid: None,
    }
}

pub(super) fn options() -> Options {
    Options::new("http://localhost:9090", now())
}

pub(super) fn ask(fetch: &dyn Fetch, cache: &dyn Cache, questions: &[Question]) -> Answers {
    PrometheusSource { fetch, cache, options: options() }.ask(questions)
}

pub(super) fn field<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.form.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
}

pub(super) fn json(body: impl Into<Vec<u8>>) -> Reply {
    Reply {
        status: 200,
        content_type: Some("application/json".to_owned()),
        retry_after: None,
        body: body.into(),
    }
}

/// A reply with series of one value: labels as JSON without braces, and the value.
pub(super) fn vector(series: &[(&str, &str)]) -> Reply {
    let series: Vec<String> = series
        .iter()
        .map(|(labels, value)| format!(r#"{{"metric":{{{labels}}},"value":[1,"{value}"]}}"#))
        .collect();
    json(format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#,
        series.join(",")
    ))
}

pub(super) const TOTAL: &str = r#""sre_part":"total""#;
pub(super) const PART: &str = r#""sre_part":"part""#;

/// A number that depends on side and time, with holes and things that are no numbers.
pub(super) fn value(is_part: bool, time: i64) -> Option<&'static str> {
    match (time / 1000 + i64::from(is_part) * 3).rem_euclid(7) {
        0 => None,
        1 => Some("NaN"),
        2 if is_part => Some("0.1"),
        3 if is_part => Some("1.25"),
        _ if is_part => Some("0"),
        2 => Some("1e3"),
        _ => Some("17.5"),
    }
}

/// Answers both sides at the times that a request asks for, as a server would.
pub(super) fn simulated(request: &Request) -> Reply {
    let time = |name: &str| -> Option<i64> {
        let seconds: f64 = field(request, name)?.parse().unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this century")]
        Some((seconds * 1000.0).round() as i64)
    };
    let (values, result_type, times) = if request.path == "/api/v1/query" {
        ("value", "vector", vec![time("time").unwrap()])
    } else {
        let (start, end, step) =
            (time("start").unwrap(), time("end").unwrap(), time("step").unwrap());
        assert!((end - start) / step < 11_000, "exceeded maximum resolution of 11,000 points");
        let count = (end - start) / step;
        ("values", "matrix", (0..=count).map(|index| start + index * step).collect())
    };
    let mut series = Vec::new();
    for (labels, is_part) in [(TOTAL, false), (PART, true)] {
        let mut points = String::new();
        for time in &times {
            if let Some(value) = value(is_part, *time) {
                let sign = if *time < 0 { "-" } else { "" };
                let time = time.unsigned_abs();
                write!(points, "[{sign}{}.{:03},\"{value}\"],", time / 1000, time % 1000).unwrap();
            }
        }
        let points = points.trim_end_matches(',');
        if !points.is_empty() {
            let points = if values == "values" { format!("[{points}]") } else { points.to_owned() };
            series.push(format!(r#"{{"metric":{{{labels}}},"{values}":{points}}}"#));
        }
    }
    json(format!(
        r#"{{"status":"success","data":{{"resultType":"{result_type}","result":[{}]}}}}"#,
        series.join(",")
    ))
}
