//! What may be wrong with rotations.
use super::{
    escalate::{self, ResolvedEscalation},
    resolve::{self, ResolvedRotation},
    spec::{EscalationPolicy, Rotation},
};
use crate::kernel::{
    diagnostic::{
        Finding, Rule,
        rule::{Context, resolving_rule},
    },
    spec::Document,
    time::{Period, Zone},
    units::Instant,
};
use chrono::TimeDelta;

mod double_booked;
mod escalation_to_gap;
mod handoff_in_clock_change;
mod handoff_on_holiday;
mod holiday_calendar_runs_out;
mod month_end_handoff;
mod on_call_while_away;
mod overlapping_overrides;
mod override_without_effect;
mod response_time_not_kept;
mod rotation_of_one;
mod seasonal_gap;
mod secondary_meets_primary;
mod swap_not_approved;
mod too_few_people;
mod unknown_person;

/// All of them.
pub static RULES: &[&Rule] = &[
    &ROTATION_WITHOUT_START,
    &UNCLEAR_LOCAL_TIME,
    &REVERSED_PERIOD,
    &ROSTER_ORDER,
    &ROTATION_SHAPE,
    &ESCALATION_ORDER,
    &ESCALATION_WITHOUT_ANYONE,
    &handoff_in_clock_change::RULE,
    &override_without_effect::RULE,
    &rotation_of_one::RULE,
    &unknown_person::RULE,
    &double_booked::RULE,
    &on_call_while_away::RULE,
    &secondary_meets_primary::RULE,
    &seasonal_gap::RULE,
    &handoff_on_holiday::RULE,
    &too_few_people::RULE,
    &escalation_to_gap::RULE,
    &swap_not_approved::RULE,
    &overlapping_overrides::RULE,
    &month_end_handoff::RULE,
    &holiday_calendar_runs_out::RULE,
    &response_time_not_kept::RULE,
];

resolving_rule!(
    ROTATION_WITHOUT_START,
    "ONC001",
    "rotation-without-start",
    Warning,
    without_start,
    "Nobody can say whose turn it is."
);
resolving_rule!(
    UNCLEAR_LOCAL_TIME,
    "ONC002",
    "unclear-local-time",
    Error,
    unclear,
    "A civil time is no instant, or two."
);
resolving_rule!(
    REVERSED_PERIOD,
    "ONC003",
    "reversed-period",
    Error,
    reversed,
    "A stretch of time ends before it begins."
);
resolving_rule!(
    ROSTER_ORDER,
    "ONC004",
    "roster-order",
    Error,
    roster,
    "Rosters are not in their order."
);
resolving_rule!(
    ROTATION_SHAPE,
    "ONC005",
    "rotation-shape",
    Error,
    shape,
    "Fields of a rotation contradict each other."
);

resolving_rule!(
    ESCALATION_ORDER,
    "ONC009",
    "escalation-order",
    Error,
    escalation_order,
    "Steps of an escalation are not in the order of time."
);
resolving_rule!(
    ESCALATION_WITHOUT_ANYONE,
    "ONC010",
    "escalation-without-anyone",
    Error,
    escalation_without_anyone,
    "A step of an escalation tells nobody."
);

/// A rotation that can be resolved; what cannot is told by other rules.
fn rotation_of<'a>(context: &Context<'a>, document: &'a Document) -> Option<ResolvedRotation<'a>> {
    resolve::resolve(context.catalog, document, document.spec()?).ok()
}

/// An escalation policy that can be resolved.
fn policy_of<'a>(context: &Context<'a>, document: &'a Document) -> Option<ResolvedEscalation<'a>> {
    escalate::resolve(context.catalog, document, document.spec()?).ok()
}

/// How far ahead what will go wrong is looked for.
fn year_ahead(context: &Context<'_>) -> Period {
    Period { from: context.now, to: context.now + TimeDelta::days(365) }
}

/// An instant as clocks show it: `2026-12-20 00:00 Europe/London`.
fn clock(zone: &Zone, at: Instant) -> String {
    format!("{} {zone}", zone.local(at).format("%Y-%m-%d %H:%M"))
}

/// Findings of a rule among those of resolving a rotation or an escalation.
fn found(rule: &Rule, context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let wrong = if let Some(rotation) = document.spec::<Rotation>() {
        resolve::resolve(context.catalog, document, rotation).err()
    } else if let Some(policy) = document.spec::<EscalationPolicy>().filter(|_| {
        // What is wrong with a rotation that it names is told where that stands.
        [ESCALATION_ORDER.code, ESCALATION_WITHOUT_ANYONE.code].contains(&rule.code)
    }) {
        escalate::resolve(context.catalog, document, policy).err()
    } else {
        None
    };
    if let Some(wrong) = wrong {
        findings.extend(wrong.into_iter().filter(|finding| finding.rule.code == rule.code));
    }
}
