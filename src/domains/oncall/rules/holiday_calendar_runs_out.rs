//! A calendar that is in use has no more days.
use crate::{
    domains::oncall::spec::HolidayCalendar,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, values},
    },
};
use chrono::TimeDelta;

pub(super) static RULE: Rule = Rule {
    code: "ONC022",
    name: "holiday-calendar-runs-out",
    level: Level::Warning,
    fixable: false,
    page: include_str!("holiday-calendar-runs-out.md"),
    check: Check::Document(check),
};

/// How far ahead a calendar is to know its days.
const AHEAD: TimeDelta = TimeDelta::days(60);

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(calendar) = document.spec::<HolidayCalendar>() else { return };
    let Some((days, place)) = calendar.days.pair() else { return };
    let last = values(days).filter_map(|day| Some(day.date.get()?.0)).max();
    let needed = (context.now + AHEAD).date_naive();
    let used =
        context.catalog.id(document).is_some_and(|id| !context.catalog.referrers(id).is_empty());
    if !used || last.is_some_and(|last| last >= needed) {
        return;
    }
    let message = match last {
        Some(last) => format!("the last day of this calendar is {last}"),
        None => "this calendar has no days".to_owned(),
    };
    findings.push(
        Finding::new(&RULE, place, message)
            .help("add the holidays of the next year: from then on none is known"),
    );
}
