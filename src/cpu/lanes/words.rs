//! Philox4x32-10 in 64-bit lanes, as vector units multiply. The readable form is `src/value/philox.rs`.

use super::beside::Beside;
use super::{BATCH, Batch, LANES};
use crate::value::philox::{MULTIPLIER_0, MULTIPLIER_1, WEYL_0, WEYL_1};
use crate::value::program::Source;
use crate::value::word::halves;

/// The low half of 64 bits.
const LOW: u64 = 0xFFFF_FFFF;

/// Blocks of a chain: a vector of the widest unit.
const STEPS: usize = 8;

/// The words of `LANES` blocks, by block.
///
/// `CHAINS` are done in turn: a core overlaps the products of several, where those of one wait for each other, unless it has something to
/// do beside them. The words of four are what sixteen vectors hold.
#[inline(always)]
pub(super) fn batch<const CHAINS: usize>(
    source: Source,
    block: impl Fn(usize) -> u64,
    beside: &mut impl Beside,
) -> Batch<u32> {
    const { assert!(LANES.is_multiple_of(CHAINS * STEPS)) };
    let mut pairs = [Pairs([0; LANES]); 2];
    for first in (0..LANES).step_by(CHAINS * STEPS) {
        // Becomes vectors of steps, that stay in registers for all rounds.
        for step in 0..STEPS {
            let mut blocks = [0; CHAINS];
            for (chain, out) in blocks.iter_mut().enumerate() {
                // The two top bits stay 0, the purpose of values: a job's last element is below 2^64.
                *out = block(first + chain * STEPS + step) & (u64::MAX >> 2);
            }
            let counters = rounds(source.seed, source.stream, blocks);
            // Rotated, not shifted: a shift would be made one product with the round's, which a vector unit of AVX-512 is slow at.
            for (chain, [c0, c1, c2, c3]) in counters.into_iter().enumerate() {
                let lane = first + chain * STEPS + step;
                pairs[0].0[lane] = (c0 & LOW) | (c1.rotate_left(32) & !LOW);
                pairs[1].0[lane] = (c2 & LOW) | (c3.rotate_left(32) & !LOW);
            }
        }
        beside.part(4 * first..4 * (first + CHAINS * STEPS));
    }
    let mut words = [0; BATCH / 2];
    for lane in 0..LANES {
        (words[2 * lane], words[2 * lane + 1]) = (pairs[0].0[lane], pairs[1].0[lane]);
    }
    Batch(bytemuck::cast(words))
}

/// Two words of each block, the earlier one in the low half.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Pairs([u64; LANES]);

/// The four words of each block, each in the low half of a lane. The high halves are left as they come: a product takes the low
/// half of a lane only.
#[inline(always)]
fn rounds<const CHAINS: usize>(seed: u64, stream: u64, blocks: [u64; CHAINS]) -> [[u64; 4]; CHAINS] {
    let mut counters = [[0; 4]; CHAINS];
    for (counter, block) in counters.iter_mut().zip(blocks) {
        *counter = [block, block >> 32, stream, stream >> 32];
    }
    let key = halves(seed);
    // Not a loop: a compiler that leaves it one keeps the words in memory between rounds.
    macro_rules! rounds {
        ($($number:literal)*) => {$(
            let keys = [
                key[0].wrapping_add(WEYL_0.wrapping_mul($number)),
                key[1].wrapping_add(WEYL_1.wrapping_mul($number)),
            ];
            for counter in &mut counters {
                *counter = round(*counter, keys);
            }
        )*};
    }
    rounds!(0 1 2 3 4 5 6 7 8 9);
    counters
}

#[inline(always)]
fn round([c0, c1, c2, c3]: [u64; 4], [key_0, key_1]: [u32; 2]) -> [u64; 4] {
    let product_0 = u64::from(MULTIPLIER_0) * (c0 & LOW);
    let product_1 = u64::from(MULTIPLIER_1) * (c2 & LOW);
    [(product_1 >> 32) ^ (c1 ^ u64::from(key_0)), product_1, (product_0 >> 32) ^ (c3 ^ u64::from(key_1)), product_0]
}

/// The high halves of products.
#[inline(always)]
pub(super) fn high_halves(a: &Batch<u32>, b: &Batch<u32>) -> Batch<u32> {
    // Arm multiplies the lanes of half a vector, which lie next to each other. Of others a unit multiplies every other lane.
    if cfg!(target_arch = "aarch64") {
        let mut high = Batch([0; BATCH]);
        for lane in 0..BATCH {
            high.0[lane] = ((u64::from(a.0[lane]) * u64::from(b.0[lane])) >> 32) as u32;
        }
        return high;
    }
    let (a, b): ([u64; BATCH / 2], [u64; BATCH / 2]) = (bytemuck::cast(a.0), bytemuck::cast(b.0));
    let mut high = [0; BATCH / 2];
    for pair in 0..BATCH / 2 {
        let (a, b) = (a[pair], b[pair]);
        high[pair] = (((a & LOW) * (b & LOW)) >> 32) | (((a >> 32) * (b >> 32)) & !LOW);
    }
    Batch(bytemuck::cast(high))
}
