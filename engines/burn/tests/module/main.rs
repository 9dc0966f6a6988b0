//! Modules of Burn's filled on its wgpu device, on Flex and beside checkpoints of the same seed.
#![expect(clippy::print_stdout, reason = "it shows which device it ran on")]

mod checkpoint;
mod names;
mod others;
mod refused;
mod training;
mod zoo;
