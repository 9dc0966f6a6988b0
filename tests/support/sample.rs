//! A sample against its law: Kolmogorov–Smirnov, chi-square, moments.

use super::checks::{Battery, normal_p};
use super::law::{Law, Stored, nearest, next_up};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::fmt::Display;
use wgpu_init::DType;

/// A sorted sample that claims to follow a stored law.
#[derive(Debug)]
pub(crate) struct Sample {
    stored: Stored,
    sorted: Vec<f64>,
}

impl Sample {
    pub(crate) fn new(law: Law, dtype: DType, mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self { stored: Stored::new(law, dtype), sorted: values }
    }

    /// The least and the greatest value.
    pub(crate) fn extremes(&self) -> [f64; 2] {
        [self.sorted[0], self.sorted[self.sorted.len() - 1]]
    }

    /// Whether no value lies outside the numbers that the dtype has inside the bounds.
    pub(crate) fn within_bounds(&self) -> Result<(), String> {
        let ([least, greatest], stored) = (self.extremes(), &self.stored);
        let inside = stored.least <= least && greatest <= stored.greatest;
        if inside { Ok(()) } else { Err(format!("[{least}, {greatest}] is not inside {stored:?}")) }
    }

    /// Whether the extremes are the very numbers that the dtype has next to the bounds.
    pub(crate) fn is_tight(&self) -> bool {
        self.extremes() == [self.stored.least, self.stored.greatest]
    }

    /// All the checks of the law.
    pub(crate) fn battery(&self, name: impl Display) -> Battery {
        let mut battery = Battery::default();
        battery.note(format!("{name}: Kolmogorov-Smirnov"), self.kolmogorov_smirnov());
        battery.note(format!("{name}: chi-square"), self.chi_square(256));
        for (k, p) in self.moments().into_iter().enumerate() {
            battery.note(format!("{name}: moment {}", k + 1), p);
        }
        battery
    }

    /// The greatest distance of the two distribution functions, both sides of every jump. For a law with jumps the p-value
    /// errs to the safe side: it is too large.
    pub(crate) fn kolmogorov_smirnov(&self) -> f64 {
        let n = self.sorted.len() as f64;
        let (mut below, mut distance) = (0, 0f64);
        for run in self.sorted.chunk_by(|a, b| a == b) {
            let y = run[0];
            distance = distance.max((below as f64 / n - self.stored.cdf(-next_up(self.stored.dtype, -y))).abs());
            below += run.len();
            distance = distance.max((below as f64 / n - self.stored.cdf(y)).abs());
        }
        kolmogorov(distance, n)
    }

    /// Bins of nearly equal probability, cut at representable numbers. Two-sided: too even is wrong as well.
    pub(crate) fn chi_square(&self, bins: u32) -> f64 {
        let n = self.sorted.len() as f64;
        // Up to each edge: the law's probability, and the share of the sample.
        let mut cuts = vec![(0.0, 0)];
        for i in 1..bins {
            let edge = nearest(self.stored.dtype, self.stored.law.quantile(f64::from(i) / f64::from(bins)));
            let (below, through) = (cuts[cuts.len() - 1].0, self.stored.cdf(edge));
            // Coarse formats put several edges on one number: those bins become one.
            if n * (through - below) >= 16.0 && n * (1.0 - through) >= 16.0 {
                cuts.push((through, self.sorted.partition_point(|value| *value <= edge)));
            }
        }
        cuts.push((1.0, self.sorted.len()));
        let mut sum = 0.0;
        for cut in cuts.windows(2) {
            let (expected, observed) = (n * (cut[1].0 - cut[0].0), (cut[1].1 - cut[0].1) as f64);
            sum += (observed - expected) * (observed - expected) / expected;
        }
        chi_square_p(sum, cuts.len() - 2)
    }

    /// p-values of the first four powers of the standardised value, with the law's own standard errors.
    pub(crate) fn moments(&self) -> [f64; 4] {
        let (mean, std, moments) = self.stored.moments();
        let mut sums = [0.0; 4];
        for value in &self.sorted {
            let unit = (value - mean) / std;
            let mut power = unit;
            for sum in &mut sums {
                *sum += power;
                power *= unit;
            }
        }
        let n = self.sorted.len() as f64;
        core::array::from_fn(|i| {
            let (expected, squares) = (moments[i + 1], moments[2 * i + 2]);
            normal_p((sums[i] / n - expected) / ((squares - expected * expected) / n).sqrt())
        })
    }
}

/// The p-value of a distance between the distribution function of `n` numbers and their law's.
pub(crate) fn kolmogorov(distance: f64, n: f64) -> f64 {
    kolmogorov_tail(distance * (n.sqrt() + 0.12 + 0.11 / n.sqrt()))
}

/// P(K > x) of the Kolmogorov distribution.
fn kolmogorov_tail(x: f64) -> f64 {
    if x < 0.2 {
        return 1.0; // The series converges slowly where the tail is 1.
    }
    let sum: f64 =
        (1..100).map(|k| (if k % 2 == 1 { 2.0 } else { -2.0 }) * (-2.0 * f64::from(k * k) * x * x).exp()).sum();
    sum.clamp(0.0, 1.0)
}

pub(super) fn two_sided(below: f64, above: f64) -> f64 {
    (2.0 * below.min(above)).min(1.0)
}

pub(super) fn chi_square_p(sum: f64, freedom: usize) -> f64 {
    let law = ChiSquared::new(freedom as f64).expect("two bins at least");
    two_sided(law.cdf(sum), law.sf(sum))
}

/// [`chi_square_p`] for any number of bins: with many, by the cube root, which is nearly normal (Wilson and Hilferty, 1931).
pub(crate) fn chi_square(sum: f64, freedom: usize) -> f64 {
    if freedom < 500 {
        return chi_square_p(sum, freedom);
    }
    let part = 2.0 / (9.0 * freedom as f64);
    normal_p(((sum / freedom as f64).cbrt() - (1.0 - part)) / part.sqrt())
}
