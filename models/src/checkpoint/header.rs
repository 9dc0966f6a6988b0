//! The header of a safetensors file: checked, and read without the data behind it.

use super::contents::{Contents, identity};
use super::origin::SHARDS;
use super::{Error, Result, json};
use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;
use wgpu_init::Shape;

/// Largest header that `safetensors` accepts.
pub(super) const MOST_HEADER_BYTES: u64 = 100_000_000;
/// The member of the header that is no tensor.
pub(super) const METADATA: &str = "__metadata__";

/// What stands in front of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    tensors: Vec<StoredTensor>,
    metadata: BTreeMap<String, String>,
    start: u64,
    end: u64,
}

/// A tensor as a header lists it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredTensor {
    /// The name.
    pub name: String,
    /// The shape.
    pub shape: Shape,
    /// The dtype in safetensors' spelling, e.g. `BF16`.
    pub dtype: String,
    /// Bytes of the file.
    pub bytes: Range<u64>,
}

impl Header {
    /// Reads a header, and not a byte more: the reader stands at the first byte of the data then.
    ///
    /// Tensors must lie one behind the other without a gap, as `safetensors` asks, and no entry may appear twice.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Header`], [`Error::MalformedHeader`]; [`Error::Tensor`] for a shape that is none.
    pub fn read(mut file: impl Read) -> Result<Self> {
        let invalid = |reason: String| Error::Header { reason };
        let mut first = [0; 8];
        file.read_exact(&mut first).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                invalid("not a safetensors file: it is shorter than the eight bytes it would begin with".to_owned())
            }
            _ => Error::Read(error),
        })?;
        let length = u64::from_le_bytes(first);
        if length > MOST_HEADER_BYTES {
            let most = MOST_HEADER_BYTES;
            let reason =
                format!("not a safetensors file: its header claims {length} bytes, at most {most} are allowed");
            return Err(invalid(other_format(&first).unwrap_or(reason)));
        }
        // Growing to a length that is known would take up to three times as much.
        let mut header = Vec::new();
        let reserved = usize::try_from(length).is_ok_and(|length| header.try_reserve_exact(length).is_ok());
        if !reserved {
            return Err(Error::OutOfMemory { bytes: length });
        }
        let got = file.take(length).read_to_end(&mut header).map_err(Error::Read)?;
        if got as u64 != length {
            let reason = format!(
                "not a safetensors file, or not all of it: its header claims {length} bytes, the file has {got} of them"
            );
            return Err(invalid(other_format(&first).unwrap_or(reason)));
        }
        let json::Header { tensors: listed, metadata } =
            serde_json::from_slice(&header).map_err(Error::MalformedHeader)?;
        let start = 8 + length;
        let mut end = start;
        let mut tensors = Vec::with_capacity(listed.len());
        for json::Listed { name, info } in listed {
            let shape = Shape::new(info.shape).map_err(|error| Error::from(error).in_tensor(&name))?;
            let at = |offset: u64| start.checked_add(offset).ok_or(Error::TooLarge { what: "file" });
            let bytes = at(info.data_offsets.0)?..at(info.data_offsets.1)?;
            end = bytes.end;
            tensors.push(StoredTensor { name, shape, dtype: info.dtype.to_string(), bytes });
        }
        Ok(Self { tensors, metadata, start, end })
    }

    /// The tensors in file order; their bytes are contiguous.
    #[must_use]
    pub fn tensors(&self) -> &[StoredTensor] {
        &self.tensors
    }

    /// The tensors alone.
    #[must_use]
    pub fn into_tensors(self) -> Vec<StoredTensor> {
        self.tensors
    }

    /// The entries of `__metadata__`.
    #[must_use]
    pub const fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Whether the metadata say that the file has only a part of some tensors, or their axes in another order: their shapes are no
    /// model's then.
    #[must_use]
    pub fn has_shards(&self) -> bool {
        self.metadata.contains_key(SHARDS)
    }

    /// Checks that a file of `size` bytes has the data that the header describes, no more and no less.
    ///
    /// # Errors
    /// [`Error::Incomplete`].
    pub const fn check_size(&self, size: u64) -> Result<()> {
        if self.end == size { Ok(()) } else { Err(Error::Incomplete { described: self.end, size }) }
    }

    /// One digest of the whole checkpoint, XXH3-128: of the names, shapes, dtypes, places and laws that the header lists, and of its data,
    /// whose own digest is given. Two files with the same digest hold the same tensors.
    #[must_use]
    pub fn identity(&self, data: u128) -> u128 {
        identity(&self.contents().text_of(), data)
    }

    /// Where the data section begins.
    pub(super) const fn data(&self) -> u64 {
        self.start
    }

    /// The digest of what the header says.
    pub(super) fn contents(&self) -> Contents {
        let mut contents = Contents::new(&self.metadata);
        for StoredTensor { name, shape, dtype, bytes } in &self.tensors {
            contents.add(name, dtype, shape.dims(), &(bytes.start - self.start..bytes.end - self.start));
        }
        contents
    }
}

/// What a file is whose first eight bytes are no length of a header, where that can be told: people meet some kinds again and again.
fn other_format(first: &[u8; 8]) -> Option<String> {
    let kind = match first {
        [b'v', b'e', b'r', b's', b'i', b'o', b'n', b' '] => {
            "it is a pointer of Git LFS: get the file itself, e.g. by `git lfs pull`"
        }
        [b'P', b'K', 3, 4, ..] | [0x80, 2..=5, ..] => {
            "it is a pickled checkpoint of PyTorch: convert it to safetensors"
        }
        [b'G', b'G', b'U', b'F', ..] => "it is a GGUF file",
        [b'<', ..] => "it is HTML or XML, as a download that went wrong leaves",
        [b'{' | b'[', ..] => "it is JSON",
        _ => return None,
    };
    Some(format!("not a safetensors file: {kind}"))
}
