//! GPT-2: `configuration_gpt2.py`, `modeling_gpt2.py`.

use super::field::{Fields, Layers, Size, head_width, of, real};
use super::{Architecture, Module};
use crate::Recipe;
use serde_json::json;

#[derive(Debug)]
pub(super) struct Gpt2 {
    vocab_size: Size,
    n_positions: Size,
    n_embd: Size,
    n_layer: Layers,
    n_head: Size,
    /// Four times `n_embd` if absent.
    n_inner: Option<Size>,
    initializer_range: f64,
    tied: bool,
}

impl Gpt2 {
    fn inner(&self) -> u64 {
        self.n_inner.map_or(4 * of(self.n_embd), of)
    }
}

impl Architecture for Gpt2 {
    const CLASSES: &'static [&'static str] = &["GPT2LMHeadModel"];
    const RECIPE: Recipe = Recipe::Gpt2;
    const TIED: bool = true;

    fn read(fields: Fields<'_>, tied: bool) -> Result<Self, String> {
        let alone = "what is built in is the decoder alone";
        fields.refuse("add_cross_attention", &[json!(false)], alone)?;
        Ok(Self {
            vocab_size: fields.size(&["vocab_size"])?,
            n_positions: fields.size(&["n_positions", "max_position_embeddings"])?,
            n_embd: fields.size(&["n_embd", "hidden_size"])?,
            n_layer: fields.layers(&["n_layer", "num_hidden_layers"])?,
            n_head: fields.size(&["n_head", "num_attention_heads"])?,
            n_inner: fields.optional_size(&["n_inner"])?,
            initializer_range: fields.own_range(0.02)?,
            tied,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "below 2^34")]
    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("n_layer", f64::from(self.n_layer)),
            ("d_model", real(self.n_embd)),
            ("d_ff", self.inner() as f64),
            ("n_head", real(self.n_head)),
            ("d_head", real(self.n_embd) / real(self.n_head)),
            ("vocab_size", real(self.vocab_size)),
            ("initializer_range", self.initializer_range),
        ]
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        head_width("n_embd", self.n_embd, self.n_head)?;
        let (width, inner) = (of(self.n_embd), self.inner());
        let mut transformer = model.at("transformer");
        transformer.embedding("wte", of(self.vocab_size), width)?;
        transformer.embedding("wpe", of(self.n_positions), width)?;
        for number in 0..self.n_layer {
            let mut layer = transformer.at(format!("h.{number}"));
            layer.layer_norm("ln_1", width)?;
            layer.conv1d("attn.c_attn", width, 3 * width)?;
            layer.conv1d("attn.c_proj", width, width)?;
            layer.layer_norm("ln_2", width)?;
            layer.conv1d("mlp.c_fc", width, inner)?;
            layer.conv1d("mlp.c_proj", inner, width)?;
        }
        transformer.layer_norm("ln_f", width)?;
        if self.tied { Ok(()) } else { model.linear("lm_head", of(self.vocab_size), width, false) }
    }
}
