//! Windows of objectives, as users write them.
use crate::kernel::{
    spec::{Day, Either, Field},
    time::{CalendarUnit, Zone},
    units::Duration,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A window: the length of a rolling one, or a calendar period.
pub type WindowSpec = Either<Duration, CalendarWindow>;

/// A window that begins with a calendar period and ends with it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarWindow {
    /// The period.
    pub calendar: Field<CalendarUnit>,
    /// The zone in whose calendar it begins: there is no month without a place.
    pub time_zone: Field<Zone>,
    /// A day on which some period begins, where it is not the usual one: `2026-01-15` for months from
    /// the 15th, `2025-04-01` for years from April.
    pub anchor: Option<Field<Day>>,
}
