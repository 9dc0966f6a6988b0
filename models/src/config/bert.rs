//! BERT: `configuration_bert.py`, `modeling_bert.py`.

use super::field::{Fields, Layers, Size, head_width, of, real};
use super::{Architecture, Module};
use crate::Recipe;
use serde_json::json;

#[derive(Debug)]
pub(super) struct Bert {
    vocab_size: Size,
    hidden_size: Size,
    num_hidden_layers: Layers,
    num_attention_heads: Size,
    intermediate_size: Size,
    max_position_embeddings: Size,
    type_vocab_size: Size,
    initializer_range: f64,
    pad_token_id: f64,
}

const MASKED: &str = "BertForMaskedLM";
const PRETRAINING: &str = "BertForPreTraining";

impl Architecture for Bert {
    const CLASSES: &'static [&'static str] = &[MASKED, PRETRAINING];
    const RECIPE: Recipe = Recipe::Bert;
    const TIED: bool = true;

    fn read(fields: Fields<'_>, tied: bool) -> Result<Self, String> {
        if !tied {
            return Err(
                "tie_word_embeddings is false, what is built in is the head that shares the embedding".to_owned()
            );
        }
        fields.refuse("add_cross_attention", &[json!(false)], "what is built in is the encoder alone")?;
        let absolute = "what is built in is \"absolute\"; relative positions have an embedding in each layer";
        fields.refuse("position_embedding_type", &[json!("absolute")], absolute)?;
        let vocab_size = fields.size(&["vocab_size"])?;
        Ok(Self {
            vocab_size,
            hidden_size: fields.size(&["hidden_size"])?,
            num_hidden_layers: fields.layers(&["num_hidden_layers"])?,
            num_attention_heads: fields.size(&["num_attention_heads"])?,
            intermediate_size: fields.size(&["intermediate_size"])?,
            max_position_embeddings: fields.size(&["max_position_embeddings"])?,
            type_vocab_size: fields.size(&["type_vocab_size"])?,
            initializer_range: fields.range(0.02)?,
            pad_token_id: fields.padding(Some(0), vocab_size)?,
        })
    }

    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("n_layer", f64::from(self.num_hidden_layers)),
            ("d_model", real(self.hidden_size)),
            ("d_ff", real(self.intermediate_size)),
            ("n_head", real(self.num_attention_heads)),
            ("d_head", real(self.hidden_size) / real(self.num_attention_heads)),
            ("vocab_size", real(self.vocab_size)),
            ("initializer_range", self.initializer_range),
            ("pad_token_id", self.pad_token_id),
        ]
    }

    fn list(&self, class: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        head_width("hidden_size", self.hidden_size, self.num_attention_heads)?;
        let (width, inner, vocabulary) = (of(self.hidden_size), of(self.intermediate_size), of(self.vocab_size));
        let mut bert = model.at("bert");
        let mut embeddings = bert.at("embeddings");
        embeddings.embedding("word_embeddings", vocabulary, width)?;
        embeddings.embedding("position_embeddings", of(self.max_position_embeddings), width)?;
        embeddings.embedding("token_type_embeddings", of(self.type_vocab_size), width)?;
        embeddings.layer_norm("LayerNorm", width)?;
        for number in 0..self.num_hidden_layers {
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
