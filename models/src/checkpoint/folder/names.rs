//! What the files of a folder are called.

/// As Hugging Face's libraries call a file of several, and one alone.
pub(super) fn numbered(index: usize, count: usize) -> String {
    if count == 1 {
        "model.safetensors".to_owned()
    } else {
        format!("model-{:05}-of-{count:05}.safetensors", index + 1)
    }
}

/// Before the number of a file of a rank.
pub(super) fn shard_prefix(rank: u64) -> String {
    format!("shard-{rank:05}-model-")
}

/// The rank whose parts a file of this name holds.
pub(super) fn shard_rank(name: &str) -> Option<u64> {
    let (rank, _) = name.strip_prefix("shard-")?.strip_suffix(".safetensors")?.split_once("-model-")?;
    rank.parse().ok()
}
