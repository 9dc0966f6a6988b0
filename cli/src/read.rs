//! Files that are read: regular ones, and never more of them than what they are for may need.

use anyhow::{Context, Result, ensure};
use std::fs::{File, FileType};
use std::io::Read;
use std::path::Path;

/// A `config.json`, rules, a tuning.
pub(crate) const MOST_TEXT: u64 = 4 << 20;
/// A list of tensors: a manifest, an index of shards. As much as a header of a safetensors file may have.
pub(crate) const MOST_LIST: u64 = 100_000_000;

/// Opens a regular file. Anything else might never end, or never begin.
pub(crate) fn open(path: &Path) -> Result<File> {
    let cannot = || format!("cannot read {}", path.display());
    let check = |of: FileType| {
        ensure!(of.is_file(), "{} is {}; a regular file is needed", path.display(), kind(of));
        Ok(())
    };
    // Before it is opened, which waits for a pipe's writer.
    check(path.metadata().with_context(cannot)?.file_type())?;
    let file = File::open(path).with_context(cannot)?;
    check(file.metadata().with_context(cannot)?.file_type())?;
    Ok(file)
}

/// All of a file's bytes, `most` of them at most.
pub(crate) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Of a file that grows meanwhile too.
    let read = open(path)?
        .take(most + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(
        read as u64 <= most,
        "{} has more than {most} bytes, the most that are read of such a file",
        path.display()
    );
    Ok(bytes)
}

/// The same as text.
pub(crate) fn text(path: &Path, most: u64) -> Result<String> {
    let text = String::from_utf8(bytes(path, most)?).with_context(|| format!("cannot read {}", path.display()))?;
    // What people meet in place of a file that was to be downloaded; neither JSON nor TOML begins so.
    let begin = text.trim_start_matches('\u{feff}').trim_start();
    ensure!(
        !begin.starts_with("version https://git-lfs"),
        "{} is a pointer of Git LFS: get the file itself, e.g. by `git lfs pull`",
        path.display()
    );
    ensure!(!begin.starts_with('<'), "{} is HTML or XML, as a download that went wrong leaves", path.display());
    Ok(text)
}

fn kind(of: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if of.is_fifo() {
            return "a named pipe";
        }
        if of.is_socket() {
            return "a socket";
        }
        if of.is_char_device() || of.is_block_device() {
            return "a device";
        }
    }
    if of.is_dir() { "a folder" } else { "no file" }
}
