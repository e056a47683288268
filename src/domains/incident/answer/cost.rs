//! The answer of `sre incident cost`: what incidents cost of the error budgets, as it was measured.
use super::{Shown, minutes, span_cell};
use crate::{
    domains::{
        incident::{
            engine::{
                Impact, Record,
                cost::{self, Ledger},
            },
            resolve::ResolvedIncident,
        },
        slo::{
            assess::{Assessment, Reading, Unknown},
            model::Budgeting,
        },
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, significant_number, words},
        time::{Period, rfc3339},
        units::Instant,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;
use std::collections::BTreeMap;

/// What incidents cost of the error budgets.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IncidentCostAnswer {
    /// The present moment, for what goes on.
    as_of: String,
    /// Objectives in the order of their names, each a ledger of its own.
    items: Vec<CostItem>,
}

impl Form for IncidentCostAnswer {
    const SCHEMA: &'static str = "sre/incident-cost@1";
}

/// What incidents cost of the budget of an objective.
#[derive(Debug, Serialize, JsonSchema)]
struct CostItem {
    /// The objective.
    slo: String,
    /// Values of the labels by which it is grouped.
    group: BTreeMap<String, String>,
    /// Why nothing is known; null where something is.
    unknown: Option<String>,
    /// The beginning of the time that is looked at.
    from: Option<String>,
    /// Its end.
    to: Option<String>,
    /// What is counted: `events` or `slices`.
    unit: Option<&'static str>,
    /// The share of the time that was measured.
    coverage: Option<Number>,
    /// What may be bad.
    allowed: Option<Number>,
    /// What was bad.
    spent: Option<Number>,
    /// Of this, what was bad in the time of an incident, counted once.
    attributed: Option<Number>,
    /// What was bad in no incident's time.
    unattributed: Option<Number>,
    /// That as a share of the budget.
    unattributed_share: Option<Number>,
    /// Incidents, the dearest first.
    incidents: Vec<CostIncident>,
    /// Causes, the dearest first. Of an incident with several each has an equal part.
    causes: Vec<CostCause>,
}

/// What an incident cost.
#[derive(Debug, Serialize, JsonSchema)]
struct CostIncident {
    /// The incident.
    incident: String,
    /// How long users were touched within the time that is looked at. Unit: minutes.
    minutes: Option<Number>,
    /// All that was bad in its time; null where nothing of it was measured, or its start is not known.
    in_its_time: Option<Number>,
    /// The same, where what several incidents share is divided among them.
    attributed: Option<Number>,
    /// That as a share of the budget.
    share_of_budget: Option<Number>,
    /// Why it is not known.
    unknown: Option<&'static str>,
    /// What its written impact comes to as a share of the budget; null where it says no numbers.
    written_share: Option<Number>,
}

/// What a cause cost.
#[derive(Debug, Serialize, JsonSchema)]
struct CostCause {
    /// The cause; null for incidents without one.
    cause: Option<String>,
    /// How many incidents have it.
    incidents: usize,
    /// What they cost as a share of the budget.
    share_of_budget: Option<Number>,
}

/// An objective with what it costs.
struct Account<'x> {
    slo: &'x str,
    group: BTreeMap<String, String>,
    outcome: Result<Costs<'x>, String>,
}

/// What is known of the costs.
struct Costs<'x> {
    window: Period,
    is_slices: bool,
    coverage: f64,
    allowed: f64,
    ledger: Ledger,
    /// The incidents in the order of the ledger.
    incidents: Vec<Costly<'x>>,
}

/// An incident in an account.
struct Costly<'x> {
    record: &'x Record,
    touched: chrono::TimeDelta,
    unknown: Option<&'static str>,
    written: Option<f64>,
}

impl Costs<'_> {
    fn of_budget(&self, amount: f64) -> Option<f64> {
        (self.allowed > 0.0).then(|| amount / self.allowed)
    }

    /// Places in the ledger, the dearest first, and of the same the earlier.
    fn ranked(&self) -> Vec<usize> {
        let attributed = |at: &usize| self.ledger.shares.get(*at).map_or(0.0, |one| one.attributed);
        let mut order: Vec<usize> = (0..self.incidents.len()).collect();
        order.sort_by(|one, other| {
            attributed(other).total_cmp(&attributed(one)).then(one.cmp(other))
        });
        order
    }

    /// What each cause cost, the dearest first.
    fn causes(&self) -> Vec<(Option<&str>, usize, f64)> {
        let mut causes: BTreeMap<Option<&str>, (usize, f64)> = BTreeMap::new();
        for (costly, share) in self.incidents.iter().zip(&self.ledger.shares) {
            let own = &costly.record.causes;
            let parts = own.len().max(1) as f64;
            let names: Vec<Option<&str>> = if own.is_empty() {
                vec![None]
            } else {
                own.iter().map(|cause| Some(cause.as_str())).collect()
            };
            for name in names {
                let (count, amount) = causes.entry(name).or_default();
                *count += 1;
                *amount += share.attributed / parts;
            }
        }
        let mut causes: Vec<_> =
            causes.into_iter().map(|(name, (count, amount))| (name, count, amount)).collect();
        causes.sort_by(|(_, _, one), (_, _, other)| other.total_cmp(one));
        causes
    }
}

/// Whether an incident touches an objective: it names it, or names no objective and the service that it is of.
pub fn touches(record: &Record, slo: &str, service: Option<&str>) -> bool {
    if record.slos.is_empty() {
        return service.is_some_and(|service| record.services.iter().any(|one| one == service));
    }
    record.slos.iter().any(|one| one == slo)
}

/// The answer. `chosen` is a stretch of time instead of the objectives' own windows.
pub fn report(
    assessments: &[Assessment<'_>],
    incidents: &[ResolvedIncident<'_>],
    chosen: Option<Period>,
    now: Instant,
    shown: &Shown,
) -> Report {
    let accounts: Vec<Account<'_>> =
        assessments.iter().map(|one| account(one, incidents, chosen, now)).collect();
    let answer =
        IncidentCostAnswer { as_of: rfc3339(now), items: accounts.iter().map(item).collect() };
    let mut report = Report::of(&answer);
    for account in &accounts {
        report = report.blocks(blocks(account, shown));
    }
    let said = "What is bad in the time of an incident is held to come from it; a step that several share is divided \
                evenly among them.";
    report.block(Block::paragraph(Text::new().muted(said)))
}

fn account<'x>(
    assessment: &'x Assessment<'_>,
    incidents: &'x [ResolvedIncident<'_>],
    chosen: Option<Period>,
    now: Instant,
) -> Account<'x> {
    let slo = assessment.objective.document.name();
    let service = assessment.objective.service;
    let outcome = match (&assessment.outcome, assessment.reading()) {
        (_, Some(reading)) => {
            let touching: Vec<&Record> = incidents
                .iter()
                .map(|incident| &incident.record)
                .filter(|record| record.counts() && touches(record, slo, service))
                .collect();
            Ok(costs(assessment, reading, &touching, chosen, now))
        }
        (Err(Unknown { reason, .. }), None) => Err(reason.clone()),
        (Ok(_), None) => Err("it is not measured".to_owned()),
    };
    let group = assessment.reading().map(|reading| reading.group.clone()).unwrap_or_default();
    Account { slo, group, outcome }
}

fn costs<'x>(
    assessment: &Assessment<'_>,
    reading: &Reading,
    touching: &[&'x Record],
    chosen: Option<Period>,
    now: Instant,
) -> Costs<'x> {
    let slo = assessment.objective.document.name();
    let objective = assessment.objective.objective;
    let own = Period { from: reading.window.from, to: reading.window.to };
    let window = chosen.unwrap_or(own);
    let count = reading.series.window(window.from, window.to);
    let allowed = objective.error_budget().as_f64() * count.events.total;
    let window_minutes = (window.to - window.from).as_seconds_f64() / 60.0;
    let mut incidents = Vec::new();
    let mut periods = Vec::new();
    for record in touching {
        let all = record.impact_periods(Some(slo), now.min(window.to));
        let within: Vec<Period> = all
            .iter()
            .map(|period| Period {
                from: period.from.max(window.from),
                to: period.to.min(window.to),
            })
            .filter(|period| period.from < period.to)
            .collect();
        let began = record.began().is_some_and(|began| window.contains(began));
        // What lies outside of the time is not told; what might lie in it is.
        if within.is_empty() && !(all.is_empty() && began) {
            continue;
        }
        let unknown = all.is_empty().then_some("nobody wrote down when it started");
        incidents.push(Costly {
            record,
            touched: within.iter().map(|period| period.to - period.from).sum(),
            unknown,
            written: written(
                &record.impact,
                slo,
                now,
                |minutes| cost::share_of_minutes(minutes, objective.target(), window_minutes),
                allowed,
            ),
        });
        periods.push(within);
    }
    let ledger = cost::ledger(&reading.series, window, &periods);
    for (costly, share) in incidents.iter_mut().zip(&ledger.shares) {
        if costly.unknown.is_none() && share.measured == 0 {
            costly.unknown = Some("nothing was measured in its time");
        }
    }
    Costs {
        window,
        is_slices: assessment.objective.budgeting != Budgeting::Occurrences,
        coverage: count.coverage(),
        allowed,
        ledger,
        incidents,
    }
}

/// The share of the budget that a written impact comes to: by its events where it has some, else by its minutes.
fn written(
    impacts: &[Impact],
    slo: &str,
    now: Instant,
    by_minutes: impl FnOnce(f64) -> Option<f64>,
    allowed: f64,
) -> Option<f64> {
    if let Some(events) = cost::bad_events(impacts, Some(slo)) {
        return (allowed > 0.0).then(|| events / allowed);
    }
    by_minutes(cost::bad_minutes(impacts, Some(slo), now)?)
}

fn item(account: &Account<'_>) -> CostItem {
    let empty = |unknown: Option<String>| CostItem {
        slo: account.slo.to_owned(),
        group: account.group.clone(),
        unknown,
        from: None,
        to: None,
        unit: None,
        coverage: None,
        allowed: None,
        spent: None,
        attributed: None,
        unattributed: None,
        unattributed_share: None,
        incidents: Vec::new(),
        causes: Vec::new(),
    };
    let costs = match &account.outcome {
        Ok(costs) => costs,
        Err(reason) => return empty(Some(reason.clone())),
    };
    let ledger = &costs.ledger;
    let incidents = costs.ranked().into_iter().filter_map(|at| {
        let (costly, share) = (costs.incidents.get(at)?, ledger.shares.get(at)?);
        let known =
            |amount: f64| costly.unknown.is_none().then_some(amount).and_then(significant_number);
        Some(CostIncident {
            incident: costly.record.id.clone(),
            minutes: minutes(costly.touched),
            in_its_time: known(share.in_its_time),
            attributed: known(share.attributed),
            share_of_budget: costs.of_budget(share.attributed).and_then(known),
            unknown: costly.unknown,
            written_share: costly.written.and_then(significant_number),
        })
    });
    let causes = costs.causes().into_iter().map(|(cause, incidents, amount)| CostCause {
        cause: cause.map(str::to_owned),
        incidents,
        share_of_budget: costs.of_budget(amount).and_then(significant_number),
    });
    CostItem {
        from: Some(rfc3339(costs.window.from)),
        to: Some(rfc3339(costs.window.to)),
        unit: Some(unit(costs)),
        coverage: significant_number(costs.coverage),
        allowed: significant_number(costs.allowed),
        spent: significant_number(ledger.spent),
        attributed: significant_number(ledger.attributed),
        unattributed: significant_number(ledger.unattributed()),
        unattributed_share: costs.of_budget(ledger.unattributed()).and_then(significant_number),
        incidents: incidents.collect(),
        causes: causes.collect(),
        ..empty(None)
    }
}

fn unit(costs: &Costs<'_>) -> &'static str {
    if costs.is_slices { "slices" } else { "events" }
}

fn blocks(account: &Account<'_>, shown: &Shown) -> Vec<Block> {
    let labels: Vec<String> =
        account.group.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let title = if labels.is_empty() {
        account.slo.to_owned()
    } else {
        format!("{} ({})", account.slo, labels.join(", "))
    };
    let heading = Block::heading(title);
    let costs = match &account.outcome {
        Ok(costs) => costs,
        Err(reason) => {
            return vec![
                heading,
                Block::paragraph(Text::new().unknown(format!("unknown: {reason}"))),
            ];
        }
    };
    let share = |amount: f64| costs.of_budget(amount).map_or(Cell::Missing, Cell::percent);
    let mut table = Table::new().main().columns([
        Column::new("SLO").key("slo").for_machines(),
        Column::new("Incident").middle(),
        Column::new("Touched").key("seconds").priority(3),
        Column::new("Bad").key("attributed"),
        Column::new("Of the budget").key("share_of_budget"),
        Column::new("As written").key("written_share").priority(4),
        Column::new("Causes").priority(2),
    ]);
    for at in costs.ranked() {
        let (Some(costly), Some(one)) = (costs.incidents.get(at), costs.ledger.shares.get(at))
        else {
            continue;
        };
        let known = |cell: Cell| match costly.unknown {
            None => cell,
            Some(_) => Cell::unknown("unknown"),
        };
        table.push(vec![
            Cell::text(account.slo),
            Cell::name(costly.record.id.as_str()),
            span_cell(Some(costly.touched)),
            known(Cell::number(one.attributed, 0)),
            known(share(one.attributed)),
            costly.written.map_or(Cell::Missing, Cell::percent),
            Cell::text(costly.record.causes.join(", ")),
        ]);
    }
    table.push(vec![
        Cell::text(account.slo),
        Cell::muted("in no incident"),
        Cell::Missing,
        Cell::number(costs.ledger.unattributed(), 0),
        share(costs.ledger.unattributed()),
        Cell::Missing,
        Cell::Missing,
    ]);
    table.push(vec![
        Cell::text(account.slo),
        Cell::text("all"),
        Cell::Missing,
        Cell::number(costs.ledger.spent, 0),
        share(costs.ledger.spent),
        Cell::Missing,
        Cell::Missing,
    ]);
    let at = |instant: Instant| words::instant_in(instant, *shown.0.local(instant).offset());
    let said = format!(
        "From {} to {}: {} of {} {} that may be bad were.",
        at(costs.window.from),
        at(costs.window.to),
        words::number(costs.ledger.spent, 0),
        words::number(costs.allowed, 1),
        unit(costs)
    );
    let mut blocks = vec![heading, Block::paragraph(said), table.into()];
    let causes = costs.causes();
    if causes.len() > 1 {
        let mut table = Table::new().title("By cause").columns([
            Column::new("Cause"),
            Column::new("Incidents"),
            Column::new("Of the budget").key("share_of_budget"),
        ]);
        for (cause, incidents, amount) in causes {
            table.push(vec![
                cause.map_or(Cell::muted("none"), Cell::name),
                Cell::count(incidents as u64),
                share(amount),
            ]);
        }
        blocks.push(table.into());
    }
    if costs.coverage < 1.0 {
        let said = format!("{} of the time was measured.", words::percent(costs.coverage));
        blocks.push(Block::paragraph(Text::new().warning(said)));
    }
    blocks
}
