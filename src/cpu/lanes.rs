//! Sixteen Philox blocks at a time, in arrays that the compiler turns into vector code.
//!
//! Separate code from `src/value/`, for speed; `tests/cpu.rs` compares the two.

use crate::fill::Job;
use crate::value::philox::{MULTIPLIER_0, MULTIPLIER_1, WEYL_0, WEYL_1};
use crate::value::word::{Purpose, block_words, halves};
use crate::value::{draw, finish};
use crate::{DType, Kind};

/// Philox blocks computed together.
const LANES: usize = 16;
/// Elements that one batch of blocks gives.
pub(super) const BATCH: usize = 4 * LANES;

/// Writes the little-endian elements of `job` into `bytes`, its whole byte range.
pub(super) fn fill(job: &Job, bytes: &mut [u8]) {
    match (job.constants.kind, job.constants.dtype) {
        (Kind::Constant, DType::F32) => fill_words(bytes, job.constants.scale),
        (Kind::Constant, _) => fill_halves(bytes, job.constants.scale),
        (Kind::Uniform, dtype) => {
            let (scale, shift) = affine(job);
            fill_random(job, bytes, dtype, |word| draw::draw_uniform(word, scale, shift));
        }
        (Kind::Normal, dtype) => {
            let (scale, shift) = affine(job);
            fill_random(job, bytes, dtype, |word| draw::draw_normal(word, scale, shift));
        }
        (Kind::Truncated, dtype) => {
            let (scale, shift) = affine(job);
            let (low, range) = (job.constants.window_low, job.constants.window_range);
            fill_random(job, bytes, dtype, |word| draw::draw_truncated(word, scale, shift, low, range));
        }
        (Kind::Computed | Kind::Delta | Kind::Sparse, dtype) => fill_elements(job, bytes, dtype),
        // A matrix is made as a whole, by the executor.
        (Kind::Orthogonal, _) => {}
    }
}

fn affine(job: &Job) -> (f32, f32) {
    (f32::from_bits(job.constants.scale), f32::from_bits(job.constants.shift))
}

fn fill_words(bytes: &mut [u8], word: u32) {
    for chunk in bytes.chunks_exact_mut(4) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
}

fn fill_halves(bytes: &mut [u8], word: u32) {
    for chunk in bytes.chunks_exact_mut(2) {
        chunk.copy_from_slice(&word.to_le_bytes()[..2]);
    }
}

/// Exp, log and sine cost far more than anything that could be saved around them; places are worked out one by one.
fn fill_elements(job: &Job, bytes: &mut [u8], dtype: DType) {
    let mut index = job.first;
    let size = if dtype == DType::F32 { 4 } else { 2 };
    batches(job, bytes, size, |words, out| {
        for (word, out) in words.iter().zip(out.chunks_exact_mut(size)) {
            out.copy_from_slice(&job.element(index, *word).to_le_bytes()[..size]);
            index = index.wrapping_add(1);
        }
    });
}

/// One loop per dtype, so that nothing but the draw is decided inside.
#[inline]
fn fill_random(job: &Job, bytes: &mut [u8], dtype: DType, draw: impl Fn(u32) -> u32) {
    let (low, high) = (job.constants.low_key, job.constants.high_key);
    match dtype {
        DType::F32 => batches(job, bytes, 4, |words, out| {
            for (word, out) in words.iter().zip(out.chunks_exact_mut(4)) {
                out.copy_from_slice(&finish::finish(DType::F32, draw(*word), low, high).to_le_bytes());
            }
        }),
        DType::F16 => batches(job, bytes, 2, |words, out| {
            for (word, out) in words.iter().zip(out.chunks_exact_mut(2)) {
                out.copy_from_slice(&finish::finish(DType::F16, draw(*word), low, high).to_le_bytes()[..2]);
            }
        }),
        DType::Bf16 => batches(job, bytes, 2, |words, out| {
            for (word, out) in words.iter().zip(out.chunks_exact_mut(2)) {
                out.copy_from_slice(&finish::finish(DType::Bf16, draw(*word), low, high).to_le_bytes()[..2]);
            }
        }),
    }
}

/// Hands out the words of `count` elements from `first` on, in stretches.
pub(super) fn words(seed: u64, stream: u64, first: u64, count: usize, mut take: impl FnMut(&[u32])) {
    let phase = (first & 3) as usize;
    let mut block = first >> 2;
    let mut skip = phase;
    let mut left = count;
    while left > 0 {
        let words = batch_words(seed, stream, block);
        let now = left.min(BATCH - skip);
        take(&words[skip..skip + now]);
        (skip, left) = (0, left - now);
        block = block.wrapping_add(LANES as u64);
    }
}

/// Hands out words and the bytes they belong to: a ragged start up to a block's first element, then batches.
#[inline]
fn batches(job: &Job, mut bytes: &mut [u8], size: usize, mut write: impl FnMut(&[u32], &mut [u8])) {
    let mut index = job.first;
    let phase = (index & 3) as usize;
    if phase != 0 {
        let words = block_words(job.seed, job.stream, Purpose::Values, index >> 2);
        let count = (4 - phase).min(bytes.len() / size);
        let (now, rest) = bytes.split_at_mut(count * size);
        write(&words[phase..phase + count], now);
        index = index.wrapping_add(count as u64);
        bytes = rest;
    }
    let mut block = index >> 2;
    for out in bytes.chunks_mut(BATCH * size) {
        let words = batch_words(job.seed, job.stream, block);
        write(&words[..out.len() / size], out);
        block = block.wrapping_add(LANES as u64);
    }
}

/// The words of `LANES` consecutive blocks, in element order.
#[inline]
fn batch_words(seed: u64, stream: u64, block: u64) -> [u32; BATCH] {
    let [mut key_0, mut key_1] = halves(seed);
    let [stream_low, stream_high] = halves(stream);
    let mut c0 = [0; LANES];
    let mut c1 = [0; LANES];
    let mut c2 = [stream_low; LANES];
    let mut c3 = [stream_high; LANES];
    for lane in 0..LANES {
        // The two top bits stay 0, the purpose of values: a job's last element is below 2^64.
        [c0[lane], c1[lane]] = halves((block + lane as u64) & (u64::MAX >> 2));
    }
    for round in 0..10 {
        if round > 0 {
            key_0 = key_0.wrapping_add(WEYL_0);
            key_1 = key_1.wrapping_add(WEYL_1);
        }
        for lane in 0..LANES {
            let product_0 = u64::from(MULTIPLIER_0) * u64::from(c0[lane]);
            let product_1 = u64::from(MULTIPLIER_1) * u64::from(c2[lane]);
            let ([low_0, high_0], [low_1, high_1]) = (halves(product_0), halves(product_1));
            c0[lane] = high_1 ^ c1[lane] ^ key_0;
            c1[lane] = low_1;
            c2[lane] = high_0 ^ c3[lane] ^ key_1;
            c3[lane] = low_0;
        }
    }
    let mut words = [0; BATCH];
    for lane in 0..LANES {
        words[4 * lane] = c0[lane];
        words[4 * lane + 1] = c1[lane];
        words[4 * lane + 2] = c2[lane];
        words[4 * lane + 3] = c3[lane];
    }
    words
}
