//! `words`: raw Philox words of one stream, or of several in turn, on standard output.

use crate::args::{WordFormat, WordsArguments};
use crate::{interrupt, terminal};
use anyhow::{Context, Result};
use rayon::prelude::*;
use std::io::{self, Write};
use wgpu_init::value::word::{Purpose, block_words};
use wgpu_init::{Seed, Stream};

/// Bytes made at a time, about.
const STEP: usize = 4 << 20;
/// Those that one thread makes at a time, about.
const TASK: usize = 64 << 10;
const WORD: usize = size_of::<u32>();

pub(crate) fn run(arguments: &WordsArguments) -> Result<()> {
    let (keys, offset) = (arguments.keys.get(), arguments.offset);
    let end = arguments.count.end(offset).context("offset + count is past the largest index, 2^64 - 1")?;
    arguments.keys.say_default();
    let mut out = terminal::stdout();
    // A turn is one word of each stream. Whole blocks are made, and the first and the last one cut.
    let turn = WORD * keys.len();
    let mut bytes = vec![0; (STEP / (4 * turn)).max(1) * 4 * turn];
    let most = (bytes.len() / turn) as u64;
    let mut start = offset;
    while start < end {
        interrupt::check()?;
        let (block, skipped) = (start >> 2, start & 3);
        let turns = (end - start).min(most - skipped);
        let [from, to] = [skipped, skipped + turns].map(|turns| usize::try_from(turns).unwrap_or(usize::MAX) * turn);
        let whole = to.next_multiple_of(4 * turn);
        fill(&keys, block, &mut bytes[..whole]);
        write(&mut out, &bytes[from..to], arguments.format)?;
        start += turns;
    }
    out.flush()?;
    Ok(())
}

/// Whole blocks from one on: word 0 of it of each stream in turn, then word 1, and so on.
fn fill(keys: &[(Seed, Stream)], first: u64, bytes: &mut [u8]) {
    let (turn, size) = (WORD * keys.len(), 4 * WORD * keys.len());
    let blocks = (TASK / size).max(1);
    bytes.par_chunks_mut(blocks * size).enumerate().for_each(|(task, bytes)| {
        let first = first + (task * blocks) as u64;
        for (block, bytes) in (first..).zip(bytes.chunks_exact_mut(size)) {
            for (at, (seed, stream)) in keys.iter().enumerate() {
                let words = block_words(seed.get(), stream.get(), Purpose::Values, block);
                for (word, bytes) in words.into_iter().zip(bytes.chunks_exact_mut(turn)) {
                    bytes[at * WORD..][..WORD].copy_from_slice(&word.to_le_bytes());
                }
            }
        }
    });
}

fn write(out: &mut impl Write, bytes: &[u8], format: WordFormat) -> io::Result<()> {
    match format {
        WordFormat::Raw => out.write_all(bytes),
        WordFormat::Hex => {
            let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
            bytes.chunks_exact(WORD).try_for_each(|bytes| writeln!(out, "{:08x}", word(bytes)))
        }
    }
}
