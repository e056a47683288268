//! Any replies of a server: reading ends, and what comes of it is possible or refused in few words.
#![no_main]
use std::sync::LazyLock;

use sre::kernel::{
    measure::server::{
        Fetch, FetchError, NoCache, Options, Part, PrometheusSource, Question, Reply, Request,
        SampleSource as _, Steps,
    },
    units::{Duration, Instant},
};

/// A server that says the same to everything.
struct Says<'b>(u16, &'b [u8]);

impl Fetch for Says<'_> {
    fn fetch(&self, _: &Request) -> Result<Reply, FetchError> {
        let content_type = Some("application/json".to_owned());
        Ok(Reply { status: self.0, content_type, retry_after: None, body: self.1.to_vec() })
    }

    fn pause(&self, _: Duration) {}
}

static END: LazyLock<Instant> =
    LazyLock::new(|| "2026-06-01T00:00:00Z".parse().expect("a fixed instant"));

/// What is asked: a window, or steps.
static QUESTIONS: LazyLock<[Question; 2]> = LazyLock::new(|| {
    let of = |windows, grid| Question {
        total: "a".to_owned(),
        part: Part::Good("b".to_owned()),
        group_by: vec!["b".to_owned()],
        windows,
        grid,
    };
    let hour = Duration::from_hours(1);
    let from = *END - hour.to_chrono();
    let steps = Steps { from, count: 12, step: Duration::from_minutes(5) };
    [of(vec![(from, *END)], None), of(Vec::new(), Some(steps))]
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let status = match first {
        0..=127 => 200,
        128..=191 => 400,
        _ => 300 + u16::from(*first),
    };
    for question in &*QUESTIONS {
        let fetch = Says(status, body);
        let mut options = Options::new("fuzz", *END);
        (options.concurrency, options.retries) = (1, 0);
        let source = PrometheusSource { fetch: &fetch, cache: &NoCache, options };
        match &source.ask(std::slice::from_ref(question)).0[0] {
            Ok(answer) => {
                for group in &answer.groups {
                    for count in group.windows.iter().chain(&group.steps).flatten() {
                        let possible = 0.0 <= count.good && count.good <= count.total;
                        assert!(possible && count.total.is_finite(), "{count:?}");
                    }
                }
            }
            Err(unanswered) => {
                assert!(unanswered.message.len() < 2000, "{unanswered}");
                assert!(!unanswered.message.chars().any(char::is_control), "{unanswered}");
            }
        }
    }
});
