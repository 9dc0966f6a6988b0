//! Word → uniform unit value. Twin of `shaders/uniform.wgsl`.
//!
//! ```
//! use wgpu_init::value::uniform::uniform_unit;
//! // In multiples of 2^-24; never 0, and symmetric.
//! assert_eq!([0, u32::MAX].map(uniform_unit), [-16_777_215, 16_777_215]);
//! ```

/// The odd integer `k = 2·(word >> 8) + 1 − 2^24`, |k| < 2^24; the unit value is `s = k · 2^-24`.
///
/// Value set: the 2^24 odd multiples of 2^-24 in (−1, 1), each drawn by 256 words. Symmetric, s(!w) = −s(w); never 0,
/// never ±1. Mean 0, variance (1 − 2^-48)/3. Exact as f32.
///
/// ```
/// use wgpu_init::value::uniform::uniform_unit;
/// assert_eq!(uniform_unit(0), 1 - (1 << 24));
/// assert_eq!(uniform_unit(u32::MAX), (1 << 24) - 1);
/// ```
#[inline]
#[must_use]
pub const fn uniform_unit(word: u32) -> i32 {
    (2 * (word >> 8)).cast_signed() - 0xFF_FFFF
}
