//! How likely a budget is to be empty by when, judged by what the past was like.
//!
//! [`super::exhaustion`] holds the rate of the last hours and names one moment. Traffic has days and
//! weeks, and failures come in bursts, so that moment is mostly wrong. Here the past of the window is
//! taken as what it is, known, and the events to come are drawn a thousand times from the history, in
//! blocks that keep the course of the day and outages whole. The answer is the share of those futures in
//! which the budget is overspent by some day. How far that can be trusted is measured on the same
//! history, see [`Score`].
//!
//! # Formulas
//! After `k` cells (hours, mostly) to come, a rolling window of `w` cells holds the last `w − k` cells of
//! the past and the `k` cells drawn; it is overspent where
//!
//! ```text
//! bad(past still in it) + bad(drawn) > (1 − T) · (total(past still in it) + total(drawn))
//! ```
//!
//! A calendar period is overspent where its bad events so far are more than `(1 − T)` times the events of
//! the whole period, past and drawn.
//!
//! Everything is a function of its arguments: the same series, moment and seed give the same answer on
//! any machine and any number of threads. Path `i` has a generator of its own, seeded by the seed and
//! `i`, so one path more changes no other.
mod course;
mod history;
mod score;

pub use course::Course;
pub use score::{Losses, NoScore, Score};

use crate::{
    domains::slo::model::Objective,
    kernel::{
        series::EventSeries,
        units::{Duration, Instant},
    },
};
use course::{Known, Outcome};
use history::{Blocks, Cell, Drawn, History};

/// Looking farther than this with a rolling window says more about the method than about the service.
const FARTHEST: Duration = Duration::from_days(90);

/// The longest rest of a calendar period.
const FARTHEST_END: Duration = Duration::from_days(366);

/// The least history: one week, so that every kind of day was seen.
const LEAST_HISTORY: Duration = Duration::from_days(7);

/// Fewest events, times `1 − T`: by the rule of three, fewer than `3 / (1 − T)` events without a failure
/// do not even show, at 95 %, that the service keeps its objective.
const LEAST_ALLOWED: f64 = 3.0;

/// How an outlook is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How far to look; `None`: one window of the objective. At most 90 days; a calendar period is
    /// looked at to its end, whatever stands here.
    pub horizon: Option<Duration>,
    /// How many futures are drawn; at least one. A probability is a multiple of `1 / paths`, and its own
    /// error by chance is at most `0.5 / √paths`: 1.6 percentage points at 1000.
    pub paths: u32,
    /// Where the generator begins. Fixed, so that an answer changes only with what was measured.
    pub seed: u64,
}

impl Default for Settings {
    /// A thousand paths; the seed means nothing, it is the digits of π.
    fn default() -> Self {
        Self { horizon: None, paths: 1000, seed: 3_141_592_653_589_793 }
    }
}

/// How likely a budget is to be empty by when.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// What the budget is of.
    pub course: Course,
    /// The moment from which on events were drawn.
    pub now: Instant,
    /// The end of what was looked at.
    pub until: Instant,
    /// Share of the paths on which the budget is overspent at some moment until then; 1 where it is now.
    pub probability: f64,
    /// The same for each day, and last for the end. Rises, and ends at `probability`.
    pub curve: Vec<Chance>,
    /// When the budget is overspent on a tenth, on half and on nine tenths of the paths; `None`: not
    /// until then. In time order.
    pub exhausted: Quantiles<Option<Instant>>,
    /// Share of the budget that is left at the end of what was looked at.
    pub remaining_ratio: Quantiles<f64>,
    /// How much history was drawn from: what was measured of it. Unit: days.
    pub history_days: f64,
    /// How many futures were drawn.
    pub paths: u32,
    /// How long the blocks are that were drawn.
    pub block: Duration,
    /// Whether workdays and weekends were drawn apart.
    pub weekly: bool,
    /// How good such outlooks were in the past of this series, or why nobody can know.
    pub score: Result<Score, NoScore>,
}

/// A probability by some moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance {
    /// By when.
    pub by: Instant,
    /// Share of the paths.
    pub probability: f64,
}

/// What a tenth, half and nine tenths of the paths do not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quantiles<T> {
    /// 10 %.
    pub p10: T,
    /// 50 %, the median.
    pub p50: T,
    /// 90 %.
    pub p90: T,
}

impl<T: Copy> Quantiles<T> {
    /// Of values in order, of which there is at least one: the least that a share of them does not
    /// exceed.
    fn of(sorted: &[T]) -> Self {
        let at = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1];
        Self { p10: at(10), p50: at(50), p90: at(90) }
    }
}

/// What a history has, or should have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Days that were measured.
    pub days: f64,
    /// Events in them.
    pub events: f64,
}

/// Why there is no outlook.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoOutlook {
    /// The history is too short to be drawn from.
    #[error(
        "{:.1} days with {:.0} events are too little history to draw from; it takes {:.0} days and \
         {:.0} events",
        have.days, have.events, need.days, need.events
    )]
    NotEnough {
        /// What there is before `now`.
        have: Extent,
        /// What it takes: a week, and `3 / (1 − T)` events.
        need: Extent,
    },
    /// The period of the calendar has ended, or does not yet hold `now`.
    #[error("now does not lie in the period")]
    NotInPeriod,
    /// The period ends more than a year from now.
    #[error("the period ends more than a year from now")]
    TooFar,
}

/// The outlook for the budget of `objective` from `now` on.
///
/// Of `series`, what lies before `now` is used. Time: `paths` times the hours of the horizon, a few
/// nanoseconds each, and about as much again for the score.
///
/// # Errors
/// Too little history; a period that is over, has not begun or ends too far away.
pub fn outlook(
    objective: Objective,
    course: Course,
    series: &EventSeries,
    now: Instant,
    settings: &Settings,
) -> Result<Outlook, NoOutlook> {
    let length = history::cell_length(series);
    let reach = reach(objective, course, now, settings)?;
    let ahead = reach.milliseconds().div_ceil(length.milliseconds()).max(1);
    let after = |cells: u64| {
        let later = length.milliseconds().checked_mul(cells)?;
        now.checked_add_signed(Duration::from_milliseconds(later).to_chrono())
    };
    let end = after(ahead).ok_or(NoOutlook::TooFar)?;
    let until = match course {
        Course::Rolling => end,
        Course::Calendar { end, .. } => end,
    };
    let cells = history::cells(series, length, now);
    let history = History { cells: &cells, length, end: now };
    is_enough(objective, &history)?;

    let ahead = usize::try_from(ahead).map_err(|_| NoOutlook::TooFar)?;
    let blocks = Blocks::new(history, ahead);
    let known = Known::new((objective, course), series, now, (length, ahead));
    let outcomes = outcomes(&blocks, &known, ahead, settings);
    let paths = outcomes.len();

    // Paths on which it never happens come last.
    let mut times: Vec<usize> =
        outcomes.iter().map(|path| path.overspent_after.unwrap_or(usize::MAX)).collect();
    times.sort_unstable();
    let share = |cells: usize| times.partition_point(|time| *time <= cells) as f64 / paths as f64;
    let moment = |cells: usize| {
        let at = (cells <= ahead).then(|| after(cells as u64)).flatten()?;
        Some(at.min(until))
    };
    let day =
        usize::try_from(Duration::from_days(1).milliseconds().div_ceil(length.milliseconds()))
            .unwrap_or(1);
    let curve = (1..=ahead.div_ceil(day))
        .map(|days| (days * day).min(ahead))
        .filter_map(|cells| Some(Chance { by: moment(cells)?, probability: share(cells) }))
        .collect();
    let times = Quantiles::of(&times);
    let mut remaining: Vec<f64> = outcomes.iter().map(|path| path.remaining_ratio).collect();
    remaining.sort_unstable_by(f64::total_cmp);
    Ok(Outlook {
        course,
        now,
        until,
        probability: share(ahead),
        curve,
        exhausted: Quantiles {
            p10: moment(times.p10),
            p50: moment(times.p50),
            p90: moment(times.p90),
        },
        remaining_ratio: Quantiles::of(&remaining),
        history_days: history.measured().ratio(Duration::from_days(1)),
        paths: settings.paths.max(1),
        block: blocks.length,
        weekly: blocks.weekly,
        score: score::score(objective, course, history, reach, settings),
    })
}

/// How far to look from `now`.
fn reach(
    objective: Objective,
    course: Course,
    now: Instant,
    settings: &Settings,
) -> Result<Duration, NoOutlook> {
    match course {
        Course::Rolling => Ok(settings.horizon.unwrap_or_else(|| objective.window()).min(FARTHEST)),
        Course::Calendar { from, end } if from <= now && now < end => {
            let left = u64::try_from((end - now).num_milliseconds()).unwrap_or(0);
            let left = Duration::from_milliseconds(left);
            if left > FARTHEST_END { Err(NoOutlook::TooFar) } else { Ok(left) }
        }
        Course::Calendar { .. } => Err(NoOutlook::NotInPeriod),
    }
}

/// Whether there is something to draw from.
fn is_enough(objective: Objective, history: &History) -> Result<(), NoOutlook> {
    let one = Duration::from_days(1);
    let need = Extent {
        days: LEAST_HISTORY.ratio(one),
        events: LEAST_ALLOWED / objective.error_budget().as_f64(),
    };
    let have = Extent { days: history.measured().ratio(one), events: history.events().total };
    if have.days < need.days || have.events < need.events {
        return Err(NoOutlook::NotEnough { have, need });
    }
    Ok(())
}

/// Draws the paths, and says where each leads.
fn outcomes(blocks: &Blocks, known: &Known, ahead: usize, settings: &Settings) -> Vec<Outcome> {
    let mut sums = vec![Cell::default(); ahead + 1];
    let mut drawn = Drawn::default();
    (0..settings.paths.max(1))
        .map(|path| {
            let mut random = fastrand::Rng::with_seed(seed_of(settings.seed, path));
            blocks.draw(&mut random, &mut drawn, &mut sums);
            known.outcome(&sums)
        })
        .collect()
}

/// The seed of a path: neighbours must not be alike.
///
/// Source: the last step of `SplitMix64`, Steele, Lea and Flood, OOPSLA 2014.
fn seed_of(seed: u64, path: u32) -> u64 {
    let mut mixed = seed.wrapping_add((u64::from(path) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests;
