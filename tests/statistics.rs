//! The laws: samples of every distribution in every dtype, tails, and independence of neighbours, streams and seeds.
//!
//! `tests/negative_controls.rs` shows that each of these checks fails where it should.

mod support;

use rayon::prelude::*;
use support::checks::{self, Battery, Law, Sample};
use support::constants::constants;
use support::expression::parts;
use wgpu_init::value::normal::normal_unit;
use wgpu_init::value::uniform::uniform_unit;
use wgpu_init::value::word::value_word;
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape, Stream};

/// The probability that a right generator fails anything in this file. Seeds are fixed: it fails always or never.
const ALPHA: f64 = 1e-3;
/// The tests below that judge p-values; each gets an equal part of [`ALPHA`].
const TESTS: f64 = 6.0;
const SAMPLES: u64 = 1 << 20;

fn judge(battery: &Battery) {
    checks::holds(battery.verdict(ALPHA / TESTS));
}

/// Both shapes of uniform; the normal with and without a mean; windows that are symmetric, one-sided, and far out, between
/// three and four standard deviations.
fn laws() -> [Initializer; 7] {
    [
        Initializer::uniform(-0.1, 0.1),
        Initializer::uniform(0.25, 3.5),
        Initializer::normal(0.0, 0.02),
        Initializer::normal(-1.0, 0.5),
        Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
        Initializer::trunc_normal(0.5, 1.0, 0.0, 9.0),
        Initializer::trunc_normal(0.0, 0.02, 0.06, 0.08),
    ]
}

/// Elements as the executor writes them, decoded.
fn drawn(initializer: Initializer, dtype: DType, stream: Stream) -> Vec<f64> {
    let size = usize::try_from(dtype.size()).expect("at most 4");
    let mut bytes = vec![0; usize::try_from(SAMPLES).expect("fits") * size];
    let shape = Shape::new([SAMPLES]).expect("a shape");
    let fill = Fill::new(shape, initializer).expect("valid parameters").keyed(Seed::new(2026), stream).dtype(dtype);
    CpuExecutor::new().run([(&mut bytes[..], fill)]).expect("the target fits");
    let bits = |element: &[u8]| element.iter().rev().fold(0, |bits, byte| bits << 8 | u32::from(*byte));
    bytes.chunks_exact(size).map(|element| dtype.decode(bits(element))).collect()
}

/// Every law in every dtype, each from a stream of its own; and tails that 8 bits have no room for.
fn samples() -> Vec<(String, Initializer, DType, Sample)> {
    let mut cases: Vec<_> =
        laws().into_iter().flat_map(|law| DType::ALL.iter().map(move |dtype| (law, *dtype))).collect();
    cases.push((Initializer::normal(100.0, 300.0), DType::F8E4M3Fn));
    cases.push((Initializer::normal(0.0, 40_000.0), DType::F8E5M2));
    cases
        .into_par_iter()
        .map(|(initializer, dtype)| {
            let name = format!("{initializer} {dtype}");
            let values = drawn(initializer, dtype, Stream::from_name(&name));
            (name, initializer, dtype, Sample::new(Law::of(initializer), dtype, values))
        })
        .collect()
}

#[test]
fn every_distribution_follows_its_law_in_every_dtype() {
    let mut battery = Battery::default();
    for part in samples().par_iter().map(|(name, .., sample)| sample.battery(name)).collect::<Vec<_>>() {
        battery.append(part);
    }
    judge(&battery);
}

#[test]
fn no_sample_leaves_its_bounds() {
    for (name, initializer, _, sample) in samples() {
        let [least, greatest] = sample.extremes();
        let (law, numbers) = parts(initializer);
        match (&*law, &numbers[..]) {
            ("uniform", &[low, high]) => assert!(low <= least && greatest < high, "{name}: {least}, {greatest}"),
            ("trunc_normal", &[_, _, low, high]) => {
                assert!(low <= least && greatest <= high, "{name}: {least}, {greatest}");
            }
            ("normal", &[_, _]) => {}
            _ => panic!("{initializer} is no law of this file"),
        }
        if let Err(report) = sample.within_bounds() {
            panic!("{name}: {report}");
        }
    }
}

/// The second side of the bounds: what the dtype has nearest to them is not out of reach.
#[test]
fn the_extreme_words_give_the_extreme_numbers_of_small_dtypes() {
    for dtype in [DType::F16, DType::Bf16, DType::F8E4M3Fn, DType::F8E5M2] {
        // The last one reaches the ends of the dtype.
        let most = dtype.max_finite();
        for initializer in [
            Initializer::uniform(-0.1, 0.1),
            Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
            Initializer::trunc_normal(0.0, most / 2.0, -most, most),
        ] {
            let law = constants(initializer, dtype);
            let ends = [0, u32::MAX].map(|word| dtype.decode(law.element(word)));
            let sample = Sample::new(Law::of(initializer), dtype, ends.to_vec());
            sample.within_bounds().unwrap_or_else(|report| panic!("{initializer} {dtype}: {report}"));
            assert!(sample.is_tight(), "{initializer} {dtype}: {ends:?}");
        }
    }
}

/// All 2^24 numbers, not a sample.
#[test]
fn a_symmetric_uniform_f32_is_never_zero_and_never_a_bound() {
    let law = constants(Initializer::uniform(-0.1, 0.1), DType::F32);
    let value = |word| DType::F32.decode(law.element(word));
    let mut before = f64::NEG_INFINITY;
    for top in 0..1u32 << 24 {
        let x = value(top << 8);
        assert!(x != 0.0 && -0.1 < x && x < 0.1 && before < x, "word {:#010x}: {x}", top << 8);
        assert!(x == -value(!(top << 8)), "word {:#010x}: {x}", top << 8);
        before = x;
    }
}

#[test]
fn the_uniform_lattice_has_mean_zero_and_the_variance_of_the_law() {
    checks::holds(checks::uniform_lattice(uniform_unit));
}

#[test]
fn the_normal_lattice_has_mean_zero_and_the_moments_and_tails_of_the_law() {
    checks::holds(checks::normal_lattice(normal_unit));
}

/// 2^28 normals; the lattice says how many of its words lie beyond 4, 5 and 6.
#[test]
fn normals_beyond_four_five_and_six_deviations_are_as_many_as_the_lattice_has() {
    const COUNT: u64 = 1 << 28;
    const PART: usize = 1 << 24;
    let mut values = vec![0f32; PART];
    let mut counts = [[0u64; 2]; 3];
    for start in (0..COUNT).step_by(PART) {
        let shape = Shape::new([COUNT]).expect("a shape");
        let fill = Fill::new(shape, Initializer::normal(0.0, 1.0)).expect("valid parameters");
        let fill = fill.keyed(Seed::new(5), Stream::from_name("tails")).elements(start..start + PART as u64);
        CpuExecutor::new().run([(&mut values, fill)]).expect("the target fits");
        for (counts, z) in counts.iter_mut().zip([4.0f32, 5.0, 6.0]) {
            counts[0] += values.par_iter().filter(|x| **x <= -z).count() as u64;
            counts[1] += values.par_iter().filter(|x| **x >= z).count() as u64;
        }
    }
    checks::report(format!("below and above 4, 5, 6: {counts:?}"));
    let mut battery = Battery::default();
    for (counts, z) in counts.into_iter().zip([4.0, 5.0, 6.0]) {
        let words = checks::words_from(normal_unit, z);
        battery.note(format!("below -{z}"), checks::tail_count_p(counts[0], COUNT, words));
        battery.note(format!("above {z}"), checks::tail_count_p(counts[1], COUNT, words));
    }
    judge(&battery);
}

#[test]
fn neighbouring_elements_are_independent_in_every_dtype() {
    let mut battery = Battery::default();
    for dtype in DType::ALL.iter().copied() {
        let values = drawn(Initializer::normal(0.0, 1.0), dtype, Stream::from_name("neighbours"));
        battery.append(checks::neighbours(dtype, &values));
    }
    judge(&battery);
}

#[test]
fn words_are_balanced_and_independent_of_their_neighbours() {
    judge(&checks::one_tensor(&value_word, SAMPLES));
}

#[test]
fn streams_are_independent_of_each_other() {
    judge(&checks::across_streams(&value_word, SAMPLES));
}

#[test]
fn seeds_are_independent_of_each_other() {
    judge(&checks::across_seeds(&value_word, SAMPLES));
}
