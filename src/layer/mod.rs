//! Layers: PyTorch's default initialisation, and how to override it.
//!
//! A builder per `torch.nn` layer gives its parameters with their names, shapes and initializers, as PyTorch 2.15 was measured to
//! make them (`tests/torch_layers.rs`: 632 tensors). Another initializer is one call:
//!
//! ```
//! use wgpu_init::layer::Linear;
//! use wgpu_init::{Initializer, Shape};
//! let layer = Linear::new(10, 5).weight(Initializer::xavier_uniform(1.0)).bias(Initializer::zeros()).layer()?;
//! assert_eq!(layer.parameters()[0].name(), "weight");
//! assert_eq!(*layer.parameters()[0].shape(), Shape::new([5, 10])?);
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
pub use convolution::{
    Conv, Conv1d, Conv2d, Conv3d, ConvTranspose, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, KernelSize,
};
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

use crate::{DType, Error, Fill, Initializer, Part, Result, Seed, Shape, Stream};
use core::ops::Range;

/// Whether a tensor is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Trained: `named_parameters()`.
    Parameter,
    /// Kept beside the parameters: `named_buffers()`, e.g. running statistics.
    Buffer,
}

/// One tensor of a layer. Its values come from [`fills`](Self::fills), which knows what an initializer alone does not say: rows with
/// initializers of their own, and tensors that begin as copies of others.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerParameter {
    name: String,
    shape: Shape,
    role: Role,
    /// How it is initialised, but for its blocks.
    initializer: Initializer,
    /// In order and disjoint: gates, projections, the row of `padding_idx`.
    blocks: Vec<Block>,
    copy_of: Option<String>,
}

/// Some rows of a tensor with an initializer of their own. Fans are those of the rows alone.
#[derive(Clone, Debug, PartialEq)]
struct Block {
    rows: Range<u64>,
    initializer: Initializer,
}

impl LayerParameter {
    /// The name inside the layer, e.g. `weight_ih_l0`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shape as PyTorch stores it.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Parameter or buffer.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The tensor of the layer that this one starts **identical** to: PyTorch deep-copies the layers of a stack.
    #[must_use]
    pub fn copy_of(&self) -> Option<&str> {
        self.copy_of.as_deref()
    }

    /// All rows, that is, positions of the first axis, with their initializers, in order. An initializer for every row reads the
    /// fans of the whole shape; one that is for some rows reads those of its rows alone. A tensor without axes counts as one row.
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// use wgpu_init::layer::Embedding;
    /// let embedding = Embedding::new(100, 16).padding_idx(0).layer()?;
    /// let [padding, rest] = &embedding.parameters()[0].initializers()[..] else { panic!() };
    /// assert_eq!(*padding, (0..1, Initializer::zeros()));
    /// assert_eq!(*rest, (1..100, Initializer::normal(0.0, 1.0)));
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub fn initializers(&self) -> Vec<(Range<u64>, Initializer)> {
        let rows = self.shape.dims().first().copied().unwrap_or(1);
        let mut all = Vec::new();
        let mut at = 0;
        for Block { rows, initializer } in &self.blocks {
            if at < rows.start {
                all.push((at..rows.start, self.initializer));
            }
            all.push((rows.clone(), *initializer));
            at = rows.end;
        }
        if at < rows || all.is_empty() {
            all.push((at..rows, self.initializer));
        }
        all
    }

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

    /// The fills of the whole tensor, from byte `at` of a target on; the tensor is called `prefix.name` in the model, and draws from the
    /// stream of that name. An empty prefix is none.
    ///
    /// An element's value depends on its place in the tensor and its rows' distribution, not on how the tensor is cut into fills. A
    /// copy draws from the stream of the tensor that it is a copy of.
    ///
    /// ```
    /// use wgpu_init::layer::{Cell, Gate, Recurrent};
    /// use wgpu_init::{CpuExecutor, DType, Initializer, Seed};
    /// let lstm = Recurrent::new(Cell::Lstm, 8, 4).gate("bias_ih_l0", Gate::Forget, Initializer::ones()).layer()?;
    /// let bias = &lstm.parameters()[2];
    /// let mut values = [0f32; 16];
    /// CpuExecutor::new().run_in(&mut values, bias.fills(Seed::new(0), "encoder", DType::F32, 0)?)?;
    /// assert_eq!(values[4..8], [1.0; 4]);
    /// assert!(values[..4].iter().all(|x| x.abs() < 0.5));
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`parts`](Self::parts).
    pub fn fills(&self, seed: Seed, prefix: &str, dtype: DType, at: u64) -> Result<Vec<Fill>> {
        let (elements, name) = (self.shape.elements(), join(prefix, &self.name));
        let stream = Stream::from_name(&self.copy_of().map_or_else(|| name.clone(), |first| join(prefix, first)));
        // The name is for messages, the stream for the values.
        let draw = |fill: Fill| fill.named(seed, &name).keyed(seed, stream).dtype(dtype);
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

    /// The bytes of each tensor in one target, in order, as [`pack`](crate::pack) places them from byte `at` on.
    ///
    /// A buffer that ends with them has whole 32-bit words, which smaller dtypes may leave incomplete:
    ///
    /// ```
    /// use wgpu_init::{DType, layer::LayerNorm};
    /// let layer = LayerNorm::new([3]).layer()?;
    /// let bytes = layer.bytes(DType::Bf16, 0)?;
    /// assert_eq!(bytes, [0..6, 256..262]);
    /// let size = bytes.last().map_or(0, |last| last.end.next_multiple_of(4)); // of `wgpu::BufferDescriptor`
    /// assert_eq!(size, 264);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OffsetOverflow`].
    pub fn bytes(&self, dtype: DType, at: u64) -> Result<Vec<Range<u64>>> {
        crate::pack(self.parameters.iter().map(|parameter| (parameter.shape.elements(), dtype)), at)
    }

    /// The fills of all tensors into one target, each to its [`bytes`](Self::bytes); `prefix` is the layer's name in the model.
    ///
    /// ```
    /// use wgpu_init::layer::Linear;
    /// use wgpu_init::{CpuExecutor, DType, Initializer, Seed};
    /// let layer = Linear::new(512, 256).bias(Initializer::zeros()).layer()?;
    /// let [weight, bias] = &layer.bytes(DType::F32, 0)?[..] else { panic!() };
    /// let mut arena = vec![0; bias.end as usize];
    /// CpuExecutor::new().run_in(&mut arena, layer.fills(Seed::new(42), "decoder.up", DType::F32, 0)?)?;
    /// assert_eq!((weight.clone(), bias.clone()), (0..524_288, 524_288..525_312));
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`bytes`](Self::bytes) and [`LayerParameter::fills`].
    pub fn fills(&self, seed: Seed, prefix: &str, dtype: DType, at: u64) -> Result<Vec<Fill>> {
        let mut fills = Vec::new();
        for (parameter, bytes) in self.parameters.iter().zip(self.bytes(dtype, at)?) {
            fills.extend(parameter.fills(seed, prefix, dtype, bytes.start)?);
        }
        Ok(fills)
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
            parameter.name = join(prefix, &parameter.name);
            parameter.copy_of = parameter.copy_of.map(|name| join(prefix, &name));
            parameter
        }));
    }

    fn overridden(mut self, layer: &'static str, overrides: &Overrides) -> Result<Self> {
        for Override { name, rows, initializer } in &overrides.0 {
            let found = self.parameters.iter_mut().find(|parameter| parameter.name == *name);
            let Some(parameter) = found else {
                return invalid(layer, format!("there is no parameter {name:?}, it has {}", names(&self.parameters)));
            };
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
        // Here the layer is known: later it would be one shape among many.
        for Override { name, .. } in &overrides.0 {
            for parameter in self.parameters.iter().filter(|parameter| parameter.name == *name) {
                parameter.parts().or_else(|error| invalid(layer, format!("{name}: {error}")))?;
            }
        }
        Ok(self)
    }
}

/// The names that a mistaken one may have been meant for.
fn names(parameters: &[LayerParameter]) -> String {
    const SHOWN: usize = 16;
    let shown: Vec<&str> = parameters.iter().take(SHOWN).map(LayerParameter::name).collect();
    let rest = parameters.len().saturating_sub(SHOWN);
    let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    if shown.is_empty() { "none".to_owned() } else { format!("{}{rest}", shown.join(", ")) }
}

/// A name inside a module of this path.
fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
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
    ($layer:ident $(<const $rank:ident: usize>)?) => {
        impl$(<const $rank: usize>)? $layer$(<$rank>)? {
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
            /// parameter that the layer does not have or whose shape the initializer does not suit; those of [`Shape::new`](crate::Shape::new).
            pub fn layer(&self) -> $crate::Result<$crate::layer::Layer> {
                self.defaults()?.overridden(stringify!($layer), &self.overrides)
            }
        }
    };
}
use builder;
