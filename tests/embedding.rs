//! The crate inside other people's programs, on every adapter: shared WGSL in an engine's own kernel, plans run by another host,
//! recording from threads, in the caller's encoder and pass, on several devices.

#[path = "common/mod.rs"]
mod common;

use common::{POISON, TestAdapter, adapters_or_explain, device_with, poisoned_buffer, read_back};
use std::collections::HashMap;
use std::sync::Arc;
use wgpu_init::cpu::reference;
use wgpu_init::plan::{self, Bound, DrawRecord, Plan, Region, plan};
use wgpu_init::value::normal::TABLE_BYTES;
use wgpu_init::wgpu::{self, util::DeviceExt};
use wgpu_init::wgsl::{self, Kernel, Products, Resource, Table};
use wgpu_init::{CpuExecutor, DType, Error, Fill, GpuExecutor, Initializer, Seed, Shape, Stream};

/// An engine's device, and an executor for it.
struct Engine {
    device: wgpu::Device,
    queue: wgpu::Queue,
    executor: GpuExecutor,
}

impl Engine {
    fn new(adapter: &TestAdapter) -> Self {
        let (device, queue) = device_with(&adapter.adapter, |_| ());
        device.on_uncaptured_error(Arc::new(|error: wgpu::Error| panic!("wgpu: {error}")));
        let executor = GpuExecutor::new(&device).expect("the limits suffice");
        Self { device, queue, executor }
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    fn storage(&self, contents: &[u8]) -> wgpu::Buffer {
        let usage = wgpu::BufferUsages::STORAGE;
        self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: None, contents, usage })
    }

    /// A pipeline of this source, with the layout that wgpu reads off it.
    fn pipeline(&self, source: String, constants: &[(&str, f64)]) -> wgpu::ComputePipeline {
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some("main"),
            // Every kernel writes what it reads of workgroup memory; a driver may take minutes to compile zeros for the table.
            compilation_options: wgpu::PipelineCompilationOptions {
                constants,
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        })
    }

    /// A bind group of these resources at bindings 0, 1, ….
    fn bind(
        &self,
        pipeline: &wgpu::ComputePipeline,
        group: u32,
        resources: &[wgpu::BufferBinding<'_>],
    ) -> wgpu::BindGroup {
        let entries: Vec<_> = (0..)
            .zip(resources)
            .map(|(binding, resource)| wgpu::BindGroupEntry {
                binding,
                resource: wgpu::BindingResource::Buffer(resource.clone()),
            })
            .collect();
        let layout = pipeline.get_bind_group_layout(group);
        self.device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries })
    }

    fn read(&self, encoder: wgpu::CommandEncoder, buffer: &wgpu::Buffer) -> Vec<u8> {
        read_back(&self.device, &self.queue, encoder, buffer)
    }
}

/// Runs a test on a fresh device of every adapter; a failure's output ends with the adapter's label.
fn on_every_adapter(test: impl Fn(&Engine)) {
    for adapter in adapters_or_explain() {
        #[expect(clippy::print_stderr, reason = "shown where the test fails")]
        {
            eprintln!("on {}", adapter.label);
        }
        test(&Engine::new(&adapter));
    }
}

/// Every distribution in each size of elements in one arena, those of 16 and 8 bits at odd places of their size; and the arena's size.
fn mixture() -> (Vec<Fill>, u64) {
    let mut specs = Vec::new();
    let mut offset = 6u64;
    for initializer in drawn().into_iter().chain([Initializer::constant(0.3)]) {
        for dtype in [DType::F32, DType::F16, DType::F8E5M2] {
            offset = offset.next_multiple_of(dtype.size());
            let whole = Shape::new([1 << 40]).expect("a shape");
            let fill = Fill::new(whole, initializer).expect("valid").dtype(dtype).at(offset);
            let fill = fill.named(Seed::new(7), "mixture").elements((1 << 34) - 3..(1 << 34) + 1000);
            specs.push(fill);
            offset += 1003 * dtype.size();
        }
    }
    (specs, (offset + 10).next_multiple_of(4))
}

fn drawn() -> [Initializer; 4] {
    [
        Initializer::uniform(-0.1, 0.3),
        Initializer::normal(0.7, 0.02),
        Initializer::trunc_normal(0.0, 0.02, -0.03, 0.04),
        Initializer::trunc_normal(0.0, 1.0, -400.0, 400.0),
    ]
}

/// Poisoned bytes after these fills, by the CPU executor.
fn expected(specs: &[Fill], size: u64) -> Vec<u8> {
    let mut bytes = vec![POISON; usize::try_from(size).expect("small")];
    CpuExecutor::new().run_in(&mut bytes, specs).expect("valid fills");
    bytes
}

fn fills<'a>(buffer: &'a wgpu::Buffer, specs: &'a [Fill]) -> impl Iterator<Item = (&'a wgpu::Buffer, &'a Fill)> {
    specs.iter().map(move |spec| (buffer, spec))
}

/// Like `assert_eq`, without a page of bytes.
fn assert_same(got: &[u8], expected: &[u8], what: &str) {
    let at = got.iter().zip(expected).position(|(got, expected)| got != expected);
    assert!(got.len() == expected.len() && at.is_none(), "{what}: byte {at:?} differs");
}

/// An engine's kernel of its own over the shared functions: element `start + i` of a tensor, in any kind and dtype, step by
/// step or by its index alone.
const DRAWING: &str = "
struct Wish { kind: u32, dtype: u32, count: u32, by_index: u32, draw: Draw }

@group(0) @binding(0) var<storage, read> wish: Wish;
@group(0) @binding(1) var<storage, read_write> result: array<u32>;
@group(0) @binding(2) var<storage, read> quantile_table: array<vec2<u32>, 2048>;

fn quantile_entry(row: u32) -> vec2<u32> {
    return quantile_table[row];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= wish.count {
        return;
    }
    if wish.by_index == 1u {
        var value = 0.0;
        switch wish.kind {
            case 1u: { value = uniform_f32(wish.draw, id.x); }
            case 2u: { value = normal_f32(wish.draw, id.x); }
            default: { value = truncated_normal_f32(wish.draw, id.x); }
        }
        result[id.x] = bitcast<u32>(value);
        return;
    }
    let index = add_wide(wish.draw.index, id.x);
    let words = value_words(block_of(index), wish.draw.stream, wish.draw.seed);
    let word = words[index.x & 3u];
    var bits = 0u;
    switch wish.kind {
        case 1u: { bits = draw_uniform(wish.draw, word); }
        case 2u: { bits = draw_normal(wish.draw, word); }
        default: { bits = draw_truncated(wish.draw, word); }
    }
    switch wish.dtype {
        case 0u: { result[id.x] = finish_f32(wish.draw, bits); }
        case 1u: { result[id.x] = finish_f16(wish.draw, bits); }
        case 2u: { result[id.x] = finish_bf16(wish.draw, bits); }
        case 3u: { result[id.x] = finish_f8_e4m3fn(wish.draw, bits); }
        default: { result[id.x] = finish_f8_e5m2(wish.draw, bits); }
    }
}
";

#[test]
fn shared_wgsl_in_an_engines_own_kernel_gives_the_bits_of_the_reference() {
    on_every_adapter(|engine| {
        let native = engine.device.features().contains(wgpu::Features::SHADER_INT64);
        for products in [Products::Portable, Products::Native].into_iter().take(if native { 2 } else { 1 }) {
            let pipeline = engine.pipeline(format!("{}{DRAWING}", wgsl::shared(products)), &[]);
            for initializer in drawn() {
                for dtype in DType::ALL.iter().copied() {
                    let what = format!("{products:?} {initializer} {dtype}");
                    draw_in_own_kernel(engine, &pipeline, initializer, dtype, false, &what);
                }
                draw_in_own_kernel(
                    engine,
                    &pipeline,
                    initializer,
                    DType::F32,
                    true,
                    &format!("{products:?} {initializer} by index"),
                );
            }
        }
    });
}

fn draw_in_own_kernel(
    engine: &Engine,
    pipeline: &wgpu::ComputePipeline,
    initializer: Initializer,
    dtype: DType,
    by_index: bool,
    what: &str,
) {
    // Crosses index 2^34, where the block's number passes 32 bits.
    let (count, start) = (4099u32, (1u64 << 34) - 2050);
    let fill = Fill::new(Shape::new([1 << 40]).expect("a shape"), initializer).expect("valid parameters");
    let fill = fill.keyed(Seed::new(0xfeed_0123_4567_89ab), Stream::from_name("an.engines.dropout")).dtype(dtype);
    let fill = fill.elements(start..start + u64::from(count));
    let draw = DrawRecord::of(&fill).expect("parameters fit the dtype").expect("a law of words");
    let kind = match fill.distribution().name() {
        "uniform" => 1,
        "normal" => 2,
        _ => 3u32,
    };
    let mut wish: Vec<u8> = bytemuck::cast_slice(&[kind, dtype as u32, count, u32::from(by_index)]).to_vec();
    wish.extend_from_slice(bytemuck::bytes_of(&draw));
    let (wish, table) = (engine.storage(&wish), engine.storage(TABLE_BYTES));
    let result = poisoned_buffer(&engine.device, u64::from(count) * 4);
    let bindings = [&wish, &result, &table].map(wgpu::Buffer::as_entire_buffer_binding);
    let bindings = engine.bind(pipeline, 0, &bindings);
    let mut encoder = engine.encoder();
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    pass.set_pipeline(pipeline);
    pass.set_bind_group(0, &bindings, &[]);
    pass.dispatch_workgroups(count.div_ceil(64), 1, 1);
    drop(pass);
    let got = engine.read(encoder, &result);
    let truth: Vec<u8> = reference::elements(&fill).expect("valid").flat_map(u32::to_le_bytes).collect();
    assert_same(&got, &truth, what);
}

/// With WGSL, bytes and numbers only: what a host that is not this crate's executor has. Every kind of law, bound as the plan says.
#[test]
fn a_plan_run_by_another_host_gives_the_bytes_of_the_cpu() {
    let mut small = plan::Device::default();
    (small.max_binding_size, small.max_workgroups_per_dimension, small.max_workgroup_size) = (1024, 2, 16);
    let in_uniform = |mut device: plan::Device| {
        device.table = Table::Uniform;
        device
    };
    on_every_adapter(|engine| {
        let (specs, size) = mixture();
        let (mut placed, mut placed_size) = (specs.clone(), size);
        for (initializer, dims) in [
            (Initializer::orthogonal(1.0), [70, 40]),
            (Initializer::orthogonal(-0.5), [40, 70]),
            (Initializer::sparse(0.4, 0.02), [61, 67]),
            (Initializer::eye(0.7), [61, 67]),
            (Initializer::sinusoids(10_000.0), [61, 66]),
        ] {
            let fill = Fill::new(Shape::new(dims).expect("a shape"), initializer).expect("valid");
            placed.push(fill.named(Seed::new(7), "placed").dtype(DType::F16).at(placed_size));
            placed_size += (dims[0] * dims[1] * 2).next_multiple_of(4) + 4;
        }
        let cases = [(plan::Device::default(), &placed, placed_size), (small, &specs, size)];
        for (device, fills, size) in cases {
            let truth = expected(fills, size);
            for device in [device, in_uniform(device)] {
                let regions = fills.iter().map(|fill| (Region { buffer: 0, bytes: 0..size }, fill));
                let plan = plan(&[size], regions, &device).expect("a plan");
                let got = run_plan(engine, &plan, device.table, size);
                assert_same(&got, &truth, &format!("{} dispatches", plan.dispatches.len()));
            }
        }
    });
}

fn run_plan(engine: &Engine, plan: &Plan, table: Table, size: u64) -> Vec<u8> {
    let target = poisoned_buffer(&engine.device, size);
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::UNIFORM;
    let descriptor = wgpu::util::BufferInitDescriptor { label: None, contents: TABLE_BYTES, usage };
    let quantiles = engine.device.create_buffer_init(&descriptor);
    let records = engine.storage(&plan.records);
    // Garbage from earlier work: a step that reads what none has written shows.
    let workspace = plan.workspace.map(|bytes| poisoned_buffer(&engine.device, bytes.max(4)));
    let mut pipelines = HashMap::new();
    let mut encoder = engine.encoder();
    for dispatch in &plan.dispatches {
        assert_eq!(dispatch.buffer, 0);
        let part = |bound: &Bound| wgpu::BufferBinding {
            buffer: match bound.resource {
                Resource::Records | Resource::List => &records,
                Resource::Target => &target,
                Resource::Table => &quantiles,
                Resource::Workspace(at) => &workspace[usize::from(at)],
                other => panic!("{other:?} in a plan"),
            },
            offset: bound.bytes.start,
            size: wgpu::BufferSize::new(bound.bytes.end - bound.bytes.start),
        };
        let resources: Vec<_> = dispatch.bindings.iter().map(part).collect();
        let accesses: Vec<_> = dispatch.bindings.iter().map(|bound| (bound.resource, bound.access)).collect();
        let listed = dispatch.kernel.bindings(table).into_iter().map(|binding| (binding.resource, binding.access));
        assert_eq!(accesses, listed.collect::<Vec<_>>());
        // A plan has many dispatches of few kernels.
        let constants: Vec<_> = dispatch.constants().collect();
        let key = (dispatch.kernel, dispatch.workgroup_size, dispatch.aligned, dispatch.clamped, dispatch.axes);
        let pipeline = pipelines
            .entry(key)
            .or_insert_with(|| engine.pipeline(dispatch.kernel.source(Products::Portable, table), &constants));
        let bindings = engine.bind(pipeline, 0, &resources);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &bindings, &[]);
        let [x, y, z] = dispatch.grid;
        pass.dispatch_workgroups(x, y, z);
    }
    assert_eq!(Kernel::ENTRY_POINT, "main", "what `pipeline` asks for");
    engine.read(encoder, &target)
}

/// One executor whose pipelines are not compiled yet; every thread has an encoder of its own and a part of one buffer.
#[test]
fn threads_record_at_the_same_time_with_one_executor() {
    on_every_adapter(|engine| {
        let (specs, size) = mixture();
        let buffer = poisoned_buffer(&engine.device, size);
        let record = |part: &[Fill]| {
            let mut encoder = engine.encoder();
            engine.executor.record(&mut encoder, fills(&buffer, part)).expect("valid fills");
            encoder.finish()
        };
        let record = &record;
        let commands: Vec<wgpu::CommandBuffer> = std::thread::scope(|scope| {
            let threads: Vec<_> = specs.chunks(2).map(|part| scope.spawn(move || record(part))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(commands.len() > 4, "{} threads", commands.len());
        engine.queue.submit(commands);
        assert_same(&engine.read(engine.encoder(), &buffer), &expected(&specs, size), "threads");
    });
}

#[test]
fn nothing_is_written_before_the_caller_submits() {
    on_every_adapter(|engine| {
        let (specs, size) = mixture();
        let buffer = poisoned_buffer(&engine.device, size);
        let poison = vec![POISON; usize::try_from(size).expect("small")];
        let mut encoder = engine.encoder();
        engine.executor.record(&mut encoder, fills(&buffer, &specs)).expect("valid fills");
        // Another submission goes past in the meantime.
        assert_same(&engine.read(engine.encoder(), &buffer), &poison, "before the submission");
        drop(encoder);
        assert_same(&engine.read(engine.encoder(), &buffer), &poison, "after the encoder was dropped");
        let mut encoder = engine.encoder();
        engine.executor.record(&mut encoder, fills(&buffer, &specs)).expect("valid fills");
        assert_same(&engine.read(encoder, &buffer), &expected(&specs, size), "after the submission");
    });
}

/// An engine's own kernel: every word becomes `word * factor + summand`. Its data stand in group 1.
const SCALING: &str = "
struct Step { factor: u32, summand: u32 }

@group(0) @binding(0) var<storage, read> step: Step;
@group(1) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < arrayLength(&words) {
        words[id.x] = words[id.x] * step.factor + step.summand;
    }
}
";

/// Own work, fills, own work, in one pass: each sees what the one before wrote, and bind group 1 is left alone.
#[test]
fn a_callers_pass_has_its_own_dispatches_before_and_after() {
    on_every_adapter(|engine| {
        let (specs, size) = mixture();
        let buffer = poisoned_buffer(&engine.device, size);
        let pipeline = engine.pipeline(SCALING.to_owned(), &[]);
        let steps = [[3u32, 5], [7, 11]];
        let bound = steps.map(|step| {
            let step = engine.storage(bytemuck::cast_slice(&step));
            engine.bind(&pipeline, 0, &[step.as_entire_buffer_binding()])
        });
        let data = engine.bind(&pipeline, 1, &[buffer.as_entire_buffer_binding()]);
        let workgroups = u32::try_from(size / 4).expect("small").div_ceil(64);
        let mut encoder = engine.encoder();
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bound[0], &[]);
        pass.set_bind_group(1, &data, &[]);
        pass.dispatch_workgroups(workgroups, 1, 1);
        engine.executor.record_in_pass(&mut pass, fills(&buffer, &specs)).expect("valid fills");
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bound[1], &[]);
        pass.dispatch_workgroups(workgroups, 1, 1);
        drop(pass);

        let mut truth = vec![POISON; usize::try_from(size).expect("small")];
        scale(&mut truth, steps[0]);
        CpuExecutor::new().run_in(&mut truth, &specs).expect("valid fills");
        scale(&mut truth, steps[1]);
        assert_same(&engine.read(encoder, &buffer), &truth, "a pass of the caller's");
    });
}

fn scale(bytes: &mut [u8], [factor, summand]: [u32; 2]) {
    for word in bytes.chunks_exact_mut(4) {
        let scaled = bytemuck::pod_read_unaligned::<u32>(word).to_le().wrapping_mul(factor).wrapping_add(summand);
        word.copy_from_slice(&scaled.to_le_bytes());
    }
}

#[test]
fn two_devices_have_an_executor_each_and_none_takes_the_others() {
    for adapter in adapters_or_explain() {
        let engines = [Engine::new(&adapter), Engine::new(&adapter)];
        let (specs, size) = mixture();
        let truth = expected(&specs, size);
        let buffers = engines.each_ref().map(|engine| poisoned_buffer(&engine.device, size));
        for (engine, buffer) in engines.iter().zip(&buffers) {
            let mut encoder = engine.encoder();
            engine.executor.record(&mut encoder, fills(buffer, &specs)).expect("valid fills");
            assert_same(&engine.read(encoder, buffer), &truth, &adapter.label);
        }
        let mut encoder = engines[1].encoder();
        let wrong = engines[0].executor.record(&mut encoder, fills(&buffers[1], &specs));
        assert!(matches!(wrong, Err(Error::DeviceRefused { .. })), "{}: {wrong:?}", adapter.label);
        let right = engines[1].executor.record(&mut encoder, fills(&buffers[1], &specs));
        assert_eq!(right, Ok(()), "{}: the encoder goes on", adapter.label);
        assert_same(&engines[1].read(encoder, &buffers[1]), &truth, &adapter.label);
    }
}
