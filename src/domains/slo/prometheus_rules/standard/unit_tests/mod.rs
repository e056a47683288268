//! Unit tests for promtool that come with the rules.
//!
//! Of every tier they show that it fires just above its threshold and not just below, and that its windows
//! are as long as they should be; of every objective what is left of its budget, and that silence, series
//! that are missing and counters that begin anew raise no alert. What is expected of alerts is what the
//! engine of `sre burn` says. Each test feeds the series that the indicator counts; where those cannot be
//! told from its text, or promtool cannot write them, the recorded shares are fed instead, which shows
//! thresholds but not windows, and nothing of guards.
mod budgets;
mod course;
mod examples;
mod inputs;
mod scenarios;

use super::{
    super::{
        names::{ERROR_RATIO, ID_LABEL, TIER_LABEL, WINDOW_LABEL},
        write::scalar,
    },
    Subject,
    alerts::ABSENT,
    decimal,
    identity::quoted,
    recordings,
};
use crate::{
    domains::slo::{
        model::AlertTier,
        promql::Selector,
        resolve::{Measurement, ResolvedObjective},
    },
    kernel::{spec::Catalog, units::Duration},
};
use course::Course;
use inputs::{Counts, Input};
use scenarios::{Edge, Scenario};
use std::{collections::BTreeMap, fmt::Write as _, rc::Rc};

/// How often rules are evaluated in tests: rarely, for there is a lot of time to get through.
const EVERY: Duration = Duration::from_hours(12);

/// The selectors of an objective's indicator.
type Watched = Rc<[Selector]>;

/// One of promtool's tests.
struct Test {
    name: String,
    interval: Duration,
    feeds: Feeds,
    /// Expressions, when they are evaluated, and the number that they give.
    checks: Vec<(String, Duration, u32)>,
}

/// What a test feeds to the rules.
enum Feeds {
    /// Series that indicators count, with their values; and all that these indicators look at.
    Counted(Vec<(Input, String)>, Vec<Watched>),
    /// Series that rules record, with their values.
    Recorded(Vec<(String, String)>),
}

/// A file of tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFile {
    /// How often rules are evaluated in it.
    pub every: Duration,
    /// Its text.
    pub text: String,
}

/// Tests, and what has none.
#[derive(Clone, Debug, Default)]
pub struct UnitTests {
    /// The files, the one whose rules are evaluated least often first: promtool has one interval for a
    /// whole file, and what is added up from slices or hours has to be seen in each of them.
    pub files: Vec<TestFile>,
    /// What could not be tested, a sentence each.
    pub untested: Vec<String>,
}

/// Unit tests for the rules of these objectives, which stand in `rule_file`.
pub fn tests(
    catalog: &Catalog,
    objectives: &[Vec<ResolvedObjective<'_>>],
    options: &super::Options,
    rule_file: &str,
) -> UnitTests {
    let mut untested = Vec::new();
    let mut by_interval: BTreeMap<Duration, Vec<Test>> = BTreeMap::new();
    for windows in objectives {
        let Some(subject) = Subject::of(catalog, windows, options) else { continue };
        for (every, test) in of_subject(&subject, &mut untested) {
            by_interval.entry(every).or_default().push(test);
        }
    }
    if by_interval.is_empty() {
        by_interval.insert(EVERY, Vec::new());
    }
    let files = by_interval
        .into_iter()
        .rev()
        .map(|(every, tests)| TestFile { every, text: write(&packed(tests), rule_file, every) });
    UnitTests { files: files.collect(), untested }
}

/// The tests of an objective, each with how often rules have to be evaluated in it.
fn of_subject(subject: &Subject<'_>, untested: &mut Vec<String>) -> Vec<(Duration, Test)> {
    let Some((inputs, watched)) = fed(subject) else {
        let tests = by_records(subject, untested).into_iter();
        return tests.map(|test| (EVERY, test)).collect();
    };
    // Slices are recorded as rules are evaluated: each has to be seen.
    let every = subject.objective.budgeting.slice().unwrap_or(EVERY);
    let (mut tests, mut waiting) = (Vec::new(), Vec::new());
    for tier in subject.tiers.iter().filter(|tier| !tier.hold.is_zero()) {
        if let Some(test) = waits(subject, tier, &inputs, &watched) {
            waiting.push(test);
        } else {
            let (id, name, hold) = (&subject.identity.id, &tier.name, tier.hold);
            untested.push(format!("`{id}`: nothing tests that `{name}` waits for {hold}"));
        }
    }
    for tier in subject.tiers {
        let edge = Edge {
            tier,
            objective: subject.objective.objective,
            budgeting: subject.objective.budgeting,
            every,
        };
        let of_scenario = |one: &Scenario| {
            let fires = u32::from(one.fires);
            let end = times(one.step, one.course.steps());
            let checks = vec![(raised_by(subject, tier), end, fires)];
            let course = (&one.course, one.step, one.rate);
            of_course(subject, &one.name, &inputs, &watched, course, checks)
        };
        tests.extend(edge.scenarios().iter().map(of_scenario));
    }
    tests.extend(quiet(subject, &inputs, &watched, every));
    let tests = tests.into_iter().map(|test| (every, test));
    tests.chain(waiting).chain(budgets::tests(subject, &inputs, &watched, untested)).collect()
}

/// That a tier waits for as long as it should, in a total outage which begins with the series, so that its
/// condition holds from the first evaluation on; and how often rules are evaluated for that. `None` where slices or
/// the traffic of a longer time have a say.
fn waits(
    subject: &Subject<'_>,
    tier: &AlertTier,
    inputs: &[Input],
    watched: &Watched,
) -> Option<(Duration, Test)> {
    /// Evaluations while it waits: a wait that is longer or shorter by one of them is noticed.
    const EVALUATIONS: u64 = 4;
    /// Events in a second.
    const RATE: f64 = 1e6;
    let hold = tier.hold.milliseconds();
    let is_enough = |fewest: Option<u64>| fewest.is_none_or(|fewest| fewest as f64 <= RATE);
    let is_at_once = subject.counts_events() && !tier.event_weighted;
    let are_enough = is_enough(tier.minimum_events) && is_enough(tier.minimum_bad_events);
    if !(is_at_once && are_enough && hold.is_multiple_of(EVALUATIONS * 1000)) {
        return None;
    }
    let every = Duration::from_milliseconds(hold / EVALUATIONS);
    // Each window has two scrapes in it at the first evaluation already.
    let shortest = every.min(tier.short).min(tier.long).milliseconds();
    let step = Duration::from_seconds((shortest / 4000).max(1));
    let (before, after) = (times(every, EVALUATIONS), times(every, EVALUATIONS + 1));
    let steps = after.milliseconds().div_ceil(step.milliseconds());
    let firing = firing_of(subject, &tier.name);
    let pending = firing.replace("alertstate=\"firing\"", "alertstate=\"pending\"");
    let checks = vec![
        (pending.clone(), every, 1),
        (pending.clone(), before, 1),
        (firing.clone(), before, 0),
        (pending, after, 0),
        (firing, after, 1),
    ];
    let course = Course::default().then(steps, 1.0);
    let rate = RATE * step.milliseconds() as f64 / 1000.0;
    let name = format!("{}: fires after {}, and not before", tier.name, tier.hold);
    Some((every, of_course(subject, &name, inputs, watched, (&course, step, rate), checks)))
}

/// Series for an indicator, and what it looks at; `None` where its text does not tell.
fn fed(subject: &Subject<'_>) -> Option<(Vec<Input>, Watched)> {
    let measurement = subject.objective.indicator.as_ref()?.measurement.as_ref()?;
    let Measurement::Prometheus(question) = measurement else { return None };
    let inputs = inputs::of(question, &subject.objective.group_by)?;
    Some((inputs, inputs::watched(question)?.into()))
}

/// A test that feeds a course of so many events per step.
fn of_course(
    subject: &Subject<'_>,
    name: &str,
    inputs: &[Input],
    watched: &Watched,
    (course, step, rate): (&Course, Duration, f64),
    checks: Vec<(String, Duration, u32)>,
) -> Test {
    let series = inputs.iter().map(|input| (input.clone(), course.values(input.counts, rate)));
    Test {
        name: format!("{} {name}", subject.identity.id),
        interval: step,
        feeds: Feeds::Counted(series.collect(), vec![Rc::clone(watched)]),
        checks,
    }
}

/// What raises no alert: silence, no errors at all, counters that begin anew. And nothing at all raises the
/// one on an absent indicator.
fn quiet(subject: &Subject<'_>, inputs: &[Input], watched: &Watched, every: Duration) -> Vec<Test> {
    const STEP: Duration = Duration::from_minutes(1);
    let length = Duration::from_milliseconds(every.milliseconds().max(3_600_000) * 2);
    let (steps, end) = (length.milliseconds() / STEP.milliseconds(), length);
    let none_fires = || -> Vec<_> {
        subject.tiers.iter().map(|tier| (raised_by(subject, tier), end, 0)).collect()
    };
    let id = quoted(&subject.identity.id);
    let all = format!("{{{ID_LABEL}={id}, __name__=~\"slo:.+\"}}");
    let not_a_number = (format!("count({all}) - count({all} >= -Inf)"), end, 0);
    let test = |name: &str, series, checks| Test {
        name: format!("{} {name}", subject.identity.id),
        interval: STEP,
        feeds: Feeds::Counted(series, vec![Rc::clone(watched)]),
        checks,
    };
    let silent = inputs.iter().map(|input| (input.clone(), format!("7+0x{steps}")));
    let mut silence = none_fires();
    silence.push(not_a_number.clone());
    let budget = subject.objective.objective.error_budget().as_f64();
    let course = Course::default().then(steps / 2, budget / 2.0);
    let anew = inputs.iter().map(|input| {
        let once = course.values(input.counts, 1000.0);
        (input.clone(), format!("{once} {once}"))
    });
    let mut tests = vec![
        test("no traffic", silent.collect(), silence),
        test("counters that begin anew", anew.collect(), none_fires()),
    ];
    let good: Vec<&Input> = inputs.iter().filter(|input| input.counts != Counts::Bad).collect();
    if !good.is_empty() {
        // Nothing is spent, and that is known, even of a single event that was just now.
        const RECENT: u64 = 3;
        let lone = format!("0+0x{} 1+0x{}", steps - RECENT, RECENT - 1);
        let series = good.iter().map(|input| ((*input).clone(), lone.clone()));
        let mut checks = none_fires();
        checks.push(not_a_number.clone());
        let lengths = subject.windows.iter().filter(|window| window.window.calendar().is_none());
        let lengths = lengths.map(|window| window.objective.window());
        for window in recordings::windows(subject).into_iter().chain(lengths) {
            let spent = subject.of_window(ERROR_RATIO, window);
            checks.push((format!("count({spent} == 0)"), end, 1));
        }
        tests.push(test("not a single error", series.collect(), checks));
        let silent = good.iter().map(|input| ((*input).clone(), format!("7+0x{steps}")));
        let mut checks = none_fires();
        checks.push(not_a_number);
        tests.push(test("neither traffic nor a single error ever", silent.collect(), checks));
    }
    if subject.objective.notices.sli_absent.is_some() {
        let absent = firing_of(subject, ABSENT.1);
        for test in &mut tests {
            test.checks.push((absent.clone(), end, 0));
        }
        tests.push(test("nothing to count", Vec::new(), vec![(absent, end, 1)]));
    }
    tests
}

/// Tests of thresholds alone, with the shares that rules record. What a guard looks at cannot be fed: the
/// rules would record shares from it, too.
fn by_records(subject: &Subject<'_>, untested: &mut Vec<String>) -> Vec<Test> {
    let id = &subject.identity.id;
    untested.push(format!(
        "`{id}`: the tests feed shares to its alerts and not events, as its queries do not tell what they count"
    ));
    let mut tests = Vec::new();
    for tier in subject.tiers {
        if tier.is_guarded() {
            let name = &tier.name;
            untested.push(format!(
                "`{id}`: nothing tests `{name}`, which looks at the number of events"
            ));
        } else {
            tests.extend(recorded(subject, tier));
        }
    }
    tests
}

fn recorded(subject: &Subject<'_>, tier: &AlertTier) -> Vec<Test> {
    let (numerator, denominator) = tier.factor.error_ratio(subject.objective.objective.target());
    let share = |times: u128| {
        decimal::fraction(numerator.saturating_mul(times), denominator.saturating_mul(100))
    };
    let (above, below) = (share(101), share(99));
    let constant = |window: Duration, value: &str| {
        let labels = subject.objective.group_by.iter().map(|label| format!(", {label}=\"a\""));
        let series = subject.of_window(ERROR_RATIO, window);
        let inner = series.trim_end_matches('}');
        let labels: String = labels.collect();
        (format!("{inner}, {WINDOW_LABEL}=\"{window}\"{labels}}}"), format!("{value}+0x2"))
    };
    let test = |name: &str, long: &str, short: &str, fires| {
        let mut series = vec![constant(tier.long, long)];
        if tier.short != tier.long {
            series.push(constant(tier.short, short));
        }
        Test {
            name: format!("{} {}: {name}", subject.identity.id, tier.name),
            interval: EVERY,
            feeds: Feeds::Recorded(series),
            checks: vec![(raised_by(subject, tier), EVERY, fires)],
        }
    };
    vec![
        test("both shares just above the threshold", &above, &above, 1),
        test("the share of the long window just below", &below, &above, 0),
        test("the share of the short window just below", &above, &below, 0),
    ]
}

/// How many alerts of a tier there are whose condition holds: rules are evaluated too rarely in most tests to
/// tell for how long.
fn raised_by(subject: &Subject<'_>, tier: &AlertTier) -> String {
    let firing = firing_of(subject, &tier.name);
    if tier.hold.is_zero() { firing } else { firing.replace("alertstate=\"firing\", ", "") }
}

/// How many alerts of a tier fire.
fn firing_of(subject: &Subject<'_>, tier: &str) -> String {
    let (id, tier) = (quoted(&subject.identity.id), quoted(tier));
    format!(
        "count(ALERTS{{alertstate=\"firing\", {ID_LABEL}={id}, {TIER_LABEL}={tier}}}) or vector(0)"
    )
}

fn times(step: Duration, steps: u64) -> Duration {
    Duration::from_milliseconds(step.milliseconds().saturating_mul(steps))
}

fn series_of(input: &Input) -> String {
    let labels = input.labels.iter().map(|(key, value)| format!("{key}={}", quoted(value)));
    format!("{}{{{}}}", input.metric, labels.collect::<Vec<_>>().join(","))
}

impl Feeds {
    /// Whether rules see nothing of `other` where both are fed at once.
    fn is_apart_from(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Counted(series, watched), Self::Counted(others, watched_by_others)) => {
                !is_seen(series, watched_by_others) && !is_seen(others, watched)
            }
            // Each carries the name of its objective.
            (Self::Recorded(series), Self::Recorded(others)) => {
                !series.iter().any(|(one, _)| others.iter().any(|(other, _)| one == other))
            }
            _ => false,
        }
    }

    /// The series with their values. A test without any would never be run: something else is fed then.
    fn series(&self) -> Vec<(String, &str)> {
        match self {
            Self::Counted(series, _) if series.is_empty() => vec![("up".to_owned(), "1+0x1")],
            Self::Counted(series, _) => {
                series.iter().map(|(input, values)| (series_of(input), values.as_str())).collect()
            }
            Self::Recorded(series) => {
                series.iter().map(|(series, values)| (series.clone(), values.as_str())).collect()
            }
        }
    }
}

fn is_seen(series: &[(Input, String)], by: &[Watched]) -> bool {
    series.iter().any(|(input, _)| {
        let seen = |selector| examples::matches(selector, &input.metric, &input.labels);
        by.iter().any(|watched| watched.iter().any(seen))
    })
}

/// Tests joined that do not see each other's series: promtool evaluates all rules for each test.
fn packed(tests: Vec<Test>) -> Vec<Test> {
    let mut packed: Vec<Test> = Vec::new();
    for test in tests {
        let fits = |other: &&mut Test| {
            other.interval == test.interval && other.feeds.is_apart_from(&test.feeds)
        };
        let Some(other) = packed.iter_mut().find(fits) else {
            packed.push(test);
            continue;
        };
        let _ = write!(other.name, "; {}", test.name);
        other.checks.extend(test.checks);
        match (&mut other.feeds, test.feeds) {
            (Feeds::Counted(series, watched), Feeds::Counted(more, also)) => {
                series.extend(more);
                watched.extend(also);
            }
            (Feeds::Recorded(series), Feeds::Recorded(more)) => series.extend(more),
            _ => {}
        }
    }
    packed
}

fn write(tests: &[Test], rule_file: &str, every: Duration) -> String {
    let mut text =
        format!("rule_files:\n- {}\nevaluation_interval: {every}\ntests:", scalar(rule_file, 2));
    if tests.is_empty() {
        text.push_str(" []");
    }
    text.push('\n');
    for test in tests {
        for name in test.name.split("; ") {
            let _ = writeln!(text, "# {name}");
        }
        let _ = writeln!(text, "- interval: {}\n  input_series:", test.interval);
        for (series, values) in test.feeds.series() {
            let _ = writeln!(
                text,
                "  - series: {}\n    values: {}",
                scalar(&series, 6),
                scalar(values, 6)
            );
        }
        text.push_str("  promql_expr_test:\n");
        for (expression, at, value) in &test.checks {
            let _ = writeln!(
                text,
                "  - expr: {}\n    eval_time: {at}\n    exp_samples:\n    - labels: '{{}}'\n      value: {value}",
                scalar(expression, 6)
            );
        }
    }
    text
}
