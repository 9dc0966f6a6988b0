#![doc = include_str!("../README.md")]
#![doc(test(attr(deny(warnings))))]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod cpu;
mod distribution;
mod dtype;
mod error;
mod fan;
mod fill;
#[cfg(feature = "gpu")]
pub mod gpu;
mod initializer;
pub mod layer;
mod part;
pub mod plan;
#[cfg(feature = "rand")]
mod rng;
pub mod scheme;
mod seed;
mod shape;
mod text;
pub mod value;
pub mod wgsl;

pub use cpu::CpuExecutor;
pub use distribution::Distribution;
pub use dtype::DType;
pub use error::{Error, Result};
pub use fill::Fill;
#[cfg(feature = "gpu")]
pub use gpu::{GpuExecutor, requirements};
pub use initializer::Initializer;
pub use part::Part;
#[cfg(feature = "rand")]
pub use rng::PhiloxRng;
pub use seed::{Seed, Stream};
pub use shape::Shape;
#[cfg(feature = "gpu")]
pub use wgpu;

/// Version of the value contract. It changes whenever any produced bit changes.
pub const VALUES_VERSION: u32 = 1;
