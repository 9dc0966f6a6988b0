//! Mamba: `configuration_mamba.py`, `modeling_mamba.py`.

use super::field::{Layers, Size, of, real, yes};
use super::{Architecture, Module};
use crate::Recipe;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Mamba {
    vocab_size: Size,
    hidden_size: Size,
    num_hidden_layers: Layers,
    state_size: Size,
    expand: Size,
    conv_kernel: Size,
    #[serde(default)]
    time_step_rank: Rank,
    #[serde(default = "yes")]
    use_bias: bool,
    #[serde(default = "yes")]
    use_conv_bias: bool,
    #[serde(default = "range")]
    initializer_range: f64,
    #[serde(default = "one")]
    time_step_scale: f64,
    #[serde(default = "step_min")]
    time_step_min: f64,
    #[serde(default = "step_max")]
    time_step_max: f64,
    #[serde(default = "step_floor")]
    time_step_floor: f64,
    #[serde(default)]
    time_step_init_scheme: InitScheme,
    #[serde(default)]
    rescale_prenorm_residual: bool,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
}

/// A number, or `"auto"`: a sixteenth of the hidden size.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Rank {
    Number(Size),
    Auto(Auto),
    #[default]
    Absent,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Auto {
    Auto,
}

/// How `dt_proj.weight` is made. `random` is a uniform law, which some files call by that name.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum InitScheme {
    #[default]
    Random,
    Uniform,
    Constant,
}

fn range() -> f64 {
    0.1
}

fn one() -> f64 {
    1.0
}

fn step_min() -> f64 {
    0.001
}

fn step_max() -> f64 {
    0.1
}

fn step_floor() -> f64 {
    1e-4
}

impl Mamba {
    fn rank(&self) -> u64 {
        match self.time_step_rank {
            Rank::Number(rank) => of(rank),
            Rank::Auto(Auto::Auto) | Rank::Absent => of(self.hidden_size).div_ceil(16),
        }
    }
}

impl Architecture for Mamba {
    const CLASSES: &'static [&'static str] = &["MambaForCausalLM"];
    const RECIPE: Recipe = Recipe::Mamba;

    #[expect(clippy::cast_precision_loss, reason = "below 2^32")]
    fn variables(&self) -> Vec<(&'static str, f64)> {
        let layers = f64::from(self.num_hidden_layers.get());
        vec![
            ("n_layer", layers),
            ("d_model", real(self.hidden_size)),
            ("d_inner", real(self.expand) * real(self.hidden_size)),
            ("d_state", real(self.state_size)),
            ("dt_rank", self.rank() as f64),
            ("vocab_size", real(self.vocab_size)),
            ("initializer_range", self.initializer_range),
            ("time_step_scale", self.time_step_scale),
            ("time_step_min", self.time_step_min),
            ("time_step_max", self.time_step_max),
            ("time_step_floor", self.time_step_floor),
            ("residual_layers", if self.rescale_prenorm_residual { layers } else { 1.0 }),
        ]
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        if self.time_step_init_scheme == InitScheme::Constant {
            let reason =
                "time_step_init_scheme is \"constant\", the recipe draws \"random\": change it, or write rules";
            return Err(reason.to_owned());
        }
        let (width, inner) = (of(self.hidden_size), of(self.expand) * of(self.hidden_size));
        let (state, rank) = (of(self.state_size), self.rank());
        let selection = state.checked_mul(2).and_then(|both| both.checked_add(rank));
        let selection = selection.ok_or("time_step_rank and state_size are too large")?;
        let double = inner.checked_mul(2).ok_or("expand times hidden_size is too large")?;
        let mut backbone = model.at("backbone");
        backbone.embedding("embeddings", of(self.vocab_size), width)?;
        for number in 0..self.num_hidden_layers.get() {
            let mut layer = backbone.at(format!("layers.{number}"));
            layer.rms_norm("MambaRMSNorm", "norm", width)?;
            let mut mixer = layer.at("mixer");
            mixer.own("MambaMixer", "A_log", &[inner, state])?;
            mixer.own("MambaMixer", "D", &[inner])?;
            mixer.convolution("conv1d", &[inner, 1, of(self.conv_kernel)], self.use_conv_bias)?;
            mixer.linear("in_proj", double, width, self.use_bias)?;
            mixer.linear("x_proj", selection, inner, false)?;
            mixer.linear("dt_proj", inner, rank, true)?;
            mixer.linear("out_proj", width, inner, self.use_bias)?;
        }
        backbone.rms_norm("MambaRMSNorm", "norm_f", width)?;
        if self.tie_word_embeddings { Ok(()) } else { model.linear("lm_head", of(self.vocab_size), width, false) }
    }
}
