//! What is said of one objective that is looked at closely, beyond the numbers of its window.
use super::{form::close::mode, words as shared};
use crate::{
    domains::slo::{
        assess::{Assessment, Reading},
        engine::{
            bounds::Bounds,
            calendar_budget::{Basis, CalendarBudget},
            confidence::{Confidence, Verdict},
            outlook::{NoOutlook, Outlook},
            returns::{Return, Returns},
        },
    },
    kernel::{
        report::{Block, Cell, Column, Table, words},
        time::Zone,
    },
};

/// How sure the answer is.
pub(super) fn verdict(confidence: &Confidence) -> Cell {
    let level = confidence.level.percent();
    let between = format!(
        "at {level} confidence at least {}, at most {} are good",
        words::percent_against(confidence.lower, &[confidence.upper]),
        words::percent_against(confidence.upper, &[confidence.lower]),
    );
    match confidence.verdict {
        Verdict::Met => Cell::text(format!("met: {between}")),
        Verdict::Missed => Cell::text(format!("missed: {between}")),
        Verdict::NotEnoughData => {
            let enough = match confidence.events_enough {
                Some(events) => format!("{} would be enough", words::plural(events, "event")),
                None => "it is too close to the target for any number".to_owned(),
            };
            Cell::text(format!("not enough data: {between}; {enough}"))
        }
    }
}

/// What missing measurements could change.
pub(super) fn bounds(bounds: &Bounds) -> Cell {
    let left = |share: Option<f64>| share.map_or("–".to_owned(), words::percent);
    let (worst, best) = (bounds.worst.remaining_ratio, bounds.best.remaining_ratio);
    let text = format!("between {} and {} of the budget is left", left(worst), left(best));
    Cell::text(text)
}

/// What is expected of a period that runs.
pub(super) fn expected(calendar: &CalendarBudget) -> Option<Cell> {
    let from = match calendar.basis {
        Basis::Ended => return None,
        Basis::Slices => "every slice to come",
        Basis::Mean { .. } => "the traffic of the last four weeks",
        Basis::HoursOfWeek { .. } => "the last four weeks, hour by hour",
        Basis::Unknown => "nothing: no recent traffic is known",
    };
    let total = words::number(calendar.expected_total, 0);
    Some(Cell::text(format!("{total} events in the whole period, from {from}")))
}

/// The forecast and how good it was.
pub(super) fn outlook(
    outlook: &Result<Outlook, NoOutlook>,
    zone: &Zone,
) -> Vec<(&'static str, Cell)> {
    let outlook = match outlook {
        Ok(outlook) => outlook,
        Err(reason) => return vec![("forecast", Cell::text(format!("none: {reason}")))],
    };
    let until = shared::moment(outlook.until, zone);
    let chance = chance(outlook.probability);
    let median = match outlook.exhausted.p50 {
        Some(at) => format!("; as likely as not by {}", shared::moment(at, zone)),
        None => String::new(),
    };
    let left = outlook.remaining_ratio;
    let left = format!(
        "; then {} left, {} to {} in four of five cases",
        whole(left.p50),
        whole(left.p10),
        whole(left.p90)
    );
    let forecast = format!("{chance} likely to be empty by {until}{median}{left}");
    let score = match &outlook.score {
        Ok(score) => {
            let skill = score.pinball_skill.map_or(String::new(), |skill| {
                let (share, word) = if skill < 0.0 { (-skill, "worse") } else { (skill, "better") };
                format!(", {} {word} than holding the burn rate", whole(share))
            });
            // Half of what it promises is no forecast.
            let advice = if score.coverage_of_80 < 0.4 { ": do not rely on it" } else { "" };
            format!(
                "{} of {} past forecasts {} ahead held what came (80% should){skill}{advice}",
                whole(score.coverage_of_80),
                score.origins,
                score.ahead
            )
        }
        Err(reason) => format!("unknown: {reason}"),
    };
    vec![("forecast", Cell::text(forecast)), ("its record", Cell::text(score))]
}

/// A share in whole percent: more would promise what a forecast cannot keep.
fn whole(share: f64) -> String {
    words::percent_with(share, 0)
}

/// A probability, as far as it can be known from so many paths: neither never nor for sure.
fn chance(probability: f64) -> String {
    const LEAST: f64 = 0.01;
    match probability {
        rare if rare < LEAST => format!("less than {}", whole(LEAST)),
        sure if sure > 1.0 - LEAST => format!("more than {}", whole(1.0 - LEAST)),
        probability => whole(probability),
    }
}

/// Outages that spent less than this share of the budget are not told apart to people.
const WORTH_A_ROW: f64 = 0.01;

/// When spent budget returns.
pub(super) fn returns(returns: &Returns, zone: &Zone) -> Vec<Block> {
    let (large, small): (Vec<&Return>, Vec<&Return>) =
        returns.returns.iter().partition(|one| one.spent.share >= WORTH_A_ROW);
    if large.is_empty() {
        return Vec::new();
    }
    let mut table = Table::new().title("what is spent and when it returns").columns([
        Column::new("From"),
        Column::new("To").priority(2),
        Column::new("Bad").priority(1),
        Column::new("Of the budget"),
        Column::new("Returns by"),
    ]);
    for one in large {
        table.push([
            Cell::text(shared::moment(one.from, zone)),
            Cell::text(shared::moment(one.to, zone)),
            Cell::text(shared::events(one.spent.bad)),
            Cell::percent(one.spent.share),
            Cell::text(shared::moment(one.done, zone)),
        ]);
    }
    let others = returns.others + small.len();
    if others > 0 {
        let what = words::plural(others as u64, "smaller outage");
        let of_small = |of: fn(&Return) -> f64| small.iter().map(|one| of(one)).sum::<f64>();
        let bad = returns.of_others.bad + of_small(|one| one.spent.bad);
        let share = returns.of_others.share + of_small(|one| one.spent.share);
        table.push([
            Cell::muted(what),
            Cell::Missing,
            Cell::text(shared::events(bad)),
            Cell::percent(share),
            Cell::Missing,
        ]);
    }
    if returns.of_background.bad > 0.0 {
        table.push([
            Cell::muted("outside of outages"),
            Cell::Missing,
            Cell::text(shared::events(returns.of_background.bad)),
            Cell::percent(returns.of_background.share),
            Cell::muted("day by day"),
        ]);
    }
    vec![table.into()]
}

/// What was adjusted.
pub(super) fn adjustments(reading: &Reading, zone: &Zone) -> Vec<Block> {
    let Some(adjusted) = &reading.adjusted else { return Vec::new() };
    let mut table = Table::new().title("adjustments").columns([
        Column::new("Name").middle(),
        Column::new("Mode"),
        Column::new("From"),
        Column::new("To").priority(2),
        Column::new("Bad").priority(1),
        Column::new("Events").priority(1),
        Column::new("Ticket").priority(3),
    ]);
    for one in &adjusted.applied {
        let effect = &one.effect;
        table.push([
            Cell::name(one.name.clone()),
            Cell::text(mode(effect.adjustment.mode)),
            Cell::text(shared::moment(effect.adjustment.from, zone)),
            Cell::text(shared::moment(effect.adjustment.to, zone)),
            Cell::text(shared::events(effect.events.bad())),
            Cell::text(shared::events(effect.events.total)),
            one.ticket.clone().map_or(Cell::Missing, Cell::text),
        ]);
    }
    vec![table.into()]
}

/// What the parts of a composite lost.
pub(super) fn parts(reading: &Reading) -> Vec<Block> {
    if reading.parts.is_empty() {
        return Vec::new();
    }
    let by_slices = reading.parts.iter().any(|part| part.exclusive.is_some());
    let mut table = Table::new().title("parts").columns([
        Column::new("SLO").middle(),
        Column::new("Weight"),
        Column::new("SLI"),
        Column::new("Share of the loss"),
    ]);
    if by_slices {
        table = table.columns([Column::new("Alone"), Column::new("With others")]);
    }
    for part in &reading.parts {
        let events = part.count.events;
        let sli = (events.total > 0.0).then(|| events.good / events.total);
        let count = |slices: Option<u64>| slices.map_or(Cell::Missing, Cell::count);
        let mut cells = vec![
            Cell::name(part.name.clone()),
            Cell::percent(part.weight),
            sli.map_or(Cell::Missing, Cell::percent),
            part.share.map_or(Cell::Missing, Cell::percent),
        ];
        if by_slices {
            cells.extend([count(part.exclusive), count(part.shared)]);
        }
        table.push(cells);
    }
    vec![table.into()]
}

/// The group that a row is about, where the objective is grouped.
pub fn group(assessment: &Assessment<'_>) -> Option<String> {
    let group = &assessment.reading()?.group;
    let labels = group.iter().map(|(label, value)| format!("{label}={value}"));
    (!group.is_empty()).then(|| labels.collect::<Vec<_>>().join(", "))
}

/// The name of an objective, with the group that the row is about.
pub(super) fn name(assessment: &Assessment<'_>) -> String {
    let name = assessment.objective.document.name();
    match assessment.reading().map(|reading| &reading.group) {
        Some(group) if !group.is_empty() => {
            let labels: Vec<String> =
                group.iter().map(|(label, value)| format!("{label}={value:?}")).collect();
            format!("{name}{{{}}}", labels.join(","))
        }
        _ => name.to_owned(),
    }
}
