//! A kernel of one's own that adds Gaussian noise to a buffer, drawn on the spot: the same bits as a fill of the same seed, name and
//! law has in memory. The CPU executor draws that fill, and both are compared.
//!
//! `cargo run --example own_kernel`
#![expect(clippy::print_stdout, reason = "an example shows its results")]

use anyhow::{Context, ensure};
use wgpu::util::DeviceExt;
use wgpu_init::plan::DrawRecord;
use wgpu_init::value::normal::TABLE_BYTES;
use wgpu_init::wgsl::{self, Products};
use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape, wgpu};

/// Not a multiple of the workgroup's size, nor of a Philox block's.
const ELEMENTS: u32 = 1003;

const KERNEL: &str = "
@group(0) @binding(0) var<storage, read> draw: Draw;
@group(0) @binding(1) var<storage, read> quantile_table: array<vec2<u32>, 2048>;
@group(0) @binding(2) var<storage, read_write> noisy: array<f32>;

fn quantile_entry(row: u32) -> vec2<u32> {
    return quantile_table[row];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < arrayLength(&noisy) {
        noisy[id.x] += normal_f32(draw, id.x);
    }
}
";

fn main() -> anyhow::Result<()> {
    // What the kernel draws: a normal law, a seed and a stream's name, as for a tensor.
    let noise = Fill::new(Shape::new([ELEMENTS.into()])?, Initializer::normal(0.0, 0.1))?;
    let noise = noise.named(Seed::new(42), "activations.noise");
    let mut expected = vec![0f32; ELEMENTS as usize];
    CpuExecutor::new().run([(bytemuck::cast_slice_mut(&mut expected), &noise)])?;

    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let Ok(adapter) = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default())) else {
        println!("no GPU here");
        return Ok(());
    };
    println!("GPU: {}", adapter.get_info().name);
    let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()))?;

    // `Products::Native` is faster on devices with `Features::SHADER_INT64`; the bits are the same.
    let source = wgsl::shared(Products::Portable) + KERNEL;
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("noise"),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some("noise"),
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let record = DrawRecord::of(&noise)?.context("a normal law is drawn from words")?;
    let buffer = |contents: &[u8]| {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: None, contents, usage })
    };
    // The noise is added to zeros, so that it can be read off.
    let [draw, table] = [bytemuck::bytes_of(&record), TABLE_BYTES].map(buffer);
    let noisy = buffer(&[0; 4 * ELEMENTS as usize]);
    let entries = [(0, &draw), (1, &table), (2, &noisy)]
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() });
    let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("noise"),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bindings, &[]);
        pass.dispatch_workgroups(ELEMENTS.div_ceil(64), 1, 1);
    }
    let got = read_back(&device, &queue, encoder, &noisy)?;

    // As bits: `==` on floats would take -0 for 0.
    ensure!(got == bytemuck::cast_slice::<f32, u8>(&expected), "the kernel and the CPU executor differ");
    println!("the kernel's noise begins with {:?}, and all {ELEMENTS} values are the CPU's", &expected[..3]);
    Ok(())
}

/// Submits and waits.
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
