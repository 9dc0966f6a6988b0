//! On wgpu 27.

pub use ::wgpu27 as wgpu;

#[path = "limits.rs"]
mod limits;
#[path = "replay.rs"]
mod replay;

pub use limits::limits;
pub use replay::Replay;
