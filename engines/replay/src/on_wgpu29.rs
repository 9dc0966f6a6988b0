//! On wgpu 29.

pub use ::wgpu29 as wgpu;

#[path = "limits.rs"]
mod limits;
#[path = "replay.rs"]
mod replay;

pub use limits::limits;
pub use replay::Replay;
