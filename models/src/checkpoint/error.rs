//! What can be wrong with a checkpoint.

use super::verify::Difference;
use std::io;

/// Why a checkpoint could not be laid out, read, drawn, written or verified. What was behind an error is its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A dtype that this crate does not write to safetensors files.
    #[error("{dtype} cannot be written to a safetensors file: choose f32, f16 or bf16")]
    UnwritableDtype {
        /// The dtype.
        dtype: wgpu_init::DType,
    },
    /// The observer asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// Reading failed.
    #[error("cannot read the checkpoint")]
    Read(#[source] io::Error),
    /// Writing failed.
    #[error("cannot write the checkpoint")]
    Write(#[source] io::Error),
    /// The system gave no thread.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    /// The device failed.
    #[error("the device did not finish a chunk: {reason}")]
    Device {
        /// What it said.
        reason: String,
    },
    /// More chunks were asked for than a [`Drawer`](super::Drawer) has: give one back first.
    #[error("no chunk is left: give one back first")]
    NoChunk,
    /// A chunk that a [`Drawer`](super::Drawer) has no room for.
    #[error("a chunk of {size} bytes was asked for, the largest has {most}")]
    ChunkTooLarge {
        /// Bytes asked for.
        size: u64,
        /// Bytes there can be.
        most: u64,
    },
    /// A header that is none.
    #[error("{reason}")]
    Header {
        /// What is wrong.
        reason: String,
    },
    /// A header that is no JSON of tensors.
    #[error("the header is malformed")]
    MalformedHeader(#[source] serde_json::Error),
    /// More or less data than the header describes.
    #[error("the header describes {described} bytes, the file has {size}")]
    Incomplete {
        /// The file's size by the header.
        described: u64,
        /// The file's size.
        size: u64,
    },
    /// Metadata that do not say how a checkpoint was initialised.
    #[error("{reason}")]
    Metadata {
        /// What is missing or wrong.
        reason: String,
    },
    /// A part of a tensor that is no block of rows.
    #[error("elements {start}..{end} are no whole rows of {row} elements")]
    PartOfRow {
        /// First element.
        start: u64,
        /// One past the last element.
        end: u64,
        /// Elements of a row.
        row: u64,
    },
    /// Sizes that add up to more than 2^64 bytes.
    #[error("the {what} is larger than 2^64 bytes")]
    TooLarge {
        /// A tensor, the model, a chunk or the file.
        what: &'static str,
    },
    /// A tensor is at fault.
    #[error("tensor {name}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        #[source]
        source: Box<Self>,
    },
    /// The data are not what the metadata say.
    #[error(transparent)]
    Differs(Box<Difference>),
    /// What the core crate refuses.
    #[error(transparent)]
    Core(#[from] wgpu_init::Error),
}

impl Error {
    /// Says which tensor is at fault.
    pub(super) fn in_tensor(self, name: &str) -> Self {
        Self::Tensor { name: name.to_owned(), source: Box::new(self) }
    }
}

/// Result of this module's calls.
pub type Result<T, E = Error> = core::result::Result<T, E>;
