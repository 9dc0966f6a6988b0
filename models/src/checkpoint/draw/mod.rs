//! Chunks of elements, one after the other, through a bounded set of buffers.

mod cpu;
#[cfg(feature = "gpu")]
mod gpu;

use super::{Error, Result};
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wgpu_init::Fill;
#[cfg(feature = "gpu")]
use wgpu_init::{GpuExecutor, wgpu};

/// Draws chunks on the CPU or a device, several of them under way at a time, and measures the drawing alone.
///
/// [`write`](super::write()) and [`verify`](super::verify()) draw with it. For values that go elsewhere there is
/// [`draw`](Self::draw).
pub struct Drawer<'a> {
    source: Box<dyn Source + 'a>,
    /// What is under way, in the order of beginning.
    begun: VecDeque<Begun>,
    /// One reference more than there are chunks that the host has made.
    made: Arc<()>,
    fill_time: Duration,
    /// Of another checkpoint.
    kept: Option<Box<ReadKept<'a>>>,
}

/// Reads bytes of a tensor of another checkpoint, from the byte of this number on, as many as there is room for.
type ReadKept<'a> = dyn FnMut(&str, u64, &mut [u8]) -> io::Result<()> + 'a;

/// A chunk under way.
enum Begun {
    /// The source has it.
    Source,
    /// The host has made it already, which took so long.
    Made(Vec<u8>, Duration),
}

/// What computes chunks. A chunk is begun, finished in the order of beginning, and given back.
trait Source {
    /// Bytes of the largest chunk.
    fn chunk(&self) -> u64;
    /// Whether another chunk should be begun now.
    fn has_room(&self) -> bool;
    /// Begins to draw `specs`, whose offsets are relative to the chunk of `size` bytes.
    fn begin(&mut self, specs: &[Fill], size: u64) -> Result<()>;
    /// The chunk that was begun first, and the time that filling it took.
    fn finish(&mut self) -> Result<(Chunk, Duration)>;
    /// Takes the memory of a chunk back. A chunk of another source is of no use.
    fn give_back(&mut self, chunk: Chunk);
}

/// The bytes of a chunk.
pub struct Chunk(Bytes);

enum Bytes {
    Drawn(Vec<u8>),
    /// Made by the host, and counted as long as it exists.
    Made(Vec<u8>, #[expect(dead_code, reason = "it is counted")] Arc<()>),
    /// The device's memory, mapped: no copy is made.
    #[cfg(feature = "gpu")]
    Mapped(gpu::Mapped),
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Drawn(bytes) | Bytes::Made(bytes, _) => bytes,
            #[cfg(feature = "gpu")]
            Bytes::Mapped(mapped) => mapped,
        }
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk").field("bytes", &self.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Drawer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drawer").field("chunk", &self.chunk()).finish_non_exhaustive()
    }
}

impl<'a> Drawer<'a> {
    /// Chunks that exist at a time: one being drawn, one waiting, one being digested, one being written.
    pub const CHUNKS: usize = 4;
    /// Bytes of a chunk on the CPU: few enough that all chunks are in a cache still when they are written, beside what others keep
    /// there.
    pub const CPU_CHUNK: u64 = 2 << 20;
    /// Bytes of a chunk on a GPU: enough that what a submission costs is small beside it.
    pub const GPU_CHUNK: u64 = 32 << 20;
    /// Bytes that a chunk grows to for a tensor that should not be cut.
    pub const LARGEST_CHUNK: u64 = 64 << 20;

    /// On the CPU, in chunks that hold `whole` bytes, within limits: [`Layout::largest_whole`](super::Layout::largest_whole).
    #[must_use]
    pub fn cpu(whole: u64) -> Self {
        Self::of(cpu::Memory::new(size(Self::CPU_CHUNK, whole)))
    }

    /// On a device, whose executor should have passed its self-test.
    #[cfg(feature = "gpu")]
    #[must_use]
    pub fn gpu(device: &'a wgpu::Device, queue: &'a wgpu::Queue, executor: &'a GpuExecutor, whole: u64) -> Self {
        Self::of(gpu::Pipeline::new(gpu::Gpu { device, queue, executor }, size(Self::GPU_CHUNK, whole)))
    }

    fn of(source: impl Source + 'a) -> Self {
        let (made, fill_time) = (Arc::new(()), Duration::ZERO);
        Self { source: Box::new(source), begun: VecDeque::new(), made, fill_time, kept: None }
    }

    /// The same, which also has what is [kept](super::Tensor::keeping) from another checkpoint: `read` gets the name of a tensor there, the
    /// number of its first byte that is wanted, and a slice to fill.
    #[must_use]
    pub fn keeping(mut self, read: impl FnMut(&str, u64, &mut [u8]) -> io::Result<()> + 'a) -> Self {
        self.kept = Some(Box::new(read));
        self
    }

    /// Whether there is another checkpoint.
    pub(super) const fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// Reads bytes of another checkpoint's tensor, as if they were drawn.
    pub(super) fn keep(&mut self, name: &str, at: u64, length: u64) -> Result<()> {
        let read = self.kept.as_mut().ok_or(Error::KeptUnread)?;
        let mut bytes = Vec::new();
        let size = usize::try_from(length).map_err(|_| Error::TooLarge { what: "chunk" })?;
        bytes.try_reserve_exact(size).map_err(|_| Error::OutOfMemory { bytes: length })?;
        bytes.resize(size, 0);
        read(name, at, &mut bytes).map_err(Error::KeptRead)?;
        // It takes no time of filling.
        self.begun.push_back(Begun::Made(bytes, Duration::ZERO));
        Ok(())
    }

    /// Time spent filling so far, without reading back.
    #[must_use]
    pub const fn fill_time(&self) -> Duration {
        self.fill_time
    }

    /// Draws one chunk of `size` bytes, which the largest chunk of this drawer holds, and waits for it. Offsets of `specs` are
    /// relative to its start.
    ///
    /// # Errors
    /// Those of the executor; [`Error::ChunkTooLarge`], [`Error::NoChunk`], [`Error::Device`].
    pub fn draw(&mut self, specs: &[Fill], size: u64) -> Result<Chunk> {
        self.begin(specs, size)?;
        self.finish()
    }

    /// Takes the memory of a chunk back, for another one.
    pub fn give_back(&mut self, chunk: Chunk) {
        self.source.give_back(chunk);
    }

    /// Bytes of the largest chunk.
    #[must_use]
    pub fn chunk(&self) -> u64 {
        self.source.chunk()
    }

    /// What the host makes takes memory of its own: it is handed on before anything else is begun, and there are only so many of it.
    pub(super) fn has_room(&self) -> bool {
        let is_waiting = self.begun.iter().any(|begun| matches!(begun, Begun::Made(..)));
        self.source.has_room() && !is_waiting && Arc::strong_count(&self.made) <= Self::CHUNKS
    }

    pub(super) fn is_under_way(&self) -> bool {
        !self.begun.is_empty()
    }

    pub(super) fn begin(&mut self, specs: &[Fill], size: u64) -> Result<()> {
        let most = self.chunk();
        if size > most {
            return Err(Error::ChunkTooLarge { size, most });
        }
        self.source.begin(specs, size)?;
        self.begun.push_back(Begun::Source);
        Ok(())
    }

    /// Makes a chunk on the host, as if it had been begun.
    pub(super) fn make(&mut self, bytes: impl FnOnce() -> Result<Vec<u8>>) -> Result<()> {
        let start = Instant::now();
        let bytes = bytes()?;
        self.begun.push_back(Begun::Made(bytes, start.elapsed()));
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<Chunk> {
        let (chunk, time) = match self.begun.pop_front().ok_or(Error::NoChunk)? {
            Begun::Source => self.source.finish()?,
            Begun::Made(bytes, time) => (Chunk(Bytes::Made(bytes, Arc::clone(&self.made))), time),
        };
        self.fill_time += time;
        Ok(chunk)
    }
}

/// A cut at a multiple of 16 bytes is between two elements of any dtype, and between two Philox blocks.
fn size(usual: u64, whole: u64) -> u64 {
    whole.min(Drawer::LARGEST_CHUNK).next_multiple_of(16).max(usual)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::Drawer;

    /// Memory is bounded: what the host makes is waited for like everything else.
    #[test]
    fn only_so_many_chunks_are_made_on_the_host() {
        let mut drawer = Drawer::cpu(0);
        let mut made = Vec::new();
        for _ in 0..Drawer::CHUNKS {
            assert!(drawer.has_room());
            drawer.make(|| Ok(vec![1; 3])).unwrap();
            assert!(!drawer.has_room() && drawer.is_under_way(), "it is handed on first");
            made.push(drawer.finish().unwrap());
        }
        assert!(!drawer.has_room() && !drawer.is_under_way());
        drawer.give_back(made.pop().unwrap());
        assert!(drawer.has_room());
        assert_eq!(*made[0], [1; 3]);
    }
}
