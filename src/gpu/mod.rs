//! The GPU executor: records fills into the caller's command encoder.
//!
//! ```no_run
//! use wgpu_init::{Fill, GpuExecutor, Initializer, Seed, Shape, wgpu};
//! # fn example(device: &wgpu::Device, encoder: &mut wgpu::CommandEncoder, arena: &wgpu::Buffer) -> wgpu_init::Result<()> {
//! let gpu = GpuExecutor::new(device)?; // once per device
//! let weight = Fill::new(Shape::new([768, 3072])?, Initializer::normal(0.0, 0.02))?.named(Seed::new(42), "mlp.up.weight");
//! gpu.record(encoder, [(arena.slice(..768 * 3072 * 4), &weight)])
//! # }
//! # let _ = example;
//! ```

mod executor;
mod pipelines;
mod prepared;
mod readback;
mod requirements;
mod scope;
mod self_test;
mod target;
mod tune;
mod tuning;

pub use executor::{GpuExecutor, GpuOptions};
pub use prepared::Prepared;
pub use requirements::{Requirements, requirements};
pub use target::Target;
pub use tuning::Tuning;
