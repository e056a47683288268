//! The kind `Rotation`.
use super::{DayOfWeek, HolidayCalendar, LocalTime, Role, TimeOfDay};
use crate::{
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{
            Alternatives, Count, Day, Either, Field, Name, Ref, Spec, Spelling, Unit, problem,
            rules as reading,
        },
        time::Zone,
        units::{Duration, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who is on call, and when it passes from one to the next.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct Rotation {
    /// Whose clocks handoffs, hours and times without an offset go by.
    pub time_zone: Field<Zone>,
    /// How long a turn is.
    pub rotation_type: Option<Field<RotationType>>,
    /// How many hours, days, weeks or months a turn has; 1 unless said.
    pub every: Option<Field<u16>>,
    /// The day of the week on which turns begin.
    pub handoff_day: Option<Field<DayOfWeek>>,
    /// The time of day at which turns begin; midnight unless said.
    pub handoff_time: Option<Field<TimeOfDay>>,
    /// Several handoffs in each week, instead of `handoff_day` and `handoff_time`: turns of unequal length.
    #[serde(default)]
    pub handoffs: Vec<Field<HandoffSpec>>,
    /// The anchor: the first turn begins at the first handoff on this day or later. Whose turn it is counts
    /// from there.
    pub start: Option<Field<Day>>,
    /// When it ends.
    pub until: Option<Field<LocalTime>>,
    /// Whether turns of hours go by the clock on the wall or by elapsed time; by the wall where they divide
    /// a day, unless said.
    pub clock: Option<Field<Clock>>,
    /// When a handoff is at a time over which clocks are put forward; `rfc5545` unless said.
    pub dst_gap: Option<Field<DstGap>>,
    /// Whether turns in which nobody is on call, by `coverage`, count; `calendar`, which counts them, unless said.
    pub advance: Option<Field<Advance>>,
    /// Who takes turns, in this order.
    #[serde(default)]
    pub members: Vec<Field<MemberSpec>>,
    /// Who takes turns from when on, instead of `members`.
    #[serde(default)]
    pub rosters: Vec<Field<RosterSpec>>,
    /// The hours of the week in which somebody is on call; all of them unless said.
    #[serde(default)]
    pub coverage: Vec<Field<CoverageSpec>>,
    /// What becomes of handoffs on holidays; they stay unless said.
    pub handoff_on_holiday: Option<Field<HolidayHandoff>>,
    /// Several rotations as one, instead of turns of its own.
    #[serde(default)]
    pub layers: Vec<Field<LayerSpec>>,
    /// Who is called when the primary does not answer: somebody of the same roster, whose turn is another.
    pub secondary: Option<Field<FollowSpec>>,
    /// Changes of who is on call; the later in the list counts.
    #[serde(default)]
    pub overrides: Vec<Field<OverrideSpec>>,
    /// Times that two people have exchanged; they count behind overrides, and once they are approved.
    #[serde(default)]
    pub swaps: Vec<Field<SwapSpec>>,
    /// Stretches of time with a schedule of their own, which counts before everything else.
    #[serde(default)]
    pub temporary: Vec<Field<TemporarySpec>>,
    /// What nobody's load may exceed in the year ahead.
    pub limits: Option<Field<LimitsSpec>>,
    /// Hours in which somebody must never be on call.
    #[serde(default)]
    pub never: Vec<Field<NeverSpec>>,
    /// Who is to be on call when: tests, which `sre test` runs.
    #[serde(default)]
    pub expect: Vec<Field<ExpectSpec>>,
}

/// How long a turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RotationType {
    /// Hours.
    Hourly,
    /// Days.
    Daily,
    /// Weeks.
    Weekly,
    /// Two weeks.
    #[serde(alias = "bi-weekly", alias = "bi_weekly", alias = "fortnightly")]
    Biweekly,
    /// Months; on the last day of those that have no such day.
    Monthly,
}

/// What a turn of hours goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The clock on the wall.
    Civil,
    /// Elapsed time.
    Elapsed,
}

/// When a handoff is at a time that clocks do not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DstGap {
    /// Later by as much as clocks are put forward, as calendars show it (RFC 5545, section 3.3.5).
    Rfc5545,
    /// When clocks are put forward.
    After,
}

/// Which turns count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Advance {
    /// Every turn.
    Calendar,
    /// Turns in which somebody is on call.
    Active,
}

/// A handoff in the week.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandoffSpec {
    /// The day of the week.
    pub day: Field<DayOfWeek>,
    /// The time of day.
    pub time: Field<TimeOfDay>,
}

/// Who takes a turn: a name, `nobody`, or several who take it together.
pub type MemberSpec = Either<Name, Group>;

/// The name that stands for nobody.
pub const NOBODY: &str = "nobody";

/// Several people who take a turn together.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Who.
    pub together: Field<Vec<Field<Name>>>,
}

/// Who takes turns from some day on.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RosterSpec {
    /// From when on.
    pub effective_from: Field<LocalTime>,
    /// Who, in this order.
    pub members: Field<Vec<Field<MemberSpec>>>,
    /// When it takes effect; at the next handoff unless said.
    pub apply: Option<Field<Applies>>,
}

/// When a change of the roster takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Applies {
    /// At the first handoff that is not earlier: nobody loses a turn that has begun.
    NextHandoff,
    /// At once: whoever is not in the roster any more hands over.
    Immediately,
}

/// Hours of some days of the week.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageSpec {
    /// The days; all of them unless said.
    #[serde(default)]
    pub days: Vec<Field<DayOfWeek>>,
    /// When it begins.
    pub from: Field<TimeOfDay>,
    /// When it ends: on the day after where that is not later than `from`.
    pub to: Field<TimeOfDay>,
    /// Calendars on whose days it does not begin.
    #[serde(default)]
    pub except: Vec<Field<Ref<HolidayCalendar>>>,
}

/// What becomes of handoffs on holidays.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HolidayHandoff {
    /// Where they go.
    pub to: Field<Moving>,
    /// The holidays.
    pub calendars: Field<Vec<Field<Ref<HolidayCalendar>>>>,
}

/// Where a handoff on a holiday goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Moving {
    /// To the next day that is neither a holiday nor on a weekend.
    NextBusinessDay,
    /// To the one before.
    PreviousBusinessDay,
}

/// One of several rotations that are one.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerSpec {
    /// What it is called; else its rotation's name.
    pub name: Option<Field<String>>,
    /// Where several are on call those of the highest priority count, and all of them where that is the same;
    /// 0 unless said.
    pub priority: Option<Field<i16>>,
    /// The rotation, by name or in place.
    pub rotation: Field<Either<Ref<Rotation>, Rotation>>,
}

/// Somebody of the same roster.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowSpec {
    /// Whose turn was so many turns before (−1) or comes so many after (1).
    pub offset: Field<i16>,
}

/// A change of who is on call.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideSpec {
    /// Who is; `nobody` for a gap.
    pub user: Field<Name>,
    /// Whom they replace; everybody who is on call unless said.
    pub replaces: Option<Field<Name>>,
    /// In which role; `primary` unless said.
    pub role: Option<Field<Role>>,
    /// From when on.
    pub start: Field<LocalTime>,
    /// Until when.
    pub end: Field<LocalTime>,
    /// Why.
    pub reason: Option<Field<String>>,
}

/// Times that two people have exchanged: each takes what the other has in theirs.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwapSpec {
    /// Who asked for it, and is on call in `gives`.
    pub user: Field<Name>,
    /// Who takes that over.
    pub with: Field<Name>,
    /// What `user` gives away.
    pub gives: Field<SpanSpec>,
    /// What `user` takes from `with` in exchange; nothing unless said.
    pub takes: Option<Field<SpanSpec>>,
    /// Who has approved it: anybody but `user`. Until then nothing changes.
    pub approved_by: Option<Field<Name>>,
    /// Why.
    pub reason: Option<Field<String>>,
}

/// A stretch of time.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpanSpec {
    /// From when on.
    pub start: Field<LocalTime>,
    /// Until when.
    pub end: Field<LocalTime>,
}

/// What nobody's load may exceed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsSpec {
    /// The longest time without a break.
    pub max_consecutive: Option<Field<Duration>>,
    /// The shortest time between two times on call.
    pub min_rest: Option<Field<Duration>>,
    /// The greatest share of all time.
    pub max_share: Option<Field<Ratio>>,
    /// The most nights (22:00 to 06:00 where the person sleeps) in a calendar month.
    pub max_nights_per_month: Option<Field<u8>>,
}

/// Hours in which somebody must never be on call.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeverSpec {
    /// Who; everybody unless said.
    pub user: Option<Field<Name>>,
    /// The days; all of them unless said.
    #[serde(default)]
    pub days: Vec<Field<DayOfWeek>>,
    /// From which time of day on; from midnight unless said.
    pub from: Option<Field<TimeOfDay>>,
    /// Until which time of day, on the day after where that is not later than `from`.
    pub to: Option<Field<TimeOfDay>>,
    /// Only on the days of these calendars.
    #[serde(default)]
    pub holidays: Vec<Field<Ref<HolidayCalendar>>>,
}

/// Who is to be on call at an instant.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = expects_something)]
pub struct ExpectSpec {
    /// When.
    pub at: Field<LocalTime>,
    /// Who is to be called first; `nobody` for a gap.
    pub primary: Option<Field<Name>>,
    /// Who is to be called when they do not answer.
    pub secondary: Option<Field<Name>>,
}

/// A stretch of time with a schedule of its own.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemporarySpec {
    /// From when on.
    pub start: Field<LocalTime>,
    /// Until when.
    pub end: Field<LocalTime>,
    /// Who is on call then; nobody besides.
    #[serde(default)]
    pub shifts: Vec<Field<TemporaryShift>>,
}

/// Somebody is on call for a stretch of time.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemporaryShift {
    /// Who.
    pub user: Field<Name>,
    /// From when on.
    pub start: Field<LocalTime>,
    /// Until when.
    pub end: Field<LocalTime>,
}

reference_target!(Rotation, "Rotation");

/// Who takes turns.
const PEOPLE: Alternatives =
    Alternatives { fields: &["members", "rosters", "layers"], count: Count::ExactlyOne };
/// When they do.
const HANDOFFS: Alternatives =
    Alternatives { fields: &["handoffs", "handoff_day"], count: Count::AtMostOne };

/// Whom a test expects.
const EXPECTED: [&str; 2] = ["primary", "secondary"];

fn constrain(schema: &mut schemars::Schema) {
    PEOPLE.constrain_lists(schema);
    let both = serde_json::json!({
        "required": HANDOFFS.fields,
        "properties": {
            "handoffs": {"not": {"type": "null"}, "minItems": 1},
            "handoff_day": {"not": {"type": "null"}},
        },
    });
    schema.insert("not".to_owned(), both);
}

fn expects_something(schema: &mut schemars::Schema) {
    let present = |field: &str| serde_json::json!({"required": [field], "properties": {field: {"not": {"type": "null"}}}});
    schema.insert("anyOf".to_owned(), EXPECTED.map(present).to_vec().into());
}

impl Spec for Rotation {
    const SPELLINGS: &'static [Spelling] =
        &[Spelling { path: &["spec"], old: "handoff_hour", new: "handoff_time", unit: Unit::Same }];

    fn check(&self, place: Place, findings: &mut Vec<Finding>) {
        let first = |place: Option<Place>, name: &'static str| place.map(|place| (name, place));
        let people = [
            first(self.members.first().map(Field::place), "members"),
            first(self.rosters.first().map(Field::place), "rosters"),
            first(self.layers.first().map(Field::place), "layers"),
        ];
        PEOPLE.check(&people, place, findings);
        let handoffs = [
            first(self.handoffs.first().map(Field::place), "handoffs"),
            first(self.handoff_day.as_ref().map(Field::place), "handoff_day"),
        ];
        HANDOFFS.check(&handoffs, place, findings);
        for (expect, place) in self.expect.iter().filter_map(Field::pair) {
            if expect.primary.is_none() && expect.secondary.is_none() {
                let message = format!("expected one of {}", problem::one_of(&EXPECTED));
                findings.push(Finding::new(&reading::MISSING_FIELD, place, message));
            }
        }
        for layer in self.layers.iter().filter_map(Field::get) {
            if let Some((rotation, place)) = layer.rotation.pair()
                && let Some(inline) = rotation.mapping()
            {
                inline.check(place, findings);
            }
        }
    }
}
