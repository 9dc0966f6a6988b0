//! How work is spread changes no bit, and what a device was found to be fastest with is what it then does.

use crate::common::{poisoned_buffer, read_back};
use crate::harness::{Gpu, Test, compare, expected, spec};
use libtest_mimic::Failed;
use wgpu_init::gpu::Tuning;
use wgpu_init::plan::Tiling;
use wgpu_init::{DType, Fill, GpuExecutor, Initializer};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("tuning::no_tiling_changes_a_bit", no_tiling_changes_a_bit),
    ("tuning::the_fastest_gives_the_same_bits", the_fastest_gives_the_same_bits),
];

/// Workgroup size, most groups, enough workgroups: ends, odd numbers, the defaults, and more than a device has.
const TILINGS: [(u32, u32, u32); 6] =
    [(1, 1, 1), (3, 7, 5), (8, 1 << 14, 256), (256, 64, 1024), (1024, u32::MAX, u32::MAX), (100, u32::MAX, 1)];

/// Long enough for several tiles of most tilings; both phases; ragged ends.
fn specs() -> (u64, Vec<Fill>) {
    let normal = spec(Initializer::normal(0.5, 2.0), DType::F32, 0..20_011, 0);
    let uniform = spec(Initializer::uniform(0.0, 1.0), DType::Bf16, 5..9_000, 80_044);
    (100_000, vec![normal, uniform])
}

fn check(gpu: &Gpu, tuning: Tuning) -> Result<(), Failed> {
    let (size, specs) = specs();
    let executor = GpuExecutor::with_options(&gpu.device, tuning.into())?;
    let buffer = poisoned_buffer(&gpu.device, size);
    let mut encoder = gpu.encoder();
    executor.record(&mut encoder, specs.iter().map(|fill| (&buffer, fill)))?;
    let got = read_back(&gpu.device, &gpu.queue, encoder, &buffer);
    compare(&got, &expected(size, &[&specs])?).map_err(|error| format!("{tuning}: {error:?}").into())
}

fn no_tiling_changes_a_bit(gpu: &Gpu) -> Result<(), Failed> {
    for (workgroup_size, most_groups, enough_workgroups) in TILINGS {
        let tiling = Tiling { workgroup_size, most_groups, enough_workgroups };
        let mut tuning = gpu.executor.tuning();
        tuning.tiling = tiling;
        check(gpu, tuning)?;
    }
    Ok(())
}

fn the_fastest_gives_the_same_bits(gpu: &Gpu) -> Result<(), Failed> {
    let tuning = GpuExecutor::tune_blocking(&gpu.device, &gpu.queue)?;
    if GpuExecutor::with_options(&gpu.device, tuning.into())?.tuning() != tuning {
        return Err(format!("{tuning} is not what the device then does").into());
    }
    check(gpu, tuning)
}
