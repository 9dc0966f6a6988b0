//! Where files and streams fail: links, devices, permissions, readers that leave, runs that were killed.
#![cfg(target_os = "linux")]

use super::{command, failure, stdout};
use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tempfile::tempdir;

const INIT: [&str; 7] = ["init", "llama-tiny", "--init", "normal(0,1)", "--device", "cpu", "-o"];

fn init(out: &Path) -> Output {
    command().args(INIT).arg(out).output().unwrap()
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(super) fn shell(script: &str) -> Output {
    let script = script.replace("WGPU_INIT", env!("CARGO_BIN_EXE_wgpu-init"));
    let mut shell = Command::new("sh");
    shell.env_remove("XDG_RUNTIME_DIR").env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    shell.args(["-c", &script]).output().unwrap()
}

#[test]
fn a_link_stays_a_link() {
    let (folder, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let (link, target) = (folder.path().join("link"), elsewhere.path().join("target"));
    symlink(&target, &link).unwrap();
    // To a file that is not there yet, and to one that is.
    for _ in 0..2 {
        assert!(init(&link).status.success());
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert!(target.symlink_metadata().unwrap().is_file());
        assert!(
            stdout(["verify".as_ref(), target.as_os_str(), "--device".as_ref(), "cpu".as_ref()]).contains("57 tensors")
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count() + fs::read_dir(elsewhere.path()).unwrap().count(), 2);
    symlink("b", folder.path().join("a")).unwrap();
    symlink("a", folder.path().join("b")).unwrap();
    let error = text(&init(&folder.path().join("a")).stderr);
    assert!(error.contains("too many links"), "{error}");
}

#[test]
fn the_standard_output_by_name_is_written_and_not_replaced() {
    let folder = tempdir().unwrap();
    let link = folder.path().join("stdout");
    symlink("/proc/self/fd/1", &link).unwrap();
    symlink("/proc/self/fd", folder.path().join("fds")).unwrap();
    let through = folder.path().join("fds/1");
    for path in [
        "/dev/stdout",
        "/proc/self/fd/1",
        "/dev/fd/1",
        "/dev/../dev/fd/1",
        "/proc/self/task/../fd/1",
        through.to_str().unwrap(),
        link.to_str().unwrap(),
    ] {
        let output = init(Path::new(path));
        assert!(output.status.success(), "{path}: {}", text(&output.stderr));
        // Nothing but the checkpoint, and what is said is said elsewhere.
        let tensors = safetensors::SafeTensors::deserialize(&output.stdout).unwrap();
        assert_eq!(tensors.len(), 57, "{path}");
        assert!(text(&output.stderr).contains("digest"), "{path}");
        let (before, after) = (Path::new(path).symlink_metadata().unwrap(), Path::new("/dev/stdout").exists());
        assert!(after && !before.is_file(), "{path}");
    }
    // A file that the shell opened to be added to.
    let kept = folder.path().join("kept");
    fs::write(&kept, "before").unwrap();
    let inode = kept.metadata().unwrap().ino();
    let output = shell(&format!(
        "exec WGPU_INIT {} /dev/stdout >> {}",
        INIT.join(" ").replace("normal(0,1)", "zeros"),
        kept.display()
    ));
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(kept.metadata().unwrap().ino(), inode);
    let bytes = fs::read(&kept).unwrap();
    assert!(bytes.starts_with(b"before") && safetensors::SafeTensors::deserialize(&bytes[6..]).is_ok());
}

#[test]
fn a_reader_of_a_pipe_that_leaves_is_an_error() {
    let folder = tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = command().args(INIT).arg(&pipe).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = File::open(&pipe).unwrap();
    reader.read_exact(&mut [0; 1000]).unwrap();
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("roken pipe"), "{}", text(&output.stderr));
    // Also where the pipe is the standard output, asked for by name.
    let script = format!(
        "{{ WGPU_INIT {} /dev/stdout; echo $? >&2; }} | head -c 1000 > /dev/null",
        INIT.join(" ").replace("normal(0,1)", "zeros")
    );
    let said = text(&shell(&script).stderr);
    assert!(said.contains("roken pipe") && said.trim().lines().last() == Some("1"), "{said}");
}

#[test]
fn permissions_of_a_replaced_file_are_kept_and_a_read_only_one_is_not_replaced() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("out.safetensors");
    for mode in [0o600, 0o640, 0o755] {
        fs::write(&out, "old").unwrap();
        fs::set_permissions(&out, Permissions::from_mode(mode)).unwrap();
        assert!(command().args(INIT).arg(&out).arg("--overwrite").output().unwrap().status.success());
        assert_eq!(out.metadata().unwrap().permissions().mode() & 0o7777, mode);
    }
    fs::write(&out, "old").unwrap();
    fs::set_permissions(&out, Permissions::from_mode(0o444)).unwrap();
    let error = failure(INIT.iter().map(AsRef::as_ref).chain([out.as_os_str(), "--overwrite".as_ref()]));
    assert!(error.contains("read-only"), "{error}");
    assert_eq!(fs::read(&out).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// In a folder as /tmp is, everybody may make files and nobody may replace another's: said before anything is drawn.
#[test]
fn a_file_of_another_user_in_a_sticky_folder_is_refused_at_once() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("out.safetensors");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
    fs::write(&out, "").unwrap();
    fs::set_permissions(&out, Permissions::from_mode(0o666)).unwrap();
    // Only root may become somebody else.
    let as_nobody = |program: &str, arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--clear-groups", program]).args(arguments).output()
    };
    let copy = folder.path().join("wgpu-init");
    fs::copy(env!("CARGO_BIN_EXE_wgpu-init"), &copy).unwrap();
    if !as_nobody("true", &[]).is_ok_and(|output| output.status.success()) {
        return;
    }
    // So large that it would take minutes to draw.
    let init = ["init", "llama-3.1-8b", "--init", "zeros", "--device", "cpu", "-o", out.to_str().unwrap()];
    let output = as_nobody(copy.to_str().unwrap(), &init).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("another user's") && !said.contains(".partial"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the file and the program");
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next_one() {
    let folder = tempdir().unwrap();
    let names = || fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    let start = |name: &str| {
        let before = names();
        let arguments = ["init", "llama-3.1-8b", "--init", "normal(0,1)", "--device", "cpu", "-o"];
        let mut command = command();
        command.args(arguments).arg(folder.path().join(name)).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        while names().iter().all(|name| before.contains(name)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(50));
        child
    };
    let mut killed = start("a");
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(names().len(), 1, "{:?}", names());
    // Not ours, and not to be touched; and a run that still lives.
    fs::write(folder.path().join(".wgpu-init-notes"), "mine").unwrap();
    let mut alive = start("b");
    let output = init(&folder.path().join("c"));
    assert!(output.status.success());
    let said = text(&output.stderr);
    let of_the_living = names().iter().filter(|name| name.to_string_lossy().ends_with(".partial")).count();
    alive.kill().unwrap();
    alive.wait().unwrap();
    assert_eq!(of_the_living, 1, "{:?}", names());
    assert!(names().iter().any(|name| name == ".wgpu-init-notes"));
    // The run "b" removed what "a" had left, the last one had nothing to remove.
    assert!(!said.contains("removed"), "{said}");
    let said = text(&init(&folder.path().join("d")).stderr);
    assert!(said.contains("an unfinished file") && said.contains("removed"), "{said}");
}

#[test]
fn nothing_panics_on_a_standard_output_that_is_full_or_closed() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("m.safetensors");
    assert!(init(&file).status.success());
    let file = file.display();
    for arguments in [
        "init llama-tiny --init zeros --device cpu --no-write".to_owned(),
        format!("verify {file} --device cpu"),
        format!("inspect {file}"),
        "devices".to_owned(),
        "plan gpt2".to_owned(),
        "plan gpt2 --json".to_owned(),
        format!("export --init zeros --count 16 -o {}", folder.path().display()),
        "words --count 100000".to_owned(),
        "sample --init 'normal(0,1)' --count 100000 --format text --device cpu".to_owned(),
        "bench --device cpu --size 1 --repetitions 1 --only uniform".to_owned(),
        "bench --device cpu --size 1 --repetitions 1 --only uniform --csv".to_owned(),
        "bench --device cpu --size 1 --repetitions 1 --only uniform --json".to_owned(),
    ] {
        let full = shell(&format!("exec WGPU_INIT {arguments} > /dev/full"));
        assert_eq!(full.status.code(), Some(1), "{arguments}: {}", text(&full.stderr));
        let said = text(&full.stderr);
        assert!(said.contains("No space left") && !said.contains("panicked"), "{arguments}: {said}");
        // Nowhere to say it.
        let mute = shell(&format!("exec WGPU_INIT {arguments} > /dev/full 2> /dev/full"));
        assert_eq!(mute.status.code(), Some(1), "{arguments}");
        // Whoever reads has left already, or leaves after a line.
        for reader in ["true", "head -n 1"] {
            let script = format!("{{ WGPU_INIT {arguments}; echo $? >&2; }} | {reader} > /dev/null");
            let said = text(&shell(&script).stderr);
            assert!(said.trim().lines().last() == Some("0"), "{arguments} | {reader}: {said}");
            assert!(!said.contains("anick") && !said.contains("roken pipe"), "{arguments} | {reader}: {said}");
        }
        let closed = shell(&format!("exec WGPU_INIT {arguments} >&- 2>&-"));
        assert!(matches!(closed.status.code(), Some(0 | 1)), "{arguments}: {}", closed.status);
    }
}

/// A system that gives too little: an error, no panic, and no million of threads.
#[test]
fn threads_and_memory_that_cannot_be_had() {
    let job = "exec WGPU_INIT init llama-tiny --init 'normal(0,1)' --device cpu --no-write";
    let many = shell(&format!("RAYON_NUM_THREADS=1000000 {job}"));
    assert!(many.status.success(), "{}", text(&many.stderr));
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(text(&many.stdout).contains(&format!("{} threads", 4 * cores)), "{}", text(&many.stdout));
    for odd in ["0", "-1", "x", ""] {
        assert!(shell(&format!("RAYON_NUM_THREADS={odd} {job}")).status.success(), "{odd}");
    }
    let model = tempdir().unwrap();
    let path = model.path().join("m.json");
    fs::write(&path, r#"{"tensors": {"w": {"dtype": "F32", "shape": [40000, 40000]}}}"#).unwrap();
    let orthogonal = format!("exec WGPU_INIT init {} --init orthogonal --device cpu --no-write", path.display());
    // 12.8 GB for the matrix.
    let said = shell(&format!("ulimit -v 3000000; {orthogonal}"));
    assert_eq!(said.status.code(), Some(1), "{}", text(&said.stderr));
    assert!(text(&said.stderr).contains("memory"), "{}", text(&said.stderr));
}

/// Each line of what `verify` says of a checkpoint is checked against what `init` said.
#[test]
fn init_and_verify_name_the_same_digests() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("m.safetensors");
    let written = text(&init(&out).stdout);
    let verified = stdout(["verify".as_ref(), out.as_os_str(), "--device".as_ref(), "cpu".as_ref()]);
    for name in ["digest", "identity"] {
        let of = |lines: &str| {
            let line = BufReader::new(lines.as_bytes()).lines().map(Result::unwrap).find(|line| line.starts_with(name));
            line.unwrap().split_whitespace().nth(1).unwrap().to_owned()
        };
        assert_eq!(of(&written), of(&verified), "{name}");
    }
}

#[test]
fn help_on_a_full_disk_is_an_error() {
    for arguments in ["--help", "--version", "help", "help init", "plan --help"] {
        let full = shell(&format!("exec WGPU_INIT {arguments} > /dev/full"));
        assert_eq!(full.status.code(), Some(1), "{arguments}");
        assert!(text(&full.stderr).contains("No space left"), "{arguments}: {}", text(&full.stderr));
        assert!(shell(&format!("exec WGPU_INIT {arguments}")).status.success(), "{arguments}");
    }
}

#[test]
fn a_checkpoint_is_not_lost_on_a_closed_standard_output() {
    let init = INIT.join(" ").replace("normal(0,1)", "zeros");
    let closed = shell(&format!("exec WGPU_INIT {init} /dev/stdout >&-"));
    assert_eq!(closed.status.code(), Some(1), "{}", text(&closed.stderr));
    assert!(text(&closed.stderr).contains("closed"), "{}", text(&closed.stderr));
    assert!(shell(&format!("exec WGPU_INIT {init} /dev/stdout > /dev/null")).status.success());
}

/// The signal of a file that is too large would end the process before it could clear up.
#[test]
fn a_file_size_limit_is_an_error_without_the_shells_help() {
    let folder = tempdir().unwrap();
    let init = INIT.join(" ").replace("normal(0,1)", "zeros");
    let output = shell(&format!("ulimit -f 20000; exec WGPU_INIT {init} {}", folder.path().join("m").display()));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("File too large"), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The description names the other files: it is there when they are, or not at all.
#[test]
fn an_export_that_fails_writes_nothing() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("records.bin")).unwrap();
    let out = folder.path().to_str().unwrap();
    assert!(failure(["export", "--init", "zeros", "--count", "4", "-o", out]).contains("directory"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A pipe where a file is kept between runs is not waited for.
#[test]
fn what_is_kept_between_runs_may_be_anything() {
    let cache = tempdir().unwrap();
    let run = || {
        let mut limited = Command::new("timeout");
        limited.args([
            "60",
            env!("CARGO_BIN_EXE_wgpu-init"),
            "sample",
            "--init",
            "zeros",
            "--count",
            "1",
            "--device",
            "gpu",
        ]);
        limited.env("XDG_CACHE_HOME", cache.path()).env("XDG_RUNTIME_DIR", std::env::temp_dir()).output().unwrap()
    };
    if !run().status.success() {
        return; // Without an adapter nothing is kept.
    }
    let Ok(kept) = cache.path().join("wgpu-init").read_dir() else { return };
    for file in kept.map(|entry| entry.unwrap().path()).collect::<Vec<_>>() {
        fs::remove_file(&file).unwrap();
        assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    }
    let output = run();
    assert!(output.status.success(), "{}: {}", output.status, text(&output.stderr));
}
