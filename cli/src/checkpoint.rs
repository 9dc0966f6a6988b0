//! Checkpoints as files.

use crate::read;
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::path::Path;
use wgpu_init_models::checkpoint::{Header, StoredTensor};

/// Opens a file and reads its header; the file stands at the first byte of its data then.
pub(crate) fn open(path: &Path) -> Result<(File, Header)> {
    // Says itself which file it is.
    let mut file = read::open(path)?;
    let header = Header::read(&mut file).with_context(|| format!("cannot read {}", path.display()))?;
    Ok((file, header))
}

/// The same, with all the data that the header describes and no more.
pub(crate) fn open_complete(path: &Path) -> Result<(File, Header)> {
    let (file, header) = open(path)?;
    let size = file.metadata().with_context(|| format!("cannot read {}", path.display()))?.len();
    header.check_size(size).with_context(|| format!("{} is incomplete", path.display()))?;
    Ok((file, header))
}

/// The tensors of a model that a file lists.
pub(crate) fn model(path: &Path) -> Result<Vec<StoredTensor>> {
    let header = open(path)?.1;
    // Fans of a part's shape would be wrong, and nobody would see it.
    ensure!(
        !header.has_shards(),
        "{} holds parts of a model's tensors, or their axes in another order, and not the model's shapes: say the model that it was \
         made from",
        path.display()
    );
    Ok(header.into_tensors())
}
