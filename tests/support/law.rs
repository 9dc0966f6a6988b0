//! The laws that samples are compared with, exact and after rounding to a dtype.

use super::expression::parts;
use half::{bf16, f16};
use statrs::distribution::{ContinuousCDF, Normal};
use std::cmp::Ordering;
use wgpu_init::{DType, Initializer};

/// A continuous law: uniform, or a normal inside a window. An unbounded normal has a window of ±40 standard deviations,
/// outside of which f64 knows no probability.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Law {
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, std: f64, low: f64, high: f64 },
}

impl Law {
    pub(crate) fn of(initializer: Initializer) -> Self {
        let (name, numbers) = parts(initializer);
        match (&*name, &numbers[..]) {
            ("uniform", &[low, high]) => Self::Uniform { low, high },
            ("normal", &[mean, std]) => Self::Normal { mean, std, low: mean - 40.0 * std, high: mean + 40.0 * std },
            ("trunc_normal", &[mean, std, low, high]) => {
                let (low, high) = (low.max(mean - 40.0 * std), high.min(mean + 40.0 * std));
                Self::Normal { mean, std, low, high }
            }
            _ => panic!("{initializer} has no density"),
        }
    }

    const fn bounds(&self) -> (f64, f64) {
        match *self {
            Self::Uniform { low, high } | Self::Normal { low, high, .. } => (low, high),
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        let (low, high) = self.bounds();
        let x = x.clamp(low, high);
        match *self {
            Self::Uniform { .. } => (x - low) / (high - low),
            Self::Normal { mean, std, .. } => {
                let unit = |x: f64| (x - mean) / std;
                mass(unit(low), unit(x)) / mass(unit(low), unit(high))
            }
        }
    }

    /// Good enough for the edges of bins, whose probabilities [`cdf`](Self::cdf) gives.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        let (low, high) = self.bounds();
        match *self {
            Self::Uniform { .. } => low + p * (high - low),
            Self::Normal { mean, std, .. } => {
                let normal = Normal::new(mean, std).expect("a positive std");
                let (below, through) = (normal.cdf(low), normal.cdf(high));
                normal.inverse_cdf(below + p * (through - below)).clamp(low, high)
            }
        }
    }

    /// Centre and unit of a variable t = (x − centre) / unit, and E[t^k] for k = 0..=8.
    fn raw_moments(&self) -> (f64, f64, [f64; 9]) {
        let mut raw = [1.0; 9];
        match *self {
            Self::Uniform { low, high } => {
                for (k, moment) in raw.iter_mut().enumerate() {
                    *moment = if k % 2 == 0 { 1.0 / (k as f64 + 1.0) } else { 0.0 };
                }
                (low.midpoint(high), (high - low) / 2.0, raw)
            }
            Self::Normal { mean, std, low, high } => {
                let (a, b) = ((low - mean) / std, (high - mean) / std);
                let mass = mass(a, b);
                // Integration by parts: E[t^k] = (k − 1) E[t^(k−2)] − [t^(k−1) φ(t)] between a and b, over the mass.
                let edge = |k: i32| (b.powi(k) * density(b) - a.powi(k) * density(a)) / mass;
                raw[1] = -edge(0);
                for (k, power) in (2..9).zip(1..) {
                    raw[k] = (k as f64 - 1.0) * raw[k - 2] - edge(power);
                }
                (mean, std, raw)
            }
        }
    }

    /// Mean, standard deviation, and E[((x − mean) / std)^k] for k = 0..=8.
    pub(crate) fn moments(&self) -> (f64, f64, [f64; 9]) {
        let (centre, unit, raw) = self.raw_moments();
        let std = (raw[2] - raw[1] * raw[1]).sqrt();
        let power = |x: f64, k: usize| x.powi(i32::try_from(k).expect("at most 8"));
        // (t − E[t])^k by the binomial theorem.
        let standardised = core::array::from_fn(|k| {
            let (mut sum, mut binomial) = (0.0, 1.0);
            for j in (0..=k).rev() {
                sum += binomial * raw[j] * power(-raw[1], k - j);
                binomial *= j as f64 / (k - j + 1) as f64;
            }
            sum / power(std, k)
        });
        (centre + unit * raw[1], unit * std, standardised)
    }
}

pub(super) fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
}

/// The probability that a standard normal exceeds `z`.
pub(crate) fn upper_tail(z: f64) -> f64 {
    libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}

/// The probability of [a, b], without cancellation in the tails.
pub(super) fn mass(a: f64, b: f64) -> f64 {
    if a > 0.0 { upper_tail(a) - upper_tail(b) } else { upper_tail(-b) - upper_tail(-a) }
}

/// The law of the *stored* numbers: rounded to the nearest of the dtype, then kept inside the bounds. Its distribution
/// function jumps at representable numbers, so coarse formats are judged as exactly as fine ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    pub(super) law: Law,
    pub(super) dtype: DType,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

impl Stored {
    pub(crate) fn new(law: Law, dtype: DType) -> Self {
        let (low, high) = law.bounds();
        let mut least = nearest(dtype, low);
        if least < low {
            least = next_up(dtype, least);
        }
        let exclusive = matches!(law, Law::Uniform { .. });
        let mut greatest = nearest(dtype, high);
        while greatest > high || (exclusive && greatest == high) {
            greatest = -next_up(dtype, -greatest);
        }
        Self { law, dtype, least, greatest }
    }

    /// P(stored value ≤ y), for a representable y.
    pub(crate) fn cdf(&self, y: f64) -> f64 {
        if y < self.least {
            0.0
        } else if y >= self.greatest {
            1.0
        } else {
            self.law.cdf(y.midpoint(next_up(self.dtype, y)))
        }
    }

    /// As [`Law::moments`], still standardised by the law's mean and deviation, but with the rounding of smaller dtypes.
    pub(super) fn moments(&self) -> (f64, f64, [f64; 9]) {
        let (mean, std, exact) = self.law.moments();
        if self.dtype == DType::F32 {
            return (mean, std, exact);
        }
        let (mut moments, mut y, mut below) = ([0.0; 9], self.least, 0.0);
        while y <= self.greatest {
            let through = self.cdf(y);
            let mut term = through - below;
            for moment in &mut moments {
                *moment += term;
                term *= (y - mean) / std;
            }
            (below, y) = (through, next_up(self.dtype, y));
        }
        (mean, std, moments)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounding is what it is for")]
pub(super) fn nearest(dtype: DType, x: f64) -> f64 {
    match dtype {
        DType::F32 => f64::from(x as f32),
        DType::F16 => f16::from_f64(x).to_f64(),
        DType::Bf16 => bf16::from_f64(x).to_f64(),
        DType::F8E4M3Fn | DType::F8E5M2 => {
            let numbers = numbers_of_8_bits(dtype);
            let above = numbers.partition_point(|(number, _)| *number < x).min(numbers.len() - 1);
            let [below, above] = [above.saturating_sub(1), above].map(|at| numbers[at]);
            match (x - below.0).total_cmp(&(above.0 - x)) {
                Ordering::Less => below.0,
                Ordering::Equal if below.1 % 2 == 0 => below.0,
                // What is beyond the greatest is nearest to it.
                _ => above.0,
            }
        }
        other => panic!("{other} is not known here"),
    }
}

/// The finite numbers of a dtype of 8 bits in order, with their bits, and one zero.
fn numbers_of_8_bits(dtype: DType) -> Vec<(f64, u32)> {
    let all = (0..=0xFF).filter(|bits| *bits != 0x80).map(|bits| (dtype.decode(bits), bits));
    let mut numbers: Vec<(f64, u32)> = all.filter(|(number, _)| number.is_finite()).collect();
    numbers.sort_by(|a, b| a.0.total_cmp(&b.0));
    numbers
}

/// The representable number after a representable one.
#[expect(clippy::cast_possible_truncation, reason = "exact: x is representable")]
pub(super) fn next_up(dtype: DType, x: f64) -> f64 {
    let step = |bits: u16| match bits {
        0x8000 => 1,
        negative if negative > 0x8000 => negative - 1,
        positive => positive + 1,
    };
    match dtype {
        DType::F32 => f64::from((x as f32).next_up()),
        DType::F16 => f16::from_bits(step(f16::from_f64(x).to_bits())).to_f64(),
        DType::Bf16 => bf16::from_bits(step(bf16::from_f64(x).to_bits())).to_f64(),
        DType::F8E4M3Fn | DType::F8E5M2 => {
            let numbers = numbers_of_8_bits(dtype);
            numbers.into_iter().map(|(number, _)| number).find(|number| *number > x).unwrap_or(f64::INFINITY)
        }
        other => panic!("{other} is not known here"),
    }
}
