//! Times as files write them, read as nanoseconds since the Unix epoch.
use std::ops::BitOrAssign;

use chrono::{NaiveDate, TimeZone, Utc};

use crate::kernel::units::Instant;

/// Nanoseconds of a second.
pub(super) const SECOND: i64 = 1_000_000_000;

/// What forms of time were met, so that what was assumed about them can be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TimeForms(u8);

impl TimeForms {
    const WITHOUT_ZONE: Self = Self(1);
    const SECONDS: Self = Self(2);
    const MILLISECONDS: Self = Self(4);
    const MICROSECONDS: Self = Self(8);
    const NANOSECONDS: Self = Self(16);
    const DATE_ONLY: Self = Self(32);

    /// What was assumed, one sentence each.
    pub(super) fn assumptions(self) -> Vec<String> {
        let unix = |unit| format!("whole numbers as times are Unix {unit}, by their size");
        [
            (Self::WITHOUT_ZONE, "times without a zone are read as UTC".to_owned()),
            (Self::SECONDS, unix("seconds")),
            (Self::MILLISECONDS, unix("milliseconds")),
            (Self::MICROSECONDS, unix("microseconds")),
            (Self::NANOSECONDS, unix("nanoseconds")),
            (Self::DATE_ONLY, "dates without a time of day are midnight UTC".to_owned()),
        ]
        .into_iter()
        .filter(|(form, _)| self.0 & form.0 != 0)
        .map(|(_, sentence)| sentence)
        .collect()
    }
}

impl BitOrAssign for TimeForms {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Reads times, remembering the latest minute, for neighbours mostly share it.
#[derive(Clone, Debug, Default)]
pub(super) struct TimeReader {
    iso_minute: [u8; 16],
    iso_start: i64,
    clf_minute: [u8; 17],
    clf_start: i64,
    forms: TimeForms,
}

impl TimeReader {
    /// Which forms it has met.
    pub(super) fn forms(&self) -> TimeForms {
        self.forms
    }

    /// Reads a time; `None` if the text is none or lies outside the years 1700 to 2250.
    ///
    /// Knows RFC 3339 and its relatives (`2015-05-17 10:05:03.25+02:00`, zone optional), the Common
    /// Log Format (`17/May/2015:10:05:03 +0000`), and Unix times in seconds, milliseconds,
    /// microseconds or nanoseconds, told apart by their size. Numbers below 10^8 (early 1973) are
    /// refused: they are rather `20150517` or a row number than a time.
    pub(super) fn read(&mut self, text: &[u8]) -> Option<i64> {
        match text {
            [_, _, _, _, b'-', ..] => self.read_iso(text),
            [_, _, b'/', ..] => self.read_clf(text),
            [b'0'..=b'9', ..] => self.read_unix(text),
            _ => self.read_trimmed(text),
        }
    }

    #[cold]
    fn read_trimmed(&mut self, text: &[u8]) -> Option<i64> {
        let trimmed = text.trim_ascii();
        let trimmed = trimmed
            .strip_prefix(b"[")
            .and_then(|inner| inner.strip_suffix(b"]"))
            .unwrap_or(trimmed);
        if trimmed.len() == text.len() { None } else { self.read(trimmed) }
    }

    /// `YYYY-MM-DD`, then `T` or a blank, `HH:MM[:SS[.fraction]]` and a zone, all but the date optional.
    fn read_iso(&mut self, text: &[u8]) -> Option<i64> {
        let Some((minute, rest)) = text.split_first_chunk::<16>() else {
            return self.read_date(text);
        };
        if *minute != self.iso_minute {
            self.iso_start = iso_minute(minute)?;
            self.iso_minute = *minute;
        }
        let (seconds, rest) = read_seconds(rest)?;
        let zone = read_zone(rest)?;
        if zone.is_none() {
            self.forms |= TimeForms::WITHOUT_ZONE;
        }
        Some(self.iso_start + seconds - zone.unwrap_or(0))
    }

    fn read_date(&mut self, text: &[u8]) -> Option<i64> {
        let text = text.trim_ascii_end();
        if text.len() != 10 {
            return None;
        }
        let mut minute = *b"0000-00-00T00:00";
        minute[..10].copy_from_slice(text);
        let start = iso_minute(&minute)?;
        self.forms |= TimeForms::DATE_ONLY;
        Some(start)
    }

    /// `DD/Mon/YYYY:HH:MM:SS +hhmm`.
    fn read_clf(&mut self, text: &[u8]) -> Option<i64> {
        let (minute, rest) = text.split_first_chunk::<17>()?;
        if *minute != self.clf_minute {
            self.clf_start = clf_minute(minute)?;
            self.clf_minute = *minute;
        }
        let (seconds, rest) = read_seconds(rest)?;
        let zone = read_zone(rest)?;
        if zone.is_none() {
            self.forms |= TimeForms::WITHOUT_ZONE;
        }
        Some(self.clf_start + seconds - zone.unwrap_or(0))
    }

    /// A Unix time, perhaps with a fraction.
    fn read_unix(&mut self, text: &[u8]) -> Option<i64> {
        let text = text.trim_ascii_end();
        let length = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
        let (whole, rest) = text.split_at(length);
        if length > 19 {
            return None;
        }
        let number = whole.iter().try_fold(0i64, |sum, digit| {
            sum.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
        })?;
        let (form, unit) = match number {
            100_000_000..100_000_000_000 => (TimeForms::SECONDS, SECOND),
            100_000_000_000..100_000_000_000_000 => (TimeForms::MILLISECONDS, 1_000_000),
            100_000_000_000_000..100_000_000_000_000_000 => (TimeForms::MICROSECONDS, 1000),
            100_000_000_000_000_000.. => (TimeForms::NANOSECONDS, 1),
            _ => return None,
        };
        let fraction = match rest {
            [] => 0,
            [b'.', digits @ ..] => read_fraction(digits, unit)?,
            _ => return None,
        };
        self.forms |= form;
        number.checked_mul(unit)?.checked_add(fraction).filter(|time| in_range(*time))
    }
}

/// A time as the rest of the program has it.
pub(super) fn to_instant(nanoseconds: i64) -> Instant {
    Utc.timestamp_nanos(nanoseconds)
}

/// The other way; times outside the years 1677 to 2262 are cut to them.
pub(super) fn from_instant(instant: Instant) -> i64 {
    instant.timestamp_nanos_opt().unwrap_or(if instant.timestamp() < 0 {
        i64::MIN
    } else {
        i64::MAX
    })
}

/// The years 1700 to 2250, so that adding a zone or a step never overflows.
fn in_range(nanoseconds: i64) -> bool {
    const YEAR: i64 = 31_557_600 * SECOND;
    (-270 * YEAR..280 * YEAR).contains(&nanoseconds)
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0u32, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| sum * 10 + u32::from(digit))
    })
}

/// Start of `YYYY-MM-DD?HH:MM`.
fn iso_minute(text: &[u8; 16]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b't' | b' ', h1, h2, b':', n1, n2] =
        *text
    else {
        return None;
    };
    minute_start([y1, y2, y3, y4], digits(&[m1, m2])?, [d1, d2], [h1, h2], [n1, n2])
}

/// Start of `DD/Mon/YYYY:HH:MM`.
fn clf_minute(text: &[u8; 17]) -> Option<i64> {
    let [d1, d2, b'/', a, b, c, b'/', y1, y2, y3, y4, b':', h1, h2, b':', n1, n2] = *text else {
        return None;
    };
    let month = match &[a, b, c] {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    };
    minute_start([y1, y2, y3, y4], month, [d1, d2], [h1, h2], [n1, n2])
}

fn minute_start(
    year: [u8; 4],
    month: u32,
    day: [u8; 2],
    hour: [u8; 2],
    minute: [u8; 2],
) -> Option<i64> {
    let year = i32::try_from(digits(&year)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, month, digits(&day)?)?;
    let time = date.and_hms_opt(digits(&hour)?, digits(&minute)?, 0)?;
    time.and_utc().timestamp_nanos_opt().filter(|time| in_range(*time))
}

/// `:SS` with an optional fraction, in nanoseconds, and what follows; no seconds are zero.
///
/// A leap second, `:60`, is the first instant of the next minute, as Unix time has it.
fn read_seconds(text: &[u8]) -> Option<(i64, &[u8])> {
    let [b':', tens, ones, rest @ ..] = text else { return Some((0, text)) };
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 {
        return None;
    }
    let seconds = i64::from(tens) * 10 + i64::from(ones);
    if seconds > 60 {
        return None;
    }
    let whole = seconds * SECOND;
    let [b'.' | b',', rest @ ..] = rest else { return Some((whole, rest)) };
    let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let (fraction, rest) = rest.split_at(length);
    if length == 0 {
        return None;
    }
    Some((whole + read_fraction(fraction, SECOND)?, rest))
}

/// Digits behind a point, as a part of `unit`; what is finer than a nanosecond is cut off.
fn read_fraction(text: &[u8], unit: i64) -> Option<i64> {
    let mut scale = unit;
    let mut fraction = 0;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        scale /= 10;
        fraction += i64::from(digit) * scale;
    }
    Some(fraction)
}

/// A zone as nanoseconds east of UTC: inner `None` where none is written, outer where it is no zone.
#[expect(clippy::option_option, reason = "not a zone and no zone are different answers")]
fn read_zone(text: &[u8]) -> Option<Option<i64>> {
    let (sign, rest) = match text {
        [] => return Some(None),
        [b'Z' | b'z'] | b" UTC" | b" Z" | b" GMT" => return Some(Some(0)),
        [b' ', b'+', rest @ ..] | [b'+', rest @ ..] => (1, rest),
        [b' ', b'-', rest @ ..] | [b'-', rest @ ..] => (-1, rest),
        _ if text.trim_ascii().len() < text.len() => return read_zone(text.trim_ascii()),
        _ => return None,
    };
    let (hours, minutes) = match rest {
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?),
        [h1, h2] => (digits(&[*h1, *h2])?, 0),
        _ => return None,
    };
    if hours > 18 || minutes > 59 {
        return None;
    }
    Some(Some(sign * i64::from(hours * 3600 + minutes * 60) * SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let expected = expected.map(|text| text.parse::<Instant>().unwrap());
        let read = TimeReader::default().read(text.as_bytes()).map(to_instant);
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn reads_what_files_write() {
        check("2015-05-17T10:05:03Z", Some("2015-05-17T10:05:03Z"));
        check("2015-05-17 10:05:03", Some("2015-05-17T10:05:03Z"));
        check("2015-05-17 10:05:03.250", Some("2015-05-17T10:05:03.25Z"));
        check("2015-05-17 10:05:03,250", Some("2015-05-17T10:05:03.25Z"));
        check("2015-05-17T10:05:03.123456789+02:00", Some("2015-05-17T08:05:03.123456789Z"));
        check("2015-05-17T10:05-0530", Some("2015-05-17T15:35:00Z"));
        check("2015-05-17 10:05:03+00", Some("2015-05-17T10:05:03Z"));
        check("2015-05-17 10:05:03 UTC", Some("2015-05-17T10:05:03Z"));
        check("2015-05-17", Some("2015-05-17T00:00:00Z"));
        check("17/May/2015:10:05:03 +0000", Some("2015-05-17T10:05:03Z"));
        check("[17/May/2015:10:05:03 +0200]", Some("2015-05-17T08:05:03Z"));
        check("1431857103", Some("2015-05-17T10:05:03Z"));
        check("1431857103.5", Some("2015-05-17T10:05:03.5Z"));
        check("1431857103250", Some("2015-05-17T10:05:03.25Z"));
        check("1431857103250000", Some("2015-05-17T10:05:03.25Z"));
        check("1431857103250000001", Some("2015-05-17T10:05:03.250000001Z"));
        check("2016-12-31T23:59:60Z", Some("2017-01-01T00:00:00Z"));
        check(" 2015-05-17T10:05:03Z ", Some("2015-05-17T10:05:03Z"));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "now",
            "20150517",
            "12",
            "2015-13-01",
            "2015-02-30T00:00:00Z",
            "2015-05-17T25:00:00Z",
            "2015-05-17T10:05:61Z",
            "2015-05-17T10:05:03+99:00",
            "2015-05-17T10:05:03 Berlin",
            "2015-05-17T10:05:03.",
            "17/Foo/2015:10:05:03 +0000",
            "0001-01-01T00:00:00Z",
            "9999-01-01T00:00:00Z",
            "1e9",
            "99999999999999999999",
            "-1431857103",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn says_what_it_assumed() {
        let mut reader = TimeReader::default();
        assert!(reader.read(b"2015-05-17T10:05:03Z").is_some());
        assert_eq!(reader.forms().assumptions(), Vec::<String>::new());
        assert!(reader.read(b"2015-05-17T10:05:03").is_some());
        assert!(reader.read(b"1431857103").is_some());
        assert_eq!(
            reader.forms().assumptions(),
            [
                "times without a zone are read as UTC",
                "whole numbers as times are Unix seconds, by their size"
            ]
        );
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(seconds in -8_000_000_000i64..8_800_000_000, nanos in 0u32..1_000_000_000) {
            let instant = Utc.timestamp_opt(seconds, nanos).unwrap();
            let mut reader = TimeReader::default();
            let text = instant.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true);
            prop_assert_eq!(reader.read(text.as_bytes()).map(to_instant), Some(instant));
            let text = instant.format("%d/%b/%Y:%H:%M:%S +0000").to_string();
            prop_assert_eq!(
                reader.read(text.as_bytes()).map(|time| time.div_euclid(SECOND)),
                Some(seconds)
            );
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            TimeReader::default().read(&bytes);
        }
    }
}
