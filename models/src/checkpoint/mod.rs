//! Safetensors checkpoints: laid out, drawn in chunks of bounded memory, written, and verified from what they say of themselves.
//!
//! A [`Layout`] places tensors, an [`Origin`] says in the metadata what they are drawn from, a [`Drawer`] draws on the CPU or a GPU,
//! [`write()`] writes to anything that takes bytes, and [`verify()`] reads a file back.
//!
//! ```
//! use std::ops::ControlFlow;
//! use wgpu_init::{DType, Seed, Shape};
//! use wgpu_init_models::checkpoint::{Drawer, Header, Layout, Origin, Scheme, Tensor, verify, write};
//! use wgpu_init_models::{FloatDType, Parameter, Rules};
//!
//! let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"normal(0, 0.02)\"".parse()?;
//! let parameters = [Parameter::new("wte.weight", Shape::new([100, 8])?)];
//! let assignments = rules.assign(&parameters, &Default::default())?.list;
//! // In bf16, but for tensors whose rule names a dtype.
//! let dtype = FloatDType::from(DType::Bf16);
//! let tensor = |assignment: wgpu_init_models::Assignment| {
//!     let dtype = assignment.dtype.unwrap_or(dtype);
//!     Tensor::new(assignment, dtype)
//! };
//! let tensors = assignments.into_iter().map(tensor).collect::<Result<_, _>>()?;
//! let layout = Layout::new(tensors)?;
//! let origin = Origin::new(Seed::new(42), None, &Scheme::Rules(rules.name().to_owned()), &layout);
//! let go_on = |_more_bytes: u64| ControlFlow::Continue(());
//!
//! let mut file = Vec::new();
//! let mut drawer = Drawer::cpu(layout.largest_whole());
//! let header = layout.header(&origin.metadata()?)?;
//! let outcome = write(&layout, &header, origin.effective_seed(), &mut drawer, &mut file, &go_on)?;
//! println!("{:032x}", outcome.digest);
//!
//! let mut data = file.as_slice();
//! let header = Header::read(&mut data)?;
//! header.check_size(file.len() as u64)?;
//! let origin = Origin::from_metadata(header.metadata())?;
//! let layout = Layout::stored(&header, &origin)?;
//! verify(&layout, origin.effective_seed(), data, &mut drawer, &go_on)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What one rank of a tensor-parallel group holds is written with [`Tensor::with_shard`], what an engine stores in another order of its axes
//! with [`Tensor::permuted`], and both are verified from the file's metadata like any other. A [`Folder`] is a checkpoint in several files, which any
//! number of processes write together.

mod contents;
mod draw;
mod error;
mod folder;
mod header;
mod json;
mod kept;
mod layout;
mod origin;
mod shard;
mod tensor;
mod verify;
mod write;

pub use draw::{Chunk, Drawer};
pub use error::{Error, Result};
pub use folder::{
    Folder, FolderFile, Placements, Problem, Rank, Sealed, Source, State, Summary, audit, identity_of, parts,
};
pub use header::{Header, StoredTensor};
pub use kept::Kept;
pub use layout::Layout;
pub use origin::{Origin, Scheme};
pub use shard::Shard;
pub use tensor::Tensor;
pub use verify::{Difference, verify};
pub use write::{Outcome, write};

use core::ops::ControlFlow;

/// Hears how many bytes **more** are done, 0 before work that takes a while, from any of the threads at work; and may ask to stop,
/// which ends the call with [`Error::Cancelled`].
pub type Observer<'a> = dyn Fn(u64) -> ControlFlow<()> + Sync + 'a;
