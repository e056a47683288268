//! Tests of objectives: measurements that are written down, and what alerts and budget are to say of
//! them.
//!
//! The answer is that of `sre burn` and `sre budget` for the same measurements. A test begins at the
//! beginning of a year, so that calendar windows begin there too; adjustments, which are about other
//! times, have no part in it.
use super::{
    assess::{self, Measurements, Reading, Terms},
    engine::alert::{self, AlertState, TierReading},
    model::Severity,
    resolve::{self, ResolvedObjective},
    spec::{ObjectiveTest, ServiceLevelObjective, TestExpectation, TestStretch},
};
use crate::kernel::{
    expectation::{Checked, Tested},
    report::words,
    series::{EventCount, EventSeries},
    settings::Settings,
    source::Place,
    spec::{Catalog, Document, Field, Optional as _, problem},
    units::{Duration, Instant, Ratio},
};
use chrono::{NaiveDate, NaiveTime};

/// By how much a share of the budget may miss what is expected: sums of many steps are not exact to the
/// last digit, and a millionth of a budget is nothing.
const ROUNDING: f64 = 1e-6;

/// Most steps of one test: ten weeks by the minute, and years by the hour.
pub const MOST_STEPS: u64 = 100_000;

/// The tests of an objective.
pub fn tests(catalog: &Catalog, settings: &Settings, document: &Document) -> Vec<Tested> {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return Vec::new() };
    let tests = slo.tests.iter().filter_map(Field::pair);
    tests.map(|(test, place)| run(catalog, settings, document, slo, test, place)).collect()
}

fn run(
    catalog: &Catalog,
    settings: &Settings,
    document: &Document,
    slo: &ServiceLevelObjective,
    test: &ObjectiveTest,
    place: Place,
) -> Tested {
    let name = test.name.get().cloned().unwrap_or_default();
    let failed = |failure: String| Tested {
        name: name.clone(),
        place,
        checks: vec![Checked { expected: "not run".to_owned(), place, failure: Some(failure) }],
    };
    let resolved = match resolve::resolve(catalog, settings, document, slo) {
        Ok(windows) => windows.into_iter().next(),
        Err(incomplete) => return failed(incomplete.message),
    };
    let Some(resolved) = resolved else { return failed("it has no window".to_owned()) };
    if !resolved.composite.is_empty() {
        return failed("a composite has no measurements of its own; test its parts".to_owned());
    }
    match series(test) {
        Ok(series) => Tested { name, place, checks: checks(&resolved, &series, test) },
        Err(failure) => failed(failure),
    }
}

/// When tests begin: a moment that begins a day, a month, a quarter and a year.
fn start() -> Instant {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc()
}

/// The measurements that a test gives.
///
/// # Errors
/// Words that say why there are none.
pub fn series(test: &ObjectiveTest) -> Result<EventSeries, String> {
    let step = test.step();
    if step.is_zero() {
        return Err("a step has a length; write `step: 1m`".to_owned());
    }
    let mut counts: Vec<Option<EventCount>> = Vec::new();
    for stretch in test.given.get().into_iter().flatten().filter_map(Field::get) {
        let length = stretch.r#for.get().copied().unwrap_or_default();
        if length.is_zero() || !length.milliseconds().is_multiple_of(step.milliseconds()) {
            return Err(format!("`for: {length}` is not a whole number of steps of {step}"));
        }
        let steps = length.milliseconds() / step.milliseconds();
        if counts.len() as u64 + steps > MOST_STEPS {
            return Err(format!(
                "it has more than {} steps; write a longer `step`",
                words::thousands(MOST_STEPS)
            ));
        }
        let count = count(stretch);
        counts.extend((0..steps).map(|_| count));
    }
    if counts.is_empty() {
        return Err("it gives no measurements; write `given: [{for: 1h, events: 100}]`".to_owned());
    }
    Ok(EventSeries::new(start(), step, counts))
}

/// What one step of a stretch holds; `None` where nothing was measured.
fn count(stretch: &TestStretch) -> Option<EventCount> {
    if stretch.missing.value() == Some(&true) {
        return None;
    }
    let total = stretch.events.value().copied().unwrap_or(0) as f64;
    let bad = stretch.bad.value().map_or(0.0, |share| {
        // Parts of a thousand million, so that 10 % of 100 is 10 and not nearly.
        total * f64::from(share.parts()) / f64::from(Ratio::PARTS)
    });
    Some(EventCount { good: total - bad, total })
}

fn checks(
    resolved: &ResolvedObjective<'_>,
    series: &EventSeries,
    test: &ObjectiveTest,
) -> Vec<Checked> {
    let mut checks = Vec::new();
    for (expectation, place) in test.then.get().into_iter().flatten().filter_map(Field::pair) {
        let Some((at, at_place)) = expectation.at.pair() else { continue };
        let now = start() + at.to_chrono();
        if now > series.end() {
            let length = Duration::from_milliseconds(
                u64::try_from((series.end() - start()).num_milliseconds()).unwrap_or(0),
            );
            checks.push(Checked {
                expected: format!("at {at}"),
                place: at_place,
                failure: Some(format!("the measurements end after {length}")),
            });
            continue;
        }
        // What is yet to come is not known at that moment.
        let known = series.between(start(), now);
        let measured = Measurements::new(known, now, "test");
        let assessment = assess::assess(resolved.clone(), Ok(measured), &[], &Terms::default());
        match assessment.reading() {
            Some(reading) => {
                let moment = Moment { resolved, series, reading, at: *at };
                checks.extend(moment.checks(expectation));
            }
            None => checks.push(Checked {
                expected: format!("at {at}"),
                place,
                failure: assessment.reason().or_else(|| Some("nothing is known".to_owned())),
            }),
        }
    }
    checks
}

/// What is known at one moment of a test.
struct Moment<'a> {
    resolved: &'a ResolvedObjective<'a>,
    series: &'a EventSeries,
    reading: &'a Reading,
    at: Duration,
}

impl Moment<'_> {
    fn checks(&self, expectation: &TestExpectation) -> Vec<Checked> {
        let mut checks = Vec::new();
        for (name, place) in expectation.fires.iter().filter_map(Field::pair) {
            let failure = self.failure(name, |tiers| {
                let fires = tiers.iter().any(|tier| tier.state == AlertState::Firing);
                (!fires)
                    .then(|| tiers.iter().map(|tier| self.why(tier)).collect::<Vec<_>>().join("; "))
            });
            checks.push(self.checked(&format!("{name} fires"), place, failure));
        }
        for (name, place) in expectation.quiet.iter().filter_map(Field::pair) {
            let failure = self.failure(name, |tiers| {
                let firing = tiers.iter().filter(|tier| tier.state == AlertState::Firing);
                let firing: Vec<String> = firing.map(|tier| self.why(tier)).collect();
                (!firing.is_empty()).then(|| firing.join("; "))
            });
            checks.push(self.checked(&format!("{name} does not fire"), place, failure));
        }
        let least = expectation.remaining_at_least.pair();
        let most = expectation.remaining_at_most.pair();
        let remaining = self.reading.budget().remaining_ratio;
        if let Some((least, place)) = least {
            let wrong = remaining.is_none_or(|found| found < least.as_f64() - ROUNDING);
            let expected = format!("at least {} of the budget is left", least.percent());
            checks.push(self.checked(&expected, place, wrong.then(|| left(remaining))));
        }
        if let Some((most, place)) = most {
            let wrong = remaining.is_none_or(|found| found > most.as_f64() + ROUNDING);
            let expected = format!("at most {} of the budget is left", most.percent());
            checks.push(self.checked(&expected, place, wrong.then(|| left(remaining))));
        }
        checks
    }

    fn checked(&self, expected: &str, place: Place, failure: Option<String>) -> Checked {
        Checked { expected: format!("at {}: {expected}", self.at), place, failure }
    }

    /// What `judge` says of the tiers that a name means; that it means none is a failure.
    fn failure(
        &self,
        name: &str,
        judge: impl Fn(&[&TierReading]) -> Option<String>,
    ) -> Option<String> {
        let tiers: Vec<&TierReading> =
            self.reading.tiers.iter().filter(|tier| is_called(tier, name)).collect();
        if tiers.is_empty() {
            let names = self.reading.tiers.iter().map(|tier| tier.tier.name.as_str());
            return Some(format!(
                "no tier is called so; there is {}",
                problem::list(&names.collect::<Vec<_>>())
            ));
        }
        judge(&tiers)
    }

    /// The state of a tier with its burn rates, and when it fires in this test.
    fn why(&self, reading: &TierReading) -> String {
        let tier = &reading.tier;
        let rate = |burn: &super::engine::burn::Burn| match burn.rate {
            Ok(rate) => words::number(rate.0, 2),
            Err(_) => "unknown".to_owned(),
        };
        let mut text = format!(
            "`{}` is {}: burn rate {} over {} and {} over {}, threshold {}",
            tier.name,
            reading.state.name(),
            rate(&reading.long),
            tier.long,
            rate(&reading.short),
            tier.short,
            words::number(tier.factor.as_f64(), 2),
        );
        text += &match self.firing(reading).as_slice() {
            [] => ". In this test it never fires".to_owned(),
            stretches => {
                let shown: Vec<String> = stretches
                    .iter()
                    .take(3)
                    .map(|(from, to)| format!("from {from} to {to}"))
                    .collect();
                let more = stretches.len().saturating_sub(shown.len());
                let more = if more > 0 { format!(" and {more} times more") } else { String::new() };
                format!(". In this test it fires {}{more}", shown.join(", "))
            }
        };
        text
    }

    /// The stretches of the test in which a tier fires, after its beginning: first and last moment.
    fn firing(&self, reading: &TierReading) -> Vec<(Duration, Duration)> {
        let budgeting = self.resolved.budgeting;
        let measured = Measurements::new(self.series.clone(), self.series.end(), "test");
        let whole = assess::assess(self.resolved.clone(), Ok(measured), &[], &Terms::default());
        let Some(whole) = whole.reading() else { return Vec::new() };
        let policy = super::model::AlertPolicy { tiers: vec![reading.tier.clone()] };
        let step = budgeting.slice().unwrap_or(self.series.step());
        let length = (self.series.end() - start()).num_milliseconds();
        let steps = u64::try_from(length).unwrap_or(0) / step.milliseconds().max(1);
        let mut stretches: Vec<(Duration, Duration)> = Vec::new();
        let mut before = false;
        for at in 1..=steps {
            let after = Duration::from_milliseconds(at * step.milliseconds());
            let now = start() + after.to_chrono();
            let tiers = alert::read(&policy, self.resolved.objective, &whole.series, now);
            let fires = tiers.first().is_some_and(|tier| tier.state == AlertState::Firing);
            match stretches.last_mut() {
                Some(last) if fires && before => last.1 = after,
                _ if fires => stretches.push((after, after)),
                _ => {}
            }
            before = fires;
        }
        stretches
    }
}

/// Whether a name means a tier: its own, or its severity.
fn is_called(reading: &TierReading, name: &str) -> bool {
    means(name, &reading.tier.name, reading.tier.severity)
}

/// Whether a name of a test means a tier of that name and severity.
pub fn means(name: &str, tier: &str, severity: Severity) -> bool {
    name == tier || name == severity.name()
}

fn left(remaining: Option<f64>) -> String {
    match remaining {
        Some(share) => format!("{} is left", words::percent(share)),
        None => "nothing is known of the budget".to_owned(),
    }
}
