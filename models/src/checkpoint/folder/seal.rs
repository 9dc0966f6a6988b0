//! What a file of a folder says of itself beside its values: which folder it belongs to, and the digest of its data.
//!
//! With both, whoever finds the file knows whether it is a complete one of this job, without asking anybody and without drawing.

use crate::checkpoint::{Drawer, Error, Header, Layout, Observer, Outcome, Result, Shard, Tensor, write};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom, Write};
use wgpu_init::Seed;
use xxhash_rust::xxh3::Xxh3;

/// Digest of everything that the processes of a folder must agree on.
pub(super) const JOB: &str = "wgpu_init.job";
/// Format and sizes of the folder, for people.
pub(super) const FOLDER: &str = "wgpu_init.folder";
/// XXH3-128 of the data section.
pub(super) const DIGEST: &str = "wgpu_init.digest";

/// Where the parts of a file begin in their tensors, for PyTorch's distributed checkpoint.
pub(super) const SHARDING: &str = "DCP_SHARDING_INFO";

/// The dtypes that its reader knows, in safetensors' spelling.
pub(super) const READABLE: [&str; 9] = ["F16", "BF16", "F32", "F64", "I8", "U8", "I16", "I32", "I64"];

/// Bytes read at a time.
const STEP: usize = 4 << 20;

impl Header {
    /// The digest of the data section that a file of a [`Folder`](super::Folder) carries.
    #[must_use]
    pub fn digest(&self) -> Option<u128> {
        self.metadata().get(DIGEST).and_then(|text| u128::from_str_radix(text, 16).ok())
    }

    /// Which job has written a file of a [`Folder`](super::Folder): a digest of model, values and format.
    #[must_use]
    pub fn job(&self) -> Option<&str> {
        self.metadata().get(JOB).map(String::as_str)
    }

    /// Format and sizes of the [`Folder`](super::Folder) that a file belongs to, for people.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        self.metadata().get(FOLDER).map(String::as_str)
    }
}

/// Where each tensor of a file begins in its whole, as PyTorch's distributed checkpoint reads it.
pub(super) fn offsets(layout: &Layout) -> Result<String> {
    #[derive(Serialize)]
    struct Offsets {
        saved_offsets: Vec<u64>,
    }
    let offsets = |(tensor, _): &(Tensor, _)| {
        let whole = || vec![0; tensor.shape().dims().len()];
        let starts = |shard: &Shard| shard.ranges().iter().map(|range| range.start).collect();
        (tensor.name().to_owned(), Offsets { saved_offsets: tensor.shard().map_or_else(whole, starts) })
    };
    let all: BTreeMap<_, _> = layout.tensors().iter().map(offsets).collect();
    serde_json::to_string(&all).map_err(|_| Error::TooLarge { what: "model" })
}

/// The header with a digest. Its length does not depend on the digest.
pub(super) fn header(layout: &Layout, metadata: &BTreeMap<String, String>, digest: u128) -> Result<Vec<u8>> {
    let mut metadata = metadata.clone();
    metadata.insert(DIGEST.to_owned(), format!("{digest:032x}"));
    layout.header(&metadata)
}

/// Writes a file, and the digest of its data into its header at last. What breaks off before that has a header that no file has.
pub(super) fn write_sealed(
    layout: &Layout,
    metadata: &BTreeMap<String, String>,
    seed: Seed,
    drawer: &mut Drawer<'_>,
    output: &mut (impl Write + Seek + Send),
    observe: &Observer<'_>,
) -> Result<(Outcome, Vec<u8>)> {
    let mut unsealed = header(layout, metadata, 0)?;
    // No length of a header: nobody takes it for a file.
    unsealed[..8].fill(0xFF);
    let outcome = write(layout, &unsealed, seed, drawer, output, observe)?;
    let sealed = header(layout, metadata, outcome.digest)?;
    output.seek(SeekFrom::Start(0)).and_then(|_| output.write_all(&sealed)).map_err(Error::Write)?;
    Ok((outcome, sealed))
}

/// The digest of data of so many bytes.
pub(super) fn digest(mut data: impl Read, size: u64, observe: &Observer<'_>) -> Result<u128> {
    let mut digest = Xxh3::new();
    let mut buffer = vec![0; STEP];
    let mut left = size;
    while left > 0 {
        let step = usize::try_from(left).map_or(STEP, |left| left.min(STEP));
        data.read_exact(&mut buffer[..step]).map_err(Error::Read)?;
        digest.update(&buffer[..step]);
        left -= step as u64;
        if observe(step as u64).is_break() {
            return Err(Error::Cancelled);
        }
    }
    Ok(digest.digest128())
}
