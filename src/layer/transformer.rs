//! `torch.nn.TransformerEncoderLayer` … `Transformer`.

use super::{Layer, LayerNorm, Linear, MultiheadAttention, Overrides, builder, check_layers};
use crate::{Initializer, Result};

/// Sizes that all of these share.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sizes {
    d_model: u64,
    nhead: u64,
    dim_feedforward: u64,
    has_bias: bool,
}

impl Sizes {
    const fn new(d_model: u64, nhead: u64) -> Self {
        Self { d_model, nhead, dim_feedforward: 2048, has_bias: true }
    }

    fn attention(self) -> Result<Layer> {
        let attention = MultiheadAttention::new(self.d_model, self.nhead);
        if self.has_bias { attention } else { attention.without_bias() }.layer()
    }

    fn linear(self, in_features: u64, out_features: u64) -> Result<Layer> {
        let linear = Linear::new(in_features, out_features);
        if self.has_bias { linear } else { linear.without_bias() }.layer()
    }

    fn norm(self) -> Result<Layer> {
        let norm = LayerNorm::new([self.d_model]);
        if self.has_bias { norm } else { norm.without_bias() }.layer()
    }

    /// One layer of an encoder, or of a decoder, which attends twice.
    fn layer(self, attentions: &[&str]) -> Result<Layer> {
        let mut layer = Layer::default();
        for name in attentions {
            layer.nest(name, self.attention()?);
        }
        layer.nest("linear1", self.linear(self.d_model, self.dim_feedforward)?);
        layer.nest("linear2", self.linear(self.dim_feedforward, self.d_model)?);
        for number in 1..=attentions.len() + 1 {
            layer.nest(&format!("norm{number}"), self.norm()?);
        }
        Ok(layer)
    }

    /// A stack of copies of one layer: all but the first begin identical to it.
    fn stack(self, one: &Layer, num_layers: u64, has_norm: bool) -> Result<Layer> {
        check_layers("Transformer", "the number of layers", num_layers)?;
        let mut stack = Layer::default();
        for number in 0..num_layers {
            let mut layer = one.clone();
            for parameter in &mut layer.parameters {
                let is_random = parameter.initializers().iter().any(|(_, initializer)| !initializer.is_constant());
                parameter.copy_of = (number > 0 && is_random).then(|| parameter.name.clone());
            }
            let mut nested = Layer::default();
            nested.nest(&format!("layers.{number}"), layer);
            for parameter in &mut nested.parameters {
                let first = |name: &String| name.replacen(&format!("layers.{number}."), "layers.0.", 1);
                parameter.copy_of = parameter.copy_of.as_ref().map(first);
            }
            stack.parameters.extend(nested.parameters);
        }
        if has_norm {
            stack.nest("norm", self.norm()?);
        }
        Ok(stack)
    }
}

/// `Transformer` draws every tensor of more than one axis anew; biases stay as they were copied.
fn redrawn(mut layer: Layer) -> Layer {
    for parameter in &mut layer.parameters {
        if parameter.shape.dims().len() > 1 {
            parameter.initializer = Initializer::xavier_uniform(1.0);
            parameter.copy_of = None;
        }
    }
    layer
}

const ENCODER: &[&str] = &["self_attn"];
const DECODER: &[&str] = &["self_attn", "multihead_attn"];

/// `torch.nn.TransformerEncoderLayer`: attention, two linear layers and two norms, each with its own defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerEncoderLayer {
    sizes: Sizes,
    overrides: Overrides,
}

builder!(TransformerEncoderLayer);

impl TransformerEncoderLayer {
    /// With biases and `dim_feedforward` 2048.
    #[must_use]
    pub fn new(d_model: u64, nhead: u64) -> Self {
        Self { sizes: Sizes::new(d_model, nhead), overrides: Overrides::default() }
    }

    /// `dim_feedforward`.
    #[must_use]
    pub fn dim_feedforward(mut self, dim_feedforward: u64) -> Self {
        self.sizes.dim_feedforward = dim_feedforward;
        self
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.sizes.has_bias = false;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        self.sizes.layer(ENCODER)
    }
}

/// `torch.nn.TransformerDecoderLayer`: two attentions, two linear layers and three norms, each with its own defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerDecoderLayer {
    sizes: Sizes,
    overrides: Overrides,
}

builder!(TransformerDecoderLayer);

impl TransformerDecoderLayer {
    /// With biases and `dim_feedforward` 2048.
    #[must_use]
    pub fn new(d_model: u64, nhead: u64) -> Self {
        Self { sizes: Sizes::new(d_model, nhead), overrides: Overrides::default() }
    }

    /// `dim_feedforward`.
    #[must_use]
    pub fn dim_feedforward(mut self, dim_feedforward: u64) -> Self {
        self.sizes.dim_feedforward = dim_feedforward;
        self
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.sizes.has_bias = false;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        self.sizes.layer(DECODER)
    }
}

/// `torch.nn.TransformerEncoder`: deep copies of one layer, which therefore all start **identical**.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerEncoder {
    layer: TransformerEncoderLayer,
    num_layers: u64,
    has_norm: bool,
    overrides: Overrides,
}

builder!(TransformerEncoder);

impl TransformerEncoder {
    /// `num_layers` copies of a layer, with its overrides, and without a norm at the end. What is said for one of them, e.g. for
    /// `layers.1.linear1.weight`, makes that one its own.
    #[must_use]
    pub fn new(layer: &TransformerEncoderLayer, num_layers: u64) -> Self {
        Self { layer: layer.clone(), num_layers, has_norm: false, overrides: Overrides::default() }
    }

    /// `norm=LayerNorm(d_model)`.
    #[must_use]
    pub fn with_norm(mut self) -> Self {
        self.has_norm = true;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        self.layer.sizes.stack(&self.layer.layer()?, self.num_layers, self.has_norm)
    }
}

/// `torch.nn.TransformerDecoder`: deep copies of one layer, which therefore all start **identical**.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerDecoder {
    layer: TransformerDecoderLayer,
    num_layers: u64,
    has_norm: bool,
    overrides: Overrides,
}

builder!(TransformerDecoder);

impl TransformerDecoder {
    /// `num_layers` copies of a layer, with its overrides, and without a norm at the end. What is said for one of them, e.g. for
    /// `layers.1.linear1.weight`, makes that one its own.
    #[must_use]
    pub fn new(layer: &TransformerDecoderLayer, num_layers: u64) -> Self {
        Self { layer: layer.clone(), num_layers, has_norm: false, overrides: Overrides::default() }
    }

    /// `norm=LayerNorm(d_model)`.
    #[must_use]
    pub fn with_norm(mut self) -> Self {
        self.has_norm = true;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        self.layer.sizes.stack(&self.layer.layer()?, self.num_layers, self.has_norm)
    }
}

/// `torch.nn.Transformer`: encoder and decoder with a norm each, then Xavier-uniform for everything of more than one axis. The biases
/// of linear layers keep U(±1/√in), **identical** in all layers of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Transformer {
    sizes: Sizes,
    num_encoder_layers: u64,
    num_decoder_layers: u64,
    overrides: Overrides,
}

builder!(Transformer);

impl Transformer {
    /// With biases, `dim_feedforward` 2048.
    #[must_use]
    pub fn new(d_model: u64, nhead: u64, num_encoder_layers: u64, num_decoder_layers: u64) -> Self {
        let sizes = Sizes::new(d_model, nhead);
        Self { sizes, num_encoder_layers, num_decoder_layers, overrides: Overrides::default() }
    }

    /// `dim_feedforward`.
    #[must_use]
    pub fn dim_feedforward(mut self, dim_feedforward: u64) -> Self {
        self.sizes.dim_feedforward = dim_feedforward;
        self
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.sizes.has_bias = false;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        let mut layer = Layer::default();
        let [encoder, decoder] = [self.sizes.layer(ENCODER)?, self.sizes.layer(DECODER)?];
        layer.nest("encoder", self.sizes.stack(&encoder, self.num_encoder_layers, true)?);
        layer.nest("decoder", self.sizes.stack(&decoder, self.num_decoder_layers, true)?);
        Ok(redrawn(layer))
    }
}
