//! What the engines compute with: objectives and alert policies, defaults applied.
//!
//! Formulas here are those of The Site Reliability Workbook, chapter 5, "Alerting on SLOs", unless
//! another source is named. `T` is a target, `F` a factor, `e` an error ratio, `P` the window of the
//! objective (the workbook's "period").
use crate::kernel::{
    time::{Calendar, CalendarUnit},
    units::{BurnFactor, BurnRate, Duration, Ratio, compare_fractions},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, collections::BTreeMap, fmt};

/// A target over a rolling window: at least `target` of the events of any `window` are good.
///
/// There is always a budget: the target is below 100 % and the window has a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Objective {
    target: Ratio,
    window: Duration,
}

/// Why a target and a window are no [`Objective`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectiveError {
    /// Every single error would miss it, and no burn rate exists.
    #[error("a target of 100% leaves no error budget")]
    NoBudget,
    /// Nothing happens in no time.
    #[error("a window of `0s` holds no events")]
    NoWindow,
}

impl Objective {
    /// The objective of that target and rolling window.
    ///
    /// # Errors
    /// A target of 100 %, or a window without length.
    pub fn new(target: Ratio, window: Duration) -> Result<Self, ObjectiveError> {
        if target == Ratio::ONE {
            return Err(ObjectiveError::NoBudget);
        }
        if window.is_zero() {
            return Err(ObjectiveError::NoWindow);
        }
        Ok(Self { target, window })
    }

    /// Share of events that is to be good.
    pub fn target(self) -> Ratio {
        self.target
    }

    /// `1 − T`: share of events that may be bad; above zero.
    pub fn error_budget(self) -> Ratio {
        self.target.complement()
    }

    /// Length of the rolling window.
    pub fn window(self) -> Duration {
        self.window
    }

    /// `P · (1 − T)`: how long a total outage may last. Unit: minutes.
    pub fn allowed_minutes(self) -> f64 {
        let parts =
            u128::from(self.window.milliseconds()) * u128::from(self.error_budget().parts());
        parts as f64 / (60_000.0 * f64::from(Ratio::PARTS))
    }

    /// How long a whole budget lasts at that burn rate, traffic being even: `P / burn`. Unit: minutes;
    /// `None` where nothing is spent.
    pub fn whole_budget_lasts_minutes(self, burn: BurnRate) -> Option<f64> {
        (burn.0 > 0.0).then(|| self.window.minutes() / burn.0)
    }
}

/// Over which time an objective is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// The last so many hours or days, from any moment on.
    Rolling(Duration),
    /// The calendar period that runs.
    Calendar(Calendar),
}

impl Window {
    /// Its length; for calendar periods the nominal one, 30 days for a month.
    pub fn length(&self) -> Duration {
        match self {
            Self::Rolling(length) => *length,
            Self::Calendar(calendar) => calendar.nominal(),
        }
    }

    /// The calendar, of a calendar window.
    pub fn calendar(&self) -> Option<&Calendar> {
        match self {
            Self::Rolling(_) => None,
            Self::Calendar(calendar) => Some(calendar),
        }
    }

    /// As long as it can get: calendar periods differ in length, by a day and by the hour of a clock
    /// that changes.
    pub fn longest(&self) -> Duration {
        let days = |days: u64| Duration::from_hours(24 * days + 2);
        match self {
            Self::Rolling(length) => *length,
            Self::Calendar(calendar) => match calendar.unit {
                CalendarUnit::Week => days(7),
                CalendarUnit::Month => days(31),
                CalendarUnit::Quarter => days(92),
                CalendarUnit::Year => days(366),
            },
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rolling(length) => write!(f, "{length}"),
            Self::Calendar(calendar) => f.write_str(calendar.unit.name()),
        }
    }
}

/// How an error budget is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Budgeting {
    /// Bad events over all events.
    #[default]
    Occurrences,
    /// Bad slices over all slices.
    Timeslices {
        /// Length of a slice.
        slice: Duration,
        /// Share of its events that is to be good.
        target: Ratio,
        /// What a slice without traffic counts as.
        no_traffic: NoTraffic,
    },
    /// The mean of the slices' shares of bad events.
    RatioTimeslices {
        /// Length of a slice.
        slice: Duration,
        /// What a slice without traffic counts as.
        no_traffic: NoTraffic,
    },
}

impl Budgeting {
    /// Length of a slice; `None` where events are counted.
    pub fn slice(self) -> Option<Duration> {
        match self {
            Self::Occurrences => None,
            Self::Timeslices { slice, .. } | Self::RatioTimeslices { slice, .. } => Some(slice),
        }
    }

    /// The word that documents and answers use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Occurrences => "occurrences",
            Self::Timeslices { .. } => "timeslices",
            Self::RatioTimeslices { .. } => "ratio_timeslices",
        }
    }
}

/// What a slice of time without traffic counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoTraffic {
    /// It does not count.
    #[default]
    Ignore,
    /// It counts as good.
    Good,
    /// It counts as bad.
    Bad,
}

/// What time counts as of which nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoData {
    /// It does not count, and the answer says how much of the window is known.
    #[default]
    Unknown,
    /// As if the usual traffic had been good.
    Good,
    /// As if the usual traffic had been bad.
    Bad,
}

/// Whom an alert reaches.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Someone is woken.
    Page,
    /// Someone looks at it in working hours.
    Ticket,
}

impl Severity {
    /// The word that documents and answers use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
        }
    }
}

/// What a state of the budget asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyAction {
    /// Tell people.
    Notify,
    /// Changes need an approval.
    Approval,
    /// Only changes that make the service more reliable.
    Freeze,
    /// Reliability work takes precedence over features.
    ReliabilityFirst,
}

/// One pair of windows with a factor: fires where the burn rate over the long *and* over the short
/// window is above the factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertTier {
    /// What people call it; unique in its policy.
    pub name: String,
    /// Whom it reaches.
    pub severity: Severity,
    /// The window that shows that enough budget was spent.
    pub long: Duration,
    /// The window that shows that it is still being spent.
    pub short: Duration,
    /// Burn rate that both windows must exceed.
    pub factor: BurnFactor,
    /// How long both windows must have been above before the tier fires: `for` of a rule. Zero: at once.
    pub hold: Duration,
    /// Fewest events in the long window for the tier to fire: one failure among three requests is no
    /// outage. `None`: any.
    pub minimum_events: Option<u64>,
    /// Fewest bad events in the long window for the tier to fire. `None`: any.
    pub minimum_bad_events: Option<u64>,
    /// How sure it has to be that the error ratio behind the events of the long window is above the
    /// threshold, by the lower limit of Wilson's interval. `None`: the ratio counted is enough.
    pub confidence: Option<Ratio>,
    /// Whether the long window must have spent, counted in events, as large a share of the budget as the
    /// factor spends at even traffic: at night, few events are little of a budget whatever their ratio.
    pub event_weighted: bool,
    /// Labels of its alert.
    pub labels: BTreeMap<String, String>,
    /// Annotations of its alert.
    pub annotations: BTreeMap<String, String>,
}

/// The tiers of an alert policy, most urgent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertPolicy {
    /// The tiers, in the order in which they are shown.
    pub tiers: Vec<AlertTier>,
}

/// Severity, long window, short window, share of the budget spent when the tier fires.
///
/// Source: The Site Reliability Workbook, "Alerting on SLOs", table 5-8 (the pages and the three-day
/// ticket) and the alerting rule printed after it (the one-day ticket).
const WORKBOOK: [(Severity, Duration, Duration, u32); 4] = [
    (Severity::Page, Duration::from_hours(1), Duration::from_minutes(5), 20_000_000),
    (Severity::Page, Duration::from_hours(6), Duration::from_minutes(30), 50_000_000),
    (Severity::Ticket, Duration::from_days(1), Duration::from_hours(2), 100_000_000),
    (Severity::Ticket, Duration::from_days(3), Duration::from_hours(6), 100_000_000),
];

impl AlertPolicy {
    /// The workbook's policy for objectives over `period`.
    ///
    /// Windows and budget shares stay, so the factors scale with the period: 14.4, 6, 3 and 1 for 30
    /// days, 3.36, 1.4, 0.7 and 0.233… for seven. Tiers whose long window is longer than the period
    /// are left out: they would judge events that the budget has already forgotten.
    pub fn workbook(period: Duration) -> Self {
        let tiers = WORKBOOK
            .into_iter()
            .filter(|(_, long, ..)| *long <= period)
            .filter_map(|(severity, long, short, share)| {
                let factor = BurnFactor::from_share(Ratio::from_parts(share)?, period, long)?;
                let name = format!("{}-{long}", severity.name());
                Some(AlertTier { name, ..AlertTier::new(severity, long, short, factor) })
            })
            .collect();
        Self { tiers }
    }
}

impl AlertTier {
    /// A tier that fires whatever the traffic, named by its severity and its long window.
    pub fn new(severity: Severity, long: Duration, short: Duration, factor: BurnFactor) -> Self {
        Self {
            name: format!("{}-{long}", severity.name()),
            severity,
            long,
            short,
            factor,
            hold: Duration::ZERO,
            minimum_events: None,
            minimum_bad_events: None,
            confidence: None,
            event_weighted: false,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
        }
    }

    /// What the tier says beside its windows and its factor, as fields of a document are called: what is lost
    /// where an alert is a pair of windows with a factor, and nothing else.
    pub fn beyond_windows(&self) -> Vec<&'static str> {
        // By name, so that a field that is new is not forgotten.
        let Self {
            name: _,
            severity: _,
            long: _,
            short: _,
            factor: _,
            hold,
            minimum_events,
            minimum_bad_events,
            confidence,
            event_weighted,
            labels,
            annotations,
        } = self;
        let said = [
            ("for", !hold.is_zero()),
            ("minimum_events", minimum_events.is_some()),
            ("minimum_bad_events", minimum_bad_events.is_some()),
            ("confidence", confidence.is_some()),
            ("event_weighted", *event_weighted),
            ("labels", !labels.is_empty()),
            ("annotations", !annotations.is_empty()),
        ];
        said.into_iter().filter(|(_, is_said)| *is_said).map(|(field, _)| field).collect()
    }

    /// Whether the tier looks at how many events there are, and not at their ratio alone.
    pub fn is_guarded(&self) -> bool {
        self.minimum_events.is_some()
            || self.minimum_bad_events.is_some()
            || self.confidence.is_some()
            || self.event_weighted
    }

    /// How long before a moment that is looked at something may have happened that matters: its longer window, and
    /// as long as it has to hold.
    pub fn looks_back(&self) -> Duration {
        let window = self.long.max(self.short).milliseconds();
        Duration::from_milliseconds(window.saturating_add(self.hold.milliseconds()))
    }

    /// Whether an error ratio of 100 % would exceed the factor: `F · (1 − T) < 1`.
    ///
    /// A tier that cannot fire is silent in a total outage.
    pub fn can_fire(&self, target: Ratio) -> bool {
        let (numerator, denominator) = self.factor.error_ratio(target);
        numerator < denominator
    }

    /// Whether this tier, firing, always has `other` firing with it, whatever the traffic and the
    /// errors.
    ///
    /// All windows end now. That one has an error ratio above a threshold says nothing certain about
    /// another of a different length: a longer one may hold any number of good events before, and in a
    /// shorter one everything may be good. So the implication is provable in exactly one case: each
    /// window of `other` is also a window of this tier, `other`'s factor is not higher, it does not have to
    /// hold for longer, and its minimum of events is met whenever this tier's is. What holds only for even traffic (2 % of the
    /// budget in one hour is at least 2 % in six) is not claimed, and a tier that cannot fire at all
    /// is [`AlertTier::can_fire`]'s business.
    pub fn implies(&self, other: &Self) -> bool {
        let own = |window: Duration| window == self.long || window == self.short;
        let enough_events = match (self.minimum_events.unwrap_or(0), other.minimum_events) {
            (_, None | Some(0)) => true,
            (fewest, Some(needed)) => other.long >= self.long && fewest >= needed,
        };
        // What else holds `other` back must hold this tier back too, over the same window.
        let same_window = self.long == other.long;
        let enough_bad = other.minimum_bad_events.is_none_or(|needed| {
            same_window && self.minimum_bad_events.is_some_and(|fewest| fewest >= needed)
        });
        let sure_enough = other.confidence.is_none_or(|needed| {
            same_window && self.confidence.is_some_and(|level| level >= needed)
        });
        let weighty_enough = !other.event_weighted || (same_window && self.event_weighted);
        let held_back = enough_events && enough_bad && sure_enough && weighty_enough;
        let long_enough = other.hold <= self.hold;
        own(other.long)
            && own(other.short)
            && other.factor <= self.factor
            && long_enough
            && held_back
    }

    /// Share of the budget of `period` that the long window has spent when it is first above the factor,
    /// traffic being even: `F · long / P`; above 1 for a tier that fires after the budget is gone.
    pub fn budget_share_when_firing(&self, period: Duration) -> f64 {
        let (numerator, denominator) = self.factor.fraction();
        let spent = numerator as f64 * self.long.milliseconds() as f64;
        spent / (denominator as f64 * period.milliseconds() as f64)
    }

    /// How long an outage with that error ratio goes on before the tier fires, after a clean history
    /// and with even traffic: `long · F · (1 − T) / e`, and then for as long as it has to hold. `None` where it
    /// never fires.
    ///
    /// Both windows must be above the factor, so the longer one decides.
    pub fn detection_time(&self, target: Ratio, error_ratio: Ratio) -> Option<Duration> {
        let threshold = self.factor.error_ratio(target);
        let failing = (u128::from(error_ratio.parts()), u128::from(Ratio::PARTS));
        if compare_fractions(threshold, failing) != Ordering::Less {
            return None;
        }
        let window = self.long.max(self.short).milliseconds() as f64;
        let share = threshold.0 as f64 / threshold.1 as f64 / error_ratio.as_f64();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "above zero and, as the threshold is below the error ratio, below the window"
        )]
        let milliseconds = (window * share).round() as u64;
        Some(Duration::from_milliseconds(milliseconds.saturating_add(self.hold.milliseconds())))
    }
}

/// The burn rate of a total outage, which none exceeds: `1 / (1 − T)`. Infinite for a target of 100 %.
pub fn max_burn_rate(target: Ratio) -> BurnRate {
    BurnRate(f64::from(Ratio::PARTS) / f64::from(target.complement().parts()))
}

/// `1 − 1/F`: targets must be above this for a tier with that factor to be able to fire; 0 where every
/// target is.
///
/// For 14.4 that is 93.06 %: at a lower target, a total outage burns at less than 14.4.
pub fn target_bound(factor: BurnFactor) -> f64 {
    let (numerator, denominator) = factor.fraction();
    numerator.saturating_sub(denominator) as f64 / numerator as f64
}

/// [`target_bound`] as a percentage to four decimals, rounded up: whoever goes above what is written is
/// above the bound.
pub fn target_bound_percent(factor: BurnFactor) -> String {
    let (numerator, denominator) = factor.fraction();
    let above = numerator.saturating_sub(denominator).saturating_mul(100 * DECIMALS);
    let scaled = above.div_ceil(numerator.max(1));
    format!("{}%", decimals(scaled))
}

/// [`max_burn_rate`] to four decimals, rounded down: whoever stays below what is written is below it.
pub fn max_burn_rate_text(target: Ratio) -> String {
    let (whole, budget) = (u128::from(Ratio::PARTS), u128::from(target.complement().parts()));
    decimals(whole * DECIMALS / budget.max(1))
}

/// What the last of four decimals counts.
const DECIMALS: u128 = 10_000;

/// A number of ten-thousandths, without zeros at its end.
fn decimals(scaled: u128) -> String {
    let text = format!("{}.{:04}", scaled / DECIMALS, scaled % DECIMALS);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    fn tier(long: &str, short: &str, factor: &str) -> AlertTier {
        AlertTier {
            name: format!("{long} {factor}"),
            ..AlertTier::new(
                Severity::Page,
                long.parse().unwrap(),
                short.parse().unwrap(),
                factor.parse().unwrap(),
            )
        }
    }

    #[track_caller]
    fn check_workbook(period: &str, expected: &[(&str, f64)]) {
        let policy = AlertPolicy::workbook(period.parse().unwrap());
        let found: Vec<_> =
            policy.tiers.iter().map(|tier| (tier.name.as_str(), tier.factor.as_f64())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_workbook_policy_scales_with_the_period() {
        check_workbook(
            "30d",
            &[("page-1h", 14.4), ("page-6h", 6.0), ("ticket-1d", 3.0), ("ticket-3d", 1.0)],
        );
        check_workbook(
            "28d",
            &[("page-1h", 13.44), ("page-6h", 5.6), ("ticket-1d", 2.8), ("ticket-3d", 14.0 / 15.0)],
        );
        check_workbook("1d", &[("page-1h", 0.48), ("page-6h", 0.2), ("ticket-1d", 0.1)]);
        check_workbook("30m", &[]);
    }

    #[test]
    fn no_budget_and_no_window_are_refused() {
        let month = Duration::from_days(30);
        assert_eq!(Objective::new(Ratio::ONE, month), Err(ObjectiveError::NoBudget));
        assert_eq!(Objective::new(Ratio::ZERO, Duration::ZERO), Err(ObjectiveError::NoWindow));
        assert!(Objective::new(Ratio::ZERO, month).is_ok());
    }

    #[test]
    fn a_tier_equal_to_the_highest_burn_rate_cannot_fire() {
        assert!(!tier("1h", "5m", "10").can_fire(ratio("90%")));
        assert!(tier("1h", "5m", "9.999999999").can_fire(ratio("90%")));
        assert!(!tier("1h", "5m", "14.4").can_fire(ratio("93.0555555%")));
        assert!(tier("1h", "5m", "14.4").can_fire(ratio("93.0555556%")));
    }

    #[test]
    fn only_the_same_windows_prove_an_implication() {
        let strict = tier("1h", "5m", "14.4");
        assert!(strict.implies(&tier("1h", "5m", "6")));
        assert!(strict.implies(&strict));
        assert!(strict.implies(&tier("1h", "1h", "2")));
        assert!(strict.implies(&tier("5m", "1h", "2")));
        assert!(!strict.implies(&tier("1h", "5m", "14.5")));
        assert!(!strict.implies(&tier("6h", "5m", "1")));
        assert!(!strict.implies(&tier("1h", "1m", "1")));
        let policy = AlertPolicy::workbook(Duration::from_days(30));
        for (at, one) in policy.tiers.iter().enumerate() {
            for other in policy.tiers.iter().skip(at + 1) {
                assert!(!one.implies(other) && !other.implies(one));
            }
        }
    }

    #[test]
    fn a_minimum_of_events_weakens_an_implication() {
        let with = |minimum| AlertTier { minimum_events: minimum, ..tier("1h", "5m", "6") };
        assert!(with(Some(100)).implies(&with(None)));
        assert!(with(Some(100)).implies(&with(Some(100))));
        assert!(!with(None).implies(&with(Some(1))));
        // The five minutes may hold fewer events than the hour.
        let five_minutes = AlertTier { long: Duration::from_minutes(5), ..with(Some(10)) };
        assert!(!with(Some(100)).implies(&five_minutes));
    }

    #[test]
    fn a_tier_that_waits_fires_so_much_later() {
        let (target, outage) = (ratio("99.9%"), Ratio::ONE);
        let at_once = tier("1h", "5m", "14.4");
        let waits = AlertTier { hold: Duration::from_minutes(2), ..at_once.clone() };
        // 60 · 14.4 · 0.001 = 0.864 minutes.
        let after = |tier: &AlertTier| tier.detection_time(target, outage).unwrap().milliseconds();
        assert_eq!((after(&at_once), after(&waits)), (51_840, 171_840));
        assert!(waits.implies(&at_once) && waits.implies(&waits) && !at_once.implies(&waits));
    }

    #[test]
    fn every_guard_weakens_an_implication_unless_both_have_it() {
        let plain = tier("1h", "5m", "6");
        let guarded = [
            AlertTier { minimum_bad_events: Some(5), ..plain.clone() },
            AlertTier { confidence: Some(ratio("95%")), ..plain.clone() },
            AlertTier { event_weighted: true, ..plain.clone() },
        ];
        for tier in &guarded {
            assert!(tier.is_guarded());
            assert!(tier.implies(&plain));
            assert!(!plain.implies(tier), "{tier:?}");
            assert!(tier.implies(&tier.clone()));
        }
        assert!(!plain.is_guarded());
    }

    proptest! {
        /// Whoever does what is advised has a tier that can fire.
        #[test]
        fn bounds_are_rounded_to_where_alerts_can_fire(thousandths in 1_001_u32..999_000) {
            let factor: BurnFactor =
                format!("{}.{:03}", thousandths / 1000, thousandths % 1000).parse().unwrap();
            let tier = |factor| {
                AlertTier::new(Severity::Page, Duration::from_hours(1), Duration::from_minutes(5), factor)
            };
            let written = target_bound_percent(factor);
            let bound: Ratio = written.parse().unwrap();
            let beside = |parts: u32| {
                format!("{}%", f64::from(parts) * 100.0 / f64::from(Ratio::PARTS)).parse::<Ratio>().unwrap()
            };
            prop_assert!(tier(factor).can_fire(beside(bound.parts() + 10)), "{factor} above {written}");
            prop_assert!(!tier(factor).can_fire(beside(bound.parts() - 1_100)), "{factor} below {written}");
            // The same the other way round.
            let target = beside(bound.parts());
            let most: f64 = max_burn_rate_text(target).parse().unwrap();
            let below: BurnFactor = format!("{:.4}", most - 0.0002).parse().unwrap();
            prop_assert!(tier(below).can_fire(target), "{below} at {}", target.percent());
        }
    }

    proptest! {
        /// A tier can fire exactly for the targets above its bound, up to the rounding of the bound.
        #[test]
        fn reachability_agrees_with_the_bound(parts in 0..Ratio::PARTS, tenths in 1u32..2000) {
            let target = Ratio::from_parts(parts).unwrap();
            let factor: BurnFactor = format!("{}.{}", tenths / 10, tenths % 10).parse().unwrap();
            let distance = target.as_f64() - target_bound(factor);
            prop_assume!(distance.abs() > 1e-12);
            let tier = AlertTier { factor, ..tier("1h", "5m", "1") };
            let reachable = distance > 0.0 || factor.as_f64() < 1.0;
            prop_assert_eq!(tier.can_fire(target), reachable);
            prop_assert_eq!(tier.can_fire(target), BurnRate::from(factor) < max_burn_rate(target));
        }
    }
}
