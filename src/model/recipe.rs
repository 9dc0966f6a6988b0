//! Recipes: how the published models are initialised, by parameter name.

use super::Parameter;
use crate::scheme::residual_normal;
use crate::{Error, Initializer, Result};
use core::{fmt, str::FromStr};

/// How a family of models is initialised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recipe {
    /// GPT-2 (Radford et al. 2019, section 2.3; `_init_weights` of Hugging Face's `modeling_gpt2.py`):
    /// weights N(0, 0.02²), residual projections `*.c_proj.weight` N(0, (0.02/√(2·n_layer))²), biases 0, layer norms 1 and 0.
    /// `n_layer` is counted from the names: `h.0`, `h.1`, ….
    Gpt2,
}

/// Standard deviation of GPT-2's weights (`initializer_range`).
const GPT2_STD: f64 = 0.02;

impl Recipe {
    const NAMES: &'static [&'static str] = &["gpt2"];

    /// The name that [`FromStr`] reads.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gpt2 => "gpt2",
        }
    }

    /// One initializer per parameter, in order.
    ///
    /// # Errors
    /// [`Error::UnmatchedParameters`] with every parameter that no rule covers.
    pub fn initializers(self, parameters: &[Parameter]) -> Result<Vec<Initializer>> {
        let layers = count_layers(parameters);
        let choices: Vec<_> = parameters.iter().map(|parameter| gpt2(parameter, layers)).collect();
        let unmatched = parameters.iter().zip(&choices).filter(|(_, choice)| choice.is_none());
        let names: Vec<_> = unmatched.map(|(parameter, _)| parameter.name.clone()).collect();
        if names.is_empty() {
            Ok(choices.into_iter().flatten().collect())
        } else {
            Err(Error::UnmatchedParameters { recipe: self.name(), names })
        }
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Recipe {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "gpt2" => Ok(Self::Gpt2),
            _ => Err(Error::UnknownRecipe { text: text.to_owned(), known: Self::NAMES }),
        }
    }
}

/// Number of different `N` in names with a component `h` followed by a component `N`.
fn count_layers(parameters: &[Parameter]) -> u64 {
    let layer = |parameter: &Parameter| {
        let mut parts = parameter.name.split('.').skip_while(|part| *part != "h");
        parts.nth(1).and_then(|number| number.parse::<u64>().ok())
    };
    parameters.iter().filter_map(layer).max().map_or(0, |last| last + 1)
}

fn gpt2(parameter: &Parameter, layers: u64) -> Option<Initializer> {
    let mut parts = parameter.name.rsplit('.');
    let kind = parts.next()?;
    let module = parts.next()?;
    match (kind, module) {
        ("weight", "ln_1" | "ln_2" | "ln_f" | "ln_cross_attn") => Some(Initializer::ones()),
        ("bias", "ln_1" | "ln_2" | "ln_f" | "ln_cross_attn") => Some(Initializer::zeros()),
        ("bias", "c_attn" | "q_attn" | "c_proj" | "c_fc") => Some(Initializer::zeros()),
        ("weight", "c_proj") => Some(residual_normal(GPT2_STD, layers.max(1))),
        ("weight", "wte" | "wpe" | "c_attn" | "q_attn" | "c_fc" | "lm_head") => {
            Some(Initializer::normal(0.0, GPT2_STD))
        }
        _ => None,
    }
}
