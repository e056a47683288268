//! Service level agreements as they are computed with, and what they say of a period.
use super::{
    assess::{Assessment, Unknown},
    calendar::{Period, Span},
    engine::sla::{self, Account, Agreement, Definition, Stretch, Tier},
    spec::{
        AdjustmentMode, BudgetAdjustment, Money, ServiceLevelAgreement, SlaDefinition, SlaPeriod,
    },
};
use crate::kernel::{
    spec::{Catalog, Document, Field, Optional, Ref, values},
    time::Zone,
    units::{Duration, Instant, Ratio},
};

/// The interval of downtime where a contract names none: cloud providers count minutes.
const DOWNTIME_INTERVAL: Duration = Duration::from_minutes(1);

/// The interval of a mean where a contract names none: that of Amazon S3.
const MEAN_INTERVAL: Duration = Duration::from_minutes(5);

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
    /// What its periods are.
    pub span: Span,
    /// By whose calendar.
    pub zone: Zone,
    /// What is paid for a whole period.
    pub bill: Option<Money>,
    /// What the contract leaves out, in its own words; nobody can compute with them.
    pub exclusions: Vec<&'a str>,
    /// Time that does not count.
    pub excluded: Vec<Stretch>,
    /// The adjustments that say so.
    pub excluded_by: Vec<&'a str>,
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
    Named(Period),
}

/// What an agreement says of a period.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    /// The agreement.
    pub contract: Contract<'a>,
    /// The period; `None` where nothing was measured that would say which.
    pub period: Option<Period>,
    /// What is known.
    pub outcome: Result<Account, Unknown>,
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
    let (span, months) = match spec.period.get()? {
        SlaPeriod::Month => (Span::Month, 1),
        SlaPeriod::Quarter => (Span::Quarter, 3),
        SlaPeriod::Year => (Span::Year, 12),
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
        span,
        zone: spec.time_zone.value().cloned().unwrap_or(Zone::UTC),
        bill: spec.monthly_fee.value().map(|fee| fee.times(months)),
        exclusions: spec.exclusions.iter().filter_map(Field::get).map(String::as_str).collect(),
        excluded: Vec::new(),
        excluded_by: Vec::new(),
        not_applied: Vec::new(),
    };
    for name in values(&spec.exclusions_by).map(Ref::name) {
        let found = catalog.get::<BudgetAdjustment>(name);
        match found.map_or(Err("it has errors"), |(_, adjustment)| stretch(adjustment)) {
            Ok(stretch) => {
                contract.excluded.push(stretch);
                contract.excluded_by.push(name);
            }
            Err(why) => contract.not_applied.push((name, why)),
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

/// The time that an adjustment leaves out.
fn stretch(adjustment: &BudgetAdjustment) -> Result<Stretch, &'static str> {
    if adjustment.mode.get() != Some(&AdjustmentMode::Exclude) {
        return Err("its mode is not `exclude`");
    }
    let interval =
        adjustment.interval.value().ok_or("only intervals are left out, and it returns")?;
    let (from, to) = (interval.from.get(), interval.to.get());
    from.zip(to).map(|(from, to)| (from.0, to.0)).ok_or("it has errors")
}

/// What an agreement says of the period that is asked about, `assessment` being that of its objective.
pub fn state<'a>(
    contract: Contract<'a>,
    assessment: Option<&Assessment<'_>>,
    asked: Asked,
) -> Statement<'a> {
    let slo_target = assessment.map(|assessment| assessment.objective.objective.target());
    let measured = match assessment {
        None => Err(Unknown::input("no objective measures it: add `slo`")),
        Some(assessment) => match (&assessment.outcome, assessment.reading()) {
            (_, Some(reading)) => Ok(reading),
            (Err(reason), _) => Err(reason.clone()),
            (Ok(_), None) => Err(Unknown::no_data("nothing was measured")),
        },
    };
    let named = match asked {
        Asked::Named(period) => Some(period),
        Asked::Current | Asked::Previous => None,
    };
    let (period, outcome) = match &measured {
        Err(reason) => (named, Err(reason.clone())),
        Ok(reading) => {
            let current = Period::of(last(reading.at()), contract.span, &contract.zone);
            let period = match asked {
                Asked::Current => current,
                Asked::Previous => current.previous(),
                Asked::Named(period) => period,
            };
            let bounds = period.bounds(&contract.zone);
            let account = sla::account(
                &contract.agreement,
                &reading.measured,
                bounds,
                reading.at(),
                &contract.excluded,
            );
            (Some(period), account.map_err(|error| Unknown::input(error.to_string())))
        }
    };
    let source = measured.ok().map(|reading| reading.source.clone());
    Statement { contract, period, outcome, slo_target, source }
}

/// The last instant that lies before `end`: what ends with a month is of that month.
fn last(end: Instant) -> Instant {
    end.checked_sub_signed(chrono::TimeDelta::milliseconds(1)).unwrap_or(end)
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
