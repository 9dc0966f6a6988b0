//! One chunk of a fill, on the calling thread.

use super::dispatch::fill_blocks;
use crate::DType;
use crate::fill::Job;
use crate::value::program::{Affine, Elementwise};

/// Writes the little-endian elements of `job` into `bytes`, its whole byte range.
pub(super) fn fill(job: &Job<Elementwise>, bytes: &mut [u8]) {
    match (&job.program, job.dtype) {
        (Elementwise::Constant(word), DType::F32) => fill_constant(bytes, word.to_le_bytes()),
        (Elementwise::Constant(word), DType::F16 | DType::Bf16) => {
            let [low, high, ..] = word.to_le_bytes();
            fill_constant(bytes, [low, high]);
        }
        (Elementwise::Constant(word), DType::F8E4M3Fn | DType::F8E5M2) => bytes.fill(word.to_le_bytes()[0]),
        (Elementwise::Affine(affine), _) => fill_affine(&job.with(*affine), bytes),
        // One element after the other: exp, log, sine and places cost far more than anything that could be saved around them.
        (Elementwise::Computed(..) | Elementwise::Delta(..) | Elementwise::Sparse(..), _) => job.write(bytes),
    }
}

fn fill_constant<const SIZE: usize>(bytes: &mut [u8], element: [u8; SIZE]) {
    for out in bytes.chunks_exact_mut(SIZE) {
        out.copy_from_slice(&element);
    }
}

/// A ragged start up to a block's first element, and the rest by whole blocks.
pub(super) fn fill_affine(job: &Job<Affine>, bytes: &mut [u8]) {
    let ragged = (job.first.wrapping_neg() & 3) * job.dtype.size();
    let (start, rest) = bytes.split_at_mut(usize::try_from(ragged).unwrap_or(usize::MAX).min(bytes.len()));
    if !start.is_empty() {
        // A part of the job: what is not asked for would be drawn and thrown away.
        let end = job.bytes.start + start.len() as u64;
        job.with(Elementwise::Affine(job.program)).part(job.bytes.start..end).write(start);
    }
    if !rest.is_empty() {
        fill_blocks(&job.part(job.bytes.start + ragged..job.bytes.end), rest);
    }
}
