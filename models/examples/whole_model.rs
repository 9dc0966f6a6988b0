//! A whole model from its `config.json`: parameters, recipe, one submission; and the same bits on the CPU.
//!
//! `cargo run -p wgpu-init-models --example whole_model`
#![expect(clippy::print_stdout, reason = "an example shows its results")]

use anyhow::{Context, ensure};
use std::time::Instant;
use wgpu_init::{CpuExecutor, DType, GpuExecutor, Seed, wgpu};
use wgpu_init_models::Config;

/// What a user has beside a checkpoint: here a Llama of 1.2 million parameters.
const CONFIG: &str = r#"{"model_type": "llama", "vocab_size": 4096, "hidden_size": 96, "intermediate_size": 256,
    "num_hidden_layers": 4, "num_attention_heads": 6, "num_key_value_heads": 2, "torch_dtype": "bfloat16"}"#;

fn main() -> anyhow::Result<()> {
    let config: Config = CONFIG.parse()?;
    let model = config.recipe().assign(config.parameters(), config.variables())?;
    // Every parameter behind the one before, in one buffer.
    let dtype = config.dtype().unwrap_or(DType::F32);
    let bytes = model.bytes(dtype, 0)?.last().map_or(0, |last| last.end.next_multiple_of(4));
    let fills = model.fills(Seed::new(42), dtype, 0)?;
    println!("{} tensors, {bytes} bytes, recipe {}", config.parameters().len(), config.recipe());

    let mut on_cpu = vec![0; usize::try_from(bytes)?];
    CpuExecutor::new().run_in(&mut on_cpu, &fills)?;

    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let Ok(adapter) = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default())) else {
        println!("no GPU here: the CPU executor has done it");
        return Ok(());
    };
    let descriptor = wgpu_init::requirements(&adapter);
    let (device, queue) = pollster::block_on(adapter.request_device(&descriptor.device_descriptor()))?;
    let gpu = GpuExecutor::new(&device)?;
    let arena = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("weights"),
        size: bytes,
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    let staging = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("staging"),
        size: bytes,
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let start = Instant::now();
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    gpu.record_in(&mut encoder, &arena, &fills)?; // every tensor, in one compute pass
    encoder.copy_buffer_to_buffer(&arena, 0, &staging, 0, bytes);
    queue.submit([encoder.finish()]);
    staging.map_async(wgpu::MapMode::Read, .., |_| ());
    device.poll(wgpu::PollType::wait_indefinitely())?;
    println!("{}: recorded, submitted and read back in {:?}", adapter.get_info().name, start.elapsed());
    let on_gpu = staging.get_mapped_range(..).context("the copy failed")?;
    ensure!(on_gpu[..] == on_cpu[..], "GPU and CPU differ");
    println!("GPU and CPU agree on every byte");
    Ok(())
}
