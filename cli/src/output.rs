//! What a command writes to: a file that appears whole or not at all, or a stream.

use crate::partial::Partial;
use crate::terminal::Stdout;
use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// A regular file gets its name only when it is complete; until then it is a temporary neighbour that is removed if this value is
/// dropped. A link stays a link: the file that it leads to is replaced. Devices and pipes are written directly.
#[derive(Debug)]
pub(crate) enum Output {
    /// `--no-write`.
    Nowhere,
    Stdout(Stdout),
    Direct(File),
    Pending(Box<Partial>),
}

impl Output {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            bail!("\"-\" does not stand for the standard output: say /dev/stdout, or ./- for a file of that name");
        }
        let cannot = || format!("cannot write {}", path.display());
        let path = &follow(path).with_context(cannot)?;
        match stream(path) {
            Some(Stream::Stdout) if is_closed() => {
                bail!("cannot write {}: the standard output is closed", path.display())
            }
            Some(Stream::Stdout) => return Ok(Self::Stdout(Stdout::for_a_file())),
            Some(Stream::Other) => {
                return OpenOptions::new().append(true).open(path).map(Self::Direct).with_context(cannot);
            }
            None => {}
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)).with_context(cannot),
            Ok(metadata) if !metadata.is_file() => {
                OpenOptions::new().write(true).open(path).map(Self::Direct).with_context(cannot)
            }
            _ => Partial::new(path).map(|partial| Self::Pending(Box::new(partial))),
        }
    }

    /// Whether a summary must go elsewhere.
    pub(crate) const fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout(_))
    }

    /// Gives a complete file its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush()?;
        match self {
            Self::Nowhere | Self::Stdout(_) | Self::Direct(_) => Ok(()),
            Self::Pending(partial) => partial.finish(),
        }
    }

    fn inner(&mut self) -> Option<&mut dyn Write> {
        match self {
            Self::Nowhere => None,
            Self::Stdout(out) => Some(out),
            Self::Direct(file) => Some(file),
            Self::Pending(partial) => Some(partial.file()),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner().map_or(Ok(bytes.len()), |inner| inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner().map_or(Ok(()), Write::flush)
    }
}

/// The regular file that an output of this path would replace.
pub(crate) fn replaced(path: &Path) -> Option<PathBuf> {
    let path = follow(path).ok()?;
    (stream(&path).is_none() && path.is_file()).then_some(path)
}

/// Where a path leads: links are followed, the last of which may lead to a file that is not there yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        // However the folder is called: a link in /dev is one into /proc.
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            if let Ok(folder) = folder.canonicalize() {
                path = folder.join(name);
            }
        }
        if stream(&path).is_some() || !path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
            return Ok(path);
        }
        let target = path.read_link()?;
        path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "too many links follow each other"))
}

/// Whether the standard output was closed when the process began. Rust's runtime has opened /dev/null in its place then, for reading
/// and writing, which would take a checkpoint and say nothing.
fn is_closed() -> bool {
    let is_null = std::fs::read_link("/proc/self/fd/1").is_ok_and(|path| path == Path::new("/dev/null"));
    let flags = || std::fs::read_to_string("/proc/self/fdinfo/1").unwrap_or_default();
    let of_reading_and_writing = |text: &str| {
        let octal = text.lines().find_map(|line| line.strip_prefix("flags:")).map(str::trim);
        octal.is_some_and(|octal| octal.ends_with('2'))
    };
    is_null && of_reading_and_writing(&flags())
}

/// A file that some process has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Stdout,
    Other,
}

/// What a path stands for that leads to an open file, which is written where it stands and never replaced, whatever it is.
fn stream(path: &Path) -> Option<Stream> {
    let parts: Vec<_> = path.components().map(Component::as_os_str).map(|part| part.to_str().unwrap_or("")).collect();
    let (own, number) = match parts[..] {
        ["/", "dev", "fd", number] => (true, number),
        ["/", "proc", process, "fd", number] | ["/", "proc", process, "task", _, "fd", number] => {
            (matches!(process, "self" | "thread-self") || process.parse() == Ok(std::process::id()), number)
        }
        _ => return None,
    };
    let number: u32 = number.parse().ok()?;
    Some(if own && number == 1 { Stream::Stdout } else { Stream::Other })
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_to_what_is_there_or_will_be() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("b", at("a")).unwrap();
        std::os::unix::fs::symlink(at("c"), at("b")).unwrap();
        assert_eq!(follow(&at("a")).unwrap(), at("c").parent().unwrap().canonicalize().unwrap().join("c"));
        std::os::unix::fs::symlink("a", at("c")).unwrap();
        follow(&at("a")).expect_err("a circle");
        assert_eq!(follow(Path::new("/no/such/file")).unwrap(), Path::new("/no/such/file"));
    }

    #[test]
    fn streams_are_known_by_name() {
        for (path, expected) in [
            ("/dev/fd/1", Some(Stream::Stdout)),
            ("/dev/fd/3", Some(Stream::Other)),
            ("/proc/self/fd/1", Some(Stream::Stdout)),
            ("/proc/1/fd/1", Some(Stream::Other)),
            ("/proc/self/task/7/fd/1", Some(Stream::Stdout)),
            ("/dev/fd/x", None),
            ("/tmp/fd/1", None),
            ("1", None),
        ] {
            assert_eq!(stream(Path::new(path)), expected, "{path}");
        }
    }
}
