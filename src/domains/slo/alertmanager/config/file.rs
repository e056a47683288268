//! What the file says, as it is written.
use crate::kernel::{
    spec::{
        Field,
        problem::Explained,
        scalar::{self, Scalar},
    },
    units::Duration,
};
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use std::collections::BTreeMap;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(rename = "global")]
    _global: Option<Ignored>,
    #[serde(rename = "templates")]
    _templates: Option<Ignored>,
    #[serde(rename = "tracing")]
    _tracing: Option<Ignored>,
    /// Read from the tree: what stands in a receiver is not looked at.
    #[serde(rename = "receivers")]
    _receivers: Option<Ignored>,
    pub(super) route: Field<RouteSpec>,
    pub(super) inhibit_rules: List<InhibitionSpec>,
    /// The name that `time_intervals` had up to version 0.23.
    pub(super) mute_time_intervals: List<NamedIntervals>,
    pub(super) time_intervals: List<NamedIntervals>,
}

/// A list that may be missing or have no value.
pub(super) type List<T> = Option<Vec<Field<T>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteSpec {
    pub(super) receiver: Option<Field<Text>>,
    pub(super) group_by: List<Text>,
    pub(super) r#continue: Option<Field<Flag>>,
    pub(super) r#match: Option<Matches>,
    pub(super) match_re: Option<Matches>,
    pub(super) matchers: List<Text>,
    pub(super) group_wait: Option<Field<Duration>>,
    pub(super) group_interval: Option<Field<Duration>>,
    pub(super) repeat_interval: Option<Field<Duration>>,
    pub(super) mute_time_intervals: List<Text>,
    pub(super) active_time_intervals: List<Text>,
    pub(super) routes: List<RouteSpec>,
    #[serde(rename = "labels")]
    _labels: Option<Ignored>,
}

/// Labels with the values that they must have.
pub(super) type Matches = BTreeMap<Text, Option<Field<Text>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InhibitionSpec {
    #[serde(rename = "name")]
    _name: Option<Ignored>,
    pub(super) source_match: Option<Matches>,
    pub(super) source_match_re: Option<Matches>,
    pub(super) source_matchers: List<Text>,
    pub(super) target_match: Option<Matches>,
    pub(super) target_match_re: Option<Matches>,
    pub(super) target_matchers: List<Text>,
    pub(super) equal: List<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedIntervals {
    pub(super) name: Field<Text>,
    pub(super) time_intervals: List<IntervalSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IntervalSpec {
    pub(super) times: List<TimesSpec>,
    pub(super) weekdays: List<Text>,
    pub(super) days_of_month: List<Text>,
    pub(super) months: List<Text>,
    pub(super) years: List<Text>,
    pub(super) location: Option<Field<Text>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimesSpec {
    pub(super) start_time: Field<Text>,
    pub(super) end_time: Field<Text>,
}

/// A value that is not looked at.
pub(super) struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Self)
    }
}

/// A text; what looks like a number or a truth value is one too, as in Alertmanager.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text(pub(super) String);

impl Scalar for Text {
    const EXPECTED: &'static str = "text";

    fn read(text: &str) -> Result<Self, Explained> {
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::deserialize(deserializer)
    }
}

/// A truth value in the words of YAML 1.1, which Alertmanager reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

impl Scalar for Flag {
    const EXPECTED: &'static str = "`true` or `false`";

    fn read(text: &str) -> Result<Self, Explained> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Ok(Self(true)),
            "false" | "no" | "off" | "n" => Ok(Self(false)),
            _ => Err(Explained {
                message: format!("expected {}, found `{text}`", Self::EXPECTED),
                help: None,
                meant: None,
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::deserialize(deserializer)
    }
}
