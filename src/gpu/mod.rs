//! The GPU executor: records fills into the caller's command encoder.

mod executor;
mod pipelines;
mod readback;
mod requirements;
mod self_test;

pub use executor::{GpuExecutor, GpuOptions};
pub use requirements::{Requirements, requirements};
