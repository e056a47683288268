//! Pages that say nothing: how many the traffic alone makes likely.
use super::{
    Options, Replayer,
    firing::{Evaluations, Run, union},
    score::MONTH,
    sums::{Sums, Threshold},
};
use crate::{
    domains::slo::model::{AlertPolicy, AlertTier, Objective, Severity},
    kernel::{series::EventSeries, units::Duration},
};

/// Pages of a service that meets its objective exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FalsePages {
    /// Pages to expect in 30 days.
    pub per_month: f64,
    /// How far that may be from what more runs would give: its standard error. 0 where it is a bound.
    pub standard_error: f64,
    /// How it was found.
    pub method: Method,
    /// Share of the judged moments at which one bad event would fire a tier, if it were in both windows.
    pub lone_failure: f64,
}

/// How an expectation is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// No more than that many, by Chernoff's bound.
    Bound,
    /// The mean of so many simulated runs.
    Simulated {
        /// How many.
        runs: u32,
    },
}

/// Below this many pages in 30 days a bound will do.
const NEGLIGIBLE: f64 = 0.01;

/// Fewest and most runs of a simulation.
const RUNS: (u32, u32) = (20, 500);

/// Evaluations after which a simulation ends, whatever it has found: a fraction of a second.
const MOST_EVALUATIONS: u64 = 2_000_000;

/// Traffic of less time than this says nothing of a month: its nights are not known.
const ENOUGH: Duration = Duration::from_days(1);

/// The numbers that a simulation draws are the same in every run.
const SEED: u64 = 0x5EED;

/// How many pages a month to expect if the service met its objective exactly.
///
/// The traffic is that of `series`, step by step, in whole events; each event fails with probability `1 − T`, on its
/// own. So what pages then is chance and no incident. Real failures come in bursts: this is what a policy costs
/// at the least. Where the traffic is so high that chance hardly ever exceeds a factor, a bound is given:
/// the sum over all moments of the probability that the long window is above, by Chernoff's inequality
/// `P(X/n ≥ q) ≤ exp(−n·KL(q‖p))`. Else pages are counted in simulated histories, each counted as
/// [`replay`](super::replay) does, until the standard error is small.
///
/// `None` where no page can be judged, or pages are judged for less than a day.
pub fn false_pages(
    objective: Objective,
    policy: &AlertPolicy,
    series: &EventSeries,
    options: &Options,
) -> Option<FalsePages> {
    let replayer = Replayer::new(objective, Sums::of_traffic(series), options);
    let traffic = Traffic::of(&replayer, policy)?;
    if traffic.per_month > MONTH.ratio(ENOUGH) {
        return None;
    }
    let bound = traffic.bound();
    let lone_failure = traffic.lone_failure();
    if bound * traffic.per_month < NEGLIGIBLE {
        let per_month = bound * traffic.per_month;
        return Some(FalsePages {
            per_month,
            standard_error: 0.0,
            method: Method::Bound,
            lone_failure,
        });
    }
    let mut random = fastrand::Rng::with_seed(SEED);
    let (mut runs, mut sum, mut squares, mut evaluations) = (0, 0.0, 0.0, 0);
    let mut standard_error = f64::INFINITY;
    while runs < RUNS.1 {
        let failures = traffic.fail(&mut random);
        evaluations += traffic.evaluations(&failures);
        let pages = traffic.pages(&failures) as f64 * traffic.per_month;
        runs += 1;
        sum += pages;
        squares += pages * pages;
        let (count, mean) = (f64::from(runs), sum / f64::from(runs));
        standard_error = ((squares / count - mean * mean).max(0.0) / (count - 1.0).max(1.0)).sqrt();
        let good_enough = standard_error <= (0.02 * mean).max(0.02);
        if (runs >= RUNS.0 && good_enough) || evaluations > MOST_EVALUATIONS {
            break;
        }
    }
    let per_month = sum / f64::from(runs);
    Some(FalsePages { per_month, standard_error, method: Method::Simulated { runs }, lone_failure })
}

/// The traffic, and the pages that look at it.
struct Traffic<'a> {
    replayer: &'a Replayer,
    tiers: Vec<Looking>,
    /// The first moment at which all tiers can be judged.
    first: usize,
    /// Runs that make up 30 days.
    per_month: f64,
}

/// A tier that pages, in steps.
struct Looking {
    /// Those before which the windows are whole: an alert may have waited since before it is judged.
    evaluations: Evaluations,
    judged: Evaluations,
    threshold: Threshold,
    long: usize,
    short: usize,
    tier: AlertTier,
}

impl<'a> Traffic<'a> {
    fn of(replayer: &'a Replayer, policy: &AlertPolicy) -> Option<Self> {
        let target = replayer.objective.target();
        let looking = |tier: &AlertTier| {
            Some(Looking {
                judged: replayer.judged(tier).ok()?,
                evaluations: replayer.whole(tier),
                threshold: Threshold::of(tier.factor, target),
                long: replayer.sums.steps_of(tier.long),
                short: replayer.sums.steps_of(tier.short),
                tier: tier.clone(),
            })
        };
        let pages = policy.tiers.iter().filter(|tier| tier.severity == Severity::Page);
        let tiers: Vec<Looking> = pages.filter_map(looking).collect();
        let judged = tiers.iter().map(|tier| tier.judged).max_by_key(|all| all.first)?;
        let interval = replayer.interval().milliseconds();
        let length = Duration::from_milliseconds(interval.saturating_mul(judged.count() as u64));
        Some(Self {
            tiers: tiers.into_iter().filter(|tier| tier.threshold.ratio() < 1.0).collect(),
            replayer,
            first: judged.first,
            per_month: MONTH.ratio(length),
        })
    }

    /// Probability that an event fails.
    fn probability(&self) -> f64 {
        self.replayer.objective.error_budget().as_f64()
    }

    /// A bound on the pages of a run: how many evaluations are likely to be above, summed over the tiers.
    fn bound(&self) -> f64 {
        let each = self.tiers.iter().map(|tier| {
            let exponent = divergence(tier.threshold.ratio(), self.probability());
            let all = tier.judged;
            let evaluations = (0..all.count()).map(|at| all.first + at * all.every);
            let above = |at: usize| {
                let events = self.replayer.sums.events(at - tier.long, at).total;
                if events > 0.0 { (-events * exponent).exp() } else { 0.0 }
            };
            evaluations.map(above).sum::<f64>()
        });
        each.sum()
    }

    /// Share of the evaluations at which a single failure is above a threshold in the long window; in the
    /// short one it is then as well, for that has fewer events.
    fn lone_failure(&self) -> f64 {
        let shares = self.tiers.iter().map(|tier| {
            let all = tier.judged;
            let evaluations = (0..all.count()).map(|at| all.first + at * all.every);
            let alone = evaluations.filter(|at| {
                let mut events = self.replayer.sums.events(at - tier.long, *at);
                events.good = events.total - 1.0;
                events.total >= 1.0
                    && tier.threshold.is_exceeded(events)
                    && !self.replayer.holds_back(&tier.tier, *at, events)
            });
            alone.count() as f64 / all.count().max(1) as f64
        });
        shares.fold(0.0, f64::max)
    }

    /// The steps in which an event fails, once for each failure, in order.
    fn fail(&self, random: &mut fastrand::Rng) -> Vec<usize> {
        let mut failures = Vec::new();
        let keeps = (1.0 - self.probability()).ln();
        let (mut step, mut event) = (0, 0.0);
        loop {
            // The number of events up to the next failure, that one included, is geometric.
            event += 1.0 + ((1.0 - random.f64()).ln() / keeps).floor();
            match self.replayer.sums.step_with(step, event) {
                Some(found) => step = found,
                None => return failures,
            }
            failures.push(step);
        }
    }

    /// At most so many evaluations are looked at.
    fn evaluations(&self, failures: &[usize]) -> u64 {
        let short = self.tiers.iter().map(|tier| tier.short).sum::<usize>();
        failures.len() as u64 * short as u64 / self.replayer.every as u64
    }

    /// How often the page begins to fire.
    fn pages(&self, failures: &[usize]) -> usize {
        let runs = self.tiers.iter().flat_map(|tier| {
            let runs = self.runs(tier, failures);
            let hold = self.replayer.evaluations_in(self.replayer.hold(&tier.tier));
            tier.evaluations.held(&runs, hold, self.replayer.keep)
        });
        union(runs.collect(), self.first).iter().filter(|run| run.from > self.first).count()
    }

    /// When the condition of a tier holds: it can only where the short window has a failure.
    fn runs(&self, tier: &Looking, failures: &[usize]) -> Vec<Run> {
        let all = tier.evaluations;
        let mut runs = Vec::new();
        // Failures before the end of the windows, and those before their beginnings.
        let (mut end, mut long, mut short) = (0, 0, 0);
        let before = |count: &mut usize, step: usize| {
            while failures.get(*count).is_some_and(|failure| *failure < step) {
                *count += 1;
            }
            *count
        };
        let mut next = all.first;
        for failure in failures {
            let earliest = (failure + 1).max(next);
            let behind = (earliest - all.first) % all.every;
            next = if behind == 0 { earliest } else { earliest + all.every - behind };
            while next <= (failure + tier.short).min(all.last) {
                let upto = before(&mut end, next);
                let in_long = upto - before(&mut long, next - tier.long);
                let in_short = upto - before(&mut short, next - tier.short);
                let events = |failed: usize, steps: usize| {
                    let mut events = self.replayer.sums.events(next - steps, next);
                    events.good = events.total - failed as f64;
                    events
                };
                let long = events(in_long, tier.long);
                if tier.threshold.is_exceeded(long)
                    && tier.threshold.is_exceeded(events(in_short, tier.short))
                    && !self.replayer.holds_back(&tier.tier, next, long)
                {
                    all.extend(&mut runs, next);
                }
                next += all.every;
            }
        }
        runs
    }
}

/// `KL(q‖p)`: how much a share `q` of failures differs from the probability `p`; in nats. Zero for `q ≤ p`.
fn divergence(q: f64, p: f64) -> f64 {
    if q <= p {
        return 0.0;
    }
    let rest = if q < 1.0 { (1.0 - q) * ((1.0 - q) / (1.0 - p)).ln() } else { 0.0 };
    q * (q / p).ln() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domains::slo::engine::{
            backtest::replay,
            testing::{START, instant, objective},
        },
        kernel::series::EventCount,
    };
    use proptest::prelude::*;

    /// So many days of minutes with so many requests an hour, as evenly as whole requests can be.
    fn traffic(days: usize, per_hour: u32) -> EventSeries {
        let upto = |minute: usize| (minute as f64 * f64::from(per_hour) / 60.0).floor();
        let counts = (0..days * 1440).map(|minute| {
            let total = upto(minute + 1) - upto(minute);
            Some(EventCount { good: total, total })
        });
        EventSeries::new(instant(START), Duration::from_minutes(1), counts.collect())
    }

    fn workbook() -> AlertPolicy {
        AlertPolicy::workbook(Duration::from_days(30))
    }

    fn expect(series: &EventSeries) -> FalsePages {
        let objective = objective("99.9%", "30d");
        false_pages(objective, &workbook(), series, &Options::default()).unwrap()
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the values are exact")]
    fn a_single_failure_among_few_requests_pages() {
        // Of 69 events one is 1.45 %, which is above 14.4 · 0.1 %; of 70 it is 1.43 %.
        assert_eq!(expect(&traffic(10, 69)).lone_failure, 1.0);
        assert_eq!(expect(&traffic(10, 70)).lone_failure, 0.0);
    }

    #[test]
    fn much_traffic_is_bounded_and_not_simulated() {
        let found = expect(&traffic(10, 60_000));
        assert_eq!(found.method, Method::Bound);
        assert!(found.per_month < 1e-6, "{found:?}");
    }

    #[test]
    fn the_same_question_has_the_same_answer() {
        let series = traffic(10, 120);
        assert_eq!(expect(&series), expect(&series));
    }

    #[test]
    fn without_pages_there_is_nothing_to_expect() {
        let objective = objective("99.9%", "30d");
        let options = Options::default();
        assert_eq!(false_pages(objective, &workbook(), &traffic(0, 1), &options), None);
        let none = AlertPolicy::default();
        assert_eq!(false_pages(objective, &none, &traffic(9, 1), &options), None);
        // Of a day, the first six hours are not judged.
        assert_eq!(false_pages(objective, &workbook(), &traffic(1, 1), &options), None);
        assert!(false_pages(objective, &workbook(), &traffic(2, 1), &options).is_some());
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the values are exact")]
    fn chernoffs_bound_is_one() {
        // P(X ≥ 3) for ten events that fail with probability 0.1 is 0.0702.
        assert!((-10.0 * divergence(0.3, 0.1)).exp() > 0.0702);
        assert_eq!(divergence(0.1, 0.1), 0.0);
        assert!((divergence(1.0, 0.1) - 10f64.ln()).abs() < 1e-12);
    }

    proptest! {
        /// What is counted around failures alone is what a replay of the whole history counts.
        #[test]
        fn a_run_is_counted_as_a_replay_counts(
            per_hour in 1u32..400,
            seed: u64,
            (interval, hold, keep) in (1u64..4, 0u64..3, 0u64..3),
            fewest in prop_oneof![Just(None), Just(Some(40)), Just(Some(300))],
            bad in prop_oneof![Just(None), Just(Some(2))],
            weighted: bool,
        ) {
            let options = Options {
                interval: Duration::from_minutes(interval),
                hold: (hold > 0).then(|| Duration::from_minutes(hold - 1)),
                keep_firing: Duration::from_minutes(keep),
                ..Options::default()
            };
            let (objective, series) = (objective("99%", "30d"), traffic(3, per_hour));
            let mut policy = workbook();
            for tier in &mut policy.tiers {
                tier.minimum_events = fewest;
                tier.minimum_bad_events = bad;
                tier.event_weighted = weighted;
                tier.hold = Duration::from_minutes(2);
            }
            let replayer = Replayer::new(objective, Sums::of_traffic(&series), &options);
            let traffic = Traffic::of(&replayer, &policy).unwrap();
            let failures = traffic.fail(&mut fastrand::Rng::with_seed(seed));
            let mut step = 0;
            let failed = series.map(|_, count| {
                let failed = failures.iter().filter(|failure| **failure == step).count();
                step += 1;
                count.map(|count| EventCount { good: count.good - failed as f64, ..count })
            });
            let replayed = replay(objective, &policy, &failed, &options);
            let page = &replayed.alerts[0].firings;
            let begins = page.iter().filter(|firing| !firing.since_before).count();
            prop_assert_eq!(traffic.pages(&failures), begins);
        }
    }
}
