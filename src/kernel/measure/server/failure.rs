//! Why a request was not answered: in words, whose fault it is, and whether asking again may help.
use super::{
    fetch::{FetchError, Reply},
    question::{Fault, Unanswered},
    reply::{Envelope, Malformed, Status},
    text::excerpt,
};
use serde::de::IgnoredAny;

/// A request without an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) unanswered: Unanswered,
    /// Whether another attempt may succeed.
    pub(super) again: Again,
    /// Whether other requests will fare the same: it is about the server, not about what was asked.
    pub(super) whole_server: bool,
    /// What the server says against the query, in its own words, where it is that what it refuses.
    pub(super) complaint: Option<String>,
    /// The status of the reply that refused, if there was one.
    pub(super) status: Option<u16>,
}

/// How often to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Never,
    /// Once, for each attempt takes as long as may be.
    Once,
    /// As often as is allowed.
    Often,
}

impl Failure {
    fn new(fault: Fault, message: impl Into<String>, help: &str) -> Self {
        let help = (!help.is_empty()).then(|| help.to_owned());
        Self {
            unanswered: Unanswered { message: message.into(), help, fault },
            again: Again::Never,
            whole_server: false,
            complaint: None,
            status: None,
        }
    }

    /// Of the query, or what it asks for.
    pub(super) fn question(message: impl Into<String>, help: &str) -> Self {
        Self::new(Fault::Question, message, help)
    }

    /// Of the server, for this request.
    pub(super) fn environment(message: impl Into<String>, help: &str) -> Self {
        Self::new(Fault::Environment, message, help)
    }

    /// Of the server, for any request.
    fn server(message: impl Into<String>, help: &str) -> Self {
        Self { whole_server: true, ..Self::environment(message, help) }
    }

    fn again(self, again: Again) -> Self {
        Self { again, ..self }
    }
}

/// Why no reply came.
pub(super) fn unreached(error: &FetchError) -> Failure {
    match error {
        FetchError::Timeout { .. } => Failure::server(
            error.to_string(),
            "allow the source more time, or ask for less: a shorter window, fewer series, or a \
             recording rule",
        )
        .again(Again::Once),
        FetchError::Connect { reason } => Failure::server(
            format!("cannot connect: {}", excerpt(reason)),
            "is the address right, is the server running, and can this machine reach it?",
        )
        .again(Again::Often),
        FetchError::Tls { reason } => Failure::server(
            format!("no secure connection: {}", excerpt(reason)),
            "is the certificate valid for this name, and is its authority known here?",
        ),
        FetchError::Broken { reason } => Failure::server(
            format!("the answer broke off: {}", excerpt(reason)),
            "try again; if it stays, look at what is between here and the server",
        )
        .again(Again::Often),
        FetchError::TooLarge { .. } => Failure::question(error.to_string(), ASK_FOR_LESS),
        FetchError::Redirect { location } => Failure::server(
            format!("redirected to {}", excerpt(location)),
            "write the address that it leads to, if it is the server's; a redirect to a page for \
             logging in means that a credential is missing",
        ),
    }
}

const ASK_FOR_LESS: &str = "ask for less: aggregate the query with `sum(...)` without `group_by`, or \
                            narrow its selectors";

/// Why a body with a status of success is no answer.
pub(super) fn malformed(reply: &Reply, malformed: Malformed) -> Failure {
    let help = "is this the address of the server, and what is between here and it?";
    if is_web_page(reply) {
        return Failure::server(
            "answered with a web page, not with JSON",
            "is this the address of the server, without `/graph`, and is a login in front of it?",
        );
    }
    match malformed {
        Malformed::Empty => Failure::server("answered with nothing", help).again(Again::Often),
        Malformed::CutOff => {
            Failure::server("the answer ends before its end", help).again(Again::Often)
        }
        Malformed::NotJson => {
            let text = excerpt(&String::from_utf8_lossy(start(&reply.body)));
            Failure::server(format!("answered with something that is not JSON: {text}"), help)
                .again(Again::Often)
        }
        Malformed::OtherShape => Failure::server(
            "answered with JSON that is not of the Prometheus API",
            "is this the address of a Prometheus-compatible server, with the prefix of its API, \
             such as `/prometheus`?",
        ),
    }
}

/// The part of a body that an excerpt can need.
fn start(body: &[u8]) -> &[u8] {
    &body[..body.len().min(4096)]
}

fn is_web_page(reply: &Reply) -> bool {
    reply.content_type.as_deref().is_some_and(|media_type| media_type.contains("html"))
        || reply.body.trim_ascii_start().starts_with(b"<")
}

/// Why a reply with a status other than success, or with an error in its body, is no answer.
pub(super) fn refused(reply: &Reply) -> Failure {
    Failure { status: Some(reply.status), ..refusal(reply) }
}

fn refusal(reply: &Reply) -> Failure {
    let error = super::reply::read::<IgnoredAny>(&reply.body)
        .ok()
        .filter(|envelope| envelope.status == Status::Error);
    if matches!(reply.status, 401 | 403 | 407 | 429) {
        return gate(reply, error.as_ref().map(|envelope| envelope.error.as_str()));
    }
    error.map_or_else(|| without_words(reply), |envelope| in_words(reply.status, &envelope))
}

/// A reply of what guards the server.
fn gate(reply: &Reply, words: Option<&str>) -> Failure {
    let status = reply.status;
    let says = match words {
        Some(words) if !words.is_empty() => format!(": {}", excerpt(words)),
        _ => own_words(reply),
    };
    match status {
        401 => Failure::server(
            format!("the server wants a credential ({status}){says}"),
            "give the source a credential; if it has one, it is wrong or has expired",
        ),
        403 => Failure::server(
            format!("the server does not accept the credential for this ({status}){says}"),
            "ask for the right to read metrics, and check the name of the tenant",
        ),
        407 => Failure::server(
            format!("the proxy wants a credential ({status}){says}"),
            "give the proxy's address with its credential",
        ),
        _ => Failure::server(
            format!("too many requests ({status}){says}"),
            "try again later, or ask for less at once: lower the number of requests at a time",
        )
        .again(Again::Often),
    }
}

/// `: ` and the text of a short body that is no web page.
fn own_words(reply: &Reply) -> String {
    let text = excerpt(&String::from_utf8_lossy(start(&reply.body)));
    let shown = !text.is_empty() && !is_web_page(reply) && !text.starts_with('{');
    if shown { format!(": {text}") } else { String::new() }
}

/// A status without an error of the API in the body.
fn without_words(reply: &Reply) -> Failure {
    let status = reply.status;
    let says = own_words(reply);
    match status {
        300..=399 => Failure::server(
            format!("redirected ({status})"),
            "write the address that it leads to; credentials are sent to one host only",
        ),
        400 | 422 if is_web_page(reply) => Failure::server(
            format!("answered with a web page, not with JSON ({status})"),
            "is this the address of the server, without `/graph`, and is a login in front of it?",
        ),
        400 | 422 => Failure {
            complaint: Some(says.trim_start_matches(": ").to_owned()),
            ..Failure::question(format!("the server refuses the query ({status}){says}"), "")
        },
        404 | 410 => Failure::server(
            format!("no Prometheus API at this address ({status})"),
            "is the address right? Some servers have a prefix, such as `/prometheus` or \
             `/select/0/prometheus`",
        ),
        405 => Failure::server(
            format!("the server does not take queries by POST ({status})"),
            "let what is in front of the server pass POST to `/api/v1/query`",
        ),
        408 | 504 => Failure::server(
            format!("the server was not answered in time ({status}){says}"),
            "ask for less, such as a shorter window, or allow the query more time on the server",
        )
        .again(if status == 408 { Again::Once } else { Again::Often }),
        413 | 414 => Failure::question(
            format!("the query is too long for the server ({status}){says}"),
            "write a recording rule for it",
        ),
        502 | 503 => Failure::server(
            format!("the server is not there at present ({status}){says}"),
            "try again later; is the server behind its proxy running?",
        )
        .again(Again::Often),
        500..=599 => Failure::environment(
            format!("the server failed ({status}){says}"),
            "look into the server's log",
        ),
        _ => Failure::server(
            format!("answered with an unexpected status ({status}){says}"),
            "is this the address of a Prometheus-compatible server?",
        ),
    }
}

/// An error in the API's own form: what it calls itself (`errorType`) decides, the status where that
/// says nothing (VictoriaMetrics writes the status there).
fn in_words(status: u16, envelope: &Envelope<IgnoredAny>) -> Failure {
    let words = without_echo(&envelope.error);
    let text = excerpt(words);
    match (envelope.error_type.as_str(), status) {
        ("timeout", _) => slow(&text),
        ("canceled" | "unavailable", _) => Failure::environment(
            format!("the server gave up the query: {text}"),
            "try again later; the server may be short of memory or restarting",
        )
        .again(Again::Often),
        ("internal", _) => {
            Failure::environment(format!("the server failed: {text}"), "look into the server's log")
        }
        ("not_found", _) | (_, 404) => Failure::server(
            format!("no Prometheus API at this address: {text}"),
            "is the address right? Some servers have a prefix, such as `/prometheus`",
        ),
        ("too_many_requests", _) => Failure::server(
            format!("too many requests: {text}"),
            "try again later, or ask for less at once: lower the number of requests at a time",
        )
        .again(Again::Often),
        ("bad_data" | "execution", _) | (_, 200 | 400 | 422) => refused_query(words, &text),
        (_, 502..=504) => Failure::server(
            format!("the server is not there at present ({status}): {text}"),
            "try again later",
        )
        .again(Again::Often),
        _ => Failure::environment(
            format!("the server failed ({status}): {text}"),
            "look into the server's log",
        ),
    }
}

/// The words without the query that VictoriaMetrics repeats in front of them, which may be longer than
/// what is shown: `error when executing query="..." for (time=..., step=...): ...`.
fn without_echo(words: &str) -> &str {
    let behind = words.strip_prefix("error when executing query=\"").and_then(|query| {
        let mut escaped = false;
        let end = query.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        })?;
        query[end..].split_once("): ")
    });
    behind.map_or(words, |(_, words)| words)
}

fn slow(text: &str) -> Failure {
    Failure::environment(
        format!("the query takes too long for the server: {text}"),
        "ask for less, such as a shorter window or narrower selectors; write a recording rule; or \
         raise the server's limit (`--query.timeout`)",
    )
    .again(Again::Once)
}

/// What a server says against a query, and what helps against it where that is known.
fn refused_query(words: &str, text: &str) -> Failure {
    let any = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if any(&["timed out", "timeout exceeded", "context deadline exceeded", "maxQueryDuration"]) {
        return slow(text);
    }
    let help = if any(&["got scalar"]) {
        "a count has to be a vector: take away `scalar(...)`, or write `vector(...)` around a number"
    } else if any(&["got range vector"]) {
        "count over the range: write `sum(increase(...[{{.window}}]))`"
    } else if any(&["got string"]) {
        "a text is not a count: write a query such as `sum(increase(...[{{.window}}]))`"
    } else if any(&[
        "too many samples",
        "maxSamplesPer",
        "max number of series",
        "max-samples",
        "maxUniqueTimeseries",
        "maxSeries",
        "the number of matching timeseries exceeds",
        "exceeded the maximum",
        "exceeds the limit",
        "err-mimir-max",
    ]) {
        "the query reads too much: narrow its selectors, take a shorter window, write a recording rule, \
         or raise the server's limit (`--query.max-samples`)"
    } else if any(&["many-to-many", "duplicate series", "duplicate time series", "same labelset"]) {
        "aggregate both sides of the operator, such as with `sum by (...)`"
    } else if any(&["parse error", "unparsed data", "cannot parse"]) {
        "try the query in the server's own page, with a range in place of `{{.window}}`"
    } else {
        ""
    };
    Failure {
        complaint: Some(words.to_owned()),
        ..Failure::question(format!("the server refuses the query: {text}"), help)
    }
}
