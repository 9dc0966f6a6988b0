//! Where values go on a device.

use core::borrow::Borrow;
use core::ops::{Bound, Range, RangeBounds};

/// Bytes of a buffer that a fill may write; its own offset counts from their start, and a fill that does not fit is an error.
///
/// Made from a buffer, a [`wgpu::BufferSlice`], or a buffer with a range. It holds a handle of its own, so that a list of targets
/// borrows nothing.
///
/// ```
/// use wgpu_init::gpu::Target;
/// use wgpu_init::wgpu;
/// fn pages(arena: &wgpu::Buffer) -> [Target; 3] {
///     [arena.into(), arena.slice(256..512).into(), Target::new(arena, 512..1024)]
/// }
/// # let _ = pages;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub(super) buffer: wgpu::Buffer,
    pub(super) bytes: Range<u64>,
}

impl Target {
    /// Bytes of a buffer. A range that is not inside it is an error where a fill is recorded.
    #[must_use]
    pub fn new(buffer: impl Borrow<wgpu::Buffer>, bytes: impl RangeBounds<u64>) -> Self {
        let buffer = buffer.borrow().clone();
        let start = match bytes.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match bytes.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => buffer.size(),
        };
        Self { buffer, bytes: start..end }
    }
}

impl From<wgpu::Buffer> for Target {
    fn from(buffer: wgpu::Buffer) -> Self {
        Self { bytes: 0..buffer.size(), buffer }
    }
}

impl From<&wgpu::Buffer> for Target {
    fn from(buffer: &wgpu::Buffer) -> Self {
        buffer.clone().into()
    }
}

impl From<wgpu::BufferSlice<'_>> for Target {
    fn from(slice: wgpu::BufferSlice<'_>) -> Self {
        Self { buffer: slice.buffer().clone(), bytes: slice.offset()..slice.offset() + slice.size() }
    }
}

impl<B: Borrow<wgpu::Buffer>> From<(B, Range<u64>)> for Target {
    fn from((buffer, bytes): (B, Range<u64>)) -> Self {
        Self::new(buffer, bytes)
    }
}
