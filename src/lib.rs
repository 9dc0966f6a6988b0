//! Initialises the parameters of neural networks **on the device**: WGSL compute shaders draw from the counter-based Philox4x32-10
//! generator and write uniform, normal, truncated normal, orthogonal, sparse and constant tensors in place, in your own [`wgpu`]
//! buffers. A CPU executor produces the same bits.
//!
//! Element *i* of the tensor named *n* under seed *s* has **one value**, whatever the device, buffer size, chunking, batching,
//! storage offset or call order.
//!
//! An [`Initializer`] is what is asked, e.g. `normal(0, 0.02)` or `kaiming_uniform(fan_in, relu)`. For one tensor it is a
//! [`Distribution`]. A [`Fill`] is the job of writing it; [`GpuExecutor`] records fills into your command encoder, [`CpuExecutor`] runs
//! them in your memory.
//!
//! ```
//! use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};
//! let fill = Fill::new(Shape::new([768, 3072])?, Initializer::normal(0.0, 0.02))?.named(Seed::new(42), "h.0.mlp.up.weight");
//! let mut weight = vec![0f32; 768 * 3072];
//! CpuExecutor::new().run([(bytemuck::cast_slice_mut(&mut weight), &fill)])?;
//! assert_eq!(weight[..3], [-0.016_988_155, 0.031_797_78, 0.003_549_724_4]);
//! # Ok::<(), wgpu_init::Error>(())
//! ```
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`scheme`] | fans, gains, the scales of language models and of µP |
//! | [`layer`] | PyTorch's layers with their implicit initialisation, and how to say otherwise |
//! | `gpu` | recording, preparing, tuning and testing a device (feature `gpu`, on by default) |
//! | [`plan`], [`wgsl`] | the same work as plain data, for any WebGPU host |
//! | [`value`] | the value contract, readable |
//!
//! The crate asks wgpu for no back end: the program that embeds it chooses, e.g. `wgpu = "30"`, whose default features have them. Without
//! one, wgpu finds no adapter. Whole models are in the crate `wgpu-init-models`.
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

/// The README's examples are tests.
#[cfg(all(doctest, feature = "gpu"))]
#[doc = include_str!("../README.md")]
struct Readme;
