//! What the first fill of a program costs on an adapter: the executor, its first pipeline, and the fill.

use super::law::Law;
use super::measure::Rows;
use super::row::{Task, Timing, Work};
use crate::device::Gpu;
use crate::pipelines::{self, Pipelines};
use anyhow::Result;
use std::time::{Duration, Instant};
use wgpu_init::gpu::GpuOptions;
use wgpu_init::{DType, GpuExecutor, wgpu};

/// So little that filling is not what takes the time.
const BYTES: u64 = 1 << 20;

/// Each repetition on a device of its own, whose making is not counted; with nothing kept, and with the pipelines of the first kept.
pub(super) fn rows(gpu: &Gpu, rows: &mut Rows<'_>) -> Result<()> {
    let task = |work| Task::new(work, Timing::Start, Law::Normal, DType::F32, BYTES);
    rows.measure(task(Work::Fill), || first_fill(gpu, None).map(|(time, _)| time))?;
    let (_, kept) = first_fill(gpu, Some(None))?;
    if let Some(kept) = kept {
        rows.measure(task(Work::FillFromPipelineCache), || first_fill(gpu, Some(Some(&kept))).map(|(time, _)| time))?;
    }
    Ok(())
}

/// From before the executor is made until the device is done; and what its cache holds then. Without a cache, with an empty one, or with
/// one of what is kept.
fn first_fill(gpu: &Gpu, cache: Option<Option<&Pipelines>>) -> Result<(Duration, Option<Pipelines>)> {
    let (_, device, queue) = Gpu::device(&gpu.adapter)?;
    let target = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("bench"),
        size: BYTES,
        usage: wgpu::BufferUsages::STORAGE,
        mapped_at_creation: false,
    });
    let fill = Law::Normal.tensor(DType::F32, BYTES)?;
    let start = Instant::now();
    let cache = cache.and_then(|kept| pipelines::cache(&device, kept));
    let mut options = GpuOptions::from(gpu.executor.tuning());
    options.pipeline_cache.clone_from(&cache);
    let executor = GpuExecutor::with_options(&device, options)?;
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("bench") });
    executor.record(&mut encoder, [(&target, &fill)])?;
    let submission = queue.submit([encoder.finish()]);
    device.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None })?;
    Ok((start.elapsed(), cache.as_ref().and_then(Pipelines::of)))
}
