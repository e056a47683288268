//! Turns pass from one to the next on a holiday.
use crate::{
    domains::oncall::{people::People, resolve, spec::Rotation},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
        time::Period,
    },
};
use chrono::TimeDelta;

pub(super) static RULE: Rule = Rule {
    code: "ONC016",
    name: "handoff-on-holiday",
    level: Level::Note,
    fixable: false,
    page: include_str!("handoff-on-holiday.md"),
    check: Check::Document(check),
};

/// How far ahead to look.
const AHEAD: TimeDelta = TimeDelta::days(365);

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let spec = document.spec::<Rotation>();
    let Some(rotation) = spec.filter(|it| it.layers.is_empty() && it.handoff_on_holiday.is_none())
    else {
        return;
    };
    let people = People::of(context.catalog);
    let Ok(resolved) = resolve::resolve(context.catalog, document, rotation) else { return };
    let Some(layer) = resolved.primary.schedule.layers.first() else { return };
    // Turns of a day or less pass on every day of the year.
    if layer.handoffs.rhythm.nominal_minutes() < 2 * 24 * 60 {
        return;
    }
    let period = Period { from: context.now, to: context.now + AHEAD };
    let shifts = layer.shifts(period);
    let found = shifts.iter().find(|shift| {
        let day = resolved.zone.local(shift.period.from).date_naive();
        let begins = shift.period.from > period.from;
        begins && people.home(&shift.person, &resolved.zone).holidays.contains(&day)
    });
    let Some(shift) = found else { return };
    let day = resolved.zone.local(shift.period.from).format("%Y-%m-%d");
    let message = format!("`{}` takes over on {day}, a holiday of theirs", shift.person);
    let place = rotation.handoff_day.as_ref().map_or(document.name_place(), Field::place);
    findings.push(
        Finding::new(&RULE, place, message).help(
            "let handoffs move: `handoff_on_holiday: {to: next_business_day, calendars: […]}`",
        ),
    );
}
