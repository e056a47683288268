//! The machine form `sre/sla@1`.
use super::{next, standing};
use crate::{
    domains::slo::{
        contract::Statement,
        engine::sla::{Account, Definition, TierAccount},
        spec::Money,
    },
    kernel::{
        report::Form,
        series::EventCount,
        time::{Period, rfc3339},
        units::Ratio,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// What agreements say of a period: one item for each agreement.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SlaAnswer {
    /// The latest moment that an item speaks of, RFC 3339.
    as_of: Option<String>,
    /// The agreements.
    items: Vec<SlaItem>,
}

impl Form for SlaAnswer {
    const SCHEMA: &'static str = "sre/sla@1";
}

impl SlaAnswer {
    pub(super) fn of(statements: &[Statement<'_>]) -> Self {
        let accounts = statements.iter().filter_map(|one| one.outcome.as_ref().ok());
        Self {
            as_of: accounts.map(|account| account.until).max().map(rfc3339),
            items: statements.iter().map(SlaItem::of).collect(),
        }
    }
}

/// What one agreement says of a period.
#[derive(Debug, Serialize, JsonSchema)]
struct SlaItem {
    /// Name of the agreement.
    name: String,
    /// Its name as people read it.
    display_name: String,
    /// To whom it was promised.
    customer: Option<String>,
    /// For which service.
    service: Option<String>,
    /// Who answers for it.
    owner: Option<String>,
    /// The objective whose indicator measures it.
    slo: Option<String>,
    /// How it stands: `met`, `below` (so far), `breached` or `unknown`.
    state: &'static str,
    /// Why nothing can be said, where that is so.
    reason: Option<String>,
    /// The availability that was promised.
    target: f64,
    /// The period; null where nothing says which.
    period: Option<PeriodForm>,
    /// How availability is computed: `events`, `downtime` or `interval_mean`.
    definition: &'static str,
    /// Length of the intervals that are looked at; null for events.
    interval: Option<String>,
    /// The share of bad events from which on an interval is down; null but for downtime.
    down_when: Option<f64>,
    /// What `good`, `bad`, `total` and `left` count: `events` or `intervals`.
    unit: &'static str,
    /// Availability so far, without what is excluded.
    availability: Option<f64>,
    /// Availability so far, with what is excluded.
    availability_with_excluded: Option<f64>,
    /// What was available, in `unit`.
    good: Option<f64>,
    /// What was not, in `unit`.
    bad: Option<f64>,
    /// Both.
    total: Option<f64>,
    /// What the whole period is expected to have, in `unit`.
    expected_total: Option<f64>,
    /// How much time was lost; for events, a total outage of that length at even traffic.
    lost_minutes: Option<f64>,
    /// How much of the time so far is excluded.
    excluded_minutes: Option<f64>,
    /// Whether a step with events, or an interval, is excluded in part: the events of a step are divided by
    /// time then, and an interval counts by its rest.
    prorated: Option<bool>,
    /// Names of the adjustments that exclude it, each once, however often it returns.
    excluded_by: Vec<String>,
    /// What the contract leaves out in words, with which nobody can compute.
    exclusions: Vec<String>,
    /// Share of the time so far that was measured.
    coverage: Option<f64>,
    /// Availability at the period's end if nothing bad happens any more.
    if_perfect: Option<f64>,
    /// Availability at the period's end if it goes on like the last seven days.
    if_continued: Option<f64>,
    /// The credit that follows from availability so far.
    credit: Option<CreditForm>,
    /// The first tier, or the promise itself, that the period need not end below.
    next: Option<TierForm>,
    /// Every tier, in the order of the contract.
    tiers: Vec<TierForm>,
    /// Target of the own objective.
    slo_target: Option<f64>,
    /// How much more outage than the own objective the promise allows in a period, in minutes.
    margin_minutes: Option<f64>,
    /// Name of the data source, or path of the file.
    source: Option<String>,
}

impl SlaItem {
    fn of(statement: &Statement<'_>) -> Self {
        let contract = &statement.contract;
        let account = statement.outcome.as_ref().ok();
        let units = account.map(|account| account.counted.units);
        let definition = contract.agreement.definition;
        let bill = contract.bill.as_ref();
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Self {
            name: contract.document.name().to_owned(),
            display_name: contract.document.display_name().to_owned(),
            customer: contract.customer.map(str::to_owned),
            service: contract.service.map(str::to_owned),
            owner: contract.document.owner().map(str::to_owned),
            slo: contract.slo.map(str::to_owned),
            state: standing(statement).name(),
            reason: statement.outcome.as_ref().err().map(|unknown| unknown.reason.clone()),
            target: contract.agreement.target.as_f64(),
            period: PeriodForm::of(statement),
            definition: match definition {
                Definition::Events => "events",
                Definition::Downtime { .. } => "downtime",
                Definition::IntervalMean { .. } => "interval_mean",
            },
            interval: definition.interval().map(|interval| interval.to_string()),
            down_when: match definition {
                Definition::Downtime { down_when, .. } => Some(down_when.as_f64()),
                _ => None,
            },
            unit: if definition == Definition::Events { "events" } else { "intervals" },
            availability: account.and_then(|account| account.counted.availability()),
            availability_with_excluded: account
                .and_then(|account| account.with_excluded.availability()),
            good: units.map(|units| units.good),
            bad: units.map(EventCount::bad),
            total: units.map(|units| units.total),
            expected_total: account.map(|account| account.expected),
            lost_minutes: account.map(|account| account.lost_minutes),
            excluded_minutes: account.map(|account| account.excluded.minutes()),
            prorated: account.map(|account| account.prorated),
            excluded_by: texts(&statement.excluded_by),
            exclusions: texts(&contract.exclusions),
            coverage: account.map(|account| account.counted.coverage()),
            if_perfect: account.and_then(|account| account.if_perfect),
            if_continued: account.and_then(|account| account.if_continued),
            credit: statement.credit().map(|(tier, amount)| CreditForm {
                below: tier.below.as_f64(),
                credit: tier.credit.as_f64(),
                amount: amount.as_ref().map(Money::amount),
                currency: amount.map(|amount| amount.currency().to_owned()),
            }),
            next: account.and_then(next).map(|tier| TierForm::of(tier, bill)),
            tiers: account.map_or_else(Vec::new, |account: &Account| {
                account.tiers.iter().map(|tier| TierForm::of(tier, bill)).collect()
            }),
            slo_target: statement.slo_target.map(Ratio::as_f64),
            margin_minutes: statement.margin_minutes(),
            source: statement.source.clone(),
        }
    }
}

/// A period of an agreement.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Period")]
struct PeriodForm {
    /// How it is written: `2025-06`, `2025-Q2`, `2025`.
    name: String,
    /// `month`, `quarter` or `year`.
    r#type: &'static str,
    /// The zone by whose calendar it begins and ends.
    time_zone: String,
    /// Its beginning, RFC 3339.
    from: String,
    /// Its end, not in it, RFC 3339.
    to: String,
    /// The moment up to which it was looked at, RFC 3339; null where nothing was.
    until: Option<String>,
    /// Whether it is over, as far as the measurements go.
    over: Option<bool>,
}

impl PeriodForm {
    fn of(statement: &Statement<'_>) -> Option<Self> {
        let (period, zone) = (statement.period?, &statement.contract.zone);
        let Period { from, to } = period.period(zone);
        let until = statement.outcome.as_ref().ok().map(|account| account.until);
        Some(Self {
            name: period.to_string(),
            r#type: period.unit().name(),
            time_zone: zone.name().to_owned(),
            from: rfc3339(from),
            to: rfc3339(to),
            until: until.map(rfc3339),
            over: until.map(|until| until >= to),
        })
    }
}

/// What is paid back.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Credit")]
struct CreditForm {
    /// The limit that availability is below.
    below: f64,
    /// Share of the bill.
    credit: f64,
    /// The same in money; null where the agreement names no fee.
    amount: Option<f64>,
    /// Three letters of ISO 4217.
    currency: Option<String>,
}

/// A tier of credits, and what is left before it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CreditTierState")]
struct TierForm {
    /// The limit.
    below: f64,
    /// Share of the bill.
    credit: f64,
    /// The same in money; null where the agreement names no fee.
    amount: Option<f64>,
    /// Whether availability is below it so far.
    reached: bool,
    /// Whether it will be even if nothing bad happens any more.
    certain: bool,
    /// What may still be bad before the period ends below it, in `unit`; negative where too much is.
    left: f64,
    /// The same in minutes of a total outage.
    left_minutes: f64,
}

impl TierForm {
    fn of(account: &TierAccount, bill: Option<&Money>) -> Self {
        let tier = account.tier;
        Self {
            below: tier.below.as_f64(),
            credit: tier.credit.as_f64(),
            amount: bill.map(|bill| bill.share(tier.credit).amount()),
            reached: account.reached,
            certain: account.certain,
            left: account.left,
            left_minutes: account.left_minutes,
        }
    }
}
