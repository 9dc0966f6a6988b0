//! Mixtral: `configuration_mixtral.py`, `modeling_mixtral.py`. The experts are stacked into two tensors.

use super::field::{Fields, Size, of, real};
use super::llama::Decoder;
use super::{Architecture, Module};
use crate::Recipe;

#[derive(Debug)]
pub(super) struct Mixtral {
    decoder: Decoder,
    num_local_experts: Size,
}

impl Architecture for Mixtral {
    const CLASSES: &'static [&'static str] = &["MixtralForCausalLM"];
    const RECIPE: Recipe = Recipe::Mixtral;
    const TIED: bool = false;

    fn read(fields: Fields<'_>, tied: bool) -> Result<Self, String> {
        Ok(Self {
            decoder: Decoder::read(fields, tied, fields.own_range(0.02)?, Size::new(8))?,
            num_local_experts: fields.size(&["num_local_experts", "num_experts"])?,
        })
    }

    fn variables(&self) -> Vec<(&'static str, f64)> {
        let mut variables = self.decoder.variables();
        variables.push(("n_expert", real(self.num_local_experts)));
        variables
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        let (width, inner) = (self.decoder.width(), of(self.decoder.intermediate_size));
        let experts = of(self.num_local_experts);
        self.decoder.list(model, "MixtralRMSNorm", false, |mlp| {
            mlp.at("gate").own("MixtralTopKRouter", "weight", &[experts, width])?;
            mlp.at("experts").own("MixtralExperts", "gate_up_proj", &[experts, 2 * inner, width])?;
            mlp.at("experts").own("MixtralExperts", "down_proj", &[experts, width, inner])
        })
    }
}
