//! Views against a stretch of as many elements, side by side: shards of rows and of columns, a pitch, transposed and permuted tensors; and what recording
//! one costs. Words behind `--` choose among the titles.

mod common;

use common::Gpu;
use common::host::Host;
use std::time::{Duration, Instant};
use wgpu_init::{DType, Fill, Initializer, Seed, Shape, View};

/// Elements of each case.
const ELEMENTS: u64 = 1 << 24;
const REPETITIONS: usize = 11;
/// Views of one call.
const RECORDED: u64 = 4096;

/// A name, and the fill.
type Case = (&'static str, Fill);

fn fill(dims: &[u64], dtype: DType, view: impl FnOnce(View) -> wgpu_init::Result<View>) -> wgpu_init::Result<Fill> {
    let shape = Shape::new(dims)?;
    let fill = Fill::new(shape.clone(), Initializer::normal(0.0, 0.02))?.named(Seed::new(42), "weight").dtype(dtype);
    Ok(fill.view(view(View::new(&shape))?))
}

/// The first is what the others are compared with.
fn cases(elements: u64, dtype: DType) -> wgpu_init::Result<Vec<Case>> {
    let rows = elements / 256;
    let side = elements.isqrt();
    let square = [side, side];
    let kernel = [side / 8, side / 8, 8, 8];
    Ok(vec![
        ("a stretch", fill(&square, dtype, Ok)?),
        ("a shard of rows", fill(&[4 * side, side], dtype, |view| view.shard(0, 1, 4))?),
        ("a shard of columns, 256 of 8192", fill(&[rows, 8192], dtype, |view| view.shard(1, 3, 32))?),
        ("the same, in rows of 256 + 16", fill(&[rows, 8192], dtype, |view| Ok(view.shard(1, 3, 32)?.pitch(272)))?),
        ("256 of 8191 columns, from an odd one on", fill(&[rows, 8191], dtype, |view| view.part(1, 301..557))?),
        ("1023 of 4096 columns", fill(&[elements / 1023, 4096], dtype, |view| view.part(1, 1024..2047))?),
        ("a matrix in rows of one more, + 16", fill(&square, dtype, |view| Ok(view.pitch(side + 16)))?),
        ("a matrix in rows of one more, + 1", fill(&square, dtype, |view| Ok(view.pitch(side + 1)))?),
        ("a transposed matrix", fill(&square, dtype, |view| view.permuted([1, 0]))?),
        ("[out, in, 8, 8] as [8, 8, in, out]", fill(&kernel, dtype, |view| view.permuted([2, 3, 1, 0]))?),
        ("[out, in, 8, 8] as [out, 8, 8, in]", fill(&kernel, dtype, |view| view.permuted([0, 2, 3, 1]))?),
    ])
}

fn main() -> anyhow::Result<()> {
    let elements = if common::is_test() { 1 << 14 } else { ELEMENTS };
    for dtype in [DType::F32, DType::Bf16] {
        let cases = cases(elements, dtype)?;
        let bytes = 2 * elements * dtype.size();
        for threads in [1, rayon::current_num_threads()] {
            let mut host = Host::new(threads, bytes)?;
            compare(&format!("CPU executor, {threads} threads, {dtype}"), &cases, elements, |fill| {
                host.fill(std::slice::from_ref(fill))
            })?;
        }
        for gpu in common::gpus() {
            let target = gpu.clock.storage(bytes);
            compare(&format!("{}, {dtype}", gpu.label), &cases, elements, |fill| {
                gpu.clock.work(&mut |encoder| gpu.record(encoder, &target, std::slice::from_ref(fill)))
            })?;
        }
    }
    for gpu in common::gpus() {
        recording(&gpu)?;
    }
    Ok(())
}

/// All cases in turn, again and again: a machine that changes its speed changes it for all of them.
#[expect(clippy::cast_precision_loss, clippy::print_stderr, reason = "figures for a person")]
fn compare(
    title: &str,
    cases: &[Case],
    elements: u64,
    mut once: impl FnMut(&Fill) -> anyhow::Result<Duration>,
) -> anyhow::Result<()> {
    let wanted = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    if !wanted.into_iter().all(|word| title.to_lowercase().contains(&word.to_lowercase())) {
        return Ok(());
    }
    let repetitions = if common::is_test() { 1 } else { REPETITIONS };
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); cases.len()];
    for repetition in 0..=repetitions {
        for ((_, fill), times) in cases.iter().zip(&mut times) {
            let time = once(fill)?.as_secs_f64();
            // Pipelines are compiled and memory is touched at first.
            if repetition > 0 {
                times.push(time);
            }
        }
    }
    eprintln!("\n{title}\n{:44} {:>12} {:>14}", "", "ns/element", "of a stretch");
    for ((name, _), of) in cases.iter().zip(&times) {
        let ratios = times[0].iter().zip(of).map(|(stretch, time)| stretch / time);
        let nanoseconds = median(of.clone()) / elements as f64 * 1e9;
        eprintln!("{name:44} {nanoseconds:>12.3} {:>14.2}", median(ratios.collect()));
    }
    Ok(())
}

/// Microseconds to record one of many views, and of many stretches.
#[expect(clippy::cast_precision_loss, clippy::print_stderr, reason = "figures for a person")]
fn recording(gpu: &Gpu) -> anyhow::Result<()> {
    let views = if common::is_test() { 16 } else { RECORDED };
    let (size, mut views_of, mut runs) = (4 * 64 * 128, Vec::new(), Vec::new());
    for number in 0..views {
        let shape = [64, 256];
        views_of.push(fill(&shape, DType::F32, |view| view.shard(1, number % 2, 2))?.at(number * size));
        runs.push(fill(&[64, 128], DType::F32, Ok)?.at(number * size));
    }
    let target = gpu.clock.storage(views * size);
    for (what, fills) in [("stretch", &runs), ("view", &views_of)] {
        let mut times = Vec::new();
        for _ in 0..if common::is_test() { 1 } else { 50 } {
            let mut encoder = gpu.device.create_command_encoder(&wgpu_init::wgpu::CommandEncoderDescriptor::default());
            let start = Instant::now();
            gpu.record(&mut encoder, &target, fills)?;
            times.push(start.elapsed().as_secs_f64());
        }
        eprintln!("{}: {:.2} us to record a {what}", gpu.label, median(times) / views as f64 * 1e6);
    }
    Ok(())
}

/// The middle one; the greater of two.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}
