//! Reading a safetensors file: the header is checked, the data stays on disk.

use anyhow::{Context, Result, bail, ensure};
use safetensors::tensor::Metadata;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use wgpu_init::Shape;

/// Largest header that `safetensors` accepts.
const MOST_HEADER_BYTES: u64 = 100_000_000;

/// An open file.
#[derive(Debug)]
pub(crate) struct OpenCheckpoint {
    pub(crate) file: File,
    /// In file order.
    pub(crate) tensors: Vec<StoredTensor>,
    pub(crate) metadata: HashMap<String, String>,
}

/// A tensor of an open file.
#[derive(Debug)]
pub(crate) struct StoredTensor {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) dtype: safetensors::Dtype,
    /// Bytes of the file.
    pub(crate) bytes: Range<u64>,
}

/// Opens a file and reads its header.
pub(crate) fn open(path: &Path) -> Result<OpenCheckpoint> {
    read(path).with_context(|| format!("cannot read the safetensors file {}", path.display()))
}

fn read(path: &Path) -> Result<OpenCheckpoint> {
    let mut file = File::open(path)?;
    let mut length = [0; 8];
    file.read_exact(&mut length).context("the file is shorter than its header's length")?;
    let length = u64::from_le_bytes(length);
    ensure!(length <= MOST_HEADER_BYTES, "the header claims {length} bytes, at most {MOST_HEADER_BYTES} are allowed");
    let mut header = Vec::new();
    let got = file.by_ref().take(length).read_to_end(&mut header)?;
    ensure!(got as u64 == length, "the header claims {length} bytes, the file has {got} after it");
    let metadata: Metadata = serde_json::from_slice(&header).context("the header is malformed")?;
    let start = 8 + length;
    let mut tensors = Vec::new();
    for name in metadata.offset_keys() {
        let info = metadata.info(&name).context("a tensor without an entry")?;
        let dims: Vec<u64> = info.shape.iter().map(|dim| *dim as u64).collect();
        let shape = Shape::new(dims).with_context(|| format!("tensor {name}"))?;
        let bytes = start + info.data_offsets.0 as u64..start + info.data_offsets.1 as u64;
        tensors.push(StoredTensor { shape, dtype: info.dtype, bytes, name });
    }
    Ok(OpenCheckpoint { file, tensors, metadata: metadata.metadata().clone().unwrap_or_default() })
}

impl OpenCheckpoint {
    /// Checks that the data which the header describes is there, no more and no less.
    pub(crate) fn require_data(&self) -> Result<()> {
        let end = self.tensors.last().map(|tensor| tensor.bytes.end);
        let size = self.file.metadata()?.len();
        match end {
            Some(end) if end != size => bail!("the header describes {end} bytes, the file has {size}"),
            _ => Ok(()),
        }
    }
}
