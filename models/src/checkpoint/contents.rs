//! A digest of everything that a checkpoint says of itself: which tensors it has, of which shapes and dtypes, where they lie, and what
//! they are drawn from.

use std::collections::BTreeMap;
use std::ops::Range;
use xxhash_rust::xxh3::Xxh3;

/// The entry of the metadata that holds the digest of all the others and of the list of tensors.
pub(super) const CONTENTS: &str = "wgpu_init.contents";

/// One digest of a whole checkpoint: of what its header says (`contents`) and of its data.
pub(super) fn identity(contents: &str, data: u128) -> u128 {
    let mut identity = Xxh3::new();
    identity.update(contents.as_bytes());
    identity.update(&data.to_le_bytes());
    identity.digest128()
}

/// The digest in the making. Every text is preceded by its length, so that nothing can move from one to the next.
pub(super) struct Contents(Xxh3);

impl Contents {
    /// Of the metadata, but for the digest itself.
    pub(super) fn new(metadata: &BTreeMap<String, String>) -> Self {
        let mut contents = Self(Xxh3::new());
        for (key, text) in metadata.iter().filter(|(key, _)| *key != CONTENTS) {
            contents.text(key);
            contents.text(text);
        }
        // Behind the last entry, where no text begins.
        contents.number(u64::MAX);
        contents
    }

    /// And of a tensor; the dtype is in safetensors' spelling, and bytes count from the first of the data.
    pub(super) fn add(&mut self, name: &str, dtype: &str, dims: &[u64], bytes: &Range<u64>) {
        self.text(name);
        self.text(dtype);
        self.number(dims.len() as u64);
        dims.iter().chain([&bytes.start, &bytes.end]).for_each(|number| self.number(*number));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn number(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    /// XXH3-128, as the metadata have it.
    pub(super) fn text_of(&self) -> String {
        format!("{:032x}", self.0.digest128())
    }
}
