//! A manifest: names, dtypes, shapes and module classes as JSON.

use super::in_order::InOrder;
use super::{Entry, Model, Name};
use anyhow::{Context, Result};
use serde::Deserialize;
use wgpu_init::Shape;
use wgpu_init_models::Parameter;

/// The format, for whoever has to write one.
pub(crate) const EXAMPLE: &str =
    r#"{"model": "torch-default", "tensors": {"fc.weight": {"dtype": "F32", "shape": [10, 64], "module": "Linear"}}}"#;

#[derive(Deserialize)]
struct Manifest {
    model: Option<String>,
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
    let manifest: Manifest =
        serde_json::from_str(text).with_context(|| format!("it is not a manifest, which reads like {EXAMPLE}"))?;
    let entries = manifest.tensors.0.into_iter().map(|(name, tensor)| {
        let shape = Shape::new(tensor.shape).with_context(|| format!("tensor {name}"))?;
        Ok(Entry { parameter: Parameter { name, shape, module: tensor.module }, dtype: tensor.dtype })
    });
    Ok(Model::new(Name::Manifest(manifest.model), entries.collect::<Result<_>>()?))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_manifest_and_documented() {
        let model = read(EXAMPLE).unwrap();
        assert!(matches!(model.name, Name::Manifest(Some(name)) if name == "torch-default"));
        assert_eq!(model.entries[0].parameter.module.as_deref(), Some("Linear"));
        assert!(include_str!("../../README.md").contains(EXAMPLE), "the README shows another one");
        read(r#"{"tensors": {"w": {"dtype": "F32", "shape": [1]}}}"#).unwrap();
    }
}
