//! The CPU executor: the same bits as the GPU executor, in the caller's memory, on all cores.
//!
//! ```
//! use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};
//! let fill = Fill::new(Shape::new([4])?, Initializer::normal(0.0, 0.02))?.named(Seed::new(42), "bias");
//! let mut bytes = [0; 16];
//! CpuExecutor::new().run_in(&mut bytes, [&fill])?;
//! # assert_ne!(bytes, [0; 16]);
//! # Ok::<(), wgpu_init::Error>(())
//! ```

mod chunk;
mod dispatch;
mod executor;
mod lanes;
mod orthogonal;
mod parallel;
pub mod reference;
mod target;
mod view;

pub use executor::CpuExecutor;
pub use target::Target;
