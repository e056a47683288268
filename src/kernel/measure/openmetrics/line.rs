//! One line of OpenMetrics 1.0 or of the Prometheus text format 0.0.4.
//!
//! A line is read in stages, so that one of a metric nobody asks for costs little more than its name:
//! [`plain_name`], then [`series_end`], then [`series`] for a series that was not met before, and
//! [`point`] for what follows. Blanks may stand wherever the formats' readers in Prometheus take them.
use std::borrow::Cow;

use crate::kernel::measure::time::SECOND;

/// The label that holds a histogram bucket's upper bound.
pub(super) const BOUND: &str = "le";

/// In what unit timestamps are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// OpenMetrics, perhaps with a fraction.
    Seconds,
    /// The Prometheus text format, whole numbers.
    Milliseconds,
}

/// What stands behind a series' name and labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) value: f64,
    /// Nanoseconds since the Unix epoch.
    pub(super) time: Option<(i64, Unit)>,
    /// When the counter was created, where the line says so itself (`st@`, OpenMetrics 2.0).
    pub(super) created: Option<i64>,
}

/// A metric's name and its labels, in the order in which they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
}

/// What a comment says of a metric's type: `# TYPE http_requests counter`.
pub(super) fn declared_type(comment: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut words =
        comment.strip_prefix(b"#")?.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
    if words.next()? != b"TYPE" {
        return None;
    }
    Some((words.next()?, words.next()?))
}

/// Whether a comment is one that these formats give a meaning to.
pub(super) fn is_known_comment(comment: &[u8]) -> bool {
    let mut words = comment[1..].split(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
    matches!(words.next(), Some(b"TYPE" | b"HELP" | b"UNIT" | b"EOF"))
}

/// The name at the start of a line; `None` where it stands in quotes within the braces.
pub(super) fn plain_name(line: &[u8]) -> Option<&[u8]> {
    let end = memchr::memchr3(b'{', b' ', b'\t', line).unwrap_or(line.len());
    (end > 0).then(|| &line[..end])
}

/// Whether a text begins as these formats do: with a comment that they give a meaning to, or with a
/// sample that has labels or a timestamp. `complete` says that the head is all of it.
pub(in crate::kernel::measure) fn looks_like(head: &[u8], complete: bool) -> bool {
    let Some(end) = memchr::memchr(b'\n', head).or(complete.then_some(head.len())) else {
        return false;
    };
    let line = head[..end].trim_ascii();
    if line.starts_with(b"#") {
        return is_known_comment(line);
    }
    let Ok(end) = series_end(line) else { return false };
    matches!(
        (series(&line[..end]), point(&line[end..])),
        (Ok(series), Ok(point)) if !series.labels.is_empty() || point.time.is_some()
    )
}

/// When a counter was created, as the value of its `_created` metric says: in Unix seconds.
pub(super) fn created(text: &[u8]) -> Option<i64> {
    let value = text.split(|byte| is_blank(*byte)).find(|word| !word.is_empty())?;
    timestamp(value).filter(|(_, unit)| *unit == Unit::Seconds).map(|(time, _)| time)
}

/// Whether a text can be a metric's name without quotes.
pub(super) fn is_plain_name(name: &[u8]) -> bool {
    is_identifier(name, true)
}

/// Whether these are a letter or `_`, then letters, digits and `_`; and colons in names of metrics.
fn is_identifier(name: &[u8], colons: bool) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || (colons && byte == b':');
    name.first().is_some_and(|first| !first.is_ascii_digit()) && name.iter().all(|byte| part(*byte))
}

/// Where the name and the labels of a line end. The line does not begin with a blank.
pub(super) fn series_end(line: &[u8]) -> Result<usize, String> {
    let name = plain_name(line).map_or(0, <[u8]>::len);
    let open = name + blanks(&line[name..]);
    if line.get(open) != Some(&b'{') {
        return Ok(name);
    }
    let mut at = open + 1;
    let unclosed = || "has labels whose brace is not closed".to_owned();
    loop {
        let found = memchr::memchr2(b'"', b'}', &line[at..]).ok_or_else(unclosed)?;
        at += found + 1;
        if line[at - 1] == b'}' {
            return Ok(at);
        }
        at = quote_end(line, at).ok_or_else(|| "has a quote that is not closed".to_owned())?;
    }
}

/// Where a quoted text ends whose content begins at `at`: behind its closing quote.
fn quote_end(line: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', line.get(at..)?)?;
        if line[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Reads a name and labels: `name{a="b"}`, or `{"a name", a="b"}` with names in quotes.
pub(super) fn series(text: &[u8]) -> Result<Series, String> {
    let text = std::str::from_utf8(text).map_err(|_| "is not UTF-8".to_owned())?;
    let (name, labels) = text.split_once('{').unwrap_or((text, ""));
    let name = name.trim_end_matches([' ', '\t']);
    if !name.is_empty() && !is_plain_name(name.as_bytes()) {
        return Err(no_name(name.as_bytes()));
    }
    let mut series = Series { name: name.to_owned(), labels: Vec::new() };
    // Without braces nothing is left; with them the last byte is the closing one.
    let mut rest = skip_blanks(labels.strip_suffix('}').unwrap_or(labels));
    while !rest.is_empty() {
        let (key, quoted, tail) = key(rest)?;
        if let Some(tail) = tail.strip_prefix('=') {
            let (value, tail) = quoted_text(skip_blanks(tail))
                .ok_or_else(|| format!("has no value in quotes for label `{key}`"))?;
            if series.labels.iter().any(|(known, _)| *known == key) {
                return Err(format!("has label `{key}` twice"));
            }
            series.labels.push((key.into_owned(), value.into_owned()));
            rest = skip_blanks(tail);
        } else if quoted && series.name.is_empty() {
            series.name = key.into_owned();
            rest = tail;
        } else {
            return Err(format!("has no `=` behind label `{key}`"));
        }
        rest = match rest.strip_prefix(',') {
            Some(tail) => skip_blanks(tail),
            None if rest.is_empty() => rest,
            None => return Err("has no comma between its labels".to_owned()),
        };
    }
    if series.name.is_empty() {
        return Err("names no metric".to_owned());
    }
    Ok(series)
}

/// Why something is not a metric's name.
pub(super) fn no_name(name: &[u8]) -> String {
    let shown = String::from_utf8_lossy(&name[..name.len().min(40)]);
    format!("does not begin with a metric: `{}` is no name of one", shown.escape_debug())
}

/// A label's name, or a name in quotes; whether it is quoted, and what follows, without blanks.
fn key(text: &str) -> Result<(Cow<'_, str>, bool, &str), String> {
    if text.starts_with('"') {
        let (key, rest) =
            quoted_text(text).ok_or_else(|| "has a quote that is not closed".to_owned())?;
        return Ok((key, true, skip_blanks(rest)));
    }
    let end = text.find(['=', ' ', '\t', ',']).unwrap_or(text.len());
    let (key, rest) = text.split_at(end);
    if !is_identifier(key.as_bytes(), false) {
        return Err(format!("has a label without a proper name: `{}`", key.escape_debug()));
    }
    Ok((Cow::Borrowed(key), false, skip_blanks(rest)))
}

/// A text in quotes with its escapes undone, and what follows. Escapes that the formats do not know
/// stay as they are, as in Prometheus.
fn quoted_text(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.starts_with('"').then(|| quote_end(text.as_bytes(), 1)).flatten()?;
    let (inside, rest) = (&text[1..end - 1], &text[end..]);
    if !inside.contains('\\') {
        return Some((Cow::Borrowed(inside), rest));
    }
    let mut plain = String::with_capacity(inside.len());
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match (character, characters.as_str().chars().next()) {
            ('\\', Some(escaped @ ('\\' | '"' | 'n'))) => {
                plain.push(if escaped == 'n' { '\n' } else { escaped });
                characters.next();
            }
            _ => plain.push(character),
        }
    }
    Some((Cow::Owned(plain), rest))
}

/// Reads what follows a series: a value, perhaps a timestamp, perhaps an exemplar, which is ignored.
pub(super) fn point(text: &[u8]) -> Result<Point, String> {
    let mut words = text.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
    let value = words.next().ok_or_else(|| "has no value".to_owned())?;
    let mut point = Point { value: number(value)?, time: None, created: None };
    let mut next = words.next();
    if let Some(word) = next.filter(|word| !word.starts_with(b"#") && !word.starts_with(b"st@")) {
        let time = timestamp(word);
        point.time = Some(time.ok_or_else(|| {
            format!(
                "`{}` is not a timestamp: Unix seconds, or whole milliseconds, between 1973 and 2255",
                shown(word)
            )
        })?);
        next = words.next();
    }
    if let Some(start) = next.and_then(|word| word.strip_prefix(b"st@")) {
        point.created = timestamp(start).map(|(time, _)| time);
        next = words.next();
    }
    match next {
        Some(word) if !word.starts_with(b"#") => {
            Err(format!("has more than a value and a timestamp: `{}`", shown(word)))
        }
        _ => Ok(point),
    }
}

/// A value: any number that Prometheus writes.
fn number(text: &[u8]) -> Result<f64, String> {
    // Nearly all are whole and short: these are exact, and faster than the general way.
    if text.len() <= 15 && text.iter().all(u8::is_ascii_digit) {
        let whole = text.iter().fold(0u64, |sum, digit| 10 * sum + u64::from(digit - b'0'));
        return Ok(whole as f64);
    }
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("`{}` is not a number", shown(text)))
}

/// A Unix time in nanoseconds, and the unit it is written in, which its size tells: from 10^8, early
/// 1973, up to 10^11 it is seconds, from there to 10^14 milliseconds.
pub(super) fn timestamp(text: &[u8]) -> Option<(i64, Unit)> {
    const SMALLEST: i64 = 100_000_000;
    const SECONDS_END: i64 = 1000 * SMALLEST;
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (whole, rest) = text.split_at(length);
    if length == 0 || length > 18 {
        return None;
    }
    let number = whole.iter().fold(0i64, |sum, digit| 10 * sum + i64::from(digit - b'0'));
    // Beyond the year 2262 nanoseconds do not fit.
    let in_range = |time: Option<i64>| time.filter(|time| *time < 9_000_000_000 * SECOND);
    match rest {
        [] if (SECONDS_END..1000 * SECONDS_END).contains(&number) => {
            Some((in_range(number.checked_mul(1_000_000))?, Unit::Milliseconds))
        }
        [] if (SMALLEST..SECONDS_END).contains(&number) => {
            Some((in_range(number.checked_mul(SECOND))?, Unit::Seconds))
        }
        [b'.', digits @ ..]
            if (SMALLEST..SECONDS_END).contains(&number)
                && digits.iter().all(u8::is_ascii_digit) =>
        {
            // What is finer than a nanosecond is cut off.
            let fraction = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
            let nanoseconds = fraction.fold(0, |sum, digit| 10 * sum + i64::from(digit - b'0'));
            let whole = number.checked_mul(SECOND)?;
            Some((in_range(whole.checked_add(nanoseconds))?, Unit::Seconds))
        }
        // With an exponent, as Go and Python write large numbers: no finer than a millisecond.
        _ => {
            let seconds: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
            if !(1e8..9e9).contains(&seconds) {
                return None;
            }
            #[expect(clippy::cast_possible_truncation, reason = "below 10^13 by the line above")]
            let milliseconds = (seconds * 1e3).round() as i64;
            Some((milliseconds * 1_000_000, Unit::Seconds))
        }
    }
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(&text[..text.len().min(40)]).escape_debug().to_string()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_blank(**byte)).count()
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(line: &str) -> Result<(Series, Point), String> {
        let end = series_end(line.as_bytes())?;
        Ok((series(&line.as_bytes()[..end])?, point(&line.as_bytes()[end..])?))
    }

    #[track_caller]
    fn check(line: &str, name: &str, labels: &[(&str, &str)], value: f64, seconds: Option<f64>) {
        let (series, point) = read(line).unwrap();
        let expected: Vec<(String, String)> =
            labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        assert_eq!((series.name.as_str(), &series.labels), (name, &expected), "{line}");
        assert!(point.value.to_bits() == value.to_bits(), "{line}: {}", point.value);
        let time = point.time.map(|(time, _)| time as f64 / 1e9);
        assert_eq!(time, seconds, "{line}");
    }

    #[test]
    fn lines_of_both_formats_are_read() {
        check("up 1", "up", &[], 1.0, None);
        check("a_total 17 1520879607.789", "a_total", &[], 17.0, Some(1_520_879_607.789));
        check("a_total\t17\t1520879607789 ", "a_total", &[], 17.0, Some(1_520_879_607.789));
        check("a{b=\"c\",} 1e3 1.5e9", "a", &[("b", "c")], 1e3, Some(1.5e9));
        check("a { b = \"c\" , d=\"\" } +Inf", "a", &[("b", "c"), ("d", "")], f64::INFINITY, None);
        check("a{} NaN 1500000000", "a", &[], f64::NAN, Some(1.5e9));
        check(r#"a{b="}\"\\\n\x,"} 1"#, "a", &[("b", "}\"\\\n\\x,")], 1.0, None);
        check(
            r#"{"http.requests", a="b", "c d"="e"} 2 1500000000"#,
            "http.requests",
            &[("a", "b"), ("c d", "e")],
            2.0,
            Some(1.5e9),
        );
        check(
            r#"a_bucket{le="0.01"} 5 1500000000.5 # {trace_id="x y"} 0.67 1520879607.7"#,
            "a_bucket",
            &[("le", "0.01")],
            5.0,
            Some(1.5e9 + 0.5),
        );
        check(r#"a_total 5 # {trace_id="x"} 0.67"#, "a_total", &[], 5.0, None);
        let (_, point) = read("a_total 5 1500000000 st@1400000000.25 # {} 1").unwrap();
        assert_eq!(point.created, Some(1_400_000_000_250_000_000));
    }

    #[track_caller]
    fn refused(line: &str, reason: &str) {
        assert_eq!(read(line).unwrap_err(), reason, "{line}");
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        refused("a", "has no value");
        refused("a{b=\"c\" 1", "has labels whose brace is not closed");
        refused("a{b=\"c} 1", "has a quote that is not closed");
        refused("a{b=\"c\\", "has a quote that is not closed");
        refused("a{b=c} 1", "has no value in quotes for label `b`");
        refused("a{b} 1", "has no `=` behind label `b`");
        refused("a{\"b\"} 1", "has no `=` behind label `b`");
        refused("a{b=\"c\" d=\"e\"} 1", "has no comma between its labels");
        refused("a{b=\"c\",b=\"e\"} 1", "has label `b` twice");
        refused("a{5=\"c\"} 1", "has a label without a proper name: `5`");
        refused("{b=\"c\"} 1", "names no metric");
        refused("5 1", "does not begin with a metric: `5` is no name of one");
        refused("a x", "`x` is not a number");
        refused("a 1 1500000000 5", "has more than a value and a timestamp: `5`");
        for time in ["now", "5", "1.5e3", "1500000000000.5", "150000000000000000", "-1500000000"] {
            let reason =
                "is not a timestamp: Unix seconds, or whole milliseconds, between 1973 and 2255";
            refused(&format!("a 1 {time}"), &format!("`{time}` {reason}"));
        }
    }

    #[test]
    fn types_are_found_in_comments() {
        assert_eq!(declared_type(b"# TYPE a counter"), Some((&b"a"[..], &b"counter"[..])));
        assert_eq!(declared_type(b"# HELP a counter"), None);
        assert_eq!(declared_type(b"# EOF"), None);
        assert!(is_known_comment(b"# EOF") && !is_known_comment(b"#Software: x"));
    }

    proptest! {
        #[test]
        fn any_labels_survive(name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,9}", labels in prop::collection::btree_map("[a-zA-Z_][a-zA-Z0-9_]{0,5}", any::<String>(), 0..4)) {
            let escaped = |value: &str| {
                value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
            };
            let written: Vec<String> =
                labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect();
            let line = format!("{name}{{{}}} 5 1500000000", written.join(","));
            let (series, point) = read(&line).unwrap();
            prop_assert_eq!(series.name, name);
            prop_assert_eq!(series.labels, labels.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(point.value.to_bits(), 5f64.to_bits());
        }

        #[test]
        fn never_panics(text: Vec<u8>, line in "[a-z{}\"=,\\\\ #.0-9@é]{0,40}") {
            for bytes in [&text[..], line.as_bytes()] {
                if let Ok(end) = series_end(bytes) {
                    let _ = (series(&bytes[..end]), point(&bytes[end..]));
                }
                let _ = (declared_type(bytes), timestamp(bytes));
            }
        }
    }
}
