//! Element types.

use crate::value::widen::{widen_f8_e4m3fn, widen_f8_e5m2};
use core::fmt;

/// The element type of a tensor. Values are drawn in f32 and rounded once to it, to nearest even.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
#[non_exhaustive]
pub enum DType {
    /// IEEE binary32, four bytes.
    #[default]
    F32 = 0,
    /// IEEE binary16, two bytes, two elements per 32-bit word; needs no device feature.
    F16 = 1,
    /// bfloat16, two bytes, two elements per 32-bit word; needs no device feature.
    Bf16 = 2,
    /// 8 bits with 4 of exponent and 3 of mantissa, without infinities; four elements per 32-bit word; needs no device feature. Values
    /// beyond ±448, the largest numbers, become these.
    F8E4M3Fn = 3,
    /// 8 bits with 5 of exponent and 2 of mantissa; four elements per 32-bit word; needs no device feature. Values beyond ±57344, the
    /// largest finite numbers, become these.
    F8E5M2 = 4,
}

impl DType {
    /// All of them.
    pub const ALL: &[Self] = &[Self::F32, Self::F16, Self::Bf16, Self::F8E4M3Fn, Self::F8E5M2];

    /// Bytes per element.
    #[must_use]
    pub const fn size(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::F8E4M3Fn | Self::F8E5M2 => 1,
        }
    }

    /// `f32`, `f16`, `bf16`, `f8_e4m3fn` or `f8_e5m2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::F8E4M3Fn => "f8_e4m3fn",
            Self::F8E5M2 => "f8_e5m2",
        }
    }

    /// The largest finite number.
    #[must_use]
    pub fn max_finite(self) -> f64 {
        self.decode(match self {
            Self::F32 => 0x7F7F_FFFF,
            Self::F16 => 0x7BFF,
            Self::Bf16 => 0x7F7F,
            Self::F8E4M3Fn => 0x7E,
            Self::F8E5M2 => 0x7B,
        })
    }

    /// The number that the low bits of `bits` stand for, as many as an element has. Exact.
    ///
    /// ```
    /// use wgpu_init::DType;
    /// assert_eq!(DType::F16.decode(0x3C00), 1.0);
    /// assert_eq!(DType::F16.decode(0x0001), 2f64.powi(-24));
    /// assert_eq!(DType::Bf16.decode(0x4049), 3.140625);
    /// assert_eq!(DType::F8E4M3Fn.decode(0x45), 3.25);
    /// ```
    #[must_use]
    pub fn decode(self, bits: u32) -> f64 {
        match self {
            Self::F32 => f64::from(f32::from_bits(bits)),
            Self::Bf16 => f64::from(f32::from_bits(bits << 16)),
            Self::F16 => {
                let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
                let mantissa = f64::from(bits & 0x3FF);
                let exponent = (bits >> 10) & 0x1F;
                sign * match exponent {
                    0 => mantissa * power_of_two(-24),
                    31 if mantissa == 0.0 => f64::INFINITY,
                    31 => f64::NAN,
                    _ => (1024.0 + mantissa) * power_of_two(exponent.cast_signed() - 25),
                }
            }
            Self::F8E4M3Fn => widen_f8_e4m3fn(bits),
            Self::F8E5M2 => widen_f8_e5m2(bits),
        }
    }

    /// Whether what lies beyond the largest finite number becomes that number, and neither infinite nor an error (`docs/decisions/0015`).
    pub(crate) const fn saturates(self) -> bool {
        matches!(self, Self::F8E4M3Fn | Self::F8E5M2)
    }

    /// How far an element's bits are shifted to begin with the highest of 32: what order keys are made of.
    pub(crate) const fn key_shift(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 | Self::Bf16 => 16,
            Self::F8E4M3Fn | Self::F8E5M2 => 24,
        }
    }
}

/// 2^exponent, exact, for normal f64 results.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(u64::from((1023 + exponent).cast_unsigned()) << 52)
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
