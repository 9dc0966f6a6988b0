//! Bytes of the module's memory, which JavaScript sees as a `Uint8Array` at an address.

use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// Bytes that the CPU executor writes and JavaScript copies.
#[wasm_bindgen]
pub struct Memory {
    pub(crate) bytes: Vec<u8>,
}

#[wasm_bindgen]
impl Memory {
    /// So many bytes.
    ///
    /// # Errors
    /// If there is not so much memory.
    #[wasm_bindgen(constructor)]
    pub fn new(length: usize) -> Result<Self, JsError> {
        let mut bytes = Vec::new();
        let failed = |_| JsError::new(&format!("there are no {length} bytes of memory left for the CPU executor"));
        bytes.try_reserve_exact(length).map_err(failed)?;
        bytes.resize(length, 0);
        Ok(Self { bytes })
    }

    /// Where they begin.
    #[must_use]
    pub fn address(&self) -> usize {
        self.bytes.as_ptr().addr()
    }
}
