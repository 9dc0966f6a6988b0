//! How an engine embeds the crate: its own device, encoder and pass; weights sub-allocated in one arena, f32 and bf16 side by
//! side; and a kernel of its own that draws noise with the same functions, from the same streams.
//!
//! `cargo run --example embed_in_engine`; `engines/` has what came of it in Burn and on other majors of wgpu.
#![expect(clippy::print_stdout, reason = "an example shows its results")]

use anyhow::{Context, ensure};
use wgpu::util::DeviceExt;
use wgpu_init::plan::DrawRecord;
use wgpu_init::value::normal::TABLE_BYTES;
use wgpu_init::wgsl::{self, Products};
use wgpu_init::{CpuExecutor, DType, Error, Fill, GpuExecutor, Initializer, Seed, Shape, wgpu};

const INPUTS: u32 = 512;
const OUTPUTS: u32 = 130;
const SEED: Seed = Seed::new(42);
/// Bytes of the engine's own in front of the tensors, which so begin at an odd multiple of 4.
const HEADER: u64 = 20;

fn main() -> anyhow::Result<()> {
    let Some(engine) = Engine::new()? else {
        println!("no GPU here");
        return Ok(());
    };
    let (fills, size) = layout()?;
    let arena = engine.buffer("arena", size);
    // Where its tensors may lie: a shape that does not fit would be refused, and not overwrite a neighbour.
    let tensors = arena.slice(HEADER..);

    // A request that cannot be met is a typed error, and the encoder goes on as if nothing had been said.
    let mut encoder = engine.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let refused = engine.init.record(&mut encoder, [(arena.slice(..HEADER), &fills[0])]);
    ensure!(matches!(refused.as_ref().map_err(Error::root), Err(Error::TargetTooSmall { .. })));

    // Initialisation and the first forward step in one pass of the engine's own.
    let output = engine.buffer("output", u64::from(OUTPUTS) * 4);
    let (pipeline, bindings) = engine.forward(&arena, &fills, &output)?;
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        engine.init.record_in_pass(&mut pass, fills.iter().map(|fill| (tensors, fill)))?;
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bindings, &[]);
        pass.dispatch_workgroups(OUTPUTS.div_ceil(64), 1, 1);
    }
    let got = engine.read_back(encoder, &output)?;

    let expected = forward_on_cpu(&fills, size)?;
    for (row, (got, expected)) in
        got.chunks_exact(4).map(bytemuck::pod_read_unaligned::<f32>).zip(&expected).enumerate()
    {
        // The weights are equal bit for bit; the engine's own sum may be rounded in its own way.
        ensure!((got - expected).abs() < 1e-5, "row {row}: {got} on the GPU, {expected} on the CPU");
    }
    println!("{} tensors in {size} bytes, {OUTPUTS} outputs; the first: {:?}", fills.len(), &expected[..3]);
    Ok(())
}

struct Engine {
    device: wgpu::Device,
    queue: wgpu::Queue,
    init: GpuExecutor,
}

impl Engine {
    /// A device with the engine's own wishes and what the initialiser can make use of.
    fn new() -> anyhow::Result<Option<Self>> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let Ok(adapter) = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default())) else {
            return Ok(None);
        };
        let useful = wgpu_init::requirements(&adapter);
        let own = adapter.features() & wgpu::Features::TIMESTAMP_QUERY;
        let own_limits = wgpu::Limits::downlevel_defaults().or_worse_values_from(&adapter.limits());
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("engine"),
            required_features: own | useful.features,
            required_limits: own_limits.or_better_values_from(&useful.limits),
            ..Default::default()
        }))?;
        let init = GpuExecutor::new(&device)?;
        init.self_test_blocking(&queue).context("this device computes other bits")?;
        Ok(Some(Self { device, queue, init }))
    }

    fn buffer(&self, label: &str, size: u64) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: size.next_multiple_of(4),
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        })
    }

    /// The engine's kernel: a bf16 matrix times ones, plus a bias, plus noise drawn on the spot.
    fn forward(
        &self,
        arena: &wgpu::Buffer,
        fills: &[Fill],
        output: &wgpu::Buffer,
    ) -> anyhow::Result<(wgpu::ComputePipeline, wgpu::BindGroup)> {
        let source = format!("{}\n{FORWARD}", wgsl::shared(Products::Portable));
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("forward"),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("forward"),
            layout: None,
            module: &module,
            entry_point: Some("forward"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let noise = DrawRecord::of(&noise()?)?.context("the noise is normal")?;
        let offsets = [offset(&fills[0]), offset(&fills[1])];
        let parameters = [bytemuck::bytes_of(&noise), bytemuck::bytes_of(&offsets)].concat();
        let init = |contents| {
            let usage = wgpu::BufferUsages::STORAGE;
            self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: None, contents, usage })
        };
        let (parameters, table) = (init(&parameters), init(TABLE_BYTES));
        let entries = [arena, output, &parameters, &table].map(wgpu::Buffer::as_entire_binding);
        let entries: Vec<_> =
            (0u32..).zip(entries).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource }).collect();
        let bindings = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("forward"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        Ok((pipeline, bindings))
    }

    fn read_back(&self, mut encoder: wgpu::CommandEncoder, buffer: &wgpu::Buffer) -> anyhow::Result<Vec<u8>> {
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("staging"),
            size: buffer.size(),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, buffer.size());
        self.queue.submit([encoder.finish()]);
        let (sender, receiver) = std::sync::mpsc::channel();
        staging.map_async(wgpu::MapMode::Read, .., move |result| sender.send(result).unwrap_or_default());
        self.device.poll(wgpu::PollType::wait_indefinitely())?;
        receiver.recv()??;
        Ok(staging.get_mapped_range(..)?.to_vec())
    }
}

/// A header of the engine's own in front, then the weight in bf16 at an odd multiple of 4, then the bias in f32: offsets that
/// no binding could start at.
fn layout() -> wgpu_init::Result<(Vec<Fill>, u64)> {
    let weight = Shape::new([OUTPUTS.into(), INPUTS.into()])?;
    let weight_bytes = weight.elements() * DType::Bf16.size();
    let weight = Fill::new(weight, Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04))?;
    let bias = Fill::new(Shape::new([OUTPUTS.into()])?, Initializer::uniform(-0.044, 0.044))?;
    let fills = vec![weight.named(SEED, "up.weight").dtype(DType::Bf16), bias.named(SEED, "up.bias").at(weight_bytes)];
    Ok((fills, HEADER + weight_bytes + u64::from(OUTPUTS) * 4))
}

/// Position of a tensor in the arena in 32-bit words.
fn offset(fill: &Fill) -> u32 {
    if fill.element_type() == DType::Bf16 { 5 } else { 5 + INPUTS * OUTPUTS / 2 }
}

fn noise() -> wgpu_init::Result<Fill> {
    Ok(Fill::new(Shape::new([OUTPUTS.into()])?, Initializer::normal(0.0, 0.1))?.named(SEED, "activations.noise"))
}

fn forward_on_cpu(fills: &[Fill], size: u64) -> anyhow::Result<Vec<f32>> {
    let mut arena = vec![0; usize::try_from(size)?];
    CpuExecutor::new().run_in(&mut arena[usize::try_from(HEADER)?..], fills)?;
    let mut noise_values = [0f32; OUTPUTS as usize];
    CpuExecutor::new().run([(&mut noise_values, noise()?)])?;
    let word = |at: u32| -> u32 { bytemuck::pod_read_unaligned(&arena[4 * at as usize..4 * at as usize + 4]) };
    let row = |row: u32| {
        let mut sum = f32::from_bits(word(offset(&fills[1]) + row));
        for pair in 0..INPUTS / 2 {
            let bits = word(offset(&fills[0]) + row * INPUTS / 2 + pair);
            sum += f32::from_bits(bits << 16) + f32::from_bits(bits & 0xFFFF_0000);
        }
        sum + noise_values[row as usize]
    };
    Ok((0..OUTPUTS).map(row).collect())
}

/// The engine's own code. Above it stand the shared functions; they want to know where the table is.
const FORWARD: &str = "
struct Parameters {
    noise: Draw,
    weight: u32,
    bias: u32,
}

@group(0) @binding(0) var<storage, read> arena: array<u32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
@group(0) @binding(2) var<storage, read> parameters: Parameters;
@group(0) @binding(3) var<storage, read> quantile_table: array<vec2<u32>, 2048>;

fn quantile_entry(row: u32) -> vec2<u32> {
    return quantile_table[row];
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if row >= arrayLength(&result) {
        return;
    }
    var sum = bitcast<f32>(arena[parameters.bias + row]);
    for (var pair = 0u; pair < 256u; pair += 1u) {
        let bits = arena[parameters.weight + row * 256u + pair];
        sum += bitcast<f32>(bits << 16u) + bitcast<f32>(bits & 0xFFFF0000u);
    }
    // Element `row` of the noise's stream: four consecutive words make a block.
    let noise = parameters.noise;
    let words = value_words(vec2<u32>(row >> 2u, 0u), noise.stream, noise.seed);
    result[row] = sum + bitcast<f32>(draw_normal(noise, words[row & 3u]));
}
";
