//! The command, end to end: the real binary, real files.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod bench;
mod classes;
mod dcp;
mod errors;
mod existing;
mod export;
mod faults;
mod folder;
mod from;
mod hostile;
mod init;
mod integers;
mod interrupt;
mod looks;
mod models;
mod parts;
mod permute;
mod plan;
mod report;
mod sample;
mod shards;
mod shares;
mod tune;
mod twice;
mod verify;

use std::ffi::OsStr;
use std::process::{Command, Output};

/// The binary under test.
fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wgpu-init"));
    // As in a container: nothing may say "error:" on its own account for that.
    command.env_remove("XDG_RUNTIME_DIR");
    // What a developer has tuned is not what is tested.
    command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Runs the command to its end.
fn run<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    command().args(arguments).output().unwrap()
}

/// Standard output of a run that must succeed.
fn stdout<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Standard error of a run that must fail with exit code 1 (or clap's 2) and say so once.
fn failure<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> String {
    let output = run(arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(matches!(output.status.code(), Some(1 | 2)), "exit status {}: {stderr}", output.status);
    assert_eq!(stderr.matches("error:").count(), 1, "one clear error, not: {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    stderr
}
