//! `verify DIR --model MODEL` of folders whose files hold parts of tensors.

use super::{failure, stdout};
use safetensors::SafeTensors;
use std::collections::HashMap;
use std::path::Path;

const SHARDING: &str = "DCP_SHARDING_INFO";

fn made(folder: &Path) -> String {
    let out = format!("{}/", folder.join("out").display());
    for rank in ["0", "1", "2"] {
        let init = ["init", "llama-tiny", "--device", "cpu", "--dtype", "bf16", "-o", &out];
        stdout([&init[..], &["--format", "dcp", "--rank", rank, "--ranks", "3"]].concat());
    }
    out
}

/// A file as another program would have written it: without metadata of ours.
fn forget(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let metadata = header.metadata().clone().unwrap();
    let kept = HashMap::from([(SHARDING.to_owned(), metadata[SHARDING].clone())]);
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let again = safetensors::serialize(tensors.tensors(), Some(kept)).unwrap();
    assert_ne!(again, bytes);
    std::fs::write(path, again).unwrap();
}

#[test]
fn parts_are_compared_with_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let out = made(folder.path());
    let verify = ["verify", &out, "--device", "cpu", "--dtype", "bf16", "--model", "llama-tiny"];
    let said = stdout(verify);
    assert!(said.contains("3 files, 171 tensors (171 in part), 24,407,712 parameters"), "{said}");
    let said = failure([&verify[..], &["--seed", "1"]].concat());
    assert!(said.contains("shard-00000-model-00001-of-00001.safetensors differs"), "{said}");
    // Only PyTorch's offsets.
    std::fs::remove_file(format!("{out}wgpu-init.json")).unwrap();
    for rank in 0..3 {
        forget(Path::new(&format!("{out}shard-{rank:05}-model-00001-of-00001.safetensors")));
    }
    let said = stdout(verify);
    assert!(said.contains("171 tensors (171 in part)"), "{said}");
    failure([&verify[..], &["--seed", "1"]].concat());
    let said = failure(["verify", &out, "--device", "cpu"]);
    assert!(said.contains("cannot be verified without --model"), "{said}");
}
