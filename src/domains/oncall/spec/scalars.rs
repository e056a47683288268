//! Times of day, days of the week, and civil times.
use crate::kernel::{
    spec::{
        problem::{self, Explained},
        scalar::{self, Scalar},
    },
    time::{parse_instant, rfc3339},
    units::Instant,
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// A time of day as clocks show it, to the minute; `24:00` is not one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(pub NaiveTime);

impl Scalar for TimeOfDay {
    const EXPECTED: &'static str = "a time of day such as `09:30`";

    fn read(text: &str) -> Result<Self, Explained> {
        let shaped = text.len() == 5 && text.is_ascii();
        let time = shaped.then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten();
        time.map(Self).ok_or_else(|| Explained {
            message: format!("expected {}, found `{text}`", Self::EXPECTED),
            help: Some("write hours and minutes with two digits each, in quotes".to_owned()),
            meant: None,
        })
    }
}

/// A day of the week: `friday`, `fri`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOfWeek(pub Weekday);

/// The days in their order, as they are written.
const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Scalar for DayOfWeek {
    const EXPECTED: &'static str = "a day of the week such as `friday`";

    fn read(text: &str) -> Result<Self, Explained> {
        text.parse().map(Self).map_err(|_| {
            let near = problem::closest(text, &DAYS);
            Explained {
                message: format!("`{text}` is not a day of the week"),
                help: near.map(|near| format!("did you mean `{near}`?")),
                meant: near.map(str::to_owned),
            }
        })
    }
}

/// A day or a civil time in the zone of its document, or an instant with an offset of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalTime {
    /// The first instant of a day.
    Day(NaiveDate),
    /// As clocks in the zone show it.
    Civil(NaiveDateTime),
    /// Whatever the zone.
    Instant(Instant),
}

impl LocalTime {
    /// As it is written.
    pub fn text(self) -> String {
        match self {
            Self::Day(date) => date.to_string(),
            Self::Civil(civil) => civil.format("%Y-%m-%dT%H:%M").to_string(),
            Self::Instant(instant) => rfc3339(instant),
        }
    }
}

impl Scalar for LocalTime {
    const EXPECTED: &'static str =
        "a time such as `2026-03-28T18:00`, a day, or an instant with an offset";

    fn read(text: &str) -> Result<Self, Explained> {
        if let Ok(instant) = parse_instant(text) {
            return Ok(Self::Instant(instant));
        }
        let text = text.trim();
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Ok(Self::Day(date));
        }
        let time = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        time.map(Self::Civil).ok_or_else(|| Explained {
            message: format!("expected {}, found `{text}`", Self::EXPECTED),
            help: Some("write it to the minute".to_owned()),
            meant: None,
        })
    }
}

macro_rules! through_text {
    ($type:ty, $name:literal, $write:expr, $schema:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                scalar::deserialize(deserializer)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let write: fn(&Self) -> String = $write;
                serializer.serialize_str(&write(self))
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

through_text!(
    TimeOfDay,
    "TimeOfDay",
    |time| time.0.format("%H:%M").to_string(),
    json_schema!({
        "description": "A time of day as clocks show it, to the minute.",
        "type": "string",
        "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
    })
);

through_text!(
    DayOfWeek,
    "DayOfWeek",
    |day| DAYS[day.0.num_days_from_monday() as usize].to_owned(),
    json_schema!({
        "description": "A day of the week: `friday` or `fri`, in any case.",
        "type": "string",
        "pattern": in_any_case(),
    })
);

/// The days with their short forms, in any case: JSON Schema has no flag for that.
fn in_any_case() -> String {
    let any_case = |word: &str| -> String {
        word.chars().map(|letter| format!("[{}{letter}]", letter.to_ascii_uppercase())).collect()
    };
    let day = |day: &&str| {
        let (short, rest) = day.split_at(3);
        format!("{}({})?", any_case(short), any_case(rest))
    };
    format!("^({})$", DAYS.iter().map(day).collect::<Vec<_>>().join("|"))
}

through_text!(
    LocalTime,
    "LocalTime",
    |time| time.text(),
    json_schema!({
        "description": "A civil time in the document's zone, such as `2026-03-28T18:00` or `2026-03-28`, or an instant with its offset.",
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?$",
    })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_are_read_as_people_write_them() {
        assert_eq!(
            TimeOfDay::read("09:30").ok().map(|time| time.0.to_string()),
            Some("09:30:00".into())
        );
        for wrong in ["9:30", "24:00", "09:30:00", "noon", "12"] {
            assert!(TimeOfDay::read(wrong).is_err(), "{wrong}");
        }
        for friday in ["friday", "Fri", "FRIDAY"] {
            assert_eq!(DayOfWeek::read(friday).ok(), Some(DayOfWeek(Weekday::Fri)));
        }
        let wrong = DayOfWeek::read("firday").err().unwrap();
        assert_eq!(wrong.help.as_deref(), Some("did you mean `friday`?"));
        let civil = |text: &str| LocalTime::read(text).ok();
        assert!(matches!(civil("2026-03-28T18:00"), Some(LocalTime::Civil(_))));
        let day = NaiveDate::from_ymd_opt(2026, 3, 28).unwrap();
        assert_eq!(civil("2026-03-28"), Some(LocalTime::Day(day)));
        assert_eq!(civil("2026-03-28").unwrap().text(), "2026-03-28");
        assert!(matches!(civil("2026-03-28T18:00:00+01:00"), Some(LocalTime::Instant(_))));
        assert_eq!(civil("2026-03-28T18:00:30"), None);
        assert_eq!(civil("28.03.2026"), None);
    }
}
