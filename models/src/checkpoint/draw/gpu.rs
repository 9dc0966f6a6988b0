//! Chunks of a device: filled into one buffer, copied to the staging buffers in turn, read where they are mapped.
//!
//! While the host digests and writes a chunk, the next ones are already submitted. One buffer to fill is enough: a queue does a copy
//! and the fill behind it one after the other.

use super::{Bytes, Chunk, Drawer, Source};
use crate::checkpoint::{Error, Result};
use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use wgpu_init::{Fill, GpuExecutor, wgpu};

/// What draws.
#[derive(Clone, Copy)]
pub(super) struct Gpu<'a> {
    pub(super) device: &'a wgpu::Device,
    pub(super) queue: &'a wgpu::Queue,
    pub(super) executor: &'a GpuExecutor,
}

pub(super) struct Pipeline<'a> {
    gpu: Gpu<'a>,
    output: wgpu::Buffer,
    free: Vec<Slot>,
    under_way: VecDeque<UnderWay>,
    /// When the device had last done all that was waited for.
    done: Instant,
}

/// The way back of one chunk.
struct Slot {
    staging: wgpu::Buffer,
    clock: Option<Clock>,
}

/// Timestamps around a pass, where the device has them.
struct Clock {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
}

/// A submitted chunk.
struct UnderWay {
    slot: Slot,
    size: u64,
    submitted: Instant,
    filled: wgpu::SubmissionIndex,
    copied: wgpu::SubmissionIndex,
    mappings: Vec<Receiver<Result<(), wgpu::BufferAsyncError>>>,
}

/// A chunk in the device's memory. It is unmapped where it is given back: on the thread that uses the device.
pub(super) struct Mapped {
    slot: Slot,
    /// None: a chunk without bytes.
    view: Option<wgpu::BufferView>,
    length: usize,
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.view.as_ref().map_or(&[], |view| &view[..self.length])
    }
}

impl<'a> Pipeline<'a> {
    pub(super) fn new(gpu: Gpu<'a>, size: u64) -> Self {
        let size = size.min(gpu.device.limits().max_buffer_size / 16 * 16);
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        Self {
            gpu,
            output: buffer(gpu, "chunk", size, usage),
            free: (0..Drawer::CHUNKS).map(|_| Slot::new(gpu, size)).collect(),
            under_way: VecDeque::new(),
            done: Instant::now(),
        }
    }

    /// None: a driver without a real clock counts nothing.
    fn pass_time(&self, clock: &Clock) -> Result<Option<Duration>, wgpu::MapRangeError> {
        let ticks = clock.staging.get_mapped_range(..16)?;
        let [begin, end] = [0, 8].map(|at| u64::from_le_bytes(ticks[at..at + 8].try_into().unwrap_or_default()));
        drop(ticks);
        clock.staging.unmap();
        #[expect(clippy::cast_precision_loss, reason = "ticks of one pass are far below 2^52")]
        let nanoseconds = end.saturating_sub(begin) as f64 * f64::from(self.gpu.queue.get_timestamp_period());
        Ok((end > begin).then(|| Duration::from_secs_f64(nanoseconds * 1e-9)))
    }
}

impl Source for Pipeline<'_> {
    fn chunk(&self) -> u64 {
        self.output.size()
    }

    fn has_room(&self) -> bool {
        !self.free.is_empty()
    }

    /// Submits the fill and the copy of a chunk. Two submissions: the host's clock, where it has to do, sees the fill's end.
    fn begin(&mut self, fills: &[Fill], size: u64) -> Result<()> {
        let slot = self.free.pop().ok_or(Error::NoChunk)?;
        let device = self.gpu.device;
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("chunk") });
        let timestamp_writes = slot.clock.as_ref().map(|clock| wgpu::ComputePassTimestampWrites {
            query_set: &clock.queries,
            beginning_of_pass_write_index: Some(0),
            end_of_pass_write_index: Some(1),
        });
        {
            let label = Some("chunk");
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label, timestamp_writes });
            self.gpu.executor.record_in_pass(&mut pass, fills.iter().map(|fill| (&self.output, fill)))?;
        }
        if let Some(clock) = &slot.clock {
            encoder.resolve_query_set(&clock.queries, 0..2, &clock.resolved, 0);
            encoder.copy_buffer_to_buffer(&clock.resolved, 0, &clock.staging, 0, 16);
        }
        let submitted = Instant::now();
        let filled = self.gpu.queue.submit([encoder.finish()]);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("read_back") });
        let padded = size.next_multiple_of(4);
        if padded > 0 {
            encoder.copy_buffer_to_buffer(&self.output, 0, &slot.staging, 0, padded);
        }
        let copied = self.gpu.queue.submit([encoder.finish()]);
        let clock = slot.clock.iter().map(|clock| map(&clock.staging, 16));
        let mappings = clock.chain((padded > 0).then(|| map(&slot.staging, padded))).collect();
        self.under_way.push_back(UnderWay { slot, size, submitted, filled, copied, mappings });
        Ok(())
    }

    /// Waits for the oldest chunk. The time is the pass's own where there is a clock, else from submission, or from the end of what
    /// was submitted before, to the end.
    fn finish(&mut self) -> Result<(Chunk, Duration)> {
        let UnderWay { slot, size, submitted, filled, copied, mappings } =
            self.under_way.pop_front().ok_or(Error::NoChunk)?;
        wait(self.gpu, filled)?;
        let elapsed = submitted.max(self.done).elapsed();
        wait(self.gpu, copied)?;
        self.done = Instant::now();
        for mapping in mappings {
            mapping.recv().map_err(failed)?.map_err(failed)?;
        }
        let time = match &slot.clock {
            Some(clock) => self.pass_time(clock).map_err(failed)?.unwrap_or(elapsed),
            None => elapsed,
        };
        let padded = size.next_multiple_of(4);
        let view = match padded {
            0 => None,
            _ => Some(slot.staging.get_mapped_range(..padded).map_err(failed)?),
        };
        let length = usize::try_from(size).map_err(|_| Error::TooLarge { what: "chunk" })?;
        Ok((Chunk(Bytes::Mapped(Mapped { slot, view, length })), time))
    }

    fn give_back(&mut self, chunk: Chunk) {
        if let Bytes::Mapped(Mapped { slot, view, .. }) = chunk.0 {
            if let Some(view) = view {
                drop(view);
                slot.staging.unmap();
            }
            self.free.push(slot);
        }
    }
}

impl Slot {
    fn new(gpu: Gpu<'_>, size: u64) -> Self {
        let read = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let resolve = wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC;
        let clock = gpu.device.features().contains(wgpu::Features::TIMESTAMP_QUERY).then(|| Clock {
            queries: gpu.device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("clock"),
                ty: wgpu::QueryType::Timestamp,
                count: 2,
            }),
            resolved: buffer(gpu, "clock", 16, resolve),
            staging: buffer(gpu, "clock_staging", 16, read),
        });
        Self { staging: buffer(gpu, "staging", size, read), clock }
    }
}

fn buffer(gpu: Gpu<'_>, label: &str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Device { reason: error.to_string() }
}

/// Waits for one submission: those behind it go on.
fn wait(gpu: Gpu<'_>, submission: wgpu::SubmissionIndex) -> Result<()> {
    gpu.device.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None }).map_err(failed)?;
    Ok(())
}

/// Asks for the first `size` bytes of a `MAP_READ` buffer.
fn map(staging: &wgpu::Buffer, size: u64) -> Receiver<Result<(), wgpu::BufferAsyncError>> {
    let (sender, receiver) = mpsc::channel();
    staging.map_async(wgpu::MapMode::Read, ..size, move |result| {
        // Nobody may be left to hear of it.
        let _ = sender.send(result);
    });
    receiver
}
