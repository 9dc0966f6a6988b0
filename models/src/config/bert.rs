//! BERT: `configuration_bert.py`, `modeling_bert.py`.

use super::field::{Layers, Size, head_width, of, padding, real, usual_range, yes};
use super::{Architecture, Module};
use crate::Recipe;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Bert {
    vocab_size: Size,
    hidden_size: Size,
    num_hidden_layers: Layers,
    num_attention_heads: Size,
    intermediate_size: Size,
    max_position_embeddings: Size,
    type_vocab_size: Size,
    #[serde(default = "usual_range")]
    initializer_range: f64,
    #[serde(default = "zero")]
    pad_token_id: Option<u32>,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
}

#[expect(clippy::unnecessary_wraps, reason = "an explicit null is none, an absent field is 0")]
fn zero() -> Option<u32> {
    Some(0)
}

const MASKED: &str = "BertForMaskedLM";
const PRETRAINING: &str = "BertForPreTraining";

impl Architecture for Bert {
    const CLASSES: &'static [&'static str] = &[MASKED, PRETRAINING];
    const RECIPE: Recipe = Recipe::Bert;

    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("n_layer", f64::from(self.num_hidden_layers.get())),
            ("d_model", real(self.hidden_size)),
            ("d_ff", real(self.intermediate_size)),
            ("n_head", real(self.num_attention_heads)),
            ("d_head", real(self.hidden_size) / real(self.num_attention_heads)),
            ("vocab_size", real(self.vocab_size)),
            ("initializer_range", self.initializer_range),
            ("pad_token_id", padding(self.pad_token_id)),
        ]
    }

    fn list(&self, class: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        head_width("hidden_size", self.hidden_size, self.num_attention_heads)?;
        if !self.tie_word_embeddings {
            return Err(
                "tie_word_embeddings is false, what is built in is the head that shares the embedding".to_owned()
            );
        }
        let (width, inner, vocabulary) = (of(self.hidden_size), of(self.intermediate_size), of(self.vocab_size));
        let mut bert = model.at("bert");
        let mut embeddings = bert.at("embeddings");
        embeddings.embedding("word_embeddings", vocabulary, width)?;
        embeddings.embedding("position_embeddings", of(self.max_position_embeddings), width)?;
        embeddings.embedding("token_type_embeddings", of(self.type_vocab_size), width)?;
        embeddings.layer_norm("LayerNorm", width)?;
        for number in 0..self.num_hidden_layers.get() {
            let mut layer = bert.at(format!("encoder.layer.{number}"));
            for name in ["query", "key", "value"] {
                layer.at("attention.self").linear(name, width, width, true)?;
            }
            layer.linear("attention.output.dense", width, width, true)?;
            layer.layer_norm("attention.output.LayerNorm", width)?;
            layer.linear("intermediate.dense", inner, width, true)?;
            layer.linear("output.dense", width, inner, true)?;
            layer.layer_norm("output.LayerNorm", width)?;
        }
        if class == PRETRAINING {
            bert.linear("pooler.dense", width, width, true)?;
        }
        let mut predictions = model.at("cls.predictions");
        predictions.own("BertLMPredictionHead", "bias", &[vocabulary])?;
        predictions.linear("transform.dense", width, width, true)?;
        predictions.layer_norm("transform.LayerNorm", width)?;
        if class == PRETRAINING { model.linear("cls.seq_relationship", 2, width, true) } else { Ok(()) }
    }
}
