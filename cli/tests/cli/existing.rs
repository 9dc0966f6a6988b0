//! What becomes of a file that stands where a checkpoint is to go.

use super::{failure, stdout};
use std::path::Path;

fn init<'a>(model: &'a str, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    [&["init", model, "--device", "cpu", "-o", out.to_str().unwrap()], more].concat()
}

#[test]
fn somebodys_file_is_not_replaced_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.safetensors");
    std::fs::write(&out, "somebody's thesis").unwrap();
    let said = failure(init("llama-tiny", &out, &[]));
    assert!(
        said.contains("exists and is replaced only with --overwrite") && said.contains("not a safetensors file"),
        "{said}"
    );
    assert_eq!(std::fs::read(&out).unwrap(), b"somebody's thesis");
    stdout(init("llama-tiny", &out, &["--overwrite"]));
    // This command's own, of the same model, in whatever dtype and of whatever values: the run can be repeated.
    stdout(init("llama-tiny", &out, &[]));
    stdout(init("llama-tiny", &out, &["--seed", "9", "--dtype", "bf16", "--init", "normal(0,1)"]));
    stdout(["verify", out.to_str().unwrap(), "--device", "cpu"]);
    let said = failure(init("whisper-tiny", &out, &[]));
    assert!(said.contains("a checkpoint of another model"), "{said}");
    // Nothing is lost with a file of nothing.
    std::fs::write(&out, "").unwrap();
    stdout(init("llama-tiny", &out, &[]));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A checkpoint of other rules, seed or dtype is one's own too, but not what the same command would make again.
#[test]
fn a_checkpoint_of_other_values_is_replaced_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.safetensors");
    let said = |more: &[&str]| {
        let output = super::run(init("llama-tiny", &out, more));
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap().trim().to_owned()
    };
    let note = |was: &str| format!("note: {} is replaced: it was made with {was}", out.display());
    assert_eq!(said(&[]), "");
    assert_eq!(said(&[]), "", "the same again");
    assert_eq!(said(&["--seed", "9"]), note("recipe llama, seed 0, f32"));
    assert_eq!(said(&["--seed", "9", "--dtype", "bf16"]), note("recipe llama, seed 9, f32"));
    assert_eq!(said(&["--init", "zeros"]), note("recipe llama, seed 9, bf16"));
    let rules = folder.path().join("rules.toml");
    let with_rules = |init: &str| {
        std::fs::write(&rules, format!("[[rule]]\nname = \"*\"\ninit = \"{init}\"\n")).unwrap();
        said(&["--rules", rules.to_str().unwrap()])
    };
    assert_eq!(with_rules("normal(0, 1)"), note("constant(0), seed 0, f32"));
    assert_eq!(with_rules("normal(0, 1)"), "");
    assert_eq!(with_rules("normal(0, 2)"), note("unnamed rules, seed 0, f32, by other rules"));
    assert_eq!(said(&["--overwrite"]), "", "that was asked for");
}

/// Metadata alone do not make a file this command's own: a model may be trained where it lies.
#[test]
fn a_checkpoint_that_was_trained_in_place_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.safetensors");
    for values in ["normal(0,1)", "orthogonal"] {
        let model = folder.path().join("model.json");
        let tensor = r#"{"dtype": "F32", "shape": [40, 40]}"#;
        std::fs::write(&model, format!(r#"{{"tensors": {{"a": {tensor}, "b": {tensor}}}}}"#)).unwrap();
        let rules = folder.path().join("rules.toml");
        let text = format!("[[rule]]\nname = \"a\"\ninit = \"{values}\"\n[[rule]]\nname = \"*\"\ninit = \"zeros\"\n");
        std::fs::write(&rules, text).unwrap();
        let again = init(model.to_str().unwrap(), &out, &["--rules", rules.to_str().unwrap()]);
        stdout(&again);
        stdout(&again);
        let mut bytes = std::fs::read(&out).unwrap();
        // The first elements of b, which comes last.
        let at = bytes.len() - 6400;
        bytes[at] ^= 1;
        std::fs::write(&out, &bytes).unwrap();
        let said = failure(&again);
        assert!(said.contains("the tensor b was changed since it was written"), "{said}");
        std::fs::remove_file(&out).unwrap();
    }
}

#[test]
fn what_a_model_is_read_from_is_never_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let out = at("model.safetensors");
    stdout(init("llama-tiny", &out, &[]));
    let bytes = std::fs::read(&out).unwrap();
    std::fs::write(at("config.json"), r#"{"model_type": "gpt2", "n_layer": 1}"#).unwrap();
    std::fs::write(at("rules.toml"), "[[rule]]\nname = \"*\"\ninit = \"zeros\"\n").unwrap();
    let mut places = vec![out.clone(), at("config.json")];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&out, at("link")).unwrap();
        places.push(at("link"));
    }
    for place in places {
        for model in [out.to_str().unwrap(), folder.path().to_str().unwrap()] {
            let said = failure(init(model, &place, &["--init", "zeros", "--overwrite"]));
            assert!(said.contains("is read from as well"), "{}: {said}", place.display());
        }
    }
    let rules = at("rules.toml");
    let said = failure(init("gpt2", &rules, &["--rules", rules.to_str().unwrap(), "--overwrite"]));
    assert!(said.contains("is read from as well"), "{said}");
    assert_eq!(std::fs::read(&out).unwrap(), bytes);
}

/// The main job, twice in a folder.
#[test]
fn the_command_without_arguments_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let job = || super::command().current_dir(folder.path()).output().unwrap();
    let digest = |output: std::process::Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find(|line| line.starts_with("digest")).unwrap().to_owned()
    };
    let first = digest(job());
    assert!(first.contains("f8a3574f"), "{first}");
    assert_eq!(digest(job()), first);
    std::fs::write(folder.path().join("gpt2.safetensors"), "mine").unwrap();
    assert_eq!(job().status.code(), Some(1));
    assert_eq!(std::fs::read(folder.path().join("gpt2.safetensors")).unwrap(), b"mine");
}
