//! From measured series to what is said of an objective.
use super::{AdjustedBudget, Measurements, Parts, Reading, Span, Terms, Unknown};
use crate::{
    domains::slo::{
        adjustments::{self, Applied, ResolvedAdjustment},
        engine::{
            adjust, alert, bounds,
            budget::{self, WindowBudget},
            burn,
            calendar_budget::{self, CalendarBudget, ToCome},
            confidence, exhaustion,
            outlook::{self, Course},
            returns, slices,
        },
        model::{Budgeting, NoData, Objective},
        resolve::ResolvedObjective,
    },
    kernel::{
        series::EventSeries,
        units::{Duration, Instant},
    },
};
use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

/// Reads measurements: first the stretch of time and the series that the objective counts in it, then
/// everything that is said of them.
pub(super) fn read(
    resolved: &ResolvedObjective<'_>,
    mut measured: Measurements,
    adjustments: &[ResolvedAdjustment<'_>],
    terms: &Terms,
) -> Result<Reading, Unknown> {
    let stretch = Stretch::of(resolved, &measured, terms);
    let parts = measured.parts.take();
    let is_weighted = parts.is_some() && resolved.budgeting.slice().is_none();
    let budgeting = if parts.is_some() { Budgeting::Occurrences } else { resolved.budgeting };
    // A composite is known as far as the part that is known least.
    let known = parts.as_ref().map_or(1.0, |parts| parts.coverage);
    let as_measured = counted(resolved, &measured.series, budgeting, &stretch)?;
    let budget = stretch.budget(resolved, &as_measured);
    let window = known_to(budget.window(), known);
    let (adjusted, in_force, budget) =
        match adjust(&measured.series, parts.as_ref(), adjustments, &stretch) {
            None => (None, as_measured, budget),
            Some(Changed { series, applied, prorated }) => {
                let series = counted(resolved, &series, budgeting, &stretch)?.into_owned();
                let budget = stretch.budget(resolved, &series);
                let window = known_to(budget.window(), known);
                let adjusted = AdjustedBudget { window, applied, prorated };
                let adjusted = (!adjusted.applied.is_empty()).then_some(adjusted);
                (adjusted, Cow::Owned(series), budget)
            }
        };
    let series = match in_force {
        Cow::Borrowed(_) => Arc::clone(&measured.series),
        Cow::Owned(series) => Arc::new(series),
    };
    let objective = stretch.objective(resolved);
    let now = stretch.at;
    let counting = known_to(budget.window(), known);
    let judged = measured.judged.map(|judged| judged.window(stretch.from, stretch.to));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and not negative, for whole events are counted"
    )]
    let unjudged = judged.map_or(0, |judged| judged.events.bad() as u64);
    let mut lengths: BTreeSet<Duration> = BTreeSet::from([resolved.objective.window()]);
    lengths.extend(resolved.alerting.tiers.iter().flat_map(|tier| [tier.short, tier.long]));
    let burn = |length| burn::over(resolved.objective, &series, length, now);
    let coverage = counting.count.coverage();
    Ok(Reading {
        at: now,
        // What a period that runs still allows is not known from what was counted.
        bounds: if budget.is_running(now) {
            None
        } else {
            bounds::bounds(objective, counting.count)
        },
        // Weighted events are no events that could be counted on.
        confidence: (counting.count.events.total > 0.0 && !is_weighted).then(|| {
            let window = (stretch.from, stretch.to);
            confidence::between(objective, &series, window, terms.confidence, terms.limits)
        }),
        burns: lengths.into_iter().map(burn).collect(),
        tiers: alert::read(&resolved.alerting, resolved.objective, &series, now),
        forecast: stretch.forecast(resolved, &series, &budget),
        outlook: stretch.course().filter(|_| terms.outlook).map(|course| {
            let horizon = objective.window().max(terms.horizon);
            let settings = outlook::Settings { horizon: Some(horizon), ..Default::default() };
            let drawn = history(&series, adjustments, terms, now);
            outlook::outlook(objective, course, &drawn, now, &settings)
        }),
        returns: (stretch.span == Span::Rolling)
            .then(|| returns::returns(objective, &series, now, returns::Settings::default())),
        too_little: resolved.minimum_coverage.filter(|least| coverage < least.as_f64()),
        parts: parts.map(|parts| parts.losses).unwrap_or_default(),
        dependencies: None,
        calendar: budget.calendar(),
        span: stretch.span,
        window,
        adjusted,
        measured: measured.series,
        series,
        source: measured.source,
        unjudged,
        group: measured.group,
        incomplete: measured.incomplete,
        extrapolated: measured.extrapolated,
    })
}

/// The stretch of time that is looked at.
struct Stretch {
    span: Span,
    from: Instant,
    to: Instant,
    /// The moment that burn rates and forecasts speak of.
    at: Instant,
}

impl Stretch {
    fn of(resolved: &ResolvedObjective<'_>, measured: &Measurements, terms: &Terms) -> Self {
        // A slice that is not over has no verdict yet.
        let at = match resolved.budgeting.slice() {
            Some(slice) => slices::settled(measured.at, slice),
            None => measured.at,
        };
        if let Some((from, to)) = terms.period {
            // Steps may end before the end that was asked for.
            let to = if at > from { at } else { to };
            return Self { span: Span::Chosen, from, to, at: to };
        }
        if let Some(calendar) = resolved.window.calendar() {
            // At the moment in which a period ends, that one is seen, and not the empty next one.
            let period = calendar.period(at - chrono::TimeDelta::milliseconds(1));
            return Self { from: period.from, to: at, at, span: Span::Calendar(period) };
        }
        let from = budget::back(at, resolved.objective.window());
        Self { span: Span::Rolling, from, to: at, at }
    }

    /// The objective over this stretch of time.
    fn objective(&self, resolved: &ResolvedObjective<'_>) -> Objective {
        let length = match &self.span {
            Span::Rolling => return resolved.objective,
            Span::Calendar(period) => period.length(),
            Span::Chosen => {
                let length = (self.to - self.from).num_milliseconds();
                Duration::from_milliseconds(u64::try_from(length).unwrap_or(0))
            }
        };
        Objective::new(resolved.objective.target(), length).unwrap_or(resolved.objective)
    }

    fn budget(&self, resolved: &ResolvedObjective<'_>, series: &EventSeries) -> Counted {
        let objective = self.objective(resolved);
        let Span::Calendar(period) = self.span else {
            return Counted::Window(budget::between(objective, series, self.from, self.to));
        };
        let to_come = ToCome::of(resolved.budgeting);
        let whole = (period.from, period.to);
        Counted::Calendar(calendar_budget::at(objective, series, whole, self.at, to_come))
    }

    fn forecast(
        &self,
        resolved: &ResolvedObjective<'_>,
        series: &EventSeries,
        budget: &Counted,
    ) -> Option<exhaustion::Forecast> {
        match self.span {
            Span::Rolling => Some(exhaustion::forecast(resolved.objective, series, self.at)),
            Span::Calendar(_) => budget.calendar().map(|calendar| calendar.forecast),
            Span::Chosen => None,
        }
    }

    /// What becomes of the budget; `None` where nothing is to come.
    fn course(&self) -> Option<Course> {
        match self.span {
            Span::Rolling => Some(Course::Rolling),
            Span::Calendar(period) => Some(Course::Calendar { from: period.from, end: period.to }),
            Span::Chosen => None,
        }
    }
}

/// The budget of a stretch of time.
enum Counted {
    Window(WindowBudget),
    Calendar(CalendarBudget),
}

impl Counted {
    fn window(&self) -> WindowBudget {
        match self {
            Self::Window(window) => *window,
            Self::Calendar(calendar) => calendar.window,
        }
    }

    fn calendar(&self) -> Option<CalendarBudget> {
        match self {
            Self::Window(_) => None,
            Self::Calendar(calendar) => Some(*calendar),
        }
    }

    fn is_running(&self, now: Instant) -> bool {
        self.calendar().is_some_and(|calendar| now < calendar.window.to)
    }
}

/// What the objective counts: missing time filled in, slices made of events.
fn counted<'s>(
    resolved: &ResolvedObjective<'_>,
    series: &'s EventSeries,
    budgeting: Budgeting,
    stretch: &Stretch,
) -> Result<Cow<'s, EventSeries>, Unknown> {
    let wrong = |error: String| Unknown::input(format!("`{}`: {error}", resolved.document.name()));
    let filled = match resolved.no_data {
        NoData::Unknown => Cow::Borrowed(series),
        policy => Cow::Owned(
            bounds::fill(series, stretch.from, stretch.to, policy)
                .map_err(|error| wrong(error.to_string()))?,
        ),
    };
    slices::budgeted(filled, budgeting).map_err(|error| wrong(error.to_string()))
}

/// A window of which no more is known than that share.
fn known_to(mut window: WindowBudget, known: f64) -> WindowBudget {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number of steps"
    )]
    let most = (window.count.steps as f64 * known.clamp(0.0, 1.0)).ceil() as u64;
    window.count.measured = window.count.measured.min(most);
    window
}

/// A series with its adjustments, and what each did in the stretch of time.
struct Changed {
    series: EventSeries,
    applied: Vec<Applied>,
    prorated: bool,
}

/// The series with its adjustments, those of a composite's parts included; `None` where there are none.
fn adjust(
    measured: &EventSeries,
    parts: Option<&Parts>,
    adjustments: &[ResolvedAdjustment<'_>],
    stretch: &Stretch,
) -> Option<Changed> {
    let of_parts = parts.and_then(|parts| parts.adjusted.as_ref());
    if adjustments.is_empty() && of_parts.is_none() {
        return None;
    }
    let base = of_parts.map_or(measured, |(series, _)| series);
    let each: Vec<adjust::Adjustment> = adjustments.iter().map(|one| one.adjustment).collect();
    let adjusted = adjust::adjust(base, &each);
    // What a server counted as a whole stays as exact as it was where nothing of it is adjusted.
    let untouched =
        |from: Instant, to: Instant| each.iter().all(|one| one.to <= from || one.from >= to);
    let mut applied = adjustments::applied(base, adjustments, stretch.from, stretch.to);
    applied.extend(of_parts.into_iter().flat_map(|(_, applied)| applied.iter().cloned()));
    applied.sort_by(|one, other| {
        let key = |one: &Applied| (one.effect.adjustment.from, one.effect.adjustment.to);
        key(one).cmp(&key(other)).then_with(|| one.name.cmp(&other.name))
    });
    Some(Changed {
        series: adjusted.series.with_counted_of(base, untouched),
        applied,
        prorated: adjusted.prorated,
    })
}

/// What a forecast draws from: as much history as the objective itself needs, so that it does not depend
/// on what others made the run read, and none of the time that was excluded, which says nothing of how
/// things go.
fn history<'s>(
    series: &'s EventSeries,
    adjustments: &[ResolvedAdjustment<'_>],
    terms: &Terms,
    now: Instant,
) -> Cow<'s, EventSeries> {
    let excluded: Vec<(Instant, Instant)> = adjustments
        .iter()
        .filter(|one| one.adjustment.mode == adjust::Mode::Exclude)
        .map(|one| (one.adjustment.from, one.adjustment.to))
        .collect();
    let begin = terms.history.map_or(Instant::MIN_UTC, |length| budget::back(now, length));
    if excluded.is_empty() && begin <= series.start() {
        return Cow::Borrowed(series);
    }
    let step = series.step().to_chrono();
    let drawn = series.between(begin, Instant::MAX_UTC).map(|at, count| {
        let covered = |(from, to): &(Instant, Instant)| *from <= at && at + step <= *to;
        count.filter(|_| !excluded.iter().any(covered))
    });
    Cow::Owned(drawn)
}
