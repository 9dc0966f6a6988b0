//! Random fills in batches of 32 Philox blocks: loops over arrays, which the compiler turns into vector code.
//!
//! Separate code from `src/value/`, for speed; `tests/cpu.rs` and the tests of `dispatch.rs` compare the two. All of it is inlined
//! into the functions of `dispatch.rs`, each of which is compiled for instruction sets of its own.

mod beside;
mod draw;
#[cfg_attr(target_family = "wasm", path = "lanes/normal_wasm.rs")]
mod normal;
mod store;
#[cfg_attr(all(target_arch = "wasm32", target_feature = "simd128"), path = "lanes/words_simd128.rs")]
mod words;

use super::view::{Batch as Blocks, MOST};
use crate::DType;
use crate::fill::Job;
use crate::value::program::{Affine, Unit};
use draw::{Draw, Uniform, Values};
use normal::{AllWords, Normal, Window};
use store::{Bf16, F8E4M3Fn, F8E5M2, F16, F32, Store};

/// Philox blocks computed together.
pub(super) const LANES: usize = 32;
/// Elements that one batch of blocks gives.
const BATCH: usize = 4 * LANES;

/// One number for each element of a batch. Aligned, as vectors that straddle cache lines are slow.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Batch<T>([T; BATCH]);

impl<T: Copy + Default> Default for Batch<T> {
    fn default() -> Self {
        Self([T::default(); BATCH])
    }
}

/// Writes the little-endian elements of a uniform, normal or truncated `job`, which starts with a block's first, into `bytes`.
#[inline(always)]
pub(super) fn fill(job: &Job<Affine>, bytes: &mut [u8]) {
    by_law(job, bytes, Stretch);
}

/// Writes elements of some blocks, each to its place in `bytes`.
#[inline(always)]
pub(super) fn fill_blocks(job: &Job<Affine>, blocks: &Blocks, bytes: &mut [u8]) {
    by_law(job, bytes, blocks);
}

/// What of a tensor is written: a stretch, or elements of some blocks.
trait Wanted: Copy {
    fn write<S: Store>(self, job: &Job<Affine>, bytes: &mut [u8], law: impl Draw);
}

/// From the first element of the job on, as many as fit.
#[derive(Clone, Copy)]
struct Stretch;

#[inline(always)]
fn by_law(job: &Job<Affine>, bytes: &mut [u8], wanted: impl Wanted) {
    let values = Values::new(&job.program, job.dtype);
    match job.program.unit {
        Unit::Uniform => by_dtype(job, bytes, Uniform(values), wanted),
        // The window of all words, whose range is 0, changes none.
        Unit::Normal | Unit::Truncated { range: 0, .. } => {
            by_dtype(job, bytes, Normal { values, window: AllWords }, wanted);
        }
        Unit::Truncated { low, range } => {
            by_dtype(job, bytes, Normal { values, window: Window { low, range } }, wanted);
        }
    }
}

/// One loop per law and dtype, so that nothing is decided inside.
#[inline(always)]
fn by_dtype(job: &Job<Affine>, bytes: &mut [u8], law: impl Draw, wanted: impl Wanted) {
    match job.dtype {
        DType::F32 => wanted.write::<F32>(job, bytes, law),
        DType::F16 => wanted.write::<F16>(job, bytes, law),
        DType::Bf16 => wanted.write::<Bf16>(job, bytes, law),
        DType::F8E4M3Fn => wanted.write::<F8E4M3Fn>(job, bytes, law),
        DType::F8E5M2 => wanted.write::<F8E5M2>(job, bytes, law),
    }
}

impl Wanted for Stretch {
    #[inline(always)]
    fn write<S: Store>(self, job: &Job<Affine>, bytes: &mut [u8], law: impl Draw) {
        let first = job.first >> 2;
        let batches = (0..).map(|batch: u64| {
            let block = first.wrapping_add(batch * LANES as u64);
            move |lane| block.wrapping_add(lane as u64)
        });
        law.fill::<S, _>(job.source, batches, bytes);
    }
}

impl Wanted for &Blocks {
    #[inline(always)]
    fn write<S: Store>(self, job: &Job<Affine>, bytes: &mut [u8], law: impl Draw) {
        let mut drawn = [0; 16 * MOST];
        let batches = self.blocks().map(|blocks| move |lane: usize| blocks[lane]);
        let size = BATCH * S::SIZE;
        law.fill::<S, _>(job.source, batches, &mut drawn[..self.blocks().len() * size]);
        S::place(self, &drawn[..4 * MOST * S::SIZE], bytes);
    }
}
