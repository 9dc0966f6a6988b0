//! One number at a time: f32 normals against their law, and every value of 16 bits.

use crate::support::checks::{Battery, Law, tail_count_p, words_from};
use crate::support::constants::constants;
use crate::support::expression::parts;
use crate::support::law::Stored;
use crate::support::sample::{chi_square, kolmogorov};
use crate::table::{Level, Row};
use rayon::prelude::*;
use wgpu_init::value::normal::normal_unit;
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape, Stream};

/// Elements drawn at a time.
const PART: usize = 1 << 22;

/// The part of an f32 that bins are told by: sign, exponent and 11 bits, in the order of the numbers.
const BINS: usize = 1 << 20;

fn bin(bits: u32) -> usize {
    let ordered = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
    (ordered >> 12) as usize
}

/// What is expected of a bin at least: with less, the lattice of words would show in windows far out.
const LEAST: f64 = 256.0;

/// The greatest number of a bin.
fn upper(bin: usize) -> f64 {
    let ordered = (u32::try_from(bin).expect("below 2^20") << 12) | 0xFFF;
    f64::from(f32::from_bits(if ordered >> 31 == 1 { ordered ^ 1 << 31 } else { !ordered }))
}

/// How often each bin of the elements' bits came.
fn histogram(law: Initializer, dtype: DType, count: u64, bins: usize, bin: impl Fn(u32) -> usize) -> Vec<u64> {
    let size = usize::try_from(dtype.size()).expect("at most 4");
    let mut bytes = vec![0; PART * size];
    let mut counts = vec![0; bins];
    for start in (0..count).step_by(PART) {
        let fill = Fill::new(Shape::new([count]).expect("a shape"), law).expect("valid parameters");
        let stream = Stream::from_name(&format!("{law} {dtype}"));
        let end = count.min(start + PART as u64);
        let fill = fill.keyed(Seed::new(2026), stream).dtype(dtype).elements(start..end);
        CpuExecutor::new().run([(&mut bytes[..], fill)]).expect("the target fits");
        let drawn = usize::try_from(end - start).expect("fits") * size;
        for element in bytes[..drawn].chunks_exact(size) {
            counts[bin(element.iter().rev().fold(0, |bits, byte| bits << 8 | u32::from(*byte)))] += 1;
        }
    }
    counts
}

/// Kolmogorov–Smirnov and Anderson–Darling at the edges of bins, chi-square inside each octave and of all octaves, and the tails as
/// exactly as the lattice of words has them.
///
/// `drawn` should be `law`.
fn one_dimension(drawn: Initializer, law: Initializer, count: u64) -> Battery {
    let counts = histogram(drawn, DType::F32, count, BINS, bin);
    let exact = Stored::new(Law::of(law), DType::F32);
    let n = count as f64;
    let (mut below, mut probability) = (0u64, 0.0);
    let (mut distance, mut squares) = (0f64, 0.0);
    // Of the octave that the bin is in: sums of chi-square, bins, and what does not fill one yet.
    let mut octaves = vec![(0.0, 0usize, 0.0, 0u64); 512];
    let mut whole = vec![(0.0, 0u64); 512];
    for (at, here) in counts.iter().enumerate() {
        let edge = upper(at);
        let through = if edge.is_nan() { probability } else { exact.cdf(edge) };
        let (mass, middle) = (through - probability, through.midpoint(probability));
        let before = below;
        below += here;
        let here_and_half = (before as f64).midpoint(below as f64) / n;
        if mass > 0.0 && middle > 1e-300 && middle < 1.0 {
            squares += mass * (here_and_half - middle).powi(2) / (middle * (1.0 - middle));
        }
        distance = distance.max((below as f64 / n - through).abs());
        let (sum, bins, expected, observed) = &mut octaves[at >> 11];
        *expected += n * mass;
        *observed += here;
        if *expected >= LEAST {
            *sum += (*observed as f64 - *expected).powi(2) / *expected;
            *bins += 1;
            (*expected, *observed) = (0.0, 0);
        }
        whole[at >> 11].0 += n * mass;
        whole[at >> 11].1 += here;
        probability = through;
    }
    let mut battery = Battery::default();
    battery.note("Kolmogorov-Smirnov", kolmogorov(distance, n));
    battery.note("Anderson-Darling", anderson_darling(n * squares));
    let whole: Vec<_> = whole.into_iter().filter(|(expected, _)| *expected >= LEAST).collect();
    let sum: f64 = whole.iter().map(|(expected, observed)| (*observed as f64 - expected).powi(2) / expected).sum();
    battery.note("octaves", chi_square(sum, whole.len() - 1));
    for (octave, (sum, bins, ..)) in octaves.into_iter().enumerate().filter(|(_, (_, bins, ..))| *bins > 8) {
        // The expectations are not fitted to the octave's own count.
        battery.note(format!("in octaves: {octave}"), chi_square(sum, bins));
    }
    if parts(law).0 != "normal" {
        return battery;
    }
    for z in [4.0f32, 4.5, 5.0, 5.5] {
        let words = words_from(normal_unit, z.into());
        // A bin begins with z.
        let above: u64 = counts[bin(z.to_bits())..].iter().sum();
        // So does one with −z end: what is further out has greater bits.
        let under: u64 = counts[..=bin((-z).to_bits())].iter().sum();
        battery.note(format!("above {z}"), tail_count_p(above, count, words));
        battery.note(format!("below -{z}"), tail_count_p(under, count, words));
    }
    battery
}

/// P(A² > x) in the limit of many numbers: G. and J. Marsaglia, Evaluating the Anderson–Darling Distribution (2004), `adinf`.
fn anderson_darling(x: f64) -> f64 {
    let through = if x < 2.0 {
        let series = [2.00012, 0.247105, -0.0649821, 0.0347962, -0.011672, 0.00168691];
        (-1.2337141 / x).exp() / x.sqrt() * polynomial(&series, x)
    } else {
        let series = [1.0776, -2.30695, 0.43424, -0.082433, 0.008056, -0.0003146];
        if x > 6.0 {
            // Beyond its range: the tail falls as exp(−x) does.
            let edge = 1.0 - (-polynomial(&series, 6.0).exp()).exp();
            return edge * (6.0 - x).exp();
        }
        (-polynomial(&series, x).exp()).exp()
    };
    (2.0 * through.min(1.0 - through)).clamp(0.0, 1.0)
}

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The probability of every value that the dtype has, by its bits. Of a normal it is the law's; a uniform has 2^24 numbers, which the values
/// near zero of f16 show: there it is the share of these.
fn probabilities(law: Initializer, dtype: DType) -> Vec<f64> {
    let mut probabilities = vec![0.0; 1 << 16];
    let (name, _) = parts(law);
    if name == "uniform" {
        let constants = constants(law, dtype);
        for top in 0..1u32 << 24 {
            probabilities[constants.element(top << 8) as usize] += 2f64.powi(-24);
        }
        return probabilities;
    }
    let (stored, mut before) = (Stored::new(Law::of(law), dtype), 0.0);
    // Both zeros are one number.
    for bits in in_order().filter(|bits| *bits != 0x8000 && dtype.decode(*bits).is_finite()) {
        let through = stored.cdf(dtype.decode(bits));
        probabilities[bits as usize] = through - before;
        before = through;
    }
    probabilities
}

/// All bits, in the order of their numbers.
fn in_order() -> impl Iterator<Item = u32> {
    (0x8000..=0xFFFF).rev().chain(0..0x8000)
}

/// Every value that the dtype has, with its neighbours where fewer than 16 are expected.
fn sixteen_bits(drawn: Initializer, law: Initializer, dtype: DType, count: u64) -> f64 {
    let counts = histogram(drawn, dtype, count, 1 << 16, |bits| bits as usize);
    let probabilities = probabilities(law, dtype);
    let n = count as f64;
    let (mut sum, mut bins, mut expected, mut observed, mut left) = (0.0, 0usize, 0.0, 0u64, n);
    for bits in in_order() {
        expected += n * probabilities[bits as usize];
        observed += counts[bits as usize];
        if expected >= 16.0 && left - expected >= 16.0 {
            sum += (observed as f64 - expected).powi(2) / expected;
            left -= expected;
            (bins, expected, observed) = (bins + 1, 0.0, 0);
        }
    }
    chi_square(sum + (observed as f64 - left).powi(2) / left, bins)
}

/// With deviations and widths as they should be, or times something else.
fn values_of_16_bits(wrong: f64, count: u64) -> Battery {
    let laws = |wrong: f64| {
        let [symmetric, one_sided, far] = windows(wrong);
        let [normal, narrow] = [wrong, 0.02 * wrong].map(|std| Initializer::normal(0.0, std));
        [normal, narrow, Initializer::uniform(-0.1 * wrong, 0.1 * wrong), symmetric, one_sided, far]
    };
    let cases: Vec<_> = laws(wrong)
        .into_iter()
        .zip(laws(1.0))
        .flat_map(|(drawn, law)| [DType::Bf16, DType::F16].map(|dtype| (drawn, law, dtype)))
        .collect();
    let p: Vec<f64> = cases.par_iter().map(|(drawn, law, dtype)| sixteen_bits(*drawn, *law, *dtype, count)).collect();
    let mut battery = Battery::default();
    for ((_, law, dtype), p) in cases.into_iter().zip(p) {
        battery.note(format!("{law} {dtype}"), p);
    }
    battery
}

/// Windows that are symmetric, one-sided, and far out.
fn windows(std: f64) -> [Initializer; 3] {
    [
        Initializer::trunc_normal(0.0, 0.02 * std, -0.04, 0.04),
        Initializer::trunc_normal(0.5, std, 0.0, 9.0),
        Initializer::trunc_normal(0.0, 0.02 * std, 0.06, 0.08),
    ]
}

/// Each of them at its full size, with a deviation as it should be, or times something else.
fn truncated(std: f64, count: u64) -> Battery {
    let mut battery = Battery::default();
    for (drawn, law) in windows(std).into_iter().zip(windows(1.0)) {
        let one = one_dimension(drawn, law, count);
        one.iter().for_each(|(name, p)| battery.note(format!("{law}, {name}"), p));
    }
    battery
}

pub(crate) fn rows(level: Level) -> Vec<Row> {
    let (normals, windows, fewer) = (level.size(30), level.size(28), level.size(27));
    let normal = |std| Initializer::normal(0.0, std);
    vec![
        Row::new(
            "f32 normals: Kolmogorov–Smirnov, Anderson–Darling, chi-square in and of octaves, tails beyond 4, 4.5, 5, 5.5",
            format!("{normals} normals"),
            one_dimension(normal(1.0), normal(1.0), normals),
            [
                ("deviation 1.001", one_dimension(normal(1.001), normal(1.0), normals / 4)),
                ("1.1", one_dimension(normal(1.1), normal(1.0), normals / 4)),
            ],
        ),
        Row::new(
            "f32 truncated normals, three windows: the same without tails",
            format!("3 × {windows} elements"),
            truncated(1.0, windows),
            [("deviation 1 % too large", truncated(1.01, windows))],
        ),
        Row::new(
            "every value of bf16 and f16, chi-square: normal, uniform, three truncated windows",
            format!("12 × {fewer} elements"),
            values_of_16_bits(1.0, fewer),
            [("deviation or width 1 % too large", values_of_16_bits(1.01, fewer))],
        ),
    ]
}
