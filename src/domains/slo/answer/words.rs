//! Cells and sentences that several answers share.
use crate::{
    domains::slo::{
        assess::{Assessment, BudgetState},
        engine::{burn::Burn, exhaustion::Exhaustion},
        model::AlertTier,
    },
    kernel::{
        report::{Cell, Text, words},
        time::Zone,
        units::Instant,
    },
};

/// The state of a budget, coloured and marked.
pub fn state(state: BudgetState) -> Cell {
    match state {
        BudgetState::Ok => Cell::good(state.name()),
        BudgetState::Burning => Cell::warning(state.name()),
        BudgetState::Exhausted => Cell::bad(state.name()),
        BudgetState::NoData | BudgetState::Unknown | BudgetState::Incomplete => {
            Cell::unknown(state.name())
        }
    }
}

/// Why nothing is known of an objective, where that is so.
pub(super) fn why_unknown(assessment: &Assessment<'_>) -> Option<Text> {
    why_unknown_of(assessment, super::close::name(assessment))
}

/// The same of an objective that is called `name`, where more than that tells rows apart.
pub(super) fn why_unknown_of(assessment: &Assessment<'_>, name: String) -> Option<Text> {
    let reason = assessment.reason()?;
    let state = assessment.state().name();
    Some(Text::new().unknown(state).plain(" ").name(name).plain(format!(": {reason}")))
}

/// A moment as the reader's clocks show it.
pub(super) fn moment(at: Instant, zone: &Zone) -> String {
    if *zone == Zone::UTC {
        return words::instant(at);
    }
    format!("{} {}", zone.local(at).format("%Y-%m-%d %H:%M"), zone.abbreviation(at))
}

/// How long a tier has to hold; `None` where it fires at once.
pub(super) fn hold(tier: &AlertTier) -> Option<String> {
    (!tier.hold.is_zero()).then(|| tier.hold.to_string())
}

/// A burn rate, or a dash where there is none, with as many digits as it takes not to look like the
/// threshold that it is below or above.
pub(super) fn burn_rate(burn: &Burn, threshold: f64) -> Cell {
    match burn.rate {
        Ok(rate) => Cell::number_against(rate.0, digits(rate.0), &[threshold]),
        Err(_) => Cell::Missing,
    }
}

/// Digits behind the point that are worth reading.
pub(super) fn digits(rate: f64) -> usize {
    match rate {
        rate if rate >= 100.0 => 0,
        rate if rate >= 10.0 => 1,
        _ => 2,
    }
}

/// When a budget is empty, in a few words.
pub(super) fn exhausts(assessment: &Assessment<'_>, zone: &Zone) -> Cell {
    let Some(forecast) = assessment.reading().and_then(|reading| reading.forecast) else {
        return Cell::Missing;
    };
    match forecast.exhaustion {
        Exhaustion::Overspent => Cell::text("now"),
        Exhaustion::At(at) => Cell::text(moment(at, zone)),
        Exhaustion::Never => Cell::muted("never"),
        Exhaustion::Unknown(_) => Cell::Missing,
    }
}

/// Counts of events: whole numbers as such, fractions with a digit.
pub(super) fn events(count: f64) -> String {
    if count.fract() == 0.0 { words::number(count, 0) } else { words::number(count, 1) }
}
