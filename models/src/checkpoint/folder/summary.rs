//! `wgpu-init.json`: the digests of all files of a folder.

use super::{Folder, Sealed, identity_of};
use crate::checkpoint::{Error, Result};
use serde::{Deserialize, Serialize};

/// The digests of a folder's files. It follows from the files alone, so that two clusters can compare one line of it, `identity`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Digest of the names and identities of all files, XXH3-128.
    identity: String,
    /// Format and sizes.
    folder: String,
    /// Scheme and seed.
    values: String,
    files: Vec<Digests>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Digests {
    name: String,
    /// Of the data section.
    digest: String,
    /// With names, shapes, dtypes and laws.
    identity: String,
}

impl Summary {
    /// Of all files of a folder, by name.
    #[must_use]
    pub fn new(folder: &Folder, files: &[(String, Sealed)]) -> Self {
        let all = identity_of(files.iter().map(|(name, sealed)| (name.as_str(), sealed.identity)));
        let digests = |(name, sealed): &(String, Sealed)| Digests {
            name: name.clone(),
            digest: format!("{:032x}", sealed.digest),
            identity: format!("{:032x}", sealed.identity),
        };
        Self {
            identity: format!("{all:032x}"),
            folder: folder.description().to_owned(),
            values: folder.describe_values(),
            files: files.iter().map(digests).collect(),
        }
    }

    /// Of a file's bytes.
    ///
    /// # Errors
    /// [`Error::Metadata`].
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::Metadata { reason: format!("the summary of digests cannot be read: {error}") })
    }

    /// The line that two clusters compare.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn to_json(&self) -> Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|_| Error::TooLarge { what: "model" })?;
        text.push(b'\n');
        Ok(text)
    }
}
