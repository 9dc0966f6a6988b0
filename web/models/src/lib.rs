//! Whole models for the page, beside all that `wgpu-init-wasm` has. It is a module of its own, since most visitors need none.

use wasm_bindgen::prelude::{JsError, wasm_bindgen};
use wgpu_init::{DType, Seed};
use wgpu_init_models::Config;
use wgpu_init_models::checkpoint::{Layout, Origin, Scheme, Tensor};

/// A model that is described by a Hugging Face `config.json`, initialised by its recipe, in the layout of its checkpoint.
#[wasm_bindgen]
pub struct Model {
    layout: Layout,
    header: Vec<u8>,
    seed: Seed,
}

#[wasm_bindgen]
impl Model {
    /// Reads a `config.json`.
    ///
    /// # Errors
    /// What the library says of it.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, seed: u64) -> Result<Self, JsError> {
        let (config, seed) = (config.parse::<Config>()?, Seed::new(seed));
        let assigned = config.recipe().assign(config.parameters(), config.variables())?;
        let tensors = assigned.list.into_iter().map(|assignment| Tensor::new(assignment, DType::F32));
        let layout = Layout::new(tensors.collect::<Result<_, _>>()?)?;
        let origin = Origin::new(seed, None, &Scheme::Recipe(config.recipe()), &layout);
        let header = layout.header(&origin.metadata()?)?;
        Ok(Self { layout, header, seed })
    }

    /// How many tensors the checkpoint has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.layout.tensors().len()
    }

    /// What stands before the tensors in the checkpoint.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        self.header.clone()
    }

    /// The name of a tensor, its shape and its law, in the order of the checkpoint. Nothing behind the last.
    #[must_use]
    pub fn describe(&self, at: usize) -> Vec<String> {
        let Some((tensor, _)) = self.layout.tensors().get(at) else { return Vec::new() };
        let shape: Vec<_> = tensor.shape().dims().iter().map(u64::to_string).collect();
        let law = tensor.assignment().drawn().map_or_else(String::new, |drawn| drawn.distribution.to_string());
        vec![tensor.name().to_owned(), shape.join(" × "), law]
    }

    /// A tensor, to be drawn.
    ///
    /// # Errors
    /// If there is none, or if it is not drawn.
    pub fn tensor(&self, at: usize) -> Result<wgpu_init_wasm::Tensor, JsError> {
        let tensor = self.layout.tensors().get(at).map(|(tensor, _)| tensor);
        let tensor = tensor.ok_or_else(|| JsError::new("there is no such tensor"))?;
        let elements = tensor.shape().elements();
        let fills = tensor.assignment().fills(self.seed, DType::F32, 0..elements, 0);
        if fills.is_empty() {
            return Err(JsError::new(&format!("{} has integers", tensor.name())));
        }
        Ok(wgpu_init_wasm::Tensor::of(fills, DType::F32, elements))
    }
}
