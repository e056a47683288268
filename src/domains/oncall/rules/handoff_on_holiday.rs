//! Turns pass from one to the next on a holiday.
use crate::{
    domains::oncall::people::People,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ONC016",
    name: "handoff-on-holiday",
    level: Level::Note,
    fixable: false,
    page: include_str!("handoff-on-holiday.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(resolved) = super::rotation_of(context, document) else { return };
    let rotation = resolved.spec;
    if rotation.handoff_on_holiday.is_some() {
        return;
    }
    let people = People::of(context.catalog);
    let Some(layer) = resolved.primary.schedule.layers.first() else { return };
    // Turns of a day or less pass on every day of the year.
    if layer.handoffs.rhythm.nominal_minutes() < 2 * 24 * 60 {
        return;
    }
    let period = super::year_ahead(context);
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
