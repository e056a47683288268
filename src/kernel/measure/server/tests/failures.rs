//! What goes wrong, whose fault it is, and how often it is tried.
use super::servers::{Fake, Memory, TOTAL, ask, at, json, now, options, question, vector};
use crate::kernel::{
    measure::server::{
        Effort, Fault, FetchError, NoCache, Options, PrometheusSource, Question, Reply,
        SampleSource, Unanswered, source,
    },
    units::Duration,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

fn error(error_type: &str, words: &str) -> Vec<u8> {
    format!(r#"{{"status":"error","errorType":"{error_type}","error":"{words}"}}"#).into_bytes()
}

#[expect(clippy::unnecessary_wraps, reason = "stands beside failures to get a reply")]
fn reply(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Result<Reply, FetchError> {
    Ok(Reply {
        status,
        content_type: Some(content_type.to_owned()),
        retry_after: None,
        body: body.into(),
    })
}

/// Asks a server that always says the same.
fn always(says: &Result<Reply, FetchError>) -> (Unanswered, Effort, Vec<String>) {
    let server = Fake::new(|_, _| says.clone());
    let (mut answers, effort) = ask(&server, &NoCache, &[question()]);
    (answers.remove(0).unwrap_err(), effort, server.pauses())
}

#[track_caller]
fn check(says: &Result<Reply, FetchError>, fault: Fault, requests: u64, message: &str, help: &str) {
    let (unanswered, effort, pauses) = always(says);
    assert_eq!(unanswered.message, message);
    assert_eq!(unanswered.fault, fault, "{message}");
    assert_eq!(effort.requests, requests, "{message}");
    assert_eq!(pauses.len() as u64, requests - 1);
    let found = unanswered.help.unwrap_or_default();
    assert!(
        if help.is_empty() { found.is_empty() } else { found.contains(help) },
        "{message}: {found}"
    );
}

#[test]
fn what_does_not_come_is_told() {
    use Fault::{Environment, Question};
    let reason = || "connection refused\r\n".to_owned();
    let connect = Err(FetchError::Connect { reason: reason() });
    check(&connect, Environment, 4, "cannot connect: connection refused", "is the server running");
    let limit = Duration::from_seconds(30);
    check(&Err(FetchError::Timeout { limit }), Environment, 2, "no answer within 30s", "more time");
    let tls = Err(FetchError::Tls { reason: "expired".to_owned() });
    check(&tls, Environment, 1, "no secure connection: expired", "certificate");
    let broken = Err(FetchError::Broken { reason: reason() });
    check(&broken, Environment, 4, "the answer broke off: connection refused", "try again");
    let large = Err(FetchError::TooLarge { limit: 5 });
    check(&large, Question, 1, "the answer is larger than 5 bytes", "ask for less");
    let redirect = Err(FetchError::Redirect { location: "https://login/".to_owned() });
    check(&redirect, Environment, 1, "redirected to https://login/", "address that it leads to");
}

#[test]
fn statuses_are_told() {
    use Fault::{Environment, Question};
    let html = || reply(200, "text/html", "<html>Grafana</html>");
    check(&html(), Environment, 1, "answered with a web page, not with JSON", "without `/graph`");
    let unmarked = Ok(Reply { content_type: None, ..json("\n <!DOCTYPE html>") });
    check(&unmarked, Environment, 1, "answered with a web page, not with JSON", "login");
    for (status, body, fault, requests, message, help) in [
        (
            401,
            "Unauthorized\n",
            Environment,
            1,
            "the server wants a credential (401): Unauthorized",
            "credential",
        ),
        (401, "<html>", Environment, 1, "the server wants a credential (401)", "expired"),
        (
            403,
            "",
            Environment,
            1,
            "the server does not accept the credential for this (403)",
            "tenant",
        ),
        (407, "", Environment, 1, "the proxy wants a credential (407)", "proxy"),
        (
            404,
            "404 page not found",
            Environment,
            1,
            "no Prometheus API at this address (404)",
            "`/prometheus`",
        ),
        (405, "", Environment, 1, "the server does not take queries by POST (405)", "POST"),
        (408, "", Environment, 2, "the server was not answered in time (408)", "shorter window"),
        (413, "", Question, 1, "the query is too long for the server (413)", "recording rule"),
        (
            429,
            "slow\u{1b} down",
            Environment,
            4,
            r"too many requests (429): slow\u{1b} down",
            "at a time",
        ),
        (500, "", Environment, 1, "the server failed (500)", "log"),
        (502, "<html>nginx", Environment, 4, "the server is not there at present (502)", "running"),
        (
            503,
            "no healthy upstream",
            Environment,
            4,
            "the server is not there at present (503): no healthy upstream",
            "later",
        ),
        (504, "", Environment, 4, "the server was not answered in time (504)", "ask for less"),
        (302, "", Environment, 1, "redirected (302)", "one host"),
        (
            418,
            "teapot",
            Environment,
            1,
            "answered with an unexpected status (418): teapot",
            "address",
        ),
        (400, "bad tenant", Question, 1, "the server refuses the query (400): bad tenant", ""),
        (400, "<html>", Environment, 1, "answered with a web page, not with JSON (400)", "login"),
    ] {
        check(&reply(status, "text/plain", body), fault, requests, message, help);
    }
}

#[test]
fn bodies_are_told() {
    use Fault::{Environment, Question};
    check(&Ok(json("")), Environment, 4, "answered with nothing", "address");
    check(&Ok(json(r#"{"status":"#)), Environment, 4, "the answer ends before its end", "between");
    let text = "the answer is \u{7}".to_owned() + &"x".repeat(300);
    let shown = format!(
        r"answered with something that is not JSON: the answer is \u{{7}}{}…",
        "x".repeat(185)
    );
    check(&Ok(json(text)), Environment, 4, &shown, "address");
    let other = "answered with JSON that is not of the Prometheus API";
    check(&Ok(json(r#"{"message":"hello"}"#)), Environment, 1, other, "prefix");
    check(&Ok(json(r#"{"status":"success"}"#)), Environment, 1, other, "prefix");
    let of_type = |kind: &str, result: &str| {
        Ok(json(format!(
            r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#
        )))
    };
    check(
        &of_type("scalar", r#"[1,"5"]"#),
        Question,
        1,
        "the queries give a scalar; expected a vector: a count of events for each series",
        "vector",
    );
    check(
        &of_type("string", r#"[1,"a"]"#),
        Question,
        1,
        "the queries give a string; expected a vector: a count of events for each series",
        "vector",
    );
    let histogram = format!(r#"[{{"metric":{{{TOTAL}}},"histogram":[1,{{"count":"5"}}]}}]"#);
    check(
        &of_type("vector", &histogram),
        Question,
        1,
        "the queries give native histograms, not numbers",
        "histogram_fraction",
    );
    let bare = r#"[{"metric":{},"value":[1,"5"]}]"#;
    check(
        &of_type("vector", bare),
        Environment,
        1,
        "the server leaves out a label that the query sets",
        "proxy",
    );
}

#[test]
fn refused_queries_are_told() {
    let says = |status, error_type: &str, words: &str| {
        reply(status, "application/json", error(error_type, words))
    };
    for (status, error_type, words, which, help) in [
        (
            400,
            "bad_data",
            "query: 5:1: parse error: unexpected",
            "query for bad events, line 1: ",
            "own page",
        ),
        (
            400,
            "bad_data",
            "1:15: parse error: in call to function, got scalar",
            "query for all events: ",
            "`vector(...)`",
        ),
        (
            400,
            "bad_data",
            "1:15: parse error: got range vector",
            "query for all events: ",
            "increase",
        ),
        (
            422,
            "execution",
            "query processing would load too many samples into memory",
            "",
            "--query.max-samples",
        ),
        (422, "execution", "found duplicate series for the match group", "", "sum by"),
        (200, "bad_data", "odd", "", ""),
    ] {
        let message = format!("{which}the server refuses the query: {words}");
        check(&says(status, error_type, words), Fault::Question, 1, &message, help);
    }
    let echo =
        r#"error when executing query=\"sum(\\\"x\\\"\" for (time=1, step=2): cannot parse it"#;
    let message = "the server refuses the query: cannot parse it";
    check(&says(422, "422", echo), Fault::Question, 1, message, "own page");
    let long = always(&says(422, "execution", &"y".repeat(5000))).0;
    assert!(long.message.chars().count() < 250);
}

#[test]
fn errors_of_the_server_are_told() {
    for (status, error_type, words, requests, message, help) in [
        (
            503,
            "timeout",
            "query timed out",
            2,
            "the query takes too long for the server",
            "--query.timeout",
        ),
        (
            422,
            "execution",
            "query timed out",
            2,
            "the query takes too long for the server",
            "shorter window",
        ),
        (503, "canceled", "query was canceled", 4, "the server gave up the query", "later"),
        (500, "internal", "disk", 1, "the server failed", "log"),
        (404, "not_found", "nope", 1, "no Prometheus API at this address", "prefix"),
        (503, "503", "storage is down", 4, "the server is not there at present (503)", "later"),
        (429, "too_many_requests", "limit", 4, "too many requests (429)", "at a time"),
        (401, "unauthorized", "no org id", 1, "the server wants a credential (401)", "credential"),
    ] {
        let says = reply(status, "application/json", error(error_type, words));
        check(&says, Fault::Environment, requests, &format!("{message}: {words}"), help);
    }
}

#[test]
fn times_that_were_not_asked_for_are_refused() {
    let server = Fake::new(|_, _| {
        Ok(json(format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[
            {{"metric":{{{TOTAL}}},"values":[[1773018001,"5"]]}}]}}}}"#
        )))
    });
    let grid = crate::kernel::measure::server::Steps {
        from: at("2026-03-09T00:00:00Z"),
        count: 2,
        step: Duration::from_hours(1),
    };
    let asked = Question { windows: Vec::new(), grid: Some(grid), ..question() };
    let unanswered = ask(&server, &NoCache, &[asked]).0.remove(0).unwrap_err();
    assert_eq!(unanswered.message, "the server answers for other times than it was asked for");
    assert!(unanswered.help.unwrap().contains("nocache=1"));
}

#[test]
fn waits_grow_and_the_server_is_heard() {
    let busy = |retry_after: Option<u64>| {
        Ok(Reply {
            status: 503,
            retry_after: retry_after.map(Duration::from_seconds),
            ..Reply::default()
        })
    };
    assert_eq!(always(&busy(None)).2, ["200ms", "400ms", "800ms"]);
    assert_eq!(always(&busy(Some(30))).2, ["30s", "30s", "30s"]);
    let (unanswered, effort, pauses) = always(&busy(Some(31)));
    assert!(unanswered.message.ends_with("; it asks to wait 31s"), "{unanswered}");
    assert_eq!((effort.requests, pauses.len()), (1, 0));
    let server = Fake::new(|_, _| busy(None));
    let options = Options { retries: 8, ..options() };
    PrometheusSource { fetch: &server, cache: &NoCache, options }.ask(&[question()]);
    let pauses = server.pauses();
    assert_eq!(pauses[4..], ["3s200ms", "5s", "5s", "5s"]);
}

#[test]
fn another_attempt_may_succeed() {
    for first in [
        Err(FetchError::Broken { reason: String::new() }),
        Err(FetchError::Timeout { limit: Duration::from_seconds(1) }),
        Ok(json("{")),
        Ok(Reply { status: 429, ..Reply::default() }),
    ] {
        let server =
            Fake::new(
                |_, before| if before == 0 { first.clone() } else { Ok(vector(&[(TOTAL, "1")])) },
            );
        let (answers, effort) = ask(&server, &NoCache, &[question()]);
        assert!(answers[0].is_ok());
        assert_eq!(effort.requests, 2);
    }
}

/// Questions of which no two are asked the same.
fn different(count: usize) -> Vec<Question> {
    (0..count)
        .map(|index| Question {
            total: format!("all_{index}[{{{{.window}}}}]"),
            windows: (1..9).map(|hours| (now() - chrono::TimeDelta::hours(hours), now())).collect(),
            ..question()
        })
        .collect()
}

#[test]
fn a_dead_server_is_given_up() {
    for (concurrency, most) in [(1, 3 * 4), (8, 8 * 4)] {
        let server = Fake::new(|_, _| Err(FetchError::Connect { reason: "refused".to_owned() }));
        let options = Options { concurrency, ..options() };
        let source = PrometheusSource { fetch: &server, cache: &NoCache, options };
        let (answers, effort) = source.ask(&different(200));
        assert!(effort.requests <= most, "{} requests", effort.requests);
        let told = |answer: &Result<_, Unanswered>| {
            answer.as_ref().is_err_and(|unanswered| unanswered.message == "cannot connect: refused")
        };
        assert!(answers.iter().all(told));
    }
}

#[test]
fn one_bad_question_is_no_dead_server() {
    let asked = AtomicUsize::new(0);
    let server = Fake::new(|_, _| {
        // Two of three fail; never three in a row.
        let refused = !asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(3);
        if refused { reply(404, "text/plain", "") } else { Ok(vector(&[(TOTAL, "1")])) }
    });
    let options = Options { concurrency: 1, ..options() };
    let questions: Vec<_> = different(60)
        .into_iter()
        .map(|question| Question { windows: question.windows[..1].to_vec(), ..question })
        .collect();
    let source = PrometheusSource { fetch: &server, cache: &NoCache, options };
    assert_eq!(source.ask(&questions).0.iter().filter(|answer| answer.is_ok()).count(), 20);
    // Queries that a server refuses say nothing against the server.
    let refusing = Fake::new(|_, _| reply(400, "application/json", error("bad_data", "no")));
    assert_eq!(ask(&refusing, &NoCache, &questions).1.requests, 60);
}

#[test]
fn what_is_kept_is_answered_without_a_server() {
    let dead = AtomicBool::new(false);
    let server = Fake::new(|_, _| {
        let refused = || FetchError::Connect { reason: "refused".to_owned() };
        if dead.load(Ordering::Relaxed) { Err(refused()) } else { Ok(vector(&[(TOTAL, "1")])) }
    });
    let cache = Memory::default();
    let settled = (at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z"));
    let old: Vec<_> = different(5)
        .into_iter()
        .map(|question| Question { windows: vec![settled], ..question })
        .collect();
    let before = ask(&server, &cache, &old).0;
    dead.store(true, Ordering::Relaxed);
    let asked: Vec<_> = different(20).into_iter().chain(old).collect();
    let (answers, effort) = ask(&server, &cache, &asked);
    assert!(answers[..20].iter().all(Result::is_err));
    assert_eq!(answers[20..], before);
    assert_eq!(effort.cached, 5);
}

#[test]
fn an_answer_of_another_type_is_named_with_the_one_that_was_expected() {
    let message = |found, expected| source::other_type(found, expected).unanswered.message;
    assert_eq!(
        message("vector", "matrix"),
        "the server answers a question about a range of time with a vector; expected a matrix"
    );
    assert_eq!(
        message("matrix", "vector"),
        "the queries give a matrix; expected a vector: a count of events for each series"
    );
    assert!(message("", "vector").starts_with("the queries give nothing; expected a vector"));
}
