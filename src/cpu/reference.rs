//! The plain executor: one element after the other, straight from the value contract. What the fast one is compared with.

use crate::fill::Job;
use crate::scheme::Place;
use crate::value::finish::finish;
use crate::value::orthogonal::{Frames, Orthonormal, orthonormal, scaled_entry};
use crate::value::word::value_word;
use crate::{DType, FillSpec, Result};

/// The stored bits of every element that a fill writes, in order; the low 16 bits for the 16-bit dtypes.
///
/// # Errors
/// As [`CpuExecutor::run`](super::CpuExecutor::run), but for what concerns the target.
pub fn elements(spec: &FillSpec) -> Result<impl Iterator<Item = u32> + use<>> {
    let job = spec.resolve()?;
    let mut matrix = None;
    Ok(spec.elements().clone().map(move |index| match job.constants.place {
        Some((Place::Frames(frames), origin)) => orthogonal(&job, &frames, origin, index, &mut matrix),
        _ => job.element(index, value_word(job.seed, job.stream, index)),
    }))
}

/// An element of a batch of orthogonal matrices; `known` is the last matrix that was computed.
fn orthogonal(job: &Job, frames: &Frames, origin: u64, index: u64, known: &mut Option<(u64, Orthonormal)>) -> u32 {
    let (number, place) = ((index - origin) / frames.elements(), (index - origin) % frames.elements());
    let matrix = match known {
        Some((last, matrix)) if *last == number => matrix,
        _ => {
            let (rows, columns) = frames.tall();
            let first = origin + number * frames.entries();
            let word = |row, column| value_word(job.seed, job.stream, first + (row * columns as usize + column) as u64);
            &mut known.insert((number, orthonormal(rows as usize, columns as usize, word))).1
        }
    };
    #[expect(clippy::cast_possible_truncation, reason = "rows and columns have 32 bits")]
    let entry = frames.entry(place).map_or(0, |(row, column)| matrix.entry(row as usize, column as usize));
    let c = &job.constants;
    finish(c.dtype, scaled_entry(entry, f32::from_bits(c.scale)), c.low_key, c.high_key)
}

/// The bytes that a fill writes, little-endian.
///
/// # Errors
/// As [`elements`].
pub fn bytes(spec: &FillSpec) -> Result<Vec<u8>> {
    let half = spec.dtype() != DType::F32;
    Ok(elements(spec)?.flat_map(|bits| bits.to_le_bytes().into_iter().take(if half { 2 } else { 4 })).collect())
}
