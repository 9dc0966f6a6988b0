//! Tensors one behind the other.

use crate::{DType, Error, Result};
use core::ops::Range;

/// Packed tensors begin at multiples of this many bytes: of every device's offset alignment for storage buffers, so that each can be
/// bound by itself.
pub const ALIGNMENT: u64 = 256;

/// The bytes of tensors one behind the other, given how many elements each has: each begins at the first multiple of [`ALIGNMENT`] that
/// is free, counted from byte `at` on.
///
/// A buffer for them ends where the last range does, rounded up to a multiple of 4.
///
/// ```
/// use wgpu_init::{DType, pack};
/// let bytes = pack([(768 * 3072, DType::F32), (3072, DType::Bf16)], 0)?;
/// assert_eq!(bytes, [0..9_437_184, 9_437_184..9_443_328]);
/// assert_eq!(pack([(1, DType::F32), (2, DType::F16)], 100)?, [256..260, 512..516]);
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::OffsetOverflow`] past 2^64 bytes.
pub fn pack(tensors: impl IntoIterator<Item = (u64, DType)>, at: u64) -> Result<Vec<Range<u64>>> {
    let mut at = at;
    let place = |(elements, dtype): (u64, DType)| {
        let overflow = Error::OffsetOverflow { offset: at, elements, dtype };
        let start = at.checked_next_multiple_of(ALIGNMENT);
        let end = start.zip(elements.checked_mul(dtype.size())).and_then(|(start, bytes)| start.checked_add(bytes));
        let (start, end) = start.zip(end).ok_or(overflow)?;
        at = end;
        Ok(start..end)
    };
    tensors.into_iter().map(place).collect()
}
