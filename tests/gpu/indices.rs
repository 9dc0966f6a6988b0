//! 64-bit element indices: past every boundary of 32-bit arithmetic.

use crate::harness::{Gpu, Test, spec};
use crate::support::initializers;
use libtest_mimic::Failed;
use wgpu_init::{DType, Fill};

pub(crate) const TESTS: &[(&str, Test)] = &[("indices::past_every_boundary", past_every_boundary)];

/// Elements 2^32, blocks 2^32 (elements 2^34), the top of 62-bit blocks, the last element of the largest tensor.
fn past_every_boundary(gpu: &Gpu) -> Result<(), Failed> {
    let mut specs: Vec<Fill> = Vec::new();
    let mut offset = 0;
    for boundary in [1 << 31, 1 << 32, 1 << 33, 1 << 34, 3 << 34, 1 << 40, 1 << 62, 1 << 63, u64::MAX - 1500] {
        for (i, initializer) in initializers().into_iter().enumerate() {
            let dtype = DType::ALL[i % DType::ALL.len()];
            let start = boundary - 1000 + i as u64;
            specs.push(spec(initializer, dtype, start..boundary + 1500, offset));
            offset += 2500 * 4 + 8;
        }
    }
    gpu.check(offset, &[&specs])
}
