//! Tensors on the CPU by initializer, shape and seed.

use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};

pub(crate) fn shape(dims: &[u64]) -> Shape {
    Shape::new(dims).expect("a shape")
}

pub(crate) fn spec(initializer: Initializer, dims: &[u64], seed: u64) -> Fill {
    let fill = Fill::new(shape(dims), initializer).unwrap_or_else(|error| panic!("{initializer} {dims:?}: {error}"));
    fill.named(Seed::new(seed), "weight")
}

/// The f32 values of a tensor, by the fast executor.
pub(crate) fn values(initializer: Initializer, dims: &[u64], seed: u64) -> Vec<f32> {
    let mut values = vec![f32::NAN; usize::try_from(shape(dims).elements()).expect("small")];
    let spec = spec(initializer, dims, seed);
    CpuExecutor::new().run_in(&mut values, &[spec]).expect("valid");
    values
}
