//! Clamp bounds in the stored format, by searches over the numbers of a dtype.

use crate::DType;
use crate::value::clamp;
use crate::value::program::{Bounds, mask};

/// The numbers from `low` on that are `inside`; `None` if there is none.
pub(super) fn between(dtype: DType, low: f64, inside: impl Fn(f64) -> bool) -> Option<Bounds> {
    let (least, greatest) = (lower_bound(dtype, |value| value >= low), lower_bound(dtype, |value| !inside(value)));
    (least < greatest).then(|| Bounds { low_key: stored_key(dtype, least), high_key: stored_key(dtype, greatest - 1) })
}

/// The finite numbers of a dtype in order, numbered by `u64` keys (0 is -infinity); -0 stands just before +0.
fn number(dtype: DType, key: u64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "keys have at most 32 bits")]
    let key = key as u32;
    let shift = dtype.key_shift();
    dtype.decode(clamp::from_order_key(key << shift | low_bits(shift)) >> shift)
}

/// The key, among finite numbers, of the first for which the monotone `holds`; one past the last if there is none.
fn lower_bound(dtype: DType, holds: impl Fn(f64) -> bool) -> u64 {
    // The first pattern of negative numbers that is not finite.
    let infinity: u64 = match dtype {
        DType::F32 => 0xFF80_0000,
        DType::F16 => 0xFC00,
        DType::Bf16 => 0xFF80,
        DType::F8E4M3Fn => 0xFF,
        DType::F8E5M2 => 0xFC,
    };
    let last: u64 = mask(dtype).into();
    first_of(last - infinity + 1, infinity, |key| holds(number(dtype, key)))
}

/// The first of `low..high` for which the monotone `holds`; `high` if there is none.
pub(super) fn first_of(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// A key of [`number`] as the order key that [`clamp::clamp_bits`] compares with.
fn stored_key(dtype: DType, key: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "keys have at most 32 bits")]
    let key = key as u32;
    let shift = dtype.key_shift();
    let high = key << shift;
    // Below the element's bits lie zeros, which a key has as 0 for positive numbers and as 1 for negative ones.
    if high >> 31 == 1 { high } else { high | low_bits(shift) }
}

/// As many ones.
const fn low_bits(count: u32) -> u32 {
    (1 << count) - 1
}
