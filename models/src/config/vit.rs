//! ViT: `configuration_vit.py`, `modeling_vit.py`.

use super::field::{Fields, Layers, Size, head_width, of, real};
use super::{Architecture, Module};
use crate::Recipe;

#[derive(Debug)]
pub(super) struct Vit {
    hidden_size: Size,
    num_hidden_layers: Layers,
    num_attention_heads: Size,
    /// `hidden_size / num_attention_heads` if absent.
    head_dim: Option<Size>,
    intermediate_size: Size,
    /// Height and width.
    image_size: [Size; 2],
    patch_size: [Size; 2],
    num_channels: Size,
    qkv_bias: bool,
    initializer_range: f64,
    labels: u64,
}

impl Vit {
    fn head(&self) -> Result<u64, String> {
        match self.head_dim {
            Some(width) => Ok(of(width)),
            None => head_width("hidden_size", self.hidden_size, self.num_attention_heads),
        }
    }

    /// How many patches cover an image.
    fn patches(&self) -> Result<u64, String> {
        let mut count = 1;
        for (image, patch) in self.image_size.into_iter().zip(self.patch_size) {
            let side = of(image) / of(patch);
            if side == 0 {
                return Err(format!("image_size is {image}, it must be at least patch_size = {patch}"));
            }
            count *= side;
        }
        Ok(count)
    }
}

impl Architecture for Vit {
    const CLASSES: &'static [&'static str] = &["ViTForImageClassification"];
    const RECIPE: Recipe = Recipe::Vit;
    const TIED: bool = false;

    fn read(fields: Fields<'_>, _: bool) -> Result<Self, String> {
        Ok(Self {
            hidden_size: fields.size(&["hidden_size"])?,
            num_hidden_layers: fields.layers(&["num_hidden_layers"])?,
            num_attention_heads: fields.size(&["num_attention_heads"])?,
            head_dim: fields.optional_size(&["head_dim"])?,
            intermediate_size: fields.size(&["intermediate_size"])?,
            image_size: fields.get("image_size").height_and_width()?,
            patch_size: fields.get("patch_size").height_and_width()?,
            num_channels: fields.size(&["num_channels"])?,
            qkv_bias: fields.flag("qkv_bias", true)?,
            initializer_range: fields.own_range(0.02)?,
            labels: fields.labels()?,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "below 2^32")]
    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("n_layer", f64::from(self.num_hidden_layers)),
            ("d_model", real(self.hidden_size)),
            ("d_ff", real(self.intermediate_size)),
            ("n_head", real(self.num_attention_heads)),
            ("d_head", self.head().unwrap_or_default() as f64),
            ("initializer_range", self.initializer_range),
        ]
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        let (width, inner) = (of(self.hidden_size), of(self.intermediate_size));
        let (attention, patches) = (of(self.num_attention_heads) * self.head()?, self.patches()?);
        let mut vit = model.at("vit");
        let mut embeddings = vit.at("embeddings");
        embeddings.own("ViTEmbeddings", "cls_token", &[1, 1, width])?;
        embeddings.own("ViTEmbeddings", "position_embeddings", &[1, patches + 1, width])?;
        let kernel = [width, of(self.num_channels), of(self.patch_size[0]), of(self.patch_size[1])];
        embeddings.convolution("patch_embeddings.projection", &kernel, true)?;
        for number in 0..self.num_hidden_layers {
            let mut layer = vit.at(format!("layers.{number}"));
            for name in ["q_proj", "k_proj", "v_proj"] {
                layer.at("attention").linear(name, attention, width, self.qkv_bias)?;
            }
            layer.linear("attention.o_proj", width, attention, true)?;
            layer.layer_norm("layernorm_before", width)?;
            layer.layer_norm("layernorm_after", width)?;
            layer.linear("mlp.fc1", inner, width, true)?;
            layer.linear("mlp.fc2", width, inner, true)?;
        }
        vit.layer_norm("layernorm", width)?;
        // Without labels there is an `Identity`.
        if self.labels == 0 { Ok(()) } else { model.linear("classifier", self.labels, width, true) }
    }
}
