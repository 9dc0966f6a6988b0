//! Writes the JavaScript that belongs to a compiled module: `bindgen MODULE.wasm NAME FOLDER`. It is what the command `wasm-bindgen` does,
//! without what that command compiles for its tests in browsers.

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, name, folder] = &arguments[..] else { anyhow::bail!("bindgen MODULE.wasm NAME FOLDER") };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(name).web(true)?.typescript(false).omit_default_module_path(true);
    bindgen.generate(folder).with_context(|| format!("cannot write the glue of {module}"))
}
