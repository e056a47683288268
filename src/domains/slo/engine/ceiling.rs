//! How good a service can be, given how good what it needs was.
//!
//! A service that fails whenever one of several others does loses the *union* of what they lost. The
//! product of their targets is that union only if they fail independently; services that share a network,
//! a database or a bad day do not. So it is measured: time is cut into slices, and in each the share that
//! every dependency failed of its own events is what it lost of that slice. How the losses of one slice
//! overlap cannot be seen, so two bounds are given:
//!
//! - the least that the union can be is the largest of the losses, if they overlap as much as they can;
//! - the most that it can be is their sum, but no more than all, if they do not overlap.
//!
//! Source: Boole, "An Investigation of the Laws of Thought", 1854, chapter 19; Fréchet, Fundamenta
//! Mathematicae 25, 1935 (both bounds are attained). Of slices that are either lost or not, both bounds
//! are the same.
use crate::kernel::{
    series::{EventCount, EventSeries},
    units::{Duration, Instant, Ratio},
};

/// A service that another needs, as it was measured.
#[derive(Clone, Copy, Debug)]
pub struct Dependency<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its events: one series, or several that together are all of them.
    pub series: &'a [&'a EventSeries],
}

/// How much of a slice of time a dependency lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The share of its events that failed.
    Share,
    /// All of it where a greater share of its events failed than this, nothing otherwise.
    Whole {
        /// The share that is still no loss.
        above: Ratio,
    },
}

/// How good a service can be at best that fails whenever one of its dependencies does.
#[derive(Clone, Debug, PartialEq)]
pub struct Ceiling {
    /// How long the slices are: the longest step of all series.
    pub slice: Duration,
    /// In how many slices at least one dependency was measured. All figures are about them.
    pub slices: u64,
    /// The ceiling if losses overlap as much as they can; no service was better than this.
    pub at_most: f64,
    /// The ceiling if losses do not overlap within a slice.
    pub at_least: f64,
    /// What the ceiling would be if dependencies failed independently: the product of what each had.
    pub independent: f64,
    /// What each lost, in the order given.
    pub parts: Vec<Part>,
}

/// What one dependency lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Share of the slices in which it was measured. In the others it lost nothing that is known.
    pub coverage: f64,
    /// What it lost in all. Unit: minutes of a total outage.
    pub lost_minutes: f64,
    /// What nothing else lost at the same time, overlap being as large as it can: so much more would
    /// there be to have if this dependency alone had been perfect. Unit: minutes.
    pub exclusive_minutes: f64,
    /// What was lost to others as well. Unit: minutes.
    pub shared_minutes: f64,
}

/// The ceiling over `[from, to)`; `None` where nothing was measured.
///
/// Slices count alike, however many events they have, and begin at `from`. Measured silence is no loss:
/// what nobody asked for was not lost.
pub fn measured(
    dependencies: &[Dependency],
    (from, to): (Instant, Instant),
    loss: Loss,
) -> Option<Ceiling> {
    let all = || dependencies.iter().flat_map(|one| one.series);
    let slice = all().map(|series| series.step()).max()?;
    // Outside of all series nothing was measured.
    let start = all().map(|series| series.start()).min()?;
    let end = all().map(|series| series.end()).max()?;
    let skipped = u64::try_from((start - from).num_milliseconds()).unwrap_or(0);
    let skipped = skipped / slice.milliseconds() * slice.milliseconds();
    let first = from.checked_add_signed(Duration::from_milliseconds(skipped).to_chrono())?;
    let begins = std::iter::successors(Some(first), |at| at.checked_add_signed(slice.to_chrono()));

    let mut sum = Sum::new(dependencies.len());
    let mut losses = Vec::with_capacity(dependencies.len());
    for begin in begins.take_while(|begin| *begin < to.min(end)) {
        let until = begin.checked_add_signed(slice.to_chrono()).unwrap_or(to).min(to);
        losses.clear();
        losses.extend(dependencies.iter().map(|one| {
            let counts = one.series.iter().map(|series| series.window(begin, until));
            let measured = counts.filter(|count| count.measured > 0).map(|count| count.events);
            measured.reduce(|sum, events| sum + events).map(|events| loss.of(events))
        }));
        sum.add(&losses);
    }
    sum.ceiling(dependencies, slice)
}

impl Loss {
    /// Share of the slice that was lost, `0..=1`.
    fn of(self, count: EventCount) -> f64 {
        match self {
            Self::Share => count.error_ratio().unwrap_or(0.0).clamp(0.0, 1.0),
            Self::Whole { above } => {
                if super::exact::overspent(count, above.complement()) {
                    1.0
                } else {
                    0.0
                }
            }
        }
    }
}

/// Losses as they add up, in slices.
struct Sum {
    slices: u64,
    least: f64,
    most: f64,
    parts: Vec<PartSum>,
}

#[derive(Clone, Default)]
struct PartSum {
    measured: u64,
    lost: f64,
    exclusive: f64,
}

impl Sum {
    fn new(parts: usize) -> Self {
        Self { slices: 0, least: 0.0, most: 0.0, parts: vec![PartSum::default(); parts] }
    }

    fn add(&mut self, lost: &[Option<f64>]) {
        if lost.iter().all(Option::is_none) {
            return;
        }
        // The largest loss, and the largest but one: without its holder, the union is the second.
        let (mut largest, mut second) = (0.0f64, 0.0f64);
        for lost in lost.iter().flatten() {
            second = second.max(lost.min(largest));
            largest = largest.max(*lost);
        }
        self.slices += 1;
        self.least += largest;
        self.most += lost.iter().flatten().sum::<f64>().min(1.0);
        for (part, lost) in self.parts.iter_mut().zip(lost) {
            if let Some(lost) = lost {
                part.measured += 1;
                part.lost += lost;
                part.exclusive += (lost - second).max(0.0);
            }
        }
    }

    fn ceiling(self, dependencies: &[Dependency], slice: Duration) -> Option<Ceiling> {
        if self.slices == 0 {
            return None;
        }
        let slices = self.slices as f64;
        let parts: Vec<Part> = dependencies
            .iter()
            .zip(&self.parts)
            .map(|(one, sum)| Part {
                name: one.name.to_owned(),
                coverage: sum.measured as f64 / slices,
                lost_minutes: sum.lost * slice.minutes(),
                exclusive_minutes: sum.exclusive * slice.minutes(),
                shared_minutes: (sum.lost - sum.exclusive) * slice.minutes(),
            })
            .collect();
        Some(Ceiling {
            slice,
            slices: self.slices,
            at_most: 1.0 - self.least / slices,
            at_least: 1.0 - self.most / slices,
            independent: self.parts.iter().map(|part| 1.0 - part.lost / slices).product(),
            parts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::slo::engine::testing::{START, instant, series, series_strategy};
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_minutes(1);

    /// A thousand minutes, of which those in `down` failed altogether.
    fn down(down: std::ops::Range<u32>) -> EventSeries {
        series(MINUTE, (0..1000).map(|at| if down.contains(&at) { (0, 10) } else { (10, 0) }))
    }

    fn one<'a>(name: &'a str, series: &'a &'a EventSeries) -> Dependency<'a> {
        Dependency { name, series: std::slice::from_ref(series) }
    }

    fn of(all: &[(&str, &EventSeries)], loss: Loss) -> Ceiling {
        let all: Vec<_> = all.iter().map(|(name, series)| one(name, series)).collect();
        let start = instant(START);
        measured(&all, (start, start + chrono::TimeDelta::minutes(1000)), loss).unwrap()
    }

    #[track_caller]
    fn assert_close(ours: f64, theirs: f64) {
        assert!((ours - theirs).abs() < 1e-12, "{ours} is not {theirs}");
    }

    #[test]
    fn minutes_lost_together_count_once() {
        // 30 and 20 minutes, ten of them the same.
        let (database, queue) = (down(100..130), down(120..140));
        let whole = Loss::Whole { above: "50%".parse().unwrap() };
        for loss in [Loss::Share, whole] {
            let found = of(&[("database", &database), ("queue", &queue)], loss);
            assert_eq!((found.slice, found.slices), (MINUTE, 1000));
            assert_close(found.at_most, 0.96);
            assert_close(found.at_least, 0.96);
            assert_close(found.independent, 0.97 * 0.98);
            for (part, expected) in found.parts.iter().zip([[30.0, 20.0, 10.0], [20.0, 10.0, 10.0]])
            {
                let minutes = [part.lost_minutes, part.exclusive_minutes, part.shared_minutes];
                minutes
                    .into_iter()
                    .zip(expected)
                    .for_each(|(ours, theirs)| assert_close(ours, theirs));
            }
        }
    }

    #[test]
    fn shares_of_a_slice_may_overlap_or_not() {
        let half = series(MINUTE, [(1, 1); 1000]);
        let third = series(MINUTE, [(2, 1); 1000]);
        let found = of(&[("half", &half), ("third", &third)], Loss::Share);
        assert_close(found.at_most, 0.5);
        assert_close(found.at_least, 1.0 / 6.0);
        assert_close(found.independent, 1.0 / 3.0);
        assert!((found.parts[0].exclusive_minutes - 1000.0 / 6.0).abs() < 1e-6);
        assert!((found.parts[1].shared_minutes - 1000.0 / 3.0).abs() < 1e-6);
        // A third is not more than a third, and neither more than a half.
        let whole = |above: &str| {
            let loss = Loss::Whole { above: above.parse().unwrap() };
            of(&[("half", &half), ("third", &third)], loss).at_most
        };
        assert_close(whole("0.5"), 1.0);
        assert_close(whole("0.4"), 0.0);
    }

    #[test]
    fn several_series_of_one_dependency_are_one() {
        // A region with a tenth of the traffic fails for 100 minutes; the other one is not measured in
        // the second half of them.
        let small = down(0..100);
        let large = series(MINUTE, [(90, 0); 50]);
        let both = [&small, &large];
        let window = (small.start(), small.end());
        let regions = Dependency { name: "regions", series: &both };
        let found = measured(&[regions], window, Loss::Share).unwrap();
        assert_close(found.parts[0].lost_minutes, 50.0 * 0.1 + 50.0);
        assert_close(found.parts[0].coverage, 1.0);
        let none = Dependency { name: "none", series: &[] };
        let found = measured(&[none, regions], window, Loss::Share).unwrap();
        assert_close(found.parts[0].coverage, 0.0);
        assert_eq!(measured(&[none], window, Loss::Share), None);
    }

    #[test]
    fn what_is_not_measured_is_not_lost_and_is_said() {
        let known = down(0..100);
        let hours = series(Duration::from_hours(1), [(9, 1); 4]);
        let found = of(&[("known", &known), ("hours", &hours)], Loss::Share);
        // Seventeen hours, in the first four of which the second was measured.
        assert_eq!((found.slice, found.slices), (Duration::from_hours(1), 17));
        assert_close(found.parts[1].coverage, 4.0 / 17.0);
        assert_close(found.parts[1].lost_minutes, 24.0);
        // 60 and 40 of 100 minutes were lost in the first two hours.
        assert_close(found.at_most, 1.0 - (1.0 + 40.0 / 60.0 + 0.1 + 0.1) / 17.0);
        let start = instant(START);
        let nothing = (start - chrono::TimeDelta::days(2), start - chrono::TimeDelta::days(1));
        let known = &known;
        let known = one("known", &known);
        assert_eq!(measured(&[known], nothing, Loss::Share), None);
        assert_eq!(measured(&[], nothing, Loss::Share), None);
        let found = measured(&[known], (Instant::MIN_UTC, Instant::MAX_UTC), Loss::Share).unwrap();
        assert_eq!(found.slices, 1000);
    }

    proptest! {
        #[test]
        fn bounds_are_in_order(
            all in prop::collection::vec(series_strategy(), 1..5), late in 0u64..300,
            parts in prop::option::of(0..=Ratio::PARTS),
        ) {
            let all: Vec<&EventSeries> = all.iter().collect();
            let named: Vec<_> = all.iter().map(|series| one("one", series)).collect();
            let from = instant(START) + Duration::from_minutes(late).to_chrono();
            let to = from + chrono::TimeDelta::days(2);
            let loss = parts.and_then(Ratio::from_parts)
                .map_or(Loss::Share, |above| Loss::Whole { above });
            let Some(found) = measured(&named, (from, to), loss) else { return Ok(()) };
            let slack = 1e-9;
            prop_assert!(-slack <= found.at_least && found.at_most <= 1.0);
            prop_assert!(found.at_least <= found.at_most + slack);
            let minutes = found.slices as f64 * found.slice.minutes();
            let mut exclusive = 0.0;
            for part in &found.parts {
                prop_assert!((0.0..=1.0).contains(&part.coverage));
                let best = 1.0 - part.lost_minutes / minutes;
                prop_assert!(found.at_most <= best + slack);
                prop_assert!(part.exclusive_minutes <= part.lost_minutes + slack);
                prop_assert!(part.shared_minutes >= -slack);
                exclusive += part.exclusive_minutes;
            }
            prop_assert!(exclusive <= (1.0 - found.at_most) * minutes + 1e-6);
            if found.parts.len() == 1 || matches!(loss, Loss::Whole { .. }) {
                prop_assert!((found.at_most - found.at_least).abs() < slack);
            }
        }

        /// Without one of them, exactly its exclusive minutes are won.
        #[test]
        fn exclusive_minutes_are_what_one_perfect_dependency_wins(
            lost in prop::collection::vec((0u32..=10, 0u32..=10, 0u32..=10), 1..50),
        ) {
            let of = |pick: fn(&(u32, u32, u32)) -> u32| {
                series(MINUTE, lost.iter().map(|one| (10 - pick(one), pick(one))))
            };
            let all = [of(|one| one.0), of(|one| one.1), of(|one| one.2)];
            let ceiling = |perfect: Option<usize>| {
                let good = of(|_| 0);
                let all: Vec<&EventSeries> = all
                    .iter()
                    .enumerate()
                    .map(|(at, series)| if Some(at) == perfect { &good } else { series })
                    .collect();
                let named: Vec<_> = all.iter().map(|series| one("one", series)).collect();
                let window = (all[0].start(), all[0].end());
                measured(&named, window, Loss::Share).unwrap()
            };
            let now = ceiling(None);
            for (at, part) in now.parts.iter().enumerate() {
                let won = (ceiling(Some(at)).at_most - now.at_most) * lost.len() as f64;
                prop_assert!((won - part.exclusive_minutes).abs() < 1e-9, "{won}");
            }
        }
    }
}
