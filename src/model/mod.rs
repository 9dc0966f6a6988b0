//! Whole models: a list of parameters, and recipes that say how each is initialised.

mod recipe;

pub use recipe::Recipe;

use crate::Shape;

/// A parameter of a model, as a checkpoint or a manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name, e.g. `transformer.h.0.attn.c_attn.weight`. It selects the stream of random numbers.
    pub name: String,
    /// The shape.
    pub shape: Shape,
}
