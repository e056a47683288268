//! The answer of `sre sla`: what agreements say of a period, and what that costs.
mod form;

pub use form::SlaAnswer;

use super::words as shared;
use crate::{
    domains::slo::{
        contract::Statement,
        engine::sla::{Account, Definition, Standing, TierAccount},
    },
    kernel::{
        report::{Block, Cell, Column, MetricFamily, Report, Sample, Table, Text, Verdict, words},
        time::Zone,
        units::{Duration, Ratio},
    },
};
use std::str::FromStr;

/// From which standing on a run fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlaFailOn {
    /// Below the promise, even if the rest of the period can make up for it.
    #[default]
    Below,
    /// Below the promise for good.
    Breached,
    /// Never.
    Never,
}

impl SlaFailOn {
    /// The words, as flags have them.
    pub const NAMES: [&'static str; 3] = ["below", "breached", "never"];

    /// What a statement means for whoever waits.
    pub fn verdict(self, statement: &Statement<'_>) -> Verdict {
        match (standing(statement), self) {
            (_, Self::Never) | (Standing::Met, _) | (Standing::Below, Self::Breached) => {
                Verdict::Pass
            }
            (Standing::Unknown, _) => Verdict::Undecided,
            (Standing::Below | Standing::Breached, _) => Verdict::Found,
        }
    }
}

impl FromStr for SlaFailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "below" => Ok(Self::Below),
            "breached" => Ok(Self::Breached),
            "never" => Ok(Self::Never),
            _ => Err(format!("`{text}` is not one of {}", Self::NAMES.join(", "))),
        }
    }
}

/// How a promise stands; unknown where nothing was measured.
fn standing(statement: &Statement<'_>) -> Standing {
    statement.outcome.as_ref().map_or(Standing::Unknown, |account| account.standing)
}

/// The answer for these agreements, in their order.
pub fn report(statements: &[Statement<'_>], fail_on: SlaFailOn, zone: &Zone) -> Report {
    let verdict: Verdict = statements.iter().map(|one| fail_on.verdict(one)).collect();
    let mut table = Table::new().main().columns([
        Column::new("SLA").middle().min_width(24),
        Column::new("Period").priority(3),
        Column::new("Promised").priority(2),
        Column::new("Availability"),
        Column::new("Lost").key("lost_seconds").priority(4),
        Column::new("Known").key("coverage").priority(6),
        Column::new("Credit"),
        Column::new("Left").key("left_seconds").priority(5),
        Column::new("State"),
    ]);
    for statement in statements {
        table.push(row(statement));
    }
    let mut report = Report::of(&SlaAnswer::of(statements)).block(table).verdict(verdict);
    if let [only] = statements
        && let Ok(account) = &only.outcome
    {
        report = report.block(Block::facts(facts(only, account, zone)));
        if !account.tiers.is_empty() {
            report = report.block(tiers(only, account));
        }
    }
    report = report.blocks(remarks(statements));
    metrics(statements).into_iter().fold(report, Report::metric)
}

/// Reads one number of what is known.
type Read = fn(&Statement<'_>) -> Option<f64>;

/// The same numbers for a Prometheus-compatible server.
fn metrics(statements: &[Statement<'_>]) -> Vec<MetricFamily> {
    let families: [(&str, &str, Read); 3] = [
        (
            "sre_sla_availability_ratio",
            "Availability in the period so far, as the contract counts.",
            |statement| statement.outcome.as_ref().ok()?.counted.availability(),
        ),
        ("sre_sla_target_ratio", "Availability that was promised.", |statement| {
            Some(statement.contract.agreement.target.as_f64())
        }),
        (
            "sre_sla_credit_ratio",
            "Share of the bill that is paid back by what is known so far.",
            |statement| {
                statement.outcome.as_ref().ok()?.counted.availability()?;
                Some(statement.credit().map_or(0.0, |(tier, _)| tier.credit.as_f64()))
            },
        ),
    ];
    let each = families.into_iter().map(|(name, help, read)| {
        let samples = statements
            .iter()
            .filter_map(|statement| Some(labelled(Sample::new(read(statement)?), statement)));
        MetricFamily::gauge(name, help).samples(samples)
    });
    each.collect()
}

fn labelled(sample: Sample, statement: &Statement<'_>) -> Sample {
    let contract = &statement.contract;
    let labels = [
        ("period", statement.period.map(|period| period.to_string())),
        ("service", contract.service.map(str::to_owned)),
        ("customer", contract.customer.map(str::to_owned)),
    ];
    let sample = sample.label("sla", contract.document.name());
    let known = labels.into_iter().filter_map(|(name, value)| Some((name, value?)));
    known.fold(sample, |sample, (name, value)| sample.label(name, value))
}

fn row(statement: &Statement<'_>) -> Vec<Cell> {
    let account = statement.outcome.as_ref().ok();
    let target = statement.contract.agreement.target;
    let limits = limits(statement);
    let left = account.and_then(|account| Some(next(account)?.left_minutes));
    vec![
        Cell::name(statement.contract.document.name()),
        statement.period.map_or(Cell::Missing, |period| Cell::text(period.to_string())),
        Cell::ratio(target),
        account
            .and_then(|account| account.counted.availability())
            .map_or(Cell::Missing, |share| Cell::percent_against(share, &limits)),
        account.map_or(Cell::Missing, |account| minutes_cell(account.lost_minutes)),
        account.map_or(Cell::Missing, |account| Cell::percent(account.counted.coverage())),
        statement.credit().map_or(Cell::Missing, |(tier, _)| Cell::ratio(tier.credit)),
        left.map_or(Cell::Missing, minutes_cell),
        state(standing(statement)),
    ]
}

fn state(standing: Standing) -> Cell {
    match standing {
        Standing::Met => Cell::good(standing.name()),
        Standing::Unknown => Cell::unknown(standing.name()),
        Standing::Below => Cell::warning(standing.name()),
        Standing::Breached => Cell::bad(standing.name()),
    }
}

/// A number of minutes, as a span of time for people.
fn minutes_cell(minutes: f64) -> Cell {
    Cell::span(span(minutes))
}

/// Minutes as a span, to the second.
fn span(minutes: f64) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and a cast keeps within the limits of the type"
    )]
    Duration::from_seconds((minutes.max(0.0) * 60.0) as u64)
}

/// Everything that availability is compared with.
fn limits(statement: &Statement<'_>) -> Vec<f64> {
    let agreement = &statement.contract.agreement;
    let tiers = agreement.tiers.iter().map(|tier| tier.below);
    tiers.chain([agreement.target]).chain(statement.slo_target).map(Ratio::as_f64).collect()
}

/// Of the promise and the tiers, the first that the period need not end below; `None` where it is over, or
/// ends below all of them.
fn next(account: &Account) -> Option<&TierAccount> {
    let over = account.until >= account.period.1;
    let all = account.tiers.iter().chain([&account.target]);
    let open = all.filter(|tier| !over && !tier.certain && tier.left >= 0.0);
    // Of the promise and a tier that begins with it, the tier: it says what it costs.
    open.max_by_key(|tier| (tier.tier.below, tier.tier.credit))
}

fn facts(statement: &Statement<'_>, account: &Account, zone: &Zone) -> Vec<(&'static str, Cell)> {
    let contract = &statement.contract;
    let mut facts = Vec::new();
    let mut fact = |name, text: String| facts.push((name, Cell::text(text)));
    if let Some(customer) = contract.customer {
        fact("promised to", customer.to_owned());
    }
    let (from, to) = account.period;
    let over = account.until >= to;
    fact("period", format!("{} to {}", shared::moment(from, zone), shared::moment(to, zone)));
    if !over {
        let share = (account.until - from).num_milliseconds() as f64
            / (to - from).num_milliseconds().max(1) as f64;
        fact(
            "so far",
            format!(
                "to {}, {} of the period",
                shared::moment(account.until, zone),
                words::percent(share)
            ),
        );
    }
    fact("counted", counted(contract.agreement.definition, account));
    fact(
        "measured",
        format!("{} of the time that is over", words::percent(account.counted.coverage())),
    );
    if !account.excluded.is_zero() {
        let with = account.with_excluded.availability();
        let with = with
            .map_or("–".to_owned(), |share| words::percent_against(share, &limits(statement)));
        let divided = match contract.agreement.definition {
            _ if !account.prorated => "",
            Definition::Events => ", steps that it covers in part divided by time",
            _ => ", intervals that it covers in part counted by their rest",
        };
        fact(
            "left out",
            format!(
                "{} by {}{divided}; with it {with}",
                words::span(account.excluded),
                statement.excluded_by.join(", ")
            ),
        );
    }
    if !contract.exclusions.is_empty() {
        fact("in words only", contract.exclusions.join("; "));
    }
    if let (false, Some(perfect), Some(continued)) =
        (over, account.if_perfect, account.if_continued)
    {
        let limits = limits(statement);
        fact(
            "if all goes well",
            format!("{} at the end", words::percent_against(perfect, &limits)),
        );
        fact(
            "if it goes on",
            format!(
                "{} at the end, like the last 7 days",
                words::percent_against(continued, &limits)
            ),
        );
    }
    if let Some((tier, amount)) = statement.credit() {
        let of = amount.map_or_else(String::new, |amount| format!(": {amount}"));
        let sure = if over { "" } else { " so far" };
        fact("credit", format!("{} of the bill{sure}{of}", tier.credit.percent()));
    }
    if let (Some(slo), Some(margin)) = (contract.slo, statement.margin_minutes()) {
        let apart = words::span(span(margin.abs()));
        let text = if margin > 0.0 {
            format!("{slo} is missed {apart} of outage before the promise is")
        } else if statement.slo_target == Some(contract.agreement.target) {
            "none, the objective promises the same".to_owned()
        } else {
            format!("{slo} is missed {apart} of outage after the promise is")
        };
        fact("margin", text);
    }
    if let Some(source) = &statement.source {
        fact("source", source.clone());
    }
    facts
}

/// What availability is made of, in words.
fn counted(definition: Definition, account: &Account) -> String {
    let (units, events) = (account.counted.units, account.counted.events);
    let number = shared::events;
    let share = |count: f64| words::number(count, if count.fract() == 0.0 { 0 } else { 2 });
    match definition {
        Definition::Events => {
            format!("{} good of {} events", number(units.good), number(units.total))
        }
        Definition::Downtime { interval, down_when } => format!(
            "{} of {} intervals of {interval} down, with at least {} of their events bad",
            share(units.bad()),
            share(units.total),
            down_when.percent()
        ),
        Definition::IntervalMean { interval } => format!(
            "the mean of {} intervals of {interval}, {} bad events in {}",
            share(units.total),
            share(events.bad()),
            number(events.total)
        ),
    }
}

/// Every tier, and what is left before it.
fn tiers(statement: &Statement<'_>, account: &Account) -> Table {
    let over = account.until >= account.period.1;
    let unit = match statement.contract.agreement.definition {
        Definition::Events => "Bad events left",
        _ => "Bad intervals left",
    };
    let mut table = Table::new().columns([
        Column::new("Below"),
        Column::new("Credit"),
        Column::new("Amount"),
        Column::new(unit).key("left"),
        Column::new("As an outage").key("left_seconds"),
        Column::new("State"),
    ]);
    for tier in &account.tiers {
        let amount = statement.contract.bill.as_ref().map(|bill| bill.share(tier.tier.credit));
        let open = !over && tier.left >= 0.0;
        table.push([
            Cell::ratio(tier.tier.below),
            Cell::ratio(tier.tier.credit),
            amount.map_or(Cell::Missing, |amount| Cell::text(amount.to_string())),
            if open { Cell::number(tier.left.floor(), 0) } else { Cell::Missing },
            if open { minutes_cell(tier.left_minutes) } else { Cell::Missing },
            match tier {
                TierAccount { certain: true, .. } => Cell::bad("reached"),
                TierAccount { reached: true, .. } if over => Cell::bad("reached"),
                TierAccount { reached: true, .. } => Cell::warning("so far"),
                TierAccount { reached: false, .. } => Cell::good("not reached"),
            },
        ]);
    }
    table
}

/// Why nothing can be said, and what is not left out.
fn remarks(statements: &[Statement<'_>]) -> Vec<Block> {
    let mut lines: Vec<Text> = Vec::new();
    for statement in statements {
        let name = statement.contract.document.name();
        let line = |text: String| Text::new().name(name).plain(format!(": {text}"));
        match &statement.outcome {
            Err(unknown) => lines.push(line(unknown.reason.clone())),
            Ok(account) if account.standing == Standing::Unknown => {
                let known = words::percent(account.counted.coverage());
                let enough = words::number(crate::domains::slo::engine::sla::ENOUGH * 100.0, 0);
                lines.push(line(format!(
                    "{known} of the time that is over was measured, too little to call the promise \
                     kept; {enough}% are enough"
                )));
            }
            Ok(_) => {}
        }
        for (adjustment, why) in &statement.contract.not_applied {
            lines.push(line(format!("`{adjustment}` leaves nothing out: {why}")));
        }
    }
    if lines.is_empty() { Vec::new() } else { vec![Block::list(lines)] }
}
