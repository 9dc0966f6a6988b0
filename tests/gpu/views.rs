//! Views: tensors cut into boxes at random, each somewhere in one buffer, all in one call.

use crate::common::{poisoned_buffer, read_back};
use crate::harness::{Gpu, ONE_OF_EACH_SIZE, Test, compare, expected};
use crate::support::partition::{Dice, Partition, partition};
use libtest_mimic::Failed;
use std::ops::Range;
use wgpu_init::plan::Tiling;
use wgpu_init::scheme::{FanMode, Nonlinearity};
use wgpu_init::{DType, Fill, GpuExecutor, Initializer, Seed, Shape, Stream, View};

// Few tests of much work: each compiles pipelines of its own.
pub(crate) const TESTS: &[(&str, Test)] = &[
    ("views::parts_of_any_tensor_in_any_memory", parts_of_any_tensor_in_any_memory),
    ("views::in_small_windows", in_small_windows),
];

fn check(gpu: &Gpu, partition: &Partition) -> Result<(), Failed> {
    let got = gpu.run(partition.size, &[&partition.parts]);
    let same = got.and_then(|got| compare(&got, &partition.expected(crate::common::POISON)));
    same.map_err(|failed| format!("{}: {}", partition.what, failed.message().unwrap_or_default()).into())
}

fn parts_of_any_tensor_in_any_memory(gpu: &Gpu) -> Result<(), Failed> {
    let mut dice = Dice::new(2);
    (0..120).try_for_each(|_| check(gpu, &partition(&mut dice, &ONE_OF_EACH_SIZE)))?;
    distances_and_indices_past_32_bits(gpu)?;
    many_units_of_an_invocation(gpu)
}

/// On hardware, kernels take several units at a time where an invocation has as many: rows of whole groups in 32 and 16 bits, and rows
/// that begin anywhere. An odd number of rounds is left.
fn many_units_of_an_invocation(gpu: &Gpu) -> Result<(), Failed> {
    let mut tuning = gpu.executor.tuning();
    tuning.tiling = Tiling { workgroup_size: 4, most_groups: 23, enough_workgroups: 1 };
    let executor = GpuExecutor::with_options(&gpu.device, tuning.into())?;
    let rows = |columns: u64, part: Range<u64>, dtype, at| -> wgpu_init::Result<Fill> {
        let shape = Shape::new([33, columns])?;
        let fill = Fill::new(shape.clone(), Initializer::normal(0.0, 1.0))?.named(Seed::new(3), "w").dtype(dtype);
        Ok(fill.view(View::new(&shape).part(1, part)?).at(at))
    };
    let views = [
        rows(256, 128..256, DType::F32, 0)?,
        rows(256, 128..256, DType::F16, 16_992)?,
        rows(129, 1..128, DType::F32, 26_000)?,
    ];
    let size = 44_000;
    let buffer = poisoned_buffer(&gpu.device, size);
    let mut encoder = gpu.encoder();
    executor.record(&mut encoder, views.iter().map(|fill| (&buffer, fill)))?;
    compare(&read_back(&gpu.device, &gpu.queue, encoder, &buffer), &expected(size, &[&views])?)
}

/// The smallest binding that holds the quantile table.
fn in_small_windows(gpu: &Gpu) -> Result<(), Failed> {
    let gpu = gpu.with_limits(|limits| limits.max_storage_buffer_binding_size = 16 << 10)?;
    let mut dice = Dice::new(3);
    let dtypes = [DType::F32, DType::F16, DType::F8E5M2];
    (0..20).try_for_each(|_| check(&gpu, &partition(&mut dice, &dtypes)))?;
    rows_longer_than_a_window(&gpu)
}

fn rows_longer_than_a_window(gpu: &Gpu) -> Result<(), Failed> {
    for dtype in DType::ALL.iter().copied() {
        for (columns, pitch, transposed) in [(20_000, 20_016, false), (9_999, 10_001, false), (20_000, 7, true)] {
            let shape = Shape::new([5, columns])?;
            let fill = Fill::new(shape.clone(), Initializer::normal(0.0, 1.0))?.named(Seed::new(1), "w").dtype(dtype);
            let order = if transposed { [1, 0] } else { [0, 1] };
            let fill = fill.view(View::new(&shape).permuted(order)?.pitch(pitch)).at(16);
            gpu.check(600_000, &[&[fill]])?;
        }
    }
    Ok(())
}

/// A few elements of a tensor that no memory holds.
fn distances_and_indices_past_32_bits(gpu: &Gpu) -> Result<(), Failed> {
    let shape = Shape::new([1 << 20, 1 << 21, 1 << 22])?;
    for dtype in ONE_OF_EACH_SIZE {
        // With a scale that the fans of the whole tensor decide.
        for initializer in [
            Initializer::kaiming_uniform(FanMode::FanIn, Nonlinearity::Linear),
            Initializer::kaiming_normal(FanMode::FanIn, Nonlinearity::Linear),
        ] {
            let fill =
                Fill::new(shape.clone(), initializer)?.keyed(Seed::new(u64::MAX), Stream::new(u64::MAX)).dtype(dtype);
            let corner = |axis: usize| (1 << (20 + axis)) - 3;
            let view = View::new(&shape).part(0, corner(0)..corner(0) + 3)?.part(1, corner(1)..corner(1) + 3)?;
            let view = view.part(2, (1 << 21) - 5..(1 << 21) + 6)?;
            for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
                gpu.check(1024, &[&[fill.clone().view(view.clone().permuted(order)?).at(32)]])?;
            }
        }
    }
    Ok(())
}
