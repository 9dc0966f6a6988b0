//! Statistical checks. Each gives p-values; a [`Battery`] judges them together, at a level that the caller states.
//!
//! Seeds are fixed, so a battery holds always or never. Expectations come from closed forms, `libm`, `statrs` and `half`,
//! not from the code under test.

use half::{bf16, f16};
use statrs::distribution::{ChiSquared, ContinuousCDF, DiscreteCDF, Normal, Poisson};
use std::fmt::Display;
use wgpu_init::{DType, Initializer};

/// A number of a passing run, for `--nocapture`.
#[expect(clippy::print_stdout, reason = "cargo shows it when asked, and when a test fails")]
pub(crate) fn report(text: impl Display) {
    println!("{text}");
}

/// Panics with the report of a check that failed.
pub(crate) fn holds(result: Result<(), String>) {
    result.unwrap_or_else(|report| panic!("{report}"));
}

/// Named p-values, judged together.
#[derive(Debug, Default)]
pub(crate) struct Battery(Vec<(String, f64)>);

impl Battery {
    pub(crate) fn note(&mut self, name: impl Display, p: f64) {
        self.0.push((name.to_string(), p));
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The least p-value; NaN counts as 0.
    pub(crate) fn least(&self) -> f64 {
        self.0.iter().map(|(_, p)| if p.is_nan() { 0.0 } else { *p }).fold(1.0, f64::min)
    }

    /// Fails if a p-value is below `alpha` over the number of p-values (Bonferroni): a right generator fails with a
    /// probability of at most `alpha`.
    pub(crate) fn verdict(&self, alpha: f64) -> Result<(), String> {
        if self.0.is_empty() {
            return Err("nothing was checked".into());
        }
        let limit = alpha / self.0.len() as f64;
        report(format!("{} p-values, the least {:.2e}, the limit {limit:.2e}", self.0.len(), self.least()));
        let low: Vec<_> = self.0.iter().filter(|(_, p)| p.is_nan() || *p < limit).collect();
        let worst = low.iter().take(8).map(|(name, p)| format!("\n  {name}: p = {p:.2e}")).collect::<String>();
        if low.is_empty() { Ok(()) } else { Err(format!("{} p-values below {limit:.2e}:{worst}", low.len())) }
    }
}

/// A continuous law: uniform, or a normal inside a window. An unbounded normal has a window of ±40 standard deviations,
/// outside of which f64 knows no probability.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Law {
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, std: f64, low: f64, high: f64 },
}

impl Law {
    pub(crate) fn of(initializer: Initializer) -> Self {
        match initializer {
            Initializer::Uniform { low, high } => Self::Uniform { low, high },
            Initializer::Normal { mean, std } => {
                Self::Normal { mean, std, low: mean - 40.0 * std, high: mean + 40.0 * std }
            }
            Initializer::TruncatedNormal { mean, std, low, high } => {
                let (low, high) = (low.max(mean - 40.0 * std), high.min(mean + 40.0 * std));
                Self::Normal { mean, std, low, high }
            }
            other => panic!("{other} has no density"),
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
    fn quantile(&self, p: f64) -> f64 {
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

fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
}

/// The probability that a standard normal exceeds `z`.
pub(crate) fn upper_tail(z: f64) -> f64 {
    libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}

/// The probability of [a, b], without cancellation in the tails.
fn mass(a: f64, b: f64) -> f64 {
    if a > 0.0 { upper_tail(a) - upper_tail(b) } else { upper_tail(-b) - upper_tail(-a) }
}

/// The law of the *stored* numbers: rounded to the nearest of the dtype, then kept inside the bounds. Its distribution
/// function jumps at representable numbers, so coarse formats are judged as exactly as fine ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    law: Law,
    dtype: DType,
    least: f64,
    greatest: f64,
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
    fn cdf(&self, y: f64) -> f64 {
        if y < self.least {
            0.0
        } else if y >= self.greatest {
            1.0
        } else {
            self.law.cdf(y.midpoint(next_up(self.dtype, y)))
        }
    }

    /// As [`Law::moments`], still standardised by the law's mean and deviation, but with the rounding of 16-bit dtypes.
    fn moments(&self) -> (f64, f64, [f64; 9]) {
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
fn nearest(dtype: DType, x: f64) -> f64 {
    match dtype {
        DType::F32 => f64::from(x as f32),
        DType::F16 => f16::from_f64(x).to_f64(),
        DType::Bf16 => bf16::from_f64(x).to_f64(),
    }
}

/// The representable number after a representable one.
#[expect(clippy::cast_possible_truncation, reason = "exact: x is representable")]
fn next_up(dtype: DType, x: f64) -> f64 {
    let step = |bits: u16| match bits {
        0x8000 => 1,
        negative if negative > 0x8000 => negative - 1,
        positive => positive + 1,
    };
    match dtype {
        DType::F32 => f64::from((x as f32).next_up()),
        DType::F16 => f16::from_bits(step(f16::from_f64(x).to_bits())).to_f64(),
        DType::Bf16 => bf16::from_bits(step(bf16::from_f64(x).to_bits())).to_f64(),
    }
}

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
        kolmogorov_tail(distance * (n.sqrt() + 0.12 + 0.11 / n.sqrt()))
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

/// P(K > x) of the Kolmogorov distribution.
fn kolmogorov_tail(x: f64) -> f64 {
    if x < 0.2 {
        return 1.0; // The series converges slowly where the tail is 1.
    }
    let sum: f64 =
        (1..100).map(|k| (if k % 2 == 1 { 2.0 } else { -2.0 }) * (-2.0 * f64::from(k * k) * x * x).exp()).sum();
    sum.clamp(0.0, 1.0)
}

fn two_sided(below: f64, above: f64) -> f64 {
    (2.0 * below.min(above)).min(1.0)
}

fn chi_square_p(sum: f64, freedom: usize) -> f64 {
    let law = ChiSquared::new(freedom as f64).expect("two bins at least");
    two_sided(law.cdf(sum), law.sf(sum))
}

/// Two-sided p-value of a standard normal.
pub(crate) fn normal_p(z: f64) -> f64 {
    2.0 * upper_tail(z.abs())
}

/// Of `n` draws `observed` fell on `words` of the 2^32 lattice points: the exact probability, in the Poisson limit.
pub(crate) fn tail_count_p(observed: u64, n: u64, words: u64) -> f64 {
    let law = Poisson::new(n as f64 * words as f64 / 2f64.powi(32)).expect("a positive expectation");
    let at_least = if observed == 0 { 1.0 } else { law.sf(observed - 1) };
    two_sided(law.cdf(observed), at_least)
}

/// How many words the monotone `unit` maps to `z` or more.
pub(crate) fn words_from(unit: impl Fn(u32) -> u32, z: f64) -> u64 {
    let (mut low, mut high) = (0u64, 1u64 << 32);
    while low < high {
        let middle = low.midpoint(high);
        let word = u32::try_from(middle).expect("below 2^32");
        if f64::from(f32::from_bits(unit(word))) < z { low = middle + 1 } else { high = middle }
    }
    (1 << 32) - low
}

/// Two samples of standard normals that claim to be independent: their values, and their squares, which see what the sign
/// hides.
pub(crate) fn uncorrelated(name: impl Display, a: &[f64], b: &[f64]) -> Battery {
    let (mut values, mut squares) = (0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        values += a * b;
        squares += (a * a - 1.0) * (b * b - 1.0) / 2.0;
    }
    let scale = (a.len().min(b.len()) as f64).sqrt();
    let mut battery = Battery::default();
    battery.note(format!("{name}: values"), normal_p(values / scale));
    battery.note(format!("{name}: squares"), normal_p(squares / scale));
    battery
}

/// Every bit of the words is one half of the time.
pub(crate) fn balanced(name: impl Display, words: impl Iterator<Item = u32>) -> Battery {
    let (mut n, mut ones) = (0u32, [0u32; 32]);
    for word in words {
        n += 1;
        for (bit, ones) in ones.iter_mut().enumerate() {
            *ones += (word >> bit) & 1;
        }
    }
    let mut battery = Battery::default();
    for (bit, ones) in ones.into_iter().enumerate() {
        let z = (f64::from(ones) - f64::from(n) / 2.0) / (f64::from(n) / 4.0).sqrt();
        battery.note(format!("{name}: bit {bit}"), normal_p(z));
    }
    battery
}

/// Neighbours in one sequence of standard normals, at distances inside a block of four, at its next, and beyond.
pub(crate) fn neighbours(name: impl Display, values: &[f64]) -> Battery {
    let mut battery = Battery::default();
    for lag in 1..=8 {
        battery.append(uncorrelated(format!("{name}: lag {lag}"), &values[..values.len() - lag], &values[lag..]));
    }
    battery
}

/// What gives the word of (seed, stream, index).
pub(crate) type Source<'a> = &'a dyn Fn(u64, u64, u64) -> u32;

/// Two sequences of words: the bits of their difference, and the correlation of their normals.
fn independent(name: impl Display, a: &[u32], b: &[u32]) -> Battery {
    let mut battery = balanced(&name, a.iter().zip(b).map(|(a, b)| a ^ b));
    battery.append(uncorrelated(&name, &normals(a), &normals(b)));
    battery
}

/// The standard normals of words.
pub(crate) fn normals(words: &[u32]) -> Vec<f64> {
    words.iter().map(|word| f64::from(f32::from_bits(wgpu_init::value::normal::normal_unit(*word)))).collect()
}

/// The first words of a tensor.
pub(crate) fn words(source: Source<'_>, seed: u64, stream: u64, count: u64) -> Vec<u32> {
    (0..count).map(|index| source(seed, stream, index)).collect()
}

/// One tensor by itself: balance of bits, neighbours, and the law of the normals.
pub(crate) fn one_tensor(source: Source<'_>, count: u64) -> Battery {
    let words = words(source, 42, 7, count);
    let mut battery = balanced("words", words.iter().copied());
    for lag in [1, 2, 3, 4, 8] {
        battery.append(balanced(format!("words, lag {lag}"), words.iter().zip(&words[lag..]).map(|(a, b)| a ^ b)));
    }
    let values = normals(&words);
    battery.append(neighbours("normals", &values));
    battery.append(Sample::new(Law::of(Initializer::normal(0.0, 1.0)), DType::F32, values).battery("normals"));
    battery
}

/// Tensors of one seed whose streams differ by little.
pub(crate) fn across_streams(source: Source<'_>, count: u64) -> Battery {
    let name = |text| wgpu_init::Stream::from_name(text).get();
    let mut pairs = vec![(7, 8), (name("h.0.w"), name("h.1.w")), (name("w"), name("b"))];
    pairs.extend([0, 15, 31, 32, 63].map(|bit| (name("h.0.w"), name("h.0.w") ^ 1 << bit)));
    across(pairs, "stream", |stream| words(source, 42, stream, count))
}

/// The same tensor under seeds that differ by little.
pub(crate) fn across_seeds(source: Source<'_>, count: u64) -> Battery {
    let seed = 0x0123_4567_89ab_cdef_u64;
    let mut pairs = vec![(42, 43), (0, u64::MAX), (seed, seed.rotate_left(32))];
    pairs.extend([0, 15, 31, 32, 63].map(|bit| (seed, seed ^ 1 << bit)));
    across(pairs, "seed", |seed| words(source, seed, 7, count))
}

fn across(pairs: Vec<(u64, u64)>, what: &str, words: impl Fn(u64) -> Vec<u32>) -> Battery {
    let mut battery = Battery::default();
    for (a, b) in pairs {
        battery.append(independent(format!("{what} {a:#x} and {b:#x}"), &words(a), &words(b)));
    }
    battery
}

/// All 2^24 uniform units: odd under complement, never 0, so of mean exactly 0; variance that of the odd multiples.
pub(crate) fn uniform_lattice(unit: impl Fn(u32) -> i32) -> Result<(), String> {
    let (mut sum, mut squares) = (0i64, 0u128);
    for top in 0..1u32 << 24 {
        let word = top << 8;
        let k = unit(word);
        if k == 0 || unit(!word) != -k {
            return Err(format!("word {word:#010x}: {k}, its complement: {}", unit(!word)));
        }
        sum += i64::from(k);
        squares += u128::from(k.unsigned_abs()).pow(2);
    }
    // The odd numbers below 2^24, of either sign: squares sum to 2^24 (2^48 − 1) / 3.
    let expected = (1u128 << 24) * ((1 << 48) - 1) / 3;
    if sum == 0 && squares == expected { Ok(()) } else { Err(format!("sum {sum}, squares {squares}")) }
}

/// The normal over the lattice: one word of every 2^8 and each of the outermost 2^16. Odd under complement, so of mean exactly
/// 0; second and fourth moment those of the law; tails of the right number of words.
pub(crate) fn normal_lattice(unit: impl Fn(u32) -> u32) -> Result<(), String> {
    let (mut second, mut fourth) = (0.0, 0.0);
    let mut add = |word: u32, weight: f64| {
        let bits = unit(word);
        if unit(!word) != bits ^ 0x8000_0000 {
            return Err(format!("word {word:#010x}: not the negative of its complement's"));
        }
        let square = f64::from(f32::from_bits(bits)).powi(2);
        second += weight * square;
        fourth += weight * square * square;
        Ok(())
    };
    // The upper half only: the lower has the same squares.
    for stratum in 1u32 << 23..(1 << 24) - (1 << 8) {
        add(stratum << 8 | 0x80, 256.0)?;
    }
    for word in 0xFFFF_0000..=u32::MAX {
        add(word, 1.0)?;
    }
    let half = 2f64.powi(31);
    let (second, fourth) = (second / half - 1.0, fourth / half - 3.0);
    report(format!("second moment 1 {second:+.2e}, fourth moment 3 {fourth:+.2e}"));
    if second.abs() > 1e-7 || fourth.abs() > 1e-6 {
        return Err(format!("second moment off by {second:.2e}, fourth by {fourth:.2e}"));
    }
    for z in [0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0] {
        let (words, expected) = (words_from(&unit, z), upper_tail(z) * 2f64.powi(32));
        // The words whose exact value lies within one unit in the last place of `z`, and one for the lattice.
        let slack = 1.0 + 2f64.powi(32) * density(z) * z * 2f64.powi(-22);
        if (words as f64 - expected).abs() > slack {
            return Err(format!("{words} words from {z} on, expected {expected:.2} ± {slack:.2}"));
        }
    }
    Ok(())
}
