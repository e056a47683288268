//! The machine form `sre/gate@1`.
use super::{super::form::Window, reasons, sentence, worst};
use crate::{
    domains::slo::{
        assess::{Assessment, Reading},
        engine::{
            burn::Burn,
            gate::{Condition, ConditionReading, Decision, Found, Leniency, StateReading},
        },
        gated::{Circumstances, Exempt, Exemption, Gated},
        model::PolicyAction,
    },
    kernel::{
        report::Form,
        time::{Zone, rfc3339},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a gate decides: one item for each objective, window and group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GateAnswer {
    /// The latest moment that an item speaks of, RFC 3339.
    as_of: Option<String>,
    /// The worst of all decisions: `allow`, `warn`, `unknown` or `freeze`.
    decision: &'static str,
    /// The kind of the change, as the command line says it.
    change: Option<String>,
    /// How a freeze was broken, where the command line asks for it.
    break_glass: Option<BreakGlassForm>,
    /// The objectives.
    items: Vec<GateItem>,
}

impl Form for GateAnswer {
    const SCHEMA: &'static str = "sre/gate@1";
}

impl GateAnswer {
    pub(super) fn of(gated: &[Gated<'_, '_>], circumstances: &Circumstances, zone: &Zone) -> Self {
        let as_of = gated.iter().filter_map(|one| one.input.as_ref()).map(|input| input.at).max();
        let used = gated.iter().any(|one| one.broken);
        Self {
            as_of: as_of.map(rfc3339),
            decision: worst(gated).name(),
            change: circumstances.change.clone(),
            break_glass: circumstances.break_glass.as_ref().map(|glass| BreakGlassForm {
                reason: glass.reason.clone(),
                until: rfc3339(glass.until),
                used,
            }),
            items: gated.iter().map(|one| GateItem::of(one, zone)).collect(),
        }
    }
}

/// How a freeze was broken.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BreakGlass")]
struct BreakGlassForm {
    /// Why.
    reason: String,
    /// When that ends, RFC 3339.
    until: String,
    /// Whether anything would have held up the change without it.
    used: bool,
}

/// What is decided about one objective.
#[derive(Debug, Serialize, JsonSchema)]
struct GateItem {
    /// Name of the objective.
    name: String,
    /// Its name as people read it.
    display_name: String,
    /// The service it speaks of.
    service: Option<String>,
    /// Who answers for it.
    owner: Option<String>,
    /// Where to read what to do.
    runbook: Option<String>,
    /// The window.
    window: Window,
    /// Values of the labels by which the objective is grouped; null where it is not.
    group: Option<BTreeMap<String, String>>,
    /// Name of its error budget policy; `default` where it names none.
    policy: String,
    /// What is decided: `allow`, `warn`, `unknown` or `freeze`.
    decision: &'static str,
    /// What would be decided without exemptions and broken glass.
    policy_decision: &'static str,
    /// The state of the policy in force, as far as is known.
    state: Option<String>,
    /// States that may be in force instead, because they cannot be judged.
    possible_states: Vec<String>,
    /// What the state in force asks for: `notify`, `approval`, `freeze`, `reliability_first`.
    actions: Vec<&'static str>,
    /// Why, in sentences.
    reasons: Vec<String>,
    /// What the policy says for what cannot be judged: `allow`, `warn` or `freeze`.
    on_unknown: Option<&'static str>,
    /// Why a freeze does not hold up the change.
    exemption: Option<ExemptionForm>,
    /// Exemptions that would, and have ended.
    ended_exemptions: Vec<ExemptionForm>,
    /// Whether glass was broken to let the change through.
    glass_broken: bool,
    /// Every state of the policy, in its order.
    states: Vec<StateForm>,
    /// The numbers that the policy was held against; null where nothing is known.
    inputs: Option<InputForm>,
    /// Why nothing, or not enough, is known, where that is so.
    unknown: Option<String>,
    /// Name of the data source, or path of the file.
    source: Option<String>,
}

impl GateItem {
    fn of(gated: &Gated<'_, '_>, zone: &Zone) -> Self {
        let objective = &gated.assessment.objective;
        let state = gated.ruling.state();
        Self {
            name: objective.document.name().to_owned(),
            display_name: objective.document.display_name().to_owned(),
            service: objective.service.map(str::to_owned),
            owner: objective.owner.map(str::to_owned),
            runbook: objective.runbook.clone(),
            window: Window::of(gated.assessment),
            group: group(gated.assessment),
            policy: gated.policy.name.to_owned(),
            decision: gated.decision.name(),
            policy_decision: gated.ruling.decide(Leniency::None).name(),
            state: state.map(|state| state.name.clone()),
            possible_states: gated.ruling.possible().map(|state| state.name.clone()).collect(),
            actions: keys(state.map_or(&[][..], |state| state.actions.as_slice())),
            reasons: reasons(gated, zone),
            on_unknown: gated.ruling.on_unknown.map(Decision::name),
            exemption: gated.exempt.as_ref().map(ExemptionForm::of),
            ended_exemptions: gated.ended.iter().map(ExemptionForm::of_agreed).collect(),
            glass_broken: gated.broken,
            states: gated.ruling.states.iter().map(|state| StateForm::of(state, zone)).collect(),
            inputs: InputForm::of(gated),
            unknown: gated.assessment.reason(),
            source: gated.assessment.reading().map(|reading| reading.source.clone()),
        }
    }
}

/// The group that an item is about.
pub(super) fn group(assessment: &Assessment<'_>) -> Option<BTreeMap<String, String>> {
    let group = assessment.reading().map(|reading| reading.group.clone())?;
    (!group.is_empty()).then_some(group)
}

fn keys(actions: &[PolicyAction]) -> Vec<&'static str> {
    actions
        .iter()
        .map(|action| match action {
            PolicyAction::Notify => "notify",
            PolicyAction::Approval => "approval",
            PolicyAction::Freeze => "freeze",
            PolicyAction::ReliabilityFirst => "reliability_first",
        })
        .collect()
}

/// What is exempt.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Exemption")]
struct ExemptionForm {
    /// The kind of changes that is always exempt; null for an exemption with a reason.
    change: Option<String>,
    /// Why.
    reason: Option<String>,
    /// Where it was agreed.
    ticket: Option<String>,
    /// Who agreed.
    approved_by: Option<String>,
    /// When it ends, RFC 3339; null for one that does not.
    until: Option<String>,
}

impl ExemptionForm {
    fn of(exempt: &Exempt<'_>) -> Self {
        match exempt {
            Exempt::Exemption(exemption) => Self::of_agreed(exemption),
            Exempt::Change(kind) => Self {
                change: Some((*kind).to_owned()),
                reason: None,
                ticket: None,
                approved_by: None,
                until: None,
            },
        }
    }

    fn of_agreed(exemption: &Exemption<'_>) -> Self {
        Self {
            change: None,
            reason: Some(exemption.reason.to_owned()),
            ticket: exemption.ticket.map(str::to_owned),
            approved_by: exemption.approved_by.map(str::to_owned),
            until: exemption.until.map(rfc3339),
        }
    }
}

/// A state of a policy, and whether it holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PolicyState")]
struct StateForm {
    /// What it is called.
    name: String,
    /// `holds`, `fails` or `unknown`.
    truth: &'static str,
    /// What follows from its actions: `allow`, `warn` or `freeze`.
    decision: &'static str,
    /// Its conditions, which must all hold.
    conditions: Vec<ConditionForm>,
}

impl StateForm {
    fn of(state: &StateReading, zone: &Zone) -> Self {
        Self {
            name: state.name.clone(),
            truth: state.truth.name(),
            decision: state.decision.name(),
            conditions: state
                .conditions
                .iter()
                .map(|reading| ConditionForm::of(reading, zone))
                .collect(),
        }
    }
}

/// A condition, and whether it holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PolicyCondition")]
struct ConditionForm {
    /// Its field in the policy, such as `remaining_below`.
    condition: &'static str,
    /// Its limit, as the policy has it.
    limit: String,
    /// The window that it is about, where it has one; null for a probability until a calendar period ends.
    window: Option<String>,
    /// `holds`, `fails` or `unknown`.
    truth: &'static str,
    /// The number that was found: a share, a burn rate, a probability.
    value: Option<f64>,
    /// The same in a sentence, or why nothing was found.
    sentence: String,
}

impl ConditionForm {
    fn of(reading: &ConditionReading, zone: &Zone) -> Self {
        let (condition, limit, window) = match reading.condition {
            Condition::RemainingBelow(limit) => ("remaining_below", limit.percent(), None),
            Condition::BurnRateAbove { factor, window } => {
                ("burn_rate_above", factor.as_f64().to_string(), Some(window.to_string()))
            }
            Condition::AlertFiring(severity) => ("alert_firing", severity.name().to_owned(), None),
            Condition::ExhaustedWithin(within) => ("exhausted_within", within.to_string(), None),
            Condition::ExhaustionProbabilityAbove { probability, within } => {
                let window = within.map(|within| within.to_string());
                ("exhaustion_probability_above", probability.percent(), window)
            }
        };
        let value = match &reading.found {
            Ok(Found::Remaining(value) | Found::Probability(value)) => Some(*value),
            Ok(Found::BurnRate(rate)) => *rate,
            Ok(Found::Firing(_) | Found::Exhaustion(_)) | Err(_) => None,
        };
        let truth = reading.truth.name();
        Self { condition, limit, window, truth, value, sentence: sentence(reading, zone) }
    }
}

/// The numbers that a policy was held against, adjustments applied.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GateInputs")]
struct InputForm {
    /// The moment, RFC 3339.
    as_of: String,
    /// Length of the objective's window.
    window: String,
    /// Good events in it.
    good: f64,
    /// All events in it.
    total: f64,
    /// Of a calendar window, what the whole period is expected to hold.
    expected_total: Option<f64>,
    /// Share of it that was measured.
    coverage: f64,
    /// Share of the budget that is left.
    remaining_ratio: Option<f64>,
    /// The same without adjustments; null where there are none in the window.
    remaining_ratio_as_measured: Option<f64>,
    /// Names of the adjustments that were applied, each once.
    adjustments: Vec<String>,
    /// Burn rates over the windows of the policy's conditions.
    burn_rates: Vec<GateBurnRate>,
    /// Names of the alerts that fire.
    firing: Vec<String>,
    /// When the budget is empty if things go on as they do, RFC 3339.
    exhausts_at: Option<String>,
}

/// The burn rate over one window.
#[derive(Debug, Serialize, JsonSchema)]
struct GateBurnRate {
    /// Length of the window.
    window: String,
    /// The burn rate; null where there is none.
    burn_rate: Option<f64>,
}

impl InputForm {
    fn of(gated: &Gated<'_, '_>) -> Option<Self> {
        let input = gated.input.as_ref()?;
        let rate = |burn: &Burn| GateBurnRate {
            window: burn.window.to_string(),
            burn_rate: burn.rate.ok().map(|rate| rate.0),
        };
        let reading = gated.assessment.reading();
        let firing = reading.into_iter().flat_map(Reading::firing);
        let adjusted = reading.and_then(|reading| reading.adjusted.as_ref());
        let applied = adjusted.map_or(&[][..], |adjusted| &adjusted.applied);
        let names: BTreeSet<&String> = applied.iter().map(|one| &one.name).collect();
        Some(Self {
            as_of: rfc3339(input.at),
            window: input.objective.window().to_string(),
            good: input.count.events.good,
            total: input.count.events.total,
            coverage: input.count.coverage(),
            expected_total: reading
                .and_then(|reading| reading.calendar.as_ref())
                .map(|calendar| calendar.expected_total),
            remaining_ratio: input.remaining(),
            remaining_ratio_as_measured: adjusted
                .and(reading)
                .and_then(|reading| reading.window.budget.remaining_ratio),
            adjustments: names.into_iter().cloned().collect(),
            burn_rates: input.burns.iter().map(rate).collect(),
            firing: firing.map(|tier| tier.tier.name.clone()).collect(),
            exhausts_at: input.forecast.and_then(|forecast| forecast.exhaustion.at()).map(rfc3339),
        })
    }
}
