//! Numbers of elements around every boundary of the grid.

use crate::harness::{Gpu, ONE_OF_EACH_SIZE, Test, spec};
use libtest_mimic::Failed;
use wgpu_init::{DType, Fill, Initializer};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("sizes::nothing_is_written_for_no_elements", nothing_is_written_for_no_elements),
    ("sizes::around_groups_workgroups_and_tiles", around_groups_workgroups_and_tiles),
    ("sizes::more_fills_than_workgroups_in_a_row_of_the_grid", more_fills_than_workgroups_in_a_row_of_the_grid),
    ("sizes::large_grids_on_small_devices", large_grids_on_small_devices),
    ("sizes::tiles_of_many_groups", tiles_of_many_groups),
];

fn nothing_is_written_for_no_elements(gpu: &Gpu) -> Result<(), Failed> {
    for dtype in DType::ALL.iter().copied() {
        gpu.check(64, &[&[spec(Initializer::normal(0.0, 1.0), dtype, 7..7, 8)]])?;
    }
    gpu.check(64, &[&[]])
}

/// A group is 16 bytes, a workgroup 256 groups: 1024 elements of f32, 2048 of 16 bits, 4096 of 8.
fn around_groups_workgroups_and_tiles(gpu: &Gpu) -> Result<(), Failed> {
    for dtype in ONE_OF_EACH_SIZE {
        let mut offset = 4;
        let mut specs = Vec::new();
        for around in [1, 4, 8, 16, 64, 255, 256, 512, 1024, 2048, 4096, 65_535] {
            for elements in around - 1..=around + 1 {
                specs.push(spec(Initializer::uniform(-1.0, 1.0), dtype, 0..elements, offset));
                offset += (elements * dtype.size()).next_multiple_of(4) + 8;
            }
        }
        gpu.check(offset, &[&specs])?;
    }
    Ok(())
}

/// Every fill takes a workgroup of its own: 70,000 of them pass the usual 65,535 in x. Uniform, since each would read the whole quantile table:
/// minutes on a driver that emulates workgroups.
fn more_fills_than_workgroups_in_a_row_of_the_grid(gpu: &Gpu) -> Result<(), Failed> {
    let specs: Vec<Fill> =
        (0..70_000).map(|i| spec(Initializer::uniform(-1.0, 1.0), DType::F32, 3 * i..3 * i + 7, 4 + 28 * i)).collect();
    gpu.check(70_000 * 28 + 8, &[&specs])
}

/// The same past limits of some workgroups and threads: several rows of the grid, and several dispatches.
fn large_grids_on_small_devices(gpu: &Gpu) -> Result<(), Failed> {
    for (per_dimension, threads) in [(1, 256), (2, 1), (3, 7), (5, 64)] {
        let small = gpu.with_limits(|limits| {
            limits.max_compute_workgroups_per_dimension = per_dimension;
            limits.max_compute_invocations_per_workgroup = threads;
            limits.max_compute_workgroup_size_x = threads;
        })?;
        let mut specs: Vec<Fill> =
            (0..40).map(|i| spec(Initializer::normal(0.0, 1.0), DType::F16, 5 * i..5 * i + 23, 2 + 48 * i)).collect();
        specs.push(spec(Initializer::normal(0.0, 1.0), DType::F32, 1..9000, 2048));
        small.check(40_000, &[&specs])?;
    }
    Ok(())
}

/// Large enough that one invocation writes several groups, and not a multiple of a tile.
fn tiles_of_many_groups(gpu: &Gpu) -> Result<(), Failed> {
    for (initializer, dtype) in [
        (Initializer::normal(0.0, 0.02), DType::F32),
        (Initializer::uniform(0.0, 1.0), DType::Bf16),
        (Initializer::constant(0.5), DType::F16),
    ] {
        let elements = 24 * 1024 * 1024 / dtype.size() + 12_345;
        gpu.check(elements * dtype.size() + 4, &[&[spec(initializer, dtype, 0..elements, 0)]])?;
    }
    Ok(())
}
