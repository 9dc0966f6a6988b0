//! `init MODEL -o DIR/`: several files, by any number of processes, whatever becomes of them.

use super::{command, failure, run, stdout};
use safetensors::SafeTensors;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// A Llama of three layers: 30 tensors, 6,624 bytes of f32.
const CONFIG: &str = r#"{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 10, "hidden_size": 8,
    "intermediate_size": 12, "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 1,
    "initializer_range": 0.5}"#;

pub(super) fn config(folder: &Path) -> String {
    let path = folder.join("config.json");
    std::fs::write(&path, CONFIG).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Arguments that write the model's files of 1,500 bytes into a folder.
pub(super) fn init<'a>(config: &'a str, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let out = out.to_str().unwrap();
    [&["init", config, "--device", "cpu", "-o", out, "--max-shard-size", "1500B"], more].concat()
}

/// A folder that is there: then no `/` is needed.
pub(super) fn made(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

pub(super) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entry = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
    };
    std::fs::read_dir(folder).unwrap().map(entry).collect()
}

pub(super) fn tensors(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for (_, bytes) in contents(folder).into_iter().filter(|(name, _)| name.ends_with(".safetensors")) {
        for (name, view) in SafeTensors::deserialize(&bytes).unwrap().tensors() {
            assert!(all.insert(name.clone(), view.data().to_vec()).is_none(), "{name} twice");
        }
    }
    all
}

#[test]
fn a_folder_has_files_index_configuration_and_digests() {
    let folder = tempfile::tempdir().unwrap();
    let (config, out) = (config(folder.path()), made(folder.path(), "out"));
    let said = stdout(init(&config, &out, &[]));
    let files = contents(&out);
    let count = files.keys().filter(|name| name.ends_with(".safetensors")).count();
    assert!(count >= 4, "{count}");
    let names: Vec<_> = (1..=count).map(|file| format!("model-{file:05}-of-{count:05}.safetensors")).collect();
    assert!(names.iter().all(|name| files.contains_key(name)));
    assert_eq!(files.len(), count + 3, "and the index, the configuration and the digests");
    assert_eq!(files["config.json"], CONFIG.as_bytes());
    let index: Value = serde_json::from_slice(&files["model.safetensors.index.json"]).unwrap();
    let mut total = 0;
    for name in &names {
        let read = SafeTensors::deserialize(&files[name]).unwrap();
        let data: usize = read.tensors().iter().map(|(_, view)| view.data().len()).sum();
        assert!(data <= 1500, "{name}");
        total += data;
        assert!(read.names().iter().all(|tensor| index["weight_map"][*tensor] == **name));
    }
    assert_eq!(index["metadata"]["total_size"], total);
    assert_eq!(index["weight_map"].as_object().unwrap().len(), tensors(&out).len());
    assert_eq!(index["weight_map"]["model.embed_tokens.weight"], names[0], "in the order of the model");
    let summary: Value = serde_json::from_slice(&files["wgpu-init.json"]).unwrap();
    assert_eq!(summary["files"].as_array().unwrap().len(), count);
    assert!(said.contains(&format!("identity    {} (of all files", summary["identity"].as_str().unwrap())), "{said}");
    // The values are those of one file.
    let one = folder.path().join("one.safetensors");
    stdout(["init", &config, "--device", "cpu", "-o", one.to_str().unwrap()]);
    let bytes = std::fs::read(one).unwrap();
    let one: BTreeMap<_, _> = SafeTensors::deserialize(&bytes)
        .unwrap()
        .tensors()
        .into_iter()
        .map(|(name, of)| (name, of.data().to_vec()))
        .collect();
    assert_eq!(tensors(&out), one);
    // And the folder is a model of its own.
    let again = made(folder.path(), "again");
    stdout(init(out.to_str().unwrap(), &again, &[]));
    assert_eq!(tensors(&again), one);
}

#[test]
fn one_file_has_its_usual_name_and_no_index() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let out = format!("{}/new/", folder.path().display());
    stdout(["init", &config, "--device", "cpu", "-o", &out]);
    let files = contents(Path::new(&out));
    assert_eq!(files.keys().collect::<Vec<_>>(), ["config.json", "model.safetensors", "wgpu-init.json"]);
}

#[test]
fn any_number_of_ranks_writes_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let alone = made(folder.path(), "alone");
    stdout(init(&config, &alone, &[]));
    // As many processes at a time, and one after the other from the last to the first.
    let together = made(folder.path(), "together");
    let ranks = ["0", "1", "2", "3"];
    let start = |rank| {
        let arguments = init(&config, &together, &["--rank", rank, "--ranks", "4"]);
        command().args(arguments).stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let running = ranks.map(start);
    running.into_iter().for_each(|mut child| assert!(child.wait().unwrap().success()));
    assert_eq!(contents(&together), contents(&alone));
    let apart = made(folder.path(), "apart");
    for rank in ["2", "1", "0"] {
        let launched =
            command().args(init(&config, &apart, &[])).env("RANK", rank).env("WORLD_SIZE", "3").output().unwrap();
        let said = String::from_utf8(launched.stdout).unwrap();
        assert!(launched.status.success());
        assert!(
            said.contains(&format!("rank        {rank} of 3, by PyTorch's variables (RANK={rank}, WORLD_SIZE=3)")),
            "{said}"
        );
        assert_eq!(said.contains("known when the other ranks' files are there"), rank != "0", "{said}");
    }
    assert_eq!(contents(&apart), contents(&alone));
    // More than there are files.
    let many = made(folder.path(), "many");
    for rank in 0..20 {
        stdout(init(&config, &many, &["--rank", &rank.to_string(), "--ranks", "20"]));
    }
    assert_eq!(contents(&many), contents(&alone));
}

#[test]
fn what_is_complete_is_kept_and_the_rest_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let (config, out) = (config(folder.path()), made(folder.path(), "out"));
    stdout(init(&config, &out, &[]));
    let whole = contents(&out);
    let first = out.join(whole.keys().find(|name| name.starts_with("model-00001")).unwrap());
    let second = out.join(whole.keys().find(|name| name.starts_with("model-00002")).unwrap());
    let said = failure(init(&config, &out, &[]));
    assert!(said.contains("model-00001-of-") && said.contains("exists: --resume keeps"), "{said}");
    assert_eq!(contents(&out), whole);
    let said = stdout(init(&config, &out, &["--resume"]));
    assert!(said.contains("files       0 written"), "{said}");
    // One is missing, one is cut, and a run that was killed has left something.
    std::fs::remove_file(&first).unwrap();
    std::fs::remove_file(out.join("wgpu-init.json")).unwrap();
    let cut = std::fs::read(&second).unwrap();
    std::fs::write(&second, &cut[..cut.len() - 10]).unwrap();
    std::fs::write(out.join(".wgpu-init.rank-0-abc.partial"), "half").unwrap();
    std::fs::write(out.join(".wgpu-init.rank-7-abc.partial"), "half").unwrap();
    let output = run(init(&config, &out, &["--resume"]));
    let said = String::from_utf8(output.stderr).unwrap();
    let (there, whole_size) = (cut.len() - 10, cut.len());
    assert!(said.contains(&format!("has {there} of {whole_size} bytes and is made again")), "{said}");
    assert_eq!(said.matches("of runs that were killed is removed").count(), 2, "{said}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("files       2 written"));
    assert_eq!(contents(&out), whole);
    // Somebody has trained it.
    let mut trained = std::fs::read(&first).unwrap();
    *trained.last_mut().unwrap() ^= 1;
    std::fs::write(&first, &trained).unwrap();
    let said = failure(init(&config, &out, &["--resume"]));
    assert!(said.contains("its data were changed since it was written"), "{said}");
    assert_eq!(std::fs::read(&first).unwrap(), trained);
    stdout(init(&config, &out, &["--resume", "--overwrite"]));
    assert_eq!(contents(&out), whole);
}

#[test]
fn a_folder_of_another_job_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (config, out) = (config(folder.path()), made(folder.path(), "out"));
    stdout(init(&config, &out, &[]));
    let whole = contents(&out);
    for more in [&["--resume"][..], &[]] {
        let said = failure(init(&config, &out, &[&["--seed", "7"], more].concat()));
        assert!(
            said.contains("made by recipe llama, seed 0 (hf") && said.contains("this is recipe llama, seed 7"),
            "{said}"
        );
        let said = failure(init(&config, &out, &[&["--dtype", "bf16"], more].concat()));
        assert!(said.contains("no file of this job") || said.contains("other laws or dtypes"), "{said}");
        let said = failure(["init", &config, "--device", "cpu", "-o", out.to_str().unwrap()].iter().chain(more));
        assert!(said.contains("holds model-00001-of-") && said.contains("no file of this job"), "{said}");
    }
    // Another rank sees it too.
    for name in whole.keys().filter(|name| !name.starts_with("model-00001")) {
        std::fs::remove_file(out.join(name)).unwrap();
    }
    let said = failure(init(&config, &out, &["--seed", "7", "--rank", "1", "--ranks", "4"]));
    assert!(said.contains("is of another job: it was made by recipe llama, seed 0"), "{said}");
    assert_eq!(contents(&out).len(), 1);
    stdout(init(&config, &out, &["--seed", "7", "--overwrite"]));
    let other = contents(&out);
    assert_eq!(other.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
    assert_ne!(other, whole);
    stdout(init(&config, &out, &["--overwrite"]));
    assert_eq!(contents(&out), whole);
    // Files that are nobody's.
    std::fs::write(out.join("config.json"), "{}").unwrap();
    let said = failure(init(&config, &out, &["--resume"]));
    assert!(said.contains("config.json exists, with other contents"), "{said}");
}

#[test]
fn a_folder_is_not_read_and_written_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (config, out) = (config(folder.path()), made(folder.path(), "out"));
    stdout(init(&config, &out, &[]));
    let whole = contents(&out);
    let said = failure(init(out.to_str().unwrap(), &out, &["--overwrite"]));
    assert!(said.contains("is read from as well"), "{said}");
    assert_eq!(contents(&out), whole);
    // A configuration stays where it is.
    stdout(["init", &config, "--device", "cpu", "-o", folder.path().to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(&config).unwrap(), CONFIG);
}

#[test]
fn options_of_folders_are_refused_for_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let out = folder.path().join("out.safetensors");
    let out = out.to_str().unwrap();
    for more in [&["--max-shard-size", "1GB"][..], &["--resume"], &["--rank", "0", "--ranks", "2"]] {
        let said = failure([&["init", &config, "-o", out], more].concat());
        assert!(said.contains(&format!("{} is for a folder", more[0])), "{said}");
    }
    for size in ["0", "5XB", "-1GB", "1.5GB", "99999999999TB", ""] {
        let said = failure(["init", &config, "-o", out, &format!("--max-shard-size={size}")]);
        assert!(said.contains("e.g. 5GB, 500MB or 2GiB") || said.contains("a value is required"), "{size}: {said}");
    }
    let said = failure(["init", &config, "-o", "nowhere/", "--rank", "2", "--ranks", "2"]);
    assert!(said.contains("there is no rank 2 of 2"), "{said}");
    assert!(!Path::new("nowhere").exists());
}

/// A folder that `init` has written, and how to look at it.
fn written(folder: &Path, more: &[&str]) -> (std::path::PathBuf, String) {
    let out = made(folder, "out");
    stdout(init(&config(folder), &out, more));
    let text = out.to_str().unwrap().to_owned();
    (out, text)
}

pub(super) fn named(folder: &Path, start: &str) -> std::path::PathBuf {
    folder.join(contents(folder).into_keys().find(|name| name.starts_with(start)).unwrap())
}

#[test]
fn a_folder_is_verified_as_one_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let (out, path) = written(folder.path(), &[]);
    let verify = ["verify", &path, "--device", "cpu"];
    let summary: Value = serde_json::from_slice(&contents(&out)["wgpu-init.json"]).unwrap();
    let identity = format!("identity  {} (of all files)", summary["identity"].as_str().unwrap());
    let said = stdout(verify);
    assert!(said.contains("5 files, 30 tensors, ") && said.contains(&identity), "{said}");
    let mut tensors = 0;
    for rank in ["0", "1", "2"] {
        let said = stdout([&verify[..], &["--rank", rank, "--ranks", "3"]].concat());
        assert!(said.contains(&format!("of 5 files (rank {rank} of 3)")) && said.contains(&identity), "{said}");
        let own = said.split(", ").find_map(|part| part.strip_suffix(" tensors")).unwrap();
        tensors += own.parse::<usize>().unwrap();
    }
    assert_eq!(tensors, 30);
    let model = config(folder.path());
    assert!(stdout([&verify[..], &["--model", &model]].concat()).contains(&identity));
    let said = failure([&verify[..], &["--model", &model, "--seed", "1"]].concat());
    assert!(said.contains("the file holds"), "{said}");
    let said = failure([&verify[..], &["--model", "llama-tiny"]].concat());
    assert!(said.contains("out differs"), "{said}");
    // One bit, whoever of the ranks has it.
    let last = named(&out, "model-00005");
    let mut bytes = std::fs::read(&last).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&last, &bytes).unwrap();
    let said = failure(verify);
    assert!(said.contains("model-00005-of-00005.safetensors differs: tensor "), "{said}");
    let ranks = ["0", "1", "2"].map(|rank| run([&verify[..], &["--rank", rank, "--ranks", "3"]].concat()));
    assert_eq!(ranks.iter().filter(|run| !run.status.success()).count(), 1);
}

#[test]
fn what_is_missing_extra_or_there_twice_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (out, path) = written(folder.path(), &[]);
    let whole = contents(&out);
    let restore = || whole.iter().for_each(|(name, bytes)| std::fs::write(out.join(name), bytes).unwrap());
    let both = |expected: &str| {
        for command in ["verify", "inspect"] {
            let said = failure([command, &path]);
            assert!(said.contains("is not one whole checkpoint") && said.contains(expected), "{command}: {said}");
        }
    };
    let third = named(&out, "model-00003");
    std::fs::remove_file(&third).unwrap();
    both("the file model-00003-of-00005.safetensors is missing");
    // Without an index, the names say it.
    std::fs::remove_file(out.join("model.safetensors.index.json")).unwrap();
    both("the file model-00003-of-00005.safetensors is missing");
    restore();
    std::fs::copy(&third, out.join("copy.safetensors")).unwrap();
    both("is in copy.safetensors and in model-00003-of-00005.safetensors");
    std::fs::remove_file(out.join("copy.safetensors")).unwrap();
    std::fs::copy(&third, named(&out, "model-00002")).unwrap();
    both("is missing in model-00002-of-00005.safetensors, where the index has it");
    restore();
    let mut index: Value = serde_json::from_slice(&whole["model.safetensors.index.json"]).unwrap();
    let map = index["weight_map"].as_object_mut().unwrap();
    map.remove("model.norm.weight").unwrap();
    map.insert("ghost".to_owned(), "model-00001-of-00005.safetensors".into());
    std::fs::write(out.join("model.safetensors.index.json"), index.to_string()).unwrap();
    both("the tensor ghost is missing in model-00001-of-00005.safetensors");
    both("the tensor model.norm.weight is in model-");
    restore();
    // A file of another seed, with the same tensors.
    let other = made(folder.path(), "other");
    stdout(init(&config(folder.path()), &other, &["--seed", "1"]));
    std::fs::copy(named(&other, "model-00003"), &third).unwrap();
    both("model-00003-of-00005.safetensors was made by another job than model-00001-of-00005.safetensors");
    restore();
    // Digests of other files.
    std::fs::copy(other.join("wgpu-init.json"), out.join("wgpu-init.json")).unwrap();
    let said = failure(["verify", &path, "--device", "cpu"]);
    assert!(said.contains("wgpu-init.json is of other files"), "{said}");
    let empty = made(folder.path(), "empty");
    let said = failure(["verify", empty.to_str().unwrap()]);
    assert!(said.contains("has no safetensors files"), "{said}");
    let said = failure(["verify", third.to_str().unwrap(), "--rank", "0", "--ranks", "2"]);
    assert!(said.contains("are for the files of a folder"), "{said}");
}

#[test]
fn a_folder_is_inspected_as_one_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let (out, path) = written(folder.path(), &[]);
    let one = folder.path().join("one.safetensors");
    stdout(["init", &config(folder.path()), "--device", "cpu", "-o", one.to_str().unwrap()]);
    let rows = |path: &str| {
        let said = stdout(["inspect", path]);
        said.lines().filter(|line| line.starts_with("model.")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (of_folder, of_file) = (rows(&path), rows(one.to_str().unwrap()));
    assert_eq!(of_folder, of_file);
    assert!(of_folder.len() > 20);
    let said = stdout(["inspect", &path]);
    assert!(said.contains("30 tensors in 5 files, ") && said.contains("wgpu_init.recipe = llama"), "{said}");
    let said = stdout(["inspect", &path, "--metadata"]);
    assert!(said.contains("model-00002-of-00005.safetensors: wgpu_init.digest = "), "{said}");
    let picture = folder.path().join("out.svg");
    stdout(["inspect", &path, "--plot", picture.to_str().unwrap()]);
    assert!(std::fs::read_to_string(picture).unwrap().contains("<svg"));
    drop(out);
}

/// As of a disk that is full: a limit of 10 to 20 MB for a file, and a tensor of 37.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_does_not_fit_leaves_only_complete_ones() {
    let folder = tempfile::tempdir().unwrap();
    let out = made(folder.path(), "out");
    let arguments = [
        "init",
        "llama-tiny",
        "--init",
        "zeros",
        "--device",
        "cpu",
        "--max-shard-size",
        "5MB",
        "-o",
        out.to_str().unwrap(),
        "--resume",
    ];
    let script =
        format!("trap '' XFSZ; ulimit -f 20000; exec {} {}", env!("CARGO_BIN_EXE_wgpu-init"), arguments.join(" "));
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot make") && stderr.contains("File too large"), "{stderr}");
    let left = contents(&out);
    assert!(left.iter().all(|(name, bytes)| name.ends_with(".safetensors") && SafeTensors::deserialize(bytes).is_ok()));
    stdout(arguments);
    stdout(["verify", out.to_str().unwrap(), "--device", "cpu"]);
    // What is no folder.
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let said = failure(init("llama-tiny", &file.join(""), &[]));
    assert!(said.contains("cannot make the folder"), "{said}");
}
