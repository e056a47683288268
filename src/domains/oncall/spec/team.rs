//! The kind `Team`.
use super::HolidayCalendar;
use crate::{
    kernel::{
        spec::{Day, Field, Name, Ref, Spec},
        time::Zone,
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// People who answer for something together.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Who belongs to it.
    pub members: Field<Vec<Field<Person>>>,
}

/// One of them. A person has one entry in a catalog, in whichever team.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name by which rotations know the person.
    pub name: Field<Name>,
    /// What the person is called in tables and calendars.
    pub display_name: Option<Field<String>>,
    /// How to reach the person: an address or a handle, no secret. Calendars do not carry it.
    pub contact: Option<Field<String>>,
    /// The zone in which the person sleeps; that of the rotation unless said.
    pub time_zone: Option<Field<Zone>>,
    /// The holidays of the person.
    #[serde(default)]
    pub holidays: Vec<Field<Ref<HolidayCalendar>>>,
    /// When the person cannot be on call.
    #[serde(default)]
    pub unavailable: Vec<Field<Absence>>,
}

/// Days on which somebody cannot be on call, by the clocks of their zone.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The first day.
    pub from: Field<Day>,
    /// The last day.
    pub through: Field<Day>,
    /// Why.
    pub reason: Option<Field<String>>,
}

reference_target!(Team, "Team");

impl Spec for Team {}
