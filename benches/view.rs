//! Views against a stretch of as many elements, in turn: shards of rows and of columns, a pitch, transposed and permuted tensors; and
//! what recording costs: of stretches, of views, and of stretches in a buffer each. Prints a record (CSV), and ratios beside it.
//!
//! `cargo bench --bench view -- [ADAPTER|cpu [DTYPE]]`

#![allow(clippy::print_stderr, reason = "a benchmark prints")]

mod common;

use common::record::{Lines, Record};
use common::{Device, Gpu, is_test, turns::in_turn, word};
use wgpu_init::{DType, Fill, Initializer, Seed, Shape, View};

/// Elements of each case.
const ELEMENTS: u64 = 1 << 24;
/// Tensors of one recording.
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
    let mut lines = Lines::new(std::io::stdout());
    let (elements, repetitions) = if is_test() { (1 << 14, 1) } else { (ELEMENTS, 11) };
    // With gaps between the rows, and as many matrices of 64 × 128 as are recorded.
    let memory = (8 * elements).max(RECORDED << 15);
    for (begin, mut device) in Device::chosen(memory, memory)? {
        let line = |work: &str, timing: &str, dtype: DType, elements: u64| Record {
            work: work.to_owned(),
            timing: timing.to_owned(),
            law: Some("normal".to_owned()),
            dtype: Some(dtype.to_string()),
            bytes: Some(elements * dtype.size()),
            ..begin.clone()
        };
        let wanted = |dtype: &DType| dtype.to_string().contains(&word(1));
        for dtype in [DType::F32, DType::Bf16].into_iter().filter(wanted) {
            let mut cases = cases(elements, dtype)?;
            let times = in_turn(repetitions, &mut cases, |(_, fill)| device.fill(std::slice::from_ref(fill)))?;
            let stretch = line("view", "warm", dtype, elements).timed(&times[0]).seconds;
            for ((name, _), times) in cases.iter().zip(&times) {
                let line = line("view", "warm", dtype, elements);
                let record = Record { tensors: Some(1), detail: (*name).to_owned(), ..line }.timed(times);
                let ratio = stretch.zip(record.seconds).map_or(0.0, |(stretch, seconds)| stretch / seconds);
                eprintln!("{} {}, {dtype}: {ratio:.2} of a stretch's speed: {name}", record.backend, record.device);
                lines.put(record)?;
            }
        }
        if let Device::Gpu(gpu) = &device {
            for (what, times, count) in recordings(gpu, repetitions)? {
                let line = line("record", "recording", DType::F32, count << 13);
                lines.put(Record { tensors: Some(count), detail: what.to_owned(), ..line }.timed(&times))?;
            }
        }
    }
    Ok(())
}

/// The host's times to record many stretches, views, and stretches in a buffer each, as engines without an arena keep them.
fn recordings(gpu: &Gpu, repetitions: usize) -> anyhow::Result<Vec<(&'static str, Vec<std::time::Duration>, u64)>> {
    let size = 4 * 64 * 128;
    let (mut views, mut stretches) = (Vec::new(), Vec::new());
    for number in 0..if is_test() { 16 } else { RECORDED } {
        views.push(fill(&[64, 256], DType::F32, |view| view.shard(1, number % 2, 2))?.at(number * size));
        stretches.push(fill(&[64, 128], DType::F32, Ok)?.at(number * size));
    }
    let count = stretches.len() as u64;
    let few: Vec<_> = stretches.iter().take(1000).map(|fill| (gpu.clock.storage(size), fill.clone().at(0))).collect();
    let mut works = ["stretches", "views", "stretches in a buffer each"];
    let times = in_turn(repetitions, &mut works, |what| {
        gpu.clock.recording(&mut |encoder| match *what {
            "stretches" => gpu.record(encoder, &stretches),
            "views" => gpu.record(encoder, &views),
            _ => Ok(gpu.executor.record(encoder, few.iter().map(|(buffer, fill)| (buffer, fill)))?),
        })
    })?;
    let counts = [count, count, few.len() as u64];
    Ok(works.into_iter().zip(times).zip(counts).map(|((what, times), count)| (what, times, count)).collect())
}
