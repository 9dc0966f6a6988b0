//! `words`: raw Philox words on standard output.

use crate::args::WordsArguments;
use crate::{interrupt, terminal};
use anyhow::{Context, Result};
use std::io::Write;
use wgpu_init::value::word::value_word;

pub(crate) fn run(arguments: &WordsArguments) -> Result<()> {
    let (seed, stream) = (arguments.seed.get(), arguments.stream.get().get());
    let start = arguments.offset;
    let end = start.checked_add(arguments.count).context("offset + count is past the largest index, 2^64 - 1")?;
    arguments.stream.say_default();
    let mut out = terminal::stdout();
    for index in start..end {
        if index % (1 << 16) == 0 {
            interrupt::check()?;
        }
        writeln!(out, "{:08x}", value_word(seed, stream, index))?;
    }
    out.flush()?;
    Ok(())
}
