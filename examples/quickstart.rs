//! Two tensors on a GPU, and the same bits on the CPU.
//!
//! `cargo run --example quickstart`
#![expect(clippy::print_stdout, reason = "an example shows its results")]

use anyhow::{Context, ensure};
use wgpu_init::{CpuExecutor, DType, Fill, GpuExecutor, Initializer, Seed, Shape, wgpu};

const WEIGHT_BYTES: u64 = 768 * 3072 * 4;
const BIAS_BYTES: u64 = 3072 * 2;

fn main() -> anyhow::Result<()> {
    let fills = fills()?;
    let mut on_cpu = vec![0; usize::try_from(WEIGHT_BYTES + BIAS_BYTES)?];
    CpuExecutor::new().run_in(&mut on_cpu, &fills)?;
    let first: Vec<f32> = on_cpu[..16].chunks_exact(4).map(bytemuck::pod_read_unaligned).collect();
    println!("CPU: h.0.mlp.up.weight begins with {first:?}");

    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let Ok(adapter) = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default())) else {
        println!("no GPU here: the CPU executor has done it");
        return Ok(());
    };
    println!("GPU: {}", adapter.get_info().name);
    // What is worth asking for. An engine adds its own wishes.
    let descriptor = wgpu_init::requirements(&adapter);
    let (device, queue) = pollster::block_on(adapter.request_device(&descriptor.device_descriptor()))?;

    let gpu = GpuExecutor::new(&device)?; // once per device
    gpu.self_test_dtypes_blocking(&queue, &[DType::F32]).context("this device computes other bits")?;
    let arena = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("arena"),
        size: WEIGHT_BYTES + BIAS_BYTES,
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    gpu.record_in(&mut encoder, &arena, &fills)?; // one compute pass; nothing is submitted
    let on_gpu = read_back(&device, &queue, encoder, &arena)?;

    ensure!(on_gpu == on_cpu, "GPU and CPU differ");
    println!("GPU and CPU agree on all {} bytes", on_gpu.len());
    Ok(())
}

/// A weight in f32 and, behind it in the same buffer, a bias in bf16.
fn fills() -> wgpu_init::Result<[Fill; 2]> {
    let seed = Seed::new(42);
    let weight = Fill::new(Shape::new([768, 3072])?, Initializer::normal(0.0, 0.02))?;
    let bias = Fill::new(Shape::new([3072])?, Initializer::uniform(-0.036, 0.036))?;
    Ok([
        weight.named(seed, "h.0.mlp.up.weight"),
        bias.named(seed, "h.0.mlp.up.bias").dtype(DType::Bf16).at(WEIGHT_BYTES),
    ])
}

/// Submits and waits: the caller's business, since `record` never does.
fn read_back(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    mut encoder: wgpu::CommandEncoder,
    buffer: &wgpu::Buffer,
) -> anyhow::Result<Vec<u8>> {
    let staging = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("staging"),
        size: buffer.size(),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, buffer.size());
    queue.submit([encoder.finish()]);
    let (sender, receiver) = std::sync::mpsc::channel();
    staging.map_async(wgpu::MapMode::Read, .., move |result| sender.send(result).unwrap_or_default());
    device.poll(wgpu::PollType::wait_indefinitely())?;
    receiver.recv()??;
    Ok(staging.get_mapped_range(..)?.to_vec())
}
