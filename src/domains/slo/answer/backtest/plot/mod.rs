//! A replay as a picture: error ratio, burn rates with their thresholds, firings and incidents over time.
//!
//! [`Scene`] says what there is to draw, in columns of time; `svg` and `terminal` draw it.
mod svg;
mod terminal;
mod ticks;

pub use svg::{COLUMNS, svg};
pub use terminal::text;

use super::super::close;
use crate::{
    domains::slo::{
        backtested::{Backtest, Backtested},
        engine::backtest::{
            Firing, Judged,
            course::{Course, Extent},
        },
        model::Severity,
    },
    kernel::{time::Zone, units::Instant},
};
use ticks::Tick;

/// What there is to draw of one objective under one policy.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Name of the objective and of the policy, and the time.
    title: String,
    subtitle: String,
    /// How many columns the time has.
    columns: usize,
    /// Error ratio of the steps.
    errors: Vec<Option<Extent>>,
    /// Error ratio that the target allows.
    budget: f64,
    /// Burn rates of each tier.
    tiers: Vec<Track>,
    /// When each alert fires.
    alerts: Vec<Lane>,
    /// When something was wrong.
    incidents: Lane,
    /// Times that are written below.
    ticks: Vec<Tick>,
}

/// The burn rates of a tier.
#[derive(Clone, Debug)]
struct Track {
    name: String,
    windows: String,
    threshold: f64,
    severity: Severity,
    long: Vec<Option<Extent>>,
    short: Vec<Option<Extent>>,
    lane: Lane,
}

/// Stretches of time, as shares of the whole: `0..=1`.
#[derive(Clone, Debug)]
struct Lane {
    name: String,
    severity: Option<Severity>,
    bars: Vec<(f64, f64)>,
    /// The time of which nothing is known, at the beginning.
    unknown_until: f64,
}

impl Scene {
    /// The objective that it shows, with its group.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What there is to draw in so many columns; `None` where nothing was evaluated.
    pub fn of(
        one: &Backtested<'_, '_>,
        policy: &Backtest,
        zone: &Zone,
        columns: usize,
    ) -> Option<Self> {
        let reading = one.assessment.reading()?;
        let objective = one.assessment.objective.objective;
        let range = policy.replay.evaluated?;
        if range.0 >= range.1 {
            return None;
        }
        let share = |at: Instant| share(range, at);
        // Columns without a step in them would be gaps where there are none.
        let step = i64::try_from(reading.series.step().milliseconds()).ok()?;
        let steps = usize::try_from((range.1 - range.0).num_milliseconds() / step).ok()?;
        let columns = columns.min(steps).max(1);
        let course = Course::new(objective, &reading.series, range, columns);
        let lane = |name: &str, severity, firings: &[Firing], judged: Option<Judged>| {
            let bar = |one: &Firing| (share(one.from), share(one.end(range.1)));
            Lane {
                name: name.to_owned(),
                severity,
                bars: firings.iter().map(bar).collect(),
                unknown_until: judged.map_or(1.0, |judged| share(judged.first)),
            }
        };
        let tiers = policy.replay.tiers.iter().map(|tier| Track {
            name: tier.tier.name.clone(),
            windows: format!("{}/{}", tier.tier.long, tier.tier.short),
            threshold: tier.tier.factor.as_f64(),
            severity: tier.tier.severity,
            long: course.burn_rates(tier.tier.long),
            short: course.burn_rates(tier.tier.short),
            lane: lane(&tier.tier.name, Some(tier.tier.severity), &tier.firings, tier.judged.ok()),
        });
        let alerts = policy.replay.alerts.iter().map(|alert| {
            lane(alert.severity.name(), Some(alert.severity), &alert.firings, alert.judged)
        });
        let moment = |at| super::shared::moment(at, zone);
        let target = objective.target().percent();
        Some(Self {
            title: close::name(one.assessment),
            subtitle: format!(
                "{target} over {}, policy {}, {} to {}",
                one.assessment.objective.window,
                policy.name,
                moment(range.0),
                moment(range.1),
            ),
            columns,
            errors: course.error_ratios(),
            budget: objective.error_budget().as_f64(),
            tiers: tiers.collect(),
            alerts: alerts.collect(),
            incidents: Lane {
                name: "incidents".to_owned(),
                severity: None,
                bars: one.incidents.iter().map(|one| (share(one.from), share(one.to))).collect(),
                unknown_until: 0.0,
            },
            ticks: ticks::ticks(range, zone),
        })
    }
}

/// Where a moment lies between two others: `0..=1`.
fn share((from, to): (Instant, Instant), at: Instant) -> f64 {
    let length = (to - from).num_milliseconds() as f64;
    if length <= 0.0 {
        return 0.0;
    }
    ((at - from).num_milliseconds() as f64 / length).clamp(0.0, 1.0)
}

/// Where a value lies on a logarithmic scale from `least` to `most`: `0..=1`. What is below the scale lies at its
/// bottom, so that no errors and few can both be drawn.
fn logarithmic(value: f64, (least, most): (f64, f64)) -> f64 {
    if value <= least {
        return 0.0;
    }
    ((value / least).ln() / (most / least).ln()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests;
