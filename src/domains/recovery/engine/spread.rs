//! How long a recovery takes, as a distribution: the lengths of its steps are drawn many times over.
//!
//! The longest of parallel branches is longer on the average than the longest average: one path
//! through averages is too short.
use super::{Estimate, Path, Waits, estimate::Quantiles, index, milliseconds};
use crate::kernel::units::Duration;
use rayon::prelude::*;

/// Draws of a plan of ordinary size.
pub const DRAWS: usize = 20_000;

/// Steps times draws at the most: a plan of ten thousand steps is drawn two thousand times.
const WORK: usize = 20_000_000;

/// Draws that are made one after another; each part has a seed of its own, so that the answer is the same on
/// any number of cores.
const PART: usize = 500;

/// From which random numbers begin: any number would do, and always the same one is used.
const SEED: u64 = 0x5eed_0fd1_5a57_e25e;

/// How long a recovery takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// Lengths in ascending order. Unit: milliseconds.
    lengths: Vec<f64>,
    /// In which share of the draws each step was on the longest path, with as many people as are needed.
    pub criticality: Vec<f64>,
}

impl Spread {
    /// Draws the lengths of steps that wait for each other as a path says, and that so many people do; as many
    /// as are needed where that is not limited.
    pub fn of(estimates: &[Estimate], waits: &[Waits], path: &Path, people: Option<usize>) -> Self {
        let quantiles: Vec<Quantiles> = estimates.par_iter().map(Estimate::quantiles).collect();
        let steps = waits.len().max(1);
        let draws = if quantiles.iter().all(|it| matches!(it, Quantiles::Always(_))) {
            1
        } else {
            // Dividing the work among few people takes longer than following the paths.
            let work = if people.is_some() { WORK / 5 } else { WORK };
            DRAWS.min(work / steps).max(PART)
        };
        let parts: Vec<(Vec<f64>, Vec<u32>)> = (0..draws.div_ceil(PART))
            .into_par_iter()
            .map(|part| {
                let count = PART.min(draws - part * PART);
                let seed = SEED.wrapping_add(part as u64);
                draw(&quantiles, waits, path, people, (count, seed))
            })
            .collect();
        let mut lengths = Vec::with_capacity(draws);
        let mut hits = vec![0_u64; waits.len()];
        for (part, of_part) in parts {
            lengths.extend(part);
            hits.iter_mut().zip(of_part).for_each(|(sum, count)| *sum += u64::from(count));
        }
        lengths.sort_by(f64::total_cmp);
        let criticality = hits.into_iter().map(|count| count as f64 / draws as f64).collect();
        Self { lengths, criticality }
    }

    /// How many draws it is made of; one where nothing varies.
    pub fn draws(&self) -> usize {
        self.lengths.len()
    }

    /// Within how long it is done with a probability.
    pub fn quantile(&self, probability: f64) -> Duration {
        let last = self.lengths.len().saturating_sub(1);
        let place = index((probability.clamp(0.0, 1.0) * last as f64).ceil(), last);
        milliseconds(self.lengths.get(place).copied().unwrap_or(0.0))
    }

    /// The probability that it is done within some time, and its standard error.
    pub fn within(&self, limit: Duration) -> (f64, f64) {
        let limit = limit.milliseconds() as f64;
        // Half a millisecond is what lengths were rounded by.
        let kept = self.lengths.partition_point(|length| *length <= limit + 0.5);
        let share = kept as f64 / self.lengths.len().max(1) as f64;
        (share, (share * (1.0 - share) / self.lengths.len().max(1) as f64).sqrt())
    }
}

fn draw(
    quantiles: &[Quantiles],
    waits: &[Waits],
    path: &Path,
    people: Option<usize>,
    (count, seed): (usize, u64),
) -> (Vec<f64>, Vec<u32>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let steps = waits.len();
    let (mut ends, mut last) = (vec![0.0_f64; steps], vec![usize::MAX; steps]);
    let mut hits = vec![0_u32; steps];
    let mut lengths = Vec::with_capacity(count);
    let mut drawn = vec![Duration::ZERO; steps];
    for _ in 0..count {
        let (mut total, mut end) = (0.0, usize::MAX);
        for &step in &path.order {
            let (mut begin, mut latest) = (0.0, usize::MAX);
            for &before in &waits[step] {
                if ends[before] > begin || latest == usize::MAX {
                    (begin, latest) = (ends[before], before);
                }
            }
            let length = quantiles[step].at(random.f64());
            drawn[step] = milliseconds(length);
            ends[step] = begin + length;
            last[step] = latest;
            if ends[step] > total || end == usize::MAX {
                (total, end) = (ends[step], step);
            }
        }
        lengths.push(match people {
            Some(people) => path.with_people(&drawn, waits, people).milliseconds() as f64,
            None => total,
        });
        while end != usize::MAX {
            hits[end] += 1;
            end = last[end];
        }
    }
    (lengths, hits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three(optimistic: u64, likely: u64, pessimistic: u64) -> Estimate {
        let minutes = Duration::from_minutes;
        Estimate::ThreePoint {
            optimistic: minutes(optimistic),
            likely: minutes(likely),
            pessimistic: minutes(pessimistic),
        }
    }

    fn path(estimates: &[Estimate], waits: &[Waits]) -> Path {
        let lengths: Vec<Duration> = estimates.iter().map(Estimate::typical).collect();
        Path::of(&lengths, waits).unwrap()
    }

    #[test]
    fn a_chain_has_the_sum_of_means_and_of_variances() {
        let estimates = vec![three(10, 20, 60); 30];
        let waits: Vec<Waits> =
            (0..30_usize).map(|step| step.checked_sub(1).into_iter().collect()).collect();
        let spread = Spread::of(&estimates, &waits, &path(&estimates, &waits), None);
        let mean = spread.lengths.iter().sum::<f64>() / spread.draws() as f64 / 60_000.0;
        let variance = spread.lengths.iter().map(|it| (it / 60_000.0 - mean).powi(2)).sum::<f64>()
            / spread.draws() as f64;
        assert!((mean - 30.0 * 25.0).abs() < 1.0, "{mean}");
        // Of a beta distribution of shapes 1.8 and 4.2 over fifty minutes: αβ / ((α+β)² (α+β+1)).
        let wanted: f64 = 30.0 * 2500.0 * 1.8 * 4.2 / (36.0 * 7.0);
        assert!((variance / wanted - 1.0).abs() < 0.05, "{variance} {wanted}");
        assert!(spread.criticality.iter().all(|share| (share - 1.0).abs() < 1e-12));
    }

    #[test]
    fn the_longest_of_many_is_longer_than_the_longest_mean() {
        let estimates = vec![three(10, 20, 60); 20];
        let waits = vec![Vec::new(); 20];
        let path = path(&estimates, &waits);
        let spread = Spread::of(&estimates, &waits, &path, None);
        assert_eq!(path.total, Duration::from_minutes(25));
        let (kept, error) = spread.within(path.total);
        assert!(kept < 0.001 && error < 0.01, "{kept}");
        assert!(spread.quantile(0.5) > Duration::from_minutes(40));
        let sum: f64 = spread.criticality.iter().sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    }

    #[test]
    fn one_person_alone_takes_the_sum() {
        let estimates = vec![three(10, 20, 60); 4];
        let waits = vec![Vec::new(); 4];
        let path = path(&estimates, &waits);
        let alone = Spread::of(&estimates, &waits, &path, Some(1));
        let chain: Vec<Waits> =
            (0..4_usize).map(|step| step.checked_sub(1).into_iter().collect()).collect();
        let in_a_row = Path::of(&[Duration::from_minutes(25); 4], &chain).unwrap();
        let chained = Spread::of(&estimates, &chain, &in_a_row, None);
        for probability in [0.05, 0.5, 0.95] {
            let (one, other) = (alone.quantile(probability), chained.quantile(probability));
            assert!(one.milliseconds().abs_diff(other.milliseconds()) < 60_000, "{one} {other}");
        }
        let enough = Spread::of(&estimates, &waits, &path, Some(4));
        let free = Spread::of(&estimates, &waits, &path, None);
        assert!(
            enough.quantile(0.5).milliseconds().abs_diff(free.quantile(0.5).milliseconds()) < 10
        );
    }

    #[test]
    fn the_same_on_any_number_of_cores() {
        let estimates = vec![three(10, 20, 60), three(1, 2, 300), Estimate::Fixed(Duration::ZERO)];
        let waits = vec![vec![], vec![0], vec![0, 1]];
        let path = path(&estimates, &waits);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Spread::of(&estimates, &waits, &path, None))
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn without_any_doubt_there_is_one_draw() {
        let estimates = vec![Estimate::Fixed(Duration::from_minutes(5)); 3];
        let waits = vec![vec![], vec![0], vec![1]];
        let spread = Spread::of(&estimates, &waits, &path(&estimates, &waits), None);
        assert_eq!((spread.draws(), spread.quantile(0.9)), (1, Duration::from_minutes(15)));
        assert_eq!(spread.within(Duration::from_minutes(15)), (1.0, 0.0));
        assert_eq!(spread.within(Duration::from_minutes(14)), (0.0, 0.0));
    }
}
