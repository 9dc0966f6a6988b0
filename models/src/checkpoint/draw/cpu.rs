//! Chunks of the CPU executor, whose memory is used again.

use super::{Bytes, Chunk, Drawer, Source};
use crate::checkpoint::{Error, Result};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use wgpu_init::{CpuExecutor, Fill};

pub(super) struct Memory {
    size: u64,
    free: Vec<Vec<u8>>,
    drawn: VecDeque<(Vec<u8>, Duration)>,
}

impl Memory {
    pub(super) fn new(size: u64) -> Self {
        Self { size, free: vec![Vec::new(); Drawer::CHUNKS], drawn: VecDeque::new() }
    }
}

/// Zeros of fresh pages: `resize` would write them a second time.
fn fresh(length: usize) -> Result<Vec<u8>> {
    // `vec!` would end the process where there is no memory. What is reserved here is free again at once.
    Vec::<u8>::new().try_reserve_exact(length).map_err(|_| Error::OutOfMemory { bytes: length as u64 })?;
    Ok(vec![0; length])
}

impl Source for Memory {
    fn chunk(&self) -> u64 {
        self.size
    }

    /// The CPU has drawn a chunk as soon as it has begun it, and hands it on first.
    fn has_room(&self) -> bool {
        self.drawn.is_empty() && !self.free.is_empty()
    }

    fn begin(&mut self, specs: &[Fill], size: u64) -> Result<()> {
        let length = usize::try_from(size).map_err(|_| Error::TooLarge { what: "chunk" })?;
        let mut bytes = self.free.pop().unwrap_or_default();
        if bytes.capacity() < length {
            bytes = fresh(length)?;
        }
        bytes.resize(length, 0);
        let start = Instant::now();
        CpuExecutor::new().run_in(&mut bytes, specs)?;
        self.drawn.push_back((bytes, start.elapsed()));
        Ok(())
    }

    fn finish(&mut self) -> Result<(Chunk, Duration)> {
        let (bytes, time) = self.drawn.pop_front().ok_or(Error::NoChunk)?;
        Ok((Chunk(Bytes::Drawn(bytes)), time))
    }

    fn give_back(&mut self, chunk: Chunk) {
        match chunk.0 {
            Bytes::Drawn(bytes) => self.free.push(bytes),
            Bytes::Made(..) => {}
            #[cfg(feature = "gpu")]
            Bytes::Mapped(_) => {}
        }
    }
}
