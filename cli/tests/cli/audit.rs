//! `audit`: what it prints, and its exit status.

use super::{run, stdout};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn checkpoint(folder: &Path, recipe: &[&str]) -> PathBuf {
    let path = folder.join("model.safetensors");
    let arguments = [&["init", "llama-tiny", "--seed", "11", "--device", "cpu", "--overwrite", "-o"], recipe].concat();
    let (first, rest) = arguments.split_at(8);
    let mut all: Vec<&std::ffi::OsStr> = first.iter().map(AsRef::as_ref).collect();
    all.push(path.as_os_str());
    all.extend(rest.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
    stdout(all);
    path
}

#[test]
fn what_the_recipe_drew_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path(), &[]);
    let text = stdout(["audit".as_ref(), path.as_os_str(), "--recipe".as_ref(), "llama".as_ref()]);
    assert!(text.starts_with("as its rules say: 57 tensors") && text.contains("at a level of 0.001"), "{text}");
    let text = stdout(["audit".as_ref(), path.as_os_str(), "--recipe".as_ref(), "llama".as_ref(), "-v".as_ref()]);
    assert!(text.contains("model.embed_tokens.weight") && text.contains("normal(0,0.02)"), "{text}");
}

#[test]
fn another_law_is_found_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path(), &["--set", "initializer_range=0.03"]);
    let arguments = ["audit".as_ref(), path.as_os_str(), "--recipe".as_ref(), "llama".as_ref()];
    let output = run(arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("error wrong-law: not normal(0,0.02)") && text.contains("std 0.03"), "{text}");
    assert!(text.contains("not as its rules say"), "{text}");
    // The configuration says so too: found to be right by it, but for the number.
    let config = folder.path().join("other.json");
    let json = |range: f64| {
        format!(
            r#"{{"model_type": "llama", "initializer_range": {range}, "vocab_size": 512, "hidden_size": 256, "intermediate_size": 688,
            "num_hidden_layers": 6, "num_attention_heads": 8, "num_key_value_heads": 4, "tie_word_embeddings": false}}"#
        )
    };
    let audited = |range: f64| {
        std::fs::write(&config, json(range)).unwrap();
        let arguments =
            ["audit".as_ref(), path.as_os_str(), "--from-config".as_ref(), config.as_os_str(), "--json".as_ref()];
        let output = run(arguments);
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), value)
    };
    let (code, value) = audited(0.02);
    let kinds = |value: &Value, kind: &str| {
        value["findings"].as_array().unwrap().iter().filter(|found| found["kind"] == kind).count()
    };
    assert!(code == Some(1) && value["clean"] == false && kinds(&value, "wrong-law") > 40, "{value}");
    let (_, value) = audited(0.03);
    assert_eq!(kinds(&value, "wrong-law"), 0, "{value}");
    assert_eq!(value["tensors"].as_array().unwrap().len(), 57);
}

#[test]
fn what_cannot_be_audited_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path(), &[]);
    let fails = |arguments: &[&std::ffi::OsStr], text: &str| {
        let output = run(arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && stderr.contains(text), "{}: {stderr}", output.status);
    };
    fails(&["audit".as_ref(), "nowhere.safetensors".as_ref()], "there is no file");
    fails(&["audit".as_ref(), "llama-tiny".as_ref()], "has no safetensors files");
    fails(&["audit".as_ref(), path.as_os_str(), "--level".as_ref(), "2".as_ref()], "is no chance");
    fails(&["audit".as_ref(), path.as_os_str(), "--recipe".as_ref(), "nothing".as_ref()], "nothing");
    let cut = folder.path().join("cut.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() - 1]).unwrap();
    fails(&["audit".as_ref(), cut.as_os_str(), "--recipe".as_ref(), "llama".as_ref()], "cannot read");
}
