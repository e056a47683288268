//! Values that users write as one scalar: ratios, durations, instants, names, zones.
use super::{decode::TEXT, problem::Explained};
use crate::kernel::{
    time::{Zone, parse_instant, rfc3339},
    units::{BurnFactor, BurnFactorError, Duration, DurationError, Instant, Ratio, RatioError},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, Visitor},
};
use std::{borrow::Cow, fmt, marker::PhantomData};

/// A type that is read from the text of one scalar, whatever type YAML would give that text.
pub trait Scalar: Sized {
    /// The form, for "expected …".
    const EXPECTED: &'static str;

    /// Reads the text; the error says what is wrong and what to do.
    ///
    /// # Errors
    /// If the text is not of the form.
    fn read(text: &str) -> Result<Self, Explained>;
}

/// Reads `T` through serde.
///
/// # Errors
/// What [`Scalar::read`] says.
pub fn deserialize<'de, T: Scalar, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(TEXT, ScalarVisitor(PhantomData))
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<T: Scalar> Visitor<'_> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        T::read(text).map_err(E::custom)
    }
}

impl Scalar for Ratio {
    const EXPECTED: &'static str = "a percentage such as `99.9%` or a ratio such as `0.999`";

    fn read(text: &str) -> Result<Self, Explained> {
        text.parse().map_err(|error: RatioError| {
            let message = match error {
                RatioError::Syntax => format!("expected {}, found `{text}`", Self::EXPECTED),
                ref other => other.to_string(),
            };
            let meant = match &error {
                RatioError::PercentSignMissing { text } => Some(format!("{text}%")),
                _ => None,
            };
            Explained { message, help: error.remedy(), meant }
        })
    }
}

impl Scalar for Duration {
    const EXPECTED: &'static str = "a duration such as `30d`, `1h30m` or `200ms`";

    fn read(text: &str) -> Result<Self, Explained> {
        text.parse().map_err(|error: DurationError| {
            let message = match error {
                DurationError::Syntax => format!("expected {}, found `{text}`", Self::EXPECTED),
                ref other => other.to_string(),
            };
            Explained { message, help: error.remedy(), meant: None }
        })
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl Serialize for Ratio {
    /// As a percentage.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.percent())
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Ratio {
    fn schema_name() -> Cow<'static, str> {
        "Ratio".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let (percent, ratio) = (PERCENT_PATTERN, RATIO_PATTERN);
        json_schema!({
            "description": "A share: a percentage such as `99.9%`, or a ratio such as `0.999`. \
                            At most nine decimal digits as a ratio.",
            "anyOf": [
                {"type": "string", "pattern": format!("^({percent}\\s*%|{ratio})$")},
                {"type": "number", "minimum": 0, "maximum": 1},
            ],
        })
    }
}

/// The number of a percentage as [`Ratio`] reads it: at most 100, at most seven decimal digits.
pub(super) const PERCENT_PATTERN: &str =
    "(-0+(\\.0+)?|0*[0-9]{1,2}(\\.(?=[0-9])[0-9]{0,7}0*)?|0*100(\\.0+)?)";

/// A ratio as [`Ratio`] reads it: at most 1, at most nine decimal digits.
const RATIO_PATTERN: &str = "(-0+(\\.0+)?|0+(\\.(?=[0-9])[0-9]{0,9}0*)?|0*1(\\.0+)?)";

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time with its units from large to small, such as `30d`, \
                            `1h30m` or `200ms`. A day has 24 hours, a week 7 days, a year 365.",
            "anyOf": [
                {"type": "string", "pattern": "^(0|(?=.)([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?\
                                               ([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$"},
                {"type": "integer", "const": 0},
            ],
        })
    }
}

impl Scalar for BurnFactor {
    const EXPECTED: &'static str = "a burn rate such as `14.4`";

    fn read(text: &str) -> Result<Self, Explained> {
        text.parse().map_err(|error: BurnFactorError| Explained {
            message: error.to_string(),
            help: None,
            meant: None,
        })
    }
}

impl<'de> Deserialize<'de> for BurnFactor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl Serialize for BurnFactor {
    /// As a number where that is read as the same factor. A factor with more digits than documents can
    /// hold, such as a third, is rounded to nine.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.decimal();
        match text.parse::<f64>() {
            // Numbers outside of this are written with an exponent, which is not read here.
            Ok(number) if number.to_string() == text && (1e-4..1e15).contains(&number) => {
                serializer.serialize_f64(number)
            }
            _ => serializer.serialize_str(&text),
        }
    }
}

impl JsonSchema for BurnFactor {
    fn schema_name() -> Cow<'static, str> {
        "BurnRate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A burn rate: 1 spends the whole error budget in exactly one window.",
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e9},
                {"type": "string", "pattern":
                    "^(?=.*[1-9])0*[0-9]{1,9}(\\.(?=[0-9])[0-9]{0,9}0*)?$"},
            ],
        })
    }
}

/// A moment as documents write it: RFC 3339 with an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Instant);

impl Scalar for Moment {
    const EXPECTED: &'static str = "an instant such as `2026-05-14T09:20:00Z`";

    fn read(text: &str) -> Result<Self, Explained> {
        parse_instant(text).map(Self).map_err(|message| Explained {
            message,
            help: Some(
                "write it like `2026-05-14T09:20:00Z` or `2026-05-14T09:20:00+02:00`".into(),
            ),
            meant: None,
        })
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.0))
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An instant with its offset, RFC 3339.",
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
        })
    }
}

/// A day of the calendar, in no zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub chrono::NaiveDate);

impl Scalar for Day {
    const EXPECTED: &'static str = "a day such as `2026-05-14`";

    fn read(text: &str) -> Result<Self, Explained> {
        let shaped =
            text.len() == 10 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
        let day =
            shaped.then(|| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
        day.map(Self).ok_or_else(|| Explained {
            message: format!("expected {}, found `{text}`", Self::EXPECTED),
            help: None,
            meant: None,
        })
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%Y-%m-%d"))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A day of the calendar, such as `2026-05-14`.",
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        })
    }
}

impl Scalar for Zone {
    const EXPECTED: &'static str = "a time zone such as `Europe/Berlin`";

    fn read(text: &str) -> Result<Self, Explained> {
        Self::get(text).filter(|zone| zone.name() == text).ok_or_else(|| Explained {
            message: format!("`{text}` is not a time zone of the IANA database"),
            help: Self::closest(text).map(|near| format!("did you mean `{near}`?")),
            meant: None,
        })
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl JsonSchema for Zone {
    fn schema_name() -> Cow<'static, str> {
        "TimeZone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A time zone of the IANA database, such as `Europe/Berlin` or `UTC`.",
            "type": "string",
            "enum": Zone::names(),
        })
    }
}

/// The name of a document, by which others refer to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// The name, if it is one.
    ///
    /// # Errors
    /// What a name must not be.
    pub fn new(text: impl Into<String>) -> Result<Self, &'static str> {
        let text = text.into();
        if text.trim().is_empty() {
            Err("a name cannot be empty")
        } else if text.trim() != text {
            Err("a name cannot begin or end with a space")
        } else if text.chars().any(char::is_control) {
            Err("a name is one line of printable characters")
        } else if text.chars().count() > 253 {
            Err("a name has at most 253 characters")
        } else {
            Ok(Self(text))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A name, best in lower case with dashes: `checkout-availability`.",
            "type": "string",
            "minLength": 1,
            "maxLength": 253,
            "pattern": "^(?!\\s)[^\\x00-\\x1f\\x7f-\\x9f]*[^\\x00-\\x1f\\x7f-\\x9f\\s]$",
        })
    }
}
