//! A file that stands where a checkpoint is to go. It is replaced if that was asked for, or if it can be made again at any time.

use crate::{checkpoint, output, terminal};
use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use wgpu_init::Shape;
use wgpu_init_models::StoredDType;
use wgpu_init_models::checkpoint::{Layout, Origin, Shard};

/// Refuses an output that is one of the files that the model is read from, and one that replaces what may be somebody's work. A checkpoint
/// of other values, which can be made again but not by the same command, is replaced and told.
pub(crate) fn check(path: &Path, layout: &Layout, origin: &Origin, sources: &[PathBuf], overwrite: bool) -> Result<()> {
    let Some(replaced) = output::replaced(path) else { return Ok(()) };
    let place = replaced.canonicalize().unwrap_or_else(|_| replaced.clone());
    if sources.iter().any(|source| source.canonicalize().is_ok_and(|source| source == place)) {
        bail!("the output {} is read from as well: say another one", path.display());
    }
    // Nothing is lost with a file of nothing, as `mktemp` makes it.
    if overwrite || place.metadata().is_ok_and(|metadata| metadata.len() == 0) {
        return Ok(());
    }
    let (stored, earlier) = own(&place, layout)
        .with_context(|| format!("{} exists and is replaced only with --overwrite", path.display()))?;
    if earlier != *origin || dtypes(&stored) != dtypes(layout) {
        let (was, is) = (describe(&earlier, &stored), describe(origin, layout));
        // Rules of one name may say something else today.
        let other = if was == is { ", by other rules" } else { "" };
        terminal::say("note", format_args!("{} is replaced: it was made with {was}{other}", path.display()));
    }
    Ok(())
}

/// Scheme, seed and dtypes.
fn describe(origin: &Origin, layout: &Layout) -> String {
    let dtypes: BTreeSet<_> = dtypes(layout).into_values().map(StoredDType::name).collect();
    format!("{}, {}", origin.describe(), dtypes.into_iter().collect::<Vec<_>>().join(" and "))
}

fn dtypes(layout: &Layout) -> BTreeMap<&str, StoredDType> {
    layout.tensors().iter().map(|(tensor, _)| (tensor.name(), tensor.dtype())).collect()
}

/// An error unless the file is a checkpoint that this command has written, of the same model, and still holds what was written.
fn own(path: &Path, layout: &Layout) -> Result<(Layout, Origin)> {
    let (mut file, header) = checkpoint::open_complete(path)?;
    let origin = Origin::from_metadata(header.metadata())?;
    let stored = Layout::stored(&header, &origin)?;
    ensure!(shapes(&stored) == shapes(layout), "it is a checkpoint of another model");
    ensure!(
        stored.kept().is_none(),
        "it has tensors from another checkpoint, which no command makes again without that"
    );
    // The other ranks' files are as many jobs, and one of them may have been given this one's name.
    ensure!(shards(&stored) == shards(layout), "it holds other parts of the model, or axes in another order");
    let start = file.stream_position()?;
    spot_check(&mut file, start, &stored, &origin)?;
    Ok((stored, origin))
}

/// Of whole tensors.
fn shapes(layout: &Layout) -> BTreeMap<&str, &Shape> {
    layout.tensors().iter().map(|(tensor, _)| (tensor.name(), &tensor.assignment().parameter.shape)).collect()
}

fn shards(layout: &Layout) -> BTreeMap<&str, Option<&Shard>> {
    layout.tensors().iter().map(|(tensor, _)| (tensor.name(), tensor.shard())).collect()
}

/// Draws the beginning of every tensor again. Training changes nearly all values, so a few show whether a file was trained in place; all
/// would take as long as `verify`.
fn spot_check(file: &mut File, start: u64, layout: &Layout, origin: &Origin) -> Result<()> {
    const ELEMENTS: u64 = 64;
    for (tensor, bytes) in layout.tensors() {
        // Its first row takes as long as all of it.
        if tensor.is_whole() {
            continue;
        }
        let expected = tensor.bytes(origin.effective_seed(), 0..tensor.shape().elements().min(ELEMENTS))?;
        let mut found = vec![0; expected.len()];
        file.seek(SeekFrom::Start(start + bytes.start))?;
        file.read_exact(&mut found)?;
        ensure!(found == expected, "the tensor {} was changed since it was written", tensor.name());
    }
    Ok(())
}
