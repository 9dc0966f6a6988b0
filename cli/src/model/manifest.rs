//! A manifest: names, dtypes, shapes and module classes as JSON.

use super::in_order::InOrder;
use super::{Entry, Model};
use anyhow::{Context, Result};
use serde::Deserialize;
use wgpu_init::Shape;
use wgpu_init_models::Parameter;

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    model: String,
    tensors: InOrder<Tensor>,
}

#[derive(Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<u64>,
    #[serde(default)]
    module: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Model> {
    let manifest: Manifest = serde_json::from_str(text).context("it is not a manifest")?;
    let entries = manifest.tensors.0.into_iter().map(|(name, tensor)| {
        let shape = Shape::new(tensor.shape).with_context(|| format!("tensor {name}"))?;
        Ok(Entry { parameter: Parameter { name, shape, module: tensor.module }, dtype: tensor.dtype })
    });
    Ok(Model::new(manifest.model, entries.collect::<Result<_>>()?))
}
