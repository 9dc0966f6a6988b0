//! Philox4x32-10 in 64-bit lanes, as vector units multiply. The readable form is `src/value/philox.rs`.

use super::{BATCH, Batch, LANES};
use crate::value::philox::{MULTIPLIER_0, MULTIPLIER_1, WEYL_0, WEYL_1};
use crate::value::word::halves;

/// The low half of 64 bits.
const LOW: u64 = 0xFFFF_FFFF;

/// The words of `LANES` blocks, by block. `SIDE` divides `LANES`.
#[inline(always)]
pub(super) fn batch<const SIDE: usize>(seed: u64, stream: u64, block: impl Fn(usize) -> u64) -> Batch<u32> {
    let mut pairs = [Pairs([0; LANES]); 2];
    for first in (0..LANES).step_by(SIDE) {
        // The two top bits stay 0, the purpose of values: a job's last element is below 2^64.
        let blocks = core::array::from_fn(|side| block(first + side) & (u64::MAX >> 2));
        let [c0, c1, c2, c3] = rounds::<SIDE>(seed, stream, blocks);
        for side in 0..SIDE {
            pairs[0].0[first + side] = (c0[side] & LOW) | c1[side] << 32;
            pairs[1].0[first + side] = (c2[side] & LOW) | c3[side] << 32;
        }
    }
    let mut words = Batch([0; BATCH]);
    let [first, second] = &pairs;
    for (out, (first, second)) in words.0.chunks_exact_mut(4).zip(first.0.iter().zip(&second.0)) {
        [out[0], out[1]] = halves(*first);
        [out[2], out[3]] = halves(*second);
    }
    words
}

/// Two words of each block, the earlier one in the low half.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Pairs([u64; LANES]);

/// The four words of each block, each in the low half of a lane. The high halves are left as they come: a product takes the low
/// half of a lane only.
///
/// All blocks go through a round before the next one. Of 1, a loop around this becomes vectors that stay in registers. Of many, they pass
/// through the nearest cache after each round, and none waits for the round before: which is faster depends on the vectors.
#[inline(always)]
fn rounds<const SIDE: usize>(seed: u64, stream: u64, blocks: [u64; SIDE]) -> [[u64; SIDE]; 4] {
    let [mut key_0, mut key_1] = halves(seed);
    let (mut c0, mut c1, mut c2, mut c3) =
        (blocks, blocks.map(|block| block >> 32), [stream; SIDE], [stream >> 32; SIDE]);
    for round in 0..10 {
        if round > 0 {
            key_0 = key_0.wrapping_add(WEYL_0);
            key_1 = key_1.wrapping_add(WEYL_1);
        }
        for side in 0..SIDE {
            let product_0 = u64::from(MULTIPLIER_0) * (c0[side] & LOW);
            let product_1 = u64::from(MULTIPLIER_1) * (c2[side] & LOW);
            c0[side] = (product_1 >> 32) ^ c1[side] ^ u64::from(key_0);
            c1[side] = product_1;
            c2[side] = (product_0 >> 32) ^ c3[side] ^ u64::from(key_1);
            c3[side] = product_0;
        }
    }
    [c0, c1, c2, c3]
}

/// The high halves of products, of even and odd lanes apart: a vector unit multiplies every other lane.
#[inline(always)]
pub(super) fn high_halves(a: &Batch<u32>, b: &Batch<u32>) -> Batch<u32> {
    let (a, b): ([u64; BATCH / 2], [u64; BATCH / 2]) = (bytemuck::cast(a.0), bytemuck::cast(b.0));
    let mut high = [0; BATCH / 2];
    for pair in 0..BATCH / 2 {
        let (a, b) = (a[pair], b[pair]);
        high[pair] = (((a & LOW) * (b & LOW)) >> 32) | (((a >> 32) * (b >> 32)) & !LOW);
    }
    Batch(bytemuck::cast(high))
}
