//! Hugging Face's `config.json`: the parameters of the model it describes.
//!
//! Names, shapes, module classes and their order are those of transformers 5.24: `tests/architectures.rs` compares them with what its
//! classes list and save. Tied parameters are left out, as in a checkpoint. The lists themselves are data, in `src/architecture/`.

mod any;
mod architecture;
mod field;
mod flat;
mod plain_json;

pub use plain_json::plain_json;

use crate::{Error, Parameter, Recipe, Result, Variables};
use architecture::{Model, Problem};
use field::{Field, Fields};
use serde_json::{Map, Value, json};
use wgpu_init::DType;

/// A model's parameters and numbers, from the `config.json` that transformers saves beside a checkpoint.
///
/// There are 57 model types, each with its headless and classifier classes: [`types`](Self::types), and for the
/// classes `docs/architectures.md` of the crate. A field that the file does not have is what transformers 5.24 fills in; of `bert`, `gpt2`, `llama`, `mamba`, `mixtral`, `resnet`, `t5`, `vit` and `whisper`, for which that
/// has changed between its versions, sizes must be in the file.
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
    class: String,
    recipe: Recipe,
    parameters: Vec<Parameter>,
    variables: Variables,
    dtype: Option<DType>,
}

/// Under which names the parameters of a model are listed, where the library has two.
///
/// transformers 5 stacks the experts of a layer into one tensor, and has moved some modules, e.g. those of Gemma 3 with images; files
/// that it saves have each expert by itself, and the names that were usual before, so that older programs read them. Most
/// models have one name only for each parameter, and as many parameters in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Naming {
    /// As `save_pretrained` writes them, which is what checkpoints have.
    Saved,
    /// As in the library's memory, `named_parameters` and `state_dict`.
    InMemory,
}

impl Config {
    /// The `model_type`s that are built in, by name.
    #[must_use]
    pub fn types() -> Vec<&'static str> {
        architecture::types()
    }

    /// Reads a `config.json`, and lists the parameters under the names that are asked for. `text.parse()` takes those that are saved,
    /// but for Mixtral, whose experts it has stacked as it always had.
    ///
    /// ```
    /// # use wgpu_init_models::{Config, Naming};
    /// let text = r#"{"model_type": "mixtral", "vocab_size": 9, "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 1,
    ///     "num_attention_heads": 2, "num_key_value_heads": 1, "num_local_experts": 2}"#;
    /// let has = |config: &Config, name: &str| config.parameters().iter().any(|parameter| parameter.name == name);
    /// assert!(has(&Config::with_naming(text, Naming::Saved)?, "model.layers.0.block_sparse_moe.experts.1.w2.weight"));
    /// assert!(has(&Config::with_naming(text, Naming::InMemory)?, "model.layers.0.mlp.experts.down_proj"));
    /// # Ok::<(), wgpu_init_models::Error>(())
    /// ```
    ///
    /// # Errors
    /// As of [`FromStr`](core::str::FromStr).
    pub fn with_naming(json: &str, naming: Naming) -> Result<Self> {
        let object = object(json)?;
        let fields = Fields::new(&object);
        let model_type = fields.get("model_type").text().map_err(|reason| invalid("config.json", reason))?;
        read(model_type, fields, Some(naming))
    }

    /// The class of the model, e.g. `GPT2LMHeadModel`: of the file's `architectures`, or what is usual for the `model_type`.
    #[must_use]
    pub fn class(&self) -> &str {
        &self.class
    }

    /// How the model is initialised by transformers: the recipe of its family, or [`Recipe::Transformers`].
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
    /// initialisation needs, e.g. `time_step_min` of Mamba. Besides, every field by its own name after `config.`, also one that the
    /// file does not have and that shapes the list, with the names of the objects that it stands in (`config.vision_config.hidden_size`), and the texts `model_type` and `architectures`.
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
        read(model_type, fields, None)
    }
}

fn object(json: &str) -> Result<Map<String, Value>> {
    match serde_json::from_str(&plain_json(json)) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(invalid("config.json", "the file is no JSON object, expected { … } with a model_type".to_owned())),
        Err(error) => Err(invalid("config.json", format!("it is not JSON: {error}"))),
    }
}

fn read(model_type: &str, fields: Fields<'_>, naming: Option<Naming>) -> Result<Config> {
    let wrong = |reason| invalid(model_type, reason);
    refuse_what_no_list_has(fields).map_err(wrong)?;
    let model = Model::read(model_type, fields, naming).map_err(|problem| match problem {
        Problem::Unknown => Error::UnknownModelType { got: model_type.to_owned(), known: architecture::types() },
        Problem::Wrong(reason) => invalid(model_type, reason),
    })?;
    let class = class(fields).map_err(wrong)?;
    let (class, parameters) = model.list(class.as_deref()).map_err(wrong)?;
    let mut variables = Variables::new();
    flat::add(fields, &mut variables);
    // What is wrong with a field that only recipes read is said where one needs it.
    variables.extend(any::variables(fields).map_err(wrong)?.0);
    model.add_absent(flat::PREFIX, &mut variables).map_err(wrong)?;
    model.add_variables(&mut variables).map_err(wrong)?;
    let (recipe, dtype) = (model.recipe().map_err(wrong)?, dtype(fields).map_err(wrong)?);
    Ok(Config { class, recipe, parameters, variables, dtype })
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
