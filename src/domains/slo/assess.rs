//! One objective held against its measurements: everything that the answers are made from.
use super::{
    engine::{
        alert::{self, AlertState, TierReading},
        budget::{self, Budget, WindowBudget},
        burn::{self, Burn},
        exhaustion::{self, Forecast},
    },
    model::Objective,
    resolve::ResolvedObjective,
};
use crate::kernel::{
    measure::server::{Fault, Unanswered},
    series::EventSeries,
    units::{Duration, Instant, Ratio},
};
use std::collections::{BTreeMap, BTreeSet};

/// Measurements of one objective.
#[derive(Clone, Debug)]
pub struct Measurements {
    /// Good and total events.
    pub series: EventSeries,
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
}

impl Measurements {
    /// Measurements of one objective, whole and exact.
    pub fn new(series: EventSeries, at: Instant, source: &str) -> Self {
        Self {
            series,
            at,
            source: source.to_owned(),
            judged: None,
            group: BTreeMap::new(),
            incomplete: None,
            extrapolated: false,
        }
    }

    /// The same, of which this is known of the events that could be judged.
    #[must_use]
    pub fn with_judged(self, judged: Option<EventSeries>) -> Self {
        Self { judged, ..self }
    }
}

/// How measurements are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// A stretch of time instead of the objectives' own windows.
    pub period: Option<(Instant, Instant)>,
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
    /// The budget of the window.
    pub window: WindowBudget,
    /// Burn rates over the windows of the alert policy and over the whole window, shortest first.
    pub burns: Vec<Burn>,
    /// The state of every tier.
    pub tiers: Vec<TierReading>,
    /// When the budget is empty if things go on as they do; `None` for a stretch of time that was chosen,
    /// which does not go on.
    pub forecast: Option<Forecast>,
    /// What it was read from: answers about other moments and windows begin here.
    pub series: EventSeries,
    /// Name of the source.
    pub source: String,
    /// Events of the window whose condition could not be judged, and which count as bad.
    pub unjudged: u64,
}

/// The state of an error budget, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BudgetState {
    /// Budget is left, and no alert fires.
    Ok,
    /// There are no events from which to tell.
    NoData,
    /// It could not be computed.
    Unknown,
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

/// Holds an objective against measurements, over its own window or the one of the terms.
pub fn assess<'a>(
    objective: ResolvedObjective<'a>,
    measurements: Result<Measurements, Unknown>,
    terms: &Terms,
) -> Assessment<'a> {
    let outcome =
        measurements.map(|measured| Outcome::Measured(Box::new(read(&objective, measured, terms))));
    Assessment { objective, outcome }
}

/// Holds an objective against a bare share of good events.
pub fn state(objective: ResolvedObjective<'_>, actual: Ratio) -> Assessment<'_> {
    let budget = budget::from_actual(objective.objective, actual);
    Assessment { objective, outcome: Ok(Outcome::Stated(budget)) }
}

fn read(resolved: &ResolvedObjective<'_>, measured: Measurements, terms: &Terms) -> Reading {
    let (objective, series) = (resolved.objective, &measured.series);
    let (window, at) = match terms.period {
        Some((from, to)) => {
            // Steps may end before the end that was asked for.
            let to = if measured.at > from { measured.at } else { to };
            (budget::between(over(objective, from, to), series, from, to), to)
        }
        None => (budget::at(objective, series, measured.at), measured.at),
    };
    let judged = measured.judged.map(|judged| judged.window(window.from, window.to));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and not negative, for whole events are counted"
    )]
    let unjudged = judged.map_or(0, |judged| judged.events.bad() as u64);
    let tiers = alert::read(&resolved.alerting, objective, series, at);
    let mut lengths: BTreeSet<Duration> = BTreeSet::from([objective.window()]);
    lengths.extend(resolved.alerting.tiers.iter().flat_map(|tier| [tier.short, tier.long]));
    let burns =
        lengths.into_iter().map(|length| burn::over(objective, series, length, at)).collect();
    Reading {
        window,
        burns,
        tiers,
        forecast: terms.period.is_none().then(|| exhaustion::forecast(objective, series, at)),
        series: measured.series,
        source: measured.source,
        unjudged,
    }
}

/// The objective's target over a stretch of time instead of its window.
fn over(objective: Objective, from: Instant, to: Instant) -> Objective {
    let length = u64::try_from((to - from).num_milliseconds()).unwrap_or(0);
    Objective::new(objective.target(), Duration::from_milliseconds(length)).unwrap_or(objective)
}

impl Reading {
    /// The moment that the answer speaks of.
    pub fn at(&self) -> Instant {
        self.window.to
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

    /// The budget.
    pub fn budget(&self) -> Option<&Budget> {
        match &self.outcome {
            Ok(Outcome::Measured(reading)) => Some(&reading.window.budget),
            Ok(Outcome::Stated(budget)) => Some(budget),
            Err(_) => None,
        }
    }

    /// The state of its budget.
    pub fn state(&self) -> BudgetState {
        let Some(budget) = self.budget() else { return BudgetState::Unknown };
        if budget.overspent {
            BudgetState::Exhausted
        } else if budget.sli.is_none() {
            BudgetState::NoData
        } else if self.reading().is_some_and(|reading| reading.firing().next().is_some()) {
            BudgetState::Burning
        } else {
            BudgetState::Ok
        }
    }
}
