//! The files of a checkpoint, and the bytes of its tensors.

use crate::checkpoint::{Error, Header, Result, StoredTensor};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A checkpoint that anybody wrote: one safetensors file, or several.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    pub(super) tensors: Vec<Stored>,
    pub(super) doubled: Vec<String>,
}

/// A tensor and where it is.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) path: PathBuf,
    pub(super) tensor: StoredTensor,
}

impl Stored {
    /// Bytes of the tensor.
    pub(super) fn size(&self) -> u64 {
        self.tensor.bytes.end - self.tensor.bytes.start
    }
}

impl Checkpoint {
    /// Reads the headers of some safetensors files.
    ///
    /// # Errors
    /// [`Error::Read`]; what is wrong with a header; [`Error::Incomplete`].
    pub fn open<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Result<Self> {
        let (mut tensors, mut names, mut doubled) = (Vec::new(), BTreeSet::new(), Vec::new());
        for path in files {
            let path = path.as_ref();
            let mut file = File::open(path).map_err(Error::Read)?;
            let header = Header::read(&mut file)?;
            header.check_size(file.metadata().map_err(Error::Read)?.len())?;
            for tensor in header.into_tensors() {
                if !names.insert(tensor.name.clone()) {
                    doubled.push(tensor.name.clone());
                    continue;
                }
                tensors.push(Stored { path: path.to_owned(), tensor });
            }
        }
        Ok(Self { tensors, doubled })
    }

    /// The tensors, file by file.
    pub fn tensors(&self) -> impl Iterator<Item = &StoredTensor> {
        self.tensors.iter().map(|stored| &stored.tensor)
    }

    /// Bytes of all tensors.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tensors.iter().map(Stored::size).sum()
    }
}

/// Reads stretches of one tensor.
#[derive(Debug)]
pub(super) struct Reader {
    file: File,
    start: u64,
    buffer: Vec<u8>,
}

impl Reader {
    pub(super) fn open(stored: &Stored) -> Result<Self> {
        let file = File::open(&stored.path).map_err(Error::Read)?;
        Ok(Self { file, start: stored.tensor.bytes.start, buffer: Vec::new() })
    }

    /// Bytes of the tensor.
    pub(super) fn read(&mut self, bytes: Range<u64>) -> Result<&[u8]> {
        let length = bytes.end - bytes.start;
        let size = usize::try_from(length).map_err(|_| Error::OutOfMemory { bytes: length })?;
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
        self.file.seek(SeekFrom::Start(self.start + bytes.start)).map_err(Error::Read)?;
        let into = &mut self.buffer[..size];
        self.file.read_exact(into).map_err(Error::Read)?;
        Ok(into)
    }
}
