//! Statistical evidence: what a user would ask of a random generator, at sizes for which `tests/statistics.rs` has no time, each test
//! beside implementations that are wrong on purpose, of which each statistic must catch one. `./check --statistics` runs it and writes
//! `docs/statistics.md`; each ordinary run of the tests does the same with a 256th of the numbers, and without the verdict on what is
//! wrong, for which they may be too few.

#[path = "../support/mod.rs"]
mod support;

mod matrices;
mod names;
mod normals;
mod pairs;
mod sequence;
mod table;

use table::{Level, Row};
use wgpu_init::value::philox::philox4x32;
use wgpu_init::value::word::{Purpose, block_words, halves};

/// What gives the block of (seed, stream, block).
trait Blocks: Fn(u64, u64, u64) -> [u32; 4] + Sync {}
impl<F: Fn(u64, u64, u64) -> [u32; 4] + Sync> Blocks for F {}

/// The value contract.
fn contract(seed: u64, stream: u64, block: u64) -> [u32; 4] {
    block_words(seed, stream, Purpose::Values, block)
}

/// The same with fewer rounds.
fn rounds<const ROUNDS: u32>(seed: u64, stream: u64, block: u64) -> [u32; 4] {
    let ([low, high], [stream_low, stream_high]) = (halves(block), halves(stream));
    philox4x32(ROUNDS, [low, high, stream_low, stream_high], halves(seed))
}

fn rows(level: Level) -> Vec<Row> {
    let mut rows = normals::rows(level);
    rows.extend(sequence::rows(level));
    rows.extend(pairs::rows(level));
    rows.extend(matrices::rows(level));
    rows.extend(names::rows(level));
    rows
}

#[test]
fn a_256th_of_the_evidence() {
    table::publish(&rows(Level::Short), Level::Short);
}

#[test]
#[ignore = "minutes: ./check --statistics"]
fn statistics() {
    table::publish(&rows(Level::Full), Level::Full);
}
