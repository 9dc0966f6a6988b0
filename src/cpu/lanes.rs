//! Random fills in batches of sixteen Philox blocks: loops over arrays, which the compiler turns into vector code.
//!
//! Separate code from `src/value/`, for speed; `tests/cpu.rs` and the tests of `dispatch.rs` compare the two. All of it is inlined
//! into the functions of `dispatch.rs`, each of which is compiled for instruction sets of its own.

mod draw;
mod store;
mod words;

use crate::fill::Job;
use crate::value::word::{Purpose, block_words};
use crate::{DType, Kind};
use draw::{Draw, Normal, Truncated, Uniform};
use store::{Bf16, F16, F32, Store};

/// Philox blocks computed together.
const LANES: usize = 16;
/// Elements that one batch of blocks gives.
const BATCH: usize = 4 * LANES;

/// One number for each element of a batch. Aligned, as vectors that straddle cache lines are slow.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Batch<T>([T; BATCH]);

/// Writes the little-endian elements of a uniform, normal or truncated `job` into `bytes`, its whole byte range.
#[inline(always)]
pub(super) fn fill(job: &Job, bytes: &mut [u8]) {
    let constants = &job.constants;
    match constants.kind {
        Kind::Uniform => fill_law(job, bytes, Uniform::new(constants)),
        Kind::Truncated if constants.window_range != 0 => fill_law(job, bytes, Truncated::new(constants)),
        // The window of all words changes none.
        Kind::Normal | Kind::Truncated => fill_law(job, bytes, Normal::new(constants)),
        Kind::Constant | Kind::Computed => {}
    }
}

/// One loop per law and dtype, so that nothing is decided inside.
#[inline(always)]
fn fill_law(job: &Job, bytes: &mut [u8], law: impl Draw) {
    match job.constants.dtype {
        DType::F32 => fill_batches::<F32>(job, bytes, law),
        DType::F16 => fill_batches::<F16>(job, bytes, law),
        DType::Bf16 => fill_batches::<Bf16>(job, bytes, law),
    }
}

/// A ragged start up to a block's first element, whole batches, and what is left of the last.
#[inline(always)]
fn fill_batches<S: Store>(job: &Job, bytes: &mut [u8], law: impl Draw) {
    let phase = (job.first & 3) as usize;
    let start = (4 - phase) % 4 * S::SIZE;
    let (ragged, whole) = bytes.split_at_mut(start.min(bytes.len()));
    if !ragged.is_empty() {
        let words = block_words(job.seed, job.stream, Purpose::Values, job.first >> 2);
        let mut batch = Batch([0; BATCH]);
        let drawn = &words[phase..];
        batch.0[..drawn.len()].copy_from_slice(drawn);
        S::store(&law.draw(&batch), ragged);
    }
    let mut block = job.first.wrapping_add(3) >> 2;
    let mut batches = whole.chunks_exact_mut(BATCH * S::SIZE);
    for out in &mut batches {
        S::store(&law.draw(&words::batch(job.seed, job.stream, block)), out);
        block = block.wrapping_add(LANES as u64);
    }
    let rest = batches.into_remainder();
    if !rest.is_empty() {
        S::store(&law.draw(&words::batch(job.seed, job.stream, block)), rest);
    }
}
