//! `tune`, and what is kept of a device between runs.

use super::command;
use std::path::Path;
use std::process::Output;

fn run(caches: &Path, arguments: &[&str]) -> Output {
    command().env("XDG_CACHE_HOME", caches).env("HOME", caches).args(arguments).output().unwrap()
}

fn stdout(caches: &Path, arguments: &[&str]) -> String {
    let output = run(caches, arguments);
    assert!(output.status.success(), "failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Files below a folder, by how their names end.
fn files(folder: &Path, end: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_str().unwrap().ends_with(end) {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_is_found_is_kept_used_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let caches = folder.path();
    let sample = ["sample", "--init", "normal(0,1)", "--count", "1000", "--device", "gpu", "--format", "hex"];
    let before = stdout(caches, &sample);
    let text = stdout(caches, &["tune", "--device", "gpu"]);
    let [kept] = &files(caches, ".tuning")[..] else { panic!("one file: {text}") };
    let found = std::fs::read_to_string(kept).unwrap();
    assert!(text.contains(found.trim()), "{text}");

    // Another tuning than any that is found: what is kept is what is used, and no bit changes.
    std::fs::write(kept, "portable uniform 3x5x7\n").unwrap();
    let [passed] = &files(caches, ".passed")[..] else { panic!("one file") };
    let init = run(caches, &["init", "llama-tiny", "--device", "gpu", "--no-write"]);
    let said = String::from_utf8_lossy(&init.stdout).into_owned();
    assert!(said.contains("Portable products, Uniform table, tiling 3x5x7"), "{said}");
    // What passed with another tuning says nothing of this one.
    assert!(std::fs::read_to_string(passed).unwrap().ends_with(" portable uniform 3x5x7\nf32\n"));
    assert_eq!(stdout(caches, &sample), before);

    // What cannot be read is done without.
    std::fs::write(kept, "fast please").unwrap();
    for pipelines in files(caches, ".pipelines") {
        std::fs::write(pipelines, "no pipelines").unwrap();
    }
    assert_eq!(stdout(caches, &sample), before);

    stdout(caches, &["tune", "--device", "gpu", "--forget"]);
    assert!(!kept.exists());
}

#[test]
fn the_self_test_runs_once_for_a_program_and_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let caches = folder.path();
    let sample = ["sample", "--init", "normal(0,1)", "--count", "4", "--device", "gpu"];
    let written = |path: &Path| std::fs::metadata(path).unwrap().modified().unwrap();
    stdout(caches, &sample);
    let [passed] = &files(caches, ".passed")[..] else { panic!("one file") };
    let (stamp, first) = (std::fs::read_to_string(passed).unwrap(), written(passed));
    stdout(caches, &sample);
    assert_eq!(written(passed), first, "it was tested again");

    // What another program passed says nothing of this one.
    let other = format!("{:032x}{}", 0, &stamp[32..]);
    std::fs::write(passed, &other).unwrap();
    stdout(caches, &sample);
    assert_eq!(std::fs::read_to_string(passed).unwrap(), stamp);

    // Nor one dtype of another.
    assert!(stamp.ends_with("\nf32\n"), "{stamp}");
    stdout(caches, &[&sample[..], &["--dtype", "bf16"]].concat());
    assert_eq!(std::fs::read_to_string(passed).unwrap(), format!("{stamp}bf16\n"));
}

/// What is kept of compiled pipelines goes to the driver only as it was written; anything else is replaced, and no bit depends on it.
#[test]
fn damaged_pipelines_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let caches = folder.path();
    let sample = ["sample", "--init", "normal(0,1)", "--count", "1000", "--device", "gpu", "--format", "hex"];
    let values = stdout(caches, &sample);
    let kept = files(caches, ".pipelines");
    let [path] = &kept[..] else {
        // Some devices have no caches of pipelines (OpenGL); nothing may be left of them then.
        assert!(kept.is_empty(), "{kept:?}");
        return;
    };
    let right = std::fs::read(path).unwrap();
    let flipped = right.split_last().map(|(last, before)| [before, &[last ^ 1]].concat()).unwrap();
    // Each other bit and length: the tests of `pipelines`.
    let damaged: [(&str, Vec<u8>); 3] = [
        ("as it was kept before it had a digest", right[32..].to_vec()),
        ("cut short", right[..right.len() - 1].to_vec()),
        ("its last byte", flipped),
    ];
    for (what, bytes) in &damaged {
        std::fs::write(path, bytes).unwrap();
        assert_eq!(stdout(caches, &sample), values, "{what}");
        // The driver may give other bytes than the first time, but whole and with their digest.
        let now = std::fs::read(path).unwrap();
        assert_ne!(&now, bytes, "{what}");
        assert_eq!(now[..16], right[..16], "{what}");
        assert_eq!(now[16..32], xxhash_rust::xxh3::xxh3_128(&now[32..]).to_le_bytes(), "{what}");
    }

    // What is whole stays as it is.
    let written = || std::fs::metadata(path).unwrap().modified().unwrap();
    let last = written();
    assert_eq!(stdout(caches, &sample), values);
    assert_eq!(written(), last, "it was replaced");
}

#[test]
fn the_cpu_is_not_tuned() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["tune", "--device", "cpu"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the CPU executor needs no tuning"));
}
