//! Chunks of elements, one after the other, through a bounded set of buffers.

use crate::device::{Device, Gpu, fill_on_cpu, fills_of};
use anyhow::{Context, Result, anyhow};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use wgpu_init::{FillSpec, wgpu};

/// Size of the buffers that tensors stream through.
pub(crate) const CHUNK_MIB: u64 = 64;
/// The same in bytes.
pub(crate) const CHUNK: u64 = CHUNK_MIB << 20;
/// Chunks in host memory at a time: one being read back, two waiting, one being written.
pub(crate) const HOST_CHUNKS: usize = 4;

/// Draws chunks on a device and measures the drawing alone.
pub(crate) struct Drawer<'a> {
    device: &'a Device,
    buffers: Option<Buffers>,
    /// Time spent filling, without reading back.
    pub(crate) fill_time: Duration,
}

/// A chunk on the device, its way back, and the clock.
struct Buffers {
    output: wgpu::Buffer,
    staging: wgpu::Buffer,
    clock: Option<Clock>,
}

/// Timestamps around a pass, where the device has them.
struct Clock {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
}

impl<'a> Drawer<'a> {
    pub(crate) fn new(device: &'a Device) -> Self {
        let buffers = match device {
            Device::Cpu => None,
            Device::Gpu(gpu) => Some(Buffers::new(gpu)),
        };
        Self { device, buffers, fill_time: Duration::ZERO }
    }

    /// The largest chunk that the device can hold.
    pub(crate) fn chunk(&self) -> u64 {
        self.buffers.as_ref().map_or(CHUNK, |buffers| buffers.output.size())
    }

    /// Draws `specs`, whose offsets are relative to the chunk, and gives its `size` bytes in `bytes`.
    pub(crate) fn draw(&mut self, specs: &[FillSpec], size: u64, bytes: &mut Vec<u8>) -> Result<()> {
        let length = usize::try_from(size).context("a chunk fits the memory")?;
        match (self.device, &self.buffers) {
            (Device::Gpu(gpu), Some(buffers)) => {
                self.fill_time += buffers.fill(gpu, specs)?;
                bytes.clear();
                buffers.read_back(gpu, size, bytes)?;
                bytes.truncate(length);
            }
            _ => {
                bytes.resize(length, 0);
                let start = Instant::now();
                fill_on_cpu(specs, bytes)?;
                self.fill_time += start.elapsed();
            }
        }
        Ok(())
    }
}

impl Buffers {
    fn new(gpu: &Gpu) -> Self {
        let size = CHUNK.min(gpu.device.limits().max_buffer_size / 16 * 16);
        let buffer = |label, size, usage| {
            gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let read = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let clock = gpu.device.features().contains(wgpu::Features::TIMESTAMP_QUERY).then(|| Clock {
            queries: gpu.device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("clock"),
                ty: wgpu::QueryType::Timestamp,
                count: 2,
            }),
            resolved: buffer("clock", 16, wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC),
            staging: buffer("clock_staging", 16, read),
        });
        let output = buffer("chunk", size, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC);
        Self { output, staging: buffer("staging", size, read), clock }
    }

    /// Fills the device's chunk and waits. The time is the pass's own where there is a clock, else from submission to end.
    fn fill(&self, gpu: &Gpu, specs: &[FillSpec]) -> Result<Duration> {
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("chunk") });
        let timestamp_writes = self.clock.as_ref().map(|clock| wgpu::ComputePassTimestampWrites {
            query_set: &clock.queries,
            beginning_of_pass_write_index: Some(0),
            end_of_pass_write_index: Some(1),
        });
        {
            let label = Some("chunk");
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label, timestamp_writes });
            gpu.executor.record_in_pass(&gpu.device, &mut pass, &fills_of(specs, &self.output))?;
        }
        if let Some(clock) = &self.clock {
            encoder.resolve_query_set(&clock.queries, 0..2, &clock.resolved, 0);
            encoder.copy_buffer_to_buffer(&clock.resolved, 0, &clock.staging, 0, 16);
        }
        let start = Instant::now();
        wait(gpu, gpu.queue.submit([encoder.finish()]))?;
        let elapsed = start.elapsed();
        let Some(clock) = &self.clock else { return Ok(elapsed) };
        let mut ticks = Vec::new();
        map(gpu, &clock.staging, 16, &mut ticks)?;
        let [begin, end] = [0, 8].map(|at| u64::from_le_bytes(ticks[at..at + 8].try_into().unwrap_or_default()));
        // A driver without a real clock counts nothing.
        if end <= begin {
            return Ok(elapsed);
        }
        #[expect(clippy::cast_precision_loss, reason = "ticks of one pass are far below 2^52")]
        let nanoseconds = (end - begin) as f64 * f64::from(gpu.queue.get_timestamp_period());
        Ok(Duration::from_secs_f64(nanoseconds * 1e-9))
    }

    fn read_back(&self, gpu: &Gpu, size: u64, bytes: &mut Vec<u8>) -> Result<()> {
        let padded = size.next_multiple_of(4);
        let mut encoder =
            gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("read_back") });
        encoder.copy_buffer_to_buffer(&self.output, 0, &self.staging, 0, padded);
        gpu.queue.submit([encoder.finish()]);
        map(gpu, &self.staging, padded, bytes)
    }
}

fn wait(gpu: &Gpu, submission: wgpu::SubmissionIndex) -> Result<()> {
    gpu.device.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None })?;
    Ok(())
}

/// Appends the first `size` bytes of a `MAP_READ` buffer, once everything submitted is done.
fn map(gpu: &Gpu, staging: &wgpu::Buffer, size: u64, bytes: &mut Vec<u8>) -> Result<()> {
    let (sender, receiver) = mpsc::channel();
    staging.map_async(wgpu::MapMode::Read, ..size, move |result| {
        // The receiver waits below.
        let _ = sender.send(result);
    });
    gpu.device.poll(wgpu::PollType::wait_indefinitely())?;
    receiver.recv()?.map_err(|error| anyhow!("the device's memory cannot be read: {error}"))?;
    let view =
        staging.get_mapped_range(..size).map_err(|error| anyhow!("the device's memory cannot be read: {error}"))?;
    bytes.extend_from_slice(&view);
    drop(view);
    staging.unmap();
    Ok(())
}
