//! Checks of the checks: implementations that are wrong on purpose, and the check that sees it.
//!
//! Every test shows the right implementation to the very same check, so that no check fails (or passes) whatever it is shown.
//! Where statistics cannot see a fault, the test says so: then only known answers stand between the fault and a release.

mod support;

use half::{bf16, f16};
use sha2::{Digest, Sha256};
use support::checks::{self, Battery, Law, Sample, Source};
use support::constants::{Constants, constants};
use support::known;
use wgpu_init::value::normal::{TABLE, normal_unit};
use wgpu_init::value::philox::philox4x32;
use wgpu_init::value::truncated::truncate_word;
use wgpu_init::value::uniform::uniform_unit;
use wgpu_init::value::word::{halves, value_word};
use wgpu_init::value::{draw, mulhi, narrow};
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape};

/// The level of every judgement here. A broken variant has to miss it by far: see [`sees`].
const ALPHA: f64 = 1e-4;
const SAMPLES: u64 = 1 << 17;

/// The check passes what is right and fails what is wrong.
fn catches<T>(right: T, wrong: T, check: impl Fn(T) -> Result<(), String>) {
    check(right).expect("the right one passes");
    let report = check(wrong).expect_err("the wrong one passes");
    checks::report(format!("caught: {report}"));
}

/// [`catches`] for p-values; chance does not explain those of the wrong one: below 1e-12, not only below the level.
fn sees<T>(right: T, wrong: T, battery: impl Fn(T) -> Battery) {
    catches(right, wrong, |shown| {
        let battery = battery(shown);
        let p = battery.least();
        assert!(battery.verdict(ALPHA).is_ok() || p < 1e-12, "undecided: {p:.2e}");
        battery.verdict(ALPHA)
    });
}

/// Every statistical check of words passes.
fn looks_random(source: Source<'_>) {
    for battery in [
        checks::one_tensor(source, SAMPLES),
        checks::across_streams(source, SAMPLES),
        checks::across_seeds(source, SAMPLES),
    ] {
        battery.verdict(ALPHA).expect("statistics do not see it");
    }
}

/// The words of a generator with the layout of `value_word`.
fn word_of(generator: impl Fn([u32; 4], [u32; 2]) -> [u32; 4], seed: u64, stream: u64, index: u64) -> u32 {
    let ([block_low, block_high], [stream_low, stream_high]) = (halves(index >> 2), halves(stream));
    generator([block_low, block_high, stream_low, stream_high], halves(seed))[usize::from(index.to_le_bytes()[0] & 3)]
}

/// The published rows of ten rounds.
fn known_answers(generator: impl Fn([u32; 4], [u32; 2]) -> [u32; 4]) -> Result<(), String> {
    let mut rows = 0;
    for answer in known::philox4x32().into_iter().filter(|answer| answer.rounds == 10) {
        let words = generator(answer.counter, answer.key);
        if words != answer.expected {
            return Err(format!("{words:x?} instead of {answer:x?}"));
        }
        rows += 1;
    }
    if rows > 0 { Ok(()) } else { Err("no rows".into()) }
}

/// The lines of the golden file that are drawn from words alone, from words of `source`.
fn golden(source: Source<'_>) -> Result<(), String> {
    let number = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).expect("a hexadecimal number");
    let (mut lines, mut wrong, mut first) = (0, 0, None);
    for line in include_str!("data/values.golden").lines() {
        let fields: Vec<_> = line.split(' ').collect();
        let [seed, stream, index, dtype, bits, initializer] = fields[..] else { continue };
        let drawn = ["uniform(", "normal(", "trunc_normal("].iter().any(|law| initializer.starts_with(law));
        if !seed.starts_with("0x") || !drawn {
            continue;
        }
        let initializer = initializer.parse().expect("an initializer");
        let constants = constants(initializer, dtype.parse().expect("a dtype"));
        let index = index.parse().expect("a decimal number");
        let now = u64::from(constants.element(source(number(seed), number(stream), index)));
        lines += 1;
        if now != number(bits) {
            wrong += 1;
            first.get_or_insert_with(|| format!("{now:x} instead of {line}"));
        }
    }
    assert!(lines > 1000, "the golden file was read: {lines}");
    first.map_or(Ok(()), |first| Err(format!("{wrong} of {lines} lines, first {first}")))
}

#[test]
fn known_answers_catch_every_flipped_bit_of_the_key_and_of_the_counter() {
    let right = |counter, key| philox4x32(10, counter, key);
    known_answers(right).expect("the right one passes");
    for bit in 0..64 {
        let flipped = |counter, mut key: [u32; 2]| {
            key[bit / 32] ^= 1 << (bit % 32);
            right(counter, key)
        };
        known_answers(flipped).expect_err("the wrong one passes");
    }
    for bit in 0..128 {
        let flipped = |mut counter: [u32; 4], key| {
            counter[bit / 32] ^= 1 << (bit % 32);
            right(counter, key)
        };
        known_answers(flipped).expect_err("the wrong one passes");
    }
}

#[test]
fn golden_values_catch_a_flipped_key_bit_and_statistics_do_not() {
    let flipped = |seed, stream, index| value_word(seed ^ 1 << 40, stream, index);
    catches(&value_word as Source<'_>, &flipped, golden);
    looks_random(&flipped);
}

#[test]
fn known_answers_catch_nine_rounds_and_statistics_do_not() {
    let rounds = |rounds| move |counter, key| philox4x32(rounds, counter, key);
    catches(10, 9, |count| known_answers(rounds(count)));
    looks_random(&|seed, stream, index| word_of(rounds(9), seed, stream, index));
}

/// How much the statistics see: up to six rounds. Philox's authors call seven the least that passes every test of theirs.
#[test]
fn correlations_of_streams_catch_six_rounds() {
    let rounds = |rounds| move |counter, key| philox4x32(rounds, counter, key);
    let right = |seed, stream, index| word_of(rounds(10), seed, stream, index);
    let wrong = |seed, stream, index| word_of(rounds(6), seed, stream, index);
    sees(&right as Source<'_>, &wrong, |source| checks::across_streams(source, SAMPLES));
}

#[test]
fn golden_values_catch_an_index_shifted_by_one_and_statistics_do_not() {
    let shifted = |seed, stream, index: u64| value_word(seed, stream, index.wrapping_add(1));
    catches(&value_word as Source<'_>, &shifted, golden);
    looks_random(&shifted);
}

#[test]
fn golden_values_catch_halves_of_a_word_in_the_wrong_order_and_statistics_do_not() {
    let rotated = |seed, stream, index| value_word(seed, stream, index).rotate_left(16);
    catches(&value_word as Source<'_>, &rotated, golden);
    looks_random(&rotated);
}

/// Two 16-bit elements of one storage word in the wrong order: the bytes of the plain executor see it.
#[test]
fn the_reference_catches_16_bit_elements_in_the_wrong_half_of_their_word() {
    for dtype in [DType::F16, DType::Bf16] {
        let mut bytes = vec![0; 64];
        let shape = Shape::new([32]).expect("a shape");
        let fill = Fill::new(shape, Initializer::normal(0.0, 1.0)).expect("valid parameters");
        let fill = fill.named(Seed::new(1), "w").dtype(dtype);
        let reference = wgpu_init::cpu::reference::bytes(&fill).expect("a valid fill");
        CpuExecutor::new().run([(&mut bytes[..], fill)]).expect("the target fits");
        let swapped = bytes.chunks_exact(4).flat_map(|word| [word[2], word[3], word[0], word[1]]).collect();
        catches(bytes, swapped, |shown| if shown == reference { Ok(()) } else { Err(format!("{dtype}")) });
    }
}

#[test]
fn correlations_catch_a_stream_that_is_ignored() {
    let ignored = |seed, _, index| value_word(seed, 0, index);
    sees(&value_word as Source<'_>, &ignored, |source| checks::across_streams(source, SAMPLES));
}

#[test]
fn correlations_catch_a_stream_whose_high_half_is_ignored() {
    let ignored = |seed, stream, index| value_word(seed, stream & 0xFFFF_FFFF, index);
    sees(&value_word as Source<'_>, &ignored, |source| checks::across_streams(source, SAMPLES));
}

#[test]
fn correlations_catch_a_seed_whose_high_half_is_ignored() {
    let ignored = |seed, stream, index| value_word(seed & 0xFFFF_FFFF, stream, index);
    sees(&value_word as Source<'_>, &ignored, |source| checks::across_seeds(source, SAMPLES));
}

#[test]
fn correlations_catch_a_seed_whose_halves_are_folded_together() {
    let folded = |seed: u64, stream, index| value_word(seed ^ seed.rotate_left(32), stream, index);
    sees(&value_word as Source<'_>, &folded, |source| checks::across_seeds(source, SAMPLES));
}

#[test]
fn correlations_of_neighbours_catch_a_block_counter_that_sticks() {
    let stuck = |seed, stream, index: u64| value_word(seed, stream, index & 7);
    let every_other = |seed, stream, index: u64| value_word(seed, stream, index & !4);
    for wrong in [&stuck as Source<'_>, &every_other] {
        sees(&value_word as Source<'_>, wrong, |source| {
            checks::neighbours("normals", &checks::normals(&checks::words(source, 42, 7, SAMPLES)))
        });
    }
}

#[test]
fn the_law_catches_a_block_counter_that_sticks() {
    let stuck = |seed, stream, index: u64| value_word(seed, stream, index & 3);
    sees(&value_word as Source<'_>, &stuck, |source| {
        let values = checks::normals(&checks::words(source, 42, 7, SAMPLES));
        let sample = Sample::new(Law::of(Initializer::normal(0.0, 1.0)), DType::F32, values);
        let mut battery = Battery::default();
        battery.note("chi-square", sample.chi_square(256));
        battery
    });
}

#[test]
fn balance_catches_a_bit_that_is_set_too_often() {
    // In three words of 32 the lowest bit is forced: the values hardly move.
    let biased = |seed, stream, index| {
        let word = value_word(seed, stream, index);
        word | u32::from(word >> 27 < 3)
    };
    sees(&value_word as Source<'_>, &biased, |source| {
        checks::balanced("words", checks::words(source, 42, 7, SAMPLES).into_iter())
    });
}

#[test]
fn the_lattice_check_catches_a_uniform_without_its_odd_offset_and_a_coarse_one() {
    let without = |word: u32| (2 * (word >> 8)).cast_signed() - (1 << 24);
    // Odd and symmetric, but of 2^23 numbers: the variance is off.
    let coarse = |word: u32| uniform_unit(if word >> 31 == 1 { word | 0x100 } else { word & !0x100 });
    for wrong in [&without as &dyn Fn(u32) -> i32, &coarse] {
        catches(&uniform_unit as &dyn Fn(u32) -> i32, wrong, checks::uniform_lattice);
    }
}

#[test]
fn the_lattice_check_catches_a_normal_that_is_shifted_folded_stretched_or_cut() {
    let shifted = |word: u32| normal_unit(word.saturating_add(1));
    let folded = |word: u32| normal_unit(word) & 0x7FFF_FFFF;
    let stretched = |word| (f32::from_bits(normal_unit(word)) * 1.000_001).to_bits();
    let cut = |word| f32::from_bits(normal_unit(word)).clamp(-5.99, 5.99).to_bits();
    for wrong in [&shifted as &dyn Fn(u32) -> u32, &folded, &stretched, &cut] {
        catches(&normal_unit as &dyn Fn(u32) -> u32, wrong, checks::normal_lattice);
    }
}

/// Samples of an initializer with the words of one stream, each drawn by `element`.
fn sample(initializer: Initializer, dtype: DType, element: impl Fn(&Constants, u32) -> f64) -> Sample {
    let constants = constants(initializer, dtype);
    let values = (0..1 << 20).map(|index| element(&constants, value_word(42, 7, index))).collect();
    Sample::new(Law::of(initializer), dtype, values)
}

fn right(constants: &Constants, word: u32) -> f64 {
    constants.dtype.decode(constants.element(word))
}

type Element<'a> = &'a dyn Fn(&Constants, u32) -> f64;

/// Each check by itself sees the fault.
fn each_check_sees(initializer: Initializer, wrong: Element<'_>) {
    type Check = fn(&Sample) -> f64;
    let checks: [(&str, Check); 3] = [
        ("Kolmogorov-Smirnov", Sample::kolmogorov_smirnov),
        ("chi-square", |sample| sample.chi_square(256)),
        ("moments", |sample| sample.moments().into_iter().fold(1.0, f64::min) * 4.0),
    ];
    for dtype in DType::ALL.iter().copied() {
        let samples = [&right as Element<'_>, wrong].map(|element| sample(initializer, dtype, element));
        for (name, check) in checks {
            sees(&samples[0], &samples[1], |sample| {
                let mut battery = Battery::default();
                battery.note(format!("{initializer} {dtype}: {name}"), check(sample));
                battery
            });
        }
    }
}

#[test]
fn each_check_of_the_law_catches_a_normal_without_a_sign() {
    each_check_sees(Initializer::normal(0.0, 0.02), &|constants, word| right(constants, word).abs());
}

#[test]
fn each_check_of_the_law_catches_truncation_by_clamping() {
    let (low, high) = (-0.04, 0.04);
    let untruncated = |dtype: &DType| constants(Initializer::normal(0.0, 0.02), *dtype);
    let normals: Vec<Constants> = DType::ALL.iter().map(untruncated).collect();
    each_check_sees(Initializer::trunc_normal(0.0, 0.02, low, high), &|constants, word| {
        right(&normals[constants.dtype as usize], word).clamp(low, high)
    });
}

/// The right number of words, but from word 0 on: another part of the lattice.
#[test]
fn each_check_of_the_law_catches_a_window_at_the_wrong_place() {
    each_check_sees(Initializer::trunc_normal(0.5, 1.0, 0.0, 9.0), &|constants, word| {
        let (scale, shift) = constants.affine();
        let inside = truncate_word(word, 0, constants.record.window_range);
        f64::from(f32::from_bits(draw::draw_normal(inside, scale, shift)))
    });
}

/// A fault of the law's edge alone: values just below the excluded bound round up to it.
#[test]
fn bounds_catch_a_missing_clamp_after_the_rounding() {
    let initializer = Initializer::uniform(0.25, 3.5);
    let unclamped = |constants: &Constants, word| {
        let (scale, shift) = constants.affine();
        let bits = draw::draw_uniform(word, scale, shift);
        constants.dtype.decode(narrow::narrow_bf16(bits))
    };
    catches(&right as Element<'_>, &unclamped, |element| sample(initializer, DType::Bf16, element).within_bounds());
}

/// A sum of four uniforms has mean 0 and variance 1, but ends at 3.46.
#[test]
fn tail_counts_catch_a_normal_without_tails() {
    const COUNT: u64 = 1 << 21;
    let normal = |index: u64| f64::from(f32::from_bits(normal_unit(value_word(5, 7, index))));
    let uniform = |index: u64| f64::from(uniform_unit(value_word(5, 7, index))) * 2f64.powi(-24);
    let summed = |index: u64| (0..4).map(|i| uniform(4 * index + i)).sum::<f64>() * 3f64.sqrt() / 2.0;
    sees(&normal as &dyn Fn(u64) -> f64, &summed, |value| {
        let count = (0..COUNT).filter(|index| value(*index) >= 4.0).count() as u64;
        let mut battery = Battery::default();
        battery.note("above 4", checks::tail_count_p(count, COUNT, checks::words_from(normal_unit, 4.0)));
        battery
    });
}

/// Rounding towards zero, what dropping the low bits does.
fn chopped(dtype: DType, bits: u32) -> u32 {
    let rounded = if dtype == DType::F16 { narrow::narrow_f16(bits) } else { narrow::narrow_bf16(bits) };
    let magnitude = |bits: u32| dtype.decode(bits & 0x7FFF);
    let over = magnitude(rounded) > f64::from(f32::from_bits(bits)).abs();
    rounded - u32::from(over)
}

#[test]
fn comparison_with_half_catches_rounding_towards_zero() {
    type Narrow = fn(u32) -> u32;
    let compare = |dtype: DType| {
        move |narrow: Narrow| {
            let wrong = (0..1u32 << 20).map(|i| normal_unit(i << 12 | 0x800)).find(|bits| {
                let x = f32::from_bits(*bits);
                let half = if dtype == DType::F16 { f16::from_f32(x).to_bits() } else { bf16::from_f32(x).to_bits() };
                narrow(*bits) != u32::from(half)
            });
            wrong.map_or(Ok(()), |bits| Err(format!("{bits:#010x} as {dtype}")))
        }
    };
    catches(narrow::narrow_f16 as Narrow, |bits| chopped(DType::F16, bits), compare(DType::F16));
    catches(narrow::narrow_bf16 as Narrow, |bits| chopped(DType::Bf16, bits), compare(DType::Bf16));
    catches(narrow::narrow_bf16 as Narrow, |bits| bits >> 16, compare(DType::Bf16));
}

/// Values around 3 lie in one binade, where rounding to nearest has no bias and dropping bits loses half a step of 2^-6.
#[test]
fn the_mean_catches_bf16_that_is_rounded_towards_zero() {
    let initializer = Initializer::normal(3.0, 0.125);
    let wrong = |constants: &Constants, word| {
        let (scale, shift) = constants.affine();
        DType::Bf16.decode(chopped(DType::Bf16, draw::draw_normal(word, scale, shift)))
    };
    sees(&right as Element<'_>, &wrong, |element| {
        let mut battery = Battery::default();
        battery.note("mean", sample(initializer, DType::Bf16, element).moments()[0]);
        battery
    });
}

type Table = [[u32; 2]; 2048];

/// `normal_unit` over a table of one's own.
fn normal_by(table: &Table, word: u32) -> u32 {
    let complement = word.cast_signed().min((!word).cast_signed()).cast_unsigned();
    let tail = !complement;
    let octave = 31u32.wrapping_sub(tail.leading_zeros()) & 31;
    let left = complement.rotate_right(octave);
    let [a, b] = table[(octave << 6 | left >> 26) as usize & 2047];
    let slope = b.wrapping_add((b & 0xFFF).wrapping_mul(left >> 14));
    let local = f32::from_bits((mulhi::mulhi(slope, left << 6) >> 9) + 0x3C80_0000);
    (f32::from_bits(a) + local).to_bits() ^ (!word & 0x8000_0000)
}

/// The pinned hashes of `tests/known_answers.rs`.
fn pinned_hashes(table: &Table) -> Result<(), String> {
    for (stride, expected) in
        [(65_537, 0xe10e_e0d9_7291_1715), (64, 0xf3e4_260a_cf66_5f90), (1u32, 0x403a_c53d_966c_5e7b)]
    {
        let bytes = (0..65_536u32).flat_map(|i| normal_by(table, i.wrapping_mul(stride)).to_le_bytes());
        let hash = bytes
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        if hash != expected {
            return Err(format!("stride {stride}: {hash:#x}"));
        }
    }
    Ok(())
}

/// The pinned digest of `tests/known_answers.rs`.
fn pinned_digest(table: &Table) -> Result<(), String> {
    let digest = Sha256::digest(table.as_flattened().iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let pinned = "2494917357240194100bafded0e3fe5d973754447e8849d7675e3f37be0b9315";
    if hex == pinned { Ok(()) } else { Err(hex) }
}

/// The last bit of a row's value: one unit in the last place of some values, or nothing after rounding.
fn corrupted(row: usize) -> Table {
    let mut table = TABLE;
    table[row][0] ^= 1;
    table
}

/// The words of the hash reach the ten octaves next to the middle, 640 rows; the digest covers the tails too.
#[test]
fn the_pinned_hashes_catch_every_corrupted_row_that_a_word_uses_and_the_digest_every_row() {
    assert!((0..=u32::MAX).step_by(4099).all(|word| normal_by(&TABLE, word) == normal_unit(word)), "the same function");
    catches(TABLE, corrupted(30 << 6 | 5), |table| pinned_hashes(&table));
    let seen = (0..TABLE.len()).filter(|row| pinned_hashes(&corrupted(*row)).is_err()).count();
    assert_eq!(seen, 1664, "rows that the hashes see");
    pinned_digest(&TABLE).expect("the right one passes");
    for row in 0..TABLE.len() {
        pinned_digest(&corrupted(row)).expect_err("the wrong one passes");
    }
}

#[test]
fn a_battery_fails_when_it_is_empty_or_holds_no_number() {
    let battery = |p: Option<f64>| {
        let mut battery = Battery::default();
        p.into_iter().for_each(|p| battery.note("p", p));
        battery.verdict(ALPHA)
    };
    catches(Some(0.5), None, battery);
    catches(Some(0.5), Some(f64::NAN), battery);
}
