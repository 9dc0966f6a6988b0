//! Hugging Face's `config.json`: the parameters of the model it describes.
//!
//! Names, shapes, module classes and their order are those of transformers 5.24: `tests/configs.rs` compares them with lists read
//! from real models by 5.23. Tied parameters are left out, as in a checkpoint.

mod any;
mod bert;
mod field;
mod flat;
mod gpt2;
mod llama;
mod mamba;
mod mixtral;
mod module;
mod plain_json;
mod resnet;
mod t5;
mod vit;
mod whisper;

pub use plain_json::plain_json;

use crate::{Error, Parameter, Recipe, Result, Variables};
use field::{Field, Fields};
use module::Module;
use serde_json::{Map, Value, json};
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
    variables: Variables,
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
    /// `initializer_range`, `tie_word_embeddings` (1 or 0); for attention `n_head`, `d_head` and, where it differs, `n_kv_head`; and what an architecture's own
    /// initialisation needs, e.g. `time_step_min` of Mamba. Besides, every field by its own name after `config.`, with the names of
    /// the objects that it stands in (`config.vision_config.hidden_size`), and the texts `model_type` and `architectures`.
    #[must_use]
    pub const fn variables(&self) -> &Variables {
        &self.variables
    }

    /// The element type that the checkpoint was saved with (`dtype`, or `torch_dtype` of older files), if this crate has it.
    #[must_use]
    pub const fn dtype(&self) -> Option<DType> {
        self.dtype
    }

    /// What the `config.json` of any model says, also of one that is not built in: every field after `config.`, `model_type`,
    /// `architectures`, and the numbers that recipes read by one name for all: `tie_word_embeddings`,
    /// `initializer_range`, `initializer_factor`, `pad_token_id`, Mamba's time steps. A value that only a `text_config` has is used too,
    /// if no other part of the file says something else.
    ///
    /// ```
    /// # use wgpu_init_models::Config;
    /// let (numbers, problems) = Config::any_variables(r#"{"model_type": "gpt_neox", "tie_word_embeddings": false}"#)?;
    /// assert_eq!(numbers.number("tie_word_embeddings"), Some(0.0));
    /// assert_eq!(numbers.text("model_type"), Some("gpt_neox"));
    /// assert!(problems.is_empty());
    /// # Ok::<(), wgpu_init_models::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for a text that is no JSON object, and for a `tie_word_embeddings` that is no flag: which head a model has
    /// is not to be guessed; Any other of these fields with a value of another kind is left out, and is the second part of the result.
    pub fn any_variables(json: &str) -> Result<(Variables, Vec<Error>)> {
        let object = object(json)?;
        let fields = Fields::new(&object);
        let model_type = fields.get("model_type").text().unwrap_or("config.json");
        let wrong = |reason| invalid(model_type, reason);
        let mut all = Variables::new();
        flat::add(fields, &mut all);
        let (variables, problems) = any::variables(fields).map_err(wrong)?;
        all.extend(variables);
        Ok((all, problems.into_iter().map(wrong).collect()))
    }
}

/// # Errors
/// [`Error::UnknownModelType`]; [`Error::InvalidConfig`] for a file that is not JSON, a field that is missing or has a value that it
/// cannot have, a size that does not fit the others, an option that changes the parameters in a way that is not built in, and a head
/// that is not built in.
impl core::str::FromStr for Config {
    type Err = Error;

    fn from_str(json: &str) -> Result<Self> {
        let object = object(json)?;
        let fields = Fields::new(&object);
        let model_type = fields.get("model_type").text().map_err(|reason| invalid("config.json", reason))?;
        let known = ["bert", "gpt2", "llama", "mamba", "mixtral", "resnet", "t5", "vit", "whisper"];
        let read = match model_type {
            "bert" => read::<bert::Bert>,
            "gpt2" => read::<gpt2::Gpt2>,
            "llama" => read::<llama::Llama>,
            "mamba" => read::<mamba::Mamba>,
            "mixtral" => read::<mixtral::Mixtral>,
            "resnet" => read::<resnet::ResNet>,
            "t5" => read::<t5::T5>,
            "vit" => read::<vit::Vit>,
            "whisper" => read::<whisper::Whisper>,
            _ => return Err(Error::UnknownModelType { got: model_type.to_owned(), known: known.to_vec() }),
        };
        read(fields).map_err(|reason| invalid(model_type, reason))
    }
}

fn object(json: &str) -> Result<Map<String, Value>> {
    match serde_json::from_str(&plain_json(json)) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(invalid("config.json", "the file is no JSON object, expected { … } with a model_type".to_owned())),
        Err(error) => Err(invalid("config.json", format!("it is not JSON: {error}"))),
    }
}

/// The fields that shape one kind of model. An error is a reason.
trait Architecture: Sized {
    /// The classes that are built in; the first is the usual one.
    const CLASSES: &'static [&'static str];
    const RECIPE: Recipe;
    /// `tie_word_embeddings` of transformers' configuration class.
    const TIED: bool;

    /// `tied`: whether the head is the embedding.
    fn read(fields: Fields<'_>, tied: bool) -> Result<Self, String>;

    fn variables(&self) -> Vec<(&'static str, f64)>;

    /// Lists the parameters of a class.
    fn list(&self, class: &'static str, model: &mut Module<'_>) -> Result<(), String>;
}

fn read<A: Architecture>(fields: Fields<'_>) -> Result<Config, String> {
    refuse_what_no_list_has(fields)?;
    let tied = fields.flag("tie_word_embeddings", A::TIED)?;
    let architecture = A::read(fields, tied)?;
    let class = match class(fields)? {
        None => A::CLASSES[0],
        Some(class) => *A::CLASSES
            .iter()
            .find(|known| **known == class)
            .ok_or_else(|| format!("architectures has {class}, what is built in is {}", A::CLASSES.join(", ")))?,
    };
    let mut parameters = Vec::new();
    architecture.list(class, &mut Module::root(&mut parameters))?;
    let mut variables = Variables::new();
    flat::add(fields, &mut variables);
    variables.extend(architecture.variables());
    variables.set("tie_word_embeddings", f64::from(u8::from(tied)));
    Ok(Config { class, recipe: A::RECIPE, parameters, variables, dtype: dtype(fields)? })
}

/// Options of every architecture that give other parameters than those of the lists.
fn refuse_what_no_list_has(fields: Fields<'_>) -> Result<(), String> {
    for name in ["quantization_config", "compression_config"] {
        let packed = "quantized parameters are packed into other tensors; take the field out to list those of the model before, or \
                      list the parameters in a manifest";
        fields.refuse(name, &[], packed)?;
    }
    let layers = "what is built in has the same sizes in all layers; list the parameters in a manifest";
    fields.refuse("per_layer_config", &[json!({})], layers)?;
    fields.refuse("pruned_heads", &[json!({})], "what is built in has all heads; list the parameters in a manifest")?;
    let shared = "what is built in has a decoder of its own; list the parameters in a manifest";
    fields.refuse("tie_encoder_decoder", &[json!(false)], shared)
}

/// The first of `architectures`.
fn class(fields: Fields<'_>) -> Result<Option<String>, String> {
    let Some(field) = fields.get("architectures").unless_null() else { return Ok(None) };
    let classes = field.list("a list of class names", |class| class.text().map(str::to_owned))?;
    Ok(classes.into_iter().next())
}

/// `dtype` goes before `torch_dtype`, its older name, as in transformers.
fn dtype(fields: Fields<'_>) -> Result<Option<DType>, String> {
    let given = ["dtype", "torch_dtype"].into_iter().find_map(|name| fields.get(name).unless_null());
    let name = given.map(Field::text).transpose()?;
    Ok(name.and_then(|name| match name.strip_prefix("torch.").unwrap_or(name) {
        "float32" => Some(DType::F32),
        "float16" => Some(DType::F16),
        "bfloat16" => Some(DType::Bf16),
        "float8_e4m3fn" => Some(DType::F8E4M3Fn),
        "float8_e5m2" => Some(DType::F8E5M2),
        _ => None,
    }))
}

fn invalid(model_type: &str, reason: String) -> Error {
    Error::InvalidConfig { model_type: model_type.to_owned(), reason }
}
