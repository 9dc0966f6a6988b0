//! The normal distribution over all 2^32 words. `./check --exhaustive` runs everything; the ordinary tests take a stratified
//! part.
//!
//! On the CPU: accuracy against an independent quantile function (itself compared with 40-digit numbers), order, symmetry,
//! range, moments. On adapters, with both kinds of products: the same digest.

mod common;
mod support;

use common::{adapters_or_explain, device_with};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use support::quantile::{points, upper_quantile};
use wgpu_init::gpu::GpuOptions;
use wgpu_init::value::normal::normal_unit;
use wgpu_init::wgsl::{Products, Table};
use wgpu_init::{GpuExecutor, wgpu};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// Words per slice; a digest is that of the slices' digests.
const SLICE: u64 = 1 << 22;
/// XXH3-128 over the XXH3-128 digests of all slices of little-endian bits: part of the contract.
const DIGEST: u128 = 0x7bb5_5171_9898_22b8_a22d_85ea_155e_f3c4;

/// What the normal units of some words are like.
#[derive(Clone, Copy, Debug)]
struct Findings {
    /// Greatest |error| where the quantile is at most 2.
    error: f64,
    /// Greatest error in units in the last place of the quantile's binade, above 2.
    ulps: f64,
    least: f32,
    greatest: f32,
    absolute: f64,
    square: f64,
    words: u64,
}

impl Findings {
    const NONE: Self =
        Self { error: 0.0, ulps: 0.0, least: f32::INFINITY, greatest: 0.0, absolute: 0.0, square: 0.0, words: 0 };

    /// Takes one word of the upper half in; panics where order or symmetry is broken.
    fn add(&mut self, word: u32) {
        let bits = normal_unit(word);
        let z = f32::from_bits(bits);
        assert_eq!(normal_unit(!word), bits ^ 0x8000_0000, "{word:#x}: not antisymmetric");
        if word > 1 << 31 {
            assert!(z >= f32::from_bits(normal_unit(word - 1)), "{word:#x}: not monotone");
        }
        let quantile = upper_quantile(!word);
        let difference = (f64::from(z) - quantile).abs();
        if quantile <= 2.0 {
            self.error = self.error.max(difference);
        } else {
            self.ulps = self.ulps.max(difference / if quantile < 4.0 { 2f64.powi(-22) } else { 2f64.powi(-21) });
        }
        self.least = self.least.min(z);
        self.greatest = self.greatest.max(z);
        self.absolute += f64::from(z);
        self.square += f64::from(z) * f64::from(z);
        self.words += 1;
    }

    fn join(self, other: Self) -> Self {
        Self {
            error: self.error.max(other.error),
            ulps: self.ulps.max(other.ulps),
            least: self.least.min(other.least),
            greatest: self.greatest.max(other.greatest),
            absolute: self.absolute + other.absolute,
            square: self.square + other.square,
            words: self.words + other.words,
        }
    }

    /// The bounds that `value::normal` documents.
    fn check(&self) {
        assert!(self.error <= 2f64.powf(-22.97), "{self:?}");
        assert!(self.ulps <= 1.007, "{self:?}");
        assert!(self.least >= 2f32.powi(-30) && self.greatest <= 6.337_958, "{self:?}");
    }
}

fn upper_words(range: std::ops::Range<u64>) -> Findings {
    let mut findings = Findings::NONE;
    for word in range {
        findings.add(u32::try_from(word).expect("a word"));
    }
    findings
}

/// The yardstick itself: AS 241 promises a relative error of 1e-16; rounding to f64 adds some more.
#[test]
fn the_independent_quantile_agrees_with_forty_digits() {
    let points = points();
    assert!(points.len() > 1000);
    for (tail, quantile) in points {
        let relative = (upper_quantile(tail) / quantile - 1.0).abs();
        assert!(relative < 1e-15, "{tail}: {relative:e}");
    }
}

/// The points of 40 digits straight against the crate.
#[test]
fn normal_units_agree_with_forty_digits() {
    for (tail, quantile) in points() {
        let error = (f64::from(f32::from_bits(normal_unit(!tail))) - quantile).abs();
        let most =
            if quantile <= 2.0 { 2f64.powf(-22.97) } else { 1.007 * 2f64.powi(if quantile < 4.0 { -22 } else { -21 }) };
        assert!(error <= most, "{tail}: {error:e}");
    }
}

/// Both ends of each row's words, where rows join, and a stride between.
#[test]
fn a_stratified_part_is_accurate_monotone_and_symmetric() {
    let mut findings = Findings::NONE;
    for octave in 6..31u32 {
        for row in 0..64u64 {
            let size = 1u64 << (octave - 6);
            let first = (1u64 << octave) + row * size;
            let tails = (first..first + size.min(200)).chain(first + size - size.min(200)..first + size);
            let between = (first..first + size).step_by(usize::try_from(size / 97 + 1).expect("small"));
            tails.chain(between).for_each(|tail| findings.add(!u32::try_from(tail).expect("a word")));
        }
    }
    (0..64u32).for_each(|tail| findings.add(!tail));
    findings.check();
    assert!(findings.words > 500_000, "{}", findings.words);
}

#[test]
#[ignore = "all 2^32 words: ./check --exhaustive"]
#[expect(clippy::print_stderr, reason = "a proof shows its numbers")]
fn every_word_is_accurate_monotone_and_symmetric() {
    let slices: Vec<Findings> = ((1u64 << 31) / SLICE..(1u64 << 32) / SLICE)
        .into_par_iter()
        .map(|slice| upper_words(slice * SLICE..(slice + 1) * SLICE))
        .collect();
    let all = slices.into_iter().fold(Findings::NONE, Findings::join);
    all.check();
    assert_eq!(all.words, 1 << 31);
    let (absolute, square) = (all.absolute / 2f64.powi(31), all.square / 2f64.powi(31));
    eprintln!(
        "error 2^{:.3} up to 2, {:.4} ulp above; E|z| {absolute:.12}, Ez² {square:.12}",
        all.error.log2(),
        all.ulps
    );
    // √(2/π) and 1; the lattice itself is 2e-9 and 3e-10 off.
    assert!((absolute - 0.797_884_560_803).abs() < 2e-9 && (square - 1.0).abs() < 5e-9, "{absolute} {square}");
}

fn digest(slices: impl IntoIterator<Item = u128>) -> u128 {
    let mut all = Xxh3::new();
    slices.into_iter().for_each(|slice| all.update(&slice.to_le_bytes()));
    all.digest128()
}

#[test]
#[ignore = "all 2^32 words: ./check --exhaustive"]
fn every_word_has_the_pinned_bits() {
    let slice = |slice: u64| {
        let words = slice * SLICE..(slice + 1) * SLICE;
        let bits: Vec<u32> = words.map(|word| normal_unit(u32::try_from(word).expect("a word"))).collect();
        xxh3_128(bytemuck::cast_slice(&bits))
    };
    let slices: Vec<u128> = (0..(1u64 << 32) / SLICE).into_par_iter().map(slice).collect();
    assert_eq!(format!("{:032x}", digest(slices)), format!("{DIGEST:032x}"));
}

/// Runs on every adapter, with the products that it can do.
fn on_every_adapter(test: impl Fn(&str, &wgpu::Queue, &GpuExecutor)) {
    let mut ran = 0;
    for adapter in adapters_or_explain() {
        let (device, queue) = device_with(&adapter.adapter, |_| {});
        for products in [Products::Native, Products::Portable] {
            if products == Products::Portable || device.features().contains(wgpu::Features::SHADER_INT64) {
                let mut options = GpuOptions::default();
                (options.products, options.table) = (Some(products), Some(Table::Uniform));
                let executor = GpuExecutor::with_options(&device, options).expect("an executor");
                test(&format!("{} {products:?}", adapter.label), &queue, &executor);
                ran += 1;
            }
        }
    }
    assert!(ran > 0 || std::env::var_os(common::OPT_OUT).is_some(), "nothing ran");
}

/// The ends, the middle, the joints of rows by a stride that is no power of two.
#[test]
fn adapters_agree_on_a_stratified_part() {
    on_every_adapter(|label, queue, executor| {
        let middle = (1u32 << 31) - (1 << 17);
        for (start, stride, count) in
            [(0, 1, 1 << 17), (middle, 1, 1 << 18), (!0 << 17, 1, 1 << 17), (3, 4099, 1 << 20)]
        {
            let got = executor.normal_units_blocking(queue, start, stride, count).expect("the device works");
            for (i, got) in (0u32..).zip(got) {
                let word = start.wrapping_add(i.wrapping_mul(stride));
                assert_eq!(got, normal_unit(word), "{label}: word {word:#x}");
            }
        }
    });
}

#[test]
#[ignore = "all 2^32 words: ./check --exhaustive"]
#[expect(clippy::print_stderr, reason = "a proof shows its numbers")]
fn every_word_has_the_pinned_bits_on_every_adapter() {
    on_every_adapter(|label, queue, executor| {
        let started = std::time::Instant::now();
        let slices = (0..(1u64 << 32) / SLICE).map(|slice| {
            let start = u32::try_from(slice * SLICE).expect("a word");
            let count = u32::try_from(SLICE).expect("a count");
            let bits = executor.normal_units_blocking(queue, start, 1, count).expect("the device works");
            xxh3_128(bytemuck::cast_slice(&bits))
        });
        assert_eq!(format!("{:032x}", digest(slices)), format!("{DIGEST:032x}"), "{label}");
        eprintln!("{label}: all words in {:.0} s", started.elapsed().as_secs_f64());
    });
}
