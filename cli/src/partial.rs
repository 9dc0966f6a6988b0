//! Files in the making: temporary neighbours, removed whatever becomes of the process.
//!
//! One that is dropped, or that a signal finds, is removed at once. What a process leaves behind that was killed, or whose machine
//! lost its power, is removed by the next run that makes a file in that folder: a lock on the file tells whether its maker still lives.
//! Locks may end at the machine, on file systems that several share; so one of several processes that write a folder together removes
//! what its own rank has left, and nothing else.

use crate::interrupt::Unfinished;
use crate::terminal;
use anyhow::{Context, Result, bail};
use indicatif::BinaryBytes;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

const PREFIX: &str = ".wgpu-init-";
/// Of a process that writes a folder with others; its rank and a hyphen follow.
const RANK_PREFIX: &str = ".wgpu-init.rank-";
const SUFFIX: &str = ".partial";

/// A temporary file that gets its name when it is complete.
#[derive(Debug)]
pub(crate) struct Partial {
    file: NamedTempFile,
    unfinished: Unfinished,
    path: PathBuf,
    /// Of the file that is replaced.
    replaced: Option<std::fs::Metadata>,
}

impl Partial {
    /// A neighbour of `path`, which is no link.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        Self::with_prefix(path, PREFIX)
    }

    /// The same for one of several processes that write files into one folder.
    pub(crate) fn of_rank(path: &Path, rank: u64) -> Result<Self> {
        Self::with_prefix(path, &format!("{RANK_PREFIX}{rank}-"))
    }

    fn with_prefix(path: &Path, prefix: &str) -> Result<Self> {
        let cannot = || format!("cannot write {}", path.display());
        let replaced = path.metadata().ok();
        if let Some(replaced) = &replaced {
            if !replaced.is_file() {
                bail!("cannot write {}: it is there already and no regular file", path.display());
            }
            // Also for those whom permissions do not bind.
            if replaced.permissions().readonly() {
                bail!("cannot write {}: it is there already and read-only", path.display());
            }
            OpenOptions::new().write(true).open(path).with_context(cannot)?;
        }
        let folder = folder_of(path);
        sweep(folder, prefix);
        let (file, unfinished) = locked(folder, prefix).with_context(cannot)?;
        if let Some(replaced) = &replaced
            && is_held(file.as_file(), folder, replaced).with_context(cannot)?
        {
            bail!("cannot write {}: it is another user's, and its folder lets nobody else replace it", path.display());
        }
        Ok(Self { file, unfinished, path: path.to_owned(), replaced })
    }

    /// Whether a file of that name was there.
    pub(crate) const fn replaces(&self) -> bool {
        self.replaced.is_some()
    }

    pub(crate) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives the file its name, once its bytes are on the disk.
    pub(crate) fn finish(self) -> Result<()> {
        self.persist(|file, path| file.persist(path).map(drop).map_err(|error| error.error))
    }

    /// The same, unless a file has got that name meanwhile: an error of the kind [`io::ErrorKind::AlreadyExists`].
    pub(crate) fn finish_new(self) -> Result<()> {
        self.persist(|file, path| {
            let error = match file.persist_noclobber(path) {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            // Not every file system can do both at once.
            if error.error.kind() == io::ErrorKind::AlreadyExists || path.exists() {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "another run has written it meanwhile"));
            }
            error.file.persist(path).map(drop).map_err(|error| error.error)
        })
    }

    fn persist(self, persist: impl FnOnce(NamedTempFile, &Path) -> io::Result<()>) -> Result<()> {
        let Self { file, unfinished, path, replaced } = self;
        let finish = || {
            if let Some(replaced) = replaced {
                keep(file.as_file(), &replaced)?;
            }
            file.as_file().sync_all()?;
            let folder = folder_of(&path);
            persist(file, &path)?;
            // The name too; not every file system can.
            if let Ok(folder) = File::open(folder) {
                let _ = folder.sync_all();
            }
            io::Result::Ok(())
        };
        let finished = finish().with_context(|| format!("cannot write {}", path.display()));
        drop(unfinished);
        finished
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file has the permissions of the one it replaces and, as far as the system allows, its owner.
fn keep(file: &File, replaced: &std::fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (replaced.uid(), replaced.gid()) {
            // Only some may give files away.
            let _ = fchown(file, Some(replaced.uid()), Some(replaced.gid()));
        }
    }
    file.set_permissions(replaced.permissions())
}

/// Whether a folder is sticky, as /tmp is, and the file in it not ours to replace: the system would say so only at the end.
fn is_held(own: &File, folder: &Path, replaced: &std::fs::Metadata) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (own, folder) = (own.metadata()?.uid(), folder.metadata()?);
        Ok(folder.mode() & 0o1000 != 0 && own != 0 && own != replaced.uid() && own != folder.uid())
    }
    #[cfg(not(unix))]
    Ok(false)
}

/// A temporary file that is locked as long as it is open.
fn locked(folder: &Path, prefix: &str) -> io::Result<(NamedTempFile, Unfinished)> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(SUFFIX);
    for _ in 0..100 {
        // By an open of our own: the file gets the permissions of any new file, and an error does not show its name.
        let file =
            builder.make_in(folder, |path| File::options().read(true).write(true).create_new(true).open(path))?;
        let unfinished = Unfinished::new(file.path());
        match file.as_file().try_lock() {
            // Another run took it for left behind, before it was locked: then it is gone, or about to be.
            Err(TryLockError::WouldBlock) => {}
            Ok(()) if !file.path().exists() => {}
            // Without locks nothing of ours is ever taken for left behind, since it cannot be locked.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok((file, unfinished)),
        }
    }
    Err(io::Error::other("temporary files are removed as soon as they are made"))
}

/// Removes what processes of any rank that have ended left in a folder whose files are all there.
pub(crate) fn sweep_ranks(folder: &Path) {
    sweep(folder, RANK_PREFIX);
}

/// Removes what processes that have ended left in a folder, and says so.
fn sweep(folder: &Path, prefix: &str) {
    let Ok(entries) = folder.read_dir() else { return };
    let (mut files, mut bytes) = (0u64, 0u64);
    for entry in entries.flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with(prefix) && name.ends_with(SUFFIX));
        if !ours || !entry.file_type().is_ok_and(|of| of.is_file()) {
            continue;
        }
        let path = entry.path();
        let Ok(file) = OpenOptions::new().write(true).open(&path) else { continue };
        if file.try_lock().is_err() {
            continue;
        }
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        if std::fs::remove_file(&path).is_ok() {
            (files, bytes) = (files + 1, bytes.saturating_add(size));
        }
    }
    if files > 0 {
        let what = if files == 1 { "an unfinished file".to_owned() } else { format!("{files} unfinished files") };
        let (size, folder) = (BinaryBytes(bytes), folder.display());
        terminal::say("note", format_args!("{what} ({size}) of runs that were killed is removed from {folder}"));
    }
}
