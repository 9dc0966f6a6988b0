//! Writes the plots and the generated blocks, or checks that they are what the records give.

use anyhow::{Result, bail};
use std::path::Path;
use wgpu_init_report::outputs::{COMMAND, Outputs};

#[expect(clippy::print_stdout, reason = "a command prints")]
fn main() -> Result<()> {
    let outputs = Outputs::new(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")))?;
    match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => outputs.write()?.iter().for_each(|path| println!("wrote or removed {path}")),
        [only] if only == "--check" => outputs.check()?,
        other => bail!("unknown arguments {other:?}; usage: {COMMAND} [-- --check]"),
    }
    Ok(())
}
