//! Philox4x32: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
//! Twin of `shaders/philox.wgsl`.
//!
//! ```
//! use wgpu_init::value::philox::philox4x32_10;
//! // The first known answer of Random123.
//! assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
//! ```

use super::mulhi::mul_wide;

/// Multiplier of counter word 0.
pub const MULTIPLIER_0: u32 = 0xD251_1F53;
/// Multiplier of counter word 2.
pub const MULTIPLIER_1: u32 = 0xCD9E_8D57;
/// Added to key word 0 between rounds: the golden ratio.
pub const WEYL_0: u32 = 0x9E37_79B9;
/// Added to key word 1 between rounds: √3 − 1.
pub const WEYL_1: u32 = 0xBB67_AE85;

const fn round(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let (low_0, high_0) = mul_wide(MULTIPLIER_0, counter[0]);
    let (low_1, high_1) = mul_wide(MULTIPLIER_1, counter[2]);
    [high_1 ^ counter[1] ^ key[0], low_1, high_0 ^ counter[3] ^ key[1], low_0]
}

/// Philox4x32 with a chosen number of rounds. The crate's values use ten; seven are known answers too.
#[must_use]
pub const fn philox4x32(rounds: u32, mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    let mut r = 0;
    while r < rounds {
        if r > 0 {
            key = [key[0].wrapping_add(WEYL_0), key[1].wrapping_add(WEYL_1)];
        }
        counter = round(counter, key);
        r += 1;
    }
    counter
}

/// Philox4x32-10: 128 counter bits and 64 key bits to 128 random bits.
///
/// ```
/// use wgpu_init::value::philox::philox4x32_10;
/// // Random123, kat_vectors: all zeros.
/// assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
/// ```
#[inline]
#[must_use]
pub const fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    philox4x32(10, counter, key)
}
