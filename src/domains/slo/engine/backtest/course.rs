//! The course of things, in as many columns as a chart has.
use super::sums::Sums;
use crate::{
    domains::slo::model::Objective,
    kernel::{
        series::EventSeries,
        units::{Duration, Instant},
    },
};

/// Least and greatest of the values that fall into a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The least.
    pub least: f64,
    /// The greatest.
    pub most: f64,
}

/// A history in columns of equal length.
#[derive(Clone, Debug)]
pub struct Course {
    sums: Sums,
    objective: Objective,
    from: Instant,
    to: Instant,
    columns: usize,
}

impl Course {
    /// The time `[from, to)` of a series in so many columns.
    pub fn new(
        objective: Objective,
        series: &EventSeries,
        (from, to): (Instant, Instant),
        columns: usize,
    ) -> Self {
        Self { sums: Sums::of(series), objective, from, to, columns }
    }

    /// Error ratio of the steps of each column: those with the least and the greatest. `None` where nothing
    /// happened or was measured.
    pub fn error_ratios(&self) -> Vec<Option<Extent>> {
        self.ratios(1)
    }

    /// Burn rate over the windows of that length that end in each column, the least and the greatest. Windows
    /// that begin before the history have none.
    pub fn burn_rates(&self, window: Duration) -> Vec<Option<Extent>> {
        let budget = self.objective.error_budget().as_f64();
        let ratios = self.ratios(self.sums.steps_of(window));
        let burns = ratios.into_iter().map(|ratio| {
            ratio.map(|ratio| Extent { least: ratio.least / budget, most: ratio.most / budget })
        });
        burns.collect()
    }

    /// Error ratios of so many steps that end in each column.
    fn ratios(&self, steps: usize) -> Vec<Option<Extent>> {
        let mut columns: Vec<Option<Extent>> = vec![None; self.columns];
        let first = steps.max(self.sums.over_at(self.from) + 1).max(1);
        for end in first..=self.sums.over_at(self.to) {
            let Some(ratio) = self.sums.events(end - steps.min(end), end).error_ratio() else {
                continue;
            };
            let ratio = ratio.clamp(0.0, 1.0);
            // A step that ends with a column belongs to it.
            let Some(column) = self.column(self.sums.at(end) - chrono::TimeDelta::milliseconds(1))
            else {
                continue;
            };
            if let Some(slot) = columns.get_mut(column) {
                let known = slot.unwrap_or(Extent { least: ratio, most: ratio });
                *slot = Some(Extent { least: known.least.min(ratio), most: known.most.max(ratio) });
            }
        }
        columns
    }

    fn column(&self, at: Instant) -> Option<usize> {
        let length = u128::try_from((self.to - self.from).num_milliseconds()).ok()?;
        let into = u128::try_from((at - self.from).num_milliseconds()).ok()?;
        usize::try_from((into * self.columns as u128).checked_div(length)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::slo::engine::testing::{objective, series};

    fn extents(found: Vec<Option<Extent>>) -> Vec<Option<(f64, f64)>> {
        found.into_iter().map(|one| one.map(|one| (one.least, one.most))).collect()
    }

    #[test]
    fn a_column_holds_the_least_and_the_greatest_of_its_steps() {
        let counts = [(100, 0), (50, 50), (75, 25), (0, 0), (100, 0), (0, 0), (0, 0), (0, 0)];
        let series = series(Duration::from_minutes(1), counts);
        let range = (series.start(), series.end());
        let course = Course::new(objective("50%", "30d"), &series, range, 4);
        assert_eq!(
            extents(course.error_ratios()),
            [Some((0.0, 0.5)), Some((0.25, 0.25)), Some((0.0, 0.0)), None]
        );
        // Of the windows of two steps the first begins before the history.
        assert_eq!(
            extents(course.burn_rates(Duration::from_minutes(2))),
            [Some((0.5, 0.5)), Some((0.5, 0.75)), Some((0.0, 0.0)), None]
        );
        let part = (series.start() + chrono::TimeDelta::minutes(2), series.end());
        let course = Course::new(objective("50%", "30d"), &series, part, 2);
        assert_eq!(extents(course.error_ratios()), [Some((0.0, 0.25)), None]);
    }
}
