//! Mamba: `configuration_mamba.py`, `modeling_mamba.py`.

use super::field::{Field, Fields, Layers, Size, of, real};
use super::{Architecture, Module};
use crate::Recipe;
use serde_json::json;

#[derive(Debug)]
pub(super) struct Mamba {
    vocab_size: Size,
    hidden_size: Size,
    num_hidden_layers: Layers,
    state_size: Size,
    /// `expand` times `hidden_size`.
    inner: u64,
    conv_kernel: Size,
    /// A sixteenth of `hidden_size` for `"auto"`.
    time_step_rank: Option<Size>,
    use_bias: bool,
    use_conv_bias: bool,
    initializer_range: f64,
    time_step_scale: f64,
    time_step_min: f64,
    time_step_max: f64,
    time_step_floor: f64,
    rescale_prenorm_residual: bool,
    tied: bool,
}

/// A number, or `"auto"`.
fn rank(field: Option<Field<'_>>) -> Result<Option<Size>, String> {
    match field {
        Some(field) if field.text() == Ok("auto") => Ok(None),
        Some(field) => field.size().map(Some).map_err(|reason| format!("{reason}, or \"auto\"")),
        None => Ok(None),
    }
}

impl Mamba {
    fn rank(&self) -> u64 {
        self.time_step_rank.map_or(of(self.hidden_size).div_ceil(16), of)
    }
}

impl Architecture for Mamba {
    const CLASSES: &'static [&'static str] = &["MambaForCausalLM"];
    const RECIPE: Recipe = Recipe::Mamba;
    const TIED: bool = true;

    fn read(fields: Fields<'_>, tied: bool) -> Result<Self, String> {
        // What is neither "random" nor "constant" leaves the projection as any other linear layer.
        let scheme = "the recipe draws \"random\": change it, or write rules";
        fields.refuse("time_step_init_scheme", &[json!("random")], scheme)?;
        let (hidden_size, expand) = (fields.size(&["hidden_size"])?, fields.size(&["expand"])?);
        // A file's own `intermediate_size` goes before the product, as any attribute that the class does not declare.
        let inner = match fields.optional_size(&["intermediate_size"])? {
            Some(inner) => of(inner),
            None => of(expand) * of(hidden_size),
        };
        Ok(Self {
            vocab_size: fields.size(&["vocab_size"])?,
            hidden_size,
            num_hidden_layers: fields.layers(&["num_hidden_layers"])?,
            state_size: fields.size(&["state_size"])?,
            inner,
            conv_kernel: fields.size(&["conv_kernel"])?,
            time_step_rank: rank(fields.get("time_step_rank").unless_null())?,
            use_bias: fields.flag("use_bias", false)?,
            use_conv_bias: fields.flag("use_conv_bias", true)?,
            initializer_range: fields.range(0.1)?,
            time_step_scale: fields.scale("time_step_scale", 1.0)?,
            time_step_min: fields.scale("time_step_min", 0.001)?,
            time_step_max: fields.scale("time_step_max", 0.1)?,
            time_step_floor: fields.scale("time_step_floor", 1e-4)?,
            rescale_prenorm_residual: fields.flag("rescale_prenorm_residual", false)?,
            tied,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
    fn variables(&self) -> Vec<(&'static str, f64)> {
        let layers = f64::from(self.num_hidden_layers);
        vec![
            ("n_layer", layers),
            ("d_model", real(self.hidden_size)),
            ("d_inner", self.inner as f64),
            ("d_state", real(self.state_size)),
            ("dt_rank", self.rank() as f64),
            ("vocab_size", real(self.vocab_size)),
            ("initializer_range", self.initializer_range),
            ("time_step_scale", self.time_step_scale),
            ("time_step_min", self.time_step_min),
            ("time_step_max", self.time_step_max),
            ("time_step_floor", self.time_step_floor),
            ("residual_layers", if self.rescale_prenorm_residual { layers.max(1.0) } else { 1.0 }),
        ]
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        let (width, inner) = (of(self.hidden_size), self.inner);
        let (state, rank) = (of(self.state_size), self.rank());
        let selection = state.checked_mul(2).and_then(|both| both.checked_add(rank));
        let selection = selection.ok_or("time_step_rank and state_size are too large")?;
        let double = inner.checked_mul(2).ok_or("expand times hidden_size is too large")?;
        let mut backbone = model.at("backbone");
        backbone.embedding("embeddings", of(self.vocab_size), width)?;
        for number in 0..self.num_hidden_layers {
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
        if self.tied { Ok(()) } else { model.linear("lm_head", of(self.vocab_size), width, false) }
    }
}
