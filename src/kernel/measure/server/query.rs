//! The text of what is asked: one query for both numbers, over a window of a given length.
use crate::kernel::units::Duration;

/// The label that tells the two numbers of an answer apart. No user's series has it, or their queries
/// would have to name it.
pub(super) const PART_LABEL: &str = "sre_part";
/// Its value for all events.
pub(super) const TOTAL: &str = "total";
/// Its value for the good or the bad ones.
pub(super) const PART: &str = "part";

/// A query for both numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Query {
    /// The whole text.
    pub(super) text: String,
    /// Lines of the text up to and including the end of the first query.
    total_lines: usize,
}

impl Query {
    /// Joins the query for all events and that for a part of them, for windows of that length.
    ///
    /// Each stands between parentheses on lines of their own, so that a comment at its end ends there.
    pub(super) fn new(total: &str, part: &str, window: Duration) -> Self {
        let total = with_window(total, window);
        let part = with_window(part, window);
        let text = format!(
            "label_replace((\n{total}\n), \"{PART_LABEL}\", \"{TOTAL}\", \"\", \"\")\n\
             or label_replace((\n{part}\n), \"{PART_LABEL}\", \"{PART}\", \"\", \"\")"
        );
        Self { text, total_lines: total.split('\n').count() + 2 }
    }

    /// Which of the two a server complains of, where it names a line of the text, as in
    /// `7:1: parse error: unexpected ")"`. Gives whether it is the first, and the line in it.
    pub(super) fn blames(&self, complaint: &str) -> Option<(bool, Option<usize>)> {
        let (before, _) = complaint.split_once(": parse error")?;
        let position = before.rsplit(' ').next()?;
        let line: usize = position.split(':').next()?.parse().ok()?;
        // The first line of each query is behind one that we wrote.
        let (first, begin) =
            if line <= self.total_lines { (true, 1) } else { (false, self.total_lines + 1) };
        let lines = self.text.split('\n').count() - self.total_lines - 2;
        let lines = if first { self.total_lines - 2 } else { lines };
        Some((first, line.checked_sub(begin).filter(|line| (1..=lines).contains(line))))
    }
}

/// Whether the query depends on the length of the window.
pub(super) fn has_window(query: &str) -> bool {
    next_placeholder(query).is_some()
}

/// The query with `{{.window}}` replaced by the length.
pub fn with_window(query: &str, window: Duration) -> String {
    let length = length(window);
    let mut text = String::with_capacity(query.len());
    let mut rest = query;
    while let Some((start, end)) = next_placeholder(rest) {
        text.push_str(&rest[..start]);
        text.push_str(&length);
        rest = &rest[end..];
    }
    text + rest
}

/// Where `{{.window}}` begins and ends, spaces allowed inside of the braces.
fn next_placeholder(query: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = query[from..].find("{{") {
        let start = from + found;
        let inner = query[start + 2..].trim_start_matches(' ');
        if let Some(rest) = inner.strip_prefix(".window")
            && let Some(rest) = rest.trim_start_matches(' ').strip_prefix("}}")
        {
            return Some((start, query.len() - rest.len()));
        }
        from = start + 1;
    }
    None
}

/// A length as every server reads it: one number with the largest unit up to days in which it is whole.
/// Several units after one another came late to PromQL, and weeks and years say less than days.
pub fn length(window: Duration) -> String {
    let milliseconds = window.milliseconds();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let (unit, size) =
        units.into_iter().find(|(_, size)| milliseconds.is_multiple_of(*size)).unwrap_or(("ms", 1));
    format!("{}{unit}", milliseconds / size)
}

/// Milliseconds as the API takes times and steps: seconds, with decimals only where there are some.
pub(super) fn seconds(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "" };
    let (whole, rest) = (milliseconds.unsigned_abs() / 1000, milliseconds.unsigned_abs() % 1000);
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:03}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &str) -> Duration {
        text.parse().unwrap()
    }

    #[test]
    fn windows_are_written_where_they_stand() {
        for (query, expected) in [
            ("a[{{.window}}]", "a[28d]"),
            ("a[{{ .window }}] / b[{{.window}}]", "a[28d] / b[28d]"),
            ("{{{.window}}", "{28d"),
            ("{{ .windows }}", "{{ .windows }}"),
            ("a{{.window", "a{{.window"),
            ("é{{  .window}}é", "é28dé"),
        ] {
            assert_eq!(with_window(query, window("4w")), expected);
            assert_eq!(has_window(query), query != expected);
        }
    }

    #[test]
    fn lengths_have_one_unit() {
        for (text, expected) in [
            ("30d", "30d"),
            ("1y", "365d"),
            ("90m", "90m"),
            ("1d1h43m", "1543m"),
            ("36h", "36h"),
            ("1m30s", "90s"),
            ("1s1ms", "1001ms"),
        ] {
            assert_eq!(length(window(text)), expected);
            assert_eq!(expected.parse(), Ok(window(text)));
        }
    }

    #[test]
    fn times_are_seconds() {
        assert_eq!(seconds(1_700_000_000_000), "1700000000");
        assert_eq!(seconds(1_700_000_000_007), "1700000000.007");
        assert_eq!(seconds(-1500), "-1.500");
        assert_eq!(seconds(0), "0");
    }

    #[test]
    fn a_comment_ends_with_its_query() {
        let query = Query::new("a[{{.window}}] # all", "b\n# bad", window("1h"));
        assert_eq!(
            query.text,
            "label_replace((\na[1h] # all\n), \"sre_part\", \"total\", \"\", \"\")\n\
             or label_replace((\nb\n# bad\n), \"sre_part\", \"part\", \"\", \"\")"
        );
    }

    #[test]
    fn complaints_are_assigned_to_the_query_that_they_mean() {
        let query = Query::new("one", "two\n+ three", window("1h"));
        let says = |position: &str| {
            query.blames(&format!("invalid parameter \"query\": {position}: parse error: no"))
        };
        assert_eq!(says("1:15"), Some((true, None)));
        assert_eq!(says("2:1"), Some((true, Some(1))));
        assert_eq!(says("3:1"), Some((true, None)));
        assert_eq!(says("4:19"), Some((false, None)));
        assert_eq!(says("5:1"), Some((false, Some(1))));
        assert_eq!(says("6:2"), Some((false, Some(2))));
        assert_eq!(says("7:1"), Some((false, None)));
        assert_eq!(query.blames("too many samples"), None);
    }
}
