//! The kind `ToilLog`.
use crate::{
    domains::oncall::spec::Team,
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{
            Alternatives, Count, Day, Field, Name, Ref, Spec, Spelling, Unit,
            problem::Explained,
            scalar::{self, Scalar},
        },
        units::{Duration, Ratio},
    },
    reference_target,
};
use chrono::{Datelike as _, NaiveDate};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// Work by hand that comes again and again.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToilLog {
    /// The team that does it; each of its members works the hours of `work_week`.
    pub team: Option<Field<Ref<Team>>>,
    /// The largest share of working hours that toil may take; 50% unless said.
    pub cap: Option<Field<Ratio>>,
    /// How long a person works in a week; 40h unless said.
    pub work_week: Option<Field<Duration>>,
    /// What is known of the tasks.
    #[serde(default)]
    pub tasks: Vec<Field<TaskSpec>>,
    /// What was done.
    #[serde(default)]
    pub entries: Vec<Field<ToilEntry>>,
}

/// A task.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskSpec {
    /// What it is called in entries.
    pub name: Field<Name>,
    /// The runbook that says how it is done: runs of it are counted as this task.
    pub runbook: Option<Field<String>>,
    /// How long it takes once, where an entry does not say.
    pub each: Option<Field<Duration>>,
    /// What it would take to automate it.
    pub automation: Option<Field<Automation>>,
}

/// What it would take to automate a task.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Automation {
    /// The working time to build it.
    pub effort: Field<Duration>,
    /// The share of the task that would be left over; nothing unless said.
    pub leaves: Option<Field<Ratio>>,
    /// The working time that it takes to keep it running, each month; none unless said.
    pub upkeep: Option<Field<Duration>>,
}

/// Something that was done by hand.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct ToilEntry {
    /// The task.
    pub task: Field<Name>,
    /// The day on which it was done.
    pub on: Option<Field<Day>>,
    /// The month in which it was done.
    pub month: Option<Field<Month>>,
    /// Who did it; the team unless said.
    pub by: Option<Field<Name>>,
    /// How often; once unless said.
    pub count: Option<Field<u32>>,
    /// How long each time; what the task says unless said.
    pub each: Option<Field<Duration>>,
    /// What there is to say of it.
    pub note: Option<Field<String>>,
}

/// When it was done.
const WHEN: Alternatives = Alternatives { fields: &["on", "month"], count: Count::ExactlyOne };

fn constrain(schema: &mut Schema) {
    WHEN.constrain(schema);
}

/// A month of the calendar: `2026-10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// Its first day.
    first: NaiveDate,
}

impl Month {
    /// The month of a day.
    pub fn of(day: NaiveDate) -> Self {
        Self { first: day.with_day(1).unwrap_or(day) }
    }

    /// Its first day.
    pub fn first(self) -> NaiveDate {
        self.first
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self { first: self.first.checked_add_months(chrono::Months::new(1)).unwrap_or(self.first) }
    }

    /// Its last day.
    pub fn last(self) -> NaiveDate {
        self.next().first.pred_opt().unwrap_or(self.first)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.format("%Y-%m"))
    }
}

impl Scalar for Month {
    const EXPECTED: &'static str = "a month such as `2026-10`";

    fn read(text: &str) -> Result<Self, Explained> {
        let shaped =
            text.len() == 7 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
        let first = shaped
            .then(|| NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok())
            .flatten();
        first.map(|first| Self { first }).ok_or_else(|| Explained {
            message: format!("expected {}, found `{text}`", Self::EXPECTED),
            help: None,
            meant: None,
        })
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::deserialize(deserializer)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Month {
    fn schema_name() -> Cow<'static, str> {
        "Month".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A month of the calendar, such as `2026-10`.",
            "type": "string",
            "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$",
        })
    }
}

reference_target!(ToilLog, "ToilLog");

impl Spec for ToilLog {
    const SPELLINGS: &'static [Spelling] = &[Spelling {
        path: &["spec", "entries", "*"],
        old: "minutes",
        new: "each",
        unit: Unit::Minutes,
    }];

    fn check(&self, _: Place, findings: &mut Vec<Finding>) {
        for (entry, place) in self.entries.iter().filter_map(Field::pair) {
            let fields = [
                entry.on.as_ref().map(|field| ("on", field.place())),
                entry.month.as_ref().map(|field| ("month", field.place())),
            ];
            WHEN.check(&fields, place, findings);
        }
    }
}
