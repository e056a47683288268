//! The answer of `sre gate`: whether changes may go out, and why.
mod form;
pub mod replay;

pub use form::GateAnswer;

use super::{budget, close, words as shared};
use crate::{
    domains::slo::{
        assess::Assessment,
        engine::{
            exhaustion::Exhaustion,
            gate::{
                Condition, ConditionReading, Decision, Found, GateInput, Leniency, StateReading,
                Truth, Unjudged,
            },
        },
        gated::{BreakGlass, Circumstances, Exempt, Exemption, Gated},
        model::PolicyAction,
    },
    kernel::{
        report::{Block, Cell, Column, MetricFamily, Report, Sample, Table, Text, Verdict, words},
        time::Zone,
        units::Duration,
    },
};
use std::{collections::BTreeSet, str::FromStr};

/// From which decision on a run fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GateFailOn {
    /// A change waits, or it is not known whether it has to.
    #[default]
    Freeze,
    /// Somebody has to look at a change, or worse.
    Warn,
    /// Never.
    Never,
}

impl GateFailOn {
    /// The words, as flags have them.
    pub const NAMES: [&'static str; 3] = ["freeze", "warn", "never"];

    /// What a decision means for whoever waits.
    pub fn verdict(self, decision: Decision) -> Verdict {
        match (decision, self) {
            (Decision::Freeze, Self::Freeze | Self::Warn) | (Decision::Warn, Self::Warn) => {
                Verdict::Found
            }
            (Decision::Unknown, Self::Freeze | Self::Warn) => Verdict::Undecided,
            _ => Verdict::Pass,
        }
    }
}

impl FromStr for GateFailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "freeze" => Ok(Self::Freeze),
            "warn" => Ok(Self::Warn),
            "never" => Ok(Self::Never),
            _ => Err(format!("`{text}` is not one of {}", Self::NAMES.join(", "))),
        }
    }
}

/// The worst of all decisions; what is allowed where there is nothing to decide on.
pub fn worst(gated: &[Gated<'_, '_>]) -> Decision {
    gated.iter().map(|one| one.decision).max().unwrap_or(Decision::Allow)
}

/// The answer for these objectives, in their order.
pub fn report(
    gated: &[Gated<'_, '_>],
    circumstances: &Circumstances,
    fail_on: GateFailOn,
    zone: &Zone,
) -> Report {
    let verdict: Verdict = gated.iter().map(|one| fail_on.verdict(one.decision)).collect();
    let apart = Apart::of(gated.iter().map(|one| one.assessment));
    let mut table = Table::new().main().columns(apart.columns()).columns([
        Column::new("Policy").priority(2).middle(),
        Column::new("Left").key("remaining_ratio").priority(1),
        Column::new("State"),
        Column::new("Decision"),
        Column::new("Why").for_people(),
    ]);
    for one in gated {
        table.push(row(one, zone));
    }
    Report::of(&GateAnswer::of(gated, circumstances, zone))
        .block(Block::paragraph(headline(gated, circumstances, apart)))
        .block(table)
        .blocks(remarks(gated, circumstances, zone, apart))
        .metric(metric(gated))
        .verdict(verdict)
}

/// What tells the rows of an answer apart besides the names of their objectives.
#[derive(Clone, Copy)]
struct Apart {
    /// Some objective has groups.
    groups: bool,
    /// Some objective has several windows.
    windows: bool,
}

impl Apart {
    fn of<'x, 'a: 'x>(assessments: impl Iterator<Item = &'x Assessment<'a>>) -> Self {
        let none = Self { groups: false, windows: false };
        assessments.fold(none, |apart, one| Self {
            groups: apart.groups || close::group(one).is_some(),
            windows: apart.windows || !one.objective.first_window,
        })
    }

    /// The columns with which a table begins; those that tell nobody anything are for machines.
    fn columns(self) -> [Column; 3] {
        let people_need =
            |column: Column, some: bool| if some { column } else { column.for_machines() };
        [
            Column::new("SLO").middle().min_width(24),
            people_need(Column::new("Group").middle(), self.groups),
            people_need(Column::new("Window"), self.windows),
        ]
    }

    /// The cells below them.
    fn cells(assessment: &Assessment<'_>) -> [Cell; 3] {
        [
            Cell::name(assessment.objective.document.name()),
            close::group(assessment).map_or(Cell::Missing, Cell::text),
            Cell::text(assessment.objective.window.to_string()),
        ]
    }

    /// How sentences call a row.
    fn name(self, assessment: &Assessment<'_>) -> String {
        let name = close::name(assessment);
        match assessment.objective.window {
            ref window if self.windows => format!("{name} over {window}"),
            _ => name,
        }
    }
}

/// How many objectives these are about, in words.
fn objectives<'x, 'a: 'x>(assessments: impl Iterator<Item = &'x Assessment<'a>>) -> String {
    let names: BTreeSet<&str> = assessments.map(|one| one.objective.document.name()).collect();
    words::plural(names.len() as u64, "objective")
}

/// The decisions for a Prometheus-compatible server. What cannot be told has no sample.
fn metric(gated: &[Gated<'_, '_>]) -> MetricFamily {
    let samples = gated.iter().filter_map(|one| {
        let decision = match one.decision {
            Decision::Allow => 0.0,
            Decision::Warn => 1.0,
            Decision::Freeze => 2.0,
            Decision::Unknown => return None,
        };
        let sample = budget::labelled(Sample::new(decision), one.assessment);
        Some(sample.label("policy", one.policy.name))
    });
    let help = "What the gate decides: 0 allow, 1 warn, 2 freeze; absent where it cannot tell.";
    MetricFamily::gauge("sre_gate_decision", help).samples(samples)
}

/// What is decided over all, in a line.
fn headline(gated: &[Gated<'_, '_>], circumstances: &Circumstances, apart: Apart) -> Text {
    let decision = worst(gated);
    let all = objectives(gated.iter().map(|one| one.assessment));
    let change = circumstances
        .change
        .as_ref()
        .map_or_else(|| "changes".to_owned(), |kind| format!("`{kind}` changes"));
    let broken = names(gated, &all, apart, |one| one.broken);
    let because = names(gated, &all, apart, |one| one.decision == decision);
    let said = match decision {
        Decision::Allow | Decision::Warn if gated.iter().any(|one| one.broken) => {
            format!(": {change} may go out, with glass broken for {broken}")
        }
        Decision::Allow => format!(": {change} may go out, {all} looked at"),
        Decision::Warn => format!(": {change} may go out with care, because of {because}"),
        Decision::Unknown => format!(": no decision, because of {because}"),
        Decision::Freeze => format!(": {change} wait, because of {because}"),
    };
    let name = decision.name();
    match decision {
        Decision::Allow => Text::new().good(name),
        Decision::Warn => Text::new().warning(name),
        Decision::Unknown => Text::new().unknown(name),
        Decision::Freeze => Text::new().bad(name),
    }
    .plain(said)
}

/// The objectives that are meant, by name where they are few.
fn names(
    gated: &[Gated<'_, '_>],
    all: &str,
    apart: Apart,
    meant: impl Fn(&Gated<'_, '_>) -> bool,
) -> String {
    const FEW: usize = 3;
    let meant: Vec<&Gated<'_, '_>> = gated.iter().filter(|one| meant(one)).collect();
    if meant.len() <= FEW {
        let names: Vec<String> = meant.iter().map(|one| apart.name(one.assessment)).collect();
        return names.join(", ");
    }
    let names: BTreeSet<&str> =
        meant.iter().map(|one| one.assessment.objective.document.name()).collect();
    format!("{} of {all}", names.len())
}

fn decision(decision: Decision) -> Cell {
    match decision {
        Decision::Allow => Cell::good(decision.name()),
        Decision::Warn => Cell::warning(decision.name()),
        Decision::Unknown => Cell::unknown(decision.name()),
        Decision::Freeze => Cell::bad(decision.name()),
    }
}

fn row(gated: &Gated<'_, '_>, zone: &Zone) -> Vec<Cell> {
    let left = gated.input.as_ref().and_then(GateInput::remaining);
    let mut cells = Vec::from(Apart::cells(gated.assessment));
    cells.extend([
        Cell::text(gated.policy.name),
        left.map_or(Cell::Missing, |left| Cell::percent_against(left, &[0.0])),
        state(gated).map_or(Cell::Missing, Cell::text),
        decision(gated.decision),
        Cell::text(reasons(gated, zone).join("; ")),
    ]);
    cells
}

/// The state in force, or those that may be.
fn state(gated: &Gated<'_, '_>) -> Option<String> {
    let known = gated.ruling.state().map(|state| state.name.clone());
    let possible = gated.ruling.possible().map(|state| format!("{}?", state.name));
    let all: Vec<String> = known.into_iter().chain(possible).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Why the policy says what it says: of the state in force, and of those that may be.
fn reasons(gated: &Gated<'_, '_>, zone: &Zone) -> Vec<String> {
    let mut reasons = Vec::new();
    match gated.ruling.state() {
        Some(state) => reasons.extend(why(state, zone)),
        None if gated.ruling.possible().next().is_none() => {
            reasons.push("no state of the policy holds".to_owned());
            let left = gated.input.as_ref().and_then(GateInput::remaining);
            reasons.extend(left.map(|left| left_of_budget(left, 0.0)));
        }
        None => {}
    }
    let open: Vec<&ConditionReading> = gated
        .ruling
        .possible()
        .flat_map(|state| &state.conditions)
        .filter(|condition| condition.truth == Truth::Unknown)
        .collect();
    let causes: Vec<String> = open.iter().filter_map(|condition| cause(condition)).collect();
    if let Some(first) = causes.first()
        && causes.iter().all(|cause| cause == first)
    {
        reasons.push(format!("cannot be judged: {first}"));
        return reasons;
    }
    for condition in open {
        let reason = sentence(condition, zone);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// What a condition cannot be judged for, without what it asks.
fn cause(reading: &ConditionReading) -> Option<String> {
    Some(match reading.found.as_ref().err()? {
        Unjudged::Alert { reason, .. } => reason.to_string(),
        other => other.to_string(),
    })
}

/// Why a state holds.
fn why(state: &StateReading, zone: &Zone) -> Vec<String> {
    if state.conditions.is_empty() {
        return vec![format!("`{}` always holds", state.name)];
    }
    state.conditions.iter().map(|condition| sentence(condition, zone)).collect()
}

/// What was found where a condition looked, and how that compares with its limit.
fn sentence(reading: &ConditionReading, zone: &Zone) -> String {
    let found = match &reading.found {
        Ok(found) => found,
        Err(reason) => return format!("{}: {reason}", question(&reading.condition)),
    };
    match (&reading.condition, found) {
        (Condition::RemainingBelow(limit), Found::Remaining(left)) => {
            let not = if reading.truth == Truth::Holds { "" } else { "not " };
            format!("{}, {not}below {}", left_of_budget(*left, limit.as_f64()), limit.percent())
        }
        (Condition::BurnRateAbove { window, .. }, Found::BurnRate(None)) => {
            format!("no events in the last {window}")
        }
        (Condition::BurnRateAbove { factor, window }, Found::BurnRate(Some(rate))) => {
            let limit = factor.as_f64();
            let digits = words::honest_digits(*rate, shared::digits(*rate), &[limit]);
            let rate = words::number(*rate, digits);
            let not = if reading.truth == Truth::Holds { "" } else { "not " };
            format!("burn rate {rate} over the last {window}, {not}above {limit}")
        }
        (Condition::AlertFiring(severity), Found::Firing(names)) if names.is_empty() => {
            format!("no {} alert fires", severity.name())
        }
        (Condition::AlertFiring(_), Found::Firing(names)) => {
            let alerts = words::noun_for(names.len() as u64, "alert");
            let fire = if names.len() == 1 { "fires" } else { "fire" };
            format!("the {alerts} {} {fire}", names.join(", "))
        }
        (Condition::ExhaustedWithin(within), Found::Exhaustion(exhaustion)) => match exhaustion {
            Exhaustion::Overspent => "the budget is overspent".to_owned(),
            Exhaustion::At(at) => {
                let within = match reading.truth {
                    Truth::Holds => format!("within {within}"),
                    _ => format!("not within {within}"),
                };
                format!("at this rate empty on {}, {within}", shared::moment(*at, zone))
            }
            _ => "the budget lasts at this rate".to_owned(),
        },
        (
            Condition::ExhaustionProbabilityAbove { probability, within },
            Found::Probability(found),
        ) => {
            let shown = words::percent_against(*found, &[probability.as_f64()]);
            let side = if reading.truth == Truth::Holds { "above" } else { "not above" };
            format!(
                "empty {} with a probability of {shown}, {side} {}",
                by(*within),
                probability.percent()
            )
        }
        (condition, _) => question(condition),
    }
}

/// What is left of a budget, told apart from `limit`.
fn left_of_budget(left: f64, limit: f64) -> String {
    format!("{} of the budget is left", words::percent_against(left, &[0.0, limit]))
}

/// What a condition asks.
fn question(condition: &Condition) -> String {
    match condition {
        Condition::RemainingBelow(limit) => {
            format!("unknown whether less than {} of the budget is left", limit.percent())
        }
        Condition::BurnRateAbove { factor, window } => {
            format!("unknown whether the burn rate over {window} is above {}", factor.as_f64())
        }
        Condition::AlertFiring(severity) => {
            format!("unknown whether a {} alert fires", severity.name())
        }
        Condition::ExhaustedWithin(within) => {
            format!("unknown whether the budget is empty within {within}")
        }
        Condition::ExhaustionProbabilityAbove { probability, within } => format!(
            "unknown whether the budget is empty {} with a probability above {}",
            by(*within),
            probability.percent()
        ),
    }
}

/// Until when a probability speaks.
fn by(within: Option<Duration>) -> String {
    within
        .map_or_else(|| "by the end of the period".to_owned(), |within| format!("within {within}"))
}

/// What has to be said in sentences: what is asked for, exemptions, broken glass, what is unknown.
fn remarks(
    gated: &[Gated<'_, '_>],
    circumstances: &Circumstances,
    zone: &Zone,
    apart: Apart,
) -> Vec<Block> {
    let mut lines: Vec<Text> = Vec::new();
    for one in gated {
        let name = apart.name(one.assessment);
        let line = |text: String| Text::new().name(name.clone()).plain(format!(": {text}"));
        lines.extend(adjusted(one).map(line));
        let asked = one.ruling.state().map_or(&[][..], |state| state.actions.as_slice());
        if !asked.is_empty() {
            let asked: Vec<&str> = asked.iter().map(|action| asks(*action)).collect();
            lines.push(line(asked.join("; ")));
        }
        if let Some(exempt) = &one.exempt {
            lines.push(line(exemption(exempt, zone)));
        }
        for ended in &one.ended {
            let until = ended.until.map_or_else(String::new, |at| shared::moment(at, zone));
            lines.push(line(format!("the exemption for {} ended on {until}", about(ended))));
        }
        if one.ruling.in_doubt() && one.exempt.is_none() && !one.broken {
            lines.push(line(match one.ruling.on_unknown {
                Some(decision) => format!(
                    "cannot be judged, and `{}` says `on_unknown: {}`",
                    one.policy.name,
                    decision.name()
                ),
                None if one.decision == Decision::Unknown => {
                    "cannot be judged; `on_unknown` in the policy says what then".to_owned()
                }
                None => "cannot be judged in full; either way the change may go out".to_owned(),
            }));
        }
        if let (true, Some(glass)) = (one.broken, &circumstances.break_glass) {
            lines.push(line(broken(glass, one, zone)));
        }
    }
    if let Some(change) = &circumstances.change {
        let known = gated.iter().any(|one| one.exempt.is_some());
        if !known && gated.iter().any(|one| one.ruling.worst == Decision::Freeze) {
            lines.push(Text::new().muted(format!("no policy exempts `{change}` changes")));
        }
    }
    if lines.is_empty() { Vec::new() } else { vec![Block::list(lines)] }
}

/// Which adjustments the budget was held against the policy with, and what would be left without them.
fn adjusted(gated: &Gated<'_, '_>) -> Option<String> {
    let reading = gated.assessment.reading()?;
    let names = budget::names(reading.adjusted.as_ref()?);
    let without = reading.window.budget.remaining_ratio;
    let without = without.map_or_else(|| "–".to_owned(), words::percent);
    Some(format!("judged with {names}; without, {without} of the budget is left"))
}

fn asks(action: PolicyAction) -> &'static str {
    match action {
        PolicyAction::Notify => "tell people",
        PolicyAction::Approval => "changes need an approval",
        PolicyAction::Freeze => "only changes that make the service more reliable",
        PolicyAction::ReliabilityFirst => "reliability work takes precedence over features",
    }
}

fn exemption(exempt: &Exempt<'_>, zone: &Zone) -> String {
    match exempt {
        Exempt::Change(kind) => format!("`{kind}` changes are exempt from a freeze"),
        Exempt::Exemption(exemption) => {
            let until = match exemption.until {
                Some(until) => format!("until {}", shared::moment(until, zone)),
                None => "without an end".to_owned(),
            };
            format!("exempt {until} for {}", about(exemption))
        }
    }
}

/// What an exemption is for, and who agreed.
fn about(exemption: &Exemption<'_>) -> String {
    let ticket = exemption.ticket.map(str::to_owned);
    let approved = exemption.approved_by.map(|name| format!("approved by {name}"));
    let more: Vec<String> = ticket.into_iter().chain(approved).collect();
    if more.is_empty() {
        exemption.reason.to_owned()
    } else {
        format!("{} ({})", exemption.reason, more.join(", "))
    }
}

fn broken(glass: &BreakGlass, gated: &Gated<'_, '_>, zone: &Zone) -> String {
    let instead = gated.ruling.decide(Leniency::None).name();
    format!(
        "let through instead of {instead}, glass broken until {}: {}",
        shared::moment(glass.until, zone),
        glass.reason
    )
}
