//! From fills to dispatches, as plain data: no GPU is needed to make a plan, and any WebGPU host can run it.
//!
//! A fill becomes an interior of whole, aligned 16-byte groups, written by the kernel of its distribution, and up to two
//! ragged edges, written element by element. All pieces of one kernel and one stretch of a buffer share a dispatch.

mod dispatch;
mod grid;
mod orthogonal;
mod record;
mod spread;
mod window;

pub use dispatch::{Device, Dispatch, Plan, plan};
pub use record::{DrawRecord, EdgeRecord, JobRecord, StepRecord, WriteRecord};
pub use spread::Spread;
