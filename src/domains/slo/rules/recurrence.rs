//! Recurrence rules of RFC 5545, section 3.3.10: whether they can be read, and how often they return.
use std::ops::Range;

/// What a recurrence rule says, as far as the rules of this folder need it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RecurrenceRule {
    /// Whether it ends by itself: `UNTIL` or `COUNT`.
    pub(super) ends: bool,
    /// Times a day on average; `None` where the rule has parts that only a calendar can resolve.
    pub(super) per_day: Option<f64>,
}

/// Why a text is not a recurrence rule, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuleError {
    /// What is wrong.
    pub(super) message: String,
    /// Bytes of the text that are meant.
    pub(super) at: Range<usize>,
}

/// The frequencies, each with how often it comes in a day.
const FREQUENCIES: [(&str, f64); 7] = [
    ("SECONDLY", 86_400.0),
    ("MINUTELY", 1440.0),
    ("HOURLY", 24.0),
    ("DAILY", 1.0),
    ("WEEKLY", 1.0 / 7.0),
    ("MONTHLY", 12.0 / 365.25),
    ("YEARLY", 1.0 / 365.25),
];

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// Parts whose values are whole numbers: least, greatest, and whether they also count from the end.
const NUMBERS: [(&str, u16, u16, bool); 9] = [
    ("BYSECOND", 0, 60, false),
    ("BYMINUTE", 0, 59, false),
    ("BYHOUR", 0, 23, false),
    ("BYMONTHDAY", 1, 31, true),
    ("BYYEARDAY", 1, 366, true),
    ("BYWEEKNO", 1, 53, true),
    ("BYMONTH", 1, 12, false),
    ("BYSETPOS", 1, 366, true),
    ("INTERVAL", 1, u16::MAX, false),
];

/// Reads a recurrence rule.
///
/// # Errors
/// The first part that RFC 5545 does not know or whose value it does not allow.
pub(super) fn parse(text: &str) -> Result<RecurrenceRule, RuleError> {
    let mut parts: Vec<(&str, &str)> = Vec::new();
    let mut start = 0;
    for part in text.split(';') {
        let at = start..start + part.len();
        start = at.end + 1;
        let error = |message: String| RuleError { message, at: at.clone() };
        let (key, value) = part
            .split_once('=')
            .ok_or_else(|| error(format!("`{part}` is not of the form `KEY=VALUE`")))?;
        if parts.iter().any(|(other, _)| *other == key) {
            return Err(error(format!("`{key}` stands there twice")));
        }
        check_part(key, value).map_err(error)?;
        parts.push((key, value));
    }
    let get = |key| parts.iter().find(|(other, _)| *other == key).map(|(_, value)| *value);
    let whole = |message: &str| RuleError { message: message.to_owned(), at: 0..text.len() };
    let frequency = get("FREQ").ok_or_else(|| whole("a recurrence rule needs a `FREQ`"))?;
    if get("COUNT").is_some() && get("UNTIL").is_some() {
        return Err(whole("`COUNT` and `UNTIL` cannot stand together"));
    }
    Ok(RecurrenceRule {
        ends: get("COUNT").is_some() || get("UNTIL").is_some(),
        per_day: per_day(frequency, &parts),
    })
}

fn check_part(key: &str, value: &str) -> Result<(), String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((_, least, greatest, from_end)) = NUMBERS.iter().find(|(name, ..)| *name == key) {
        let fits = |item: &str| {
            let unsigned = item.strip_prefix('+').unwrap_or(item);
            let unsigned = unsigned.strip_prefix('-').filter(|_| *from_end).unwrap_or(unsigned);
            let number = unsigned.parse::<u16>();
            digits(unsigned) && number.is_ok_and(|number| (*least..=*greatest).contains(&number))
        };
        let single = key != "INTERVAL" || !value.contains(',');
        return (single && value.split(',').all(fits)).then_some(()).ok_or_else(|| {
            format!("`{key}={value}`: expected whole numbers from {least} to {greatest}")
        });
    }
    let (valid, expected) = match key {
        "FREQ" => (
            FREQUENCIES.iter().any(|(name, _)| *name == value),
            "expected `DAILY`, `WEEKLY`, `MONTHLY` or another frequency",
        ),
        "COUNT" => (digits(value) && value.bytes().any(|b| b != b'0'), "expected a number above 0"),
        "UNTIL" => (is_until(value), "expected a moment such as `20271231T235959Z`"),
        "WKST" => (DAYS.contains(&value), "expected a day such as `MO`"),
        "BYDAY" => (value.split(',').all(is_by_day), "expected days such as `MO` or `1SU`"),
        _ => return Err(format!("`{key}` is not a part of a recurrence rule")),
    };
    if valid { Ok(()) } else { Err(format!("`{key}={value}`: {expected}")) }
}

/// `MO`, `1SU`, `-1FR`.
fn is_by_day(text: &str) -> bool {
    let Some((number, day)) = text.len().checked_sub(2).and_then(|at| text.split_at_checked(at))
    else {
        return false;
    };
    let unsigned = number.strip_prefix(['+', '-']).unwrap_or(number);
    let ordinal = unsigned.parse::<u8>().is_ok_and(|week| (1..=53).contains(&week));
    DAYS.contains(&day) && (number.is_empty() || ordinal)
}

/// `20271231`, `20271231T235959`, `20271231T235959Z`.
fn is_until(text: &str) -> bool {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (day, time) = text.split_once('T').unwrap_or((text, "000000"));
    chrono::NaiveDate::parse_from_str(day, "%Y%m%d").is_ok()
        && day.len() == 8
        && chrono::NaiveTime::parse_from_str(time, "%H%M%S").is_ok()
        && time.len() == 6
}

/// Frequency over interval, times the days that are named; `None` where parts limit or multiply it in
/// ways that depend on the calendar.
fn per_day(frequency: &str, parts: &[(&str, &str)]) -> Option<f64> {
    let mut times = FREQUENCIES.iter().find(|(name, _)| *name == frequency)?.1;
    for (key, value) in parts {
        let items = value.split(',').count() as f64;
        match (*key, frequency) {
            ("INTERVAL", _) => times /= value.parse::<f64>().ok()?,
            ("BYDAY", "WEEKLY") | ("BYMONTHDAY", "MONTHLY") | ("BYMONTH", "YEARLY") => {
                times *= items;
            }
            ("FREQ" | "COUNT" | "UNTIL" | "WKST", _) => {}
            ("BYSECOND" | "BYMINUTE" | "BYHOUR", _) if items <= 1.0 && times <= 1.0 => {}
            _ => return None,
        }
    }
    Some(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_the_standard_are_read() {
        for text in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;BYDAY=SU",
            "FREQ=MONTHLY;BYDAY=1SU,-1FR;BYSETPOS=-1",
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=1;BYDAY=SU;BYHOUR=8,9;BYMINUTE=30",
            "FREQ=DAILY;COUNT=10;WKST=MO",
            "FREQ=DAILY;UNTIL=19971224T000000Z",
            "FREQ=DAILY;UNTIL=19971224",
            "FREQ=YEARLY;BYYEARDAY=1,-100,200;BYWEEKNO=20",
        ] {
            assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
        }
    }

    #[track_caller]
    fn check_error(text: &str, at: &str, message: &str) {
        let error = parse(text).unwrap_err();
        assert_eq!((&text[error.at.clone()], error.message.as_str()), (at, message));
    }

    #[test]
    fn errors_say_which_part_is_wrong() {
        check_error(
            "FREQ=FORTNIGHTLY;BYDAY=SU",
            "FREQ=FORTNIGHTLY",
            "`FREQ=FORTNIGHTLY`: expected `DAILY`, `WEEKLY`, `MONTHLY` or another frequency",
        );
        check_error("BYDAY=SU", "BYDAY=SU", "a recurrence rule needs a `FREQ`");
        check_error("FREQ=DAILY;", "", "`` is not of the form `KEY=VALUE`");
        check_error(
            "FREQ=WEEKLY;BYDAY=Sunday",
            "BYDAY=Sunday",
            "`BYDAY=Sunday`: expected days such as `MO` or `1SU`",
        );
        check_error(
            "FREQ=DAILY;BYHOUR=24",
            "BYHOUR=24",
            "`BYHOUR=24`: expected whole numbers from 0 to 23",
        );
        for text in [
            "",
            "every sunday",
            "RRULE:FREQ=DAILY",
            "FREQ=DAILY;FREQ=DAILY",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=1;UNTIL=19971224",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;UNTIL=tomorrow",
            "FREQ=WEEKLY;BYDAY=ß",
            "FREQ=WEEKLY;BYDAY=0MO",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn frequency_is_known_where_no_calendar_is_needed() {
        let per_week = |text| parse(text).unwrap().per_day.map(|times| (times * 7.0).round());
        assert_eq!(per_week("FREQ=DAILY"), Some(7.0));
        assert_eq!(per_week("FREQ=WEEKLY;BYDAY=MO,TU,WE"), Some(3.0));
        assert_eq!(per_week("FREQ=DAILY;BYHOUR=2"), Some(7.0));
        assert_eq!(per_week("FREQ=DAILY;BYMONTH=1"), None);
        assert_eq!(per_week("FREQ=HOURLY;BYHOUR=1"), None);
    }
}
