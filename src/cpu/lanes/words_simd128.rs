//! `words.rs` in WebAssembly's vectors (SIMD128): products of 64-bit lanes, which it is made of, are several instructions there on most
//! processors, and those of 32-bit lanes are one. `web/check` compares the two.

use super::beside::Beside;
use super::{BATCH, Batch, LANES};
use crate::value::philox::{MULTIPLIER_0, MULTIPLIER_1, WEYL_0, WEYL_1};
use crate::value::program::Source;
use crate::value::word::halves;
use core::arch::wasm32::{
    i32x4_shuffle, i64x2_shuffle, u32x4, u32x4_extract_lane, u32x4_splat, u64x2_extmul_high_u32x4,
    u64x2_extmul_low_u32x4, v128, v128_xor,
};

/// The words of `LANES` blocks, by block: four blocks at a time, in no chains.
#[inline(always)]
pub(super) fn batch<const CHAINS: usize>(
    source: Source,
    block: impl Fn(usize) -> u64,
    beside: &mut impl Beside,
) -> Batch<u32> {
    let mut words = Batch([0; BATCH]);
    for (at, out) in words.0.chunks_exact_mut(16).enumerate() {
        // The two top bits stay 0, the purpose of values.
        let blocks: [[u32; 2]; 4] = core::array::from_fn(|lane| halves(block(4 * at + lane) & (u64::MAX >> 2)));
        let c = rounds(source.seed, source.stream, blocks);
        let [a, b] = [i32x4_shuffle::<0, 4, 1, 5>(c[0], c[1]), i32x4_shuffle::<2, 6, 3, 7>(c[0], c[1])];
        let [d, e] = [i32x4_shuffle::<0, 4, 1, 5>(c[2], c[3]), i32x4_shuffle::<2, 6, 3, 7>(c[2], c[3])];
        store(i64x2_shuffle::<0, 2>(a, d), &mut out[..4]);
        store(i64x2_shuffle::<1, 3>(a, d), &mut out[4..8]);
        store(i64x2_shuffle::<0, 2>(b, e), &mut out[8..12]);
        store(i64x2_shuffle::<1, 3>(b, e), &mut out[12..]);
    }
    beside.part(0..BATCH);
    words
}

const _: () = assert!(LANES.is_multiple_of(4));

#[inline(always)]
fn rounds(seed: u64, stream: u64, blocks: [[u32; 2]; 4]) -> [v128; 4] {
    let [mut key_0, mut key_1] = halves(seed);
    let [low, high] = halves(stream);
    let [b0, b1, b2, b3] = blocks;
    let (mut c0, mut c1) = (u32x4(b0[0], b1[0], b2[0], b3[0]), u32x4(b0[1], b1[1], b2[1], b3[1]));
    let (mut c2, mut c3) = (u32x4_splat(low), u32x4_splat(high));
    for round in 0..10 {
        if round > 0 {
            key_0 = key_0.wrapping_add(WEYL_0);
            key_1 = key_1.wrapping_add(WEYL_1);
        }
        let [low_0, high_0] = product(c0, u32x4_splat(MULTIPLIER_0));
        let [low_1, high_1] = product(c2, u32x4_splat(MULTIPLIER_1));
        c0 = v128_xor(v128_xor(high_1, c1), u32x4_splat(key_0));
        c1 = low_1;
        c2 = v128_xor(v128_xor(high_0, c3), u32x4_splat(key_1));
        c3 = low_0;
    }
    [c0, c1, c2, c3]
}

/// The low and the high halves of four products.
#[inline(always)]
fn product(a: v128, b: v128) -> [v128; 2] {
    let (first, last) = (u64x2_extmul_low_u32x4(a, b), u64x2_extmul_high_u32x4(a, b));
    [i32x4_shuffle::<0, 2, 4, 6>(first, last), i32x4_shuffle::<1, 3, 5, 7>(first, last)]
}

/// The high halves of products.
#[inline(always)]
pub(super) fn high_halves(a: &Batch<u32>, b: &Batch<u32>) -> Batch<u32> {
    let mut high = Batch([0; BATCH]);
    for (out, (a, b)) in high.0.chunks_exact_mut(4).zip(a.0.chunks_exact(4).zip(b.0.chunks_exact(4))) {
        store(product(load(a), load(b))[1], out);
    }
    high
}

#[inline(always)]
fn load(from: &[u32]) -> v128 {
    u32x4(from[0], from[1], from[2], from[3])
}

#[inline(always)]
fn store(vector: v128, to: &mut [u32]) {
    to[0] = u32x4_extract_lane::<0>(vector);
    to[1] = u32x4_extract_lane::<1>(vector);
    to[2] = u32x4_extract_lane::<2>(vector);
    to[3] = u32x4_extract_lane::<3>(vector);
}
