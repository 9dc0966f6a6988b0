//! Where a model's parameter list comes from.

use crate::checkpoint;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::Path;
use wgpu_init::Shape;
use wgpu_init::model::Parameter;

/// A model's list of parameters.
#[derive(Debug)]
pub(crate) struct Model {
    /// What the manifest calls it, or the file's stem.
    pub(crate) name: String,
    pub(crate) entries: Vec<Entry>,
    /// Numbers that rules may use, e.g. `n_layer`: what a `config.json` says.
    pub(crate) variables: BTreeMap<String, f64>,
    /// The recipe that the model is published with, where the input says which architecture it is.
    pub(crate) recipe: Option<String>,
}

impl Model {
    fn new(name: String) -> Self {
        Self { name, entries: Vec::new(), variables: BTreeMap::new(), recipe: None }
    }
}

/// One parameter and the dtype it is listed with, in safetensors' spelling.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) parameter: Parameter,
    pub(crate) dtype: String,
}

const BUNDLED: [(&str, &str); 4] = [
    ("gpt2", include_str!("../manifests/gpt2.json")),
    ("llama-tiny", include_str!("../manifests/llama-tiny.json")),
    ("resnet50", include_str!("../manifests/resnet50.json")),
    ("llama-3.1-8b", include_str!("../manifests/llama-3.1-8b.json")),
];

/// Reads a bundled model by name, or a `.safetensors` header, or a JSON manifest.
pub(crate) fn load(model: &str) -> Result<Model> {
    if let Some((name, text)) = BUNDLED.iter().find(|(name, _)| *name == model) {
        return manifest(text).with_context(|| format!("the bundled manifest {name}"));
    }
    let path = Path::new(model);
    if !path.exists() {
        let names = BUNDLED.map(|(name, _)| name).join(", ");
        bail!("there is no file {model:?}, and the bundled models are {names}");
    }
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors")) {
        return header(path);
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {model}"))?;
    manifest(&text).with_context(|| format!("{model} is not a manifest"))
}

fn header(path: &Path) -> Result<Model> {
    let file = checkpoint::read::open(path)?;
    let entries = file.tensors.into_iter().map(|tensor| {
        Ok(Entry { parameter: Parameter::new(tensor.name, tensor.shape), dtype: tensor.dtype.to_string() })
    });
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Model { entries: entries.collect::<Result<_>>()?, ..Model::new(name) })
}

fn manifest(text: &str) -> Result<Model> {
    let manifest: Manifest = serde_json::from_str(text)?;
    let entries = manifest.tensors.0.into_iter().map(|(name, tensor)| {
        let shape = Shape::new(tensor.shape).with_context(|| format!("tensor {name}"))?;
        Ok(Entry { parameter: Parameter { name, shape, module: tensor.module }, dtype: tensor.dtype })
    });
    Ok(Model { entries: entries.collect::<Result<_>>()?, ..Model::new(manifest.model) })
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    model: String,
    tensors: Tensors,
}

#[derive(Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<u64>,
    #[serde(default)]
    module: Option<String>,
}

/// A JSON object in its order; a name that stands twice is an error, where a map would keep the last.
struct Tensors(Vec<(String, Tensor)>);

impl<'de> Deserialize<'de> for Tensors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Tensors;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tensors, A::Error> {
                let mut names = HashSet::new();
                let mut tensors = Vec::new();
                while let Some((name, tensor)) = map.next_entry::<String, Tensor>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!("the tensor {name} is listed twice")));
                    }
                    tensors.push((name, tensor));
                }
                Ok(Tensors(tensors))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
