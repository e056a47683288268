//! Service level agreements as they are computed with, and what they say of a period.
use super::{
    adjustments,
    assess::{Assessment, Reading, Unknown},
    engine::sla::{self, Account, Agreement, Definition, Stretch, Tier},
    resolve::Incomplete,
    spec::{
        AdjustmentMode, BudgetAdjustment, Money, ServiceLevelAgreement, SlaDefinition, SlaPeriod,
    },
};
use crate::kernel::{
    series::EventSeries,
    spec::{Catalog, Document, Field, Optional, Ref, values},
    time::{CalendarUnit, NamedPeriod, Period, Zone},
    units::{Duration, Instant, Ratio},
};
use std::borrow::Cow;

/// The interval of downtime where a contract names none: cloud providers count minutes.
const DOWNTIME_INTERVAL: Duration = Duration::from_minutes(1);

/// The interval of a mean where a contract names none: that of Amazon S3.
const MEAN_INTERVAL: Duration = Duration::from_minutes(5);

/// The steps in which events are counted for a contract that looks at no intervals: the days of every
/// zone begin and end with a quarter of an hour.
const EVENTS_STEP: Duration = Duration::from_minutes(15);

/// The same where some of the time is left out, as finely as budgets are adjusted.
const EXCLUDED_STEP: Duration = Duration::from_minutes(5);

/// An agreement with everything that it needs.
#[derive(Clone, Debug)]
pub struct Contract<'a> {
    /// The document.
    pub document: &'a Document,
    /// To whom it was promised.
    pub customer: Option<&'a str>,
    /// For which service.
    pub service: Option<&'a str>,
    /// The objective whose indicator measures it.
    pub slo: Option<&'a str>,
    /// What was promised.
    pub agreement: Agreement,
    /// What its periods are: months, quarters or years.
    pub unit: CalendarUnit,
    /// By whose calendar.
    pub zone: Zone,
    /// What is paid for a whole period.
    pub bill: Option<Money>,
    /// What the contract leaves out, in its own words; nobody can compute with them.
    pub exclusions: Vec<&'a str>,
    /// The adjustments whose time does not count.
    pub excluded_by: Vec<(&'a Document, &'a BudgetAdjustment)>,
    /// Adjustments that are named and leave nothing out, and why.
    pub not_applied: Vec<(&'a str, &'static str)>,
}

/// Which period is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The one in which the measurements end.
    Current,
    /// The one before that.
    Previous,
    /// This one.
    Named(NamedPeriod),
}

/// What an agreement says of a period.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    /// The agreement.
    pub contract: Contract<'a>,
    /// The period; `None` where nothing was measured that would say which.
    pub period: Option<NamedPeriod>,
    /// What is known.
    pub outcome: Result<Account, Unknown>,
    /// The adjustments that leave out some of the time that is over.
    pub excluded_by: Vec<&'a str>,
    /// The target of the own objective behind it.
    pub slo_target: Option<Ratio>,
    /// Name of the data source, or path of the file.
    pub source: Option<String>,
}

/// Reads an agreement. Parts with errors are left out; they have been reported. `None` without a target
/// or a period.
pub fn resolve<'a>(
    catalog: &'a Catalog,
    document: &'a Document,
    spec: &'a ServiceLevelAgreement,
) -> Option<Contract<'a>> {
    let (unit, months) = match spec.period.get()? {
        SlaPeriod::Month => (CalendarUnit::Month, 1),
        SlaPeriod::Quarter => (CalendarUnit::Quarter, 3),
        SlaPeriod::Year => (CalendarUnit::Year, 12),
    };
    let mut contract = Contract {
        document,
        customer: spec.customer.value().map(String::as_str),
        service: spec.service.get().map(Ref::name),
        slo: spec.slo.value().map(Ref::name),
        agreement: Agreement {
            target: *spec.target.get()?,
            definition: definition(spec),
            tiers: values(&spec.credit_tiers)
                .filter_map(|tier| {
                    Some(Tier { below: *tier.below.get()?, credit: *tier.credit.get()? })
                })
                .collect(),
        },
        unit,
        zone: spec.time_zone.value().cloned().unwrap_or(Zone::UTC),
        bill: spec.monthly_fee.value().map(|fee| fee.times(months)),
        exclusions: spec.exclusions.iter().filter_map(Field::get).map(String::as_str).collect(),
        excluded_by: Vec::new(),
        not_applied: Vec::new(),
    };
    for name in values(&spec.exclusions_by).map(Ref::name) {
        match catalog.get::<BudgetAdjustment>(name) {
            Some((document, adjustment)) => {
                if adjustment.mode.get() == Some(&AdjustmentMode::Exclude) {
                    contract.excluded_by.push((document, adjustment));
                } else {
                    contract.not_applied.push((name, "its mode is not `exclude`"));
                }
            }
            None => contract.not_applied.push((name, "it has errors")),
        }
    }
    Some(contract)
}

fn definition(spec: &ServiceLevelAgreement) -> Definition {
    let interval = |usual| spec.interval.value().copied().unwrap_or(usual);
    match spec.definition.value().copied().unwrap_or_default() {
        SlaDefinition::Events => Definition::Events,
        SlaDefinition::Downtime => Definition::Downtime {
            interval: interval(DOWNTIME_INTERVAL),
            down_when: spec.down_when.value().copied().unwrap_or(Ratio::ONE),
        },
        SlaDefinition::IntervalMean => {
            Definition::IntervalMean { interval: interval(MEAN_INTERVAL) }
        }
    }
}

/// What an agreement says of the period that is asked about, `assessments` being those of its objective:
/// one for each of its windows and groups.
///
/// # Errors
/// Where an adjustment that is to be left out does not say when, or returns by a rule that cannot be
/// followed.
pub fn state<'a>(
    contract: Contract<'a>,
    assessments: &[&Assessment<'_>],
    asked: Asked,
) -> Result<Statement<'a>, Incomplete> {
    let slo_target = assessments.first().map(|one| one.objective.objective.target());
    let measured = measured(assessments);
    let named = match asked {
        Asked::Named(period) => Some(period),
        Asked::Current | Asked::Previous => None,
    };
    let mut excluded_by = Vec::new();
    let (period, outcome) = match &measured {
        Err(reason) => (named, Err(reason.clone())),
        Ok(measured) => {
            let current = || NamedPeriod::of(last(measured.at), contract.unit, &contract.zone);
            let named = match asked {
                Asked::Current => current(),
                Asked::Previous => current().previous(),
                Asked::Named(period) => period,
            };
            let period = named.period(&contract.zone);
            let excluded = excluded(&contract, period)?;
            excluded_by.extend(excluded.iter().filter_map(|(name, periods)| {
                periods.iter().any(|one| one.from < measured.at).then_some(*name)
            }));
            let stretches: Vec<Stretch> = excluded
                .iter()
                .flat_map(|(_, periods)| periods.iter().map(|one| (one.from, one.to)))
                .collect();
            let account = sla::account(
                &contract.agreement,
                &measured.series,
                (period.from, period.to),
                measured.at,
                &stretches,
            );
            (Some(named), account.map_err(|error| Unknown::input(error.to_string())))
        }
    };
    let source = measured.ok().map(|measured| measured.source);
    Ok(Statement { contract, period, outcome, excluded_by, slo_target, source })
}

/// The time of `period` that does not count, by the adjustments that say so.
fn excluded<'a>(
    contract: &Contract<'a>,
    period: Period,
) -> Result<Vec<(&'a str, Vec<Period>)>, Incomplete> {
    let each = contract.excluded_by.iter().map(|(document, adjustment)| {
        let found = adjustments::periods(document, adjustment, period.from, period.to)?;
        Ok((document.name(), found))
    });
    each.collect()
}

/// What an agreement is held against.
struct Measured<'m> {
    series: Cow<'m, EventSeries>,
    at: Instant,
    source: String,
}

/// What was measured of an objective. Groups tell budgets apart; what was promised was promised for all
/// of them together, and so their events are added up, step by step.
fn measured<'m>(assessments: &[&'m Assessment<'_>]) -> Result<Measured<'m>, Unknown> {
    // Each window of an objective is about the same measurements.
    let mut groups = assessments.iter().filter(|one| one.objective.first_window);
    let first =
        groups.next().ok_or_else(|| Unknown::input("no objective measures it: add `slo`"))?;
    let objective = &first.objective;
    if !objective.composite.is_empty() && objective.budgeting.slice().is_none() {
        // A contract's period is another one than the window in which the parts are weighed.
        return Err(Unknown::input(format!(
            "`{}` is composed of objectives whose events weigh as much as its window says; an agreement \
             needs one that is measured itself, or one that counts slices",
            objective.document.name()
        )));
    }
    let first = read(first)?;
    let mut measured = Measured {
        series: Cow::Borrowed(&*first.measured),
        at: first.at(),
        source: first.source.clone(),
    };
    for group in groups {
        let reading = read(group)?;
        let sum = measured.series.plus(&reading.measured).ok_or_else(|| {
            Unknown::input("the groups of its objective are counted in different steps")
        })?;
        measured.series = Cow::Owned(sum);
        measured.at = measured.at.max(reading.at());
    }
    Ok(measured)
}

fn read<'m>(assessment: &'m Assessment<'_>) -> Result<&'m Reading, Unknown> {
    let reading = match (&assessment.outcome, assessment.reading()) {
        (_, Some(reading)) => reading,
        (Err(reason), None) => return Err(reason.clone()),
        (Ok(_), None) => return Err(Unknown::no_data("nothing was measured")),
    };
    match (&reading.incomplete, assessment.reason()) {
        // Nobody is paid, or not, for what may have been lost on the way.
        (Some(_), Some(reason)) => Err(Unknown::no_data(reason)),
        _ => Ok(reading),
    }
}

/// The last instant that lies before `end`: what ends with a month is of that month.
fn last(end: Instant) -> Instant {
    end.checked_sub_signed(chrono::TimeDelta::milliseconds(1)).unwrap_or(end)
}

impl Contract<'_> {
    /// The longest steps of measurements that will do.
    pub fn longest_step(&self) -> Duration {
        match self.agreement.definition.interval() {
            Some(interval) => interval,
            None if self.excluded_by.is_empty() => EVENTS_STEP,
            None => EXCLUDED_STEP,
        }
    }
}

impl Statement<'_> {
    /// What is paid back for what is known so far.
    pub fn credit(&self) -> Option<(Tier, Option<Money>)> {
        let tier = self.outcome.as_ref().ok()?.credit?;
        Some((tier, self.contract.bill.as_ref().map(|bill| bill.share(tier.credit))))
    }

    /// How much worse than the own objective a whole period may be before the promise is broken. Unit:
    /// minutes of a total outage; negative where the own objective is the milder one.
    pub fn margin_minutes(&self) -> Option<f64> {
        let account = self.outcome.as_ref().ok()?;
        let own = f64::from(self.slo_target?.parts());
        let promised = f64::from(self.contract.agreement.target.parts());
        let (from, to) = account.period;
        let minutes = (to - from).num_milliseconds() as f64 / 60_000.0;
        Some((own - promised) / f64::from(Ratio::PARTS) * minutes)
    }
}
