//! The GPU executor: records fills into the caller's command encoder.

mod executor;
mod pipelines;
mod readback;
mod requirements;
mod self_test;
mod tune;
mod tuning;

pub use executor::{GpuExecutor, GpuOptions};
pub use requirements::{Requirements, requirements};
pub use tuning::Tuning;
