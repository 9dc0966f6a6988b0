//! Signals, wherever the command is: the first ends it within a second, the second at once, and nothing half-written is left.
#![cfg(unix)]

use super::command;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A second, and what a busy machine adds to it.
const SOON: Duration = Duration::from_millis(1900);

fn start<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Child {
    command().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// Waits for the end, which must come in time, and reads what was said then: nobody read before.
fn end(mut child: Child, most: Duration) -> Output {
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > most {
            child.kill().unwrap();
            panic!("it goes on {most:?} after the signal");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

fn assert_interrupted(output: &Output, code: i32) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
    assert!(stderr.contains("interrupted; nothing unfinished was left behind"), "{stderr}");
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

/// Starts an `init` into the folder, and waits until it has a temporary file and some time to work.
fn start_init(folder: &Path, model: &str, init: &str) -> Child {
    let out = folder.join("out.safetensors");
    let arguments = ["init", model, "--init", init, "--dtype", "f32", "--device", "cpu", "-o"];
    let child = start(arguments.iter().map(AsRef::as_ref).chain([out.as_os_str()]));
    let started = Instant::now();
    while files(folder) == 0 && started.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(files(folder), 1, "the temporary file appears");
    assert!(!out.exists(), "the final name does not");
    std::thread::sleep(Duration::from_millis(300));
    child
}

#[test]
fn a_checkpoint_that_is_being_written_leaves_no_file() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let folder = tempfile::tempdir().unwrap();
        // 32 GB at a few hundred MB a second: it cannot finish before the signal, and is stopped long before the disk is full.
        let child = start_init(folder.path(), "llama-3.1-8b", "normal(0,0.02)");
        send(&child, signal);
        assert_interrupted(&end(child, SOON), code);
        assert_eq!(files(folder.path()), 0, "nothing is left");
    }
}

/// A matrix is one call of the library, of a minute or more.
#[test]
fn a_large_orthogonal_matrix_does_not_hold_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    std::fs::write(&model, r#"{"tensors": {"w": {"dtype": "F32", "shape": [9000, 9000]}}}"#).unwrap();
    let out = tempfile::tempdir().unwrap();
    for (signals, code) in [(&["-INT"][..], 130), (&["-TERM", "-TERM"], 143)] {
        let child = start_init(out.path(), model.to_str().unwrap(), "orthogonal");
        signals.iter().for_each(|signal| send(&child, signal));
        assert_interrupted(&end(child, SOON), code);
        assert_eq!(files(out.path()), 0, "nothing is left");
    }
}

#[test]
fn a_pipe_that_nobody_reads_does_not_hold_the_command() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let child = start([
            "sample",
            "--init",
            "normal(0,1)",
            "--count",
            "1000000000000",
            "--format",
            "hex",
            "--device",
            "cpu",
        ]);
        std::thread::sleep(Duration::from_millis(500));
        send(&child, signal);
        assert_interrupted(&end(child, SOON), code);
    }
}

/// Nobody reads from the pipe that is to be opened.
#[test]
fn a_pipe_that_nobody_opens_does_not_hold_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let arguments = ["init", "llama-tiny", "--init", "zeros", "--device", "cpu", "-o"];
    let child = start(arguments.iter().map(AsRef::as_ref).chain([pipe.as_os_str()]));
    std::thread::sleep(Duration::from_millis(300));
    send(&child, "-TERM");
    assert_interrupted(&end(child, SOON), 143);
}

#[test]
fn computing_without_writing_can_be_stopped() {
    let arguments =
        ["init", "llama-3.1-70b", "--init", "normal(0,1)", "--dtype", "f32", "--device", "cpu", "--no-write"];
    let child = start(arguments);
    std::thread::sleep(Duration::from_millis(500));
    send(&child, "-INT");
    assert_interrupted(&end(child, SOON), 130);
}

/// Where the first is not answered at once, a second one ends it: before the time that the first one leaves.
#[test]
fn a_second_signal_ends_the_command_at_once() {
    let child =
        start(["sample", "--init", "normal(0,1)", "--count", "1000000000000", "--format", "raw", "--device", "cpu"]);
    std::thread::sleep(Duration::from_millis(500));
    send(&child, "-TERM");
    std::thread::sleep(Duration::from_millis(50));
    send(&child, "-TERM");
    assert_interrupted(&end(child, Duration::from_millis(450)), 143);
}

/// What was measured before a signal stands there, whole, and with what it is compared with.
#[test]
fn a_benchmark_that_is_ended_leaves_the_rows_that_it_had_measured() {
    for (form, signal, code) in
        [("--csv", "-TERM", Some(143)), ("--csv", "-KILL", None), ("--json", "-TERM", Some(143))]
    {
        // The lists of tensors, which come last, take seconds.
        let mut child = start(["bench", "--device", "cpu", "--size", "1", "--repetitions", "99", form]);
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        while text.matches("uniform").count() < 2 {
            assert!(out.read_line(&mut text).unwrap() > 0, "{text}");
        }
        send(&child, signal);
        out.read_to_string(&mut text).unwrap();
        assert_eq!(child.wait().unwrap().code(), code, "{form} {signal}");
        let rows: Vec<serde_json::Value> = if form == "--json" {
            serde_json::from_str(&text).unwrap()
        } else {
            let mut lines = csv::Reader::from_reader(text.as_bytes());
            lines
                .deserialize()
                .map(|row: csv::Result<std::collections::BTreeMap<String, String>>| {
                    serde_json::to_value(row.unwrap()).unwrap()
                })
                .collect()
        };
        assert!(rows.iter().all(|row| row["tensors"] != "10000" && row["tensors"] != 10_000), "not ended: {text}");
        let uniform: Vec<_> = rows.iter().filter(|row| row["law"] == "uniform").collect();
        assert!(uniform.len() >= 2, "{text}");
        for figure in ["seconds", "percent_of_clear", "percent_of_constant"] {
            assert!(uniform.iter().all(|row| !row[figure].is_null() && row[figure] != ""), "{figure}: {text}");
        }
    }
}
