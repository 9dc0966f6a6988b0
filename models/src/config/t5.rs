//! T5: `configuration_t5.py`, `modeling_t5.py`.

use super::field::{Field, Fields, Layers, Size, of, real};
use super::{Architecture, Module};
use crate::Recipe;
use serde_json::json;

#[derive(Debug)]
pub(super) struct T5 {
    vocab_size: Size,
    d_model: Size,
    d_kv: Size,
    d_ff: Size,
    num_layers: Layers,
    num_decoder_layers: Layers,
    num_heads: Size,
    relative_attention_num_buckets: Size,
    initializer_factor: f64,
    gated: bool,
    /// transformers 5 always ties; a file that says it does not comes from T5 1.1, whose checkpoints have a head of their own.
    tied: bool,
}

/// Whether the feed-forward part is gated: `gated-gelu` is, `relu` is not.
fn gated(fields: Fields<'_>) -> Result<bool, String> {
    let text = fields.get("feed_forward_proj").unless_null().map_or(Ok("relu"), Field::text)?;
    let gated = match text.split('-').collect::<Vec<_>>()[..] {
        [activation] if activation != "gated" => false,
        ["gated", _] => true,
        _ => return Err(format!("feed_forward_proj is {text:?}, write e.g. relu or gated-gelu")),
    };
    // It goes before what follows from the text, as any attribute that the class does not declare.
    let other = "feed_forward_proj says something else; take one of them out";
    fields.refuse("is_gated_act", &[json!(gated)], other)?;
    Ok(gated)
}

impl T5 {
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
        let (width, inner) = (of(self.d_model), of(self.d_ff));
        let mut stack = model.at(name);
        for number in 0..layers {
            let mut block = stack.at(format!("block.{number}"));
            // The first block's position bias serves all.
            self.attention(&mut block.at("layer.0"), "SelfAttention", number == 0)?;
            if decoder {
                self.attention(&mut block.at("layer.1"), "EncDecAttention", false)?;
            }
            let mut layer = block.at(if decoder { "layer.2" } else { "layer.1" });
            let mut dense = layer.at("DenseReluDense");
            for name in if self.gated { &["wi_0", "wi_1"][..] } else { &["wi"] } {
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
    const TIED: bool = true;

    fn read(fields: Fields<'_>, tied: bool) -> Result<Self, String> {
        let num_layers = fields.layers(&["num_layers", "num_hidden_layers"])?;
        let decoder = fields.get("num_decoder_layers").unless_null();
        Ok(Self {
            vocab_size: fields.size(&["vocab_size"])?,
            d_model: fields.size(&["d_model", "hidden_size"])?,
            d_kv: fields.size(&["d_kv", "head_dim"])?,
            d_ff: fields.size(&["d_ff"])?,
            num_layers,
            num_decoder_layers: decoder.map_or(Ok(num_layers), Field::layers)?,
            num_heads: fields.size(&["num_heads", "num_attention_heads"])?,
            relative_attention_num_buckets: fields.size(&["relative_attention_num_buckets"])?,
            initializer_factor: fields.scale("initializer_factor", 1.0)?,
            gated: gated(fields)?,
            tied,
        })
    }

    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("n_layer", f64::from(self.num_layers)),
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
        self.stack(model, "decoder", self.num_decoder_layers, true)?;
        if self.tied {
            return Ok(());
        }
        model.linear("lm_head", of(self.vocab_size), of(self.d_model), false)
    }
}
