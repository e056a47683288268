//! Alerts replayed on a measured history: when each would have fired, and what that was worth.
//!
//! [`replay`] evaluates the tiers of a policy as Prometheus evaluates rules; [`incidents`] finds the times at
//! which something was wrong; [`score`] holds the one against the other; [`expectation`] says how many false
//! pages the traffic alone makes likely.
pub mod course;
pub mod expectation;
mod firing;
pub mod incidents;
pub mod score;
mod sums;

use self::{
    firing::{Evaluations, Run, union},
    sums::{Sums, Threshold},
};
use super::{alert, budget, exact};
use crate::{
    domains::slo::model::{AlertPolicy, AlertTier, Objective, Severity},
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant},
    },
};
use std::collections::BTreeSet;

/// How alerts are replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Time from one evaluation to the next. Series know nothing within a step, so it becomes a whole number of
    /// steps, at least one: what it is not is rounded up.
    pub interval: Duration,
    /// The first moment that is evaluated; the earliest that can be where not said.
    pub from: Option<Instant>,
    /// The last moment that is evaluated; the end of the series where not said.
    pub to: Option<Instant>,
    /// How long every condition has to hold before it fires, whatever the tiers say: `for` of a rule. Each tier as
    /// it says where not said.
    pub hold: Option<Duration>,
    /// How long an alert goes on after its condition: `keep_firing_for` of a rule.
    pub keep_firing: Duration,
}

/// What the tiers of a policy would have said.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// Time from one evaluation to the next.
    pub interval: Duration,
    /// First and last moment that were evaluated; `None` where none could be.
    pub evaluated: Option<(Instant, Instant)>,
    /// Bad events that the objective's window allows at the traffic of the whole series; 0 without traffic.
    pub allowed: f64,
    /// Share of the steps of the series that were measured, `0..=1`.
    pub coverage: f64,
    /// Each tier, in the policy's order.
    pub tiers: Vec<TierReplay>,
    /// Each severity that the policy has, the more urgent one first.
    pub alerts: Vec<AlertReplay>,
}

/// When a tier would have fired.
#[derive(Clone, Debug, PartialEq)]
pub struct TierReplay {
    /// The tier, holding for as long as it was replayed to.
    pub tier: AlertTier,
    /// Of which moments that is known.
    pub judged: Result<Judged, NotJudged>,
    /// When it fires, in order of time.
    pub firings: Vec<Firing>,
}

/// When an alert would have fired: it does while one of its tiers does.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertReplay {
    /// The severity that its tiers have.
    pub severity: Severity,
    /// Of which moments it is known whether it fires: from the first at which all of its tiers are judged that
    /// are at all. `None` where none is.
    pub judged: Option<Judged>,
    /// Whether a tier that could fire is judged at no moment, so that silence means nothing.
    pub silence_is_doubtful: bool,
    /// When it fires, in order of time: from the first moment on at which one of its tiers is judged.
    pub firings: Vec<Firing>,
    /// The longest short window of its tiers: for so long after an error an alert may still rest on it.
    pub rests_on: Duration,
}

/// The moments at which something was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The first.
    pub first: Instant,
    /// The last.
    pub last: Instant,
    /// How many they are.
    pub moments: usize,
    /// At how many of them nothing was measured in a window, so that nothing fires and nothing is known.
    pub unknown: usize,
}

/// Why a tier cannot be judged at any moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotJudged {
    /// No moment has a whole window of history before it, and the time for which the tier has to hold.
    #[error("its window of {window}{} longer than the history of {history}", and_hold(*hold))]
    HistoryTooShort {
        /// The window.
        window: Duration,
        /// For how long it has to hold; zero where it fires at once.
        hold: Duration,
        /// How long the history is up to the last moment.
        history: Duration,
    },
    /// The series cannot tell what happened within one of its steps.
    #[error("its window of {window} is shorter than a step of the measurements, {step}")]
    ShorterThanStep {
        /// The window.
        window: Duration,
        /// The step.
        step: Duration,
    },
    /// The time that is looked at has no evaluation in it.
    #[error("no moment is evaluated in the time that is looked at")]
    NoMoment,
}

fn and_hold(hold: Duration) -> String {
    if hold.is_zero() { " is".to_owned() } else { format!(" and its `for` of {hold} are together") }
}

/// A stretch of time in which something fires.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Firing {
    /// The first evaluation at which it does.
    pub from: Instant,
    /// The first after it at which it does not; `None` where it still does at the last evaluation.
    pub to: Option<Instant>,
    /// Whether it fires at the first moment at which the tier is judged that fires: when it began is not known.
    pub since_before: bool,
    /// Share of the budget of the objective's window that the long window before `from` had spent, of the
    /// first tier that fires. `None` without traffic.
    pub spent: Option<f64>,
}

impl Firing {
    /// Its end; `last` where it does not end before that.
    pub fn end(&self, last: Instant) -> Instant {
        self.to.unwrap_or(last)
    }

    /// Whether it fires at `at`.
    pub fn holds(&self, at: Instant) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

impl Judged {
    /// The time that these moments stand for.
    pub fn length(&self, interval: Duration) -> Duration {
        Duration::from_milliseconds(interval.milliseconds().saturating_mul(self.moments as u64))
    }
}

/// Replays the tiers of `policy` over `series`.
///
/// At each moment of evaluation a tier's condition is what [`alert::read`] says of the
/// windows that end there, [`alert::AlertState::Firing`] or not, with two differences.
/// A moment whose windows begin before the series is not judged, because the part that is there says nothing
/// of the rest; and a tier that has to hold is judged only where it can have held. And windows are summed up from steps, whatever the series knows of some windows as a whole.
/// Moments are counted from the epoch, so that where a history begins does not matter.
///
/// Shape: the cost is one comparison for each tier and moment, and one more where the long window is above.
///
/// Source: The Site Reliability Workbook, "Alerting on SLOs", section 6; Prometheus, `rules/alerting.go`.
pub fn replay(
    objective: Objective,
    policy: &AlertPolicy,
    series: &EventSeries,
    options: &Options,
) -> Replay {
    let replayer = Replayer::new(objective, Sums::of(series), options);
    let tiers: Vec<Conditions> =
        policy.tiers.iter().map(|tier| replayer.conditions(tier)).collect();
    let severities: BTreeSet<Severity> = policy.tiers.iter().map(|tier| tier.severity).collect();
    let alerts = severities.into_iter().map(|severity| {
        let of_it = policy.tiers.iter().zip(&tiers).filter(|(tier, _)| tier.severity == severity);
        replayer.alert(severity, &of_it.collect::<Vec<_>>())
    });
    let range = replayer.evaluations(1);
    let steps = replayer.sums.len();
    let measured = replayer.sums.measured(0, steps);
    Replay {
        interval: replayer.interval(),
        evaluated: (range.count() > 0)
            .then(|| (replayer.sums.at(range.first), replayer.sums.at(range.final_one()))),
        allowed: replayer.allowed,
        coverage: if steps == 0 { 0.0 } else { f64::from(measured) / steps as f64 },
        alerts: alerts.collect(),
        tiers: policy
            .tiers
            .iter()
            .zip(&tiers)
            .map(|(tier, conditions)| replayer.tier(tier, conditions))
            .collect(),
    }
}

/// What replaying needs to know.
struct Replayer {
    objective: Objective,
    sums: Sums,
    every: usize,
    from: usize,
    to: usize,
    hold: Option<Duration>,
    keep: usize,
    allowed: f64,
}

/// When a tier fires, in steps of the series.
struct Conditions {
    evaluations: Result<Evaluations, NotJudged>,
    /// Within the evaluations.
    runs: Vec<Run>,
}

impl Replayer {
    fn new(objective: Objective, sums: Sums, options: &Options) -> Self {
        let step = sums.step().milliseconds();
        let every = usize::try_from(options.interval.milliseconds().div_ceil(step).max(1))
            .unwrap_or(usize::MAX);
        let from = options.from.map_or(1, |from| {
            let over = sums.over_at(from);
            (if sums.at(over) < from { over + 1 } else { over }).max(1)
        });
        let to = options.to.map_or(sums.len(), |to| sums.over_at(to));
        let mut replayer = Self {
            allowed: allowed(objective, &sums),
            hold: options.hold,
            keep: 0,
            objective,
            sums,
            every,
            from,
            to,
        };
        replayer.keep = replayer.evaluations_in(options.keep_firing);
        replayer
    }

    /// How many evaluations it takes until so much time is over.
    fn evaluations_in(&self, length: Duration) -> usize {
        let interval = self.interval().milliseconds();
        usize::try_from(length.milliseconds().div_ceil(interval)).unwrap_or(usize::MAX)
    }

    /// For how long a tier has to hold.
    fn hold(&self, tier: &AlertTier) -> Duration {
        self.hold.unwrap_or(tier.hold)
    }

    fn interval(&self) -> Duration {
        let step = self.sums.step().milliseconds();
        Duration::from_milliseconds(step.saturating_mul(self.every as u64))
    }

    /// The evaluations that are looked at and have at least so many steps before them.
    fn evaluations(&self, steps: usize) -> Evaluations {
        self.evaluations_from(self.from.max(steps))
    }

    /// The evaluations from a step on.
    fn evaluations_from(&self, earliest: usize) -> Evaluations {
        let every = i64::try_from(self.every).unwrap_or(i64::MAX);
        let counted =
            self.sums.steps_before().saturating_add(i64::try_from(earliest).unwrap_or(i64::MAX));
        let behind = usize::try_from(counted.rem_euclid(every)).unwrap_or(0);
        let first = earliest.saturating_add(if behind == 0 { 0 } else { self.every - behind });
        Evaluations { first, last: self.to, every: self.every }
    }

    /// The evaluations before which the windows of a tier are whole, those before the time that is looked at as
    /// well: an alert that fires at its beginning may have waited before it.
    fn whole(&self, tier: &AlertTier) -> Evaluations {
        self.evaluations_from(self.steps_up(tier.long.max(tier.short)).max(1))
    }

    /// How many steps it takes until so much time is over.
    fn steps_up(&self, length: Duration) -> usize {
        let steps = length.milliseconds().div_ceil(self.sums.step().milliseconds());
        usize::try_from(steps).unwrap_or(usize::MAX)
    }

    /// The evaluations at which a tier can be judged.
    fn judged(&self, tier: &AlertTier) -> Result<Evaluations, NotJudged> {
        let (short, long) = (tier.short.min(tier.long), tier.short.max(tier.long));
        let step = self.sums.step();
        if short < step {
            return Err(NotJudged::ShorterThanStep { window: short, step });
        }
        let hold = self.hold(tier);
        let waited = self.evaluations_in(hold).saturating_mul(self.every);
        let evaluations = self.evaluations(self.whole(tier).first.saturating_add(waited));
        if evaluations.count() > 0 {
            return Ok(evaluations);
        }
        if self.evaluations(1).count() == 0 {
            return Err(NotJudged::NoMoment);
        }
        let history = step.milliseconds().saturating_mul(self.to as u64);
        Err(NotJudged::HistoryTooShort {
            window: long,
            hold,
            history: Duration::from_milliseconds(history),
        })
    }

    /// When a tier fires.
    fn conditions(&self, tier: &AlertTier) -> Conditions {
        let evaluations = self.judged(tier);
        let Ok(judged) = evaluations else { return Conditions { evaluations, runs: Vec::new() } };
        let all = self.whole(tier);
        let mut runs = Vec::new();
        if tier.can_fire(self.objective.target()) {
            let threshold = Threshold::of(tier.factor, self.objective.target());
            let (long, short) = (self.sums.steps_of(tier.long), self.sums.steps_of(tier.short));
            let range = (all.first, all.last, all.every);
            self.sums.each_above(long, &threshold, range, |at| {
                if threshold.is_exceeded(self.sums.events(at - short, at))
                    && !self.holds_back(tier, at, self.sums.events(at - long, at))
                {
                    all.extend(&mut runs, at);
                }
            });
        }
        let fired = all.held(&runs, self.evaluations_in(self.hold(tier)), self.keep);
        Conditions { evaluations, runs: union(fired, judged.first) }
    }

    /// Whether the guards of a tier withhold it at an evaluation, with these events in its long window.
    fn holds_back(&self, tier: &AlertTier, at: usize, events: EventCount) -> bool {
        tier.is_guarded()
            && alert::held_back(tier, self.objective, events, self.share_at(at, events)).is_some()
    }

    /// Share of the budget that the bad events are at that evaluation, as [`alert::read`] has it: of the
    /// budget of the objective's window before it, steps that were not measured taken to be like the
    /// others.
    fn share_at(&self, at: usize, events: EventCount) -> Option<f64> {
        let window = self.objective.window();
        let from = at.saturating_sub(self.sums.steps_of(window));
        let steps = window.milliseconds().div_ceil(self.sums.step().milliseconds());
        let coverage = f64::from(self.sums.measured(from, at)) / steps as f64;
        let whole = budget::from_events(self.objective, self.sums.events(from, at));
        let allowed = whole.amounts.allowed / coverage;
        let (bad, _) = exact::bad_of_total(events)?;
        (allowed > 0.0).then(|| bad / allowed)
    }

    fn tier(&self, tier: &AlertTier, conditions: &Conditions) -> TierReplay {
        let firing = |run: &Run| {
            let since_before = run.from == conditions.evaluations.ok()?.first;
            Some(Firing { since_before, ..self.firing(run, tier.long)? })
        };
        TierReplay {
            tier: AlertTier { hold: self.hold(tier), ..tier.clone() },
            judged: conditions.evaluations.map(|all| {
                let windows = [self.sums.steps_of(tier.long), self.sums.steps_of(tier.short)];
                self.moments(all, |at| self.is_known(at, windows))
            }),
            firings: conditions.runs.iter().filter_map(firing).collect(),
        }
    }

    fn alert(&self, severity: Severity, tiers: &[(&AlertTier, &Conditions)]) -> AlertReplay {
        let judged: Vec<(&AlertTier, &Conditions, Evaluations)> = tiers
            .iter()
            .filter_map(|(tier, one)| Some((*tier, *one, one.evaluations.ok()?)))
            .collect();
        let rests_on = tiers.iter().map(|(tier, _)| tier.short.min(tier.long)).max();
        let all = judged.iter().map(|(.., all)| *all).max_by_key(|all| all.first);
        // What one tier says stands, whether the others can be judged by then or not.
        let runs = judged.iter().flat_map(|(_, one, _)| &one.runs).copied().collect();
        let firings = union(runs, 0).into_iter().filter_map(|run| {
            // The tiers whose firings begin the alert's.
            let begin = |one: &&(&AlertTier, &Conditions, Evaluations)| {
                one.1.runs.iter().any(|own| own.from == run.from)
            };
            let (first, ..) = judged.iter().find(begin)?;
            let mut firing = self.firing(&run, first.long)?;
            firing.since_before =
                judged.iter().filter(begin).any(|(.., all)| run.from == all.first);
            Some(firing)
        });
        let target = self.objective.target();
        AlertReplay {
            severity,
            judged: all.map(|all| {
                self.moments(all, |at| {
                    judged.iter().all(|(tier, ..)| {
                        self.is_known(
                            at,
                            [self.sums.steps_of(tier.long), self.sums.steps_of(tier.short)],
                        )
                    })
                })
            }),
            silence_is_doubtful: tiers
                .iter()
                .any(|(tier, one)| one.evaluations.is_err() && tier.can_fire(target)),
            firings: firings.collect(),
            rests_on: rests_on.unwrap_or_default(),
        }
    }

    fn firing(&self, run: &Run, long: Duration) -> Option<Firing> {
        let before = run.from.checked_sub(self.sums.steps_of(long))?;
        Some(Firing {
            from: self.sums.at(run.from),
            to: run.to.map(|to| self.sums.at(to)),
            since_before: false,
            spent: share(self.sums.events(before, run.from).bad(), self.allowed),
        })
    }

    /// Whether something was measured in both windows before an evaluation.
    fn is_known(&self, at: usize, windows: [usize; 2]) -> bool {
        windows.into_iter().all(|steps| self.sums.measured(at.saturating_sub(steps), at) > 0)
    }

    fn moments(&self, all: Evaluations, is_known: impl Fn(usize) -> bool) -> Judged {
        let unknown = if self.sums.has_gaps() {
            (0..all.count()).filter(|at| !is_known(all.first + at * all.every)).count()
        } else {
            0
        };
        Judged {
            first: self.sums.at(all.first),
            last: self.sums.at(all.final_one()),
            moments: all.count(),
            unknown,
        }
    }
}

/// Bad events that the objective's window allows, at the mean traffic of the measured steps:
/// `(1 − T) · N · P / t` with `N` events in the measured time `t`. One number for the whole history, so that
/// what is spent at different times can be compared.
fn allowed(objective: Objective, sums: &Sums) -> f64 {
    let measured = f64::from(sums.measured(0, sums.len()));
    if measured == 0.0 {
        return 0.0;
    }
    let per_step = sums.events(0, sums.len()).total / measured;
    per_step * objective.window().ratio(sums.step()) * objective.error_budget().as_f64()
}

/// Share of the budget that so many bad events are; `None` where there is none.
fn share(bad: f64, allowed: f64) -> Option<f64> {
    (allowed > 0.0).then(|| bad.max(0.0) / allowed)
}

#[cfg(test)]
mod tests;
