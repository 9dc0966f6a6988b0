//! Does a checkpoint hold what its metadata says?

use super::draw::Drawer;
use super::{Error, Layout, Observer, Result, Shard};
use crate::StoredDType;
use core::fmt;
use std::io::Read;
use wgpu_init::Seed;
use xxhash_rust::xxh3::Xxh3;

/// The first element that is not what the metadata says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The tensor's name.
    pub tensor: String,
    /// Row-major position.
    pub element: u64,
    /// The same as coordinates.
    pub coordinates: Vec<u64>,
    /// The tensor's dtype.
    pub dtype: StoredDType,
    /// The file's bits.
    pub stored: u64,
    /// The bits that it should hold.
    pub expected: u64,
    /// What of a whole tensor the file has and in which order, if that is not all in row-major order: position and coordinates count in
    /// it.
    pub shard: Option<Shard>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tensor, element, coordinates, dtype, stored, expected, shard } = self;
        let digits = usize::try_from(2 * dtype.size()).unwrap_or(16);
        let value = |bits: u64| format!("{} (0x{bits:0digits$x})", dtype.number(bits));
        let (stored, expected) = (value(*stored), value(*expected));
        let tensor = tensor.escape_debug();
        let of = shard.as_ref().map_or_else(String::new, |shard| {
            let part = if shard.is_part() { "its part " } else { "" };
            format!(" of {part}{shard}")
        });
        write!(
            f,
            "tensor {tensor}, element {element} {coordinates:?}{of}: the file holds {stored}, expected {expected}"
        )
    }
}

impl std::error::Error for Difference {}

/// Draws the data section again and compares it bit by bit with `data`, which begins at its first byte. Gives its digest, XXH3-128, as
/// writing it did. What is [kept](super::Tensor::keeping) from another checkpoint is compared with that if the drawer
/// [has it](Drawer::keeping), and only digested if not.
///
/// # Errors
/// [`Error::Differs`] with the first element that differs; [`Error::Read`]; [`Error::Cancelled`]; what drawing gives.
pub fn verify(
    layout: &Layout,
    seed: Seed,
    mut data: impl Read,
    drawer: &mut Drawer<'_>,
    observe: &Observer<'_>,
) -> Result<u128> {
    let mut digest = Xxh3::new();
    let mut stored = Vec::new();
    let mut start = 0;
    while start < layout.size() {
        if observe(0).is_break() {
            return Err(Error::Cancelled);
        }
        let end = layout.chunk_end(start, drawer.chunk());
        let chunk = start..end;
        let expected = if layout.is_kept(&chunk) && !drawer.keeps() {
            None
        } else {
            layout.begin(seed, &chunk, drawer)?;
            Some(drawer.finish()?)
        };
        // No more than a chunk.
        stored.resize(usize::try_from(end - start).unwrap_or(usize::MAX), 0);
        data.read_exact(&mut stored).map_err(Error::Read)?;
        digest.update(&stored);
        if let Some(expected) = expected {
            if *expected != *stored {
                return Err(difference(layout, start, &expected, &stored));
            }
            drawer.give_back(expected);
        }
        if observe(end - start).is_break() {
            return Err(Error::Cancelled);
        }
        start = end;
    }
    Ok(digest.digest128())
}

/// Says which element differs first.
fn difference(layout: &Layout, start: u64, expected: &[u8], stored: &[u8]) -> Error {
    let at = expected.iter().zip(stored).position(|(a, b)| a != b).unwrap_or(0);
    let byte = start + at as u64;
    let found = layout.tensors().iter().find(|(_, bytes)| bytes.contains(&byte));
    let Some((tensor, bytes)) = found else {
        return Error::Header { reason: format!("byte {byte} belongs to no tensor") };
    };
    let dtype = tensor.dtype();
    let offset = (byte - bytes.start) % dtype.size();
    let element = (byte - bytes.start) / dtype.size();
    // Chunks are cut between elements.
    let first = at.saturating_sub(usize::try_from(offset).unwrap_or(0));
    let bits = |bytes: &[u8]| {
        let element = bytes.iter().skip(first).take(usize::try_from(dtype.size()).unwrap_or(0));
        element.rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte))
    };
    Error::Differs(Box::new(Difference {
        tensor: tensor.name().to_owned(),
        element,
        coordinates: coordinates(tensor.shape().dims(), element),
        dtype,
        stored: bits(stored),
        expected: bits(expected),
        shard: tensor.shard().cloned(),
    }))
}

/// A row-major position as coordinates.
fn coordinates(dims: &[u64], mut element: u64) -> Vec<u64> {
    let mut coordinates: Vec<u64> = dims
        .iter()
        .rev()
        .map(|dim| {
            let coordinate = element % dim;
            element /= dim;
            coordinate
        })
        .collect();
    coordinates.reverse();
    coordinates
}
