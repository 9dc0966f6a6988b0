//! Word → f32 bits of a value, before rounding to the dtype.
//! Twins of `shaders/draw_uniform.wgsl`, `draw_normal.wgsl`, `draw_truncated.wgsl`.
//!
//! ```
//! use wgpu_init::value::{draw::draw_normal, word::value_word};
//! // Element 5 of stream 7 under seed 42, N(1, 0.5²).
//! let value = f32::from_bits(draw_normal(value_word(42, 7, 5), 0.5, 1.0));
//! assert_eq!(value, 0.840_989_77);
//! ```

use super::{affine::affine, normal::normal_unit, truncated::truncate_word, uniform::uniform_unit};

/// Uniform: `scale` is the half-width times 2^-24, `shift` the midpoint.
#[inline]
#[must_use]
pub fn draw_uniform(word: u32, scale: f32, shift: f32) -> u32 {
    #[expect(clippy::cast_precision_loss, reason = "exact: |k| < 2^24")]
    let k = uniform_unit(word) as f32;
    affine(k, word, scale, shift).to_bits()
}

/// Normal: `scale` is the standard deviation, `shift` the mean.
#[inline]
#[must_use]
pub fn draw_normal(word: u32, scale: f32, shift: f32) -> u32 {
    affine(f32::from_bits(normal_unit(word)), word, scale, shift).to_bits()
}

/// Truncated normal: the normal of a word remapped into a window of the words.
#[inline]
#[must_use]
pub fn draw_truncated(word: u32, scale: f32, shift: f32, window_low: u32, window_range: u32) -> u32 {
    draw_normal(truncate_word(word, window_low, window_range), scale, shift)
}
