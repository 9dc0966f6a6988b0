//! Initialises the parameters of neural networks **on the device**. WGSL compute shaders write uniform, normal, truncated normal,
//! orthogonal, sparse and constant tensors in place, into your own [wgpu](https://docs.rs/wgpu) buffers; a CPU executor writes the same bits.
//!
//! ```
//! use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};
//! let fill = Fill::new(Shape::new([768, 3072])?, Initializer::normal(0.0, 0.02))?;
//! let fill = fill.named(Seed::new(42), "h.0.mlp.up.weight");
//! let mut weight = vec![0f32; 768 * 3072];
//! CpuExecutor::new().run([(&mut weight, &fill)])?;
//! assert_eq!(weight[..3], [-0.016_988_155, 0.031_797_78, 0.003_549_724_4]);
//! # Ok::<(), wgpu_init::Error>(())
//! ```
//!
//! On a GPU, `GpuExecutor::record` adds one compute pass to your encoder and submits nothing; the module `gpu` begins with a whole example.
//!
//! Element *i* of the tensor named *n* under seed *s* has **one value**, whatever the device, buffer size, chunking, batching,
//! storage offset or call order. That was verified on an NVIDIA H100, on the software adapters llvmpipe and SwiftShader and on x86-64 CPUs;
//! `GpuExecutor::self_test` checks yours. [`VALUES_VERSION`] says when values may change.
//!
//! # How it fits together
//!
//! An [`Initializer`] is what is asked, e.g. `normal(0, 0.02)` or `kaiming_uniform(fan_in, relu)`. For one tensor it is a
//! [`Distribution`]. A [`Fill`] is the job of writing it. `GpuExecutor` records fills into your command encoder, [`CpuExecutor`] runs
//! them in your memory.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`layer`] | PyTorch's layers with their default initialisation, and how to override it |
//! | [`scheme`] | fans, gains, the scales of language models and of µP |
//! | `gpu` | recording, preparing, tuning and testing a device (feature `gpu`, on by default) |
//! | [`cpu`] | the executor on the CPU, and a plain one to compare with |
//! | [`wgsl`] | the shaders, and functions for kernels of your own |
//! | [`plan`] | the same work as plain data, for any WebGPU host |
//! | [`value`] | the value contract, readable |
//!
//! Whole models are in the crate `wgpu-init-models`.
//!
//! # Back ends
//!
//! The crate asks wgpu for no back end, so that your program decides. Without one, wgpu panics in `Instance::new` with "No wgpu backend
//! feature that is implemented for the target platform was enabled". Add a line of your own, whose default features have them all:
//!
//! ```toml
//! [dependencies]
//! wgpu = "30"
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `gpu` | yes | `GpuExecutor`; without it no wgpu is in the tree |
//! | `threads` | yes | the CPU executor runs on rayon's thread pool; without it on the calling thread, with the same bits |
//! | `half` | no | the CPU executor writes into slices of `half::f16` and `half::bf16` |
//! | `rand` | no | `PhiloxRng`: a stream as a generator of the crate `rand` |
//!
//! In a dev build, Cargo does not optimise dependencies, and the CPU executor is about 80 times slower. `[profile.dev.package.wgpu-init]`
//! with `opt-level = 3` in your own `Cargo.toml` avoids that.
// Examples show functions that they do not call.
#![doc(test(attr(deny(warnings), allow(dead_code))))]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

// Records, tables and slices of numbers are taken as the bytes that they are.
#[cfg(not(target_endian = "little"))]
compile_error!(
    "wgpu-init writes elements and shader records in little-endian order, and knows no other: this target is big-endian"
);

pub mod cpu;
mod distribution;
mod dtype;
mod error;
mod fan;
mod fill;
#[cfg(feature = "gpu")]
pub mod gpu;
mod initializer;
mod lattice;
pub mod layer;
mod pack;
mod part;
pub mod plan;
#[cfg(feature = "rand")]
mod rng;
pub mod scheme;
mod seed;
mod shape;
mod text;
pub mod value;
mod view;
pub mod wgsl;

pub use cpu::CpuExecutor;
pub use distribution::Distribution;
pub use dtype::DType;
pub use error::{Error, Result};
pub use fill::Fill;
#[cfg(feature = "gpu")]
pub use gpu::{GpuExecutor, requirements};
pub use initializer::Initializer;
pub use pack::{ALIGNMENT, pack};
pub use part::Part;
#[cfg(feature = "rand")]
pub use rng::PhiloxRng;
pub use seed::{Seed, Stream};
pub use shape::Shape;
pub use view::View;
#[cfg(feature = "gpu")]
pub use wgpu;

/// Version of the value contract: which bits seed, stream, index, distribution and dtype give.
///
/// A bit that a release has produced changes only together with this number, and this number only in a release that Cargo takes for
/// incompatible: `cargo update` never changes a value. A release computes one version. Older values stay computable by the last
/// release that had them, which the changelog names under *Values*; Cargo lets both live in one program. Checkpoints and exports name
/// their version, and verification refuses another. New laws and dtypes are additions and leave it as it is.
pub const VALUES_VERSION: u32 = 1;

/// The examples of these pages are tests.
#[cfg(all(doctest, feature = "gpu"))]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/guide/initializers.md")]
    struct Initializers;
    #[doc = include_str!("../docs/guide/embedding.md")]
    struct Embedding;
}
