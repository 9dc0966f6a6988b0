//! `verify` and `inspect`.

use super::{command, failure, stdout};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

fn checkpoint(folder: &Path) -> PathBuf {
    let path = folder.join("model.safetensors");
    let arguments =
        ["init", "llama-tiny", "--init", "normal(0,0.02)", "--seed", "11", "--dtype", "f16", "--device", "cpu", "-o"];
    assert!(command().args(arguments).arg(&path).output().unwrap().status.success());
    path
}

#[test]
fn an_untouched_checkpoint_verifies_on_cpu_and_gpu() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path());
    for device in ["cpu", "gpu"] {
        let text = stdout(["verify".as_ref(), path.as_os_str(), "--device".as_ref(), device.as_ref()]);
        assert!(text.contains("57 tensors"), "{text}");
    }
}

#[test]
fn one_flipped_bit_is_found_with_tensor_and_element() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path());
    let mut bytes = std::fs::read(&path).unwrap();
    let header = 8 + usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let (name, start) = {
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let tensor = tensors.tensor("model.layers.1.mlp.up_proj.weight").unwrap();
        assert_eq!(tensor.shape().len(), 2);
        let start = tensor.data().as_ptr() as usize - bytes.as_ptr() as usize;
        ("model.layers.1.mlp.up_proj.weight", start)
    };
    assert!(start > header, "the tensor is not the first, so that its place matters");
    // Element 1000, and a later one that must not be the one reported.
    bytes[start + 2001] ^= 0x10;
    bytes[start + 4000] ^= 0x01;
    std::fs::write(&path, &bytes).unwrap();
    let text = failure(["verify".as_ref(), path.as_os_str(), "--device".as_ref(), "cpu".as_ref()]);
    assert!(text.contains(name) && text.contains("element 1000 "), "{text}");
}

#[test]
fn what_cannot_be_verified_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path());
    let bytes = std::fs::read(&path).unwrap();
    let with = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut changed = bytes.clone();
        changed[at..at + from.len()].copy_from_slice(to.as_bytes());
        std::fs::write(&path, changed).unwrap();
        failure(["verify".as_ref(), path.as_os_str(), "--device".as_ref(), "cpu".as_ref()])
    };
    let version = with(r#""wgpu_init.values_version":"1""#, r#""wgpu_init.values_version":"9""#);
    assert!(version.contains("values version 9"), "{version}");
    let foreign = with("wgpu_init.seed", "somebody.seed_");
    assert!(foreign.contains("was not written by"), "{foreign}");
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let short = failure(["verify".as_ref(), path.as_os_str()]);
    assert!(short.contains("incomplete"), "{short}");
}

/// A checkpoint of one tensor `w` of [9, 2] f32 zeros whose metadata name these parts.
fn with_parts(folder: &Path, parts: &str) -> PathBuf {
    let tensors = format!(r#"{{"w":{{"init":"zeros","parts":{parts}}}}}"#);
    let header = serde_json::json!({
        "__metadata__": {
            "wgpu_init.seed": "0",
            "wgpu_init.rules": "rules",
            "wgpu_init.tensors": tensors,
            "wgpu_init.values_version": "1",
        },
        "w": { "dtype": "F32", "shape": [9, 2], "data_offsets": [0, 72] },
    });
    let mut header = header.to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let path = folder.join("parts.safetensors");
    std::fs::write(&path, [&(header.len() as u64).to_le_bytes(), header.as_slice(), &[0; 72]].concat()).unwrap();
    path
}

/// The end of `verify`, which must come soon.
fn verified(path: &Path, device: &str) -> Output {
    let verify = ["verify".as_ref(), path.as_os_str(), "--device".as_ref(), device.as_ref()];
    let mut child = command().args(verify).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("verify does not return on {device}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

/// Metadata are anybody's: parts that are no rows of the tensor are refused before anything is drawn. A sparse part of 8.5 rows
/// once drew for ever.
#[test]
fn parts_that_are_no_rows_of_the_tensor_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for device in ["cpu", "gpu"] {
        let output = verified(&with_parts(folder.path(), r#"[[0,2,"constant(0)"],[4,8,"zeros"]]"#), device);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for (parts, says) in [
            (r#"[[0,17,"sparse(0.5,1)"]]"#, "elements 0..17 are no whole rows of 2"),
            (r#"[[1,4,"ones"]]"#, "elements 1..4 are no whole rows of 2"),
            (r#"[[8,4,"ones"]]"#, "rows 4..2 of the shape [9, 2]"),
            (r#"[[0,20,"sparse(0.5,1)"]]"#, "rows 0..10 of the shape [9, 2]"),
            (r#"[[18446744073709551612,18446744073709551614,"sparse(0.5,1)"]]"#, "rows 9223372036854775806.."),
            (r#"[[0,8,"sparse(0.5,1)"],[6,10,"zeros"]]"#, "row 3 is in two parts"),
        ] {
            let output = verified(&with_parts(folder.path(), parts), device);
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{parts} on {device}: {stderr}");
            assert!(stderr.contains("tensor w") && stderr.contains(says), "{parts} on {device}: {stderr}");
        }
    }
}

#[test]
fn inspect_shows_every_tensor() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path());
    let text = stdout(["inspect".as_ref(), path.as_os_str()]);
    assert!(text.contains("wgpu_init.seed = 11"), "{text}");
    let line = text.lines().find(|line| line.starts_with("model.layers.0.mlp.up_proj.weight")).unwrap();
    let columns: Vec<_> = line.split_whitespace().collect();
    assert_eq!(columns[1], "F16");
    let std: f64 = columns[6].parse().unwrap();
    assert!((std - 0.02).abs() < 2e-4, "{line}");
    assert!(line.contains('█'), "{line}");
}
