//! T5: `configuration_t5.py`, `modeling_t5.py`.

use super::field::{Layers, Size, of, real, yes};
use super::{Architecture, Module};
use crate::Recipe;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct T5 {
    vocab_size: Size,
    d_model: Size,
    d_kv: Size,
    d_ff: Size,
    num_layers: Layers,
    /// As many as `num_layers` if absent.
    num_decoder_layers: Option<Layers>,
    num_heads: Size,
    relative_attention_num_buckets: Size,
    #[serde(default = "one")]
    initializer_factor: f64,
    #[serde(default = "relu")]
    feed_forward_proj: String,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
}

fn one() -> f64 {
    1.0
}

fn relu() -> String {
    "relu".to_owned()
}

impl T5 {
    /// Whether the feed-forward part is gated: `gated-gelu` is, `relu` is not.
    fn gated(&self) -> Result<bool, String> {
        match self.feed_forward_proj.split('-').collect::<Vec<_>>()[..] {
            [_] => Ok(false),
            ["gated", _] => Ok(true),
            _ => Err(format!("feed_forward_proj is {:?}, write e.g. relu or gated-gelu", self.feed_forward_proj)),
        }
    }

    fn attention(&self, layer: &mut Module<'_>, name: &str, positions: bool) -> Result<(), String> {
        let (width, inner) = (of(self.d_model), of(self.num_heads) * of(self.d_kv));
        let mut attention = layer.at(name);
        for projection in ["q", "k", "v"] {
            attention.linear(projection, inner, width, false)?;
        }
        attention.linear("o", width, inner, false)?;
        if positions {
            let (buckets, heads) = (of(self.relative_attention_num_buckets), of(self.num_heads));
            attention.embedding("relative_attention_bias", buckets, heads)?;
        }
        layer.rms_norm("T5LayerNorm", "layer_norm", width)
    }

    fn stack(&self, model: &mut Module<'_>, name: &str, layers: Layers, decoder: bool) -> Result<(), String> {
        let (width, inner, gated) = (of(self.d_model), of(self.d_ff), self.gated()?);
        let mut stack = model.at(name);
        for number in 0..layers.get() {
            let mut block = stack.at(format!("block.{number}"));
            // The first block's position bias serves all.
            self.attention(&mut block.at("layer.0"), "SelfAttention", number == 0)?;
            if decoder {
                self.attention(&mut block.at("layer.1"), "EncDecAttention", false)?;
            }
            let mut layer = block.at(if decoder { "layer.2" } else { "layer.1" });
            let mut dense = layer.at("DenseReluDense");
            for name in if gated { &["wi_0", "wi_1"][..] } else { &["wi"] } {
                dense.linear(name, inner, width, false)?;
            }
            dense.linear("wo", width, inner, false)?;
            layer.rms_norm("T5LayerNorm", "layer_norm", width)?;
        }
        stack.rms_norm("T5LayerNorm", "final_layer_norm", width)
    }
}

impl Architecture for T5 {
    const CLASSES: &'static [&'static str] = &["T5ForConditionalGeneration", "T5WithLMHeadModel"];
    const RECIPE: Recipe = Recipe::T5;

    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("n_layer", f64::from(self.num_layers.get())),
            ("d_model", real(self.d_model)),
            ("d_ff", real(self.d_ff)),
            ("n_head", real(self.num_heads)),
            ("d_head", real(self.d_kv)),
            ("vocab_size", real(self.vocab_size)),
            ("initializer_factor", self.initializer_factor),
        ]
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        model.embedding("shared", of(self.vocab_size), of(self.d_model))?;
        self.stack(model, "encoder", self.num_layers, false)?;
        self.stack(model, "decoder", self.num_decoder_layers.unwrap_or(self.num_layers), true)?;
        if self.tie_word_embeddings {
            return Ok(());
        }
        model.linear("lm_head", of(self.vocab_size), of(self.d_model), false)
    }
}
