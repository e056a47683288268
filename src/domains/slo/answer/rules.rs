//! What is to be said of rules that are written: what they cost, why tiers have guards, and which rules
//! are there already.
use crate::{
    domains::slo::{
        guards::{Choice, Guard},
        prometheus_rules::{
            collisions::Collision,
            cost::{Cost, Intervals},
        },
    },
    kernel::{
        report::{
            Block, Cell, Column, Form, Report, Table, Text, Verdict, significant_number, words,
        },
        source::SourceMap,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;
use std::collections::BTreeMap;

/// What is to be said of the rules of objectives.
#[derive(Debug)]
pub struct RulesReport<'a> {
    /// The objectives that have rules.
    pub objectives: Vec<RulesOf<'a>>,
    /// How costs are counted, where they are asked for.
    pub cost: Option<CostTerms>,
    /// Rules that make what others make already.
    pub collisions: &'a [Collision<'a>],
    /// The files of those others.
    pub sources: &'a SourceMap,
}

/// The rules of one objective.
#[derive(Debug)]
pub struct RulesOf<'a> {
    /// The objective.
    pub slo: &'a str,
    /// What its rules cost, where that is asked for.
    pub cost: Option<Cost>,
    /// The guards of its tiers, where they are chosen by traffic.
    pub choices: Vec<Choice>,
}

/// How costs are counted.
#[derive(Clone, Copy, Debug)]
pub struct CostTerms {
    /// How far samples are apart.
    pub intervals: Intervals,
    /// How many series each selector of an indicator has.
    pub series: u64,
}

/// What is to be said of rules.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RulesAnswer {
    /// The objectives, in the order of the catalog.
    items: Vec<RulesItem>,
    /// What all of them cost together; null where that was not asked for.
    total: Option<CostForm>,
    /// Rules that would make what others make already.
    collisions: Vec<CollisionForm>,
}

impl Form for RulesAnswer {
    const SCHEMA: &'static str = "sre/rules@1";
}

/// One objective.
#[derive(Debug, Serialize, JsonSchema)]
struct RulesItem {
    /// The objective.
    slo: String,
    /// What its rules cost; null where that was not asked for.
    cost: Option<CostForm>,
    /// The guards of its tiers; empty where they were not chosen by traffic.
    guards: Vec<GuardForm>,
}

/// What rules cost.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RuleCost")]
struct CostForm {
    /// Series that are recorded, for each group of an objective with `group_by`.
    series: u64,
    /// Alerts that may be raised, counted in the same way.
    alerts: u64,
    /// Samples that one evaluation of all rules reads.
    samples: Option<Number>,
    /// The same in a second.
    samples_per_second: Option<Number>,
    /// Rules that are not counted in the samples, because their PromQL is not understood here.
    unknown: u64,
}

/// The guard of a tier.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RuleGuard")]
struct GuardForm {
    /// The tier.
    tier: String,
    /// Events in its long window on average; null where nothing was measured.
    mean_events: Option<Number>,
    /// Alerts in 30 days that chance alone would raise without a guard; null where that is not known.
    by_chance: Option<Number>,
    /// The same with the guard; null where none was chosen.
    by_chance_guarded: Option<Number>,
    /// What was chosen: the guard as an alert policy has it, or `none`.
    guard: String,
    /// Whether the tier is left without a guard that it needs.
    unguarded: bool,
    /// Why: a sentence.
    reason: String,
}

/// A rule that is there already.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RuleCollision")]
struct CollisionForm {
    /// Its file.
    path: String,
    /// The line on which its name stands, from 1.
    line: usize,
    /// The column at which that begins, from 1.
    column: usize,
    /// Its group.
    existing_group: String,
    /// The group of ours.
    group: String,
    /// `alert` or `record`.
    kind: &'static str,
    /// Name of the metric or the alert.
    name: String,
    /// The labels that both rules add.
    labels: BTreeMap<String, String>,
    /// Whether both have the same expression.
    same_expression: bool,
    /// What is wrong with that.
    reason: &'static str,
}

/// The answer; it fails where a rule would make what another one makes already.
pub fn report(of: &RulesReport<'_>) -> Report {
    let answer = RulesAnswer {
        items: of.objectives.iter().map(|one| item(one, of.cost)).collect(),
        total: of.cost.map(|terms| cost_form(&total(of), samples_per_second(of, terms), terms)),
        collisions: of.collisions.iter().map(|collision| collision_form(collision, of)).collect(),
    };
    let mut report = Report::of(&answer);
    for block in blocks(of, &answer) {
        report = report.block(block);
    }
    let verdict = if of.collisions.is_empty() { Verdict::Pass } else { Verdict::Found };
    report.verdict(verdict)
}

fn item(one: &RulesOf<'_>, terms: Option<CostTerms>) -> RulesItem {
    let cost = one.cost.zip(terms);
    RulesItem {
        slo: one.slo.to_owned(),
        cost: cost
            .map(|(cost, terms)| cost_form(&cost, cost.samples_per_second(terms.series), terms)),
        guards: one.choices.iter().map(guard_form).collect(),
    }
}

/// What all objectives cost together.
fn total(of: &RulesReport<'_>) -> Cost {
    let costs = of.objectives.iter().filter_map(|one| one.cost);
    costs.fold(Cost::default(), |sum, cost| Cost {
        series: sum.series + cost.series,
        alerts: sum.alerts + cost.alerts,
        of_each_series: sum.of_each_series + cost.of_each_series,
        of_recorded: sum.of_recorded + cost.of_recorded,
        unknown: sum.unknown + cost.unknown,
        seconds: cost.seconds,
    })
}

fn samples_per_second(of: &RulesReport<'_>, terms: CostTerms) -> f64 {
    let costs = of.objectives.iter().filter_map(|one| one.cost);
    costs.map(|cost| cost.samples_per_second(terms.series)).sum()
}

fn samples(cost: &Cost, terms: CostTerms) -> f64 {
    cost.of_each_series * terms.series as f64 + cost.of_recorded
}

fn cost_form(cost: &Cost, samples_per_second: f64, terms: CostTerms) -> CostForm {
    CostForm {
        series: cost.series,
        alerts: cost.alerts,
        samples: significant_number(samples(cost, terms)),
        samples_per_second: significant_number(samples_per_second),
        unknown: cost.unknown,
    }
}

fn guard_form(choice: &Choice) -> GuardForm {
    GuardForm {
        tier: choice.tier.name.clone(),
        mean_events: choice.mean_events.and_then(significant_number),
        by_chance: choice.by_chance.and_then(significant_number),
        by_chance_guarded: choice.by_chance_guarded.and_then(significant_number),
        guard: choice.guard.text(),
        unguarded: choice.guard == Guard::NoneFound,
        reason: choice.reason.clone(),
    }
}

fn collision_form(collision: &Collision<'_>, of: &RulesReport<'_>) -> CollisionForm {
    let existing = collision.existing;
    let position = of.sources.position(existing.place);
    CollisionForm {
        path: of.sources.name(existing.place.source).to_owned(),
        line: position.line,
        column: position.column,
        existing_group: existing.group.clone(),
        group: collision.group.clone(),
        kind: if existing.makes.alert { "alert" } else { "record" },
        name: existing.makes.name.clone(),
        labels: existing.makes.labels.clone(),
        same_expression: collision.same_expression,
        reason: collision.reason(),
    }
}

fn blocks(of: &RulesReport<'_>, answer: &RulesAnswer) -> Vec<Block> {
    let mut blocks = Vec::new();
    if answer.items.iter().any(|item| !item.guards.is_empty()) {
        blocks.push(guards(answer).into());
    }
    if let (Some(terms), Some(total)) = (of.cost, &answer.total) {
        blocks.push(costs(of, terms).into());
        let unknown = match total.unknown {
            0 => String::new(),
            count => format!(
                "; the samples of {} are not counted, because their PromQL is not understood here",
                words::plural(count, "rule")
            ),
        };
        let closing = format!(
            "{} series, {} samples an evaluation, {} a second: with {} series for each selector of an indicator, a \
             scrape every {} and an evaluation every {} unless a group says otherwise{unknown}",
            total.series,
            words::number(samples(&self::total(of), terms), 0),
            words::number(samples_per_second(of, terms), 0),
            terms.series,
            terms.intervals.scrape,
            terms.intervals.evaluation,
        );
        blocks.push(Block::paragraph(Text::new().plain(closing)));
    }
    if !answer.collisions.is_empty() {
        blocks.push(collisions(answer).into());
        let count = words::plural(answer.collisions.len() as u64, "rule");
        let closing = format!("{count} would make what is made already: nothing was written");
        blocks.push(Block::paragraph(Text::new().plain(closing)));
    }
    blocks
}

fn guards(answer: &RulesAnswer) -> Table {
    let mut table = Table::new().title("guards by traffic").columns([
        Column::new("SLO").middle(),
        Column::new("Tier"),
        Column::new("Guard"),
        Column::new("Why"),
    ]);
    for item in &answer.items {
        for guard in &item.guards {
            table.push([
                Cell::name(&item.slo),
                Cell::text(guard.tier.as_str()),
                if guard.unguarded {
                    Cell::warning(&guard.guard)
                } else {
                    Cell::text(guard.guard.as_str())
                },
                Cell::text(guard.reason.as_str()),
            ]);
        }
    }
    table
}

fn costs(of: &RulesReport<'_>, terms: CostTerms) -> Table {
    let mut table = Table::new().title("what the rules cost").columns([
        Column::new("SLO").middle(),
        Column::new("Series"),
        Column::new("Alerts"),
        Column::new("Samples"),
        Column::new("A second"),
    ]);
    for one in &of.objectives {
        let Some(cost) = &one.cost else { continue };
        table.push([
            Cell::name(one.slo),
            Cell::count(cost.series),
            Cell::count(cost.alerts),
            Cell::number(samples(cost, terms), 0),
            Cell::number(cost.samples_per_second(terms.series), 1),
        ]);
    }
    table
}

fn collisions(answer: &RulesAnswer) -> Table {
    let mut table = Table::new().title("rules that are there already").columns([
        Column::new("Where").middle(),
        Column::new("Group").priority(2),
        Column::new("Rule"),
        Column::new("What it does"),
    ]);
    for collision in &answer.collisions {
        table.push([
            Cell::muted(format!("{}:{}", collision.path, collision.line)),
            Cell::text(collision.existing_group.as_str()),
            Cell::name(&collision.name),
            Cell::text(collision.reason),
        ]);
    }
    table
}
