//! Safetensors checkpoints: the layout, the header, and how one was initialised.

pub(crate) mod layout;
pub(crate) mod origin;
pub(crate) mod read;
mod write;

pub(crate) use layout::{Layout, Tensor};
pub(crate) use origin::Origin;
pub(crate) use write::{Outcome, write};
