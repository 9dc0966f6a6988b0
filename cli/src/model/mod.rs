//! Where a model's parameter list comes from.

mod bundled;
mod config;
mod in_order;
mod index;
mod manifest;

use crate::{checkpoint, read};
use anyhow::{Context, Result, bail};
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wgpu_init_models::checkpoint::StoredTensor;
use wgpu_init_models::{Parameter, Variables, plain_json};

pub(crate) use manifest::EXAMPLE as MANIFEST_EXAMPLE;

/// A model's list of parameters.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) name: Name,
    /// What it was loaded from; empty for a bundled model.
    pub(crate) file: PathBuf,
    pub(crate) entries: Vec<Entry>,
    /// Numbers that rules may use, e.g. `n_layer`: what a `config.json` says.
    pub(crate) variables: Variables,
    /// The recipe that the model is published with, where the input says which architecture it is.
    pub(crate) recipe: Option<String>,
    /// Why recipes cannot be relied on: a `config.json` beside the checkpoint that does not say which head the model has.
    pub(crate) doubt: Option<String>,
    /// The files that it is read from.
    pub(crate) sources: Vec<PathBuf>,
    /// The text of its `config.json`, if there is one.
    pub(crate) config: Option<String>,
    /// The `model_type` of a `config.json` beside the checkpoint, if it is not built in.
    pub(crate) unknown_type: Option<String>,
    /// Whether the entries stand in the order of one checkpoint's file, which is that of names' bytes and says nothing of the model.
    /// Shards follow each other as the model's layers do.
    pub(crate) is_in_file_order: bool,
}

impl Model {
    fn new(name: Name, entries: Vec<Entry>) -> Self {
        let (file, variables, sources) = (PathBuf::new(), Variables::new(), Vec::new());
        let (recipe, doubt, config, unknown_type, is_in_file_order) = (None, None, None, None, false);
        Self { name, file, entries, variables, recipe, doubt, sources, config, unknown_type, is_in_file_order }
    }
}

/// What a model is called, which may be a recipe's name, and where that stands.
#[derive(Debug)]
pub(crate) enum Name {
    /// In a manifest, which need not say any.
    Manifest(Option<String>),
    /// The stem of the file.
    File(String),
    /// The folder of a file that is called the same for all models.
    Folder(String),
}

/// One parameter and the dtype it is listed with, in safetensors' spelling.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) parameter: Parameter,
    pub(crate) dtype: String,
}

/// What a folder is looked through for, best first.
const FILES: [&str; 3] = ["model.safetensors.index.json", "model.safetensors", "config.json"];

/// Reads a bundled model by name; a safetensors file, an index of several, a `config.json`, or a folder with one of them; or a
/// manifest.
pub(crate) fn load(model: &str) -> Result<Model> {
    let path = Path::new(model);
    if let Some(bundled) = bundled::load(model) {
        if path.exists() {
            bail!(
                "{model:?} is a bundled model, and there is a file or folder of that name here: say ./{model} for the latter, or go elsewhere"
            );
        }
        return bundled;
    }
    if !path.exists() {
        bail!("there is no file {model:?}, and the bundled models are {}", bundled::names().join(", "));
    }
    let path = if path.is_dir() { in_folder(path)? } else { path.to_owned() };
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors")) {
        let entries = checkpoint::model(&path)?.into_iter().map(Entry::from).collect();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (sources, file) = (vec![path.clone()], path.clone());
        let model = Model { sources, file, is_in_file_order: true, ..Model::new(Name::File(name), entries) };
        return Ok(config::beside(&path, model));
    }
    // Python's writer leaves infinities bare.
    let text = read::text(&path, read::MOST_LIST)?;
    let text = plain_json(&text);
    let keys: BTreeMap<String, IgnoredAny> = serde_json::from_str(&text).map_err(|error| {
        let what = if error.is_data() { "no JSON object, as a list of parameters is" } else { "not JSON" };
        anyhow::Error::from(error).context(format!("{} is {what}", path.display()))
    })?;
    let model = if keys.contains_key("weight_map") {
        index::read(&path, &text).map(|(entries, sources)| {
            config::beside(&path, Model { sources, ..Model::new(folder_name(&path), entries) })
        })
    } else if keys.contains_key("model_type") {
        config::read(folder_name(&path), &text)
    } else if keys.contains_key("tensors") {
        manifest::read(&text)
    } else {
        bail!(
            "{} is neither a manifest (it has no \"tensors\"), nor an index of shards (no \"weight_map\"), nor a config.json \
             (no \"model_type\"); a manifest reads like {}",
            path.display(),
            manifest::EXAMPLE
        );
    };
    let mut model = model.with_context(|| format!("the model {}", path.display()))?;
    model.file.clone_from(&path);
    model.sources.push(path);
    Ok(model)
}

/// The safetensors files of a checkpoint: of one, an index of several, or a folder with one of these.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let path = if path.is_dir() { in_folder(path)? } else { path.to_owned() };
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        let text = read::text(&path, read::MOST_LIST)?;
        return index::read(&path, &text).map(|(_, files)| files).with_context(|| path.display().to_string());
    }
    Ok(vec![path])
}

/// A bundled model, whatever is in the current folder.
pub(crate) fn bundled(name: &str) -> Result<Model> {
    bundled::load(name).with_context(|| format!("there is no bundled model {name:?}"))?
}

/// As [`load`], but a bundled model of the name is meant if there is one: for what only needs some model.
pub(crate) fn bundled_first(name: &str) -> Result<Model> {
    bundled::load(name).unwrap_or_else(|| load(name))
}

fn in_folder(folder: &Path) -> Result<PathBuf> {
    let found = FILES.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    found.with_context(|| format!("the folder {} has none of {}", folder.display(), FILES.join(", ")))
}

/// The name of the folder that a file is in.
fn folder_name(path: &Path) -> Name {
    let folder = std::path::absolute(path).ok().and_then(|path| Some(path.parent()?.file_name()?.to_owned()));
    Name::Folder(folder.unwrap_or_default().to_string_lossy().into_owned())
}

impl From<StoredTensor> for Entry {
    fn from(tensor: StoredTensor) -> Self {
        Self { parameter: Parameter::new(tensor.name, tensor.shape), dtype: tensor.dtype }
    }
}
