//! The CPU executor: the same bits as the GPU executor, in the caller's bytes, on all cores.

mod chunk;
mod dispatch;
mod executor;
mod lanes;
mod orthogonal;
mod parallel;
pub mod reference;

pub use executor::CpuExecutor;
