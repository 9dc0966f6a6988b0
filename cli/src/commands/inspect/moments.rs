//! What is said of the values of a tensor.

/// Running count, extremes, mean and variance (Welford 1962).
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    pub(super) count: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) mean: f64,
    squares: f64,
    pub(super) non_finite: u64,
}

impl Default for Moments {
    fn default() -> Self {
        Self { count: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, mean: 0.0, squares: 0.0, non_finite: 0 }
    }
}

impl Moments {
    pub(super) fn add(&mut self, value: f64) {
        if !value.is_finite() {
            self.non_finite += 1;
            return;
        }
        self.count += 1.0;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    /// Standard deviation of the tensor itself (divided by n).
    pub(super) fn std(&self) -> f64 {
        (self.squares / self.count).sqrt()
    }

    /// The root of the sum of all squares.
    pub(super) fn norm(&self) -> f64 {
        (self.squares + self.count * self.mean * self.mean).sqrt()
    }
}

/// How many values lie in each of equal stretches of a range.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    pub(super) counts: Vec<u64>,
    min: f64,
    scale: f64,
}

impl Histogram {
    /// An empty one.
    pub(super) fn new(bins: usize, min: f64, max: f64) -> Self {
        Self { counts: vec![0; bins], min, scale: bins as f64 / (max - min) }
    }

    /// Counts a finite value; one on the upper end is in the last stretch.
    pub(super) fn add(&mut self, value: f64) {
        if value.is_finite() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a saturating cast; NaN, of a range without a width, gives bin 0"
            )]
            let bin = ((value - self.min) * self.scale) as usize;
            let last = self.counts.len() - 1;
            self.counts[bin.min(last)] += 1;
        }
    }

    /// A block of a height for each stretch; one that is not empty shows.
    pub(super) fn bars(&self) -> String {
        const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1);
        self.counts.iter().map(|count| BARS[usize::try_from((count * 8).div_ceil(most)).unwrap_or(8)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_norm() {
        let mut moments = Moments::default();
        [3.0, -4.0, f64::NAN, f64::INFINITY, 4.0].into_iter().for_each(|value| moments.add(value));
        assert_eq!((moments.count, moments.min, moments.max, moments.non_finite), (3.0, -4.0, 4.0, 2));
        assert!((moments.norm() - 41f64.sqrt()).abs() < 1e-12 && (moments.mean - 1.0).abs() < 1e-12);
        assert!((moments.std() - (38f64 / 3.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn every_finite_value_is_in_one_bin() {
        let mut histogram = Histogram::new(4, 0.0, 1.0);
        [0.0, 0.1, 0.3, 1.0, f64::NAN].into_iter().for_each(|value| histogram.add(value));
        assert_eq!(histogram.counts, [2, 1, 0, 1]);
        assert_eq!(histogram.bars(), "█▄ ▄");
        let mut flat = Histogram::new(3, 2.0, 2.0);
        flat.add(2.0);
        assert_eq!(flat.counts.iter().sum::<u64>(), 1);
    }
}
