//! The GPU executor: records fills into the caller's command encoder.
//!
//! ```
//! use wgpu_init::{Fill, GpuExecutor, Initializer, Seed, Shape, wgpu};
//! # let example = async {
//! let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
//! let Ok(adapter) = instance.request_adapter(&wgpu::RequestAdapterOptions::default()).await else {
//!     return Ok(()); // no GPU here: `CpuExecutor` writes the same bits
//! };
//! let (device, queue) = adapter.request_device(&wgpu_init::requirements(&adapter).device_descriptor()).await?;
//! let gpu = GpuExecutor::new(&device)?; // once per device
//!
//! let buffer = device.create_buffer(&wgpu::BufferDescriptor {
//!     label: Some("weight"),
//!     size: 768 * 3072 * 4,
//!     usage: wgpu::BufferUsages::STORAGE, // and COPY_SRC, for a copy into a buffer that can be mapped
//!     mapped_at_creation: false,
//! });
//! let weight = Fill::new(Shape::new([768, 3072])?, Initializer::normal(0.0, 0.02))?.named(Seed::new(42), "mlp.up.weight");
//! let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
//! gpu.record(&mut encoder, [(&buffer, &weight)])?; // one compute pass; nothing is submitted
//! queue.submit([encoder.finish()]);
//! # Ok::<(), anyhow::Error>(())
//! # };
//! # pollster::block_on(example)?;
//! # Ok::<(), anyhow::Error>(())
//! ```
//!
//! If wgpu panics in `Instance::new` with "No wgpu backend feature that is implemented for the target platform was enabled", your program
//! lacks a back end: add `wgpu = "30"` to its dependencies, whose default features have them. This crate asks for none.

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
