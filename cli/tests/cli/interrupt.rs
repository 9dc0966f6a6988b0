//! Ctrl-C in the middle of a checkpoint.
#![cfg(unix)]

use super::command;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn an_interrupt_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.safetensors");
    // 32 GB at a few hundred MB a second: it cannot finish before the signal, and is stopped long before the disk is full.
    let child = command()
        .args(["init", "llama-3.1-8b", "--init", "normal(0,0.02)", "--dtype", "f32", "--device", "cpu", "-o"])
        .arg(&out)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let partial = || std::fs::read_dir(folder.path()).unwrap().count();
    while partial() == 0 && start.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(partial(), 1, "the temporary file appears");
    assert!(!out.exists(), "the final name does not");
    std::thread::sleep(Duration::from_millis(300));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("interrupted"), "{stderr}");
    assert_eq!(partial(), 0, "nothing is left");
}
