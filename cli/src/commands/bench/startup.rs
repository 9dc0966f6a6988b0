//! What the first fill of a program costs on an adapter: the executor, its first pipeline, and the fill.

use super::law::Law;
use super::measure::Rows;
use super::row::{Task, Timing, Work};
use crate::cache::pipeline_cache;
use crate::device::Gpu;
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
    let (_, kept) = first_fill(gpu, Some(&[]))?;
    if let Some(kept) = kept {
        rows.measure(task(Work::FillFromPipelineCache), || first_fill(gpu, Some(&kept)).map(|(time, _)| time))?;
    }
    Ok(())
}

/// From before the executor is made until the device is done; and what its cache holds then.
fn first_fill(gpu: &Gpu, kept: Option<&[u8]>) -> Result<(Duration, Option<Vec<u8>>)> {
    let (_, device, queue) = Gpu::device(&gpu.adapter)?;
    let target = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("bench"),
        size: BYTES,
        usage: wgpu::BufferUsages::STORAGE,
        mapped_at_creation: false,
    });
    let fill = Law::Normal.tensor(DType::F32, BYTES)?;
    let start = Instant::now();
    let cache = kept.and_then(|kept| pipeline_cache(&device, kept));
    let mut options = GpuOptions::from(gpu.executor.tuning());
    options.pipeline_cache.clone_from(&cache);
    let executor = GpuExecutor::with_options(&device, options)?;
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("bench") });
    executor.record(&mut encoder, [(&target, &fill)])?;
    let submission = queue.submit([encoder.finish()]);
    device.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None })?;
    Ok((start.elapsed(), cache.and_then(|cache| cache.get_data())))
}
