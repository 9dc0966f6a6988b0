//! The values of a stretch counted by bins, against what a law expects of them.

use super::expectation::{Expectation, cells};
use super::law::Law;
use super::probability::{any_of, poisson_at_least, poisson_at_most};
use super::sample::Sample;

/// Elements from which the values themselves are counted.
const COUNTED: f64 = 2048.0;

/// A value, how often it comes, how often it should, and the chance of that.
pub(super) type Frequency = (f64, u64, f64, f64);

/// The bins of a stretch in ascending order, with what is expected of them.
pub(super) struct Spectrum<'a> {
    counts: Vec<u64>,
    values: Vec<f64>,
    below: &'a [f64],
    is_coarse: bool,
}

impl<'a> Spectrum<'a> {
    pub(super) fn new(sample: &Sample, expectation: &'a Expectation) -> Self {
        let cells = cells(sample.element);
        let half = sample.element.bins() / 2;
        let count = |bin: u32| match bin {
            // −0 is counted with 0.
            0 => sample.bins[0] + sample.bins[half],
            bin => sample.bins[bin as usize],
        };
        let counts = cells.iter().map(|cell| count(cell.bin)).collect();
        let values = cells.iter().map(|cell| cell.value).collect();
        Self { counts, values, below: &expectation.below, is_coarse: sample.element.is_coarse() }
    }

    /// Each cell's count and chance.
    fn each(&self) -> impl Iterator<Item = (usize, u64, f64)> {
        let mut before = 0.0;
        self.counts.iter().zip(self.below).enumerate().map(move |(at, (count, below))| {
            let chance = below - before;
            before = *below;
            (at, *count, chance)
        })
    }

    /// At the ends of the cells: in between the law of rounded values is not known.
    pub(super) fn distance(&self, n: f64) -> f64 {
        let (mut sum, mut distance) = (0u64, 0f64);
        for (count, below) in self.counts.iter().zip(self.below) {
            sum += count;
            distance = distance.max((sum as f64 / n - below).abs());
        }
        distance
    }

    /// Chance that rounding at the bounds of a law may move: what is rounded to a bound, or clamped.
    pub(super) fn slack(&self, sample: &Sample, law: &Law) -> f64 {
        let [low, high] = law.support();
        if !self.is_coarse || (low.is_infinite() && high.is_infinite()) {
            return 0.0;
        }
        let end = |bound: f64| if bound.is_finite() { 2.0 * sample.element.step() * bound.abs() } else { 0.0 };
        law.below(low + end(low)).max(law.above(high - end(high)))
    }

    /// The largest part that one bin has.
    pub(super) fn largest(&self, n: f64) -> f64 {
        self.counts.iter().copied().max().unwrap_or(0) as f64 / n
    }

    /// The chance that two elements are in one bin.
    pub(super) fn collision(&self, n: f64) -> f64 {
        self.counts.iter().map(|count| (*count as f64 / n).powi(2)).sum::<f64>().min(1.0)
    }

    /// Empty bins that should not be empty.
    pub(super) fn vacancies(&self, n: f64) -> Option<(u64, f64)> {
        if n < COUNTED {
            return None;
        }
        let (mut empty, mut expected) = (0u64, 0.0);
        // Bins at bounds, where rounding decides.
        let inside = |chance: f64, at: usize| {
            chance * n >= 8.0 && self.below[at] < 1.0 - 2.0 * chance && self.below[at] > 3.0 * chance
        };
        for (at, count, chance) in self.each() {
            if inside(chance, at) {
                empty += u64::from(count == 0);
                expected += (-chance * n).exp();
            }
        }
        Some((empty, poisson_at_least(empty as f64, expected)))
    }

    /// The bin whose count fits least.
    pub(super) fn frequencies(&self, n: f64, is_on_lattice: bool, law: &Law) -> Option<Option<Frequency>> {
        if n < COUNTED || is_on_lattice || law.has_atom() {
            return None;
        }
        let mut worst: Option<Frequency> = None;
        for (at, count, chance) in self.each() {
            let expected = chance * n;
            let off = (count as f64 - expected).abs();
            // Bins at bounds, where rounding decides.
            let is_at_bound = self.below[at] > 1.0 - 2.0 * chance || self.below[at] < 3.0 * chance;
            if off < 4.0 * expected.sqrt() + 2.0 || (is_at_bound && self.is_coarse) {
                continue;
            }
            let many = poisson_at_least(count as f64, expected);
            let p = many.min(poisson_at_most(count as f64, expected));
            if worst.is_none_or(|(.., least)| p < least) {
                worst = Some((self.values[at], count, expected, p));
            }
        }
        let bins = self.each().filter(|(_, _, chance)| *chance > 0.0).count() as f64;
        Some(worst.map(|(value, count, expected, p)| (value, count, expected, any_of(p, 2.0 * bins))))
    }
}
