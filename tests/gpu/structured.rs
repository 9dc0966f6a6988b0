//! Identities, orthogonal and sparse matrices: whole, in slices, at odd offsets, many in one call.

use crate::harness::{Gpu, Test};
use libtest_mimic::Failed;
use wgpu_init::scheme::Layout;
use wgpu_init::scheme::{Scaling, Side, Window};
use wgpu_init::{DType, Fill, Initializer, Seed, Shape};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("structured::whole_tensors_in_every_dtype", whole_tensors_in_every_dtype),
    ("structured::slices_at_odd_offsets", slices_at_odd_offsets),
    ("structured::larger_matrices", larger_matrices),
    ("structured::in_small_windows", in_small_windows),
];

fn cases() -> Vec<(Initializer, Vec<u64>)> {
    let in_out = |initializer: Initializer| initializer.with_layout(Layout::InOut);
    vec![
        (Initializer::eye(1.5), vec![37, 29]),
        (Initializer::eye(-1.0), vec![1, 70]),
        (Initializer::dirac(2), vec![12, 5, 3, 3]),
        (Initializer::dirac(1), vec![3, 40, 2]),
        (Initializer::sparse(0.3, 0.5), vec![41, 27]),
        (Initializer::sparse(1.0, 0.5), vec![3, 8]),
        (Initializer::sparse_rows(0.71, 0.5), vec![27, 41]),
        (Initializer::orthogonal(1.3), vec![40, 70]),
        (Initializer::orthogonal(-0.5), vec![67, 33]),
        (Initializer::orthogonal(1.0), vec![1, 1]),
        (Initializer::orthogonal(1.0), vec![2, 1]),
        (Initializer::orthogonal(1.0), vec![300, 1]),
        (Initializer::orthogonal(1.0), vec![65, 65]),
        (in_out(Initializer::orthogonal(1.0)), vec![3, 5, 8]),
        (Initializer::orthogonal_batch(1.0, 1), vec![5, 9, 4]),
        (Initializer::orthogonal_batch(1.0, 2), vec![2, 3, 4, 2, 2]),
        (Initializer::unit_rows(1.5), vec![67, 41]),
        (Initializer::unit_rows(1.0), vec![3, 5, 300]),
        (Initializer::unit_rows(1.0), vec![9, 1]),
        (Initializer::delta_orthogonal(2.0), vec![6, 5, 3, 4]),
        (in_out(Initializer::delta_orthogonal(2.0)), vec![3, 4, 5, 6]),
        (Initializer::stft(Side::Real, Window::Hann, Scaling::Density, false), vec![30, 1, 17]),
        (Initializer::sinusoids_concatenated(10_000.0), vec![31, 6]),
        (Initializer::power_law(-6.0, -1.0, 0.7), vec![3, 13]),
        (Initializer::power_law_open(0.0, 1.0, 0.35), vec![1, 1, 13]),
        (Initializer::zigzag(1.0, 0.0, 0.1), vec![3, 13]),
        (Initializer::power_law_heads(-5.5, 0.5, 1.6, 2.5, 4), vec![2, 12]),
    ]
}

fn fill(initializer: Initializer, dims: &[u64], dtype: DType) -> Result<Fill, Failed> {
    Ok(Fill::new(Shape::new(dims)?, initializer)?.named(Seed::new(0x1234_5678_9abc_def0), "w").dtype(dtype))
}

fn named(failed: &Failed, initializer: Initializer, dims: &[u64]) -> Failed {
    format!("{initializer} {dims:?}: {}", failed.message().unwrap_or_default()).into()
}

fn whole_tensors_in_every_dtype(gpu: &Gpu) -> Result<(), Failed> {
    let mut specs = Vec::new();
    let mut offset = 0;
    for (initializer, dims) in cases() {
        for dtype in DType::ALL.iter().copied() {
            let fill = fill(initializer, &dims, dtype)?.at(offset);
            // Each by itself takes as long as all of them together; those of 8 bits are among these below.
            if dtype.size() > 1 {
                gpu.check(20_000, &[&[fill.clone().at(0)]]).map_err(|f| named(&f, initializer, &dims))?;
            }
            offset += fill.range().end * dtype.size() + 4;
            offset = offset.next_multiple_of(4) + if dtype == DType::F32 { 0 } else { 2 };
            specs.push(fill);
            offset = offset.next_multiple_of(4);
        }
    }
    // All of them in one call.
    gpu.check(offset, &[&specs])
}

fn slices_at_odd_offsets(gpu: &Gpu) -> Result<(), Failed> {
    for (number, (initializer, dims)) in cases().into_iter().enumerate() {
        let dtype = DType::ALL[number % DType::ALL.len()];
        let elements = Shape::new(&dims[..])?.elements();
        let mut specs: Vec<Fill> = Vec::new();
        let mut offset = dtype.size();
        for range in [0..elements / 2, elements / 3..elements, elements - 1..elements, elements / 5..elements / 5 + 1] {
            let length = range.end - range.start;
            if length > 0 {
                specs.push(fill(initializer, &dims, dtype)?.elements(range).at(offset));
            }
            offset += (length + 1) * dtype.size();
        }
        gpu.check(offset + 8, &[&specs]).map_err(|failed| named(&failed, initializer, &dims))?;
    }
    Ok(())
}

fn larger_matrices(gpu: &Gpu) -> Result<(), Failed> {
    for (initializer, dims) in [
        (Initializer::orthogonal(1.0), vec![257, 300]),
        (Initializer::orthogonal_batch(1.0, 1), vec![3, 130, 100]),
        (Initializer::sparse(0.5, 0.01), vec![600, 300]),
        (Initializer::eye(1.0), vec![600, 300]),
    ] {
        let spec = fill(initializer, &dims, DType::F32)?.at(8);
        gpu.check(1_000_000, &[&[spec]]).map_err(|failed| named(&failed, initializer, &dims))?;
    }
    Ok(())
}

/// A device whose bindings are far smaller than the buffer.
fn in_small_windows(gpu: &Gpu) -> Result<(), Failed> {
    let small = gpu.with_limits(|limits| limits.max_storage_buffer_binding_size = 128 << 10)?;
    let specs = [
        fill(Initializer::orthogonal_batch(1.0, 1), &[9, 90, 80], DType::F32)?.at(4),
        fill(Initializer::orthogonal(1.0), &[100, 150], DType::Bf16)?.at(262_146),
        fill(Initializer::sparse(0.3, 1.0), &[300, 200], DType::F16)?.at(300_002),
        fill(Initializer::dirac(1), &[50, 50, 3, 3], DType::F32)?.at(450_000),
    ];
    small.check(600_000, &[&specs])
}
