//! Statistical checks. Each gives p-values; a [`Battery`] judges them together, at a level that the caller states.
//!
//! Seeds are fixed, so a battery holds always or never. Expectations come from closed forms, `libm`, `statrs` and `half`,
//! not from the code under test.

use super::law::density;
pub(crate) use super::law::{Law, upper_tail};
pub(crate) use super::sample::Sample;
use super::sample::two_sided;
use statrs::distribution::{DiscreteCDF, Poisson};
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

    /// Names and p-values; NaN counts as 0.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, p)| (name.as_str(), if p.is_nan() { 0.0 } else { *p }))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those below a limit, NaN among them.
    pub(crate) fn below(&self, limit: f64) -> Vec<&(String, f64)> {
        self.0.iter().filter(|(_, p)| p.is_nan() || *p < limit).collect()
    }

    /// Fails if a p-value is below `alpha` over the number of p-values (Bonferroni): a right generator fails with a
    /// probability of at most `alpha`.
    pub(crate) fn verdict(&self, alpha: f64) -> Result<(), String> {
        if self.0.is_empty() {
            return Err("nothing was checked".into());
        }
        let limit = alpha / self.0.len() as f64;
        report(format!("{} p-values, the least {:.2e}, the limit {limit:.2e}", self.0.len(), self.least()));
        let low = self.below(limit);
        let worst = low.iter().take(8).map(|(name, p)| format!("\n  {name}: p = {p:.2e}")).collect::<String>();
        if low.is_empty() { Ok(()) } else { Err(format!("{} p-values below {limit:.2e}:{worst}", low.len())) }
    }
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
