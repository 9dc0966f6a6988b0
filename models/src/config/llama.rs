//! Llama: `configuration_llama.py`, `modeling_llama.py`; the decoder that Mixtral has too.

use super::field::{Fields, Layers, Size, head_width, of, real};
use super::{Architecture, Module};
use crate::Recipe;

#[derive(Debug)]
pub(super) struct Llama {
    decoder: Decoder,
    attention_bias: bool,
    mlp_bias: bool,
}

/// What decoders with rotary positions and grouped keys have in common.
#[derive(Debug)]
pub(super) struct Decoder {
    vocab_size: Size,
    hidden_size: Size,
    pub(super) intermediate_size: Size,
    num_hidden_layers: Layers,
    num_attention_heads: Size,
    num_key_value_heads: Size,
    /// `hidden_size / num_attention_heads` if absent.
    head_dim: Option<Size>,
    pub(super) initializer_range: f64,
    pad_token_id: f64,
    tied: bool,
}

impl Decoder {
    /// `groups`: the `num_key_value_heads` of a file without the field; as many as `num_attention_heads` if `None`, and if it is
    /// null.
    pub(super) fn read(
        fields: Fields<'_>,
        tied: bool,
        initializer_range: f64,
        groups: Option<Size>,
    ) -> Result<Self, String> {
        let vocab_size = fields.size(&["vocab_size"])?;
        let num_attention_heads = fields.size(&["num_attention_heads"])?;
        let groups =
            if fields.has("num_key_value_heads") { fields.optional_size(&["num_key_value_heads"])? } else { groups };
        Ok(Self {
            vocab_size,
            hidden_size: fields.size(&["hidden_size"])?,
            intermediate_size: fields.size(&["intermediate_size"])?,
            num_hidden_layers: fields.layers(&["num_hidden_layers"])?,
            num_attention_heads,
            num_key_value_heads: groups.unwrap_or(num_attention_heads),
            head_dim: fields.optional_size(&["head_dim"])?,
            initializer_range,
            pad_token_id: fields.padding(None, vocab_size)?,
            tied,
        })
    }

    fn heads(&self) -> Result<(u64, u64, u64), String> {
        let heads = of(self.num_attention_heads);
        let groups = of(self.num_key_value_heads);
        if !heads.is_multiple_of(groups) {
            return Err(format!(
                "num_attention_heads is {heads}, it must be divisible by num_key_value_heads = {groups}"
            ));
        }
        let width = match self.head_dim {
            Some(width) => of(width),
            None => head_width("hidden_size", self.hidden_size, self.num_attention_heads)?,
        };
        Ok((heads, groups, width))
    }

    pub(super) fn width(&self) -> u64 {
        of(self.hidden_size)
    }

    #[expect(clippy::cast_precision_loss, reason = "below 2^32")]
    pub(super) fn variables(&self) -> Vec<(&'static str, f64)> {
        // Listing refuses a configuration without them.
        let (heads, groups, width) = self.heads().unwrap_or_default();
        vec![
            ("n_layer", f64::from(self.num_hidden_layers)),
            ("d_model", real(self.hidden_size)),
            ("d_ff", real(self.intermediate_size)),
            ("n_head", heads as f64),
            ("n_kv_head", groups as f64),
            ("d_head", width as f64),
            ("vocab_size", real(self.vocab_size)),
            ("initializer_range", self.initializer_range),
            ("pad_token_id", self.pad_token_id),
        ]
    }

    /// The whole model around the feed-forward part `mlp` of a layer.
    pub(super) fn list(
        &self,
        model: &mut Module<'_>,
        norm: &str,
        attention_bias: bool,
        mlp: impl Fn(&mut Module<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        let (heads, groups, head) = self.heads()?;
        let width = self.width();
        let mut decoder = model.at("model");
        decoder.embedding("embed_tokens", of(self.vocab_size), width)?;
        for number in 0..self.num_hidden_layers {
            let mut layer = decoder.at(format!("layers.{number}"));
            let mut attention = layer.at("self_attn");
            attention.linear("q_proj", heads * head, width, attention_bias)?;
            attention.linear("k_proj", groups * head, width, attention_bias)?;
            attention.linear("v_proj", groups * head, width, attention_bias)?;
            attention.linear("o_proj", width, heads * head, attention_bias)?;
            mlp(&mut layer.at("mlp"))?;
            layer.rms_norm(norm, "input_layernorm", width)?;
            layer.rms_norm(norm, "post_attention_layernorm", width)?;
        }
        decoder.rms_norm(norm, "norm", width)?;
        if self.tied { Ok(()) } else { model.linear("lm_head", of(self.vocab_size), width, false) }
    }
}

impl Architecture for Llama {
    const CLASSES: &'static [&'static str] = &["LlamaForCausalLM"];
    const RECIPE: Recipe = Recipe::Llama;
    const TIED: bool = false;

    fn read(fields: Fields<'_>, tied: bool) -> Result<Self, String> {
        Ok(Self {
            decoder: Decoder::read(fields, tied, fields.range(0.02)?, None)?,
            attention_bias: fields.flag("attention_bias", false)?,
            mlp_bias: fields.flag("mlp_bias", false)?,
        })
    }

    fn variables(&self) -> Vec<(&'static str, f64)> {
        self.decoder.variables()
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        let (width, inner) = (self.decoder.width(), of(self.decoder.intermediate_size));
        self.decoder.list(model, "LlamaRMSNorm", self.attention_bias, |mlp| {
            mlp.linear("gate_proj", inner, width, self.mlp_bias)?;
            mlp.linear("up_proj", inner, width, self.mlp_bias)?;
            mlp.linear("down_proj", width, inner, self.mlp_bias)
        })
    }
}
