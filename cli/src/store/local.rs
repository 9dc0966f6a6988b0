//! A folder on a disk.

use super::{Store, Unfinished};
use crate::partial::{self, Partial};
use crate::{output, read};
use anyhow::{Context, Result};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(crate) struct Local {
    path: PathBuf,
}

impl Local {
    /// Makes the folder if it is missing.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        std::fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self { path: path.to_owned() })
    }
}

impl Store for Local {
    fn describe(&self) -> String {
        self.path.display().to_string()
    }

    fn at(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    fn names(&self) -> Result<Vec<String>> {
        names(&self.path)
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        let path = self.path.join(name);
        // A link that leads nowhere yet is no file.
        match output::replaced(&path) {
            Some(place) => Ok(Some(place.metadata().with_context(|| format!("cannot read {}", path.display()))?.len())),
            None => Ok(None),
        }
    }

    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>> {
        let path = self.path.join(name);
        Ok(Box::new(read::open(&output::replaced(&path).unwrap_or(path))?))
    }

    fn begin(&self, name: &str, rank: u64, _size: u64, _head: u64) -> Result<Box<dyn Unfinished>> {
        let path = self.path.join(name);
        Ok(Box::new(OnDisk(Partial::of_rank(&output::replaced(&path).unwrap_or(path), rank)?)))
    }

    fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", path.display()))
            }
            _ => Ok(()),
        }
    }

    /// A copy that broke off, or a disk that lost its power, leaves anything.
    fn is_atomic(&self) -> bool {
        false
    }

    fn is_source(&self, name: &str, sources: &[PathBuf]) -> bool {
        let Ok(output) = self.path.join(name).canonicalize() else { return false };
        sources.iter().any(|source| source.canonicalize().is_ok_and(|source| source == output))
    }

    fn tidy(&self) {
        partial::sweep_ranks(&self.path);
    }
}

struct OnDisk(Partial);

impl Write for OnDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.file().flush()
    }
}

impl Seek for OnDisk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.file().seek(to)
    }
}

impl Unfinished for OnDisk {
    fn finish(self: Box<Self>, replace: bool) -> Result<()> {
        if replace || self.0.replaces() { self.0.finish() } else { self.0.finish_new() }
    }
}

/// What a folder holds, by name.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>> {
    let cannot = || format!("cannot read the folder {}", folder.display());
    let mut names = Vec::new();
    for entry in folder.read_dir().with_context(cannot)? {
        // What is no text is no name of ours.
        names.extend(entry.with_context(cannot)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}
