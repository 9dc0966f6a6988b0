//! f32 bits → 16-bit float bits, round to nearest even, for finite inputs. Twin of `shaders/narrow.wgsl`.
//!
//! ```
//! use wgpu_init::value::narrow::{narrow_bf16, narrow_f16};
//! assert_eq!(narrow_f16(1.5f32.to_bits()), 0x3E00);
//! assert_eq!(narrow_bf16(1.5f32.to_bits()), 0x3FC0);
//! ```

/// bfloat16: sign, 8 exponent bits, 7 mantissa bits. Values that round past the largest finite become infinite.
#[inline]
#[must_use]
pub const fn narrow_bf16(bits: u32) -> u32 {
    bits.wrapping_add(0x7FFF + ((bits >> 16) & 1)) >> 16
}

/// IEEE binary16, subnormals included. Values that round past 65504 become infinite.
#[inline]
#[must_use]
pub const fn narrow_f16(bits: u32) -> u32 {
    let sign = (bits >> 16) & 0x8000;
    let magnitude = bits & 0x7FFF_FFFF;
    if magnitude >= 0x4780_0000 {
        return sign | 0x7C00;
    }
    if magnitude >= 0x3880_0000 {
        return sign | ((magnitude - 0x3800_0000 + 0xFFF + ((magnitude >> 13) & 1)) >> 13);
    }
    // Subnormal: shift the full mantissa into units of 2^-24.
    let shift = 126 - (magnitude >> 23);
    let shift = if shift < 31 { shift } else { 31 };
    let mantissa = (magnitude & 0x7F_FFFF) | 0x80_0000;
    sign | ((mantissa + (1 << (shift - 1)) - 1 + ((mantissa >> shift) & 1)) >> shift)
}
