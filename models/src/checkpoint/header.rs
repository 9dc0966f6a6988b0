//! The header of a safetensors file: checked, and read without the data behind it.

use super::{Error, Result};
use safetensors::tensor::Metadata;
use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;
use wgpu_init::Shape;

/// Largest header that `safetensors` accepts.
const MOST_HEADER_BYTES: u64 = 100_000_000;

/// What stands in front of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    tensors: Vec<StoredTensor>,
    metadata: HashMap<String, String>,
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
    /// # Errors
    /// [`Error::Read`], [`Error::Header`], [`Error::MalformedHeader`]; [`Error::Tensor`] for a shape that is none.
    pub fn read(mut file: impl Read) -> Result<Self> {
        let invalid = |reason: String| Error::Header { reason };
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => invalid("the file is shorter than its header's length".to_owned()),
            _ => Error::Read(error),
        })?;
        let length = u64::from_le_bytes(length);
        if length > MOST_HEADER_BYTES {
            let most = MOST_HEADER_BYTES;
            return Err(invalid(format!("the header claims {length} bytes, at most {most} are allowed")));
        }
        let mut header = Vec::new();
        let got = file.take(length).read_to_end(&mut header).map_err(Error::Read)?;
        if got as u64 != length {
            return Err(invalid(format!("the header claims {length} bytes, the file has {got} after it")));
        }
        let metadata: Metadata = serde_json::from_slice(&header).map_err(Error::MalformedHeader)?;
        let start = 8 + length;
        let mut tensors = Vec::new();
        let mut end = start;
        for name in metadata.offset_keys() {
            let Some(info) = metadata.info(&name) else { continue };
            let dims: Vec<u64> = info.shape.iter().map(|dim| *dim as u64).collect();
            let shape = Shape::new(dims).map_err(|error| Error::from(error).in_tensor(&name))?;
            let at = |offset: usize| start.checked_add(offset as u64).ok_or(Error::TooLarge { what: "file" });
            let bytes = at(info.data_offsets.0)?..at(info.data_offsets.1)?;
            end = bytes.end;
            tensors.push(StoredTensor { name, shape, dtype: info.dtype.to_string(), bytes });
        }
        Ok(Self { tensors, metadata: metadata.metadata().clone().unwrap_or_default(), end })
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
    pub const fn metadata(&self) -> &HashMap<String, String> {
        &self.metadata
    }

    /// Checks that a file of `size` bytes has the data that the header describes, no more and no less.
    ///
    /// # Errors
    /// [`Error::Incomplete`].
    pub const fn check_size(&self, size: u64) -> Result<()> {
        if self.end == size { Ok(()) } else { Err(Error::Incomplete { described: self.end, size }) }
    }
}
