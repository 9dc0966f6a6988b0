//! Files that appear whole or not at all.

use crate::interrupt::Unfinished;
use anyhow::{Context, Result};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file being written. A regular file gets its name only when it is complete; until then it is a temporary neighbour that
/// is removed if this value is dropped. Devices and pipes are written directly.
#[derive(Debug)]
pub(crate) enum Output {
    /// `--no-write`.
    Nowhere,
    Direct(File),
    Pending {
        file: NamedTempFile,
        path: PathBuf,
        unfinished: Unfinished,
    },
}

impl Output {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let cannot = || format!("cannot write {}", path.display());
        if path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
            let file = OpenOptions::new().write(true).open(path).with_context(cannot)?;
            return Ok(Self::Direct(file));
        }
        if path.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory)).with_context(cannot);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".wgpu-init-").suffix(".partial");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What any new file gets; the process's umask applies.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder).with_context(cannot)?;
        let unfinished = Unfinished::new(file.path());
        Ok(Self::Pending { file, path: path.to_owned(), unfinished })
    }

    /// Gives a complete file its name.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Nowhere | Self::Direct(_) => Ok(()),
            Self::Pending { file, path, unfinished } => {
                let named = file.persist(&path).map_err(|error| error.error);
                drop(unfinished);
                named.with_context(|| format!("cannot write {}", path.display()))?;
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Nowhere => Ok(bytes.len()),
            Self::Direct(file) => file.write(bytes),
            Self::Pending { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Nowhere => Ok(()),
            Self::Direct(file) => file.flush(),
            Self::Pending { file, .. } => file.flush(),
        }
    }
}
