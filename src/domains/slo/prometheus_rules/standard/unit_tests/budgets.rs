//! What is left of budgets: courses whose bad events are counted here, and what the rules then say.
use super::{EVERY, Test, Watched, course::Course, firing_of, inputs::Input, of_course, times};
use crate::{
    domains::slo::{
        model::{Budgeting, Window},
        prometheus_rules::{
            names::{
                BUDGET_REMAINING, CURRENT_BURN_RATE, ERROR_BUDGET, ERROR_RATIO, INFO, OBJECTIVE,
                PERIOD_BURN_RATE, PERIOD_DAYS, WINDOW_BURN_RATE, WINDOW_REMAINING,
            },
            standard::{
                BASE, Subject, alerts::EXHAUSTED, calendar, decimal, period::FURTHER_WINDOW,
            },
        },
        resolve::ResolvedObjective,
    },
    kernel::{
        time::Calendar,
        units::{Duration, Instant},
    },
};
use chrono::DateTime;

/// Events per step.
const RATE: f64 = 1e6;
/// How far a number may be off: what a counter's digits leave over.
const TOLERANCE: f64 = 0.002;
/// More evaluations than this are not worth a test.
const MOST: u64 = 1000;

/// Tests of the budgets of an objective, each with how often rules have to be evaluated in it: for each
/// window one, and one more where a window is added up from hours.
pub(super) fn tests(
    subject: &Subject<'_>,
    inputs: &[Input],
    watched: &Watched,
    untested: &mut Vec<String>,
) -> Vec<(Duration, Test)> {
    let mut tests = Vec::new();
    for window in subject.windows {
        let spoken = spoken(&window.window);
        let made = match (&window.window, subject.objective.budgeting.slice()) {
            (Window::Rolling(length), None) => {
                let every = if subject.adds_hours(*length) { EVERY } else { BASE };
                rolling(subject, window, *length, every).map(|made| (every, made))
            }
            (Window::Rolling(length), Some(slice)) => {
                sliced(subject, window, *length, slice).map(|made| (slice, made))
            }
            (Window::Calendar(calendar), None) => {
                let every = calendar::step(calendar.unit, None);
                in_calendar(subject, window, calendar, every).map(|made| (every, made))
            }
            (Window::Calendar(_), Some(_)) => None,
        };
        let Some((every, (course, step, checks))) = made else {
            let id = &subject.identity.id;
            untested.push(format!("`{id}`: nothing tests its budget of {spoken}"));
            continue;
        };
        let name = format!("what is left of the budget of {spoken}");
        let test = of_course(subject, &name, inputs, watched, (&course, step, RATE), checks);
        tests.push((every, test));
        if let Some(test) = within_an_hour(subject, window, inputs, watched) {
            tests.push((BASE, test));
        }
    }
    tests
}

type Checks = Vec<(String, Duration, u32)>;

fn spoken(window: &Window) -> String {
    match window {
        Window::Rolling(length) => length.to_string(),
        Window::Calendar(calendar) => format!("the {}", calendar.unit.name()),
    }
}

/// Heavy errors before the window begins, some at its old end, few at its new one.
fn rolling(
    subject: &Subject<'_>,
    window: &ResolvedObjective<'_>,
    length: Duration,
    every: Duration,
) -> Option<(Course, Duration, Checks)> {
    if !length.milliseconds().is_multiple_of(every.milliseconds()) {
        return None;
    }
    let units = length.milliseconds() / every.milliseconds();
    let old = units.div_ceil(5);
    if units < 2 || old + units > MOST {
        return None;
    }
    let step = step(every)?;
    let steps = every.milliseconds() / step.milliseconds();
    let share = shares(window);
    let first = units.div_ceil(10);
    let course = Course::default()
        .then(old * steps, share(20.0))
        .then(first * steps, share(4.0))
        .then((units - first - 1) * steps, 0.0)
        .then(steps, share(2.0));
    let ratio = course.mean(units * steps);
    let end = times(step, course.steps());
    let mut checks = of_ratio(subject, window, &length.to_string(), ratio, end);
    if window.first_window {
        checks.extend(about(subject, end));
        let burn = subject.series(CURRENT_BURN_RATE);
        checks.push(near(&burn, share(2.0) / budget(window), end));
        if subject.objective.notices.budget_exhausted.is_some() {
            let spent = firing_of(subject, EXHAUSTED.1);
            checks.push((spent.clone(), times(every, old), 1));
            checks.push((spent, end, u32::from(ratio > budget(window))));
        }
    }
    Some((course, step, checks))
}

/// Errors on the first day of a period, none on the second. Where tests begin, at the epoch, a month, a
/// quarter and a year begin, too; a whole month up to the next one would take too long.
fn in_calendar(
    subject: &Subject<'_>,
    window: &ResolvedObjective<'_>,
    calendar: &Calendar,
    every: Duration,
) -> Option<(Course, Duration, Checks)> {
    const DAY: Duration = Duration::from_days(1);
    let epoch: Instant = DateTime::UNIX_EPOCH;
    let end = times(DAY, 2);
    let period = calendar.period(epoch);
    if !calendar::lost(calendar).is_empty() || period.to < epoch + end.to_chrono() {
        return None;
    }
    let step = step(every)?;
    let day = DAY.milliseconds() / step.milliseconds();
    let course = Course::default().then(day, shares(window)(4.0)).then(day, 0.0);
    let ratio = course.mean(2 * day);
    // At even traffic as much is expected as fits into the period; what came before the epoch is not known.
    let known = (period.to - epoch.max(period.from)).num_milliseconds() as f64;
    let spent = ratio * end.milliseconds() as f64 / known / budget(window);
    let mut checks = of_ratio(subject, window, &format!("_{}", calendar.unit.name()), ratio, end);
    checks.pop();
    checks.push(near(&remaining_of(subject, window), 1.0 - spent, end));
    Some((course, step, checks))
}

/// The share over a long window within its first hours, where it is added up from whole hours and from the
/// steps of the hour that runs.
fn within_an_hour(
    subject: &Subject<'_>,
    window: &ResolvedObjective<'_>,
    inputs: &[Input],
    watched: &Watched,
) -> Option<Test> {
    let Window::Rolling(length) = window.window else { return None };
    if !subject.adds_hours(length) || !subject.counts_events() {
        return None;
    }
    let step = Duration::from_minutes(1);
    let share = shares(window);
    let course = Course::default().then(60, share(4.0)).then(60, 0.0).then(50, share(3.0));
    let steps = course.steps();
    let end = times(step, steps);
    let checks = of_ratio(subject, window, &length.to_string(), course.mean(steps), end);
    let name = format!("what is left of the budget of {length} within an hour");
    Some(of_course(subject, &name, inputs, watched, (&course, step, RATE), checks))
}

/// Four bad slices of twenty, which are just bad enough, as the others are just not.
fn sliced(
    subject: &Subject<'_>,
    window: &ResolvedObjective<'_>,
    length: Duration,
    slice: Duration,
) -> Option<(Course, Duration, Checks)> {
    if length.milliseconds() < 20 * slice.milliseconds() {
        return None;
    }
    let step = step(slice)?;
    let steps = |time: Duration| time.milliseconds() / step.milliseconds();
    let course = |bad: f64, good: f64| {
        [(12, good), (3, bad), (4, good), (1, bad)]
            .into_iter()
            .fold(Course::default(), |course, (slices, share)| {
                course.then(slices * steps(slice), share)
            })
    };
    let (fed, counted) = match subject.objective.budgeting {
        Budgeting::Timeslices { target, .. } => {
            let least = target.complement().as_f64();
            let above = (least * 1.02).min(f64::midpoint(least, 1.0));
            (course(above, least * 0.98), course(1.0, 0.0))
        }
        Budgeting::RatioTimeslices { .. } | Budgeting::Occurrences => {
            (course(0.5, 0.0), course(0.5, 0.0))
        }
    };
    let end = times(step, fed.steps());
    let ratio = counted.mean(steps(slice) * 20);
    let mut checks = of_ratio(subject, window, &length.to_string(), ratio, end);
    if window.first_window {
        checks.extend(about(subject, end));
        let now = counted.mean(steps(subject.base()));
        checks.push(near(&subject.series(CURRENT_BURN_RATE), now / budget(window), end));
        if subject.objective.notices.budget_exhausted.is_some() {
            let spent = firing_of(subject, EXHAUSTED.1);
            checks.push((spent, end, u32::from(ratio > budget(window))));
        }
    }
    Some((fed, step, checks))
}

/// How far apart the samples are: at least three in five minutes, and in a slice.
fn step(of: Duration) -> Option<Duration> {
    let fits = |step: &u64| {
        of.milliseconds().is_multiple_of(step * 1000) && of.milliseconds() >= 2 * step * 1000
    };
    [150, 60, 30, 10].into_iter().find(fits).map(Duration::from_seconds)
}

fn budget(window: &ResolvedObjective<'_>) -> f64 {
    window.objective.error_budget().as_f64()
}

/// So many times the share that the budget allows; less where that is nearly all.
fn shares(window: &ResolvedObjective<'_>) -> impl Fn(f64) -> f64 {
    let budget = budget(window);
    move |times| (budget * times).min(f64::midpoint(budget, 1.0))
}

/// What the rules say of a window, as its name ends; what is left last.
fn of_ratio(
    subject: &Subject<'_>,
    window: &ResolvedObjective<'_>,
    ends: &str,
    ratio: f64,
    at: Duration,
) -> Checks {
    let burn = ratio / budget(window);
    let burn_rate = if window.first_window {
        subject.series(PERIOD_BURN_RATE)
    } else {
        further(subject, WINDOW_BURN_RATE, window)
    };
    vec![
        near(&subject.series(&format!("{ERROR_RATIO}{ends}")), ratio, at),
        near(&burn_rate, burn, at),
        near(&remaining_of(subject, window), 1.0 - burn, at),
    ]
}

fn remaining_of(subject: &Subject<'_>, window: &ResolvedObjective<'_>) -> String {
    if window.first_window {
        subject.series(BUDGET_REMAINING)
    } else {
        further(subject, WINDOW_REMAINING, window)
    }
}

/// A series of one of the further windows.
fn further(subject: &Subject<'_>, name: &str, window: &ResolvedObjective<'_>) -> String {
    let series = subject.series(name);
    let series = series.trim_end_matches('}');
    format!("{series}, {FURTHER_WINDOW}=\"{}\"}}", window.window)
}

/// What is known without measuring.
fn about(subject: &Subject<'_>, at: Duration) -> Checks {
    let objective = subject.objective.objective;
    let days = decimal::fraction(
        u128::from(objective.window().milliseconds()),
        u128::from(Duration::from_days(1).milliseconds()),
    );
    [
        (INFO, "1".to_owned()),
        (OBJECTIVE, objective.target().to_string()),
        (ERROR_BUDGET, objective.error_budget().to_string()),
        (PERIOD_DAYS, days),
    ]
    .into_iter()
    .map(|(name, value)| {
        (format!("count({} == {value}) or vector(0)", subject.series(name)), at, 1)
    })
    .collect()
}

/// That there is one series, and its value is this.
fn near(series: &str, value: f64, at: Duration) -> (String, Duration, u32) {
    let value = (value * 1e9).round() / 1e9;
    let most = (value.abs() * TOLERANCE).max(1e-9);
    (format!("count(abs({series} - {value}) <= {most}) or vector(0)"), at, 1)
}
