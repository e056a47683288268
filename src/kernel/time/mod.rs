//! Instants and time zones as people write them, calendars, and what returns.
//!
//! Everything outside this module uses chrono's types. Underneath, zones come from jiff and its
//! bundled copy of the IANA database, which is kept current; see `docs/design/time-zones.md`.
mod calendar;
mod named_period;
mod recurrence;
mod zone;

pub use calendar::{Calendar, CalendarUnit, Period};
pub use named_period::NamedPeriod;
pub use recurrence::Recurrence;
pub use zone::{LocalInstants, TZDB_VERSION, Zone};

use crate::kernel::units::Instant;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use std::borrow::Cow;

/// Reads an instant: RFC 3339, seconds optional.
///
/// # Errors
/// A message that says what is wrong.
pub fn parse_instant(text: &str) -> Result<Instant, String> {
    // chrono takes the typographic minus sign too, which no other program here would.
    if text.is_ascii()
        && let Ok(instant) = DateTime::parse_from_rfc3339(&with_seconds(text))
    {
        return Ok(instant.with_timezone(&Utc));
    }
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").is_ok()
        || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").is_ok();
    Err(if local {
        format!("`{text}` has no offset from UTC")
    } else if NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() {
        format!("`{text}` is a day, not an instant")
    } else {
        format!("`{text}` is not an instant")
    })
}

/// `2026-05-14T09:20Z` with its seconds; any other text as it is.
fn with_seconds(text: &str) -> Cow<'_, str> {
    const MINUTES_END: usize = "2026-05-14T09:20".len();
    match text.split_at_checked(MINUTES_END) {
        Some((minutes, offset)) if offset.starts_with(['Z', 'z', '+', '-']) => {
            Cow::Owned(format!("{minutes}:00{offset}"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// The machine form of an instant: RFC 3339 in UTC, with as many decimals as needed.
pub fn rfc3339(instant: Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_need_an_offset() {
        let expected = "2026-05-14T07:20:00Z";
        for text in [
            "2026-05-14T09:20:00+02:00",
            "2026-05-14T07:20Z",
            "2026-05-14 07:20:00Z",
            "2026-05-14t09:20+02:00",
        ] {
            assert_eq!(rfc3339(parse_instant(text).unwrap()), expected, "{text}");
        }
        assert!(parse_instant("2026-05-14T09:20:00").unwrap_err().contains("offset"));
        assert!(parse_instant("2026-05-14").unwrap_err().contains("a day"));
        for text in
            ["soon", "", "2026-5-1T2:0Z", "2026-05-14T09:20+0200", "2026-05-14T09:20 +02:00"]
        {
            assert!(parse_instant(text).is_err(), "{text}");
        }
    }
}
