//! Calls, fills and their order.

use crate::common::{poisoned_buffer, read_back};
use crate::harness::{Gpu, ONE_OF_EACH_SIZE, Test, compare, expected, spec};
use crate::support::initializers;
use libtest_mimic::Failed;
use wgpu_init::{DType, Fill, Initializer, wgpu};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("encoder::two_calls_in_one_encoder", two_calls_in_one_encoder),
    ("encoder::a_later_call_wins", a_later_call_wins),
    ("encoder::the_order_of_fills_does_not_matter", the_order_of_fills_does_not_matter),
    ("encoder::single_calls_give_what_one_call_gives", single_calls_give_what_one_call_gives),
    ("encoder::several_buffers_in_one_call", several_buffers_in_one_call),
    ("encoder::inside_a_pass_of_the_callers", inside_a_pass_of_the_callers),
    ("encoder::the_blocking_helper", the_blocking_helper),
    ("encoder::shards_and_chunks_give_the_whole", shards_and_chunks_give_the_whole),
];

/// All distributions and sizes of elements in one arena, those of 16 and 8 bits at odd places of their size.
fn mixture() -> (u64, Vec<Fill>) {
    let mut offset = 2u64;
    let mut specs = Vec::new();
    for initializer in initializers() {
        for dtype in ONE_OF_EACH_SIZE {
            offset = offset.next_multiple_of(dtype.size());
            specs.push(spec(initializer, dtype, 5..1_342, offset));
            offset += 1_337 * dtype.size();
        }
    }
    (offset + 6, specs)
}

fn two_calls_in_one_encoder(gpu: &Gpu) -> Result<(), Failed> {
    let (size, specs) = mixture();
    let (first, second) = specs.split_at(specs.len() / 2);
    gpu.check(size, &[first, second])
}

fn a_later_call_wins(gpu: &Gpu) -> Result<(), Failed> {
    let normal = spec(Initializer::normal(0.0, 1.0), DType::F32, 0..1000, 0);
    let uniform = spec(Initializer::uniform(0.0, 1.0), DType::Bf16, 0..333, 402);
    gpu.check(4000, &[std::slice::from_ref(&normal), std::slice::from_ref(&uniform)])?;
    gpu.check(4000, &[&[uniform], &[normal]])
}

fn the_order_of_fills_does_not_matter(gpu: &Gpu) -> Result<(), Failed> {
    let (size, mut specs) = mixture();
    let truth = expected(size, &[&specs])?;
    specs.reverse();
    compare(&gpu.run(size, &[&specs])?, &truth)?;
    specs.rotate_left(7);
    specs.swap(1, 5);
    compare(&gpu.run(size, &[&specs])?, &truth)
}

fn single_calls_give_what_one_call_gives(gpu: &Gpu) -> Result<(), Failed> {
    let (size, specs) = mixture();
    let calls: Vec<&[Fill]> = specs.chunks(1).collect();
    compare(&gpu.run(size, &calls)?, &expected(size, &[&specs])?)
}

fn several_buffers_in_one_call(gpu: &Gpu) -> Result<(), Failed> {
    let (size, specs) = mixture();
    let buffers = [poisoned_buffer(&gpu.device, size), poisoned_buffer(&gpu.device, size)];
    // Dealt out in turn, so that the dispatches of both buffers are interleaved.
    let fills = specs.iter().enumerate().map(|(i, fill)| (&buffers[i % 2], fill));
    let mut encoder = gpu.encoder();
    gpu.executor.record(&mut encoder, fills)?;
    gpu.queue.submit([encoder.finish()]);
    for (parity, buffer) in buffers.iter().enumerate() {
        let own: Vec<Fill> = specs.iter().skip(parity).step_by(2).cloned().collect();
        compare(&read_back(&gpu.device, &gpu.queue, gpu.encoder(), buffer), &expected(size, &[&own])?)?;
    }
    Ok(())
}

fn inside_a_pass_of_the_callers(gpu: &Gpu) -> Result<(), Failed> {
    let (size, specs) = mixture();
    let buffer = poisoned_buffer(&gpu.device, size);
    let mut encoder = gpu.encoder();
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    let (first, second) = specs.split_at(9);
    gpu.executor.record_in_pass(&mut pass, first.iter().map(|fill| (&buffer, fill)))?;
    gpu.executor.record_in_pass(&mut pass, second.iter().map(|fill| (&buffer, fill)))?;
    drop(pass);
    compare(&read_back(&gpu.device, &gpu.queue, encoder, &buffer), &expected(size, &[&specs])?)
}

fn the_blocking_helper(gpu: &Gpu) -> Result<(), Failed> {
    let (size, specs) = mixture();
    let buffer = poisoned_buffer(&gpu.device, size);
    gpu.executor.fill_blocking(&gpu.queue, specs.iter().map(|fill| (&buffer, fill)))?;
    compare(&read_back(&gpu.device, &gpu.queue, gpu.encoder(), &buffer), &expected(size, &[&specs])?)
}

/// One tensor, cut into pieces of odd lengths that are written from the last to the first.
fn shards_and_chunks_give_the_whole(gpu: &Gpu) -> Result<(), Failed> {
    for dtype in ONE_OF_EACH_SIZE {
        let initializer = Initializer::trunc_normal(0.0, 1.0, -2.0, 2.0);
        let total = 30_011u64;
        let truth = expected(total * 4, &[&[spec(initializer, dtype, 0..total, 0)]])?;
        let mut pieces: Vec<Fill> = (0..total)
            .step_by(997)
            .map(|start| spec(initializer, dtype, start..total.min(start + 997), start * dtype.size()))
            .collect();
        pieces.reverse();
        compare(&gpu.run(total * 4, &[&pieces])?, &truth)?;
        let calls: Vec<&[Fill]> = pieces.chunks(1).collect();
        compare(&gpu.run(total * 4, &calls)?, &truth)?;
    }
    Ok(())
}
