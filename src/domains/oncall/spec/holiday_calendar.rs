//! The kind `HolidayCalendar`.
use crate::{
    kernel::spec::{Day, Field, Spec},
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Days on which nobody works.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HolidayCalendar {
    /// The days.
    pub days: Field<Vec<Field<Holiday>>>,
}

/// One of them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Which day.
    pub date: Field<Day>,
    /// What it is called.
    pub name: Option<Field<String>>,
}

reference_target!(HolidayCalendar, "HolidayCalendar");

impl Spec for HolidayCalendar {}
