//! Rounding to 16 bits in integers against the crate `half`, over every finite f32, subnormals included.

use half::{bf16, f16};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use wgpu_init::DType;
use wgpu_init::value::narrow::{narrow_bf16, narrow_f16};

/// Compares over all finite bit patterns and gives the first that differs.
fn first_difference(narrow: impl Fn(u32) -> u32 + Sync, expected: impl Fn(f32) -> u16 + Sync) -> Option<u32> {
    (0..0x1_0000u32).into_par_iter().find_map_first(|high| {
        let mut all = (0..0x1_0000u32).map(|low| high << 16 | low);
        all.find(|&bits| {
            let value = f32::from_bits(bits);
            value.is_finite() && narrow(bits) != u32::from(expected(value))
        })
    })
}

#[test]
fn every_finite_f32_rounds_to_f16_as_in_half() {
    assert_eq!(first_difference(narrow_f16, |value| f16::from_f32_const(value).to_bits()), None);
}

#[test]
fn every_finite_f32_rounds_to_bf16_as_in_half() {
    assert_eq!(first_difference(narrow_bf16, |value| bf16::from_f32(value).to_bits()), None);
}

/// Negative control: the comparison sees rounding towards zero and rounding half up.
#[test]
fn other_roundings_are_caught() {
    let expected = |value: f32| bf16::from_f32(value).to_bits();
    assert!(first_difference(|bits| bits >> 16, expected).is_some(), "towards zero");
    assert_eq!(first_difference(|bits| (bits + 0x8000) >> 16, expected), Some(0x8000), "half up: the first tie");
}

#[test]
fn decode_is_the_number_of_every_pattern() {
    for bits in 0..=u16::MAX {
        let pairs = [
            (DType::F16.decode(bits.into()), f16::from_bits(bits).to_f64()),
            (DType::Bf16.decode(bits.into()), bf16::from_bits(bits).to_f64()),
        ];
        for (got, expected) in pairs {
            assert!(got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan(), "{bits:#x}: {got}");
        }
    }
}
