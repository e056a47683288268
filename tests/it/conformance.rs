//! Numbers that others published or computed, against ours. Each table names its source and tolerance;
//! `DIFFERENCE` marks where we deviate, and why.
#![expect(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "the tables are known, and what is exact is compared exactly"
)]
use sre::{
    domains::slo::{
        engine::{
            alert::{self, AlertState, TierReading},
            budget, burn,
        },
        model::{self, AlertPolicy, AlertTier, Objective, ObjectiveError, Severity},
    },
    kernel::{
        series::{EventCount, EventSeries},
        units::{BurnFactor, BurnRate, Duration, Instant, Ratio},
    },
};

fn start() -> Instant {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn objective(target: &str, window: &str) -> Objective {
    Objective::new(ratio(target), window.parse().unwrap()).unwrap()
}

/// Rows of a table with comments and a header line.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split(',').collect())
}

/// Both in the same unit, equal to within `relative`, or to within 1e-12 around zero.
#[track_caller]
fn assert_close(ours: f64, theirs: f64, relative: f64, what: &str) {
    let tolerance = (relative * theirs.abs()).max(1e-12);
    assert!((ours - theirs).abs() <= tolerance, "{what}: {ours} is not {theirs}");
}

// --- Allowed downtime ---------------------------------------------------------------------------

/// Source: `(1 − T) · window` in exact decimal fractions. Tolerance: 1e-12 relative, the last digits of
/// one `f64` division.
#[test]
fn allowed_downtime() {
    let mut checked = 0;
    for row in rows(include_str!("../data/conformance/downtime_allowance.csv")) {
        let [slo, name, window, allowed] = row[..] else { panic!("four columns: {row:?}") };
        let seconds: f64 = window.parse().unwrap();
        let window = Duration::from_seconds(window.split('.').next().unwrap().parse().unwrap());
        assert_eq!(window.seconds(), seconds, "{name} is whole seconds");
        let objective = Objective::new(ratio(slo), window).unwrap();
        let ours = objective.allowed_minutes() * 60.0;
        assert_close(ours, allowed.parse().unwrap(), 1e-12, &format!("{slo} over {name}"));
        checked += 1;
    }
    assert_eq!(checked, 72);
}

// --- The Site Reliability Workbook, chapter 5, "Alerting on SLOs" --------------------------------

/// A window, and the factor and budget share of an alert over it.
struct WorkbookTier {
    severity: Severity,
    long: &'static str,
    short: &'static str,
    factor: f64,
    budget_share: f64,
}

/// Source: the workbook's recommended parameters for a 99.9 % SLO, and from the alerting rule printed
/// beside them the row of one day. Tolerance: none.
const WORKBOOK_TIERS: [WorkbookTier; 4] = [
    WorkbookTier {
        severity: Severity::Page,
        long: "1h",
        short: "5m",
        factor: 14.4,
        budget_share: 0.02,
    },
    WorkbookTier {
        severity: Severity::Page,
        long: "6h",
        short: "30m",
        factor: 6.0,
        budget_share: 0.05,
    },
    WorkbookTier {
        severity: Severity::Ticket,
        long: "1d",
        short: "2h",
        factor: 3.0,
        budget_share: 0.1,
    },
    WorkbookTier {
        severity: Severity::Ticket,
        long: "3d",
        short: "6h",
        factor: 1.0,
        budget_share: 0.1,
    },
];

#[test]
fn workbook_policy() {
    let month = Duration::from_days(30);
    let policy = AlertPolicy::workbook(month);
    assert_eq!(policy.tiers.len(), WORKBOOK_TIERS.len());
    for (ours, theirs) in policy.tiers.iter().zip(WORKBOOK_TIERS) {
        assert_eq!(ours.severity, theirs.severity);
        assert_eq!(ours.long.to_string(), theirs.long);
        assert_eq!(ours.short.to_string(), theirs.short);
        assert_eq!(ours.factor.as_f64().to_bits(), theirs.factor.to_bits());
        assert_close(ours.budget_share_when_firing(month), theirs.budget_share, 1e-15, &ours.name);
        // "Short = long / 12."
        assert_eq!(ours.short.milliseconds() * 12, ours.long.milliseconds());
    }
}

/// Source: the workbook's table of burn rates for 99.9 %: burn rate, error ratio, minutes until the
/// budget of 30 days is gone. Tolerance: 1e-12.
///
/// DIFFERENCE: for a burn rate of 1000 the workbook prints 43 minutes; unrounded it is 43.2.
#[test]
fn workbook_burn_rates() {
    const TABLE: [(f64, u32, f64); 4] = [
        (1.0, 1, 30.0 * 1440.0),
        (2.0, 2, 15.0 * 1440.0),
        (10.0, 10, 3.0 * 1440.0),
        (1000.0, 1000, 43.2),
    ];
    let objective = objective("99.9%", "30d");
    for (rate, bad, minutes) in TABLE {
        let events = EventCount { good: 1000.0 - f64::from(bad), total: 1000.0 };
        let burn = budget::from_events(objective, events).burn_rate.unwrap();
        assert_eq!(burn, BurnRate(rate));
        let lasts = objective.whole_budget_lasts_minutes(burn).unwrap();
        assert_close(lasts, minutes, 1e-12, &format!("burn rate {rate}"));
    }
}

/// Source: examples in the workbook's text. Tolerance: half of the last printed digit.
#[test]
fn workbook_examples() {
    let three_nines = objective("99.9%", "30d");
    // Errors at 0.1 % for ten minutes spend 0.02 % of the budget.
    let spent = 10.0 / three_nines.window().minutes();
    assert!((spent - 0.000_2).abs() < 0.000_05, "{spent}");
    // An outage of one hour spends 140 %, cut to two digits.
    let spent = 60.0 / three_nines.allowed_minutes();
    assert!((spent - 1.4).abs() < 0.05, "{spent}");
    // 5 % of the budget in one hour is a burn rate of 36.
    let (hour, month) = (Duration::from_hours(1), three_nines.window());
    assert_eq!(BurnFactor::from_share(ratio("5%"), month, hour), "36".parse().ok());
    // At that threshold a burn rate of 35 is never seen and empties the budget in 20.5 hours (20.57,
    // which the workbook cuts off).
    let undetected = three_nines.whole_budget_lasts_minutes(BurnRate(35.0)).unwrap() / 60.0;
    assert!((20.5..20.6).contains(&undetected), "{undetected}");
    // Ten requests an hour at 99.9 % allow seven failures in 30 days.
    let requests = budget::from_events(three_nines, EventCount { good: 7200.0, total: 7200.0 });
    assert_eq!(requests.amounts.allowed.floor(), 7.0);
}

/// Source: the workbook on extreme goals. At 90 % an outage spends 1.4 % of the budget an hour, so the
/// page for 2 % in one hour can never fire; at 99.999 % an outage empties the budget in 26 seconds, and
/// 1 % of one in 43 minutes. Tolerance: half of the last printed digit.
#[test]
fn workbook_extreme_goals() {
    let one_nine = objective("90%", "30d");
    let outage = budget::from_events(one_nine, EventCount { good: 0.0, total: 60.0 });
    assert_eq!(outage.burn_rate, Some(model::max_burn_rate(one_nine.target())));
    let spent_in_an_hour = 60.0 / one_nine.allowed_minutes();
    assert!((spent_in_an_hour - 0.014).abs() < 0.000_5, "{spent_in_an_hour}");
    assert!(!tier("1h", "5m", "14.4").can_fire(one_nine.target()));

    let five_nines = objective("99.999%", "30d");
    let most = model::max_burn_rate(five_nines.target()).0;
    let lasts = |burn| five_nines.whole_budget_lasts_minutes(BurnRate(burn)).unwrap();
    assert!((lasts(most) * 60.0 - 26.0).abs() < 0.5, "{}", lasts(most));
    assert!((lasts(most / 100.0) - 43.0).abs() < 0.5, "{}", lasts(most / 100.0));
}

/// One request every six minutes for 30 days; the newest one failed.
fn low_traffic() -> EventSeries {
    let counts = (1..=30 * 24 * 10).map(|at| {
        let good = if at == 30 * 24 * 10 { 0.0 } else { 1.0 };
        Some(EventCount { good, total: 1.0 })
    });
    EventSeries::new(start(), Duration::from_minutes(6), counts.collect())
}

/// Source: the workbook on low traffic: ten requests an hour, of which one fails, spend 13.9 % of the
/// budget and page.
///
/// DIFFERENCE: the workbook calls that a burn rate of 1,000. An error ratio of 0.1 over a budget of
/// 0.001 is 100, and 100 × 1 h / 720 h is the workbook's own 13.9 %.
#[test]
fn workbook_low_traffic() {
    let series = low_traffic();
    let objective = objective("99.9%", "30d");
    let hour = burn::over(objective, &series, Duration::from_hours(1), series.end());
    assert_eq!(hour.rate, Ok(BurnRate(100.0)));
    let page = |minimum_events| {
        let mut tier = AlertPolicy::workbook(objective.window()).tiers.remove(0);
        // The steps are six minutes long, longer than the short window of the workbook.
        tier.short = Duration::from_minutes(6);
        tier.minimum_events = minimum_events;
        read_one(tier, objective, &series)
    };
    let firing = page(None);
    assert_eq!(firing.state, AlertState::Firing);
    assert_close(firing.budget_share.unwrap(), 0.139, 0.5e-3 / 0.139, "share of the budget");
    assert_eq!(page(Some(11)).state, AlertState::Withheld);
}

/// Counts per minute at even traffic, `bad` of 100 events in each failing minute.
fn minutes(failing: impl Iterator<Item = bool>, bad: f64) -> EventSeries {
    let count =
        |failing| EventCount { good: if failing { 100.0 - bad } else { 100.0 }, total: 100.0 };
    let counts = failing.map(count).map(Some).collect();
    EventSeries::new(start(), Duration::from_minutes(1), counts)
}

/// Source: the workbook, figure 5-3: three total failures of five minutes, one every ten minutes, spend
/// almost 12 % of the budget each and 35 % together, and an alert with a duration clause of ten minutes
/// never sees them. Tolerance: half of the last printed digit.
#[test]
fn workbook_spikes() {
    let month = 30 * 1440;
    let series = minutes((0..month).map(|at| at >= month - 30 && at % 10 >= 5), 100.0);
    let objective = objective("99.9%", "30d");
    let tier = AlertPolicy::workbook(objective.window()).tiers.remove(0);
    let reading = read_one(tier, objective, &series);
    assert_eq!(reading.state, AlertState::Firing);
    let share = reading.budget_share.unwrap();
    assert!((share - 0.35).abs() < 0.005, "{share}");
    assert!((share / 3.0 - 0.12).abs() < 0.005, "{share}");
}

/// Source: the workbook, figure 5-6: 15 % of errors for ten minutes, read each minute. The short window
/// is above the threshold at once and the long one after 5 minutes; the alert ends 5 minutes after the
/// errors do.
///
/// DIFFERENCE: the figure's long window comes back 60 minutes after the errors end. What of them is
/// still in the hour must fall to 5.76 minutes, which is the case 55 minutes after.
/// DIFFERENCE: the long window needs 5.76 minutes of errors, so the first whole minute is the sixth.
#[test]
fn workbook_short_and_long_windows() {
    let series = minutes((0..300).map(|at| (120..130).contains(&at)), 15.0);
    let objective = objective("99.9%", "30d");
    let policy =
        AlertPolicy { tiers: vec![AlertPolicy::workbook(objective.window()).tiers.remove(0)] };
    let mut changes = vec![(0, AlertState::Quiet)];
    for minute in 1..=180 {
        let now = start() + chrono::TimeDelta::minutes(120 + minute);
        let state = alert::read(&policy, objective, &series, now)[0].state;
        if changes.last().is_some_and(|(_, last)| *last != state) {
            changes.push((minute, state));
        }
    }
    let expected = [
        (0, AlertState::Quiet),
        (1, AlertState::Rising),
        (6, AlertState::Firing),
        (10 + 5, AlertState::Recovering),
        (10 + 55, AlertState::Quiet),
    ];
    assert_eq!(changes, expected);
}

/// A page with those windows and that factor.
fn tier(long: &str, short: &str, factor: &str) -> AlertTier {
    AlertTier::new(
        Severity::Page,
        long.parse().unwrap(),
        short.parse().unwrap(),
        factor.parse().unwrap(),
    )
}

/// Reads a policy of that one tier at the end of `series`.
fn read_one(tier: AlertTier, objective: Objective, series: &EventSeries) -> TierReading {
    let policy = AlertPolicy { tiers: vec![tier] };
    alert::read(&policy, objective, series, series.end()).remove(0)
}

/// Targets that must be exceeded for a factor to be able to fire: `1 − 1/F`.
///
/// Source: arithmetic from the workbook's highest burn rate `1 / (1 − T)`; the factors are the
/// workbook's and Pyrra's (14, 7, 2). Tolerance: the digits shown.
#[test]
fn reachable_targets() {
    const TABLE: [(&str, f64); 6] = [
        ("14.4", 0.930_6),
        ("6", 0.833_3),
        ("3", 0.666_7),
        ("14", 0.928_6),
        ("7", 0.857_1),
        ("2", 0.5),
    ];
    for (factor, bound) in TABLE {
        let ours = model::target_bound(factor.parse().unwrap());
        assert!((ours - bound).abs() < 0.000_05, "{factor}: {ours}");
    }
    assert_eq!(model::target_bound("1".parse().unwrap()), 0.0);
    assert_eq!(model::target_bound("0.5".parse().unwrap()), 0.0);
}

/// Time until an alert fires: target, window, factor, error ratio, time.
///
/// Source: the first two are the workbook's (0.6 seconds; 2 minutes and 10 seconds, rounded from 9.6),
/// the others its formula `(1 − T) / e · window · F` by hand; the last is an error ratio equal to the
/// threshold. Tolerance: one millisecond.
#[test]
fn detection_times() {
    const TABLE: [(&str, &str, &str, &str, Option<&str>); 7] = [
        ("99.9%", "10m", "1", "100%", Some("600ms")),
        ("99.9%", "36h", "1", "100%", Some("2m9s600ms")),
        ("99.9%", "1h", "14.4", "100%", Some("51s840ms")),
        ("99.9%", "1h", "14.4", "10%", Some("8m38s400ms")),
        ("99.9%", "6h", "6", "100%", Some("2m9s600ms")),
        ("99.9%", "3d", "1", "100%", Some("4m19s200ms")),
        ("99.9%", "1h", "14.4", "1.44%", None),
    ];
    for (target, long, factor, error_ratio, expected) in TABLE {
        let ours = tier(long, "5m", factor).detection_time(ratio(target), ratio(error_ratio));
        assert_eq!(ours.map(|time| time.to_string()).as_deref(), expected, "{long} {factor}");
    }
}

// --- slo-generator ------------------------------------------------------------------------------

/// One report of slo-generator.
struct Report {
    target: Ratio,
    window: Duration,
    threshold: BurnFactor,
    events: Option<EventCount>,
    /// Its numbers, where it held the measurement to be valid.
    figures: Option<Figures>,
    row: String,
}

/// The numbers of a valid report.
struct Figures {
    /// Rounded to six digits.
    sli: Ratio,
    gap: f64,
    budget: f64,
    error: f64,
    /// Rounded to one digit.
    burn_rate: f64,
    budget_minutes: f64,
    remaining_minutes: f64,
    error_minutes: f64,
    consumed_percent: f64,
    alert: bool,
    message: &'static str,
}

/// Reads the table of reports.
fn slo_generator_reports() -> impl Iterator<Item = Report> {
    rows(include_str!("../data/conformance/slo_generator_reports.csv")).map(|row| {
        let number = |at: usize| row[at].parse::<f64>().unwrap();
        Report {
            target: ratio(row[0]),
            window: Duration::from_seconds(row[1].parse().unwrap()),
            threshold: row[2].parse().unwrap(),
            events: events(&row),
            figures: (row[6] == "true").then(|| Figures {
                sli: ratio(row[7]),
                gap: number(8),
                budget: number(9),
                error: number(10),
                burn_rate: number(11),
                budget_minutes: number(12),
                remaining_minutes: number(13),
                error_minutes: number(14),
                consumed_percent: number(15),
                alert: row[16] == "true",
                message: row[17],
            }),
            row: row.join(","),
        }
    })
}

/// What a report counted, in our words. A given SLI is that share of a billion events, and a count
/// without a value is no measurement.
///
/// DIFFERENCE: slo-generator takes one missing count of the two (its −1) for zero, and an SLI of
/// 1.0000001 for 1 after rounding. A missing count is unmeasured here, and a ratio above 1 is refused.
fn events(row: &[&str]) -> Option<EventCount> {
    let count = |at: usize| row[at].parse::<f64>().ok().filter(|count| *count >= 0.0);
    if row[5].is_empty() {
        let (good, bad) = (count(3)?, count(4)?);
        return Some(EventCount { good, total: good + bad });
    }
    let sli: Ratio = row[5].parse().ok()?;
    Some(EventCount { good: f64::from(sli.parts()), total: f64::from(Ratio::PARTS) })
}

/// Source: 429 reports of slo-generator 2.6.0. Tolerance: 1e-11 relative where it computes from its
/// rounded SLI (its `1 − goal` in binary floating point is off by up to 1e-12), and its own roundings,
/// SLI to six digits and burn rate to one, where we compute from the events.
///
/// DIFFERENCE: a goal of 100 % has no error budget and is refused; slo-generator calls every
/// measurement against it "OK" with a burn rate of 0.
#[test]
fn slo_generator_budgets() {
    let (mut compared, mut no_budget, mut invalid, mut unmeasured) = (0, 0, 0, 0);
    for report in slo_generator_reports() {
        let row = &report.row;
        let objective = match Objective::new(report.target, report.window) {
            Ok(objective) => objective,
            Err(error) => {
                assert_eq!(error, ObjectiveError::NoBudget);
                let figures = report.figures.unwrap();
                assert!(figures.message == "ok" && figures.burn_rate == 0.0, "{row}");
                no_budget += 1;
                continue;
            }
        };
        let Some(figures) = report.figures else {
            let answer =
                report.events.and_then(|events| budget::from_events(objective, events).sli);
            assert_eq!(answer, None, "{row}");
            invalid += 1;
            continue;
        };
        check_rounded_sli(objective, &figures, row);
        match report.events {
            Some(events) => check_events(objective, events, &figures, row),
            None => unmeasured += 1,
        }
        compared += 1;
    }
    assert_eq!((compared, no_budget, invalid, unmeasured), (371, 40, 18, 6));
}

/// Its figures follow from its rounded SLI as ours do.
#[track_caller]
fn check_rounded_sli(objective: Objective, figures: &Figures, row: &str) {
    let ours = budget::from_actual(objective, figures.sli);
    let minutes = ours.minutes().unwrap();
    let consumed = 100.0 * (1.0 - ours.remaining_ratio.unwrap());
    for (ours, theirs) in [
        (ours.amounts.remaining, figures.gap),
        (ours.amounts.allowed, figures.budget),
        (ours.amounts.spent, figures.error),
        (minutes.allowed, figures.budget_minutes),
        (minutes.spent, figures.error_minutes),
        (minutes.remaining, figures.remaining_minutes),
        (consumed, figures.consumed_percent),
    ] {
        assert_close(ours, theirs, 1e-11, row);
    }
    let burn = ours.burn_rate.unwrap().0;
    assert!((burn - figures.burn_rate).abs() <= 0.05 + 1e-9, "{row}: {burn}");
}

/// From the events, ours differ from its figures by its roundings at most.
#[track_caller]
fn check_events(objective: Objective, events: EventCount, figures: &Figures, row: &str) {
    let ours = budget::from_events(objective, events);
    let sli = ours.sli.unwrap();
    assert!((sli - figures.sli.as_f64()).abs() <= 0.5e-6 + 1e-12, "{row}: {sli}");
    let burn = ours.burn_rate.unwrap().0;
    let tolerance = 0.05 + 0.5e-6 / objective.error_budget().as_f64() + 1e-9;
    assert!((burn - figures.burn_rate).abs() <= tolerance, "{row}: {burn}");
}

/// Source: as above; whether it alerts, and whether it holds the objective for met. Tolerance: none, all
/// reports agree.
#[test]
fn slo_generator_alerts() {
    let mut compared = 0;
    for report in slo_generator_reports() {
        let (Ok(objective), Some(figures), Some(events)) =
            (Objective::new(report.target, report.window), report.figures, report.events)
        else {
            continue;
        };
        let met = !budget::from_events(objective, events).overspent;
        assert_eq!(met, figures.message == "ok", "{}", report.row);
        let firing = state_over(objective, report.threshold, events) == AlertState::Firing;
        assert_eq!(firing, figures.alert, "{}", report.row);
        compared += 1;
    }
    assert_eq!(compared, 365);
}

/// Target, events of which some are bad, and a threshold that slo-generator's burn rate, rounded to one
/// digit before it is compared, equals or falls below.
///
/// DIFFERENCE: it does not alert on any of these. A burn rate above its threshold fires here, however
/// little it is above.
#[test]
fn slo_generator_rounds_before_it_compares() {
    const TABLE: [(&str, f64, f64, &str); 3] = [
        ("99%", 10_000.0, 145.0, "1.4"),
        ("99%", 10_000.0, 104.0, "1"),
        ("99.9%", 1_000_000.0, 9_001.0, "9"),
    ];
    for (target, total, bad, threshold) in TABLE {
        let (objective, events) =
            (objective(target, "28d"), EventCount { good: total - bad, total });
        let rounded = format!("{:.1}", budget::from_events(objective, events).burn_rate.unwrap().0);
        assert!(rounded.parse::<f64>().unwrap() <= threshold.parse().unwrap(), "{rounded}");
        let state = state_over(objective, threshold.parse().unwrap(), events);
        assert_eq!(state, AlertState::Firing, "{target} {bad}");
    }
}

/// The state of an alert over the objective's window in which `events` happened.
fn state_over(objective: Objective, factor: BurnFactor, events: EventCount) -> AlertState {
    let window = objective.window();
    let tier = AlertTier { long: window, short: window, factor, ..tier("1h", "5m", "1") };
    let series = EventSeries::new(start(), window, vec![Some(events)]);
    read_one(tier, objective, &series).state
}
