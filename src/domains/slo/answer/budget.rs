//! The answer of `sre budget`.
use super::{BudgetAnswer, FailOn, close, dependencies, words as shared};
use crate::{
    domains::slo::{
        assess::{AdjustedBudget, Assessment, Outcome, Reading, Span},
        engine::{
            alert::AlertState,
            budget::Budget,
            exhaustion::{Exhaustion, Forecast},
        },
    },
    kernel::{
        report::{Block, Cell, Column, MetricFamily, Report, Sample, Table, Text, Verdict, words},
        time::Zone,
    },
};

/// Coverage below which an answer says how much of the window is known.
const NEARLY_ALL: f64 = 0.999;

/// The answer for these objectives, in their order.
pub fn report(assessments: &[Assessment<'_>], fail_on: FailOn, zone: &Zone) -> Report {
    let verdict: Verdict = assessments.iter().map(|one| fail_on.verdict(one)).collect();
    let mut report =
        Report::of(&BudgetAnswer::of(assessments)).block(table(assessments, zone)).verdict(verdict);
    if let [only] = assessments {
        report = report.blocks(details(only, zone));
    }
    report = report.blocks(assessments.iter().flat_map(dependencies::blocks));
    report = report.blocks(remarks(assessments));
    metrics(assessments).into_iter().fold(report, Report::metric)
}

fn table(assessments: &[Assessment<'_>], zone: &Zone) -> Table {
    let readings = || assessments.iter().filter_map(Assessment::reading);
    let several = assessments.iter().any(|one| !one.objective.first_window);
    let people_need =
        |column: Column, some: bool| if some { column } else { column.for_machines() };
    let mut table = Table::new().main().columns([
        Column::new("SLO").middle().min_width(24),
        people_need(Column::new("Group").middle(), readings().any(|one| !one.group.is_empty())),
        Column::new("Service").priority(7).middle(),
        Column::new("Target").priority(2),
        // Where an objective has several, the window tells its rows apart.
        Column::new("Window").priority(if several { 0 } else { 6 }),
        Column::new("SLI").priority(1),
        Column::new("Budget").for_people().priority(4),
        Column::new("Left").key("remaining_ratio"),
        people_need(
            Column::new("Adjusted").key("adjusted_remaining_ratio"),
            readings().any(|one| one.adjusted.is_some()),
        ),
        Column::new("Burn").key("burn_rate").priority(3),
        Column::new("Exhausts").key("exhausts_at").priority(5),
        Column::new("Known").key("coverage").priority(8),
        Column::new("State"),
    ]);
    for assessment in assessments {
        table.push(row(assessment, zone));
    }
    table
}

fn row(assessment: &Assessment<'_>, zone: &Zone) -> Vec<Cell> {
    let resolved = &assessment.objective;
    let target = resolved.objective.target();
    let reading = assessment.reading();
    let budget = assessment.measured_budget();
    let left = budget.and_then(|budget| budget.remaining_ratio);
    let adjusted = reading.and_then(|reading| reading.adjusted.as_ref());
    let percent =
        |share: Option<f64>| share.map_or(Cell::Missing, |s| Cell::percent_against(s, &[0.0]));
    vec![
        Cell::name(resolved.document.name()),
        close::group(assessment).map_or(Cell::Missing, Cell::text),
        resolved.service.map_or(Cell::Missing, Cell::text),
        Cell::ratio(target),
        Cell::text(window(assessment)),
        budget
            .and_then(|budget| budget.sli)
            .map_or(Cell::Missing, |sli| Cell::percent_against(sli, &[target.as_f64()])),
        Cell::bar(left, 10),
        percent(left),
        percent(adjusted.and_then(|adjusted| adjusted.window.budget.remaining_ratio)),
        budget
            .and_then(|budget| budget.burn_rate)
            .map_or(Cell::Missing, |rate| Cell::number(rate.0, shared::digits(rate.0))),
        shared::exhausts(assessment, zone),
        reading.map_or(Cell::Missing, |reading| Cell::percent(reading.window.count.coverage())),
        shared::state(assessment.state()),
    ]
}

/// The window in a word: its length, or the calendar's unit.
fn window(assessment: &Assessment<'_>) -> String {
    match assessment.reading() {
        Some(reading) if reading.span == Span::Chosen => {
            reading.window.budget.objective.window().to_string()
        }
        _ => assessment.objective.window.to_string(),
    }
}

/// More about one objective.
fn details(assessment: &Assessment<'_>, zone: &Zone) -> Vec<Block> {
    match &assessment.outcome {
        Ok(Outcome::Measured(reading)) => {
            let mut blocks = vec![Block::facts(facts(assessment, reading, zone))];
            blocks.extend(close::parts(reading));
            blocks.extend(close::adjustments(reading, zone));
            blocks.extend(reading.returns.iter().flat_map(|returns| close::returns(returns, zone)));
            blocks
        }
        Ok(Outcome::Stated(budget)) => vec![Block::facts(stated(budget))],
        Err(_) => Vec::new(),
    }
}

fn facts(assessment: &Assessment<'_>, reading: &Reading, zone: &Zone) -> Vec<(&'static str, Cell)> {
    let (window, budget) = (&reading.window, &reading.window.budget);
    let events = window.count.events;
    let count = |count: f64| shared::events(count);
    let what = match assessment.objective.budgeting.slice() {
        Some(_) => "slices",
        None if !reading.parts.is_empty() => "weighted events",
        None => "events",
    };
    let now = match &reading.span {
        Span::Calendar(period) if reading.at < period.to => {
            format!(", now {}", shared::moment(reading.at, zone))
        }
        _ => String::new(),
    };
    let stretch = format!(
        "{} to {}{now}",
        shared::moment(window.from, zone),
        shared::moment(window.to, zone)
    );
    let mut facts = vec![
        ("window", Cell::text(stretch)),
        (what, Cell::text(format!("{} good of {}", count(events.good), count(events.total)))),
    ];
    facts.extend(reading.calendar.as_ref().and_then(close::expected).map(|it| ("expected", it)));
    facts.push(("budget", Cell::text(spent(budget, what))));
    if let Some(minutes) = budget.minutes() {
        let text = format!(
            "{} of {} minutes of full outage spent",
            words::number(minutes.spent, 1),
            words::number(minutes.allowed, 1)
        );
        facts.push(("in time", Cell::text(text)));
    }
    if let Some(adjusted) = &reading.adjusted {
        let text = spent(&adjusted.window.budget, what);
        facts.push(("adjusted", Cell::text(format!("{text}, with {}", names(adjusted)))));
    }
    facts.extend(reading.confidence.as_ref().map(|it| ("verdict", close::verdict(it))));
    if let Some(forecast) = &reading.forecast {
        facts.push(("at this rate", Cell::text(outlook(forecast, zone))));
    }
    facts.extend(reading.outlook.iter().flat_map(|outlook| close::outlook(outlook, zone)));
    facts.push(("measured", Cell::text(coverage(reading))));
    facts.extend(reading.bounds.as_ref().map(|it| ("what is missing", close::bounds(it))));
    if reading.unjudged > 0 {
        let text = format!(
            "{} whose condition is NULL, counted as bad",
            words::plural(reading.unjudged, "event")
        );
        facts.push(("unjudged", Cell::text(text)));
    }
    let exact = if reading.extrapolated { ", which extrapolates its counts" } else { "" };
    facts.push(("source", Cell::text(format!("{}{exact}", reading.source))));
    if let Some(runbook) = &assessment.objective.runbook {
        facts.push(("runbook", Cell::text(runbook.clone())));
    }
    facts
}

/// What is spent of what is allowed.
fn spent(budget: &Budget, what: &str) -> String {
    let allowed = budget.amounts.allowed;
    format!(
        "{} of {} allowed bad {what} spent",
        shared::events(budget.amounts.spent),
        words::number(allowed, if allowed < 100.0 { 2 } else { 0 }),
    )
}

/// The adjustments that were applied, each once.
pub(super) fn names(adjusted: &AdjustedBudget) -> String {
    let mut names: Vec<&str> = adjusted.applied.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

fn coverage(reading: &Reading) -> String {
    let count = reading.window.count;
    let share = words::percent(count.coverage());
    if count.coverage() >= NEARLY_ALL {
        return format!("{share} of the window");
    }
    format!("{share} of the window; the answer speaks of that part")
}

/// What becomes of the budget if things go on as they do.
fn outlook(forecast: &Forecast, zone: &Zone) -> String {
    let basis = forecast.basis.as_ref().map_or(String::new(), |basis| {
        let rate = basis.rate.map_or(0.0, |rate| rate.0);
        let rate = words::number(rate, shared::digits(rate));
        format!(" (burn rate {rate} over the last {})", basis.window)
    });
    match forecast.exhaustion {
        Exhaustion::Overspent => "the budget is overspent".to_owned(),
        Exhaustion::At(at) => format!("empty on {}{basis}", shared::moment(at, zone)),
        Exhaustion::Never => format!("the budget lasts{basis}"),
        Exhaustion::Unknown(reason) => format!("unknown: {reason}"),
    }
}

fn stated(budget: &Budget) -> Vec<(&'static str, Cell)> {
    let mut facts = vec![
        ("allowed", Cell::percent(budget.amounts.allowed)),
        ("spent", Cell::percent(budget.amounts.spent)),
    ];
    if let Some(minutes) = budget.minutes() {
        let text = format!(
            "{} of {} minutes of full outage spent",
            words::number(minutes.spent, 1),
            words::number(minutes.allowed, 1)
        );
        facts.push(("in time", Cell::text(text)));
    }
    facts
}

/// What has to be said in sentences: alerts that fire, and why nothing is known.
fn remarks(assessments: &[Assessment<'_>]) -> Vec<Block> {
    let mut lines: Vec<Text> = Vec::new();
    for assessment in assessments {
        let name = close::name(assessment);
        lines.extend(shared::why_unknown(assessment));
        for tier in assessment.reading().into_iter().flat_map(|reading| &reading.tiers) {
            if tier.state == AlertState::Firing {
                let severity = tier.tier.severity.name();
                lines.push(
                    Text::new()
                        .bad(severity)
                        .plain(" ")
                        .name(name.clone())
                        .plain(format!(": {}", tier.sentence())),
                );
            }
        }
    }
    if lines.is_empty() { Vec::new() } else { vec![Block::list(lines)] }
}

/// Reads one number of a budget.
type Read = fn(&Budget) -> Option<f64>;

/// The same numbers for a Prometheus-compatible server.
fn metrics(assessments: &[Assessment<'_>]) -> Vec<MetricFamily> {
    let families: [(&str, &str, Read); 4] = [
        ("sre_slo_sli_ratio", "Share of good events in the window.", |b| b.sli),
        ("sre_slo_objective_ratio", "Share of events that is to be good.", |b| {
            Some(b.objective.target().as_f64())
        }),
        (
            "sre_slo_error_budget_remaining_ratio",
            "Share of the error budget that is left, as measured.",
            |b| b.remaining_ratio,
        ),
        ("sre_slo_burn_rate", "Burn rate over the window.", |b| b.burn_rate.map(|rate| rate.0)),
    ];
    families
        .into_iter()
        .map(|(name, help, read)| {
            let samples = assessments.iter().filter_map(|assessment| {
                let value = read(assessment.measured_budget()?)?;
                Some(labelled(Sample::new(value), assessment))
            });
            MetricFamily::gauge(name, help).samples(samples)
        })
        .chain([adjusted_metric(assessments)])
        .collect()
}

/// What is left with adjustments, where there are some.
fn adjusted_metric(assessments: &[Assessment<'_>]) -> MetricFamily {
    let samples = assessments.iter().filter_map(|assessment| {
        let adjusted = assessment.reading()?.adjusted.as_ref()?;
        let value = adjusted.window.budget.remaining_ratio?;
        Some(labelled(Sample::new(value), assessment))
    });
    MetricFamily::gauge(
        "sre_slo_adjusted_error_budget_remaining_ratio",
        "Share of the error budget that is left with adjustments applied.",
    )
    .samples(samples)
}

/// A sample with what tells it from those of other objectives, windows and groups.
pub(super) fn labelled(sample: Sample, assessment: &Assessment<'_>) -> Sample {
    let objective = &assessment.objective;
    let sample = sample
        .label("slo", objective.document.name())
        .label("window", objective.window.to_string());
    let sample = match objective.service {
        Some(service) => sample.label("service", service),
        None => sample,
    };
    let group = assessment.reading().map(|reading| reading.group.clone()).unwrap_or_default();
    // A label of the measurements never takes the place of one of ours.
    group
        .into_iter()
        .fold(sample, |sample, (name, value)| sample.label(format!("group_{name}"), value))
}
