//! One objective held against its measurements: everything that the answers are made from.
mod read;

use super::{
    adjustments::{Applied, ResolvedAdjustment},
    behind::Left,
    engine::{
        alert::{AlertState, TierReading},
        bounds::Bounds,
        budget::{self, Budget, WindowBudget},
        burn::Burn,
        calendar_budget::CalendarBudget,
        composite::Loss,
        confidence::{self, Confidence},
        exhaustion::Forecast,
        outlook::{NoOutlook, Outlook},
        returns::Returns,
    },
    resolve::ResolvedObjective,
};
use crate::kernel::{
    measure::server::{Fault, Unanswered},
    report::words,
    series::EventSeries,
    time::Period,
    units::{Duration, Instant, Ratio},
};
use std::{collections::BTreeMap, sync::Arc};

/// Measurements of one objective.
#[derive(Clone, Debug)]
pub struct Measurements {
    /// Good and total events.
    pub series: Arc<EventSeries>,
    /// The moment that the answer speaks of.
    pub at: Instant,
    /// Name of the source, or path of the file.
    pub source: String,
    /// All events, and as good those whose condition could be judged; `None` where all could. The
    /// others count as bad.
    pub judged: Option<EventSeries>,
    /// Values of the labels by which the objective is grouped; empty where it is not.
    pub group: BTreeMap<String, String>,
    /// Why the source's answer may lack something; nothing where it is whole.
    pub incomplete: Option<String>,
    /// Whether the source extrapolates: its counts are close, not exact.
    pub extrapolated: bool,
    /// Of a composite, what is known of its parts; the series is then what the objective counts.
    pub parts: Option<Parts>,
}

/// What is known of the parts of a composite.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What each lost, with its adjustments.
    pub losses: Vec<Loss>,
    /// Share of the window that was measured of the part that is known least.
    pub coverage: f64,
    /// What the composite counts with the adjustments of its parts, and what these did; `None` where no
    /// part has any in the window.
    pub adjusted: Option<(Arc<EventSeries>, Vec<Applied>)>,
}

impl Measurements {
    /// Measurements of one objective, whole and exact.
    pub fn new(series: EventSeries, at: Instant, source: &str) -> Self {
        Self {
            series: Arc::new(series),
            at,
            source: source.to_owned(),
            judged: None,
            group: BTreeMap::new(),
            incomplete: None,
            extrapolated: false,
            parts: None,
        }
    }

    /// The same, of which this is known of the events that could be judged.
    #[must_use]
    pub fn with_judged(self, judged: Option<EventSeries>) -> Self {
        Self { judged, ..self }
    }
}

/// How measurements are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// A stretch of time instead of the objectives' own windows.
    pub period: Option<(Instant, Instant)>,
    /// How sure a verdict has to be.
    pub confidence: Ratio,
    /// How confidence limits are computed.
    pub limits: confidence::Method,
    /// Whether the budget's course is forecast from its history.
    pub outlook: bool,
    /// How far the forecast looks at least; one window is looked at anyhow.
    pub horizon: Duration,
    /// How much history the forecast draws from; all that there is where not said. An objective's own
    /// need, so that its forecast does not depend on what others made the run read.
    pub history: Option<Duration>,
}

/// The level at which a verdict is sure unless asked otherwise: the usual one.
const CONFIDENCE: Ratio = match Ratio::from_parts(950_000_000) {
    Some(ratio) => ratio,
    None => Ratio::ONE,
};

impl Default for Terms {
    fn default() -> Self {
        let limits = confidence::Method::default();
        Self {
            period: None,
            confidence: CONFIDENCE,
            limits,
            outlook: false,
            horizon: Duration::ZERO,
            history: None,
        }
    }
}

/// Why nothing is known of an objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Why.
    pub reason: String,
    /// Whose fault that is.
    pub fault: Fault,
}

impl Unknown {
    /// Something that whoever asks has to mend.
    pub fn input(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), fault: Fault::Question }
    }

    /// Something that the surroundings failed at.
    pub fn environment(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), fault: Fault::Environment }
    }

    /// There are no measurements.
    pub fn no_data(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), fault: Fault::NoData }
    }
}

impl From<Unanswered> for Unknown {
    fn from(unanswered: Unanswered) -> Self {
        let Unanswered { message, help, fault } = unanswered;
        let reason = match help {
            Some(help) => format!("{message}; {help}"),
            None => message,
        };
        Self { reason, fault }
    }
}

/// An objective, and what is known of it.
#[derive(Clone, Debug)]
pub struct Assessment<'a> {
    /// The objective.
    pub objective: ResolvedObjective<'a>,
    /// What is known.
    pub outcome: Result<Outcome, Unknown>,
}

/// What is known of an objective.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// From measurements.
    Measured(Box<Reading>),
    /// From a bare number: a share of good events.
    Stated(Budget),
}

/// What measurements say.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The budget of the window, as it was measured.
    pub window: WindowBudget,
    /// Which window that is.
    pub span: Span,
    /// The moment that the answer speaks of.
    pub at: Instant,
    /// Of a calendar window, what is expected of the rest of the period.
    pub calendar: Option<CalendarBudget>,
    /// The budget with its adjustments, where the window has some.
    pub adjusted: Option<AdjustedBudget>,
    /// What the time that was not measured could change; `None` where all was.
    pub bounds: Option<Bounds>,
    /// Whether the objective is met for sure; `None` without events.
    pub confidence: Option<Confidence>,
    /// Burn rates over the windows of the alert policy and over the whole window, shortest first.
    pub burns: Vec<Burn>,
    /// The state of every tier.
    pub tiers: Vec<TierReading>,
    /// When the budget is empty if things go on as they do; `None` for a stretch of time that was chosen,
    /// which does not go on.
    pub forecast: Option<Forecast>,
    /// How likely the budget is to be empty by when, where that was asked for.
    pub outlook: Option<Result<Outlook, NoOutlook>>,
    /// When spent budget returns; `None` where the window does not roll.
    pub returns: Option<Returns>,
    /// Of a composite, what each part lost.
    pub parts: Vec<Loss>,
    /// What the dependencies of its service left, where that was asked for.
    pub dependencies: Option<Left>,
    /// What was measured, in events.
    pub measured: Arc<EventSeries>,
    /// What counts, adjustments applied, in events or slices: answers about other moments and windows
    /// begin here.
    pub series: Arc<EventSeries>,
    /// Name of the source.
    pub source: String,
    /// Events of the window whose condition could not be judged, and which count as bad.
    pub unjudged: u64,
    /// Values of the labels by which the objective is grouped.
    pub group: BTreeMap<String, String>,
    /// Why the source's answer may lack something.
    pub incomplete: Option<String>,
    /// Whether the source extrapolates.
    pub extrapolated: bool,
    /// The least coverage that the objective asks for, where the window has less.
    pub too_little: Option<Ratio>,
}

/// Which stretch of time a window is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// The objective's rolling window.
    Rolling,
    /// The period of a calendar that runs, all of it.
    Calendar(Period),
    /// One that was chosen.
    Chosen,
}

/// A budget with its adjustments.
#[derive(Clone, Debug)]
pub struct AdjustedBudget {
    /// The budget of the window.
    pub window: WindowBudget,
    /// What each adjustment did in the window, by its beginning.
    pub applied: Vec<Applied>,
    /// Whether a step was divided by time, because an adjustment covers it in part.
    pub prorated: bool,
}

/// The state of an error budget, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BudgetState {
    /// Budget is left, and no alert fires.
    Ok,
    /// There are no events from which to tell.
    NoData,
    /// It could not be computed, or on too little.
    Unknown,
    /// It was computed, and the source says that something is missing.
    Incomplete,
    /// Budget is left, and an alert fires.
    Burning,
    /// More was spent than is allowed.
    Exhausted,
}

impl BudgetState {
    /// The word that answers use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NoData => "no data",
            Self::Unknown => "unknown",
            Self::Incomplete => "incomplete",
            Self::Burning => "burning",
            Self::Exhausted => "exhausted",
        }
    }

    /// The word in machine forms.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoData => "no_data",
            other => other.name(),
        }
    }
}

/// Holds an objective against measurements, over its own window or the one of the terms, with those of
/// its adjustments that overlap it.
pub fn assess<'a>(
    objective: ResolvedObjective<'a>,
    measurements: Result<Measurements, Unknown>,
    adjustments: &[ResolvedAdjustment<'_>],
    terms: &Terms,
) -> Assessment<'a> {
    let read =
        measurements.and_then(|measured| read::read(&objective, measured, adjustments, terms));
    let outcome = read.map(|reading| Outcome::Measured(Box::new(reading)));
    Assessment { objective, outcome }
}

/// Holds an objective against a bare share of good events.
pub fn state(objective: ResolvedObjective<'_>, actual: Ratio) -> Assessment<'_> {
    let budget = budget::from_actual(objective.objective, actual);
    Assessment { objective, outcome: Ok(Outcome::Stated(budget)) }
}

impl Reading {
    /// The moment that the answer speaks of.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The budget that counts: with adjustments, where there are some.
    pub fn budget(&self) -> &Budget {
        &self.adjusted.as_ref().map_or(&self.window, |adjusted| &adjusted.window).budget
    }

    /// The tiers that fire.
    pub fn firing(&self) -> impl Iterator<Item = &TierReading> {
        self.tiers.iter().filter(|tier| tier.state == AlertState::Firing)
    }
}

impl Assessment<'_> {
    /// Its measurements.
    pub fn reading(&self) -> Option<&Reading> {
        match &self.outcome {
            Ok(Outcome::Measured(reading)) => Some(reading),
            _ => None,
        }
    }

    /// The budget as it was measured, without adjustments.
    pub fn measured_budget(&self) -> Option<&Budget> {
        match &self.outcome {
            Ok(Outcome::Measured(reading)) => Some(&reading.window.budget),
            Ok(Outcome::Stated(budget)) => Some(budget),
            Err(_) => None,
        }
    }

    /// Why nothing, or not everything, is known.
    pub fn reason(&self) -> Option<String> {
        let reading = match &self.outcome {
            Err(unknown) => return Some(unknown.reason.clone()),
            Ok(Outcome::Measured(reading)) => reading,
            Ok(Outcome::Stated(_)) => return None,
        };
        if let Some(incomplete) = &reading.incomplete {
            return Some(format!(
                "the source says that its answer may lack something: {incomplete}"
            ));
        }
        reading.too_little.map(|least| {
            format!(
                "{} of the window was measured, and `minimum_coverage` is {}",
                words::percent(reading.window.count.coverage()),
                least.percent()
            )
        })
    }

    /// The budget that counts.
    pub fn budget(&self) -> Option<&Budget> {
        match &self.outcome {
            Ok(Outcome::Measured(reading)) => Some(reading.budget()),
            Ok(Outcome::Stated(budget)) => Some(budget),
            Err(_) => None,
        }
    }

    /// The state of its budget.
    pub fn state(&self) -> BudgetState {
        let Some(budget) = self.budget() else { return BudgetState::Unknown };
        let reading = self.reading();
        if reading.is_some_and(|reading| reading.incomplete.is_some()) {
            BudgetState::Incomplete
        } else if budget.sli.is_none() {
            BudgetState::NoData
        } else if reading.is_some_and(|reading| reading.too_little.is_some()) {
            BudgetState::Unknown
        } else if budget.overspent {
            BudgetState::Exhausted
        } else if reading.is_some_and(|reading| reading.firing().next().is_some()) {
            BudgetState::Burning
        } else {
            BudgetState::Ok
        }
    }
}
