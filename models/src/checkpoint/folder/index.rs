//! `model.safetensors.index.json`: which tensor is in which file.

use super::FolderFile;
use crate::checkpoint::{Error, Result};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Index<'a> {
    metadata: Totals,
    weight_map: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct Totals {
    total_size: u64,
}

/// Of these files, with so many bytes of data.
pub(super) fn index(files: &[FolderFile], total_size: u64) -> Result<Vec<u8>> {
    let names = |file| {
        let FolderFile { name, layout, .. }: &FolderFile = file;
        layout.tensors().iter().map(move |(tensor, _)| (tensor.name(), name.as_str()))
    };
    let index = Index { metadata: Totals { total_size }, weight_map: files.iter().flat_map(names).collect() };
    let mut text = serde_json::to_vec_pretty(&index).map_err(|_| Error::TooLarge { what: "model" })?;
    text.push(b'\n');
    Ok(text)
}
