//! Files that stand where an export is to go: an earlier export is replaced, if nobody has changed it.

use super::DESCRIPTION;
use crate::{output, read};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_128;

/// The member of a description that holds the digest of all the others.
const DIGEST: &str = "digest";

/// Files by their names.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// XXH3-128 of some bytes.
fn digest(bytes: &[u8]) -> String {
    format!("{:032x}", xxh3_128(bytes))
}

/// The description of an export as a file, with digests of itself and of the files that it names.
pub(super) fn sealed(mut description: BTreeMap<String, Value>, files: &Files) -> Result<Vec<u8>> {
    let digests: BTreeMap<_, _> = files.iter().map(|(name, bytes)| (name, digest(bytes))).collect();
    description.insert("files".into(), serde_json::to_value(digests)?);
    let seal = digest(&serde_json::to_vec(&description)?);
    description.insert(DIGEST.into(), seal.into());
    Ok(serde_json::to_vec_pretty(&description)?)
}

/// Refuses to replace what is not the export of an earlier run. Empty files, and those that stay as they are, are nobody's loss.
pub(super) fn check(folder: &Path, files: &Files) -> Result<()> {
    let mut known = None;
    for (name, bytes) in files {
        let path = folder.join(name);
        let Some(place) = output::replaced(&path) else { continue };
        let size = place.metadata().map_or(0, |metadata| metadata.len());
        let found = || read::bytes(&place, size);
        if size == 0 || (size == bytes.len() as u64 && found()? == *bytes) {
            continue;
        }
        let refused = || format!("{} exists and is replaced only with --overwrite", path.display());
        if known.is_none() {
            known = Some(earlier(&folder.join(DESCRIPTION)).with_context(refused)?);
        }
        let written = known.iter().flatten().find(|(known, _)| *known == name).map(|(_, written)| written);
        // The description has been checked by its own digest.
        if name != DESCRIPTION && !matches!(written, Some(written) if *written == digest(&found()?)) {
            bail!("{}: it is not what an earlier export wrote there", refused());
        }
    }
    Ok(())
}

/// The files of an earlier export with their digests, by its description.
fn earlier(path: &Path) -> Result<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    struct Earlier {
        digest: String,
        files: BTreeMap<String, String>,
    }
    let not_own = || format!("{} is not of an earlier export, or was changed", path.display());
    let text = read::text(path, read::MOST_LIST)?;
    let Earlier { digest: written, files } = serde_json::from_str(&text).with_context(not_own)?;
    let mut members: BTreeMap<String, Value> = serde_json::from_str(&text).with_context(not_own)?;
    members.remove(DIGEST);
    ensure!(digest(&serde_json::to_vec(&members)?) == written, "{} was changed since it was written", path.display());
    Ok(files)
}
