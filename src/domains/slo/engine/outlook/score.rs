//! How good outlooks were: forecasts made from past moments, held against what came.
use super::{
    Quantiles, Settings,
    course::{Course, Known, Outcome},
    history::{Blocks, Cell, History},
    is_enough, outcomes,
};
use crate::{
    domains::slo::{
        engine::{budget, exhaustion},
        model::Objective,
    },
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant},
    },
};

/// Most past moments from which a forecast is made.
const MOST_ORIGINS: usize = 14;

/// Fewest from which a score is made.
const FEWEST_ORIGINS: u32 = 3;

/// Paths of each: their chance error is small beside that of so few origins.
const PATHS: u32 = 200;

/// Least share of the time ahead that must have been measured, in tenths: a forecast is about all
/// events.
const LEAST_MEASURED_TENTHS: usize = 9;

/// How good outlooks from past moments were, by a rolling-origin back-test: each used only what was
/// measured before it.
///
/// Moments at which it is overspent already count as foreseen, by both. Moments lie a day or more apart,
/// but the stretches ahead of them overlap, so fewer than `origins` are independent: the figures are
/// rough, and of fewer than ten very rough.
///
/// Source: Tashman, "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting
/// 16, 2000; Gneiting and Raftery, "Strictly proper scoring rules", JASA 102, 2007 (the losses).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// From how many moments.
    pub origins: u32,
    /// How far ahead: as far as the outlook looks where the history allows, a third of what is left of
    /// it after one week otherwise.
    pub ahead: Duration,
    /// The losses of the outlook.
    pub outlook: Losses,
    /// The losses of the burn rate of the last hours, held: [`exhaustion::forecast`].
    pub naive: Losses,
    /// Share of the moments at which the remaining budget came to lie between the 10 % and the 90 %
    /// quantile. Four of five should.
    pub coverage_of_80: f64,
    /// `1 − pinball of the outlook / of the naive one`: 1 is perfect, 0 no better, negative worse. `None`
    /// where the naive one was perfect.
    pub pinball_skill: Option<f64>,
    /// The same for Brier scores.
    pub brier_skill: Option<f64>,
}

/// What forecasts lost. Less is better; 0 is perfect.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Losses {
    /// Mean pinball loss of the 10 %, 50 % and 90 % quantile of the remaining budget, in shares of the
    /// budget. A forecast of a single value, as the naive one, loses half its absolute error.
    pub pinball: f64,
    /// Mean of `(probability − 1 if it was overspent, else 0)²`.
    pub brier: f64,
}

/// Why there is no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the history has {origins} past moments to forecast from with enough before and after them; a \
     score takes {FEWEST_ORIGINS}"
)]
pub struct NoScore {
    /// How many there were.
    pub origins: u32,
}

/// The score of outlooks over `reach`, from moments within `history`.
pub(super) fn score(
    objective: Objective,
    course: Course,
    history: History,
    reach: Duration,
    settings: &Settings,
) -> Result<Score, NoScore> {
    let settings = Settings { paths: settings.paths.min(PATHS), ..*settings };
    let series = series_of(&history);
    let (ahead, origins) = origins(&history, reach);
    let mut sum = Sum::default();
    for origin in origins {
        let test = Test { objective, course, history, series: &series, origin, ahead };
        if let Some((forecast, naive, truth)) = test.run(&settings) {
            sum.add(&forecast, &naive, truth);
        }
    }
    sum.score(Duration::from_milliseconds(history.length.milliseconds() * ahead as u64))
}

/// How many cells ahead, and before which cells: the last that has all of them, and others evenly
/// spaced back to the first with a week before it.
fn origins(history: &History, reach: Duration) -> (usize, impl Iterator<Item = usize> + use<>) {
    let cell = history.length.milliseconds();
    let cells =
        |span: Duration| usize::try_from(span.milliseconds().div_ceil(cell)).unwrap_or(usize::MAX);
    let (day, first) = (cells(Duration::from_days(1)), cells(super::LEAST_HISTORY));
    let spare = history.cells.len().saturating_sub(first);
    let ahead = (spare / 3 / day * day).max(day).min(cells(reach).max(1));
    let room = history.cells.len().checked_sub(first.saturating_add(ahead));
    let spacing = (room.unwrap_or(0) / (MOST_ORIGINS - 1)).max(day);
    let last = history.cells.len().saturating_sub(ahead);
    let count = room.map_or(0, |room| room / spacing + 1).min(MOST_ORIGINS);
    (ahead, (0..count).map(move |back| last - back * spacing))
}

/// The cells as a series.
fn series_of(history: &History) -> EventSeries {
    let count = |cell: &Option<Cell>| {
        cell.map(|Cell { bad, total }| EventCount { good: total - bad, total })
    };
    let start = before(history, 0);
    EventSeries::new(start, history.length, history.cells.iter().map(count).collect())
}

/// When the cell of that index begins.
fn before(history: &History, cell: usize) -> Instant {
    let back = (history.cells.len() - cell) as u64;
    let back = Duration::from_milliseconds(history.length.milliseconds().saturating_mul(back));
    budget::back(history.end, back)
}

/// One forecast from the past.
struct Test<'a> {
    objective: Objective,
    course: Course,
    history: History<'a>,
    series: &'a EventSeries,
    origin: usize,
    ahead: usize,
}

/// A forecast as it is scored.
pub(super) struct Forecast {
    pub(super) remaining_ratio: Quantiles<f64>,
    pub(super) probability: f64,
}

impl Test<'_> {
    /// The outlook, the naive forecast and what came; `None` where one of them does not exist.
    fn run(&self, settings: &Settings) -> Option<(Forecast, Forecast, Outcome)> {
        let (past, rest) = self.history.cells.split_at(self.origin);
        let to_come = &rest[..self.ahead];
        let measured = to_come.iter().flatten().count();
        let now = before(&self.history, self.origin);
        let past = History { cells: past, end: now, ..self.history };
        if measured * 10 < self.ahead * LEAST_MEASURED_TENTHS
            || is_enough(self.objective, &past).is_err()
        {
            return None;
        }
        let known = Known::new(
            (self.objective, self.course_then()),
            self.series,
            now,
            (self.history.length, self.ahead),
        );
        let truth = known.outcome(&sums(to_come.iter().map(|cell| cell.unwrap_or_default())));
        let naive = known.outcome(&sums(std::iter::repeat_n(self.present(now)?, self.ahead)));
        let naive = Forecast {
            remaining_ratio: Quantiles {
                p10: naive.remaining_ratio,
                p50: naive.remaining_ratio,
                p90: naive.remaining_ratio,
            },
            probability: if naive.overspent_after.is_some() { 1.0 } else { 0.0 },
        };
        let paths = outcomes(&Blocks::new(past, self.ahead), &known, self.ahead, settings);
        Some((Forecast::of(&paths), naive, truth))
    }

    /// The same course, seen from the past: a period of the calendar of the same length that ends with
    /// the stretch ahead.
    fn course_then(&self) -> Course {
        let Course::Calendar { from, end } = self.course else { return Course::Rolling };
        let length = u64::try_from((end - from).num_milliseconds()).unwrap_or(0);
        let end = before(&self.history, self.origin + self.ahead);
        Course::Calendar { from: budget::back(end, Duration::from_milliseconds(length)), end }
    }

    /// What a cell holds at the burn rate that [`exhaustion::forecast`] would hold.
    fn present(&self, now: Instant) -> Option<Cell> {
        let count = exhaustion::present(self.objective, self.series, now).count;
        let Cell { bad, total } = Cell::of(count.events);
        let cells = count.measured as f64;
        (total > 0.0).then(|| Cell { bad: bad / cells, total: total / cells })
    }
}

impl Forecast {
    /// Of at least one path.
    pub(super) fn of(paths: &[Outcome]) -> Self {
        let mut remaining: Vec<f64> = paths.iter().map(|path| path.remaining_ratio).collect();
        remaining.sort_unstable_by(f64::total_cmp);
        let overspent = paths.iter().filter(|path| path.overspent_after.is_some()).count();
        Self {
            remaining_ratio: Quantiles::of(&remaining),
            probability: overspent as f64 / paths.len() as f64,
        }
    }

    fn losses(&self, truth: Outcome) -> Losses {
        let pinball = |share: f64, quantile: f64| {
            let difference = truth.remaining_ratio - quantile;
            (share * difference).max((share - 1.0) * difference)
        };
        let Quantiles { p10, p50, p90 } = self.remaining_ratio;
        let happened = if truth.overspent_after.is_some() { 1.0 } else { 0.0 };
        Losses {
            pinball: (pinball(0.1, p10) + pinball(0.5, p50) + pinball(0.9, p90)) / 3.0,
            brier: (self.probability - happened).powi(2),
        }
    }
}

/// Sums of the first 0, 1, … of the cells.
pub(super) fn sums(cells: impl Iterator<Item = Cell>) -> Vec<Cell> {
    let running = cells.scan(Cell::default(), |sum, cell| {
        *sum += cell;
        Some(*sum)
    });
    std::iter::once(Cell::default()).chain(running).collect()
}

/// Losses as they add up.
#[derive(Default)]
struct Sum {
    origins: u32,
    outlook: Losses,
    naive: Losses,
    covered: u32,
}

impl Sum {
    fn add(&mut self, outlook: &Forecast, naive: &Forecast, truth: Outcome) {
        let Quantiles { p10, p90, .. } = outlook.remaining_ratio;
        self.origins += 1;
        self.covered += u32::from((p10..=p90).contains(&truth.remaining_ratio));
        for (sum, forecast) in [(&mut self.outlook, outlook), (&mut self.naive, naive)] {
            let losses = forecast.losses(truth);
            sum.pinball += losses.pinball;
            sum.brier += losses.brier;
        }
    }

    fn score(&self, ahead: Duration) -> Result<Score, NoScore> {
        let origins = self.origins;
        if origins < FEWEST_ORIGINS {
            return Err(NoScore { origins });
        }
        let mean = |sum: f64| sum / f64::from(origins);
        let means = |sum: Losses| Losses { pinball: mean(sum.pinball), brier: mean(sum.brier) };
        let skill = |loss: f64, naive: f64| (naive > 0.0).then(|| 1.0 - loss / naive);
        Ok(Score {
            origins,
            ahead,
            outlook: means(self.outlook),
            naive: means(self.naive),
            coverage_of_80: mean(f64::from(self.covered)),
            pinball_skill: skill(self.outlook.pinball, self.naive.pinball),
            brier_skill: skill(self.outlook.brier, self.naive.brier),
        })
    }
}
