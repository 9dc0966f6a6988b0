//! Where the files of a folder stand: on a disk, or in an object store.

mod local;
#[cfg(feature = "object-stores")]
mod remote;
#[cfg(feature = "object-stores")]
mod upload;

use anyhow::{Result, bail, ensure};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

pub(crate) use local::{Local, names};

/// A folder's files, by name. Each appears complete or not at all.
pub(crate) trait Store {
    /// The folder, for people.
    fn describe(&self) -> String;

    /// A file of it, for people.
    fn at(&self, name: &str) -> String;

    /// The names of all files, in order.
    fn names(&self) -> Result<Vec<String>>;

    /// Bytes of a file; none if it is not there.
    fn size(&self, name: &str) -> Result<Option<u64>>;

    /// A file from its first byte.
    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>>;

    /// A file in the making of about so many bytes, of which `head` are written again at last.
    fn begin(&self, name: &str, rank: u64, size: u64, head: u64) -> Result<Box<dyn Unfinished>>;

    /// Removes a file. One that is gone already is no error.
    fn remove(&self, name: &str) -> Result<()>;

    /// Whether a file of the right size holds what its maker wrote, without a look at each byte.
    fn is_atomic(&self) -> bool;

    /// Whether a model is read from this file.
    fn is_source(&self, name: &str, sources: &[PathBuf]) -> bool;

    /// Removes what processes that were killed have left, of all ranks.
    fn tidy(&self);
}

/// A file in the making. It is gone if it is dropped.
pub(crate) trait Unfinished: Write + Seek + Send {
    /// Gives it its name. Another file that has that name is replaced only if `replace` says so, or if it was there at the beginning.
    fn finish(self: Box<Self>, replace: bool) -> Result<()>;
}

/// Whether an output is the address of an object store, or of a file.
pub(crate) fn is_url(path: &Path) -> bool {
    path.to_str().and_then(|text| text.split_once("://")).is_some_and(|(scheme, _)| {
        let mut characters = scheme.chars();
        characters.next().is_some_and(|first| first.is_ascii_alphabetic())
            && characters.all(|next| next.is_ascii_alphanumeric() || "+-.".contains(next))
    })
}

/// The folder of a path or an address.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Store>> {
    if !is_url(path) {
        return Ok(Box::new(Local::new(path)?));
    }
    let text = path.to_str().unwrap_or_default();
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    // They would stand in the shell's history, in the list of processes and in logs.
    let authority = rest.split('/').next().unwrap_or_default();
    ensure!(
        !authority.contains('@') && !rest.contains('?'),
        "an address must not have credentials in it: the environment has them, as for other programs (AWS_ACCESS_KEY_ID and so on)"
    );
    match scheme {
        "file" => {
            let path = rest.strip_prefix("localhost").unwrap_or(rest);
            ensure!(path.starts_with('/'), "{text}: after file:// comes a whole path, as in file:///data/checkpoint/");
            Ok(Box::new(Local::new(Path::new(path))?))
        }
        #[cfg(feature = "object-stores")]
        "s3" | "gs" | "az" => Ok(Box::new(remote::Remote::new(scheme, text)?)),
        #[cfg(not(feature = "object-stores"))]
        "s3" | "gs" | "az" => bail!(
            "this build of the command writes to no object store: build it with --features object-stores, or write to a folder and copy \
             that"
        ),
        _ => bail!("{scheme}:// is no store that is known: s3://, gs://, az:// or file://"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::{is_url, open};
    use std::path::Path;

    #[test]
    fn addresses_are_told_from_paths() {
        for (text, expected) in [
            ("s3://b/x", true),
            ("file:///x", true),
            ("a/b", false),
            ("/a://b", false),
            ("C:\\x", false),
            ("://", false),
        ] {
            assert_eq!(is_url(Path::new(text)), expected, "{text}");
        }
    }

    #[test]
    fn wrong_addresses_are_refused_with_the_reason() {
        for (text, reason) in [
            ("s3://key:secret@bucket/x", "credentials"),
            ("az://container/x?sig=abc", "credentials"),
            ("ftp://host/x", "s3://, gs://, az:// or file://"),
            ("file://relative/x", "whole path"),
        ] {
            let error = open(Path::new(text)).err().unwrap().to_string();
            assert!(error.contains(reason), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
