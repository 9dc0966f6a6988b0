//! Rounding to 8-bit floats in integers against ml_dtypes: points on both sides of each tie, monotonicity in between, so every f32.

use std::ops::RangeInclusive;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use wgpu_init::value::narrow::{narrow_f8_e4m3fn, narrow_f8_e5m2};
use wgpu_init::value::widen::{widen_f8_e4m3fn, widen_f8_e5m2};

type Narrow = fn(u32) -> u32;

/// See `tests/independent/f8_points.py`.
const POINTS: &str = include_str!("data/f8.points");

/// The rows of one kind, as their three columns.
fn rows(kind: &str) -> Vec<[&'static str; 3]> {
    let rows = POINTS.lines().filter(|line| line.split(' ').next() == Some(kind));
    rows.map(|row| row.split(' ').skip(1).collect::<Vec<_>>().try_into().expect("three columns")).collect()
}

fn hex(text: &str) -> u32 {
    u32::from_str_radix(text, 16).expect("hexadecimal")
}

/// The first recorded point, of either sign, that is rounded to something else: its bits, what it became, what it should be.
fn first_difference(narrow: Narrow, column: usize) -> Option<[u32; 3]> {
    let rows = rows("round");
    assert!(rows.len() > 1500, "the file is whole");
    let points = rows.iter().map(|row| (hex(row[0]), hex(row[column])));
    let signed = points.flat_map(|(bits, byte)| [(bits, byte), (bits | 0x8000_0000, byte | 0x80)]);
    signed.map(|(bits, byte)| [bits, narrow(bits), byte]).find(|[_, got, expected]| got != expected)
}

#[test]
fn points_around_every_number_and_tie_round_as_in_ml_dtypes() {
    assert_eq!(first_difference(narrow_f8_e4m3fn, 1), None);
    assert_eq!(first_difference(narrow_f8_e5m2, 2), None);
}

/// Whether the magnitudes of all finite f32 become bytes in their order, with the sign aside.
fn is_monotone(narrow: impl Fn(u32) -> u32 + Sync) -> bool {
    let block = |high: u32| -> RangeInclusive<u32> { high << 16..=high << 16 | 0xFFFF };
    (0..0x7F80u32).into_par_iter().all(|high| {
        let mut last = narrow((high << 16).saturating_sub(1));
        block(high).all(|bits| {
            let byte = narrow(bits);
            let rises = last <= byte && byte < 0x80 && narrow(bits | 0x8000_0000) == byte | 0x80;
            last = byte;
            rises
        })
    })
}

#[test]
fn rounding_is_monotone_over_every_finite_f32() {
    assert!(is_monotone(narrow_f8_e4m3fn));
    assert!(is_monotone(narrow_f8_e5m2));
}

/// Negative control: towards zero, half up, one number too far before it saturates, and a sign that is lost.
#[test]
fn other_roundings_are_caught() {
    let chopped: Narrow = |bits| narrow_f8_e4m3fn(bits & !0xF_FFFF);
    let half_up: Narrow = |bits| narrow_f8_e5m2(bits | u32::from(bits & 0x1F_FFFF == 0x10_0000));
    let not_saturating: Narrow = |bits| if bits & 0x7FFF_FFFF > 0x43E0_0000 { 0x7F } else { narrow_f8_e4m3fn(bits) };
    let unsigned_zero: Narrow = |bits| narrow_f8_e5m2(if bits == 0x8000_0000 { 0 } else { bits });
    for (narrow, column) in [(chopped, 1), (half_up, 2), (not_saturating, 1), (unsigned_zero, 2)] {
        assert!(first_difference(narrow, column).is_some());
    }
    assert!(!is_monotone(|bits| narrow_f8_e4m3fn(bits ^ 1 << 22)));
}

#[test]
fn every_byte_is_the_number_that_it_is_in_ml_dtypes() {
    let rows = rows("number");
    assert_eq!(rows.len(), 256);
    for row in rows {
        let byte = hex(row[0]);
        for (got, expected) in [(widen_f8_e4m3fn(byte), row[1]), (widen_f8_e5m2(byte), row[2])] {
            let expected: f64 = expected.parse().expect("a number");
            assert!(got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan(), "{byte:#x}: {got}");
        }
    }
}

/// Other bits of the word do not matter: a caller may shift a word and leave its neighbours above.
#[test]
fn only_the_low_byte_is_read() {
    for byte in 0..=0xFFu32 {
        for widen in [widen_f8_e4m3fn, widen_f8_e5m2] {
            assert_eq!(widen(byte).to_bits(), widen(0xABCD_EF00 | byte).to_bits());
        }
    }
}
