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
        // Good ones come as far as the digest, which this file does not have.
        let output = verified(&with_parts(folder.path(), r#"[[0,2,"constant(0)"],[4,8,"zeros"]]"#), device);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("no wgpu_init.contents"), "{stderr}");
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

/// Everything that a file says is accounted for, not only the data of the tensors that it happens to list.
#[test]
fn a_list_of_tensors_that_was_changed_is_found() {
    type Edit = fn(&mut serde_json::Map<String, serde_json::Value>, &mut Vec<u8>);
    let edits: [(&str, Edit); 11] = [
        ("all tensors dropped with their data", |header, data| {
            header.retain(|name, _| name == "__metadata__");
            data.clear();
        }),
        ("the last tensor dropped with its data", |header, data| {
            let end = data.len() as u64;
            let last = header.iter().find(|(_, info)| info["data_offsets"][1] == end).unwrap().0.clone();
            let start = header.remove(&last).unwrap()["data_offsets"][0].as_u64().unwrap();
            data.truncate(usize::try_from(start).unwrap());
        }),
        ("a reshape of the same size", |header, _| header["model.norm.weight"]["shape"] = serde_json::json!([1, 192])),
        ("an empty tensor added", |header, _| {
            let info = serde_json::json!({ "dtype": "F16", "shape": [0, 3], "data_offsets": [0, 0] });
            header.insert("nothing".to_owned(), info);
        }),
        ("an empty tensor removed", |header, _| drop(header.remove("empty").unwrap())),
        ("an empty tensor of another shape", |header, _| header["empty"]["shape"] = serde_json::json!([9, 0])),
        ("a tensor renamed", |header, _| {
            let info = header.remove("empty").unwrap();
            header.insert("void".to_owned(), info);
        }),
        ("an entry of the metadata added", |header, _| header["__metadata__"]["note"] = "mine".into()),
        ("an entry of the metadata removed", |header, _| {
            drop(header["__metadata__"].as_object_mut().unwrap().remove("format").unwrap());
        }),
        ("an unknown entry of a tensor", |header, _| header["empty"]["scale"] = 1.into()),
        ("the digest removed", |header, _| {
            drop(header["__metadata__"].as_object_mut().unwrap().remove("wgpu_init.contents").unwrap());
        }),
    ];
    let folder = tempfile::tempdir().unwrap();
    let (model, path) = (folder.path().join("model.json"), folder.path().join("out.safetensors"));
    let tensor = |shape: &str| format!(r#"{{"dtype": "F16", "shape": {shape}}}"#);
    let list = [("a", "[64, 3]"), ("model.norm.weight", "[192]"), ("empty", "[0, 9]")];
    let list = list.map(|(name, shape)| format!("{name:?}: {}", tensor(shape))).join(", ");
    std::fs::write(&model, format!(r#"{{"tensors": {{{list}}}}}"#)).unwrap();
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "[[rule]]\nname = \"*\"\ninit = \"normal(0, 1)\"\n").unwrap();
    for scheme in [["--init", "normal(0,1)"], ["--rules", rules.to_str().unwrap()]] {
        let init = ["init", model.to_str().unwrap(), "--device", "cpu", "--overwrite", "-o", path.to_str().unwrap()];
        stdout(init.iter().chain(&scheme));
        let verify = ["verify".as_ref(), path.as_os_str(), "--device".as_ref(), "cpu".as_ref()];
        let bytes = std::fs::read(&path).unwrap();
        let start = 8 + usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
        let header: serde_json::Map<_, _> = serde_json::from_slice(&bytes[8..start]).unwrap();
        let write = |header: &str, data: &[u8]| {
            std::fs::write(&path, [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()).unwrap();
        };
        // The control: the same header, written by another hand.
        write(&serde_json::to_string(&header).unwrap(), &bytes[start..]);
        stdout(verify);
        for (what, edit) in edits {
            let (mut header, mut data) = (header.clone(), bytes[start..].to_vec());
            edit(&mut header, &mut data);
            write(&serde_json::to_string(&header).unwrap(), &data);
            let said = failure(verify);
            assert!(!said.contains("differs"), "{what}: the data are as they were: {said}");
        }
        let text = String::from_utf8(bytes[8..start].to_vec()).unwrap();
        let twice =
            text.replacen("\"empty\":", r#""empty":{"dtype":"F16","shape":[0],"data_offsets":[0,0]},"empty":"#, 1);
        write(&twice, &bytes[start..]);
        assert!(failure(verify).contains("twice"));
        // Each bit of the header.
        for bit in (8 * 8..8 * start).step_by(13) {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, changed).unwrap();
            assert!(!command().args(verify).output().unwrap().status.success(), "bit {bit}");
        }
    }
}

/// A tensor that is called like the metadata would make a file that nothing reads.
#[test]
fn names_that_no_reader_takes_are_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let (model, out) = (folder.path().join("model.json"), folder.path().join("out.safetensors"));
    std::fs::write(&model, r#"{"tensors": {"__metadata__": {"dtype": "F32", "shape": [1]}}}"#).unwrap();
    let init =
        ["init".as_ref(), model.as_os_str(), "--init".as_ref(), "zeros".as_ref(), "-o".as_ref(), out.as_os_str()];
    assert!(failure(init).contains("cannot be called __metadata__"));
    assert!(!out.exists());
}

#[test]
fn inspect_shows_every_tensor() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path());
    let text = stdout(["inspect".as_ref(), path.as_os_str()]);
    assert!(text.contains("wgpu_init.seed = 11"), "{text}");
    let line = text.lines().find(|line| line.starts_with("model.layers.0.mlp.up_proj.weight")).unwrap();
    let columns: Vec<_> = line.split_whitespace().collect();
    assert_eq!(columns[1], "f16");
    let std: f64 = columns[6].parse().unwrap();
    assert!((std - 0.02).abs() < 2e-4, "{line}");
    assert!(line.contains('█'), "{line}");
}
