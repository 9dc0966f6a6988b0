//! The plain executor: one element after the other, straight from the value contract. What the fast one is compared with.

use crate::fill::Job;
use crate::value::word::value_word;
use crate::{DType, FillSpec, Result};

/// The stored bits of every element that a fill writes, in order; the low 16 bits for the 16-bit dtypes.
///
/// # Errors
/// As [`CpuExecutor::run`](super::CpuExecutor::run), but for what concerns the target.
pub fn elements(spec: &FillSpec) -> Result<impl Iterator<Item = u32> + use<>> {
    let Job { constants, seed, stream, .. } = spec.resolve()?;
    Ok(spec.elements().clone().map(move |index| constants.element(index, value_word(seed, stream, index))))
}

/// The bytes that a fill writes, little-endian.
///
/// # Errors
/// As [`elements`].
pub fn bytes(spec: &FillSpec) -> Result<Vec<u8>> {
    let half = spec.dtype() != DType::F32;
    Ok(elements(spec)?.flat_map(|bits| bits.to_le_bytes().into_iter().take(if half { 2 } else { 4 })).collect())
}
