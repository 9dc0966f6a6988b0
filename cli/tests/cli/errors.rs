//! Bad input: one clear error, a non-zero exit, nothing half-written.

use super::{command, failure};
use std::path::Path;

/// Runs `init` over a file with this content and expects it to fail.
fn bad_model(extension: &str, content: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join(format!("model.{extension}"));
    std::fs::write(&model, content).unwrap();
    let out = folder.path().join("out.safetensors");
    let text = failure([
        "init".as_ref(),
        model.as_os_str(),
        "--init".as_ref(),
        "zeros".as_ref(),
        "--device".as_ref(),
        "cpu".as_ref(),
        "-o".as_ref(),
        out.as_os_str(),
    ]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "only the model is left: {text}");
    text
}

#[test]
fn bad_models() {
    for (extension, content, expected) in [
        ("json", "{", "model.json is not JSON: EOF"),
        ("json", "not JSON at all", "model.json is not JSON: expected ident"),
        ("json", "[]", "model.json is no JSON object, as a list of parameters is: invalid type: sequence"),
        ("json", r#"{"model":"m"}"#, r#"a manifest reads like {"model": "torch-default", "tensors": {"fc.weight""#),
        ("json", r#"{"tensors":{"a":{"dtype":"F32"}}}"#, r#"which reads like {"model": "torch-default", "tensors""#),
        ("json", r#"{"tensors":{"a":{"dtype":"F32","shape":[-1]}}}"#, "-1"),
        ("json", r#"{"tensors":{"a":{"dtype":"F32","shape":[1]},"a":{"dtype":"F32","shape":[1]}}}"#, "twice"),
        ("json", r#"{"tensors":{"a":{"dtype":"I64","shape":[1]}}}"#, "I64"),
        ("json", r#"{"tensors":{"a":{"dtype":"F32","shape":[4294967296,4294967296]}}}"#, "2^64"),
        ("json", r#"{"tensors":{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1]}}}"#, "rank 9"),
        ("safetensors", "short", "shorter"),
        ("safetensors", "\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}", "claims"),
        ("safetensors", "\u{8}\0\0\0\0\0\0\0{\"a\":1}x", "malformed"),
        ("safetensors", "\u{20}\0\0\0\0\0\0\0{}", "not all of it: its header claims 32 bytes, the file has 2"),
        ("safetensors", "", "not a safetensors file"),
        ("safetensors", "\u{8}\0\0\0\0\0\0\0{\"a\"::1}", "not a safetensors file: its header is no JSON"),
    ] {
        let text = bad_model(extension, content.as_bytes());
        assert!(text.contains(expected), "{content:?}: {text:?} does not say {expected:?}");
    }
    assert!(bad_model("json", b"\xff\xfe").contains("cannot read"));
}

#[test]
fn bad_words_on_the_command_line() {
    let long = "9".repeat(30);
    for (arguments, expected) in [
        (vec!["init", "no-such-model", "--init", "zeros", "--no-write"], "bundled models"),
        (
            vec!["init", "llama-tiny", "--recipe", "gpt2", "--no-write"],
            "is for the model_type gpt2, and the model's is \"llama\"",
        ),
        (vec!["init", "gpt2", "--recipe", "gpt3", "--no-write"], "gpt3"),
        (vec!["init", "gpt2", "--init", "zeros"], "--output"),
        (vec!["plan", "gpt2", "--init", "normal(0,-1e300)"], "std is -1e300, it"),
        (vec!["plan", "gpt2", "--init", "uniform(1e300,-1e-300)"], "low = 1e300 and high = -1e-300, low"),
        (vec!["plan", "gpt2", "--init", "trunc_normal(0,1,1e300,2e300)"], "the window [1e300, 2e300] has"),
        (vec!["plan", "gpt2", "--seed", "7"], "a plan draws nothing and is the same for every seed"),
        (vec!["plan", "gpt2", "--recipe", "torch-default", "--seed=-1"], "a plan draws nothing"),
        (vec!["init", "llama-tiny", "-o", "-"], "say /dev/stdout, or ./- for a file"),
        (vec!["init", "gpt2", "--init", "zeros", "--recipe", "gpt2", "--no-write"], "cannot be used"),
        (vec!["init", "gpt2", "--init", "normal(0)", "--no-write"], "takes mean, std"),
        (vec!["init", "gpt2", "--init", "normal(0,-1)", "--no-write", "--device", "cpu"], "std is -1"),
        (vec!["init", "gpt2", "--init", "normal(0,nan)", "--no-write", "--device", "cpu"], "finite"),
        (vec!["init", "gpt2", "--init", "normal(0,1e6)", "--dtype", "f16", "--no-write", "--device", "cpu"], "f16"),
        (vec!["init", "gpt2", "--init", "zeros", "--dtype", "f8", "--no-write"], "f8"),
        (vec!["init", "gpt2", "--init", "zeros", "--seed=-1", "--no-write"], "2^64"),
        (vec!["init", "gpt2", "--init", "zeros", "--seed", &long, "--no-write"], "2^64"),
        (vec!["init", "gpt2", "--init", "zeros", "--no-write", "--device", "no such gpu"], "no such gpu"),
        (vec!["init", "gpt2", "--init", "zeros", "--no-write", "--device", "99"], "no adapter 99"),
        (vec!["sample", "--init", "gauss(0,1)", "--count", "1", "--format", "hex"], "not an initializer"),
        (vec!["sample", "--init", "normal(0,1)", "--count", "1", "--format", "hex", "--dtype", "f64"], "f64"),
        (vec!["sample", "--init", "normal(0,1)", "--count", "1", "--format", "octal"], "octal"),
        (vec!["sample", "--init", "normal(0,1)", "--format", "hex"], "--count"),
        (
            vec![
                "sample",
                "--init",
                "normal(0,1)",
                "--count",
                "2",
                "--offset",
                "18446744073709551615",
                "--format",
                "hex",
            ],
            "largest index",
        ),
        (
            vec!["sample", "--init", "trunc_normal(0,1,6,7)", "--count", "1", "--format", "hex", "--device", "cpu"],
            "2^-16",
        ),
        (
            vec!["sample", "--init", "trunc_normal(0,1,6,7)", "--count", "0", "--format", "hex", "--device", "cpu"],
            "2^-16",
        ),
        (vec!["words", "--count", "1", "--name", "a", "--stream", "1"], "cannot be used"),
        (vec!["words", "--count", "2", "--offset", "18446744073709551615"], "largest index"),
        (vec!["verify", "/no/such/file"], "/no/such/file"),
        (vec!["inspect", "/no/such/file"], "/no/such/file"),
        (vec!["export", "--init", "zeros", "--count", "0", "-o", "/no/such/folder"], "nothing to dispatch"),
    ] {
        let text = failure(&arguments);
        assert!(text.contains(expected), "{arguments:?}: {text:?} does not say {expected:?}");
        assert!(text.matches("cannot read").count() <= 1, "said once: {text:?}");
    }
}

#[test]
fn unwritable_places() {
    let folder = tempfile::tempdir().unwrap();
    let init = ["init", "llama-tiny", "--init", "zeros", "--device", "cpu", "-o"];
    let mut places = vec![(folder.path().join("missing/out.safetensors"), "No such file")];
    if cfg!(target_os = "linux") {
        // A device without space: every write fails.
        places.push((Path::new("/dev/full").to_owned(), "No space left"));
    }
    for (path, expected) in places {
        let text = failure(init.iter().map(AsRef::as_ref).chain([path.as_os_str()]));
        assert!(text.contains(expected), "{}: {text:?} does not say {expected:?}", path.display());
        assert!(!text.contains(".partial"), "{text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A full disk in the middle of a file: the temporary neighbour is removed, the final name never appears.
#[cfg(target_os = "linux")]
#[test]
fn a_file_size_limit_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.safetensors");
    // The shell's limit counts blocks of 512 or 1024 bytes: 10 to 20 MB, the model has 98. SIGXFSZ is ignored, so write fails.
    let script = format!(
        "trap '' XFSZ; ulimit -f 20000; exec {} init llama-tiny --init zeros --device cpu -o {}",
        env!("CARGO_BIN_EXE_wgpu-init"),
        out.display()
    );
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("File too large"), "{stderr}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{stderr}");
}

#[test]
fn a_device_file_is_written_directly() {
    if cfg!(target_os = "linux") {
        let status =
            command().args(["init", "llama-tiny", "--init", "zeros", "--device", "cpu", "-o", "/dev/null"]).output();
        assert!(status.unwrap().status.success());
        assert!(!Path::new("/dev/null").metadata().unwrap().is_file(), "/dev/null is still a device");
    }
}
