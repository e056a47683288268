//! A window that stands there twice.
use crate::{
    domains::slo::{model::Window, resolve, spec::ServiceLevelObjective},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::Document,
        time::{Calendar, CalendarUnit},
    },
};
use chrono::{Datelike as _, Weekday};

pub(super) static RULE: Rule = Rule {
    code: "SLO022",
    name: "windows-repeated",
    level: Level::Warning,
    fixable: false,
    page: include_str!("windows-repeated.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let mut seen: Vec<(Window, Place)> = Vec::new();
    for (written, place) in slo.written_windows().take(WINDOWS) {
        let Some(window) = resolve::window_of(written) else { continue };
        if let Some((_, first)) = seen.iter().find(|(other, _)| same(other, &window)) {
            findings.push(
                Finding::new(&RULE, place, format!("the window `{window}` stands here twice"))
                    .related(*first, "the first time")
                    .help("remove one of the two"),
            );
        } else {
            seen.push((window, place));
        }
    }
}

/// Windows that are looked at: far more than anyone reads, few enough to compare all pairs.
const WINDOWS: usize = 64;

/// Whether two windows always begin and end together.
fn same(one: &Window, other: &Window) -> bool {
    match (one, other) {
        (Window::Rolling(one), Window::Rolling(other)) => one == other,
        (Window::Calendar(one), Window::Calendar(other)) => {
            one.unit == other.unit && one.zone == other.zone && phase(one) == phase(other)
        }
        _ => false,
    }
}

/// With which of the days of its unit a calendar's periods begin: two anchors that are whole periods
/// apart have the same. Without an anchor periods begin on Monday, the 1st, 1 January.
fn phase(calendar: &Calendar) -> (i32, u32) {
    let months = match calendar.unit {
        CalendarUnit::Week => {
            let day = calendar.anchor.map_or(Weekday::Mon, |day| day.weekday());
            return (0, day.num_days_from_monday());
        }
        CalendarUnit::Month => 1,
        CalendarUnit::Quarter => 3,
        CalendarUnit::Year => 12,
    };
    calendar.anchor.map_or((0, 1), |day| {
        let month = i32::try_from(day.month0()).unwrap_or(0);
        (month.rem_euclid(months), day.day())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::Zone;
    use CalendarUnit::{Month, Quarter, Week, Year};

    #[test]
    fn anchors_a_whole_period_apart_say_the_same() {
        let window = |unit, anchor: Option<&str>| {
            let anchor = anchor.map(|day| day.parse().unwrap());
            Window::Calendar(Calendar { unit, zone: Zone::get("UTC").unwrap(), anchor })
        };
        let same = |unit, one, other| same(&window(unit, one), &window(unit, other));
        assert!(same(Week, None, Some("2025-06-02")));
        assert!(!same(Week, None, Some("2025-06-01")));
        assert!(same(Month, Some("2024-02-15"), Some("2026-07-15")));
        assert!(!same(Month, None, Some("2026-07-15")));
        assert!(same(Quarter, Some("2025-02-01"), Some("2025-11-01")));
        assert!(same(Quarter, None, Some("2025-10-01")));
        assert!(!same(Quarter, None, Some("2025-02-01")));
        assert!(same(Year, Some("1999-04-01"), Some("2030-04-01")));
        assert!(!same(Year, None, Some("2025-04-01")));
    }
}
