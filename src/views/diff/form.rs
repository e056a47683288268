//! What differs, for machines.
use super::{
    Difference, Level,
    documents::{DocumentChange, Key},
    objective::{ObjectiveChange, Row},
    replay::{Replayed, Said},
    rules::RuleName,
    tiers::{Standing, TierChange},
};
use crate::kernel::{report::Form, time::rfc3339, units::Duration};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a change of a catalog means.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiffAnswer {
    /// The state before.
    from: StateItem,
    /// The state after.
    to: StateItem,
    /// The gravest level of all changes: `breaking`, `loosened`, `changed`, `tightened` or `cosmetic`;
    /// null where nothing changed.
    level: Option<&'static str>,
    /// How many objectives changed, by the gravest level of what changed of each.
    counts: BTreeMap<&'static str, usize>,
    /// The objectives that are not what they were, the gravest first.
    objectives: Vec<ObjectiveItem>,
    /// The documents that are not what they were, and the settings, by kind and name.
    documents: Vec<DocumentItem>,
    /// What the change would have meant for alerts on a measured history, one for each objective and
    /// group that is on both sides; null where that was not asked for.
    history: Option<Vec<HistoryItem>>,
}

impl Form for DiffAnswer {
    const SCHEMA: &'static str = "sre/diff@1";
}

/// A state of a catalog.
#[derive(Debug, Serialize, JsonSchema)]
struct StateItem {
    /// What it is called: a revision, `work tree`, or a folder.
    name: String,
    /// Its commit.
    commit: Option<String>,
}

/// An objective that is not what it was.
#[derive(Debug, Serialize, JsonSchema)]
struct ObjectiveItem {
    /// Its name.
    name: String,
    /// Its name before, where it has another now.
    former_name: Option<String>,
    /// What became of it: `added`, `removed`, `renamed` or `changed`.
    change: &'static str,
    /// The gravest level of what changed of it.
    level: &'static str,
    /// Its target before.
    target_before: Option<f64>,
    /// Its target after.
    target_after: Option<f64>,
    /// The budgets that are not what they were, one for each window.
    budgets: Vec<BudgetItem>,
    /// Everything that differs, in words.
    changes: Vec<ChangeItem>,
    /// The alert tiers that came, went, or fire at something else.
    tiers: Vec<TierItem>,
    /// The rules for Prometheus that came, went, or say something else.
    rules: RulesItem,
}

/// How long a total outage may last in a window.
#[derive(Debug, Serialize, JsonSchema)]
struct BudgetItem {
    /// The window.
    window: String,
    /// Before, in minutes; null where there was no such window.
    minutes_before: Option<f64>,
    /// After, in minutes; null where there is no such window.
    minutes_after: Option<f64>,
}

/// One thing that differs.
#[derive(Debug, Serialize, JsonSchema)]
struct ChangeItem {
    /// What it is: `target`, `window`, `tier page-1h`, `indicator prometheus.good`, and so on.
    what: String,
    /// What was so.
    before: Option<String>,
    /// What is so.
    after: Option<String>,
    /// How much it matters.
    level: &'static str,
    /// The documents by whose change it is so, other than the objective's own: `AlertPolicy/paging`.
    through: Vec<String>,
    /// Whether it only follows from another change of the objective.
    follows: bool,
}

/// A tier of an alert policy.
#[derive(Debug, Serialize, JsonSchema)]
struct TierItem {
    /// Its name.
    name: String,
    /// How much its change matters.
    level: &'static str,
    /// What it was; null where it was not there.
    before: Option<StandingItem>,
    /// What it is; null where it is gone.
    after: Option<StandingItem>,
}

/// Where a tier stands in the terms of the Site Reliability Workbook.
#[derive(Debug, Serialize, JsonSchema)]
struct StandingItem {
    /// Whom it reaches: `page` or `ticket`.
    severity: &'static str,
    /// Its long window.
    long: String,
    /// Its short window.
    short: String,
    /// The burn rate above which it fires.
    factor: f64,
    /// The share of bad events above which it fires; from 1 on it never does.
    error_ratio: f64,
    /// The share of the budget that is spent when it fires, traffic being even.
    budget_share: f64,
    /// How long a total outage goes on before it fires, in seconds; null where it never does.
    notices_outage_after_seconds: Option<f64>,
    /// How long the burn rates must have been above before it fires; null where it fires at once.
    #[serde(rename = "for")]
    hold: Option<String>,
    /// Fewest events in the long window for it to fire.
    minimum_events: Option<u64>,
    /// Fewest bad events in the long window for it to fire.
    minimum_bad_events: Option<u64>,
}

/// Rules for Prometheus, as `sre export prometheus` makes them.
#[derive(Debug, Serialize, JsonSchema)]
struct RulesItem {
    /// Those that came.
    added: Vec<RuleItem>,
    /// Those that are gone.
    removed: Vec<RuleItem>,
    /// Those that say something else.
    changed: Vec<RuleItem>,
    /// Why none could be made before, where some can now or for another reason.
    refused_before: Option<String>,
    /// Why none can be made now, where some could before or for another reason.
    refused_after: Option<String>,
}

/// A rule by what tells it from others.
#[derive(Debug, Serialize, JsonSchema)]
struct RuleItem {
    /// `record` or `alert`.
    kind: &'static str,
    /// The name of the metric or the alert.
    name: String,
    /// Labels that tell it from others of its name.
    labels: BTreeMap<String, String>,
}

/// A document that is not what it was.
#[derive(Debug, Serialize, JsonSchema)]
struct DocumentItem {
    /// Its kind; `settings` for the file of settings.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Its name before, where it has another now.
    former_name: Option<String>,
    /// What became of it: `added`, `removed`, `renamed` or `changed`.
    change: &'static str,
    /// How much it matters, with all that it brings about.
    level: &'static str,
    /// The language of another tool that it is written in.
    dialect: Option<&'static str>,
    /// The fields that say something else; none of what came or went as a whole.
    fields: Vec<FieldItem>,
    /// File and line of its name before.
    at_before: Option<String>,
    /// File and line of its name after.
    at_after: Option<String>,
}

/// A field that says something else.
#[derive(Debug, Serialize, JsonSchema)]
struct FieldItem {
    /// Its path.
    field: String,
    /// What it said, in canonical form.
    before: Option<String>,
    /// What it says, in canonical form.
    after: Option<String>,
}

/// What a change would have meant for the alerts of an objective.
#[derive(Debug, Serialize, JsonSchema)]
struct HistoryItem {
    /// The objective.
    slo: String,
    /// Values of the labels by which it is grouped.
    group: BTreeMap<String, String>,
    /// Why nothing is known; null where something is.
    unknown: Option<String>,
    /// First moment at which alerts were evaluated.
    from: Option<String>,
    /// Last moment at which alerts were evaluated.
    to: Option<String>,
    /// Incidents in that time: what spent more than 2 % of the budget of the stricter target.
    incidents: Option<usize>,
    /// What alerts would have said before the change.
    before: Option<SaidItem>,
    /// What alerts would have said after the change.
    after: Option<SaidItem>,
}

/// What alerts would have said.
#[derive(Debug, Serialize, JsonSchema)]
struct SaidItem {
    /// Bad events that the window allows at the measured traffic.
    budget_events: f64,
    /// Pages; null where there are none to judge.
    pages: Option<usize>,
    /// Pages in 30 days.
    pages_per_30d: Option<f64>,
    /// Tickets; null where there are none to judge.
    tickets: Option<usize>,
    /// Tickets in 30 days.
    tickets_per_30d: Option<f64>,
    /// Alerts that no incident is behind.
    false_alerts: usize,
    /// Incidents that no alert tells of.
    missed: usize,
    /// Incidents of which that is not known.
    not_judged: usize,
    /// From the beginning of an incident to the first alert, in seconds: the middle one of all.
    noticed_after_seconds: Option<i64>,
    /// The longest of them.
    noticed_after_seconds_worst: Option<i64>,
}

fn replayed(one: &Replayed) -> HistoryItem {
    let outcome = one.outcome.as_ref().ok();
    HistoryItem {
        slo: one.name.clone(),
        group: one.group.clone(),
        unknown: one.outcome.as_ref().err().cloned(),
        from: outcome.map(|outcome| rfc3339(outcome.evaluated.0)),
        to: outcome.map(|outcome| rfc3339(outcome.evaluated.1)),
        incidents: outcome.map(|outcome| outcome.incidents),
        before: outcome.map(|outcome| said(&outcome.before)),
        after: outcome.map(|outcome| said(&outcome.after)),
    }
}

fn said(said: &Said) -> SaidItem {
    SaidItem {
        budget_events: said.budget_events,
        pages: said.pages.map(|(count, _)| count),
        pages_per_30d: said.pages.map(|(_, often)| often),
        tickets: said.tickets.map(|(count, _)| count),
        tickets_per_30d: said.tickets.map(|(_, often)| often),
        false_alerts: said.false_alerts,
        missed: said.missed,
        not_judged: said.not_judged,
        noticed_after_seconds: said.detection.map(|(median, _)| median.num_seconds()),
        noticed_after_seconds_worst: said.detection.map(|(_, worst)| worst.num_seconds()),
    }
}

pub(super) fn answer(difference: &Difference) -> DiffAnswer {
    let mut counts: BTreeMap<&'static str, usize> =
        Level::ALL.into_iter().map(|level| (level.name(), 0)).collect();
    for objective in &difference.objectives {
        *counts.entry(objective.level.name()).or_default() += 1;
    }
    let state =
        |named: &super::Named| StateItem { name: named.name.clone(), commit: named.commit.clone() };
    DiffAnswer {
        from: state(&difference.before),
        to: state(&difference.after),
        level: difference.level().map(Level::name),
        counts,
        objectives: difference.objectives.iter().map(objective).collect(),
        documents: difference.documents.iter().map(document).collect(),
        history: difference.history.as_ref().map(|all| all.iter().map(replayed).collect()),
    }
}

fn objective(change: &ObjectiveChange) -> ObjectiveItem {
    let names = |names: &[RuleName]| names.iter().map(rule).collect();
    ObjectiveItem {
        name: change.name.clone(),
        former_name: change.former_name.clone(),
        change: change.what.name(),
        level: change.level.name(),
        target_before: change.target_before,
        target_after: change.target_after,
        budgets: change
            .budgets
            .iter()
            .map(|budget| BudgetItem {
                window: budget.window.clone(),
                minutes_before: budget.before,
                minutes_after: budget.after,
            })
            .collect(),
        changes: change.rows.iter().map(row).collect(),
        tiers: change.tiers.iter().map(tier).collect(),
        rules: RulesItem {
            added: names(&change.rules.added),
            removed: names(&change.rules.removed),
            changed: names(&change.rules.changed),
            refused_before: change.rules.refused_before.clone(),
            refused_after: change.rules.refused_after.clone(),
        },
    }
}

fn row(row: &Row) -> ChangeItem {
    let id = |(kind, name): &Key| format!("{kind}/{name}");
    ChangeItem {
        what: row.what.clone(),
        before: row.before.clone(),
        after: row.after.clone(),
        level: row.level.name(),
        through: row.through.iter().map(id).collect(),
        follows: row.follows,
    }
}

fn tier(change: &TierChange) -> TierItem {
    TierItem {
        name: change.name.clone(),
        level: change.level.name(),
        before: change.before.as_ref().map(standing),
        after: change.after.as_ref().map(standing),
    }
}

fn standing(standing: &Standing) -> StandingItem {
    StandingItem {
        severity: standing.tier.severity.name(),
        long: standing.tier.long.to_string(),
        short: standing.tier.short.to_string(),
        factor: standing.tier.factor.as_f64(),
        error_ratio: standing.error_ratio(),
        budget_share: standing.budget_share(),
        notices_outage_after_seconds: standing.notices_outage_after().map(Duration::seconds),
        hold: (!standing.tier.hold.is_zero()).then(|| standing.tier.hold.to_string()),
        minimum_events: standing.tier.minimum_events,
        minimum_bad_events: standing.tier.minimum_bad_events,
    }
}

fn rule((kind, name, labels): &RuleName) -> RuleItem {
    RuleItem { kind, name: name.clone(), labels: labels.iter().cloned().collect() }
}

fn document(change: &DocumentChange) -> DocumentItem {
    let fields = change.fields.iter().map(|one| FieldItem {
        field: one.field.clone(),
        before: one.before.clone(),
        after: one.after.clone(),
    });
    DocumentItem {
        kind: change.key.0,
        name: change.key.1.clone(),
        former_name: change.former_name.clone(),
        change: change.what.name(),
        level: change.level.name(),
        dialect: change.dialect,
        fields: fields.collect(),
        at_before: change.at_before.clone(),
        at_after: change.at_after.clone(),
    }
}
