//! XXH3-128, the digest that the command prints of checkpoints.

use crate::Memory;
use wasm_bindgen::prelude::wasm_bindgen;
use xxhash_rust::xxh3::Xxh3;

/// A digest in the making.
#[wasm_bindgen]
#[derive(Default)]
pub struct Digest(Xxh3);

#[wasm_bindgen]
impl Digest {
    /// Of no bytes yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the first bytes of some memory.
    pub fn update(&mut self, memory: &Memory, length: usize) {
        self.0.update(memory.bytes.get(..length).unwrap_or(&memory.bytes));
    }

    /// The digest of all that was taken: 32 hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:032x}", self.0.digest128())
    }
}
