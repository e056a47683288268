//! Instants and time zones as people write them.
//!
//! Everything outside this module uses chrono's types. Underneath, zones come from jiff and its
//! bundled copy of the IANA database, which is kept current; see `docs/design/time-zones.md`.
mod zone;

pub use zone::{TZDB_VERSION, Zone};

use crate::kernel::units::Instant;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Reads an instant: RFC 3339, seconds optional.
///
/// # Errors
/// A message that says what is wrong.
pub fn parse_instant(text: &str) -> Result<Instant, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.with_timezone(&Utc));
    }
    for format in ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%d %H:%M%:z"] {
        let zulu = text.strip_suffix(['Z', 'z']).map(|text| format!("{text}+00:00"));
        if let Ok(instant) = DateTime::parse_from_str(zulu.as_deref().unwrap_or(text), format) {
            return Ok(instant.with_timezone(&Utc));
        }
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
        for text in ["2026-05-14T09:20:00+02:00", "2026-05-14T07:20Z", "2026-05-14 07:20:00Z"] {
            assert_eq!(rfc3339(parse_instant(text).unwrap()), expected, "{text}");
        }
        assert!(parse_instant("2026-05-14T09:20:00").unwrap_err().contains("offset"));
        assert!(parse_instant("2026-05-14").unwrap_err().contains("a day"));
        assert!(parse_instant("soon").is_err());
    }
}
