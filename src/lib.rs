#![doc = include_str!("../README.md")]
#![doc(test(attr(deny(warnings))))]
#![forbid(unsafe_code)]

mod constants;
pub mod cpu;
mod distribution;
mod dtype;
mod error;
mod fill;
#[cfg(feature = "gpu")]
pub mod gpu;
mod initializer;
pub mod layer;
mod part;
pub mod plan;
pub mod scheme;
mod seed;
mod shape;
pub mod value;
pub mod wgsl;

pub use constants::{Constants, Kind};
pub use cpu::CpuExecutor;
pub use distribution::Distribution;
pub use dtype::DType;
pub use error::{Error, Result};
pub use fill::{Fill, FillSpec};
#[cfg(feature = "gpu")]
pub use gpu::{GpuExecutor, requirements};
pub use initializer::Initializer;
pub use part::Part;
pub use seed::{Seed, Stream};
pub use shape::Shape;
#[cfg(feature = "gpu")]
pub use wgpu;

/// Version of the value contract. It changes whenever any produced bit changes.
pub const VALUES_VERSION: u32 = 1;
