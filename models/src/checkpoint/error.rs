//! What can be wrong with a checkpoint.

use super::verify::Difference;
use std::io;

/// Why a checkpoint could not be laid out, read, drawn, written or verified. What was behind an error is its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A dtype that this crate does not write to safetensors files.
    #[error("{dtype} cannot be written to a safetensors file: choose another, e.g. f32")]
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
    /// The system gave no memory.
    #[error("there is no memory for {bytes} bytes")]
    OutOfMemory {
        /// How many were asked for.
        bytes: u64,
    },
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
    #[error("{}", if .0.is_data() { "the header is malformed" } else { "not a safetensors file: its header is no JSON" })]
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
    /// A header that is not the one that was written, although the data may be: a tensor, a shape, a name or an entry of the metadata was
    /// changed, added or dropped.
    #[error("the file is not what was written: the digest of its tensors and metadata is {found}, it was {written}")]
    OtherContents {
        /// The digest of what the file has.
        found: String,
        /// The digest that was written.
        written: String,
    },
    /// A name that means something else in a header.
    #[error("a tensor cannot be called {name}: readers take that for something else; rename it")]
    ReservedName {
        /// The name.
        name: &'static str,
    },
    /// Two tensors of one name.
    #[error("two tensors are called {name:?}; in a file names must differ")]
    DuplicateTensor {
        /// The name.
        name: String,
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
    /// A box of a tensor that does not have a range for each axis.
    #[error("a part of {ranges} ranges of a tensor of rank {rank}: give a range for each axis")]
    ShardNeedsRank {
        /// Ranges given.
        ranges: usize,
        /// The tensor's dimensions.
        rank: usize,
    },
    /// A file of other tensors than the model has: of another dtype or shape, one too many or one too few.
    #[error("{}", other_tensor(found.as_deref(), expected.as_deref()))]
    OtherTensor {
        /// Dtype and shape in the file, if it has a tensor of this name.
        found: Option<String>,
        /// Dtype and shape in the model, if it has one.
        expected: Option<String>,
    },
    /// Sizes that add up to more than 2^64 bytes.
    #[error("the {what} is larger than 2^64 bytes")]
    TooLarge {
        /// A tensor, the model, a chunk or the file.
        what: &'static str,
    },
    /// A shape that no reader of safetensors takes: they multiply its sizes and the bits of an element in 64 bits, one after the other, also
    /// where a later size is 0.
    #[error(
        "the sizes {dims:?} and {bits} bits an element, multiplied one after the other, pass 2^64: no reader of safetensors takes that"
    )]
    UnreadableShape {
        /// The sizes.
        dims: Vec<u64>,
        /// Bits of an element.
        bits: u64,
    },
    /// A process that is none of so many.
    #[error("there is no rank {rank} of {ranks}: ranks are counted from 0")]
    NoSuchRank {
        /// The rank.
        rank: u64,
        /// How many there are.
        ranks: u64,
    },
    /// Placements that cannot be read, or that a tensor cannot have.
    #[error("the placements: {reason}")]
    Placement {
        /// What is wrong.
        reason: String,
    },
    /// A mesh of another number of ranks than there are.
    #[error("the placements are for a mesh of {mesh} ranks, there are {ranks}")]
    OtherMesh {
        /// The ranks of the mesh.
        mesh: u64,
        /// Those that there are.
        ranks: u64,
    },
    /// A tensor that is to be shared, and is a part already or has its axes in another order.
    #[error("it is a part, or has its axes in another order, and cannot be shared by ranks: leave that out")]
    SharedPart,
    /// A dtype that PyTorch's distributed checkpoint does not read.
    #[error(
        "PyTorch's distributed checkpoint does not read {dtype}: choose another dtype, e.g. bf16, or the format hf"
    )]
    UnreadableDtype {
        /// The dtype, in safetensors' spelling.
        dtype: String,
    },
    /// A file of a folder that another job has made: another model, other values, another format or other sizes.
    #[error("it was made by {found}{}", other_folder(found, expected))]
    OtherFolder {
        /// What has made it.
        found: String,
        /// What is made now.
        expected: String,
    },
    /// A file of a folder whose data were changed since they were written.
    #[error("its data were changed since it was written: their digest is {found:032x}, it was {written:032x}")]
    ChangedData {
        /// The digest of what the file has.
        found: u128,
        /// The digest that was written.
        written: u128,
    },
    /// Another checkpoint's tensor of which not even the first rows can be kept.
    #[error(
        "the other checkpoint has {found}, which are not the first rows of {expected}: draw it anew, or change the model"
    )]
    KeptTensor {
        /// Dtype and shape there.
        found: String,
        /// Dtype and shape here.
        expected: String,
    },
    /// A tensor that is to come from another checkpoint, and is a part or has its axes in another order.
    #[error("a part of a tensor, or one with its axes in another order, cannot be kept from another checkpoint")]
    KeptShard,
    /// A tensor that comes from another checkpoint, which nobody reads: see [`Drawer::keeping`](super::Drawer::keeping).
    #[error("it is kept from another checkpoint, and none is read")]
    KeptUnread,
    /// Another checkpoint could not be read.
    #[error("cannot read the checkpoint that it is kept from")]
    KeptRead(#[source] io::Error),
    /// A tensor is at fault.
    #[error("tensor {}", name.escape_debug())]
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
    /// A dtype that a file has and that is not written here.
    #[error(transparent)]
    Dtype(#[from] crate::UnknownDType),
    /// Integers or bools that cannot be what is asked for.
    #[error(transparent)]
    Integers(#[from] crate::IntegersError),
    /// What the core crate refuses.
    #[error(transparent)]
    Core(#[from] wgpu_init::Error),
}

fn other_tensor(found: Option<&str>, expected: Option<&str>) -> String {
    match (found, expected) {
        (Some(found), Some(expected)) => format!("the file has {found}, the model {expected}"),
        (Some(found), None) => format!("the file has it, {found}, and the model does not"),
        (None, expected) => format!("the file lacks it, the model has {}", expected.unwrap_or("it")),
    }
}

fn other_folder(found: &str, expected: &str) -> String {
    if found == expected {
        ", of another model or with other laws or dtypes".to_owned()
    } else {
        format!(", and this is {expected}")
    }
}

impl Error {
    /// Says which tensor is at fault.
    pub(super) fn in_tensor(self, name: &str) -> Self {
        Self::Tensor { name: name.to_owned(), source: Box::new(self) }
    }
}

/// Result of this module's calls.
pub type Result<T, E = Error> = core::result::Result<T, E>;
