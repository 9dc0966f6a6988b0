//! Memory of a device that may be larger than one of its buffers.

use super::clock::Clock;
use crate::device::Gpu;
use anyhow::{Result, bail};
use wgpu_init::{Fill, wgpu};

/// Buffers that together are one stretch of bytes.
pub(super) struct Memory {
    buffers: Vec<wgpu::Buffer>,
    /// Bytes of every buffer but the last.
    each: u64,
}

/// A part of a fill and the buffer that it lies in.
pub(super) type Placed<'a> = (&'a wgpu::Buffer, Fill);

/// Buffers end at multiples of it, so that no element lies in two.
const PIECE: u64 = 1 << 20;

impl Memory {
    /// As few buffers as the device's limits allow.
    pub(super) fn new(gpu: &Gpu, clock: &Clock, bytes: u64) -> Result<Self> {
        let most = gpu.device.limits().max_buffer_size;
        let each = if bytes <= most { bytes } else { most / PIECE * PIECE };
        let scope = gpu.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let sizes = (0..bytes.div_ceil(each)).map(|at| each.min(bytes - at * each));
        let buffers = sizes.map(|size| clock.storage(size)).collect();
        if let Some(error) = pollster::block_on(scope.pop()) {
            bail!("{} has no {bytes} bytes to measure: {error}", gpu.info.name);
        }
        Ok(Self { buffers, each })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.buffers.iter().map(wgpu::Buffer::size).sum()
    }

    pub(super) fn clear(&self, encoder: &mut wgpu::CommandEncoder) {
        self.buffers.iter().for_each(|buffer| encoder.clear_buffer(buffer, 0, None));
    }

    /// Fills of whole tensors, one behind the other, each cut where a buffer ends.
    pub(super) fn place(&self, fills: &[Fill]) -> Vec<Placed<'_>> {
        let (mut placed, mut at) = (Vec::new(), 0);
        for fill in fills {
            let size = fill.element_type().size();
            let end = at + fill.range().end * size;
            let mut from = at;
            while from < end {
                let number = from / self.each;
                let to = end.min((number + 1) * self.each);
                let part = fill.clone().elements((from - at) / size..(to - at) / size);
                let buffer = usize::try_from(number).ok().and_then(|number| self.buffers.get(number));
                placed.extend(buffer.map(|buffer| (buffer, part.at(from - number * self.each))));
                from = to;
            }
            at = end;
        }
        placed
    }
}
