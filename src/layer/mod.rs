//! Layers: what PyTorch initialises without being asked, and how to say otherwise.
//!
//! A builder per `torch.nn` layer gives its parameters with their names, shapes and initializers, as PyTorch 2.15 was measured to
//! make them (`tests/torch_layers.rs`: 632 tensors). Another initializer is one call:
//!
//! ```
//! use wgpu_init::layer::Linear;
//! use wgpu_init::{Initializer, Shape};
//! let layer = Linear::new(10, 5).weight(Initializer::xavier_uniform(1.0)).bias(Initializer::zeros()).layer()?;
//! assert_eq!(layer.parameters()[0].name, "weight");
//! assert_eq!(layer.parameters()[0].shape, Shape::new([5, 10])?);
//! # Ok::<(), wgpu_init::Error>(())
//! ```
//!
#![doc = include_str!("../../docs/pytorch-defaults.md")]

mod attention;
mod convolution;
mod embedding;
mod linear;
mod norm;
mod recurrent;
mod softmax;
mod transformer;

pub use attention::MultiheadAttention;
pub use convolution::{Conv, ConvTranspose};
pub use embedding::Embedding;
pub use linear::{Bilinear, Linear};
pub use norm::{BatchNorm, GroupNorm, InstanceNorm, LayerNorm, PRelu, RmsNorm};
pub use recurrent::{Cell, Recurrent, RecurrentCell};
pub use softmax::{AdaptiveLogSoftmaxWithLoss, LinearCrossEntropyLoss};
pub use transformer::{
    Transformer, TransformerDecoder, TransformerDecoderLayer, TransformerEncoder, TransformerEncoderLayer,
};

use crate::{Error, Initializer, Result, Shape};

/// Whether a tensor is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Trained: `named_parameters()`.
    Parameter,
    /// Kept beside the parameters: `named_buffers()`, e.g. running statistics.
    Buffer,
}

/// One tensor of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerParameter {
    /// The name inside the layer, e.g. `weight_ih_l0`.
    pub name: String,
    /// The shape as PyTorch stores it.
    pub shape: Shape,
    /// Parameter or buffer.
    pub role: Role,
    /// How it is initialised.
    pub initializer: Initializer,
    /// A row of zeros, drawn over: `padding_idx` of an embedding.
    pub zero_row: Option<u64>,
    /// The tensor that this one starts **identical** to: PyTorch deep-copies the layers of a stack. Fill both from the stream of
    /// that name to do the same.
    pub copy_of: Option<String>,
}

/// The parameters of a layer, in PyTorch's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    parameters: Vec<LayerParameter>,
}

impl Layer {
    /// All tensors: parameters, then buffers.
    #[must_use]
    pub fn parameters(&self) -> &[LayerParameter] {
        &self.parameters
    }

    fn push(&mut self, name: impl Into<String>, dims: impl Into<Vec<u64>>, initializer: Initializer) -> Result<()> {
        let (name, shape) = (name.into(), Shape::new(dims)?);
        let (role, zero_row, copy_of) = (Role::Parameter, None, None);
        self.parameters.push(LayerParameter { name, shape, role, initializer, zero_row, copy_of });
        Ok(())
    }

    fn push_buffer(&mut self, name: &str, dims: impl Into<Vec<u64>>, initializer: Initializer) -> Result<()> {
        self.push(name, dims, initializer)?;
        if let Some(last) = self.parameters.last_mut() {
            last.role = Role::Buffer;
        }
        Ok(())
    }

    /// Another layer's tensors under a prefix.
    fn nest(&mut self, prefix: &str, inner: Self) {
        self.parameters.extend(inner.parameters.into_iter().map(|mut parameter| {
            parameter.name = format!("{prefix}.{}", parameter.name);
            parameter.copy_of = parameter.copy_of.map(|name| format!("{prefix}.{name}"));
            parameter
        }));
    }

    fn overridden(mut self, layer: &'static str, overrides: &Overrides) -> Result<Self> {
        for (name, initializer) in &overrides.0 {
            let found = self.parameters.iter_mut().find(|parameter| parameter.name == *name);
            let missing = || Error::InvalidLayer { layer, reason: format!("there is no parameter {name:?}") };
            let parameter = found.ok_or_else(missing)?;
            parameter.initializer = *initializer;
            parameter.copy_of = None;
        }
        Ok(self)
    }
}

/// Initializers instead of the defaults, by name.
#[derive(Clone, Debug, Default, PartialEq)]
struct Overrides(Vec<(String, Initializer)>);

/// 1/√n.
#[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
fn bound(n: u64) -> f64 {
    1.0 / (n as f64).sqrt()
}

/// U(±1/√n), PyTorch's default for most biases and all recurrent weights; zeros for n = 0.
fn uniform(n: u64) -> Initializer {
    if n == 0 { Initializer::zeros() } else { Initializer::uniform(-bound(n), bound(n)) }
}

fn invalid<T>(layer: &'static str, reason: impl Into<String>) -> Result<T> {
    Err(Error::InvalidLayer { layer, reason: reason.into() })
}

/// What every builder has: overrides, and the finished layer.
macro_rules! builder {
    ($layer:ident) => {
        impl $layer {
            /// Another initializer for the parameter `weight`.
            #[must_use]
            pub fn weight(self, initializer: $crate::Initializer) -> Self {
                self.parameter("weight", initializer)
            }

            /// Another initializer for the parameter `bias`.
            #[must_use]
            pub fn bias(self, initializer: $crate::Initializer) -> Self {
                self.parameter("bias", initializer)
            }

            /// Another initializer for the parameter of this name, e.g. `weight_hh_l0`.
            #[must_use]
            pub fn parameter(mut self, name: &str, initializer: $crate::Initializer) -> Self {
                self.overrides.0.push((name.to_owned(), initializer));
                self
            }

            /// The parameters.
            ///
            /// # Errors
            /// [`Error::InvalidLayer`](crate::Error::InvalidLayer) for sizes that PyTorch refuses, and for an override of a
            /// parameter that the layer does not have; those of [`Shape::new`](crate::Shape::new).
            pub fn layer(&self) -> $crate::Result<$crate::layer::Layer> {
                self.defaults()?.overridden(stringify!($layer), &self.overrides)
            }
        }
    };
}
use builder;
