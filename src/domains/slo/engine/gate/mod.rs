//! What an error budget policy says of a budget: whether a change may go out.
//!
//! A policy is a list of states from the harmless to the serious; the last one whose conditions all hold
//! is in force, and its actions decide. What cannot be judged is neither true nor false: a state with a
//! condition that fails does not hold, one whose other conditions hold and that has one which cannot be
//! judged *may* hold. So there may be several states that can be in force, and the ruling names the
//! mildest and the worst of what follows from them; where both are the same, nothing is in doubt.
//! (Kleene's strong three-valued logic, "Introduction to Metamathematics", §64.)
pub mod replay;

use super::{
    alert::{self, AlertState, TierReading},
    budget,
    burn::{self, Burn, NoBurnRate},
    calendar_budget::{self, ToCome},
    exact,
    exhaustion::{self, Exhaustion, Forecast},
};
use crate::{
    domains::slo::model::{AlertPolicy, Objective, PolicyAction, Severity},
    kernel::{
        series::{EventCount, EventSeries, WindowCount},
        units::{BurnFactor, Duration, Instant, Ratio},
    },
};

/// An error budget policy as it is computed with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The states, from the harmless to the serious.
    pub states: Vec<PolicyState>,
    /// What is decided where the measurements do not allow to tell.
    pub on_unknown: Option<Decision>,
}

/// A state of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyState {
    /// What it is called.
    pub name: String,
    /// What must all hold for it to hold.
    pub conditions: Vec<Condition>,
    /// What it asks for.
    pub actions: Vec<PolicyAction>,
}

/// A condition on a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Less than this share of the budget remains.
    RemainingBelow(Ratio),
    /// The burn rate over the last `window` is above `factor`.
    BurnRateAbove {
        /// The limit.
        factor: BurnFactor,
        /// The window, up to now.
        window: Duration,
    },
    /// An alert of this severity or of a more urgent one fires.
    AlertFiring(Severity),
    /// The budget is overspent, or will be within this time if things go on as they do.
    ExhaustedWithin(Duration),
    /// The budget is overspent within `within` with a probability above `probability`. Of a calendar
    /// window, by the end of the period that runs where that is nearer.
    ExhaustionProbabilityAbove {
        /// The limit.
        probability: Ratio,
        /// The time, from now on; `None`: until the calendar period ends that runs.
        within: Option<Duration>,
    },
}

/// What becomes of a change, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// It may go out.
    Allow,
    /// It may go out, and somebody looks at it.
    Warn,
    /// The measurements do not allow to tell.
    Unknown,
    /// It waits.
    Freeze,
}

impl Decision {
    /// The word that answers use, in machine forms as well.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Unknown => "unknown",
            Self::Freeze => "freeze",
        }
    }

    /// What follows from actions: the worst of them. Telling people holds up nothing.
    pub fn of(actions: &[PolicyAction]) -> Self {
        let each = actions.iter().map(|action| match action {
            PolicyAction::Notify => Self::Allow,
            PolicyAction::Approval | PolicyAction::ReliabilityFirst => Self::Warn,
            PolicyAction::Freeze => Self::Freeze,
        });
        each.max().unwrap_or(Self::Allow)
    }
}

/// What a policy is held against. What is not known is missing, and makes a condition on it unknown.
#[derive(Clone, Debug)]
pub struct GateInput {
    /// The moment.
    pub at: Instant,
    /// The objective.
    pub objective: Objective,
    /// What was counted in the objective's window.
    pub count: WindowCount,
    /// What the budget is a share of: the same events, and in a calendar period that runs those to come
    /// as well.
    pub events: EventCount,
    /// Burn rates over windows that end at that moment; of a window that is not here none is known.
    pub burns: Vec<Burn>,
    /// The tiers of the objective's alert policy.
    pub tiers: Vec<TierReading>,
    /// When the budget is empty if things go on as they do.
    pub forecast: Option<Forecast>,
    /// Probabilities that the budget is overspent within a time, by that time (`None`: until the calendar
    /// period ends), or why none is known.
    pub probabilities: Vec<(Option<Duration>, Result<f64, String>)>,
}

/// An objective as a gate is asked about it at any moment.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Target and length of the window; of a calendar window the nominal one.
    pub objective: Objective,
    /// What the steps to come of a calendar period hold.
    pub to_come: ToCome,
    /// When to alert.
    pub alerting: &'a AlertPolicy,
}

impl<'a> Subject<'a> {
    /// An objective over a window that rolls.
    pub fn rolling(objective: Objective, alerting: &'a AlertPolicy) -> Self {
        Self { objective, to_come: ToCome::AsMeasured, alerting }
    }
}

/// A moment at which a gate is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The moment.
    pub at: Instant,
    /// Of a calendar window, the period that runs then; `None`: the window rolls.
    pub period: Option<(Instant, Instant)>,
}

impl From<Instant> for Moment {
    fn from(at: Instant) -> Self {
        Self { at, period: None }
    }
}

impl Moment {
    /// What a series holds of the objective's window at that moment; of a calendar window, of the part of
    /// the period that had passed.
    pub fn count(self, objective: Objective, series: &EventSeries) -> WindowCount {
        let (from, to) = match self.period {
            None => (budget::back(self.at, objective.window()), self.at),
            Some((from, to)) => (from, self.at.min(to)),
        };
        series.window(from, to)
    }
}

impl GateInput {
    /// What a series says at a moment of everything that `policy` asks for; no probabilities.
    pub fn at(
        policy: &Policy,
        subject: Subject<'_>,
        series: &EventSeries,
        moment: impl Into<Moment>,
    ) -> Self {
        let Subject { objective, to_come, alerting } = subject;
        let Moment { at: now, period } = moment.into();
        let alerts = policy.asks(|condition| matches!(condition, Condition::AlertFiring(_)));
        let ahead = policy.asks(|condition| matches!(condition, Condition::ExhaustedWithin(_)));
        let burn = |window| burn::over(objective, series, window, now);
        let (count, events, forecast) = match period {
            None => {
                let count = budget::at(objective, series, now).count;
                (count, count.events, ahead.then(|| exhaustion::forecast(objective, series, now)))
            }
            Some((from, to)) => {
                let length = u64::try_from((to - from).num_milliseconds()).unwrap_or(0);
                let length = Duration::from_milliseconds(length);
                let whole = Objective::new(objective.target(), length).unwrap_or(objective);
                let budget = calendar_budget::at(whole, series, (from, to), now, to_come);
                (budget.window.count, budget.whole(), ahead.then_some(budget.forecast))
            }
        };
        Self {
            at: now,
            objective,
            count,
            events,
            burns: policy.burn_windows().map(burn).collect(),
            tiers: if alerts { alert::read(alerting, objective, series, now) } else { Vec::new() },
            forecast,
            probabilities: Vec::new(),
        }
    }

    /// Share of the budget that is left; `None` without events.
    pub fn remaining(&self) -> Option<f64> {
        budget::from_events(self.objective, self.events).remaining_ratio
    }
}

impl Policy {
    /// The windows of its conditions on burn rates.
    pub fn burn_windows(&self) -> impl Iterator<Item = Duration> {
        self.states.iter().flat_map(|state| &state.conditions).filter_map(|condition| {
            match condition {
                Condition::BurnRateAbove { window, .. } => Some(*window),
                _ => None,
            }
        })
    }

    /// How far ahead its conditions on probabilities look; `None`: until the calendar period ends.
    pub fn probability_windows(&self) -> impl Iterator<Item = Option<Duration>> {
        self.states.iter().flat_map(|state| &state.conditions).filter_map(|condition| {
            match condition {
                Condition::ExhaustionProbabilityAbove { within, .. } => Some(*within),
                _ => None,
            }
        })
    }

    /// Whether it has a condition like that.
    fn asks(&self, like: impl Fn(&Condition) -> bool) -> bool {
        self.states.iter().flat_map(|state| &state.conditions).any(like)
    }
}

/// Whether something holds, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It does.
    Holds,
    /// It does not.
    Fails,
    /// It may or may not.
    Unknown,
}

impl Truth {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Unknown => "unknown",
        }
    }

    /// Whether all of them hold: one that fails decides, whatever the others are.
    fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().fold(Self::Holds, |all, one| match (all, one) {
            (Self::Fails, _) | (_, Self::Fails) => Self::Fails,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Holds, Self::Holds) => Self::Holds,
        })
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

/// Why a condition cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unjudged {
    /// A window has no burn rate, or no events of which a budget could be a share.
    #[error("{0}")]
    NoBurnRate(#[from] NoBurnRate),
    /// An alert of that name is unknown.
    #[error("the alert `{name}` is unknown: {reason}")]
    Alert {
        /// The alert.
        name: String,
        /// Why.
        reason: NoBurnRate,
    },
    /// Nobody looked ahead.
    #[error("there is no forecast")]
    NoForecast,
    /// No probability is known.
    #[error("no probability is known: {0}")]
    NoProbability(String),
    /// Nothing is known of the objective.
    #[error("{0}")]
    NotMeasured(String),
}

/// What was found where a condition looked.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Share of the budget that is left.
    Remaining(f64),
    /// A burn rate; `None` for a window that was measured and has no events.
    BurnRate(Option<f64>),
    /// Names of the alerts that fire.
    Firing(Vec<String>),
    /// When the budget is overspent.
    Exhaustion(Exhaustion),
    /// A probability.
    Probability(f64),
}

/// A condition, and whether it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionReading {
    /// The condition.
    pub condition: Condition,
    /// Whether it holds.
    pub truth: Truth,
    /// What was found, or why nothing was.
    pub found: Result<Found, Unjudged>,
}

/// A state, and whether it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct StateReading {
    /// Its name.
    pub name: String,
    /// Whether it holds.
    pub truth: Truth,
    /// Its conditions.
    pub conditions: Vec<ConditionReading>,
    /// What it asks for.
    pub actions: Vec<PolicyAction>,
    /// What follows from that.
    pub decision: Decision,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// The states, in the order of the policy.
    pub states: Vec<StateReading>,
    /// The last state that is known to hold; `None` where none is.
    pub in_force: Option<usize>,
    /// The mildest of what can follow: never [`Decision::Unknown`].
    pub mildest: Decision,
    /// The worst of what can follow: never [`Decision::Unknown`].
    pub worst: Decision,
    /// What is decided where these differ.
    pub on_unknown: Option<Decision>,
}

/// What is looked over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leniency {
    /// Nothing.
    #[default]
    None,
    /// A freeze is a warning: the change, or the objective, is exempt.
    Exempt,
    /// A freeze is none: somebody broke the glass.
    BreakGlass,
}

impl Ruling {
    /// The state in force, as far as is known.
    pub fn state(&self) -> Option<&StateReading> {
        self.in_force.and_then(|at| self.states.get(at))
    }

    /// The states that may be in force and are not known to be.
    pub fn possible(&self) -> impl Iterator<Item = &StateReading> {
        let after = self.in_force.map_or(0, |at| at + 1);
        self.states.iter().skip(after).filter(|state| state.truth == Truth::Unknown)
    }

    /// Whether it is in doubt what follows.
    pub fn in_doubt(&self) -> bool {
        self.mildest != self.worst
    }

    /// What is decided.
    ///
    /// Where it is in doubt, what the policy says for that case, but never milder than what is certain
    /// nor worse than what is possible. Where it says nothing: the stricter of two that both let the
    /// change pass, and otherwise unknown.
    pub fn decide(&self, leniency: Leniency) -> Decision {
        let most = if leniency == Leniency::Exempt { Decision::Warn } else { Decision::Freeze };
        let (mildest, worst) = (self.mildest.min(most), self.worst.min(most));
        let decision = match self.on_unknown {
            _ if mildest == worst => worst,
            Some(decision) => decision.clamp(mildest, worst),
            None if worst <= Decision::Warn => worst,
            None => Decision::Unknown,
        };
        match leniency {
            Leniency::BreakGlass if decision > Decision::Warn => Decision::Allow,
            _ => decision,
        }
    }
}

/// Holds a policy against what is known; against nothing, with the reason, where nothing is.
pub fn judge(policy: &Policy, input: Result<&GateInput, &str>) -> Ruling {
    let states: Vec<StateReading> =
        policy.states.iter().map(|state| read_state(state, input)).collect();
    let in_force = states.iter().rposition(|state| state.truth == Truth::Holds);
    let certain = in_force.map_or(Decision::Allow, |at| states[at].decision);
    let may = states.iter().skip(in_force.map_or(0, |at| at + 1));
    let may = may.filter(|state| state.truth == Truth::Unknown).map(|state| state.decision);
    let (mildest, worst) = may.fold((certain, certain), |(mildest, worst), decision| {
        (mildest.min(decision), worst.max(decision))
    });
    Ruling { states, in_force, mildest, worst, on_unknown: policy.on_unknown }
}

fn read_state(state: &PolicyState, input: Result<&GateInput, &str>) -> StateReading {
    let conditions: Vec<ConditionReading> = state
        .conditions
        .iter()
        .map(|condition| match input {
            Ok(input) => read_condition(*condition, input),
            Err(reason) => unjudged(*condition, Unjudged::NotMeasured(reason.to_owned())),
        })
        .collect();
    StateReading {
        name: state.name.clone(),
        truth: Truth::all(conditions.iter().map(|condition| condition.truth)),
        conditions,
        actions: state.actions.clone(),
        decision: Decision::of(&state.actions),
    }
}

fn unjudged(condition: Condition, reason: Unjudged) -> ConditionReading {
    ConditionReading { condition, truth: Truth::Unknown, found: Err(reason) }
}

fn read_condition(condition: Condition, input: &GateInput) -> ConditionReading {
    let judged = match condition {
        Condition::RemainingBelow(share) => remaining_below(input, share),
        Condition::BurnRateAbove { factor, window } => burn_rate_above(input, factor, window),
        Condition::AlertFiring(severity) => alert_firing(input, severity),
        Condition::ExhaustedWithin(within) => exhausted_within(input, within),
        Condition::ExhaustionProbabilityAbove { probability, within } => {
            let known = input.probabilities.iter().find(|(time, _)| *time == within);
            match known.map(|(_, found)| found) {
                Some(Ok(found)) => Ok((*found > probability.as_f64(), Found::Probability(*found))),
                Some(Err(reason)) => Err(Unjudged::NoProbability(reason.clone())),
                None => Err(Unjudged::NoProbability("nobody looked ahead".to_owned())),
            }
        }
    };
    match judged {
        Ok((holds, found)) => ConditionReading { condition, truth: holds.into(), found: Ok(found) },
        Err(reason) => unjudged(condition, reason),
    }
}

/// What was found and whether the condition holds, or why that cannot be said.
type Judged = Result<(bool, Found), Unjudged>;

/// `1 − (bad / total) / (1 − T) < share`, that is, `bad / total > (1 − share) · (1 − T)`, without
/// rounding. Without events there is no budget of which a share could remain.
fn remaining_below(input: &GateInput, share: Ratio) -> Judged {
    if input.count.measured == 0 {
        return Err(NoBurnRate::NotMeasured.into());
    }
    let remaining = input.remaining().ok_or(NoBurnRate::NoEvents)?;
    let whole = u128::from(Ratio::PARTS);
    let budget = u128::from(input.objective.error_budget().parts());
    let spent = u128::from(share.complement().parts());
    let holds = exact::exceeds(input.events, (spent * budget, whole * whole));
    Ok((holds, Found::Remaining(remaining)))
}

/// A measured window without events is not above anything, as with alerts.
fn burn_rate_above(input: &GateInput, factor: BurnFactor, window: Duration) -> Judged {
    let burn = input
        .burns
        .iter()
        .find(|burn| burn.window == window)
        .ok_or(Unjudged::NoBurnRate(NoBurnRate::NotMeasured))?;
    let found = Found::BurnRate(burn.rate.ok().map(|rate| rate.0));
    match burn::is_above(burn, factor.error_ratio(input.objective.target())) {
        Some(holds) => Ok((holds, found)),
        None => Err(burn.rate.err().unwrap_or(NoBurnRate::NotMeasured).into()),
    }
}

/// One that fires decides; else one that is unknown leaves it open.
fn alert_firing(input: &GateInput, least: Severity) -> Judged {
    // `Page` is the smaller one: the more urgent comes first.
    let tiers = || input.tiers.iter().filter(|reading| reading.tier.severity <= least);
    let firing: Vec<String> = tiers()
        .filter(|reading| reading.state == AlertState::Firing)
        .map(|reading| reading.tier.name.clone())
        .collect();
    let unknown = tiers().find_map(|reading| match reading.state {
        AlertState::Unknown { reason, .. } => {
            Some(Unjudged::Alert { name: reading.tier.name.clone(), reason })
        }
        _ => None,
    });
    match unknown {
        Some(reason) if firing.is_empty() => Err(reason),
        _ => Ok((!firing.is_empty(), Found::Firing(firing))),
    }
}

fn exhausted_within(input: &GateInput, within: Duration) -> Judged {
    let exhaustion = input.forecast.as_ref().ok_or(Unjudged::NoForecast)?.exhaustion;
    let holds = match exhaustion {
        Exhaustion::Overspent => true,
        Exhaustion::At(at) => at - input.at <= within.to_chrono(),
        Exhaustion::Never => false,
        Exhaustion::Unknown(reason) => return Err(reason.into()),
    };
    Ok((holds, Found::Exhaustion(exhaustion)))
}

#[cfg(test)]
mod tests;
