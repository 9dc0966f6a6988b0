//! Layers: PyTorch's default initialisation, and how to override it.
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
mod norm_classes;
mod parameter;
mod recurrent;
mod softmax;
mod torch_default;
mod transformer;

pub use attention::{MultiheadAttention, Projection};
pub use convolution::{Conv, ConvTranspose};
pub use embedding::Embedding;
pub use linear::{Bilinear, Linear};
pub use norm::{BatchNorm, GroupNorm, InstanceNorm, LayerNorm, PRelu, RmsNorm};
pub use parameter::Parameter;
pub use recurrent::{Cell, Gate, Recurrent, RecurrentCell};
pub use softmax::{AdaptiveLogSoftmaxWithLoss, LinearCrossEntropyLoss};
pub use torch_default::torch_default;
pub use transformer::{
    Transformer, TransformerDecoder, TransformerDecoderLayer, TransformerEncoder, TransformerEncoderLayer,
};

use crate::{DType, Error, Fill, Initializer, Part, Result, Seed, Shape};
use core::ops::Range;

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
    /// How it is initialised, but for its blocks.
    pub initializer: Initializer,
    /// Rows with initializers of their own, in order and disjoint: gates, projections, the row of `padding_idx`.
    pub blocks: Vec<Block>,
    /// The tensor that this one starts **identical** to: PyTorch deep-copies the layers of a stack. Fill both from the stream of
    /// that name to do the same.
    pub copy_of: Option<String>,
}

/// Some rows of a tensor, that is, positions of its first axis, with an initializer of their own. Fans are those of the rows alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The rows.
    pub rows: Range<u64>,
    /// How they are initialised.
    pub initializer: Initializer,
}

impl LayerParameter {
    /// What each stretch of the tensor is drawn from, in order.
    ///
    /// # Errors
    /// Those of [`Initializer::distribution`], for the whole shape and for each block's; those of [`Part::blocks`].
    pub fn parts(&self) -> Result<Vec<Part>> {
        let blocks = self.blocks.iter().map(|block| (block.rows.clone(), block.initializer));
        let parts = Part::blocks(&self.shape, blocks)?;
        let elements = self.shape.elements();
        let covered: u64 = parts.iter().map(|part| part.elements().end - part.elements().start).sum();
        // Where blocks leave nothing over, the whole shape need not suit the initializer.
        if covered == elements && elements > 0 {
            return Ok(parts);
        }
        Ok(Part::cover(&parts, self.initializer.distribution(&self.shape)?, elements))
    }

    /// The fills of the whole tensor in the stream of `name`, its full name in the model, from byte `at` on. An element's value
    /// depends on its place in the tensor and its block's distribution, not on how the tensor is cut into fills.
    ///
    /// ```
    /// use wgpu_init::layer::{Cell, Gate, Recurrent};
    /// use wgpu_init::{CpuExecutor, DType, Initializer, Seed};
    /// let lstm = Recurrent::new(Cell::Lstm, 8, 4).gate("bias_ih_l0", Gate::Forget, Initializer::ones()).layer()?;
    /// let bias = &lstm.parameters()[2];
    /// let mut values = [0f32; 16];
    /// let fills = bias.fills(Seed::new(0), "encoder.bias_ih_l0", DType::F32, 0)?;
    /// CpuExecutor::new().run_in(bytemuck::cast_slice_mut(&mut values), &fills)?;
    /// assert_eq!(values[4..8], [1.0; 4]);
    /// assert!(values[..4].iter().all(|x| x.abs() < 0.5));
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`parts`](Self::parts).
    pub fn fills(&self, seed: Seed, name: &str, dtype: DType, at: u64) -> Result<Vec<Fill>> {
        let elements = self.shape.elements();
        let draw = |fill: Fill| fill.named(seed, name).dtype(dtype);
        Ok(Part::fills(&self.parts()?, elements, &(0..elements), at, draw))
    }

    /// Gives rows an initializer; these rows are a block already or touch none.
    fn set_block(&mut self, rows: Range<u64>, initializer: Initializer) {
        self.blocks.retain(|block| block.rows != rows);
        self.blocks.push(Block { rows, initializer });
        self.blocks.sort_by_cached_key(|block| block.rows.start);
    }
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
        let (role, blocks, copy_of) = (Role::Parameter, Vec::new(), None);
        self.parameters.push(LayerParameter { name, shape, role, initializer, blocks, copy_of });
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
        for Override { name, rows, initializer } in &overrides.0 {
            let found = self.parameters.iter_mut().find(|parameter| parameter.name == *name);
            let missing = || Error::InvalidLayer { layer, reason: format!("there is no parameter {name:?}") };
            let parameter = found.ok_or_else(missing)?;
            let first = parameter.shape.dims().first().copied().unwrap_or(1);
            let block = |number: u64, count: u64| number * (first / count)..(number + 1) * (first / count);
            match rows {
                Rows::All => parameter.initializer = *initializer,
                Rows::One { number, count } => parameter.set_block(block(*number, *count), *initializer),
                Rows::Each { count } => {
                    (0..*count).for_each(|number| parameter.set_block(block(number, *count), *initializer));
                }
                Rows::None(reason) => return invalid(layer, reason.clone()),
            }
            parameter.copy_of = None;
        }
        Ok(self)
    }
}

/// Initializers instead of the defaults, in the order in which they were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Overrides(Vec<Override>);

#[derive(Clone, Debug, PartialEq)]
struct Override {
    name: String,
    rows: Rows,
    initializer: Initializer,
}

/// The rows of a parameter that an override is for.
#[derive(Clone, Debug, PartialEq)]
enum Rows {
    /// All that are not in blocks.
    All,
    /// One of several equal blocks.
    One { number: u64, count: u64 },
    /// Each of several equal blocks by itself.
    Each { count: u64 },
    /// None, for this reason.
    None(String),
}

impl Overrides {
    fn push(&mut self, name: &str, rows: Rows, initializer: Initializer) {
        self.0.push(Override { name: name.to_owned(), rows, initializer });
    }
}

/// How often a layer may be repeated: more than any model has, few enough that a number out of a file cannot ask for an endless list.
const MOST_LAYERS: u64 = 65_535;

fn check_layers(layer: &'static str, what: &str, number: u64) -> Result<()> {
    if number <= MOST_LAYERS {
        return Ok(());
    }
    invalid(layer, format!("{what} is {number}, it must be at most {MOST_LAYERS}"))
}

/// A size that is a product of two.
fn product(layer: &'static str, what: &str, first: u64, second: u64) -> Result<u64> {
    let product = first.checked_mul(second);
    product.ok_or_else(|| Error::InvalidLayer { layer, reason: format!("{what} is {first} x {second}, past 2^64") })
}

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

            /// Another initializer for the parameter of this name, e.g. `weight_hh_l0`. Its blocks, such as a padding row or a gate
            /// with an initializer of its own, keep theirs.
            #[must_use]
            pub fn parameter(mut self, name: &str, initializer: $crate::Initializer) -> Self {
                self.overrides.push(name, $crate::layer::Rows::All, initializer);
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
