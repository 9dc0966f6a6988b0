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
    #[expect(clippy::cast_possible_truncation, reason = "keys have 16 or 32 bits")]
    let key = key as u32;
    match dtype {
        DType::F32 => dtype.decode(clamp::from_order_key(key)),
        DType::F16 | DType::Bf16 => dtype.decode(clamp::from_order_key(key << 16 | 0xFFFF) >> 16),
    }
}

/// The key, among finite numbers, of the first for which the monotone `holds`; one past the last if there is none.
fn lower_bound(dtype: DType, holds: impl Fn(f64) -> bool) -> u64 {
    let infinity: u64 = match dtype {
        DType::F32 => 0xFF80_0000,
        DType::F16 => 0xFC00,
        DType::Bf16 => 0xFF80,
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
    #[expect(clippy::cast_possible_truncation, reason = "keys have 16 or 32 bits")]
    let key = key as u32;
    match dtype {
        DType::F32 => key,
        // The key of `half << 16`: the low bits are 0 for positive numbers and 1 for negative ones.
        DType::F16 | DType::Bf16 if key & 0x8000 != 0 => key << 16,
        DType::F16 | DType::Bf16 => key << 16 | 0xFFFF,
    }
}
