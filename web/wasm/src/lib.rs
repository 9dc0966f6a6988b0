//! The library for JavaScript: tensors, plans of their fills as data, and the CPU executor. `web/js` makes the package's calls of it.
//!
//! There is no wgpu in it. A plan is run on the caller's `GPUDevice` by a few dozen lines of JavaScript (`docs/decisions/0017`).

mod digest;
mod memory;
mod plan;
mod tensor;

pub use digest::Digest;
pub use memory::Memory;
pub use plan::Plan;
pub use tensor::{Layout, Tensor, stream_of};

use wasm_bindgen::prelude::wasm_bindgen;
use wgpu_init::value::normal::TABLE;

/// The version of the values.
#[wasm_bindgen]
#[must_use]
pub fn values_version() -> u32 {
    wgpu_init::VALUES_VERSION
}

/// The quantile table that kernels of normal laws bind.
#[wasm_bindgen]
#[must_use]
pub fn quantile_table() -> Vec<u8> {
    // Not TABLE_BYTES: the module would hold the table twice.
    TABLE.as_flattened().iter().flat_map(|word| word.to_le_bytes()).collect()
}
