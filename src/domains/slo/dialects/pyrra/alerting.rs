//! Pyrra's alerts: four pairs of windows, in proportion to the window of the objective.
use crate::kernel::units::Duration;
use std::fmt;

/// One of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domains::slo) enum Burn {
    /// Half of the budget in a day.
    Fast,
    /// A fifth of the budget in a day.
    Medium,
    /// A tenth of the budget in a day.
    Slow,
    /// The budget by the end of the window.
    LongTerm,
}

impl Burn {
    /// All of them, most urgent first.
    pub(in crate::domains::slo) const ALL: [Self; 4] =
        [Self::Fast, Self::Medium, Self::Slow, Self::LongTerm];

    /// Its key under `severities`.
    pub(in crate::domains::slo) const fn key(self) -> &'static str {
        match self {
            Self::Fast => "fastBurn",
            Self::Medium => "mediumBurn",
            Self::Slow => "slowBurn",
            Self::LongTerm => "longTermBurn",
        }
    }

    /// The label `severity` of its alert unless said otherwise.
    pub(in crate::domains::slo) const fn severity(self) -> &'static str {
        match self {
            Self::Fast | Self::Medium => "critical",
            Self::Slow | Self::LongTerm => "warning",
        }
    }

    /// Burn rate that both windows must exceed.
    pub(in crate::domains::slo) const fn factor(self) -> u32 {
        match self {
            Self::Fast => 14,
            Self::Medium => 7,
            Self::Slow => 2,
            Self::LongTerm => 1,
        }
    }

    /// By what the objective's window is divided: for the long window, the short one, and for how long
    /// the alert has to hold.
    const fn divisors(self) -> [u64; 3] {
        match self {
            Self::Fast => [28 * 24, 28 * 24 * 12, 28 * 24 * 30],
            Self::Medium => [28 * 4, 28 * 24 * 2, 28 * 24 * 4],
            Self::Slow => [28, 28 * 12, 28 * 24],
            Self::LongTerm => [7, 28 * 4, 28 * 8],
        }
    }

    /// Its windows for an objective over `window`.
    ///
    /// Source: Pyrra, `slo/rules.go`: 1h/5m, 6h/30m, 1d/2h and 4d/6h for 28 days, in proportion for
    /// others, rounded to the minute.
    pub(in crate::domains::slo) fn windows(self, window: Duration) -> Windows {
        let [long, short, hold] = self.divisors().map(|divisor| part(window, divisor));
        Windows { long, short, hold }
    }
}

impl fmt::Display for Burn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// The windows of one alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domains::slo) struct Windows {
    /// The long window.
    pub(in crate::domains::slo) long: Duration,
    /// The short window.
    pub(in crate::domains::slo) short: Duration,
    /// For how long the burn rates have to hold before the alert fires.
    pub(in crate::domains::slo) hold: Duration,
}

/// A part of a window, to the nearest minute; halves are rounded up.
fn part(window: Duration, divisor: u64) -> Duration {
    // Go divides nanoseconds and cuts off before it rounds.
    let nanoseconds = u128::from(window.milliseconds()) * 1_000_000 / u128::from(divisor);
    let minutes = (nanoseconds + 30_000_000_000) / 60_000_000_000;
    Duration::from_minutes(u64::try_from(minutes).unwrap_or(u64::MAX / 60_000))
}

/// The shortest window whose alerts all have windows: below it, the shortest one is rounded to nothing
/// and Prometheus refuses the rules.
pub(super) const SHORTEST_WINDOW: Duration = Duration::from_seconds(28 * 24 * 12 * 30);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(window: &str, expected: [&str; 4]) {
        let window: Duration = window.parse().unwrap();
        let found = Burn::ALL.map(|burn| {
            let Windows { long, short, hold } = burn.windows(window);
            format!("{long}/{short}/{hold}")
        });
        assert_eq!(found, expected, "{window}");
    }

    #[test]
    fn windows_are_those_of_28_days_in_proportion() {
        check("28d", ["1h/5m/2m", "6h/30m/15m", "1d/2h/1h", "4d/6h/3h"]);
        check("14d", ["30m/3m/1m", "3h/15m/8m", "12h/1h/30m", "2d/3h/1h30m"]);
        check("7d", ["15m/1m/1m", "1h30m/8m/4m", "6h/30m/15m", "1d/1h30m/45m"]);
        check("30d", ["1h4m/5m/2m", "6h26m/32m/16m", "1d1h43m/2h9m/1h4m", "4d6h51m/6h26m/3h13m"]);
    }

    #[test]
    fn the_shortest_window_is_the_first_with_all_of_them() {
        let short = |window| Burn::Fast.windows(window).short;
        assert_eq!(short(SHORTEST_WINDOW), Duration::from_minutes(1));
        let below = Duration::from_milliseconds(SHORTEST_WINDOW.milliseconds() - 1);
        assert_eq!(short(below), Duration::ZERO);
    }
}
