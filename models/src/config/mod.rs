//! Hugging Face's `config.json`: the parameters of the model it describes.
//!
//! Names, shapes, module classes and their order are those of transformers 5.23 (`tests/configs.rs` compares them with lists read
//! from real models). Tied parameters are left out, as in a checkpoint.

mod bert;
mod field;
mod gpt2;
mod llama;
mod mamba;
mod mixtral;
mod module;
mod resnet;
mod t5;
mod vit;
mod whisper;

use crate::{Error, Parameter, Recipe, Result};
use module::Module;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use wgpu_init::DType;

/// A model's parameters and numbers, from the `config.json` that transformers saves beside a checkpoint.
///
/// The architectures are GPT-2, Llama, BERT, T5, ViT, Whisper, Mamba, Mixtral and ResNet, with the heads that their published
/// checkpoints have. Sizes must be in the file: what transformers assumes for a missing one has changed between its versions.
///
/// ```
/// use wgpu_init_models::{Config, Recipe};
/// let config: Config = r#"{"model_type": "gpt2", "vocab_size": 50257, "n_positions": 1024, "n_embd": 768, "n_layer": 12,
///     "n_head": 12}"#.parse()?;
/// assert_eq!(config.recipe(), Recipe::Gpt2);
/// assert_eq!(config.parameters().len(), 148);
/// assert_eq!(config.parameters().iter().map(|parameter| parameter.shape.elements()).sum::<u64>(), 124_439_808);
/// // The values: of the recipe, with the configuration's numbers.
/// let values = config.recipe().assign(config.parameters(), config.variables())?;
/// assert_eq!(values.list.len(), 148);
/// # Ok::<(), wgpu_init_models::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    class: &'static str,
    recipe: Recipe,
    parameters: Vec<Parameter>,
    variables: BTreeMap<String, f64>,
    dtype: Option<DType>,
}

impl Config {
    /// The class of the model, e.g. `GPT2LMHeadModel`: of the file's `architectures`, or what is usual for the `model_type`.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        self.class
    }

    /// How the model is initialised by transformers.
    #[must_use]
    pub const fn recipe(&self) -> Recipe {
        self.recipe
    }

    /// The parameters, in the library's order.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Numbers that rules may use, under the same names for all architectures: `n_layer`, `d_model`, `d_ff`, `vocab_size`,
    /// `initializer_range`; for attention `n_head`, `d_head` and, where it differs, `n_kv_head`; and what an architecture's own
    /// initialisation needs, e.g. `time_step_min` of Mamba.
    #[must_use]
    pub const fn variables(&self) -> &BTreeMap<String, f64> {
        &self.variables
    }

    /// The element type that the checkpoint was saved with (`torch_dtype`, or `dtype` of newer files), if this crate has it.
    #[must_use]
    pub const fn dtype(&self) -> Option<DType> {
        self.dtype
    }
}

/// # Errors
/// [`Error::UnknownModelType`]; [`Error::InvalidConfig`] for a file that is not JSON, a size that is missing, zero or does not
/// fit the others, and a head that is not built in.
impl core::str::FromStr for Config {
    type Err = Error;

    fn from_str(json: &str) -> Result<Self> {
        let head: Head = serde_json::from_str(json).map_err(|error| invalid("config.json", error.to_string()))?;
        let known = ["bert", "gpt2", "llama", "mamba", "mixtral", "resnet", "t5", "vit", "whisper"];
        let read = match head.model_type.as_str() {
            "bert" => read::<bert::Bert>,
            "gpt2" => read::<gpt2::Gpt2>,
            "llama" => read::<llama::Llama>,
            "mamba" => read::<mamba::Mamba>,
            "mixtral" => read::<mixtral::Mixtral>,
            "resnet" => read::<resnet::ResNet>,
            "t5" => read::<t5::T5>,
            "vit" => read::<vit::Vit>,
            "whisper" => read::<whisper::Whisper>,
            _ => return Err(Error::UnknownModelType { got: head.model_type, known: known.to_vec() }),
        };
        read(&head, json)
    }
}

/// What all files have.
#[derive(Debug, Deserialize)]
struct Head {
    model_type: String,
    #[serde(default)]
    architectures: Option<Vec<String>>,
    #[serde(default, alias = "torch_dtype")]
    dtype: Option<String>,
}

/// The fields that shape one kind of model.
trait Architecture: DeserializeOwned {
    /// The classes that are built in; the first is the usual one.
    const CLASSES: &'static [&'static str];
    const RECIPE: Recipe;

    fn variables(&self) -> Vec<(&'static str, f64)>;

    /// Lists the parameters of a class; an error is a reason.
    fn list(&self, class: &'static str, model: &mut Module<'_>) -> Result<(), String>;
}

fn read<A: Architecture>(head: &Head, json: &str) -> Result<Config> {
    let wrong = |reason: String| invalid(&head.model_type, reason);
    let architecture: A = serde_json::from_str(json).map_err(|error| wrong(error.to_string()))?;
    let class = match head.architectures.as_deref() {
        None | Some([]) => A::CLASSES[0],
        Some([class, ..]) => *A::CLASSES.iter().find(|known| **known == class).ok_or_else(|| {
            wrong(format!("architectures has {class}, what is built in is {}", A::CLASSES.join(", ")))
        })?,
    };
    let mut parameters = Vec::new();
    architecture.list(class, &mut Module::root(&mut parameters)).map_err(wrong)?;
    let variables = architecture.variables().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let dtype = head.dtype.as_deref().and_then(|name| match name {
        "float32" => Some(DType::F32),
        "float16" => Some(DType::F16),
        "bfloat16" => Some(DType::Bf16),
        _ => None,
    });
    Ok(Config { class, recipe: A::RECIPE, parameters, variables, dtype })
}

fn invalid(model_type: &str, reason: String) -> Error {
    Error::InvalidConfig { model_type: model_type.to_owned(), reason }
}
