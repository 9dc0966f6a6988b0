//! Bits of an 8-bit float → the number that they stand for, exact. What [`narrow`](super::narrow) writes, read again; it has no
//! shader, since nothing on a device reads elements.
//!
//! ```
//! use wgpu_init::value::widen::{widen_f8_e4m3fn, widen_f8_e5m2};
//! assert_eq!(widen_f8_e4m3fn(0x7E), 448.0);
//! assert_eq!(widen_f8_e5m2(0x81), -(2f64.powi(-16)));
//! ```

/// The number of the low 8 bits: NaN for `0x7F` and `0xFF`, finite for all others.
#[must_use]
pub fn widen_f8_e4m3fn(bits: u32) -> f64 {
    const UNIT: f64 = 1.0 / 1024.0; // 2^-10: that of a mantissa at the exponent field 0, if fields went on down to it
    let magnitude = match ((bits >> 3) & 0xF, bits & 7) {
        (15, 7) => f64::NAN,
        (0, mantissa) => f64::from(mantissa << 1) * UNIT,
        (exponent, mantissa) => f64::from((8 + mantissa) << exponent) * UNIT,
    };
    signed(bits, magnitude)
}

/// The number of the low 8 bits: infinite for `0x7C` and `0xFC`, NaN for the three patterns above each, finite for all others.
#[must_use]
pub fn widen_f8_e5m2(bits: u32) -> f64 {
    const UNIT: f64 = 1.0 / 131_072.0; // 2^-17
    let magnitude = match ((bits >> 2) & 0x1F, bits & 3) {
        (31, 0) => f64::INFINITY,
        (31, _) => f64::NAN,
        (0, mantissa) => f64::from(mantissa << 1) * UNIT,
        (exponent, mantissa) => f64::from(4 + mantissa) * f64::from(1u32 << exponent) * UNIT,
    };
    signed(bits, magnitude)
}

fn signed(bits: u32, magnitude: f64) -> f64 {
    if bits & 0x80 == 0 { magnitude } else { -magnitude }
}
