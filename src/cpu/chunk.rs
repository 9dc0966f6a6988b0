//! One chunk of a fill, on the calling thread.

use super::dispatch::fill_blocks;
use crate::fill::Job;
use crate::value::word::{Purpose, block_words};
use crate::{DType, Kind};

/// Writes the little-endian elements of `job` into `bytes`, its whole byte range.
pub(super) fn fill(job: &Job, bytes: &mut [u8]) {
    match (job.constants.kind, job.constants.dtype) {
        (Kind::Constant, DType::F32) => fill_constant(bytes, job.constants.scale.to_le_bytes()),
        (Kind::Constant, _) => {
            let [low, high, ..] = job.constants.scale.to_le_bytes();
            fill_constant(bytes, [low, high]);
        }
        (Kind::Computed | Kind::Delta | Kind::Sparse, DType::F32) => fill_plain::<4>(job, bytes),
        (Kind::Computed | Kind::Delta | Kind::Sparse, _) => fill_plain::<2>(job, bytes),
        // A matrix is made as a whole, by the executor.
        (Kind::Orthogonal, _) => {}
        (_, DType::F32) => fill_random::<4>(job, bytes),
        (_, _) => fill_random::<2>(job, bytes),
    }
}

fn fill_constant<const SIZE: usize>(bytes: &mut [u8], element: [u8; SIZE]) {
    for out in bytes.chunks_exact_mut(SIZE) {
        out.copy_from_slice(&element);
    }
}

/// A ragged start up to a block's first element, and the rest by whole blocks.
fn fill_random<const SIZE: usize>(job: &Job, bytes: &mut [u8]) {
    let ragged = (job.first.wrapping_neg() & 3) as usize * SIZE;
    let (start, rest) = bytes.split_at_mut(ragged.min(bytes.len()));
    if !start.is_empty() {
        fill_plain::<SIZE>(job, start);
    }
    if !rest.is_empty() {
        fill_blocks(&job.part(job.bytes.start + ragged as u64..job.bytes.end), rest);
    }
}

/// One element after the other. For computed laws and structures it is all there is: exp, log, sine and places cost far more than
/// anything that could be saved around them.
fn fill_plain<const SIZE: usize>(job: &Job, bytes: &mut [u8]) {
    let block = |index: u64| block_words(job.seed, job.stream, Purpose::Values, index >> 2);
    let mut index = job.first;
    let mut words = block(index);
    for out in bytes.chunks_exact_mut(SIZE) {
        if index & 3 == 0 {
            words = block(index);
        }
        let element = job.element(index, words[(index & 3) as usize]);
        out.copy_from_slice(&element.to_le_bytes()[..SIZE]);
        index = index.wrapping_add(1);
    }
}
