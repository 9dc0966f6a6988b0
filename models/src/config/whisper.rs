//! Whisper: `configuration_whisper.py`, `modeling_whisper.py`.

use super::field::{Fields, Layers, Size, head_width, of, real};
use super::{Architecture, Module};
use crate::Recipe;

#[derive(Debug)]
pub(super) struct Whisper {
    vocab_size: Size,
    num_mel_bins: Size,
    d_model: Size,
    encoder_layers: Layers,
    encoder_attention_heads: Size,
    encoder_ffn_dim: Size,
    decoder_layers: Layers,
    decoder_attention_heads: Size,
    decoder_ffn_dim: Size,
    max_source_positions: Size,
    max_target_positions: Size,
    std: f64,
    pad_token_id: f64,
    tied: bool,
}

impl Whisper {
    fn attention(&self, layer: &mut Module<'_>, name: &str) -> Result<(), String> {
        let width = of(self.d_model);
        let mut attention = layer.at(name);
        // Keys have no bias.
        attention.linear("k_proj", width, width, false)?;
        for projection in ["v_proj", "q_proj", "out_proj"] {
            attention.linear(projection, width, width, true)?;
        }
        layer.layer_norm(&format!("{name}_layer_norm"), width)
    }

    fn feed_forward(&self, layer: &mut Module<'_>, inner: u64) -> Result<(), String> {
        let width = of(self.d_model);
        layer.linear("fc1", inner, width, true)?;
        layer.linear("fc2", width, inner, true)?;
        layer.layer_norm("final_layer_norm", width)
    }
}

impl Architecture for Whisper {
    const CLASSES: &'static [&'static str] = &["WhisperForConditionalGeneration"];
    const RECIPE: Recipe = Recipe::Whisper;
    const TIED: bool = true;

    fn read(fields: Fields<'_>, tied: bool) -> Result<Self, String> {
        let vocab_size = fields.size(&["vocab_size"])?;
        // The class declares `init_std`; an `initializer_range` of the file goes before it in PreTrainedModel._init_weights.
        let std = match fields.get("initializer_range").unless_null() {
            Some(_) => fields.range(0.02)?,
            None => fields.scale("init_std", 0.02)?,
        };
        Ok(Self {
            vocab_size,
            num_mel_bins: fields.size(&["num_mel_bins"])?,
            d_model: fields.size(&["d_model", "hidden_size"])?,
            encoder_layers: fields.layers(&["encoder_layers", "num_hidden_layers"])?,
            encoder_attention_heads: fields.size(&["encoder_attention_heads", "num_attention_heads"])?,
            encoder_ffn_dim: fields.size(&["encoder_ffn_dim"])?,
            decoder_layers: fields.layers(&["decoder_layers"])?,
            decoder_attention_heads: fields.size(&["decoder_attention_heads"])?,
            decoder_ffn_dim: fields.size(&["decoder_ffn_dim"])?,
            max_source_positions: fields.size(&["max_source_positions"])?,
            max_target_positions: fields.size(&["max_target_positions"])?,
            std,
            pad_token_id: fields.padding(Some(50_256), vocab_size)?,
            tied,
        })
    }

    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("n_layer", f64::from(self.decoder_layers)),
            ("d_model", real(self.d_model)),
            ("d_ff", real(self.decoder_ffn_dim)),
            ("n_head", real(self.decoder_attention_heads)),
            ("d_head", real(self.d_model) / real(self.decoder_attention_heads)),
            ("vocab_size", real(self.vocab_size)),
            ("initializer_range", self.std),
            ("pad_token_id", self.pad_token_id),
        ]
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        head_width("d_model", self.d_model, self.encoder_attention_heads)?;
        head_width("d_model", self.d_model, self.decoder_attention_heads)?;
        let (width, vocabulary) = (of(self.d_model), of(self.vocab_size));
        let mut encoder = model.at("model.encoder");
        encoder.convolution("conv1", &[width, of(self.num_mel_bins), 3], true)?;
        encoder.convolution("conv2", &[width, width, 3], true)?;
        encoder.embedding("embed_positions", of(self.max_source_positions), width)?;
        for number in 0..self.encoder_layers {
            let mut layer = encoder.at(format!("layers.{number}"));
            self.attention(&mut layer, "self_attn")?;
            self.feed_forward(&mut layer, of(self.encoder_ffn_dim))?;
        }
        encoder.layer_norm("layer_norm", width)?;
        let mut decoder = model.at("model.decoder");
        decoder.embedding("embed_tokens", vocabulary, width)?;
        let positions = [of(self.max_target_positions), width];
        decoder.at("embed_positions").own("WhisperPositionalEmbedding", "weight", &positions)?;
        for number in 0..self.decoder_layers {
            let mut layer = decoder.at(format!("layers.{number}"));
            self.attention(&mut layer, "self_attn")?;
            self.attention(&mut layer, "encoder_attn")?;
            self.feed_forward(&mut layer, of(self.decoder_ffn_dim))?;
        }
        decoder.layer_norm("layer_norm", width)?;
        if self.tied { Ok(()) } else { model.linear("proj_out", vocabulary, width, false) }
    }
}
