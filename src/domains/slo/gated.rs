//! An assessment held against its error budget policy: what becomes of a change, with exemptions and
//! broken glass.
use super::{
    assess::{Assessment, Reading},
    engine::{
        burn,
        calendar_budget::ToCome,
        exhaustion::Exhaustion,
        gate::{
            self, Condition, Decision, GateInput, Leniency, Moment, Policy, PolicyState, Ruling,
            Subject, judge, replay::Replay,
        },
        outlook::Course,
    },
    model::{PolicyAction, Severity, Window},
    moments,
    spec::{BudgetState, ErrorBudgetPolicy, OnUnknown, PolicyCondition, ServiceLevelObjective},
};
use crate::kernel::{
    settings::Settings,
    spec::{Catalog, Document, Field, Optional, Ref, Target as _, values},
    time::{Zone, rfc3339},
    units::{Duration, Instant, Ratio},
};

/// The name by which answers call the policy of objectives that name none.
pub const DEFAULT_POLICY: &str = "default";

/// How far ahead broken glass may reach where a policy does not say: long enough for an incident, short
/// enough that the next day asks again.
pub const LONGEST_BREAK_GLASS: Duration = Duration::from_hours(24);

/// Below this share of the budget the default policy warns.
const LOW: Ratio = match Ratio::from_parts(Ratio::PARTS / 4) {
    Some(ratio) => ratio,
    None => Ratio::ZERO,
};

/// The error budget policy of an objective, with everything that it needs.
#[derive(Clone, Debug)]
pub struct ResolvedPolicy<'a> {
    /// Name of the document, [`DEFAULT_POLICY`] where there is none.
    pub name: &'a str,
    /// Its states.
    pub policy: Policy,
    /// What is exempt for a while, valid or expired.
    pub exemptions: Vec<Exemption<'a>>,
    /// Kinds of changes that are always exempt.
    pub exempt_changes: Vec<&'a str>,
    /// How far ahead broken glass may reach; zero where it must not be broken.
    pub longest_break_glass: Duration,
}

/// Something that a freeze does not hold up for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption<'a> {
    /// Why.
    pub reason: &'a str,
    /// Where it was agreed.
    pub ticket: Option<&'a str>,
    /// Who agreed.
    pub approved_by: Option<&'a str>,
    /// When it ends; `None`: never.
    pub until: Option<Instant>,
    /// The objectives that it is for; none: all.
    slos: Vec<&'a str>,
    /// The kinds of changes that it is for; none: all.
    changes: Vec<&'a str>,
}

impl Exemption<'_> {
    /// Whether it is about this objective and this kind of change, if it is still valid.
    fn is_about(&self, slo: &str, change: Option<&str>) -> bool {
        let slos = self.slos.is_empty() || self.slos.contains(&slo);
        slos && (self.changes.is_empty() || change.is_some_and(|kind| self.changes.contains(&kind)))
    }

    /// Whether it has ended at `now`. It holds up to, and without, its end.
    pub fn has_ended(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// Why a freeze does not hold up a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exempt<'a> {
    /// Changes of this kind are never held up.
    Change(&'a str),
    /// It was agreed on for a while.
    Exemption(Exemption<'a>),
}

/// A freeze that is broken in an emergency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlass {
    /// Why.
    pub reason: String,
    /// When that ends.
    pub until: Instant,
}

/// What a gate knows besides measurements.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The present: exemptions end by the clock, not by the data.
    pub now: Instant,
    /// The kind of the change.
    pub change: Option<String>,
    /// Whether glass is broken.
    pub break_glass: Option<BreakGlass>,
}

/// An objective, its policy, and what is decided.
#[derive(Clone, Debug)]
pub struct Gated<'a, 'b> {
    /// The objective, and what is known of it.
    pub assessment: &'b Assessment<'a>,
    /// Its policy.
    pub policy: ResolvedPolicy<'a>,
    /// What the policy was held against.
    pub input: Option<GateInput>,
    /// What the policy says.
    pub ruling: Ruling,
    /// Why a freeze does not hold up the change, where one may be and does not.
    pub exempt: Option<Exempt<'a>>,
    /// Exemptions that would help and have ended.
    pub ended: Vec<Exemption<'a>>,
    /// Whether glass was broken to get through.
    pub broken: bool,
    /// What is decided.
    pub decision: Decision,
}

/// Why an objective has no policy that can be computed with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{policy}`, which the settings name as the policy of `{objective}`, {problem}")]
pub struct NoPolicy {
    policy: String,
    objective: String,
    problem: &'static str,
}

/// The policy of an objective over one of its windows: its own, else the settings', else the default
/// one.
///
/// # Errors
/// If the settings name one that does not exist or has errors. A policy that the objective names is a
/// reference, and has been checked as such.
pub fn policy_of<'a>(
    catalog: &'a Catalog,
    settings: &'a Settings,
    document: &'a Document,
    slo: &'a ServiceLevelObjective,
    window: &Window,
) -> Result<ResolvedPolicy<'a>, NoPolicy> {
    let named = slo.policy.value().map(Ref::name).or_else(|| {
        let default =
            settings.default_for(&|key| document.label(key), |defaults| defaults.policy.value());
        default.map(String::as_str)
    });
    let Some(name) = named else { return Ok(default_policy()) };
    let broken = |problem| NoPolicy {
        policy: name.to_owned(),
        objective: document.name().to_owned(),
        problem,
    };
    catalog.find(ErrorBudgetPolicy::KIND, name).ok_or_else(|| broken("does not exist"))?;
    let (found, spec) =
        catalog.get::<ErrorBudgetPolicy>(name).ok_or_else(|| broken("has errors"))?;
    if !found.clean {
        return Err(broken("has errors"));
    }
    Ok(resolve(name, spec, window))
}

/// The policy of objectives that name none: a warning where less than a quarter of the budget is left or
/// somebody is being paged, a freeze where the budget is overspent.
pub fn default_policy() -> ResolvedPolicy<'static> {
    let state = |name: &str, condition, action| PolicyState {
        name: name.to_owned(),
        conditions: vec![condition],
        actions: vec![action],
    };
    ResolvedPolicy {
        name: DEFAULT_POLICY,
        policy: Policy {
            states: vec![
                state("low", Condition::RemainingBelow(LOW), PolicyAction::Approval),
                state("paging", Condition::AlertFiring(Severity::Page), PolicyAction::Approval),
                state("overspent", Condition::RemainingBelow(Ratio::ZERO), PolicyAction::Freeze),
            ],
            on_unknown: None,
        },
        exemptions: Vec::new(),
        exempt_changes: Vec::new(),
        longest_break_glass: LONGEST_BREAK_GLASS,
    }
}

/// A policy as it is computed with, for an objective over `window`.
fn resolve<'a>(name: &'a str, spec: &'a ErrorBudgetPolicy, window: &Window) -> ResolvedPolicy<'a> {
    let longest = spec.break_glass.value().and_then(|glass| glass.longest.value());
    let states = values(spec.states.get().map_or(&[][..], Vec::as_slice));
    ResolvedPolicy {
        name,
        policy: Policy {
            states: states.filter_map(|state| state_of(state, window)).collect(),
            on_unknown: spec.on_unknown.value().map(|decision| match decision {
                OnUnknown::Allow => Decision::Allow,
                OnUnknown::Warn => Decision::Warn,
                OnUnknown::Freeze => Decision::Freeze,
            }),
        },
        exemptions: values(&spec.exemptions)
            .filter_map(|exemption| {
                Some(Exemption {
                    reason: exemption.reason.get()?,
                    ticket: exemption.ticket.value().map(String::as_str),
                    approved_by: exemption.approved_by.value().map(String::as_str),
                    until: exemption.until.value().map(|until| until.0),
                    slos: values(&exemption.slos).map(Ref::name).collect(),
                    changes: values(&exemption.changes).map(String::as_str).collect(),
                })
            })
            .collect(),
        exempt_changes: values(&spec.exempt_changes).map(String::as_str).collect(),
        longest_break_glass: longest.copied().unwrap_or(LONGEST_BREAK_GLASS),
    }
}

fn state_of(state: &BudgetState, window: &Window) -> Option<PolicyState> {
    let actions = state.actions.get()?;
    Some(PolicyState {
        name: state.name.get()?.clone(),
        conditions: conditions_of(state.when.get()?, window),
        actions: actions.iter().filter_map(Field::get).copied().collect(),
    })
}

fn conditions_of(when: &PolicyCondition, window: &Window) -> Vec<Condition> {
    let within = when.within.value().copied().or(match window {
        Window::Rolling(length) => Some(*length),
        // What is left of the period, however much that is: its nominal length means nothing here.
        Window::Calendar(_) => None,
    });
    let conditions = [
        when.remaining_below.value().map(|share| Condition::RemainingBelow(*share)),
        when.burn_rate_above
            .value()
            .map(|factor| Condition::BurnRateAbove { factor: *factor, window: when.burn_window() }),
        when.alert_firing.value().map(|severity| Condition::AlertFiring(*severity)),
        when.exhausted_within.value().map(|within| Condition::ExhaustedWithin(*within)),
        when.exhaustion_probability_above.value().map(|probability| {
            Condition::ExhaustionProbabilityAbove { probability: *probability, within }
        }),
    ];
    conditions.into_iter().flatten().collect()
}

/// Decides on a change.
pub fn decide<'a, 'b>(
    assessment: &'b Assessment<'a>,
    policy: ResolvedPolicy<'a>,
    circumstances: &Circumstances,
) -> Gated<'a, 'b> {
    let input = assessment.reading().map(|reading| input_of(reading, &policy.policy));
    // What is not whole, or less than the objective asks for, is shown and decides nothing.
    let reason = assessment.reason();
    let known = match (&input, &reason) {
        (Some(input), None) => Ok(input),
        (_, reason) => Err(reason.as_deref().unwrap_or("there are no measurements")),
    };
    let ruling = judge(&policy.policy, known);
    let slo = assessment.objective.document.name();
    let (exempt, ended) = match ruling.worst {
        Decision::Freeze => exemption(&policy, slo, circumstances),
        _ => (None, Vec::new()),
    };
    let leniency = if exempt.is_some() { Leniency::Exempt } else { Leniency::None };
    let decision = ruling.decide(leniency);
    let broken = circumstances.break_glass.is_some() && decision > Decision::Warn;
    let decision = if broken { ruling.decide(Leniency::BreakGlass) } else { decision };
    Gated { assessment, policy, input, ruling, exempt, ended, broken, decision }
}

/// What a policy is held against, from what was read: the budget that counts, with adjustments where
/// there are some.
fn input_of(reading: &Reading, policy: &Policy) -> GateInput {
    let window = reading.adjusted.as_ref().map_or(&reading.window, |adjusted| &adjusted.window);
    let objective = window.budget.objective;
    let burn = |window| {
        let known = reading.burns.iter().find(|burn| burn.window == window).copied();
        known.unwrap_or_else(|| burn::over(objective, &reading.series, window, reading.at()))
    };
    GateInput {
        at: reading.at(),
        objective,
        count: window.count,
        events: reading.calendar.map_or(window.count.events, |calendar| calendar.whole()),
        burns: policy.burn_windows().map(burn).collect(),
        tiers: reading.tiers.clone(),
        forecast: reading.forecast,
        probabilities: policy
            .probability_windows()
            .map(|within| (within, probability(reading, within)))
            .collect(),
    }
}

/// How likely the budget is to be overspent within that time, or why that is not known. Of the days that
/// the forecast speaks of, the first that is not before the time is taken: rather too likely than too
/// unlikely. A calendar period is not overspent after its end, so that a time beyond it, or none, means
/// the end; and when the period ends, what is overspent is known.
fn probability(reading: &Reading, within: Option<Duration>) -> Result<f64, String> {
    if let Some(exhaustion) = reading.calendar.and_then(|calendar| {
        (reading.at() >= calendar.window.to).then_some(calendar.forecast.exhaustion)
    }) {
        return match exhaustion {
            Exhaustion::Overspent => Ok(1.0),
            Exhaustion::Unknown(reason) => Err(reason.to_string()),
            Exhaustion::At(_) | Exhaustion::Never => Ok(0.0),
        };
    }
    let outlook = reading.outlook.as_ref().ok_or("there is no forecast")?;
    let outlook = outlook.as_ref().map_err(ToString::to_string)?;
    let by = within.and_then(|within| reading.at().checked_add_signed(within.to_chrono()));
    let until = |by| outlook.curve.iter().find(|chance| chance.by >= by);
    match (by.and_then(until), outlook.course) {
        (Some(chance), _) => Ok(chance.probability),
        (None, Course::Calendar { .. }) => Ok(outlook.probability),
        (None, Course::Rolling) => {
            Err(format!("the forecast looks no further than {}", rfc3339(outlook.until)))
        }
    }
}

/// Why a freeze does not hold up the change, and what would be a reason and has ended. Of several
/// exemptions the one that lasts longest.
fn exemption<'a>(
    policy: &ResolvedPolicy<'a>,
    slo: &str,
    circumstances: &Circumstances,
) -> (Option<Exempt<'a>>, Vec<Exemption<'a>>) {
    let change = circumstances.change.as_deref();
    let always = policy.exempt_changes.iter().find(|kind| Some(**kind) == change);
    let about =
        policy.exemptions.iter().filter(|exemption| exemption.is_about(slo, change)).cloned();
    let (ended, valid): (Vec<_>, Vec<_>) =
        about.partition(|exemption| exemption.has_ended(circumstances.now));
    let longest = valid.into_iter().max_by_key(|one| one.until.unwrap_or(Instant::MAX_UTC));
    match (always, longest) {
        (Some(kind), _) => (Some(Exempt::Change(kind)), Vec::new()),
        (None, Some(exemption)) => (Some(Exempt::Exemption(exemption)), Vec::new()),
        (None, None) => (None, ended),
    }
}

/// An objective, its policy, and what that would have said of the past.
#[derive(Clone, Debug)]
pub struct Replayed<'a, 'b> {
    /// The objective, and what is known of it.
    pub assessment: &'b Assessment<'a>,
    /// Its policy.
    pub policy: ResolvedPolicy<'a>,
    /// What it would have said; nothing where nothing was measured.
    pub replay: Replay,
}

/// What a policy would have said of the measured past, asked every `every` by the days of `zone`.
pub fn replay<'a, 'b>(
    assessment: &'b Assessment<'a>,
    policy: ResolvedPolicy<'a>,
    every: Duration,
    zone: &Zone,
) -> Replayed<'a, 'b> {
    let resolved = &assessment.objective;
    let subject = Subject {
        objective: resolved.objective,
        to_come: ToCome::of(resolved.budgeting),
        alerting: &resolved.alerting,
    };
    let replay = assessment.reading().map_or_else(Replay::default, |reading| {
        let moments = moments::moments(reading.series.start(), reading.at(), every, zone);
        let moments: Vec<Moment> =
            moments.into_iter().map(|at| moments::seen(at, &resolved.window)).collect();
        gate::replay::replay(&policy.policy, subject, &reading.series, &moments)
    });
    Replayed { assessment, policy, replay }
}
