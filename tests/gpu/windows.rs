//! Tensors larger than one binding.

use crate::harness::{Gpu, Test, spec};
use libtest_mimic::Failed;
use wgpu_init::{DType, Fill, Initializer, wgpu};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("windows::many_small_windows", many_small_windows),
    ("windows::fills_across_a_windows_end", fills_across_a_windows_end),
    ("windows::more_than_the_default_binding_of_webgpu", more_than_the_default_binding_of_webgpu),
];

/// The smallest binding that holds the quantile table.
const SMALL: u64 = 16 << 10;

fn small(gpu: &Gpu) -> Result<Gpu, Failed> {
    gpu.with_limits(|limits| limits.max_storage_buffer_binding_size = SMALL)
}

fn many_small_windows(gpu: &Gpu) -> Result<(), Failed> {
    let gpu = small(gpu)?;
    for (initializer, dtype) in [
        (Initializer::normal(0.0, 1.0), DType::F32),
        (Initializer::trunc_normal(0.0, 1.0, -1.0, 2.0), DType::F16),
        (Initializer::uniform(0.0, 1.0), DType::Bf16),
        (Initializer::constant(3.0), DType::F32),
        (Initializer::normal(0.0, 1.0), DType::F8E4M3Fn),
    ] {
        let elements = 100 * SMALL / dtype.size() + 77;
        gpu.check(102 * SMALL, &[&[spec(initializer, dtype, 2..2 + elements, 300 + dtype.size())]])?;
    }
    Ok(())
}

/// Small fills of two kinds on both sides of every window's end, and over it.
fn fills_across_a_windows_end(gpu: &Gpu) -> Result<(), Failed> {
    let gpu = small(gpu)?;
    let mut specs: Vec<Fill> = Vec::new();
    let dtypes = [DType::F16, DType::Bf16, DType::F8E5M2];
    for (window, dtype) in (1..20).zip(dtypes.into_iter().cycle()) {
        let end = window * SMALL;
        for (step, length) in [(0, 17), (40, 1), (52, 55)] {
            let start = end - 60 + step;
            let initializer = if step == 0 { Initializer::normal(0.0, 1.0) } else { Initializer::uniform(0.0, 1.0) };
            specs.push(spec(initializer, dtype, step..step + length, start));
        }
    }
    gpu.check(21 * SMALL, &[&specs])
}

/// 200 MiB on a device with `Limits::default()`: 128 MiB to a binding.
fn more_than_the_default_binding_of_webgpu(gpu: &Gpu) -> Result<(), Failed> {
    let gpu = gpu.with_limits(|limits| {
        let defaults = wgpu::Limits::default();
        limits.max_storage_buffer_binding_size = defaults.max_storage_buffer_binding_size;
        limits.max_buffer_size = defaults.max_buffer_size;
    })?;
    let elements = 100 * 1024 * 1024 + 3;
    gpu.check(elements * 2 + 4, &[&[spec(Initializer::uniform(-0.5, 0.5), DType::Bf16, 0..elements, 2)]])
}
