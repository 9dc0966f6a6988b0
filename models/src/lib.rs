//! How each parameter of a whole model is initialised: from a list of names and shapes to fills for [`wgpu_init`]'s executors, which give
//! the same bits on every GPU and CPU.
//!
//! ```
//! use wgpu_init::{CpuExecutor, DType, Seed};
//! use wgpu_init_models::Config;
//!
//! let config: Config = r#"{"model_type": "gpt2", "vocab_size": 100, "n_positions": 16, "n_embd": 8, "n_layer": 2, "n_head": 2}"#.parse()?;
//! let model = config.recipe().assign(config.parameters(), config.variables())?;
//! assert_eq!(model.list[0].parameter.name, "transformer.wte.weight");
//!
//! // Every parameter in one buffer, here of the host; `GpuExecutor::record` takes the same fills.
//! let end = model.bytes(DType::F32, 0)?.last().map_or(0, |last| last.end);
//! let mut weights = vec![0u8; end as usize];
//! CpuExecutor::new().run_in(&mut weights, model.fills(Seed::new(42), DType::F32, 0)?)?;
//! # Ok::<(), wgpu_init_models::Error>(())
//! ```
//!
//! | what | what it is for |
//! | --- | --- |
//! | [`Config`] | the parameters of a Hugging Face `config.json` |
//! | [`Recipe`] | how published models are initialised, each compared with the original library, and PyTorch's defaults |
//! | [`Rules`] | rules of your own, in TOML: by name, shape and module class, with arithmetic, ties, parts and seeds |
//! | [`Assignments`] | what they decide: each parameter's distribution, and its fills |
//! | [`infer`] | the classes of modules, told from names and shapes |
//! | `checkpoint` | safetensors files in bounded memory, written, read and verified (feature `checkpoint`) |
//! | `audit` | whether a checkpoint that anybody wrote is what its rules say (feature `audit`) |
//!
//! Features, none of them on by default: `checkpoint`; `audit`; `gpu`, to draw checkpoints on a device; `threads`, for the CPU executor on
//! rayon's thread pool.
#![doc(test(attr(deny(warnings))))]
#![forbid(unsafe_code)]

mod arithmetic;
mod assignment;
#[cfg(feature = "audit")]
pub mod audit;
#[cfg(feature = "checkpoint")]
pub mod checkpoint;
mod config;
mod dtype;
mod error;
mod experts;
pub mod infer;
mod integers;
mod one_or_more;
mod recipe;
mod rules;
mod variables;

pub use assignment::{Assignment, Assignments, DeadRule, Drawn, Values};
pub use config::{Config, Naming, plain_json};
pub use dtype::{FloatDType, IntegerDType, StoredDType, UnknownDType};
pub use error::{Error, Result};
pub use experts::Experts;
pub use integers::{Integers, IntegersError};
pub use recipe::{Family, Recipe};
pub use rules::{NameGlob, Rules};
pub use variables::Variables;
pub use wgpu_init::layer::{Parameter, torch_default};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// So is that of the models from their `config.json` alone.
#[cfg(doctest)]
#[doc = include_str!("../docs/architectures.md")]
struct Architectures;
