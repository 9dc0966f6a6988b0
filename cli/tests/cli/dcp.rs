//! `init MODEL -o DIR/ --format dcp`: every rank writes its parts, and PyTorch's reader puts them together.

use super::folder::{config, contents, init, made, named, tensors};
use super::{failure, stdout};
use safetensors::SafeTensors;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Writes the model by ranks, one after the other.
fn dcp(config: &str, out: &Path, ranks: u64, more: &[&str]) {
    for rank in 0..ranks {
        let (rank, ranks) = (rank.to_string(), ranks.to_string());
        stdout(init(config, out, &[&["--format", "dcp", "--rank", &rank, "--ranks", &ranks], more].concat()));
    }
}

/// Where a part begins in its tensor, its shape, and its bytes.
type Part = (Vec<usize>, Vec<usize>, Vec<u8>);

/// Puts the parts of a folder together as PyTorch's reader does: every file says where its tensors begin in theirs.
fn assembled(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut parts: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for (file, bytes) in contents(folder).into_iter().filter(|(name, _)| name.ends_with(".safetensors")) {
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let text = &header.metadata().as_ref().unwrap()["DCP_SHARDING_INFO"];
        let offsets: Value = serde_json::from_str(text).unwrap();
        for (name, view) in SafeTensors::deserialize(&bytes).unwrap().tensors() {
            let starts = offsets[&name]["saved_offsets"].as_array().unwrap_or_else(|| panic!("{file}: {name}"));
            let starts = starts.iter().map(|start| usize::try_from(start.as_u64().unwrap()).unwrap()).collect();
            parts.entry(name).or_default().push((starts, view.shape().to_vec(), view.data().to_vec()));
        }
    }
    let whole = |(name, parts): (String, Vec<Part>)| {
        let rank = parts[0].0.len();
        let dims: Vec<usize> =
            (0..rank).map(|axis| parts.iter().map(|(at, of, _)| at[axis] + of[axis]).max().unwrap()).collect();
        let mut whole = vec![0; 4 * dims.iter().product::<usize>()];
        for (starts, shape, data) in parts {
            for (element, bytes) in data.chunks_exact(4).enumerate() {
                let (mut rest, mut place, mut pitch) = (element, 0, 1);
                for axis in (0..rank).rev() {
                    place += (starts[axis] + rest % shape[axis]) * pitch;
                    (rest, pitch) = (rest / shape[axis], pitch * dims[axis]);
                }
                whole[4 * place..4 * place + 4].copy_from_slice(bytes);
            }
        }
        (name, whole)
    };
    parts.into_iter().map(whole).collect()
}

#[test]
fn ranks_write_their_parts_for_pytorchs_reader() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let whole = made(folder.path(), "whole");
    stdout(init(&config, &whole, &[]));
    let whole = tensors(&whole);
    // The last of 20 ranks have no rows of most tensors, and all of them none of some.
    for ranks in [1, 3, 20] {
        let out = made(folder.path(), &format!("rows{ranks}"));
        dcp(&config, &out, ranks, &[]);
        assert_eq!(assembled(&out), whole, "{ranks} ranks");
        let names: Vec<_> = contents(&out).into_keys().collect();
        assert!(names.contains(&"wgpu-init.json".to_owned()), "{names:?}");
        for rank in 0..ranks {
            assert!(
                names.iter().any(|name| name.starts_with(&format!("shard-{rank:05}-model-00001-of-"))),
                "{rank}: {names:?}"
            );
        }
        let path = out.to_str().unwrap();
        let said = stdout(["verify", path, "--device", "cpu"]);
        assert!(said.contains(" 1,656 parameters, "), "all of them, and not more: {said}");
        stdout(["inspect", path]);
    }
    let placements = folder.path().join("placements.toml");
    let text = "mesh = [2, 2]\n[[placement]]\nname = \"*norm.weight\"\nplace = [\"replicate\", \"shard(0)\"]\n\
                [[placement]]\nname = \"*\"\nplace = [\"shard(0)\", \"shard(1)\"]\n";
    std::fs::write(&placements, text).unwrap();
    let mesh = made(folder.path(), "mesh");
    dcp(&config, &mesh, 4, &["--placements", placements.to_str().unwrap()]);
    assert_eq!(assembled(&mesh), whole);
    let path = mesh.to_str().unwrap();
    stdout(["verify", path, "--device", "cpu"]);
    // A rank that is lost is missed.
    std::fs::remove_file(named(&mesh, "shard-00003")).unwrap();
    let said = failure(["verify", path]);
    assert!(said.contains("of the tensor model.embed_tokens.weight there are 60 of 80 elements"), "{said}");
    let placements = placements.to_str().unwrap();
    let more = ["--format", "dcp", "--rank", "3", "--ranks", "4", "--placements", placements, "--resume"];
    assert!(stdout(init(&config, &mesh, &more)).contains("(of all files, in wgpu-init.json)"));
    // One that is there twice is told.
    std::fs::copy(named(&mesh, "shard-00003"), mesh.join("shard-00009-model-00001-of-00001.safetensors")).unwrap();
    let said = failure(["verify", path]);
    assert!(
        said.contains("the tensor model.embed_tokens.weight is in shard-00003-")
            && said.contains("and in shard-00009-"),
        "{said}"
    );
}

#[test]
fn parts_of_another_job_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (config, out) = (config(folder.path()), made(folder.path(), "out"));
    dcp(&config, &out, 3, &[]);
    let whole = contents(&out);
    let of = |rank, ranks, more: &[&str]| {
        let more = [&["--format", "dcp", "--rank", rank, "--ranks", ranks, "--resume"], more].concat();
        failure(init(&config, &out, &more))
    };
    let said = of("3", "4", &[]);
    assert!(said.contains("(dcp, 3 ranks") && said.contains("(dcp, 4 ranks"), "{said}");
    let said = of("0", "2", &[]);
    assert!(said.contains("no file of this job (dcp, 2 ranks") && said.contains("seed 0 (dcp, 3 ranks"), "{said}");
    let said = of("0", "3", &["--seed", "5"]);
    assert!(said.contains("recipe llama, seed 0") && said.contains("recipe llama, seed 5"), "{said}");
    let said = failure(init(&config, &out, &["--resume"]));
    assert!(said.contains("no file of this job (hf"), "{said}");
    assert_eq!(contents(&out), whole);
    // What cannot be shared, or read.
    let new = made(folder.path(), "new");
    let said = |more: &[&str]| failure(init(&config, &new, &[&["--format", "dcp"], more].concat()));
    assert!(said(&["--dtype", "f8_e4m3fn"]).contains("does not read F8_E4M3"));
    assert!(said(&["--part", "*=0:1"]).contains("cannot be shared by ranks"));
    let placements = folder.path().join("placements.toml");
    std::fs::write(&placements, "mesh = [2]\nplacement = [{name = \"*\", place = [\"shard(0)\"]}]").unwrap();
    let path = placements.to_str().unwrap();
    assert!(said(&["--placements", path]).contains("a mesh of 2 ranks, there are 1"));
    let hf = failure(init(&config, &new, &["--format", "hf", "--placements", path]));
    assert!(hf.contains("--placements is for --format dcp"), "{hf}");
    assert_eq!(contents(&new).len(), 0);
}
