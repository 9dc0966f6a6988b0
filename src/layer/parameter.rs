//! A parameter as it is listed.

use crate::Shape;

/// A parameter of a model, as a checkpoint or a manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name, e.g. `transformer.h.0.attn.c_attn.weight`. It selects the stream of random numbers.
    pub name: String,
    /// The shape.
    pub shape: Shape,
    /// The class of the module that owns it, e.g. `Linear`, where the list says so.
    pub module: Option<String>,
}

impl Parameter {
    /// A parameter of an unknown module.
    #[must_use]
    pub fn new(name: impl Into<String>, shape: Shape) -> Self {
        Self { name: name.into(), shape, module: None }
    }

    /// The same parameter, owned by a module of this class.
    #[must_use]
    pub fn in_module(mut self, class: impl Into<String>) -> Self {
        self.module = Some(class.into());
        self
    }
}
