//! From (seed, stream, logical element index) to the element's 32-bit word. Twin of `shaders/word.wgsl`.
//!
//! ```
//! use wgpu_init::value::word::{Purpose, block_words, value_word};
//! // Four elements share a block.
//! let words = [4, 5, 6, 7].map(|index| value_word(42, 7, index));
//! assert_eq!(words, block_words(42, 7, Purpose::Values, 1));
//! ```

use super::philox::philox4x32_10;

/// What a Philox block is drawn for; it stands in the two top bits of the 64-bit block counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Element values.
    Values = 0,
    /// Auxiliary draws: permutations.
    Auxiliary = 1,
    /// Derivation of further seeds: [`Seed::fold_in`](crate::Seed::fold_in).
    KeyDerivation = 3,
}

/// The low and the high word of a 64-bit number.
#[inline]
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "splitting a number into its two words")]
pub const fn halves(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

/// The four words of one block. `block` has 62 bits; the two above belong to `purpose`.
#[inline]
#[must_use]
pub const fn block_words(seed: u64, stream: u64, purpose: Purpose, block: u64) -> [u32; 4] {
    let [block_low, block_high] = halves(block);
    let [stream_low, stream_high] = halves(stream);
    philox4x32_10([block_low, block_high | (purpose as u32) << 30, stream_low, stream_high], halves(seed))
}

/// The word of one element: `philox4x32_10(counter, seed)[index & 3]` with block `index >> 2`.
///
/// Uses one of the four words of a block; an executor computes each block once.
#[inline]
#[must_use]
pub const fn value_word(seed: u64, stream: u64, index: u64) -> u32 {
    block_words(seed, stream, Purpose::Values, index >> 2)[(index & 3) as usize]
}
