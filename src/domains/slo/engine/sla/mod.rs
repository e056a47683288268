//! What a service level agreement says of a period: availability by the contract's own definition, the
//! credit that follows, and what is left before the next one.
//!
//! Contracts count differently. Of `n` intervals (or events) of the period, `b` bad:
//!
//! | definition | what is counted | bad |
//! |---|---|---|
//! | events | events | those that are not good |
//! | downtime | intervals, a minute unless said | those with at least `down_when` bad events |
//! | mean of intervals | intervals, five minutes unless said | the sum of their shares of bad events |
//!
//! and availability is `1 − b / n` in each. An interval in which nothing was asked for is up, and its
//! share of bad events is zero. Downtime is how Azure and Google Compute Engine count (the minutes of the
//! month less those of downtime, over the minutes of the month); 100 % less the mean of the error rates
//! of all intervals of five minutes, those without requests at 0 %, is how Amazon S3 does.
//!
//! Time that is left out counts neither for nor against, to the millisecond. A step of the measurements
//! that is left out in part keeps a share of its events, by time. An interval that is left out in part
//! counts by its rest: it is as much of an interval as is left of it, and judged by the events of that.
//! So leaving out a minute at the border of an hour can neither hide the hour nor leave the minute in.
//! [`Account::prorated`] says where that was done.
//!
//! Source: Microsoft, "Service Level Agreements for Microsoft Online Services"; Google, "Compute Engine
//! Service Level Agreement"; Amazon, "Amazon S3 Service Level Agreement".
mod kept;

use self::kept::Kept;
use super::exact;
use crate::kernel::{
    series::{EventCount, EventSeries},
    units::{Duration, Instant, Ratio},
};

#[cfg(test)]
mod tests;

/// How a contract computes availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// Good events over all events.
    Events,
    /// Intervals that are not down over all intervals.
    Downtime {
        /// Length of an interval.
        interval: Duration,
        /// The share of bad events from which on an interval is down; above zero.
        down_when: Ratio,
    },
    /// The mean of the intervals' shares of good events.
    IntervalMean {
        /// Length of an interval.
        interval: Duration,
    },
}

impl Definition {
    /// Length of the intervals; `None` where events are counted.
    pub fn interval(self) -> Option<Duration> {
        match self {
            Self::Events => None,
            Self::Downtime { interval, .. } | Self::IntervalMean { interval } => Some(interval),
        }
    }
}

/// What is paid back below which availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The limit.
    pub below: Ratio,
    /// Share of the bill.
    pub credit: Ratio,
}

/// A contract as it is computed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The availability that was promised.
    pub target: Ratio,
    /// How it is computed.
    pub definition: Definition,
    /// What is paid back, in the order of the contract.
    pub tiers: Vec<Tier>,
}

/// A stretch of time: from the first instant up to, and without, the second.
pub type Stretch = (Instant, Instant);

/// Why a period cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAvailability {
    /// The series cannot tell one interval from the next.
    #[error(
        "the contract looks at intervals of `{interval}`, and the measurements have steps of `{step}`: \
         write `interval: {step}`, or measure more often"
    )]
    TooCoarse {
        /// What the contract asks for.
        interval: Duration,
        /// What there is.
        step: Duration,
    },
}

/// What was counted in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counted {
    /// What availability is made of: events or intervals, `good` those that count as available.
    pub units: EventCount,
    /// The events themselves.
    pub events: EventCount,
    /// Steps that were measured; one that is left out in part is the rest of one.
    pub measured: f64,
    /// Steps that the stretch has, likewise.
    pub steps: f64,
}

impl Counted {
    /// Share of what counts that was available; `None` where nothing counts.
    pub fn availability(self) -> Option<f64> {
        exact::bad_of_total(self.units).map(|(bad, total)| (total - bad) / total)
    }

    /// Share of the stretch that was measured.
    pub fn coverage(self) -> f64 {
        if self.steps > 0.0 { self.measured / self.steps } else { 0.0 }
    }

    /// Whether availability is below `limit`, without rounding.
    pub fn is_below(self, limit: Ratio) -> bool {
        exact::overspent(self.units, limit)
    }
}

/// How a period stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The promise was kept, or has been so far.
    Met,
    /// Too little is known to say.
    Unknown,
    /// Below the promise so far, and what is left of the period can still make up for it.
    Below,
    /// Below the promise, whatever is still to come and whatever was not measured; or below it when the
    /// period is over and nearly all of it is known.
    Breached,
}

impl Standing {
    /// The word that answers use, in machine forms as well.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unknown => "unknown",
            Self::Below => "below",
            Self::Breached => "breached",
        }
    }
}

/// Share of a period that must have been measured for a promise to count as kept.
pub const ENOUGH: f64 = 0.9;

/// How long the recent past is that a projection lets go on.
pub const RECENT: Duration = Duration::from_days(7);

/// What a contract says of a period, up to a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The period.
    pub period: Stretch,
    /// The moment; the period's end where that is past.
    pub until: Instant,
    /// What was counted up to then, without what is excluded.
    pub counted: Counted,
    /// The same with what is excluded.
    pub with_excluded: Counted,
    /// How much of the time up to then was lost: the intervals that were down, or their shares of bad
    /// events; where events are counted, their share of bad ones of the measured time, which is a total
    /// outage of that length at even traffic. Unit: minutes.
    pub lost_minutes: f64,
    /// How much of the time up to then is excluded.
    pub excluded: Duration,
    /// Whether a step with events, or an interval, is excluded in part and so counts by its rest.
    pub prorated: bool,
    /// Events or intervals that the whole period is expected to have.
    pub expected: f64,
    /// Availability at the period's end if nothing bad happens any more; `None` without anything counted.
    pub if_perfect: Option<f64>,
    /// Availability at the period's end if the recent past goes on.
    pub if_continued: Option<f64>,
    /// How it stands.
    pub standing: Standing,
    /// The credit that follows from availability so far; `None` where none does.
    pub credit: Option<Tier>,
    /// Every tier, in the order of the contract.
    pub tiers: Vec<TierAccount>,
    /// The promise itself, as if it were a tier without a credit.
    pub target: TierAccount,
}

/// What is left before a tier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TierAccount {
    /// The tier.
    pub tier: Tier,
    /// Whether availability is below it so far.
    pub reached: bool,
    /// Whether it will be even if nothing bad happens any more.
    pub certain: bool,
    /// Events or intervals that may still be bad before the period ends below the tier, given what is
    /// expected of it; negative where too many are already.
    pub left: f64,
    /// The same in minutes of a total outage.
    pub left_minutes: f64,
}

/// What `agreement` says of `period` at `now`.
///
/// `excluded` are stretches of time that do not count, in any order, overlapping or not. What is to come
/// is taken to be like the measured time of the period: as many events per step. What was not measured
/// within the time that is over is taken to have as many events, too, and to have been available: so what
/// is called breached is so whatever happened there.
///
/// # Errors
/// If the contract looks at shorter intervals than the series has steps.
pub fn account(
    agreement: &Agreement,
    series: &EventSeries,
    period: Stretch,
    now: Instant,
    excluded: &[Stretch],
) -> Result<Account, NoAvailability> {
    let definition = agreement.definition;
    if let Some(interval) = definition.interval()
        && interval < series.step()
    {
        return Err(NoAvailability::TooCoarse { interval, step: series.step() });
    }
    let (from, to) = period;
    let until = now.clamp(from, to);
    let (all, kept) = (Kept::all(series), Kept::without(series, period, excluded));
    let so_far = (from, until);
    let (counted, divided) = count(definition, &kept, so_far, from);
    let (with_excluded, _) = count(definition, &all, so_far, from);
    let kept_length = (to - from).num_milliseconds() - kept.excluded(from, to);
    let expected = expected(definition, series, counted, kept_length);
    let perfect = best_case(counted, expected);
    let recent_from = until.checked_sub_signed(RECENT.to_chrono()).unwrap_or(from).max(from);
    let (recent, _) = count(definition, &kept, (recent_from, until), from);
    let standing = standing(agreement.target, counted, perfect, until == to);
    let tier = |tier: Tier| tier_account(tier, counted, perfect, expected, kept_length);
    Ok(Account {
        period,
        until,
        counted,
        with_excluded,
        lost_minutes: lost_minutes(definition, series, counted),
        excluded: milliseconds(kept.excluded(from, until)),
        prorated: divided || kept.divides_steps(from, until),
        expected,
        if_perfect: counted.availability().and(perfect.availability()),
        if_continued: continued(counted, recent, expected),
        standing,
        credit: credit(&agreement.tiers, counted),
        tiers: agreement.tiers.iter().copied().map(tier).collect(),
        target: tier(Tier { below: agreement.target, credit: Ratio::ZERO }),
    })
}

/// The credit that follows from an availability: of the tiers that it is below, the one that pays most.
pub fn credit(tiers: &[Tier], counted: Counted) -> Option<Tier> {
    let reached = tiers.iter().filter(|tier| counted.is_below(tier.below));
    reached.max_by_key(|tier| tier.credit).copied()
}

fn milliseconds(count: i64) -> Duration {
    Duration::from_milliseconds(u64::try_from(count).unwrap_or(0))
}

/// What counts of `[from, to)`, and whether an interval does so in part. Intervals lie on a grid that
/// begins at `start`; one counts where it begins within the stretch and some of what is not excluded of it
/// was measured, and is judged by that.
fn count(
    definition: Definition,
    kept: &Kept<'_>,
    (from, to): Stretch,
    start: Instant,
) -> (Counted, bool) {
    let window = kept.window(from, to);
    let (events, measured, steps) = (window.events, window.measured, window.steps);
    let mut counted = Counted { units: events, events, measured, steps };
    let Some(interval) = definition.interval() else { return (counted, false) };
    counted.units = EventCount::default();
    let span = interval.to_chrono();
    let offset = (from - start).num_milliseconds();
    let whole = i64::try_from(interval.milliseconds()).unwrap_or(i64::MAX);
    let wait = (whole - offset.rem_euclid(whole)) % whole;
    let mut at = from + chrono::TimeDelta::milliseconds(wait);
    let mut divided = false;
    while at < to {
        let Some(next) = at.checked_add_signed(span) else { break };
        let end = next.min(to);
        let window = kept.window(at, end);
        let (length, excluded) = ((end - at).num_milliseconds(), kept.excluded(at, end));
        if window.measured > 0.0 && excluded < length {
            let rest = (length - excluded) as f64 / length as f64;
            let good = (1.0 - badness(definition, window.events)) * rest;
            counted.units += EventCount { good, total: rest };
            divided |= excluded > 0;
        }
        at = next;
    }
    (counted, divided)
}

/// How bad an interval with those events is, `0..=1`.
fn badness(definition: Definition, events: EventCount) -> f64 {
    let Some((bad, total)) = exact::bad_of_total(events) else { return 0.0 };
    match definition {
        Definition::Downtime { down_when, .. } => {
            // At least `down_when` bad is no more than the rest good.
            let good = EventCount { good: bad, total };
            let rest = (u128::from(down_when.complement().parts()), u128::from(Ratio::PARTS));
            if exact::exceeds(good, rest) { 0.0 } else { 1.0 }
        }
        Definition::IntervalMean { .. } | Definition::Events => bad / total,
    }
}

/// Events or intervals that the whole period is expected to have without what is excluded; `kept` is how
/// long the period is without that, in milliseconds.
fn expected(definition: Definition, series: &EventSeries, counted: Counted, kept: i64) -> f64 {
    let all = kept as f64;
    let expected = match definition.interval() {
        Some(interval) => all / interval.milliseconds() as f64,
        // As many events in each step as the measured ones have.
        None if counted.measured <= 0.0 => 0.0,
        None => {
            let measured = counted.measured * series.step().milliseconds() as f64;
            counted.units.total * (all / measured)
        }
    };
    expected.max(counted.units.total)
}

/// See [`Account::lost_minutes`].
fn lost_minutes(definition: Definition, series: &EventSeries, counted: Counted) -> f64 {
    let Some((bad, total)) = exact::bad_of_total(counted.units) else { return 0.0 };
    match definition.interval() {
        Some(interval) => bad * interval.minutes(),
        None => bad / total * counted.measured * series.step().minutes(),
    }
}

/// What the period ends with if nothing bad happens any more and nothing bad happened unseen.
fn best_case(counted: Counted, expected: f64) -> Counted {
    let bad = counted.units.bad().max(0.0);
    // Whole units: a part of an event is none. Whether they are whole is not for what was bad of them to
    // say, or more failures could make for more to come.
    let whole = exact::whole(counted.units.total).is_some();
    let total = if whole { expected.ceil() } else { expected };
    Counted { units: EventCount { good: total - bad, total }, ..counted }
}

/// Availability at the end of the period if what is left of it is like `recent`, or like the whole where
/// that holds nothing.
fn continued(counted: Counted, recent: Counted, expected: f64) -> Option<f64> {
    let (bad, total) = exact::bad_of_total(counted.units)?;
    let rate = exact::bad_of_total(recent.units).map_or(bad / total, |(bad, total)| bad / total);
    Some(1.0 - (bad + (expected - total) * rate) / expected)
}

fn standing(target: Ratio, counted: Counted, perfect: Counted, over: bool) -> Standing {
    if counted.availability().is_none() {
        return Standing::Unknown;
    }
    let below = counted.is_below(target);
    if perfect.is_below(target) {
        Standing::Breached
    } else if counted.coverage() < ENOUGH {
        Standing::Unknown
    } else if below && over {
        // Nothing is to come, and what was not measured is little.
        Standing::Breached
    } else if below {
        Standing::Below
    } else {
        Standing::Met
    }
}

fn tier_account(
    tier: Tier,
    counted: Counted,
    perfect: Counted,
    expected: f64,
    kept: i64,
) -> TierAccount {
    let left = expected * tier.below.complement().as_f64() - counted.units.bad().max(0.0);
    let minutes = kept as f64 / 60_000.0;
    TierAccount {
        tier,
        reached: counted.is_below(tier.below),
        certain: counted.availability().is_some() && perfect.is_below(tier.below),
        left,
        left_minutes: if expected > 0.0 { left / expected * minutes } else { 0.0 },
    }
}
