//! When a server wants to be asked again.
use crate::kernel::units::{Duration, Instant};
use chrono::{DateTime, NaiveDateTime};

/// How long to wait: `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3). A date
/// that has passed is no wait. `None` where the value is neither.
pub(super) fn wait(value: &str, now: Instant) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds are a very long time.
        let seconds = value.parse::<u64>().unwrap_or(u64::MAX);
        Duration::from_milliseconds(seconds.saturating_mul(1000))
    } else {
        let milliseconds = (date(value)? - now).num_milliseconds();
        Duration::from_milliseconds(u64::try_from(milliseconds).unwrap_or(0))
    };
    Some(wait.min(Duration::MAX))
}

/// A date in one of the three forms of RFC 9110, section 5.6.7.
pub(super) fn date(value: &str) -> Option<Instant> {
    let value = value.trim();
    let rfc850 = || NaiveDateTime::parse_from_str(value, "%A, %d-%b-%y %H:%M:%S GMT").ok();
    let asctime = || NaiveDateTime::parse_from_str(value, "%a %b %e %H:%M:%S %Y").ok();
    DateTime::parse_from_rfc2822(value)
        .ok()
        .map(|date| date.to_utc())
        .or_else(|| rfc850().or_else(asctime).map(|date| date.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The dates are the RFC's own example, in its three forms.
    #[test]
    fn seconds_and_dates() {
        let now = "1994-11-06T08:49:00Z".parse().unwrap();
        for (value, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(37)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(37)),
            ("Sun Nov  6 08:49:37 1994", Some(37)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
            ("1.5", None),
            ("", None),
        ] {
            assert_eq!(wait(value, now), seconds.map(Duration::from_seconds), "{value}");
        }
        assert_eq!(wait("99999999999999999999999", now), Some(Duration::MAX));
    }

    proptest! {
        #[test]
        fn any_value_is_read_or_not(value in ".{0,40}", seconds in 0i64..4_000_000_000) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            prop_assert!(wait(&value, now).is_none_or(|wait| wait <= Duration::MAX));
        }
    }
}
