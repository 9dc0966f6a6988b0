//! Writes the plots and the generated blocks, or checks that they are what the records give.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints")]

use anyhow::{Result, bail};
use std::path::Path;
use std::process::ExitCode;
use wgpu_init_report::outputs::{COMMAND, Outputs};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let check = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [only] if only == "--check" => true,
        other => bail!("unknown arguments {other:?}; usage: {COMMAND} [-- --check]"),
    };
    let outputs = Outputs::new(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")))?;
    for note in outputs.notes() {
        eprintln!("note: {note}");
    }
    if check {
        return outputs.check();
    }
    for change in outputs.write()? {
        println!("{change}");
    }
    Ok(())
}
