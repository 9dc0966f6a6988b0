//! A checkpoint in several files: `model.safetensors.index.json` says which tensor is in which.

use super::Entry;
use super::in_order::InOrder;
use crate::checkpoint;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

#[derive(Deserialize)]
struct Index {
    weight_map: InOrder<String>,
}

/// Missing tensors that are listed; of more, only how many.
const SHOWN: usize = 10;

/// The tensors of all shards, shard by shard in the order of their names, and the shards. Only their headers are read.
pub(super) fn read(path: &Path, text: &str) -> Result<(Vec<Entry>, Vec<PathBuf>)> {
    let index: Index = serde_json::from_str(text).context("it is not an index of shards")?;
    let shards: BTreeSet<String> = index.weight_map.0.iter().map(|(_, shard)| shard.clone()).collect();
    let mut listed: HashMap<String, String> = index.weight_map.0.into_iter().collect();
    let mut found: HashMap<String, String> = HashMap::new();
    let mut entries = Vec::new();
    for shard in &shards {
        // An index that was downloaded must not make the command read elsewhere.
        let plain = matches!(Path::new(shard).components().collect::<Vec<_>>()[..], [Component::Normal(_)]);
        ensure!(plain, "the shard {shard:?} must be a file name without a folder");
        for tensor in checkpoint::model(&path.with_file_name(shard))? {
            if let Some(first) = found.insert(tensor.name.clone(), shard.clone()) {
                bail!("the tensor {} is in {first} and in {shard}", tensor.name);
            }
            match listed.remove(&tensor.name) {
                Some(expected) if expected == *shard => entries.push(Entry::from(tensor)),
                Some(expected) => bail!("the tensor {} is in {shard}, the index says {expected}", tensor.name),
                None => bail!("the tensor {} is in {shard}, the index does not list it", tensor.name),
            }
        }
    }
    let mut missing: Vec<_> = listed.into_iter().map(|(name, shard)| format!("\n  {name} (in {shard})")).collect();
    missing.sort();
    if missing.len() > SHOWN {
        let more = missing.len() - SHOWN;
        missing.truncate(SHOWN);
        missing.push(format!("\n  and {more} more"));
    }
    ensure!(missing.is_empty(), "the index lists tensors that are not there:{}", missing.concat());
    Ok((entries, shards.iter().map(|shard| path.with_file_name(shard)).collect()))
}
