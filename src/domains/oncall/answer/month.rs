//! Months as people draw them: a week a row.
use crate::{
    domains::oncall::{
        engine::{Shift, schedule::gaps},
        people::People,
    },
    kernel::{
        report::Block,
        time::{Period, Zone},
        units::Instant,
    },
};
use chrono::{Datelike as _, Days, NaiveDate, Timelike as _};
use std::fmt::Write as _;

/// Characters of a day: seven of them fit 80 columns.
const WIDTH: usize = 11;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The days of a zone that have a part in a period, all of each.
pub(super) fn whole_days(period: Period, zone: &Zone) -> Period {
    let day = |at: Instant| zone.local(at).date_naive();
    let after = day(period.to - chrono::TimeDelta::seconds(1)).succ_opt();
    Period {
        from: zone.first_instant_of_day(day(period.from)),
        to: after.map_or(period.to, |after| zone.first_instant_of_day(after)),
    }
}

/// The months of a period: on each day its number and who is on call when it begins, below that who
/// takes over in its course, and when.
pub(super) fn draw(
    heading: &str,
    shifts: &[Shift],
    people: &People,
    period: Period,
    zone: &Zone,
) -> Vec<Block> {
    let last = period.to - chrono::TimeDelta::seconds(1);
    let (first, last) = (zone.local(period.from).date_naive(), zone.local(last).date_naive());
    let open = gaps(shifts, period);
    let mut month = first.with_day(1).unwrap_or(first);
    let mut text = String::new();
    while month <= last {
        let title = month.format("%B %Y").to_string();
        let room = (7 * WIDTH).saturating_sub(heading.chars().count() + title.chars().count());
        let _ = writeln!(text, "{heading}{}{title}", " ".repeat(room.max(2)));
        let names: String = DAYS.map(|day| cell(&format!(" {day}"))).concat();
        let _ = writeln!(text, "{}", names.trim_end());
        let monday = month
            .checked_sub_days(Days::new(month.weekday().num_days_from_monday().into()))
            .unwrap_or(month);
        let mut week = monday;
        while week.month() == month.month() && week.year() == month.year() || week < month {
            let days: Vec<Option<NaiveDate>> = week
                .iter_days()
                .take(7)
                .map(|day| {
                    let here = day.month() == month.month() && (first..=last).contains(&day);
                    here.then_some(day)
                })
                .collect();
            let changes: Vec<Vec<String>> = days
                .iter()
                .map(|day| {
                    day.map(|day| in_course(day, shifts, &open, people, zone)).unwrap_or_default()
                })
                .collect();
            let heads: String = days
                .iter()
                .map(|day| match day {
                    Some(day) => {
                        cell(&format!("{:>2} {}", day.day(), beginning(*day, shifts, people, zone)))
                    }
                    None => cell(""),
                })
                .collect();
            if days.iter().any(Option::is_some) {
                let _ = writeln!(text, "{}", heads.trim_end());
                for line in 0..changes.iter().map(Vec::len).max().unwrap_or(0) {
                    let line: String = changes
                        .iter()
                        .map(|day| cell(day.get(line).map_or("", String::as_str)))
                        .collect();
                    let _ = writeln!(text, "{}", line.trim_end());
                }
            }
            match week.checked_add_days(Days::new(7)) {
                Some(next) => week = next,
                None => break,
            }
        }
        text.push('\n');
        match month.checked_add_months(chrono::Months::new(1)) {
            Some(next) => month = next,
            None => break,
        }
    }
    vec![Block::code("text", text.trim_end())]
}

/// A text in the width of a day, and a space behind it.
fn cell(text: &str) -> String {
    let room = WIDTH - 1;
    let length = text.chars().count();
    let text = if length > room {
        let cut: String = text.chars().take(room - 1).collect();
        format!("{cut}…")
    } else {
        text.to_owned()
    };
    format!("{text:<WIDTH$}")
}

/// Who is on call at an instant.
fn on_call(at: Instant, shifts: &[Shift], people: &People) -> String {
    let names: Vec<&str> = shifts
        .iter()
        .filter(|shift| shift.period.contains(at))
        .map(|shift| people.shown(&shift.person))
        .collect();
    if names.is_empty() { "-".to_owned() } else { names.join("+") }
}

fn beginning(day: NaiveDate, shifts: &[Shift], people: &People, zone: &Zone) -> String {
    on_call(zone.first_instant_of_day(day), shifts, people)
}

/// Who takes over in the course of a day.
fn in_course(
    day: NaiveDate,
    shifts: &[Shift],
    open: &[Period],
    people: &People,
    zone: &Zone,
) -> Vec<String> {
    let begin = zone.first_instant_of_day(day);
    let end = day.succ_opt().map_or(begin, |next| zone.first_instant_of_day(next));
    let starts = shifts.iter().map(|shift| shift.period.from);
    let mut changes: Vec<Instant> = starts
        .chain(open.iter().map(|gap| gap.from))
        .filter(|at| begin < *at && *at < end)
        .collect();
    changes.sort_unstable();
    changes.dedup();
    let told = |at: &Instant| {
        let local = zone.local(*at);
        // Most handoffs are at a full hour, and names need the room.
        let form = if local.minute() == 0 { "%Hh" } else { "%H:%M" };
        format!("{} {}", local.format(form), on_call(*at, shifts, people))
    };
    changes.iter().map(told).collect()
}
