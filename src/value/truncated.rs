//! Word → word inside a window of the lattice of words. Twin of `shaders/truncated.wgsl`.

use super::mulhi::mul_add_high;

/// `low + floor((word · range + floor(range / 2)) / 2^32)`, where `range` = 0 stands for 2^32 (the whole lattice).
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
