//! The values of a stretch counted by bins, against what a law expects of them.

use super::element::Cell;
use super::expectation::{Expectation, cells};
use super::law::Law;
use super::probability::{any_of, poisson_at_least, poisson_at_most};
use super::sample::Sample;
use std::sync::Arc;

/// Elements from which the values themselves are counted.
const COUNTED: f64 = 2048.0;

/// A value, how often it comes, how often it should, and the chance of that.
pub(super) type Frequency = (f64, u64, f64, f64);

/// The bins of a stretch in ascending order of what they stand for, with what is expected of them.
pub(super) struct Spectrum<'a> {
    /// Those that are not empty: the place of the cell, and its elements.
    filled: Vec<(usize, u64)>,
    expectation: &'a Expectation,
    is_coarse: bool,
    cells: Arc<Vec<Cell>>,
}

/// Chance that a generator of 24-bit words may heap on one number: a normal whose radius is 0, a uniform's own lattice.
const GRAIN: f64 = 1.0 / 4_194_304.0;

impl<'a> Spectrum<'a> {
    pub(super) fn new(sample: &Sample, expectation: &'a Expectation) -> Self {
        let cells = cells(sample.element);
        // The cell of 0 is in the middle.
        let (zero, half) = (cells.len() / 2, sample.element.bins() / 2);
        let (positive, negative) =
            sample.filled.split_at(sample.filled.partition_point(|(bin, _)| (*bin as usize) < half));
        let below = negative.iter().rev().map(|(bin, count)| (zero - (*bin as usize - half), *count));
        let above = positive.iter().map(|(bin, count)| (zero + *bin as usize, *count));
        let mut filled: Vec<(usize, u64)> = below.chain(above).collect();
        // −0 is counted with 0.
        filled.dedup_by(|second, first| {
            let is_same = second.0 == first.0;
            first.1 += if is_same { second.1 } else { 0 };
            is_same
        });
        Self { filled, expectation, is_coarse: sample.element.is_coarse(), cells }
    }

    /// The chances of what lies below a cell and below its upper end.
    fn ends(&self, at: usize) -> [f64; 2] {
        let below = &self.expectation.below;
        [if at == 0 { 0.0 } else { below[at - 1] }, below[at]]
    }

    /// At the ends of the cells: in between the law of rounded values is not known.
    pub(super) fn distance(&self, n: f64) -> f64 {
        let (mut sum, mut distance) = (0u64, 0f64);
        for (at, count) in &self.filled {
            let [from, to] = self.ends(*at);
            // Nothing lies between this cell and the one before.
            distance = distance.max((sum as f64 / n - from).abs());
            sum += count;
            distance = distance.max((sum as f64 / n - to).abs());
        }
        distance
    }

    /// Chance that rounding at the bounds of a law may move: that of the cells which the bounds lie in. What is rounded to a bound, or
    /// beyond it, becomes the number before it here and the other bound in PyTorch.
    pub(super) fn slack(&self, law: &Law) -> f64 {
        let bounds = law.support().into_iter().filter(|bound| self.is_coarse && bound.is_finite());
        let chance = |bound: f64| {
            let at = self.cells.partition_point(|cell| cell.upper < bound);
            let [from, to] = self.ends(at.min(self.cells.len() - 1));
            to - from
        };
        bounds.map(chance).sum()
    }

    /// The largest part that one bin has.
    pub(super) fn largest(&self, n: f64) -> f64 {
        self.filled.iter().map(|(_, count)| *count).max().unwrap_or(0) as f64 / n
    }

    /// The chance that two elements are in one bin.
    pub(super) fn collision(&self, n: f64) -> f64 {
        self.filled.iter().map(|(_, count)| (*count as f64 / n).powi(2)).sum::<f64>().min(1.0)
    }

    /// Whether a cell lies so near a bound, or so far out, that rounding decides.
    fn is_at_bound(&self, at: usize) -> bool {
        let [from, to] = self.ends(at);
        let chance = to - from;
        to > 1.0 - 2.0 * chance || from < 2.0 * chance
    }

    /// Empty bins that should not be empty.
    pub(super) fn vacancies(&self, n: f64) -> Option<(u64, f64)> {
        if n < COUNTED {
            return None;
        }
        let (mut empty, mut expected) = (0u64, 0.0);
        let likely = self.expectation.likely.iter().take_while(|(chance, _)| chance * n >= 8.0);
        for (chance, at) in likely.filter(|(_, at)| !self.is_at_bound(*at)) {
            empty += u64::from(self.filled.binary_search_by_key(at, |(at, _)| *at).is_err());
            expected += (-chance * n).exp();
        }
        Some((empty, poisson_at_least(empty as f64, expected)))
    }

    /// The bin whose count fits least; of bins that should not be empty and are, [`vacancies`](Self::vacancies) knows.
    pub(super) fn frequencies(&self, n: f64, is_on_lattice: bool, law: &Law) -> Option<Option<Frequency>> {
        if n < COUNTED || is_on_lattice || law.has_atom() {
            return None;
        }
        let mut worst: Option<Frequency> = None;
        for (at, count) in &self.filled {
            let [from, to] = self.ends(*at);
            let expected = (to - from) * n;
            let off = (*count as f64 - expected).abs();
            // Among so many bins a smaller difference counts for nothing.
            if off < 5.0 * expected.sqrt() + 1.0 || (self.is_coarse && self.is_at_bound(*at)) {
                continue;
            }
            let p = if (*count as f64) < expected {
                poisson_at_most(*count as f64, expected)
            } else {
                let grain = GRAIN * n;
                let plain = poisson_at_least(*count as f64, expected + grain);
                // Such grains come two at a time.
                let paired = |count: u64| poisson_at_least((count as f64 / 2.0).ceil(), expected / 2.0 + grain);
                if grain < 0.01 * expected { plain } else { plain.max(paired(*count)) }
            };
            if worst.is_none_or(|(.., least)| p < least) {
                worst = Some((self.cells[*at].value, *count, expected, p));
            }
        }
        let bins = self.expectation.possible as f64;
        Some(worst.map(|(value, count, expected, p)| (value, count, expected, any_of(p, 2.0 * bins))))
    }
}
