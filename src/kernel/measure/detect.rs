//! What a file is, by its name and its first bytes.
use super::{access_log::Variant, csv::detect_delimiter, openmetrics, request::Format};

/// What a file was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detected {
    /// Nothing in it.
    Empty,
    /// CSV with that delimiter.
    Csv(u8),
    /// One JSON object per line.
    JsonLines,
    /// An access log.
    AccessLog(Variant),
}

/// Why a file is none of the formats, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) message: String,
    pub(super) help: String,
}

/// Beginnings of files of other kinds: bytes, what it is, what to do.
const FOREIGN: [(&[u8], &str, &str); 9] = [
    (b"PAR1", "is a Parquet file", "convert it to CSV or JSON Lines"),
    (b"PK\x03\x04", "is a zip archive", "unpack it, or compress it with gzip"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd", "unpack it, or compress it with gzip"),
    (b"BZh", "is compressed with bzip2", "unpack it, or compress it with gzip"),
    (b"\xfd7zXZ\x00", "is compressed with xz", "unpack it, or compress it with gzip"),
    (b"\xff\xfe", "is UTF-16", "convert it to UTF-8, such as with `iconv -f UTF-16 -t UTF-8`"),
    (b"\xfe\xff", "is UTF-16", "convert it to UTF-8, such as with `iconv -f UTF-16 -t UTF-8`"),
    (b"SQLite format 3\x00", "is an SQLite database", "export the table as CSV"),
    (b"#Software: Microsoft", "is a W3C extended log", "convert it to CSV"),
];

/// The byte order mark of UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Finds out what a file is. `complete` says that the head is all of it.
///
/// The name decides where its extension is one of a format, else the first line: `{` begins JSON
/// Lines, a sample with labels or a time, or a comment on a metric, OpenMetrics, an access log line is
/// one, and everything else is CSV.
pub(super) fn detect(
    name: &str,
    head: &[u8],
    complete: bool,
    format: Option<Format>,
) -> Result<Detected, Unknown> {
    let head = text(head)?;
    let first = head.trim_ascii_start();
    if first.is_empty() && complete {
        return Ok(Detected::Empty);
    }
    match format.or_else(|| by_name(name)).unwrap_or_else(|| by_content(first, complete)) {
        Format::JsonLines if first.first() == Some(&b'[') => Err(Unknown {
            message: "is a JSON array, not JSON Lines".to_owned(),
            help: "write one object per line, such as with `jq -c '.[]'`".to_owned(),
        }),
        Format::JsonLines => Ok(Detected::JsonLines),
        Format::Csv => Ok(Detected::Csv(detect_delimiter(head))),
        Format::OpenMetrics => Err(Unknown {
            message: "is a Prometheus text file: it holds counters, not events or rows of counts"
                .to_owned(),
            help: "measure it by `prometheus` with selectors of its counters, such as \
                   `total: http_requests_total`"
                .to_owned(),
        }),
        Format::AccessLog => {
            let variant = Variant::of(head, complete);
            if variant.fitting == 0 && variant.lines > 0 {
                return Err(Unknown {
                    message: "is not an access log: none of its first lines is one".to_owned(),
                    help: "write it in Common or Combined Log Format, as CSV or as JSON Lines"
                        .to_owned(),
                });
            }
            Ok(Detected::AccessLog(variant))
        }
    }
}

/// The head of a text, without a byte order mark.
///
/// # Errors
/// A file of a kind that is known by its first bytes, or is no text.
pub(super) fn text(head: &[u8]) -> Result<&[u8], Unknown> {
    if let Some((_, message, help)) = FOREIGN.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err(Unknown { message: (*message).to_owned(), help: (*help).to_owned() });
    }
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    if memchr::memchr(0, head).is_some() {
        return Err(Unknown {
            message: "is not text: it has NUL bytes".to_owned(),
            help: "the formats are CSV, JSON Lines, access logs and OpenMetrics, plain or gzip"
                .to_owned(),
        });
    }
    Ok(head)
}

fn by_name(name: &str) -> Option<Format> {
    let name = name.to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.')?.1 {
        "csv" | "tsv" | "psv" => Some(Format::Csv),
        "jsonl" | "ndjson" | "json" => Some(Format::JsonLines),
        "prom" | "om" | "openmetrics" => Some(Format::OpenMetrics),
        _ => None,
    }
}

fn by_content(first: &[u8], complete: bool) -> Format {
    if openmetrics::looks_like(first, complete) {
        return Format::OpenMetrics;
    }
    if matches!(first.first(), Some(b'{' | b'[')) {
        return Format::JsonLines;
    }
    let variant = Variant::of(first, complete);
    if variant.fitting * 2 > variant.lines { Format::AccessLog } else { Format::Csv }
}
