//! Spans and instants in words.
use crate::kernel::units::{Duration, Instant};
use chrono::{FixedOffset, Offset};

/// No offset from UTC.
pub const UTC: FixedOffset = match FixedOffset::east_opt(0) {
    Some(offset) => offset,
    None => panic!("zero is an offset"),
};

/// Units by their length in milliseconds. Months and years are not among them: nobody counts the days
/// of `11 months` alike, and windows are given in days.
const UNITS: [(&str, u64); 5] = [
    ("day", 86_400_000),
    ("hour", 3_600_000),
    ("minute", 60_000),
    ("second", 1000),
    ("millisecond", 1),
];

/// A span in its two largest neighbouring units, cut off, never rounded up: `12 days 4 hours`,
/// `43 minutes 12 seconds`, `365 days`.
///
/// ```
/// use sre::kernel::{report::words::span, units::Duration};
/// assert_eq!(span(Duration::from_hours(292)), "12 days 4 hours");
/// assert_eq!(span(Duration::from_days(365)), "365 days");
/// ```
pub fn span(span: Duration) -> String {
    let parts = two_largest(span);
    if parts.is_empty() {
        return "0 seconds".to_owned();
    }
    let words = parts.iter().map(|(count, at)| super::plural(*count, UNITS[*at].0));
    words.collect::<Vec<_>>().join(" ")
}

/// As [`span`], in the short units that fit a table: `12d 4h`, `43m 12s`, `200ms`.
pub fn span_short(span: Duration) -> String {
    const DAY: u64 = UNITS[0].1;
    let milliseconds: u64 = two_largest(span).iter().map(|(count, at)| count * UNITS[*at].1).sum();
    let clock = |milliseconds| {
        humantime::format_duration(std::time::Duration::from_millis(milliseconds)).to_string()
    };
    // humantime writes `12days 4h`, and anything above 30.43 days in months of that length.
    match (milliseconds / DAY, milliseconds % DAY) {
        (0, rest) => clock(rest),
        (days, 0) => format!("{}d", super::thousands(days)),
        (days, rest) => format!("{}d {}", super::thousands(days), clock(rest)),
    }
}

/// Counts of the largest unit that occurs and of the next smaller one, where that is not zero.
fn two_largest(span: Duration) -> Vec<(u64, usize)> {
    let mut rest = span.milliseconds();
    let Some(first) = UNITS.iter().position(|(_, length)| rest >= *length) else {
        return Vec::new();
    };
    let mut parts = Vec::with_capacity(2);
    for (at, (_, length)) in UNITS.iter().enumerate().skip(first).take(2) {
        if rest >= *length {
            parts.push((rest / length, at));
        }
        rest %= length;
    }
    parts
}

/// An instant to the minute: `2026-05-14 09:20 UTC`.
pub fn instant(at: Instant) -> String {
    instant_in(at, UTC)
}

/// An instant to the minute as a clock at that offset from UTC shows it: `2026-05-14 11:20 +02:00`.
pub fn instant_in(at: Instant, offset: FixedOffset) -> String {
    let at = at.with_timezone(&offset);
    let clock = at.format("%Y-%m-%d %H:%M");
    if at.offset().fix().local_minus_utc() == 0 {
        format!("{clock} UTC")
    } else {
        format!("{clock} {offset}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(span_text: &str, long: &str, short: &str) {
        let parsed: Duration = span_text.parse().unwrap();
        assert_eq!(span(parsed), long);
        assert_eq!(span_short(parsed), short);
    }

    #[test]
    fn spans_have_two_units_at_most() {
        check("0", "0 seconds", "0s");
        check("200ms", "200 milliseconds", "200ms");
        check("1s500ms", "1 second 500 milliseconds", "1s 500ms");
        check("43m12s", "43 minutes 12 seconds", "43m 12s");
        check("1h", "1 hour", "1h");
        check("1h0m59s", "1 hour", "1h");
        check("12d4h59m59s", "12 days 4 hours", "12d 4h");
        check("30d", "30 days", "30d");
        check("365d", "365 days", "365d");
        check("1y", "365 days", "365d");
        check("400d23h", "400 days 23 hours", "400d 23h");
        check("4y", "1,460 days", "1,460d");
    }

    #[test]
    fn instants_say_their_zone() {
        let at: Instant = "2026-05-14T09:20:59Z".parse().unwrap();
        assert_eq!(instant(at), "2026-05-14 09:20 UTC");
        assert_eq!(instant_in(at, FixedOffset::east_opt(7200).unwrap()), "2026-05-14 11:20 +02:00");
        assert_eq!(
            instant_in(at, FixedOffset::west_opt(12_600).unwrap()),
            "2026-05-14 05:50 -03:30"
        );
    }

    #[test]
    fn the_last_instant_has_a_name_everywhere() {
        for offset in [FixedOffset::east_opt(86_399), FixedOffset::west_opt(86_399)] {
            assert!(instant_in(Instant::MAX_UTC, offset.unwrap()).contains(':'));
            assert!(instant_in(Instant::MIN_UTC, offset.unwrap()).contains(':'));
        }
    }
}
