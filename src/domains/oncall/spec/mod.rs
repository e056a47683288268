//! What users write about being on call.
mod escalation_policy;
mod holiday_calendar;
mod rotation;
mod scalars;
mod team;

pub use escalation_policy::{
    ContactSpec, EscalationPolicy, RepeatSpec, ResponseTime, Role, StepSpec,
};
pub use holiday_calendar::{Holiday, HolidayCalendar};
pub use rotation::{
    Advance, Applies, Clock, CoverageSpec, DstGap, ExpectSpec, FollowSpec, Group, HandoffSpec,
    HolidayHandoff, LayerSpec, LimitsSpec, MemberSpec, Moving, NOBODY, NeverSpec, OverrideSpec,
    RosterSpec, Rotation, RotationType, SpanSpec, SwapSpec, TemporaryShift, TemporarySpec,
};
pub use scalars::{DayOfWeek, LocalTime, TimeOfDay};
pub use team::{Absence, Person, Team};

use crate::kernel::spec::Kind;

/// The kinds, in the order in which they are listed.
pub static KINDS: [&Kind; 4] = [&ROTATION, &ESCALATION_POLICY, &TEAM, &HOLIDAY_CALENDAR];

/// The kind `Rotation`.
pub static ROTATION: Kind = Kind::of::<Rotation>(
    "who is on call, and when it passes from one to the next",
    include_str!("rotation.yaml"),
)
.also_called(&["OnCallSchedule"]);

/// The kind `EscalationPolicy`.
pub static ESCALATION_POLICY: Kind = Kind::of::<EscalationPolicy>(
    "who is told of a page, and who when nobody answers",
    include_str!("escalation_policy.yaml"),
);

/// The kind `Team`.
pub static TEAM: Kind = Kind::of::<Team>(
    "people who answer for something together: their zones, holidays and absences",
    include_str!("team.yaml"),
);

/// The kind `HolidayCalendar`.
pub static HOLIDAY_CALENDAR: Kind = Kind::of::<HolidayCalendar>(
    "days on which nobody works, by name",
    include_str!("holiday_calendar.yaml"),
)
.used_by_reference();
