//! The sentences that explain a tier's state.
use super::{
    alert::{self, AlertState, Lacking, TierReading},
    burn::{Burn, NoBurnRate},
    exhaustion::Exhaustion,
};
use crate::{
    domains::slo::model,
    kernel::units::{BurnFactor, Ratio},
};

/// One sentence for `reading`, without a capital and a period, for it stands in tables and logs.
pub(super) fn sentence(reading: &TierReading) -> String {
    let (tier, long, short) = (&reading.tier, &reading.long, &reading.short);
    let said = match reading.state {
        AlertState::Firing => spent(reading) + &ahead(reading) + &waiting(reading),
        AlertState::Pending => {
            format!("{}, but not yet for {}", spent(reading), tier.hold)
        }
        AlertState::Withheld => format!("{}, but {}", spent(reading), lacking(reading)),
        AlertState::Recovering => {
            format!("{}, but no longer: {}", spent(reading), burning(short, tier.factor))
        }
        AlertState::Rising => format!(
            "{}, threshold {}, but {}",
            burning(short, tier.factor),
            shown(tier.factor),
            burning(long, tier.factor)
        ),
        AlertState::Quiet => {
            format!("{}, threshold {}", burning(long, tier.factor), shown(tier.factor))
        }
        AlertState::Unreachable => return unreachable(reading),
        AlertState::Unknown { window, reason: NoBurnRate::ShorterThanStep } => {
            return format!("the last {window} are shorter than one step of the measurements");
        }
        AlertState::Unknown { window, .. } => {
            return format!("nothing was measured in the last {window}");
        }
    };
    said + &partly(long)
}

/// What a tier that is held back lacks.
fn lacking(reading: &TierReading) -> String {
    let (tier, events) = (&reading.tier, reading.long.count.events);
    match alert::held_back(tier, reading.objective, events, reading.budget_share) {
        Some(Lacking::Events) | None => format!(
            "it had {} events, fewer than the {} that this tier needs",
            significant(events.total, 3),
            tier.minimum_events.unwrap_or(0),
        ),
        Some(Lacking::BadEvents) => format!(
            "{} of its events were bad, fewer than the {} that this tier needs",
            significant(events.bad(), 3),
            tier.minimum_bad_events.unwrap_or(0),
        ),
        Some(Lacking::Confidence(limit)) => format!(
            "of {} events that may be chance: {} sure is only that {}% fail",
            significant(events.total, 3),
            tier.confidence.map(Ratio::percent).unwrap_or_default(),
            significant(limit * 100.0, 2),
        ),
        Some(Lacking::Weight(due)) => format!(
            "counted in events that is less than the {}% that this tier needs",
            significant(due * 100.0, 2)
        ),
    }
}

/// What the long window spent, and how that compares.
fn spent(reading: &TierReading) -> String {
    let (tier, long) = (&reading.tier, &reading.long);
    let Some(share) = reading.budget_share else {
        return format!("{}, threshold {}", burning(long, tier.factor), shown(tier.factor));
    };
    let rate = long.rate.map_or(0.0, |rate| rate.0);
    format!(
        "spent {}% of the {} budget in the last {} (burn rate {}, threshold {})",
        significant(share * 100.0, 2),
        reading.objective.window(),
        long.window,
        beside(rate, tier.factor),
        shown(tier.factor),
    )
}

/// The burn rate of a window.
fn burning(burn: &Burn, factor: BurnFactor) -> String {
    match burn.rate {
        Ok(rate) => format!("burn rate {} in the last {}", beside(rate.0, factor), burn.window),
        Err(_) => format!("no events in the last {}", burn.window),
    }
}

/// That a tier has to wait, and nobody knows whether it has.
fn waiting(reading: &TierReading) -> String {
    if !reading.hold_unknown {
        return String::new();
    }
    format!("; whether it has held for {} is not known", reading.tier.hold)
}

/// What comes if it goes on.
fn ahead(reading: &TierReading) -> String {
    let Some(forecast) = reading.forecast else { return String::new() };
    match forecast.exhaustion {
        Exhaustion::Overspent if forecast.coverage < 1.0 => format!(
            "; the budget of the measured {}% of {} is overspent",
            significant(forecast.coverage * 100.0, 2),
            reading.objective.window(),
        ),
        Exhaustion::Overspent => "; the budget is overspent".to_owned(),
        Exhaustion::At(at) => {
            format!("; at this rate empty on {}", at.format("%Y-%m-%d %H:%M UTC"))
        }
        Exhaustion::Never => "; at this rate it lasts".to_owned(),
        Exhaustion::Unknown(_) => String::new(),
    }
}

/// Why a tier can never fire, and what would change that.
fn unreachable(reading: &TierReading) -> String {
    let target = reading.objective.target();
    let most = model::max_burn_rate_text(target);
    format!(
        "cannot fire at a target of {}: a total outage burns at {most}, the threshold is {}; it takes \
         a factor below {most} or a target above {}",
        target.percent(),
        shown(reading.tier.factor),
        model::target_bound_percent(reading.tier.factor),
    )
}

/// How much of the window was measured, where that is not all.
fn partly(burn: &Burn) -> String {
    if !burn.is_partial() {
        return String::new();
    }
    let percent = significant(burn.count.coverage() * 100.0, 2);
    format!("; {percent}% of the last {} is measured", burn.window)
}

/// A factor, to six digits.
fn shown(factor: BurnFactor) -> String {
    significant(factor.as_f64(), 6)
}

/// A burn rate to three digits, or as many as tell it from the factor that it is compared with.
fn beside(rate: f64, factor: BurnFactor) -> String {
    (3..=15)
        .map(|digits| significant(rate, digits))
        .find(|text| *text != shown(factor))
        .unwrap_or_else(|| shown(factor))
}

/// A number to that many significant digits, whole digits always, without trailing zeros.
fn significant(value: f64, digits: usize) -> String {
    let after_the_first = digits.saturating_sub(1);
    let scientific = format!("{value:.after_the_first$e}");
    let exponent = scientific.rsplit_once('e').and_then(|(_, text)| text.parse::<isize>().ok());
    let decimals = after_the_first.saturating_add_signed(-exponent.unwrap_or(0)).min(20);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, digits: usize, expected: &str) {
        assert_eq!(significant(value, digits), expected);
    }

    #[test]
    fn digits_that_matter_are_shown() {
        check(0.0, 3, "0");
        check(22.304, 3, "22.3");
        check(9.96, 2, "10");
        check(312.4, 2, "312");
        check(0.000_123_4, 2, "0.00012");
        check(-2.345_6, 3, "-2.35");
        check(14.4, 6, "14.4");
        check(1000.0, 2, "1000");
    }

    #[test]
    fn a_rate_just_above_its_threshold_does_not_look_equal() {
        let factor = "14.4".parse().unwrap();
        assert_eq!(beside(14.4004, factor), "14.4004");
        assert_eq!(beside(22.304, factor), "22.3");
        assert_eq!(beside(14.4, factor), "14.4");
    }
}
