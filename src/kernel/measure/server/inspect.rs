//! What a server says of itself and of its data, for finding out why a question has no answer.
use super::{
    client::Client,
    fetch::{Fetch, Method, Request},
    query::{length, seconds, with_window},
    question::Unanswered,
    reply::{Element, QueryData, Series},
};
use crate::kernel::units::{Duration, Instant};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// How often a request that failed is sent again here.
const RETRIES: u32 = 1;

/// How far back a probe for data looks: longer than the five minutes that a selector looks back by
/// itself, for metrics that are scraped seldom.
const PROBE: &str = "10m";

/// Which program answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The program where it says so, as Mimir does; Prometheus does not.
    pub application: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

/// How long a server keeps samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// As the server says it, such as `15d` or `30d or 10GiB`.
    pub text: String,
    /// For how long, if there is such a limit.
    pub time: Option<Duration>,
}

/// Asks a query that reads no samples: whether the server answers queries at all, and lets us ask them.
///
/// # Errors
/// If it does not.
pub fn answers(fetch: &dyn Fetch, at: Instant) -> Result<(), Unanswered> {
    instant(fetch, "vector(1)".to_owned(), at).map(|_| ())
}

/// What a server says of its own version; `None` if it does not.
///
/// # Errors
/// If the server cannot be asked.
pub fn build_info(fetch: &dyn Fetch) -> Result<Option<Build>, Unanswered> {
    #[derive(Deserialize)]
    struct Info {
        application: Option<String>,
        version: Option<String>,
    }
    let info: Option<Info> = status(fetch, "/api/v1/status/buildinfo")?;
    Ok(info
        .map(|info| Build { application: info.application, version: info.version })
        .filter(|build| build.application.is_some() || build.version.is_some()))
}

/// How long a server keeps samples; `None` if it does not say, as all but Prometheus.
///
/// # Errors
/// If the server cannot be asked.
pub fn retention(fetch: &dyn Fetch) -> Result<Option<Retention>, Unanswered> {
    #[derive(Deserialize)]
    struct Info {
        #[serde(rename = "storageRetention")]
        storage_retention: Option<String>,
    }
    let info: Option<Info> = status(fetch, "/api/v1/status/runtimeinfo")?;
    let text = info.and_then(|info| info.storage_retention).filter(|text| !text.is_empty());
    Ok(text.map(|text| {
        // `30d or 10GiB`: what is not a time is a size.
        let time = text.split(" or ").find_map(|limit| limit.parse().ok());
        Retention { text, time }
    }))
}

/// Whether a selector, such as `http_requests_total{job="api"}`, has samples in the ten minutes before
/// `at`.
///
/// # Errors
/// If the server cannot be asked, or refuses the selector.
pub fn has_data(fetch: &dyn Fetch, selector: &str, at: Instant) -> Result<bool, Unanswered> {
    // `count_over_time` takes any sample, and is known to every server of the kind.
    let query = format!("count(count_over_time({selector}\n[{PROBE}]))");
    Ok(first_number(&instant(fetch, query, at)?) > 0.0)
}

/// How many series of a selector have samples within the stretch of time that ends at `at`; the length
/// of the stretch is at least a millisecond.
///
/// # Errors
/// If the server cannot be asked, or refuses the selector.
pub fn series_within(
    fetch: &dyn Fetch,
    selector: &str,
    stretch: Duration,
    at: Instant,
) -> Result<u64, Unanswered> {
    let query = format!("count(count_over_time({selector}\n[{}]))", length(stretch));
    Ok(whole(first_number(&instant(fetch, query, at)?)))
}

/// How often the series of a selector that falls most often fell within the hour before `at`.
///
/// # Errors
/// If the server cannot be asked, or refuses the selector.
pub fn falls(fetch: &dyn Fetch, selector: &str, at: Instant) -> Result<f64, Unanswered> {
    let query = format!("max(resets({selector}\n[1h]))");
    Ok(first_number(&instant(fetch, query, at)?))
}

/// What a query gives over a window that ends at `at`, in which `{{.window}}` stands for its length: the
/// numbers, and whether there are native histograms among them.
///
/// # Errors
/// If the server cannot be asked, or refuses the query.
pub fn numbers(
    fetch: &dyn Fetch,
    query: &str,
    window: Duration,
    at: Instant,
) -> Result<(Vec<f64>, bool), Unanswered> {
    let series = instant(fetch, with_window(query, window), at)?;
    let histograms = series.iter().any(|series| series.histograms);
    let numbers = series.iter().flat_map(|series| &series.points).map(|(_, number)| *number);
    Ok((numbers.collect(), histograms))
}

/// The type of a metric, such as `counter` or `gauge`; `None` where the server does not know it.
///
/// # Errors
/// If the server cannot be asked.
pub fn metric_type(fetch: &dyn Fetch, metric: &str) -> Result<Option<String>, Unanswered> {
    #[derive(Deserialize)]
    struct Metadata {
        #[serde(rename = "type")]
        kind: Option<String>,
    }
    // What is counted of a histogram or a summary has the name of the whole and an ending.
    let whole = ["_total", "_bucket", "_count", "_sum"]
        .iter()
        .find_map(|ending| metric.strip_suffix(ending))
        .filter(|whole| !whole.is_empty());
    for name in std::iter::once(metric).chain(whole) {
        let form = vec![("metric", name.to_owned())];
        let known: Option<BTreeMap<String, Vec<Metadata>>> =
            lookup(fetch, "/api/v1/metadata", form)?;
        let mut known = known.unwrap_or_default();
        let first = known.remove(name).and_then(|known| known.into_iter().next());
        if let Some(kind) = first.and_then(|metadata| metadata.kind) {
            return Ok(Some(kind));
        }
    }
    Ok(None)
}

/// Names of metrics that begin with `beginning` (letters, digits, `_` and `:`) and have samples between two
/// moments, sorted.
///
/// # Errors
/// If the server cannot be asked.
pub fn metric_names(
    fetch: &dyn Fetch,
    beginning: &str,
    from: Instant,
    to: Instant,
) -> Result<Vec<String>, Unanswered> {
    let form = vec![
        ("match[]", format!("{{__name__=~\"{beginning}.*\"}}")),
        ("start", seconds(from.timestamp_millis())),
        ("end", seconds(to.timestamp_millis())),
    ];
    let names: Option<Vec<String>> = lookup(fetch, "/api/v1/label/__name__/values", form)?;
    let mut names = names.unwrap_or_default();
    names.sort();
    Ok(names)
}

/// How many series a selector has at that time.
///
/// # Errors
/// If the server cannot be asked, or refuses the selector.
pub fn series_count(fetch: &dyn Fetch, selector: &str, at: Instant) -> Result<u64, Unanswered> {
    Ok(whole(first_number(&instant(fetch, format!("count(\n{selector}\n)"), at)?)))
}

/// A count.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count; a cast of anything else saturates"
)]
fn whole(count: f64) -> u64 {
    count as u64
}

/// The values that a label has in the series of a selector at that time, sorted; empty where no series
/// has the label.
///
/// # Errors
/// If the server cannot be asked, or refuses the selector or the label.
pub fn label_values(
    fetch: &dyn Fetch,
    selector: &str,
    label: &str,
    at: Instant,
) -> Result<Vec<String>, Unanswered> {
    let series = instant(fetch, format!("count by ({label}) (\n{selector}\n)"), at)?;
    let mut values: Vec<String> =
        series.into_iter().filter_map(|mut series| series.labels.remove(label)).collect();
    values.sort();
    Ok(values)
}

/// What a server says under a path of its own; `None` if it does not have it.
fn status<D: DeserializeOwned>(
    fetch: &dyn Fetch,
    path: &'static str,
) -> Result<Option<D>, Unanswered> {
    lookup(fetch, path, Vec::new())
}

/// What a server says under a path when asked with GET; `None` if it does not have it.
fn lookup<D: DeserializeOwned>(
    fetch: &dyn Fetch,
    path: &'static str,
    form: Vec<(&'static str, String)>,
) -> Result<Option<D>, Unanswered> {
    let request = Request { method: Method::Get, path, form };
    match Client::new(fetch, RETRIES).ask::<D>(&request, &|| false) {
        Ok(envelope) => Ok(envelope.data),
        // VictoriaMetrics answers 400 for a path that it does not know.
        Err(failure) if matches!(failure.status, Some(400 | 404 | 405 | 501)) => Ok(None),
        Err(failure) => Err(failure.unanswered),
    }
}

/// The series of an instant query.
fn instant(fetch: &dyn Fetch, query: String, at: Instant) -> Result<Vec<Series>, Unanswered> {
    let form = vec![
        ("query", query),
        ("time", seconds(at.timestamp_millis())),
        // See `Options::extra`.
        ("nocache", "1".to_owned()),
    ];
    let request = Request { method: Method::Post, path: "/api/v1/query", form };
    let envelope = Client::new(fetch, RETRIES)
        .ask::<QueryData>(&request, &|| false)
        .map_err(|failure| failure.unanswered)?;
    let elements = envelope.data.and_then(|data| data.result).unwrap_or_default();
    let series = elements.into_iter().filter_map(|element| match element {
        Element::Series(series) => Some(series),
        Element::Half => None,
    });
    Ok(series.collect())
}

/// The number of the first series; 0 without one.
fn first_number(series: &[Series]) -> f64 {
    series.first().and_then(|series| series.points.first()).map_or(0.0, |(_, value)| *value)
}
