//! The far tails of the normal distribution, counted on devices inside a kernel of one's own: nothing is stored, so that 2^40 draws take a hardware GPU
//! seconds.
//!
//! A draw is as far out as its word is, so this judges the words of one stream, past index 2^32 too, where a thousandth of a millionth of them lie.

mod common;

use common::{adapters_or_explain, device_with};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use wgpu_init::plan::DrawRecord;
use wgpu_init::value::normal::{TABLE_BYTES, normal_unit};
use wgpu_init::value::word::value_word;
use wgpu_init::wgpu::util::DeviceExt;
use wgpu_init::wgsl::{self, Products};
use wgpu_init::{Fill, Initializer, Seed, Shape, Stream, wgpu};

/// More than these distances from zero are counted.
const FROM: [f32; 4] = [4.5, 5.0, 5.5, 6.0];
const SEED: u64 = 2026;
const NAME: &str = "tails";
/// A power of two: how many are drawn by the long test.
const DRAWS: &str = "WGPU_INIT_TAIL_DRAWS";
const WORKGROUP: u32 = 256;
/// Draws of one submission: a fraction of a second on a hardware GPU.
const MOST_AT_ONCE: u64 = 1 << 35;

const KERNEL: &str = "
struct Span {
    first: vec2<u32>,   // Philox block
    blocks: u32,        // of each invocation
    unused: u32,
    beyond: vec4<u32>,  // f32 bits
}

@group(0) @binding(0) var<uniform> draw: Draw;
@group(0) @binding(1) var<storage, read> quantile_table: array<vec2<u32>, 2048>;
@group(0) @binding(2) var<uniform> span: Span;
@group(0) @binding(3) var<storage, read_write> counts: array<atomic<u32>, 4>;

fn quantile_entry(row: u32) -> vec2<u32> {
    return quantile_table[row];
}

fn is_beyond(word: u32) -> vec4<u32> {
    let magnitude = draw_normal(draw, word) & 0x7FFFFFFFu;
    return vec4<u32>(vec4<u32>(magnitude) > span.beyond);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>) {
    let invocations = grid.x * 256u;
    var block = add_wide(span.first, id.x);
    var found = vec4<u32>();
    for (var i = 0u; i < span.blocks; i++) {
        let words = value_words(block, draw.stream, draw.seed);
        found += is_beyond(words.x) + is_beyond(words.y) + is_beyond(words.z) + is_beyond(words.w);
        block = add_wide(block, invocations);
    }
    for (var i = 0u; i < 4u; i++) {
        if found[i] > 0u {
            atomicAdd(&counts[i], found[i]);
        }
    }
}
";

/// Counts on a device, of the stream's first `draws` elements.
fn count(device: &wgpu::Device, queue: &wgpu::Queue, draws: u64, from: [f32; 4]) -> [u64; 4] {
    let products =
        if device.features().contains(wgpu::Features::SHADER_INT64) { Products::Native } else { Products::Portable };
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("tails"),
        source: wgpu::ShaderSource::Wgsl((wgsl::shared(products) + KERNEL).into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some("tails"),
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let normal = Fill::new(Shape::new([draws]).expect("a shape"), Initializer::normal(0.0, 1.0)).expect("a law");
    let record = DrawRecord::of(&normal.named(Seed::new(SEED), NAME)).expect("valid").expect("drawn from words");
    let buffer = |contents: &[u8], usage| {
        device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: Some("tails"), contents, usage })
    };
    let draw = buffer(bytemuck::bytes_of(&record), wgpu::BufferUsages::UNIFORM);
    let table = buffer(TABLE_BYTES, wgpu::BufferUsages::STORAGE);
    let counts = buffer(&[0; 16], wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC);
    let mut totals = [0; 4];
    let at_once = draws.min(MOST_AT_ONCE);
    assert!(draws.is_power_of_two() && at_once >= u64::from(4 * WORKGROUP), "{draws} draws");
    // Sixty-four blocks or more for each invocation, and enough invocations for any device.
    let workgroups = (at_once / u64::from(4 * WORKGROUP * 64)).clamp(1, 8192);
    let blocks = at_once / 4 / u64::from(WORKGROUP) / workgroups;
    for part in 0..draws / at_once {
        let first = part * at_once / 4;
        let halves = bytemuck::cast::<u64, [u32; 2]>(first.to_le());
        let words = [halves[0], halves[1], u32::try_from(blocks).expect("few"), 0];
        let span: Vec<u32> = words.into_iter().chain(from.map(f32::to_bits)).collect();
        let span = buffer(bytemuck::cast_slice(&span), wgpu::BufferUsages::UNIFORM);
        let entries = [(0, &draw), (1, &table), (2, &span), (3, &counts)]
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() });
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("tails"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            pass.dispatch_workgroups(u32::try_from(workgroups).expect("few"), 1, 1);
        }
        let bytes = common::read_back(device, queue, encoder, &counts);
        let sums: &[u32] = bytemuck::cast_slice(&bytes);
        // The counters go on: what one submission adds is less than 2^32.
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total += u64::from(sum.wrapping_sub(u32::try_from(*total & 0xFFFF_FFFF).expect("32 bits")));
        }
    }
    totals
}

/// The same on the CPU, element by element.
fn count_on_cpu(draws: u64, from: [f32; 4]) -> [u64; 4] {
    let (seed, stream) = (Seed::new(SEED).get(), Stream::from_name(NAME).get());
    let one = |index| {
        let z = f32::from_bits(normal_unit(value_word(seed, stream, index))).abs();
        from.map(|from| u64::from(z > from))
    };
    (0..draws).into_par_iter().map(one).reduce(|| [0; 4], |a, b| std::array::from_fn(|i| a[i] + b[i]))
}

/// How many of all 2^32 words lie further out: both tails, by bisection of the upper one.
fn words_beyond(from: f32) -> u64 {
    let words: u64 = 1 << 32;
    let (mut inside, mut beyond) = (words / 2, words);
    while beyond - inside > 1 {
        let middle = inside.midpoint(beyond);
        let is_beyond = f32::from_bits(normal_unit(u32::try_from(middle).expect("a word"))) > from;
        *(if is_beyond { &mut beyond } else { &mut inside }) = middle;
    }
    2 * (words - beyond)
}

#[test]
fn words_beyond_a_distance_are_as_many_as_the_law_says() {
    // 2^32 times both tails of the normal distribution, which the lattice of words rounds to an even number.
    for (from, expected) in FROM.into_iter().zip([29_185.8, 2_462.3, 163.1, 8.474]) {
        let got = words_beyond(from) as f64;
        assert!((got - expected).abs() <= 1.5, "{from}: {got} words, {expected} by the law");
    }
}

#[test]
fn devices_count_what_the_cpu_counts() {
    let (draws, from) = (1 << 20, [1.0, 2.0, 3.0, 4.0]);
    let expected = count_on_cpu(draws, from);
    assert!(expected.iter().all(|count| *count > 20), "{expected:?}");
    for adapter in adapters_or_explain() {
        let (device, queue) = device_with(&adapter.adapter, |_| {});
        assert_eq!(count(&device, &queue, draws, from), expected, "{}", adapter.label);
    }
}

#[test]
#[ignore = "2^40 draws, for a hardware GPU: cargo test --release --test tails -- --ignored --nocapture"]
#[expect(clippy::print_stderr, reason = "a proof shows its numbers")]
fn tails_of_a_trillion_draws() {
    let draws = std::env::var(DRAWS).map_or(1 << 40, |text| text.parse().expect("a number of draws"));
    for adapter in adapters_or_explain() {
        let (device, queue) = device_with(&adapter.adapter, |_| {});
        let started = std::time::Instant::now();
        let counts = count(&device, &queue, draws, FROM);
        eprintln!("{}: {draws} draws in {:.2} s", adapter.label, started.elapsed().as_secs_f64());
        for (from, count) in FROM.into_iter().zip(counts) {
            let probability = words_beyond(from) as f64 / 2f64.powi(32);
            let expected = draws as f64 * probability;
            let deviations = (count as f64 - expected) / (expected * (1.0 - probability)).sqrt();
            eprintln!("  |z| > {from}: {count}, expected {expected:.1}, {deviations:+.2} standard deviations");
            assert!(deviations.abs() < 4.5, "{from}: {count} of {expected}");
        }
    }
}
