//! `torch.nn.MultiheadAttention`.

use super::{Layer, Linear, Overrides, builder, invalid};
use crate::{Initializer, Result};

/// `torch.nn.MultiheadAttention`, in all variants.
///
/// With `kdim = vdim = embed_dim` the three projections are **one** matrix `in_proj_weight` of `[3E, E]`, Xavier-uniform by its stacked
/// shape: U(±√(6/4E)). Otherwise each is Xavier-uniform by its own. `out_proj.weight` is a linear layer's default, its bias and
/// `in_proj_bias` are zero; `bias_k`, `bias_v` are Xavier-normal: N(0, 1/E).
#[derive(Clone, Debug, PartialEq)]
pub struct MultiheadAttention {
    embed_dim: u64,
    num_heads: u64,
    kdim: u64,
    vdim: u64,
    has_bias: bool,
    has_bias_kv: bool,
    projections: Vec<(Projection, Initializer)>,
    overrides: Overrides,
}

builder!(MultiheadAttention);

/// One of the three input projections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Projection {
    /// Rows `0..E` of `in_proj_weight`, or `q_proj_weight`.
    Query,
    /// Rows `E..2E` of `in_proj_weight`, or `k_proj_weight`.
    Key,
    /// Rows `2E..3E` of `in_proj_weight`, or `v_proj_weight`.
    Value,
}

impl MultiheadAttention {
    /// Another initializer for the weight of one projection, by its own fans: those of `[E, E]`, not of the stacked `[3E, E]`.
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// use wgpu_init::layer::{MultiheadAttention, Projection};
    /// let value = Initializer::xavier_uniform(1.0);
    /// let layer = MultiheadAttention::new(64, 8).projection(Projection::Value, value).layer()?;
    /// assert_eq!(layer.parameters()[0].initializers()[1].0, 128..192);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub fn projection(mut self, projection: Projection, initializer: Initializer) -> Self {
        self.projections.push((projection, initializer));
        self
    }

    /// Another initializer for the weights of all three projections, each by its own fans.
    #[must_use]
    pub fn each_projection(self, initializer: Initializer) -> Self {
        self.projection(Projection::Query, initializer)
            .projection(Projection::Key, initializer)
            .projection(Projection::Value, initializer)
    }

    /// Of `embed_dim`, with biases.
    #[must_use]
    pub fn new(embed_dim: u64, num_heads: u64) -> Self {
        let (has_bias, has_bias_kv, projections, overrides) = (true, false, Vec::new(), Overrides::default());
        let (kdim, vdim) = (embed_dim, embed_dim);
        Self { embed_dim, num_heads, kdim, vdim, has_bias, has_bias_kv, projections, overrides }
    }

    /// `kdim`.
    #[must_use]
    pub fn kdim(mut self, kdim: u64) -> Self {
        self.kdim = kdim;
        self
    }

    /// `vdim`.
    #[must_use]
    pub fn vdim(mut self, vdim: u64) -> Self {
        self.vdim = vdim;
        self
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.has_bias = false;
        self
    }

    /// `add_bias_kv=True`.
    #[must_use]
    pub fn bias_kv(mut self) -> Self {
        self.has_bias_kv = true;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        const NAME: &str = "MultiheadAttention";
        let (embed, heads) = (self.embed_dim, self.num_heads);
        if embed == 0 || heads == 0 {
            return invalid(NAME, format!("embed_dim is {embed} and num_heads {heads}, both must be at least 1"));
        }
        if embed % heads != 0 {
            return invalid(NAME, format!("embed_dim is {embed}, it must be divisible by num_heads = {heads}"));
        }
        let Some(stacked) = embed.checked_mul(3) else { return invalid(NAME, "embed_dim is too large") };
        let xavier = Initializer::xavier_uniform(1.0);
        let mut layer = Layer::default();
        if self.kdim == embed && self.vdim == embed {
            layer.push("in_proj_weight", [stacked, embed], xavier)?;
        } else {
            layer.push("q_proj_weight", [embed, embed], xavier)?;
            layer.push("k_proj_weight", [embed, self.kdim], xavier)?;
            layer.push("v_proj_weight", [embed, self.vdim], xavier)?;
        }
        for (projection, initializer) in &self.projections {
            let number = *projection as u64;
            match layer.parameters.as_mut_slice() {
                [stacked] => stacked.set_block(number * embed..(number + 1) * embed, *initializer),
                separate => separate[*projection as usize].initializer = *initializer,
            }
        }
        if self.has_bias {
            layer.push("in_proj_bias", [stacked], Initializer::zeros())?;
        }
        if self.has_bias_kv {
            layer.push("bias_k", [1, 1, embed], Initializer::xavier_normal(1.0))?;
            layer.push("bias_v", [1, 1, embed], Initializer::xavier_normal(1.0))?;
        }
        let projection = Linear::new(embed, embed);
        let projection = if self.has_bias { projection.bias(Initializer::zeros()) } else { projection.without_bias() };
        layer.nest("out_proj", projection.layer()?);
        Ok(layer)
    }
}
