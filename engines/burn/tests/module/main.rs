//! Modules of Burn's filled on its wgpu device, on Flex and beside checkpoints of the same seed.

mod checkpoint;
mod names;
mod others;
mod refused;
mod training;
mod zoo;
