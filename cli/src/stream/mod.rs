//! Chunks of elements, one after the other, through a bounded set of buffers.

mod gpu;

use crate::device::{Device, fill_on_cpu};
use anyhow::{Context, Result};
use gpu::Pipeline;
use std::collections::VecDeque;
use std::ops::Deref;
use std::time::{Duration, Instant};
use wgpu_init::Fill;

/// MiB of a chunk on the CPU: few enough that all chunks are in a cache still when they are written, beside what others keep there.
pub(crate) const CPU_CHUNK: u64 = 2;
/// MiB of a chunk on a GPU: enough that what a submission costs is small beside it.
pub(crate) const GPU_CHUNK: u64 = 32;
/// MiB that a chunk grows to for a tensor that should not be cut.
pub(crate) const LARGEST_CHUNK: u64 = 64;
/// Chunks that exist at a time: one being drawn, one waiting, one being digested, one being written.
pub(crate) const CHUNKS: usize = 4;

/// Draws chunks on a device, several of them under way at a time, and measures the drawing alone.
///
/// A chunk is begun, finished in the order of beginning, and given back.
pub(crate) struct Drawer<'a> {
    source: Source<'a>,
    /// Time spent filling, without reading back.
    pub(crate) fill_time: Duration,
}

enum Source<'a> {
    Cpu { size: u64, free: Vec<Vec<u8>>, drawn: VecDeque<Vec<u8>> },
    Gpu(Box<Pipeline<'a>>),
}

/// The bytes of a chunk.
pub(crate) enum Chunk {
    Drawn(Vec<u8>),
    /// The device's memory, mapped: no copy is made.
    Mapped(gpu::Mapped),
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Drawn(bytes) => bytes,
            Self::Mapped(mapped) => mapped,
        }
    }
}

impl<'a> Drawer<'a> {
    /// A drawer of chunks of the device's usual size, or larger ones that hold `whole` bytes, within limits.
    pub(crate) fn new(device: &'a Device, whole: u64) -> Self {
        let usual = match device {
            Device::Cpu => CPU_CHUNK,
            Device::Gpu(_) => GPU_CHUNK,
        };
        // A cut at a multiple of 16 bytes is between two elements of any dtype, and between two Philox blocks.
        let size = whole.next_multiple_of(16).clamp(usual << 20, LARGEST_CHUNK << 20);
        let source = match device {
            Device::Cpu => Source::Cpu { size, free: vec![Vec::new(); CHUNKS], drawn: VecDeque::new() },
            Device::Gpu(gpu) => Source::Gpu(Box::new(Pipeline::new(gpu, size))),
        };
        Self { source, fill_time: Duration::ZERO }
    }

    /// The largest chunk that the device can hold.
    pub(crate) fn chunk(&self) -> u64 {
        match &self.source {
            Source::Cpu { size, .. } => *size,
            Source::Gpu(pipeline) => pipeline.chunk(),
        }
    }

    /// Whether another chunk should be begun now. The CPU has drawn one as soon as it has begun it, and hands it on first.
    pub(crate) fn has_room(&self) -> bool {
        match &self.source {
            Source::Cpu { free, drawn, .. } => drawn.is_empty() && !free.is_empty(),
            Source::Gpu(pipeline) => pipeline.has_room(),
        }
    }

    /// Whether a chunk is begun and not finished.
    pub(crate) fn is_under_way(&self) -> bool {
        match &self.source {
            Source::Cpu { drawn, .. } => !drawn.is_empty(),
            Source::Gpu(pipeline) => pipeline.is_under_way(),
        }
    }

    /// Begins to draw `specs`, whose offsets are relative to the chunk of `size` bytes.
    pub(crate) fn begin(&mut self, specs: &[Fill], size: u64) -> Result<()> {
        match &mut self.source {
            Source::Gpu(pipeline) => pipeline.begin(specs, size),
            Source::Cpu { free, drawn, .. } => {
                let length = usize::try_from(size).context("a chunk fits the memory")?;
                let mut bytes = free.pop().unwrap_or_default();
                if bytes.capacity() < length {
                    // Zeros of fresh pages; `resize` would write them a second time.
                    bytes = vec![0; length];
                }
                bytes.resize(length, 0);
                let start = Instant::now();
                fill_on_cpu(specs, &mut bytes)?;
                self.fill_time += start.elapsed();
                drawn.push_back(bytes);
                Ok(())
            }
        }
    }

    /// The chunk that was begun first.
    pub(crate) fn finish(&mut self) -> Result<Chunk> {
        match &mut self.source {
            Source::Cpu { drawn, .. } => drawn.pop_front().map(Chunk::Drawn).context("no chunk is begun"),
            Source::Gpu(pipeline) => {
                let (mapped, time) = pipeline.finish()?;
                self.fill_time += time;
                Ok(Chunk::Mapped(mapped))
            }
        }
    }

    /// Takes the memory of a chunk back.
    pub(crate) fn give_back(&mut self, chunk: Chunk) {
        match (&mut self.source, chunk) {
            (Source::Cpu { free, .. }, Chunk::Drawn(bytes)) => free.push(bytes),
            (Source::Gpu(pipeline), Chunk::Mapped(mapped)) => pipeline.give_back(mapped),
            // A chunk of another drawer is of no use here.
            _ => {}
        }
    }

    /// Draws one chunk and waits for it.
    pub(crate) fn draw(&mut self, specs: &[Fill], size: u64) -> Result<Chunk> {
        self.begin(specs, size)?;
        self.finish()
    }
}
