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
    assert!(stdout(caches, &["devices", "-v"]).contains("Portable products, Uniform table, tiling 3x5x7"));
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
fn the_cpu_is_not_tuned() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["tune", "--device", "cpu"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the CPU executor needs no tuning"));
}
