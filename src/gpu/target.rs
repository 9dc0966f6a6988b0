//! Where values go on a device.

use crate::plan::{Jobs, Region};
use crate::{Error, Result};
use core::borrow::Borrow;
use core::ops::{Bound, Range, RangeBounds};
use std::collections::HashMap;

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

/// The buffers of a call's targets, each once.
#[derive(Default)]
pub(super) struct Targets {
    pub(super) buffers: Vec<wgpu::Buffer>,
    known: HashMap<wgpu::Buffer, usize>,
}

impl Targets {
    /// The target as a region of one of the plan's buffers.
    pub(super) fn region(&mut self, Target { buffer, bytes }: Target, jobs: &mut Jobs<'_>) -> Result<Region> {
        if !buffer.usage().contains(wgpu::BufferUsages::STORAGE) {
            return Err(Error::MissingStorageUsage { usage: format!("{:?}", buffer.usage()) });
        }
        // Mostly the buffer of the fill before: an arena is looked up once.
        let buffer = match self.buffers.last() {
            Some(last) if *last == buffer => self.buffers.len() - 1,
            _ => *self.known.entry(buffer).or_insert_with_key(|buffer| {
                jobs.add_buffer(buffer.size());
                self.buffers.push(buffer.clone());
                self.buffers.len() - 1
            }),
        };
        Ok(Region { buffer, bytes })
    }
}
