//! Which streams of random numbers, and how many elements of each.

use crate::args::{parse_seed, parse_u64};
use crate::terminal;
use clap::Args;
use wgpu_init::{Seed, Stream};

/// Which stream of random numbers; 0 unless one is named.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub(crate) struct StreamArguments {
    /// The stream of the parameter of this name
    #[arg(long, value_parser = parse_name)]
    name: Option<Stream>,
    /// The stream of this number: decimal or 0x…
    #[arg(long, value_parser = parse_stream, allow_hyphen_values = true)]
    stream: Option<Stream>,
}

impl StreamArguments {
    pub(crate) fn get(self) -> Stream {
        self.name.or(self.stream).unwrap_or_default()
    }
}

/// Which streams of random numbers: each one named, with each seed.
#[derive(Debug, Args)]
pub(crate) struct KeysArguments {
    /// Seed: decimal or 0x…. Seeds and names may be repeated; then one element of each stream comes in turn, all names of the first
    /// seed, those of the second, and so on, and then the next element of each
    #[arg(long = "seed", value_name = "SEED", default_value = "0", value_parser = parse_seed, allow_hyphen_values = true)]
    seeds: Vec<Seed>,
    /// The stream of the parameter of this name; may be repeated
    #[arg(long = "name", value_name = "NAME", conflicts_with = "streams", value_parser = parse_name)]
    names: Vec<Stream>,
    /// The stream of this number: decimal or 0x…; may be repeated
    #[arg(long = "stream", value_name = "STREAM", value_parser = parse_stream, allow_hyphen_values = true)]
    streams: Vec<Stream>,
}

impl KeysArguments {
    /// At least one, in the order of their elements.
    pub(crate) fn get(&self) -> Vec<(Seed, Stream)> {
        let streams = match (&*self.names, &*self.streams) {
            ([], []) => &[Stream::new(0)],
            ([], streams) => streams,
            (names, _) => names,
        };
        self.seeds.iter().flat_map(|seed| streams.iter().map(|stream| (*seed, *stream))).collect()
    }

    /// Says on standard error which stream it is if none was asked for: a parameter of a model has that of its name.
    pub(crate) fn say_default(&self) {
        if self.names.is_empty() && self.streams.is_empty() {
            terminal::say("note", "stream 0; --name NAME takes that of a model's parameter");
        }
    }
}

/// How many elements of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Exactly(u64),
    /// Until the reader leaves.
    Endless,
}

impl Count {
    /// The index after the last element; none past 2^64 - 1.
    pub(crate) const fn end(self, offset: u64) -> Option<u64> {
        match self {
            Self::Exactly(count) => offset.checked_add(count),
            Self::Endless => Some(u64::MAX),
        }
    }
}

pub(crate) fn parse_count(text: &str) -> Result<Count, String> {
    if text == "inf" {
        return Ok(Count::Endless);
    }
    parse_u64(text).map(Count::Exactly).map_err(|error| format!("{error}, or inf"))
}

fn parse_stream(text: &str) -> Result<Stream, String> {
    parse_u64(text).map(Stream::new)
}

// The signatures are clap's.
#[expect(clippy::unnecessary_wraps, reason = "a value parser is fallible by type")]
fn parse_name(text: &str) -> Result<Stream, String> {
    Ok(Stream::from_name(text))
}
