//! Word → word inside a window of the 2^32 words. Twin of `shaders/truncated.wgsl`.
//!
//! ```
//! use wgpu_init::value::truncated::truncate_word;
//! // All words go evenly to the hundred from 10 on; a range of 0 stands for all of them.
//! assert_eq!([0, u32::MAX].map(|word| truncate_word(word, 10, 100)), [10, 109]);
//! assert_eq!(truncate_word(12_345, 0, 0), 12_345);
//! ```

use super::mulhi::mul_add_high;

/// `low + floor((word · range + floor(range / 2)) / 2^32)`, where `range` = 0 stands for 2^32 (all words).
///
/// Monotone, reaches both ends, and antisymmetric for symmetric windows: one word, one sample, no rejection.
#[inline]
#[must_use]
pub const fn truncate_word(word: u32, low: u32, range: u32) -> u32 {
    if range == 0 {
        return word;
    }
    mul_add_high(word, range, low, range >> 1)
}
