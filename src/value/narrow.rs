//! f32 bits → bits of a float of 16 or 8 bits, round to nearest even, for finite inputs. Twin of `shaders/narrow.wgsl`.
//!
//! ```
//! use wgpu_init::value::narrow::{narrow_bf16, narrow_f8_e4m3fn, narrow_f8_e5m2, narrow_f16};
//! assert_eq!(narrow_f16(1.5f32.to_bits()), 0x3E00);
//! assert_eq!(narrow_bf16(1.5f32.to_bits()), 0x3FC0);
//! assert_eq!(narrow_f8_e4m3fn(1.5f32.to_bits()), 0x3C);
//! assert_eq!(narrow_f8_e5m2(1.5f32.to_bits()), 0x3E);
//! ```

use crate::DType;

/// The bits of an element in the lowest bits of the result; f32 stays what it is.
#[inline]
pub(crate) const fn narrow(dtype: DType, bits: u32) -> u32 {
    match dtype {
        DType::F32 => bits,
        DType::F16 => narrow_f16(bits),
        DType::Bf16 => narrow_bf16(bits),
        DType::F8E4M3Fn => narrow_f8_e4m3fn(bits),
        DType::F8E5M2 => narrow_f8_e5m2(bits),
    }
}

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

/// 8 bits without infinities: sign, 4 exponent bits with bias 7, 3 mantissa bits, subnormals included. Values beyond 448, the largest
/// finite number, become ±448 and never NaN, which is the next pattern (`docs/decisions/0015`).
#[inline]
#[must_use]
pub const fn narrow_f8_e4m3fn(bits: u32) -> u32 {
    let sign = (bits >> 24) & 0x80;
    let magnitude = bits & 0x7FFF_FFFF;
    if magnitude >= 0x43E0_0000 {
        return sign | 0x7E;
    }
    if magnitude >= 0x3C80_0000 {
        return sign | ((magnitude - 0x3C00_0000 + 0x7_FFFF + ((magnitude >> 20) & 1)) >> 20);
    }
    // Subnormal: shift the full mantissa into units of 2^-9.
    let shift = 141 - (magnitude >> 23);
    let shift = if shift < 31 { shift } else { 31 };
    let mantissa = (magnitude & 0x7F_FFFF) | 0x80_0000;
    sign | ((mantissa + (1 << (shift - 1)) - 1 + ((mantissa >> shift) & 1)) >> shift)
}

/// 8 bits with the exponents of f16: sign, 5 exponent bits with bias 15, 2 mantissa bits, subnormals included. Values beyond 57344,
/// the largest finite number, become ±57344 and never infinite (`docs/decisions/0015`).
#[inline]
#[must_use]
pub const fn narrow_f8_e5m2(bits: u32) -> u32 {
    let sign = (bits >> 24) & 0x80;
    let magnitude = bits & 0x7FFF_FFFF;
    if magnitude >= 0x4760_0000 {
        return sign | 0x7B;
    }
    if magnitude >= 0x3880_0000 {
        return sign | ((magnitude - 0x3800_0000 + 0xF_FFFF + ((magnitude >> 21) & 1)) >> 21);
    }
    // Subnormal: shift the full mantissa into units of 2^-16.
    let shift = 134 - (magnitude >> 23);
    let shift = if shift < 31 { shift } else { 31 };
    let mantissa = (magnitude & 0x7F_FFFF) | 0x80_0000;
    sign | ((mantissa + (1 << (shift - 1)) - 1 + ((mantissa >> shift) & 1)) >> shift)
}
