//! Files, lists and arguments that somebody else made: what is in them is bounded, escaped, and called by its name.
#![cfg(target_os = "linux")]

use super::faults::{shell, text};
use super::{command, failure};
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use tempfile::tempdir;

/// A safetensors file of empty tensors and these metadata.
fn hostile(path: &Path, names: &[&str], metadata: &[(&str, &str)]) {
    let mut header = serde_json::Map::new();
    let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).into()));
    header.insert("__metadata__".to_owned(), serde_json::Value::Object(metadata.collect()));
    for name in names {
        let info = serde_json::json!({ "dtype": "F32", "shape": [0], "data_offsets": [0, 0] });
        header.insert((*name).to_owned(), info);
    }
    let header = serde_json::to_vec(&header).unwrap();
    fs::write(path, [&(header.len() as u64).to_le_bytes(), header.as_slice()].concat()).unwrap();
}

/// What a file calls its tensors does not move the cursor, and is no line of its own.
#[test]
fn text_of_files_is_escaped_wherever_it_is_shown() {
    let folder = tempdir().unwrap();
    let evil = "w\u{1b}[2J\r\nerror: all is well\u{202e}\u{7}";
    let file = folder.path().join("e\u{1b}vil\n.safetensors");
    hostile(&file, &[evil, &"n".repeat(70_000)], &[(evil, evil)]);
    let rules = folder.path().join("rules.toml");
    fs::write(&rules, "[[rule]]\nname = \"other\"\ninit = \"zeros\"\n").unwrap();
    let [file, rules] = [file.as_os_str(), rules.as_os_str()];
    let shown = ["inspect".as_ref(), file];
    let planned = ["plan".as_ref(), file, "--init".as_ref(), "zeros".as_ref()];
    let refused = ["plan".as_ref(), file, "--rules".as_ref(), rules];
    let unverified = ["verify".as_ref(), file];
    let missing = ["plan".as_ref(), "no\u{1b}such".as_ref()];
    for arguments in [&shown[..], &planned, &refused, &unverified, &missing] {
        let output = command().args(arguments).output().unwrap();
        let all = text(&output.stdout) + &text(&output.stderr);
        let raw = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
        assert!(!all.contains(raw), "{arguments:?}: {all:?}");
        assert!(!all.lines().any(|line| line.starts_with("error: all is well")), "{arguments:?}: {all}");
        assert!(all.lines().all(|line| line.len() < 71_000), "{arguments:?}");
        assert!(!all.contains("panicked"), "{arguments:?}: {all}");
    }
}

#[test]
fn only_regular_files_are_read_and_only_so_much_of_them() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let pipe = at("pipe.safetensors");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink(&pipe, at("model.safetensors")).unwrap();
    symlink("/dev/zero", at("config.json")).unwrap();
    fs::create_dir(at("shards")).unwrap();
    fs::write(at("shards/model.safetensors.index.json"), r#"{"weight_map": {"w": "pipe.safetensors"}}"#).unwrap();
    symlink(&pipe, at("shards/pipe.safetensors")).unwrap();
    fs::create_dir(at("beside")).unwrap();
    hostile(&at("beside/model.safetensors"), &["w"], &[]);
    symlink("/dev/zero", at("beside/config.json")).unwrap();
    File::create(at("endless.toml")).unwrap().set_len(1 << 40).unwrap();
    let [pipe, model, shards, endless] = [pipe, at("model.safetensors"), at("shards"), at("endless.toml")];
    let zeros = ["--init", "zeros"];
    let plan = |model: &Path, rest: &[&str]| {
        let script = ["plan", model.to_str().unwrap()].iter().chain(rest).copied().collect::<Vec<_>>();
        // Two seconds are more than a refusal takes, and 200 MB of memory.
        let mut limited = Command::new("timeout");
        limited.args(["5", "sh", "-c", "ulimit -v 2000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_wgpu-init")]);
        let output = limited.args(script).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    for (model, rest, says) in [
        (pipe.as_path(), &zeros[..], "a named pipe"),
        (&model, &zeros, "a named pipe"),
        (&shards, &zeros, "a named pipe"),
        (Path::new("/dev/zero"), &zeros, "a device"),
        (&at("config.json"), &zeros, "a device"),
        (Path::new("gpt2"), &["--rules", "/dev/zero"], "a device"),
        (Path::new("gpt2"), &["--rules", pipe.to_str().unwrap()], "a named pipe"),
        (Path::new("gpt2"), &["--rules", endless.to_str().unwrap()], "more than"),
    ] {
        let (code, said) = plan(model, rest);
        assert_eq!(code, Some(1), "{}: {said}", model.display());
        assert!(said.contains(says), "{}: {said}", model.display());
    }
    // A configuration beside a checkpoint is not needed.
    let (code, said) = plan(&at("beside"), &zeros);
    assert!(code == Some(0) && said.contains("a device"), "{said}");
}

#[test]
fn a_header_of_integers_takes_little_memory() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let ones = "1,".repeat(45_000_000 - 1);
    let header = format!(r#"{{"w":{{"dtype":"F32","shape":[{ones}1],"data_offsets":[0,4]}}}}"#);
    fs::write(&path, [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[0; 4]].concat()).unwrap();
    let script = format!("ulimit -v 500000; exec WGPU_INIT inspect {}", path.display());
    let said = text(&shell(&script).stderr);
    assert!(said.contains("rank"), "{said}");
}

/// Lists of a million are no models.
#[test]
fn lists_of_tensors_have_a_bound() {
    let folder = tempdir().unwrap();
    let (header, manifest) = (folder.path().join("m.safetensors"), folder.path().join("m.json"));
    let list = |info: &str| (0..300_000).map(|number| format!(r#""{number}":{info}"#)).collect::<Vec<_>>().join(",");
    let json = format!("{{{}}}", list(r#"{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#));
    fs::write(&header, [&(json.len() as u64).to_le_bytes(), json.as_bytes()].concat()).unwrap();
    fs::write(&manifest, format!(r#"{{"tensors":{{{}}}}}"#, list(r#"{"dtype":"F32","shape":[0]}"#))).unwrap();
    for path in [&header, &manifest] {
        let said = failure(["plan".as_ref(), path.as_os_str(), "--init".as_ref(), "zeros".as_ref()]);
        assert!(said.contains("more than 262144"), "{said}");
    }
}

#[test]
fn what_is_no_safetensors_file_is_called_by_its_name() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    for (content, says) in [
        (&b"version https://git-lfs.github.com/spec/v1\noid sha256:0"[..], "Git LFS"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"PK\x03\x04\0\0\0\0archive/data.pkl", "pickled"),
        (b"GGUF\x03\0\0\0\0\0\0\0", "GGUF"),
        (b"{\"tensors\": {}}", "JSON"),
        (&[0xFF; 64], "not a safetensors file"),
    ] {
        fs::write(&path, content).unwrap();
        let said = failure(["inspect".as_ref(), path.as_os_str()]);
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn what_was_not_downloaded_is_called_by_its_name() {
    let folder = tempdir().unwrap();
    for (content, says) in
        [("version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS"), ("\n<!DOCTYPE html><html>", "HTML")]
    {
        for (name, arguments) in [("m.json", vec!["--init", "zeros"]), ("r.toml", vec![])] {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            let path = path.to_str().unwrap();
            let arguments = if arguments.is_empty() {
                vec!["plan", "gpt2", "--rules", path]
            } else {
                [vec!["plan", path], arguments].concat()
            };
            let said = failure(&arguments);
            assert!(said.contains(says), "{arguments:?}: {said}");
        }
    }
}

/// What was typed comes back in messages, and may have been typed by somebody else's script.
#[test]
fn arguments_are_escaped_in_what_is_said_of_them() {
    let evil = "\u{1b}[2J\u{202e}\nerror: all is well\u{7}";
    for arguments in [
        vec!["plan", "gpt2", "--init", evil],
        vec!["plan", "gpt2", "--recipe", evil],
        vec!["plan", "gpt2", "--set", evil],
        vec!["plan", "gpt2", "--dtype", evil],
        vec!["plan", "gpt2", "--rules", evil],
        vec!["plan", evil],
        vec![evil],
        vec!["help", evil],
        vec!["words", "--count", evil],
        vec!["sample", "--init", "zeros", "--count", "1", "--device", evil],
    ] {
        let output = command().args(&arguments).output().unwrap();
        let said = text(&output.stderr);
        assert!(matches!(output.status.code(), Some(1 | 2)), "{arguments:?}: {said}");
        assert!(!said.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'), "{arguments:?}: {said:?}");
        assert!(!said.lines().any(|line| line.starts_with("error: all is well")), "{arguments:?}: {said}");
        assert!(said.starts_with("error: "), "{arguments:?}: {said}");
    }
}
