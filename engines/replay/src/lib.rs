//! Plans of [`wgpu_init`] on other majors of wgpu, for engines that have not moved to the one that its executor uses: the same bits.
//!
//! `wgpu_init::plan::plan` gives dispatches as plain data. `replay.rs` records them, and is compiled here once for each major, as the
//! features `wgpu27` and `wgpu29` say; an engine on another one, or with a wgpu of its own, takes the file and changes a line.
//!
//! ```no_run
//! # #[cfg(feature = "wgpu29")] {
//! use wgpu_init::{Fill, Initializer, Seed, Shape, plan::{Region, plan}};
//! use wgpu_init_replay::on_wgpu29::{Replay, limits, wgpu};
//!
//! fn fill(device: &wgpu::Device, encoder: &mut wgpu::CommandEncoder, weight: &wgpu::Buffer) -> wgpu_init::Result<()> {
//!     let fill = Fill::new(Shape::new([768, 768])?, Initializer::normal(0.0, 0.02))?.named(Seed::new(42), "weight");
//!     let plan = plan(&[weight.size()], [(Region { buffer: 0, bytes: 0..weight.size() }, &fill)], &limits(device))?;
//!     let mut replay = Replay::new(device); // keep it: it has the compiled pipelines
//!     replay.record(encoder, &plan, std::slice::from_ref(weight));
//!     Ok(())
//! }
//! # let _ = fill;
//! # }
//! ```

#![allow(clippy::duplicate_mod, reason = "the same source for each major")]
#![allow(clippy::useless_conversion, reason = "what is one on one major is none on another")]

#[cfg(feature = "wgpu27")]
pub mod on_wgpu27;
#[cfg(feature = "wgpu29")]
pub mod on_wgpu29;
