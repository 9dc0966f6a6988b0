//! ViT: `configuration_vit.py`, `modeling_vit.py`.

use super::field::{Layers, Size, head_width, labels, of, real, usual_range, yes};
use super::{Architecture, Module};
use crate::Recipe;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub(super) struct Vit {
    hidden_size: Size,
    num_hidden_layers: Layers,
    num_attention_heads: Size,
    intermediate_size: Size,
    image_size: Size,
    patch_size: Size,
    num_channels: Size,
    #[serde(default = "yes")]
    qkv_bias: bool,
    #[serde(default = "usual_range")]
    initializer_range: f64,
    num_labels: Option<Size>,
    id2label: Option<BTreeMap<String, String>>,
}

impl Architecture for Vit {
    const CLASSES: &'static [&'static str] = &["ViTForImageClassification"];
    const RECIPE: Recipe = Recipe::Vit;

    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("n_layer", f64::from(self.num_hidden_layers.get())),
            ("d_model", real(self.hidden_size)),
            ("d_ff", real(self.intermediate_size)),
            ("n_head", real(self.num_attention_heads)),
            ("d_head", real(self.hidden_size) / real(self.num_attention_heads)),
            ("initializer_range", self.initializer_range),
        ]
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        head_width("hidden_size", self.hidden_size, self.num_attention_heads)?;
        let (width, inner, patch) = (of(self.hidden_size), of(self.intermediate_size), of(self.patch_size));
        let side = of(self.image_size) / patch;
        if side == 0 {
            return Err(format!("image_size is {}, it must be at least patch_size = {patch}", self.image_size));
        }
        let mut vit = model.at("vit");
        let mut embeddings = vit.at("embeddings");
        embeddings.own("ViTEmbeddings", "cls_token", &[1, 1, width])?;
        embeddings.own("ViTEmbeddings", "position_embeddings", &[1, side * side + 1, width])?;
        let kernel = [width, of(self.num_channels), patch, patch];
        embeddings.convolution("patch_embeddings.projection", &kernel, true)?;
        for number in 0..self.num_hidden_layers.get() {
            let mut layer = vit.at(format!("layers.{number}"));
            for name in ["q_proj", "k_proj", "v_proj"] {
                layer.at("attention").linear(name, width, width, self.qkv_bias)?;
            }
            layer.linear("attention.o_proj", width, width, true)?;
            layer.layer_norm("layernorm_before", width)?;
            layer.layer_norm("layernorm_after", width)?;
            layer.linear("mlp.fc1", inner, width, true)?;
            layer.linear("mlp.fc2", width, inner, true)?;
        }
        vit.layer_norm("layernorm", width)?;
        model.linear("classifier", labels(self.num_labels, self.id2label.as_ref())?, width, true)
    }
}
