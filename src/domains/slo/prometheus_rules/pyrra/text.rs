//! Parts of Pyrra's expressions, and the addresses of its pages.
use std::{collections::BTreeSet, fmt::Write as _, str::FromStr};

/// `sum by (a, b) (…)`, or `sum(…)` without labels.
pub(super) fn sum<'l>(grouping: impl IntoIterator<Item = &'l str>, of: &str) -> String {
    let labels: Vec<&str> = grouping.into_iter().collect();
    if labels.is_empty() {
        return format!("sum({of})");
    }
    format!("sum by ({}) ({of})", labels.join(", "))
}

/// The same, by sorted labels.
pub(super) fn sum_by(grouping: &BTreeSet<&str>, of: &str) -> String {
    sum(grouping.iter().copied(), of)
}

/// The name of a metric without the endings that its kind gives it.
pub(super) fn stem<'m>(metric: &'m str, endings: &[&str]) -> &'m str {
    endings.iter().fold(metric, |stem, ending| stem.strip_suffix(ending).unwrap_or(stem))
}

/// Where Pyrra's pages are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalUrl {
    /// Scheme, host and port: `https://pyrra.example.org:9099`.
    origin: String,
}

/// Why a text is no [`ExternalUrl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an address such as `https://pyrra.example.org`")]
pub struct ExternalUrlError;

impl FromStr for ExternalUrl {
    type Err = ExternalUrlError;

    /// Whatever stands behind the host is left out, as Pyrra does: its pages have paths of their own.
    fn from_str(text: &str) -> Result<Self, ExternalUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(ExternalUrlError)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or("");
        let fine = matches!(scheme, "http" | "https")
            && !host.is_empty()
            && host.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '{' | '}'));
        if fine { Ok(Self { origin: format!("{scheme}://{host}") }) } else { Err(ExternalUrlError) }
    }
}

impl ExternalUrl {
    /// The page of an objective; of one group of it, which an alert's labels name.
    pub(super) fn page(&self, name: &str, grouping: &[String]) -> String {
        let expression = escape(&format!("{{__name__=\"{name}\"}}"));
        let mut address =
            format!("{}/objectives?expr={expression}&from=now-1h&to=now", self.origin);
        if !grouping.is_empty() {
            // The label's value is filled in by the server, which must find its template as it is.
            let group = |label: &String| {
                let (before, behind) = (escape(&format!("{label}=\"")), escape("\""));
                format!("{before}{{{{$labels.{label}}}}}{behind}")
            };
            let groups: Vec<String> = grouping.iter().map(group).collect();
            let _ = write!(
                address,
                "&grouping={}{}{}",
                escape("{"),
                groups.join(&escape(",")),
                escape("}")
            );
        }
        address
    }
}

/// A text in the query of an address, as forms encode it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => escaped.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => {
                escaped.push(char::from(byte));
            }
            byte => {
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_stems_are_written_as_by_pyrra() {
        assert_eq!(sum([], "up"), "sum(up)");
        assert_eq!(sum(["job", "handler"], "up"), "sum by (job, handler) (up)");
        let stem = |metric| stem(metric, &["_total", "_count", "_bucket"]);
        assert_eq!(stem("http_requests_total"), "http_requests");
        assert_eq!(stem("http_seconds_count"), "http_seconds");
        assert_eq!(stem("up"), "up");
    }

    #[test]
    fn an_address_is_its_origin() {
        let address = |text: &str| text.parse::<ExternalUrl>().map(|url| url.page("a b", &[]));
        let page = "/objectives?expr=%7B__name__%3D%22a+b%22%7D&from=now-1h&to=now";
        assert_eq!(
            address("https://pyrra.example.org/x?y"),
            Ok(format!("https://pyrra.example.org{page}"))
        );
        for text in ["", "pyrra", "ftp://pyrra", "http://", "http:///x", "http://a b"] {
            assert_eq!(address(text), Err(ExternalUrlError), "{text}");
        }
        let grouped = "http://p".parse::<ExternalUrl>().unwrap();
        let grouped = grouped.page("n", &["job".to_owned(), "code".to_owned()]);
        let group = "&grouping=%7Bjob%3D%22{{$labels.job}}%22%2Ccode%3D%22{{$labels.code}}%22%7D";
        assert!(grouped.ends_with(group), "{grouped}");
    }
}
