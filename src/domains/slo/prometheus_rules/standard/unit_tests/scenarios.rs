//! Courses of events at the edges of a tier: just above and just below its threshold, and with its windows
//! just long enough or just not.
//!
//! Whether a tier fires at the end of a course is what the engine of `sre burn` says. A course that does
//! not show what it is meant to show is left out.
use super::course::Course;
use crate::{
    domains::slo::{
        model::{AlertTier, Budgeting, Objective},
        prometheus_rules::standard::BASE,
    },
    kernel::units::Duration,
};

/// How far from the threshold "just above" and "just below" are.
const MARGIN: f64 = 0.01;
/// Events per step: enough for whatever a tier asks for beside its burn rate.
const RATE: f64 = 1e6;

/// A course, and whether the tier fires at its end.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    /// What it shows.
    pub(super) name: String,
    pub(super) course: Course,
    pub(super) step: Duration,
    pub(super) rate: f64,
    pub(super) fires: bool,
}

/// The tier that is looked at.
pub(super) struct Edge<'a> {
    pub(super) tier: &'a AlertTier,
    pub(super) objective: Objective,
    pub(super) budgeting: Budgeting,
    /// How often rules are evaluated.
    pub(super) every: Duration,
}

impl Edge<'_> {
    /// The courses.
    pub(super) fn scenarios(&self) -> Vec<Scenario> {
        let meant = match self.budgeting.slice() {
            None => self.of_events(),
            Some(slice) => self.of_slices(slice),
        };
        let mut scenarios: Vec<Scenario> = meant
            .into_iter()
            .map(|(name, course, fires)| self.scenario(name, course, RATE, fires))
            .filter(|scenario| self.fires(&scenario.course, RATE) == scenario.fires)
            .collect();
        if self.tier.is_guarded() && self.budgeting.slice().is_none() {
            scenarios.extend(self.guarded());
        }
        scenarios
    }

    fn scenario(&self, name: &str, course: Course, rate: f64, fires: bool) -> Scenario {
        let name = format!("{}: {name}", self.tier.name);
        Scenario { name, course, step: self.step(), rate, fires }
    }

    fn fires(&self, course: &Course, rate: f64) -> bool {
        course.fires(self.tier, self.objective, self.budgeting, (self.step(), rate))
    }

    /// The error ratio that both windows must exceed.
    fn threshold(&self) -> f64 {
        let (numerator, denominator) = self.tier.factor.error_ratio(self.objective.target());
        numerator as f64 / denominator as f64
    }

    /// A fifth of the shortest stretch that rules look at: that of the short window, or of a slice. Where
    /// the mean of five minutes is looked at, a fifth of them.
    fn step(&self) -> Duration {
        const FIFTH: u64 = 5000;
        let shortest = self.budgeting.slice().unwrap_or(self.tier.short.min(self.tier.long));
        let shortest = if self.tier.event_weighted { shortest.min(BASE) } else { shortest };
        Duration::from_seconds((shortest.milliseconds() / FIFTH).max(1))
    }

    fn steps(&self, window: Duration) -> u64 {
        (window.milliseconds() / self.step().milliseconds()).max(1)
    }

    /// How much longer a course has to be to end with an evaluation, and with a slice.
    fn padding(&self, steps: u64) -> u64 {
        let step = self.step().milliseconds();
        let slice = self.budgeting.slice().unwrap_or(self.every).milliseconds();
        let whole = |length: u64| least_common_multiple(step, length) / step;
        let multiple = least_common_multiple(whole(self.every.milliseconds()), whole(slice)).max(1);
        steps.next_multiple_of(multiple) - steps
    }

    /// A course that ends in this way, at a moment at which rules are evaluated, after time without errors:
    /// so much that with it the course fills a window half as long again as the long one.
    fn ending(&self, end: &[(u64, f64)]) -> Course {
        let length: u64 = end.iter().map(|(steps, _)| steps).sum();
        let long = self.steps(self.tier.long.max(self.tier.short));
        let before = (long + long / 2).saturating_sub(length) + 1;
        let before = before + self.padding(before + length);
        end.iter().fold(Course::default().then(before, 0.0), |course, (steps, bad)| {
            course.then(*steps, *bad)
        })
    }

    fn even(&self, bad: f64) -> Course {
        let steps = self.steps(self.tier.long) + 2 * self.steps(self.tier.short);
        Course::default().then(steps + self.padding(steps), bad)
    }

    fn of_events(&self) -> Vec<(&'static str, Course, bool)> {
        let threshold = self.threshold();
        // Towards a total outage the margin gets smaller.
        let above = |times: f64| (threshold * times).min(f64::midpoint(threshold, 1.0));
        let mut found = vec![
            ("just above the threshold", self.even(above(1.0 + MARGIN)), true),
            ("just below the threshold", self.even(threshold * (1.0 - MARGIN)), false),
        ];
        let (long, short) = (self.steps(self.tier.long), self.steps(self.tier.short));
        if long > short {
            // One window is just below and the other well above.
            let (well, below) = (above(2.0), threshold * (1.0 - MARGIN));
            let rest = (long - short) as f64;
            let old = (below * long as f64 - well * short as f64) / rest;
            let recent = if old < 0.0 { below * long as f64 / short as f64 } else { well };
            let both = |old: f64, recent: f64| {
                let old = old.max(0.0);
                let before = long / 2 + 1;
                let before = before + self.padding(before + long);
                Course::default().then(before + long - short, old).then(short, recent)
            };
            found.push(("the long window just below the threshold", both(old, recent), false));
            found.push(("the short window just below the threshold", both(well, below), false));
        }
        // The errors of the long window are its oldest, and as few as will do: a shorter window does not see
        // them, and in a longer one they are too few.
        let recent = above(1.05);
        let rest = above(1.03) * long as f64 - recent * short as f64;
        let edge = (long / 50).max(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the long window"
        )]
        let burst = (rest.max(0.0).ceil() as u64).max(long / 10).max(1);
        if rest > 0.0 && edge + burst + short <= long {
            let middle = long - edge - burst - short;
            let old = rest / burst as f64;
            let end = [(burst, old), (middle, 0.0), (short, recent)];
            let mut with_edge = vec![(edge, 0.0)];
            with_edge.extend(end);
            found.push(("errors at the old end of the long window", self.ending(&with_edge), true));
        }
        // The errors have stopped: for less than the short window, and for more.
        let much = above(4.0);
        let stopped = |steps: u64| {
            let begun = long + self.padding(long + steps);
            Course::default().then(begun, much).then(steps, 0.0)
        };
        found.push(("errors at the old end of the short window", stopped(short * 3 / 5), true));
        found.push(("errors before the short window", stopped((short * 7).div_ceil(5)), false));
        found
    }

    fn of_slices(&self, slice: Duration) -> Vec<(&'static str, Course, bool)> {
        let threshold = self.threshold();
        let (per_slice, count) =
            (self.steps(slice), |window: Duration| window.milliseconds() / slice.milliseconds());
        let (long, short) = (count(self.tier.long), count(self.tier.short));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of the window"
        )]
        let fewest = |of: u64| (threshold * of as f64).floor() as u64 + 1;
        let (in_long, in_short) = (fewest(long), fewest(short));
        let course = |old: u64, recent: u64| {
            let middle = long.checked_sub(short + old)?;
            let end = [(old, 1.0), (middle, 0.0), (recent, 1.0), (short.checked_sub(recent)?, 0.0)];
            let end = end.map(|(slices, bad)| (slices * per_slice, bad));
            Some(self.ending(&end))
        };
        let old = in_long.saturating_sub(in_short);
        let few = |name, course: Option<Course>, fires| course.map(|course| (name, course, fires));
        let mut found: Vec<_> =
            few("just enough bad slices", course(old, in_short), true).into_iter().collect();
        if in_long > in_short {
            found.extend(few("one bad slice too few", course(old - 1, in_short), false));
        }
        found.extend(few(
            "one bad slice too few in the short window",
            course(old + 1, in_short - 1),
            false,
        ));
        found
    }

    /// Traffic around that at which a guard begins to hold the tier back: with errors well above the
    /// threshold, and with nothing but errors; and traffic that was much higher before.
    fn guarded(&self) -> Vec<Scenario> {
        let threshold = self.threshold();
        let well = (3.0 * threshold).min(f64::midpoint(threshold, 1.0));
        let mut found = Vec::new();
        for (few, enough, bad) in [
            ("too few events", "enough events", well),
            ("too few events in a total outage", "enough events in a total outage", 1.0),
        ] {
            let course = self.even(bad);
            let Some(rate) = edge(|rate| self.fires(&course, rate), (1e-6, RATE)) else { continue };
            found.push(self.scenario(few, course.clone(), rate * (1.0 - MARGIN), false));
            found.push(self.scenario(enough, course, rate * (1.0 + MARGIN), true));
        }
        let every = self.steps(self.every);
        if self.tier.event_weighted
            && self.every.milliseconds().is_multiple_of(self.step().milliseconds())
        {
            // Whole stretches between evaluations, so that the mean that rules see is the mean.
            let long = self.steps(self.tier.long).next_multiple_of(every);
            let course =
                |times: f64| Course::default().at_traffic(times, 2 * long, 0.0).then(long, well);
            let silent = |times: f64| !self.fires(&course(times), RATE);
            if let Some(times) = edge(silent, (1.0, 1e4)) {
                let (less, more) = (times * (1.0 - MARGIN), times * (1.0 + MARGIN));
                found.push(self.scenario("enough of the budget", course(less), RATE, true));
                found.push(self.scenario("too little of the budget", course(more), RATE, false));
            }
        }
        found.retain(|scenario| self.fires(&scenario.course, scenario.rate) == scenario.fires);
        found
    }
}

/// The number from which on something holds; `None` where it holds for the lower one already, or not even
/// for the higher one.
fn edge(holds: impl Fn(f64) -> bool, (lower, higher): (f64, f64)) -> Option<f64> {
    if holds(lower) || !holds(higher) {
        return None;
    }
    let (mut not, mut does) = (lower, higher);
    for _ in 0..60 {
        let middle = (not * does).sqrt();
        if holds(middle) { does = middle } else { not = middle }
    }
    Some(does)
}

fn least_common_multiple(a: u64, b: u64) -> u64 {
    let (mut x, mut y) = (a.max(1), b.max(1));
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a.max(1) / x * b.max(1)
}
