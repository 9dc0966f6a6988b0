//! 32 × 32 → 64-bit product. Twin of `shaders/mulhi_native.wgsl` and `shaders/mulhi_portable.wgsl`.
//!
//! ```
//! use wgpu_init::value::mulhi::{mul_wide, mul_wide_portable, mulhi};
//! assert_eq!(mulhi(1 << 31, 6), 3);
//! assert_eq!(mul_wide(0xDEAD_BEEF, 0xFEED_F00D), mul_wide_portable(0xDEAD_BEEF, 0xFEED_F00D));
//! ```

/// (low word, high word) of `a · b`.
#[inline]
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "splitting a product into its two words")]
pub const fn mul_wide(a: u32, b: u32) -> (u32, u32) {
    let product = a as u64 * b as u64;
    (product as u32, (product >> 32) as u32)
}

/// `floor(a · b / 2^32)`.
#[inline]
#[must_use]
pub const fn mulhi(a: u32, b: u32) -> u32 {
    mul_wide(a, b).1
}

/// The high word of `a · b + high · 2^32 + low`, modulo 2^32.
#[inline]
#[must_use]
pub const fn mul_add_high(a: u32, b: u32, high: u32, low: u32) -> u32 {
    let (product_low, product_high) = mul_wide(a, b);
    let carry = product_low.overflowing_add(low).1 as u32;
    high.wrapping_add(product_high).wrapping_add(carry)
}

/// [`mul_wide`] from 16-bit halves, as shaders without 64-bit integers do it.
#[inline]
#[must_use]
pub const fn mul_wide_portable(a: u32, b: u32) -> (u32, u32) {
    let (a_low, a_high) = (a & 0xFFFF, a >> 16);
    let (b_low, b_high) = (b & 0xFFFF, b >> 16);
    let low_high = a_low * b_high;
    let middle = ((a_low * b_low) >> 16) + (low_high & 0xFFFF) + a_high * b_low;
    let high = a_high * b_high + (low_high >> 16) + (middle >> 16);
    (a.wrapping_mul(b), high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_give_the_64_bit_product() {
        let edges = [0, 1, 2, 0xFFFF, 0x1_0000, 0x1_0001, 0x7FFF_FFFF, 0x8000_0000, u32::MAX - 1, u32::MAX];
        for a in edges {
            for b in edges {
                assert_eq!(mul_wide_portable(a, b), mul_wide(a, b), "{a:#x} * {b:#x}");
            }
        }
        let mut a = 1u32;
        for i in 0..1_000_000u32 {
            a = a.wrapping_mul(0x9E37_79B9).wrapping_add(i);
            let b = a.rotate_left(13) ^ i;
            assert_eq!(mul_wide_portable(a, b), mul_wide(a, b), "{a:#x} * {b:#x}");
        }
    }
}
