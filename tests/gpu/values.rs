//! Every distribution in every dtype.

use crate::harness::{Gpu, Test, spec};
use crate::support::initializers;
use libtest_mimic::Failed;
use wgpu_init::{DType, Fill, Initializer};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("values::every_distribution_in_every_dtype", every_distribution_in_every_dtype),
    ("values::extreme_parameters", extreme_parameters),
];

fn every_distribution_in_every_dtype(gpu: &Gpu) -> Result<(), Failed> {
    for initializer in initializers() {
        for dtype in DType::ALL.iter().copied() {
            gpu.check(500_000, &[&[spec(initializer, dtype, 3..100_006, 16 + dtype.size())]])
                .map_err(|failed| named(&failed, initializer, dtype))?;
        }
    }
    Ok(())
}

/// Scales where rounding, clamps, f16 subnormals, overflow and f32 subnormals are near.
fn extreme_parameters(gpu: &Gpu) -> Result<(), Failed> {
    let smallest = 2f64.powi(-96);
    let cases = [
        (Initializer::normal(0.0, smallest), DType::F32),
        (Initializer::normal(smallest, smallest), DType::F32),
        (Initializer::normal(1.0, smallest), DType::F32),
        (Initializer::normal(0.0, smallest), DType::F16),
        (Initializer::normal(0.0, 2f64.powi(-24)), DType::F16),
        (Initializer::normal(3e-5, 1e-5), DType::F16),
        (Initializer::normal(0.0, 10_000.0), DType::F16),
        (Initializer::normal(0.0, 5e37), DType::F32),
        (Initializer::normal(0.0, 5e37), DType::Bf16),
        (Initializer::normal(-16_777_216.0, 3.0), DType::F32),
        (Initializer::uniform(-smallest, smallest), DType::F32),
        (Initializer::uniform(0.0, 1.0), DType::F32),
        (Initializer::uniform(0.0, 1.0), DType::F16),
        (Initializer::uniform(0.0, 1.0), DType::Bf16),
        (Initializer::uniform(1.0, 1.000_001), DType::F32),
        // Four f32 numbers wide: every sixteenth value rounds to `high` before the clamp.
        (Initializer::uniform(1.0, 1.0 + 2f64.powi(-21)), DType::F32),
        (Initializer::uniform(-1.0 - 2f64.powi(-21), -1.0), DType::F32),
        (Initializer::uniform(1.0, 1.1), DType::Bf16),
        (Initializer::uniform(-65_504.0, 65_504.0), DType::F16),
        (Initializer::uniform(-3.4e38, 3.4e38), DType::F32),
        (Initializer::uniform(1e-40, 1.0), DType::F32),
        (Initializer::trunc_normal(0.0, 1.0, 2.0, 1e30), DType::F32),
        (Initializer::trunc_normal(0.0, 1.0, -1e30, 1e30), DType::F32),
        (Initializer::trunc_normal(0.0, 1.0, 4.0, 4.5), DType::Bf16),
        (Initializer::trunc_normal(100.0, 0.5, 99.9, 100.3), DType::F16),
        (Initializer::constant(1e-40), DType::F32),
        (Initializer::constant(-0.0), DType::F16),
        (Initializer::constant(6e-8), DType::F16),
        // Tails that saturate, subnormals, and windows that rounding leaves.
        (Initializer::normal(0.0, 300.0), DType::F8E4M3Fn),
        (Initializer::normal(1e-3, 2e-3), DType::F8E4M3Fn),
        (Initializer::uniform(-448.0, 448.0), DType::F8E4M3Fn),
        (Initializer::trunc_normal(0.0, 1.0, 4.0, 4.5), DType::F8E4M3Fn),
        (Initializer::normal(0.0, 30_000.0), DType::F8E5M2),
        (Initializer::normal(-3e-5, 2e-5), DType::F8E5M2),
        (Initializer::uniform(1.0, 1.3), DType::F8E5M2),
        (Initializer::constant(-0.0), DType::F8E5M2),
    ];
    let mut offset = 0;
    let specs: Vec<Fill> = cases
        .into_iter()
        .map(|(initializer, dtype)| {
            let spec = spec(initializer, dtype, 0..20_001, offset);
            offset += 20_001 * 4 + 4;
            spec
        })
        .collect();
    gpu.check(offset, &[&specs])
}

fn named(failed: &Failed, initializer: Initializer, dtype: DType) -> Failed {
    format!("{initializer} {dtype}: {}", failed.message().unwrap_or_default()).into()
}
