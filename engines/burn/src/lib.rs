//! Fills modules of [Burn](burn) in place on their wgpu device, with the numbers that [`wgpu_init`] gives PyTorch's tensors of the same
//! names: one seed gives one model, in PyTorch's layout, in Burn's, and in a checkpoint.
//!
//! ```no_run
//! use burn::nn::LinearConfig;
//! use burn::tensor::Device;
//! use wgpu_init::Seed;
//! use wgpu_init_burn::Init;
//! use wgpu_init_models::{Recipe, Rules};
//!
//! let (device, setup) = Device::wgpu_options().init_with_setup()?; // before Burn's first use of the device
//! let init = Init::new(&setup)?;
//! let head = init.fill(LinearConfig::new(64, 10).init(&device), Recipe::TorchDefault, Seed::new(42))?;
//!
//! let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"trunc_normal(0, 0.02, -0.04, 0.04)\"".parse()?;
//! let head = init.fill(head, &rules, Seed::new(42))?;
//! # drop(head);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Init::fill`] says what is guaranteed, and the README which layouts of Burn's are which tensors of PyTorch's.
#![doc(test(attr(deny(warnings))))]
#![forbid(unsafe_code)]

mod assign;
mod device;
mod error;
mod init;
mod torch;
mod walk;

pub use assign::Assign;
pub use error::{Error, Result};
pub use init::Init;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
