//! `init --from`: what another checkpoint has is kept, the rest drawn.

use super::{failure, run, stdout};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// A GPT-2 of a vocabulary of so many words, and its config.json in the folder.
fn config(folder: &Path, words: u32) -> String {
    let path = folder.join(format!("{words}.json"));
    let text = format!(
        r#"{{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": 2, "n_embd": 32, "n_head": 2, "n_positions": 16, "vocab_size": {words}}}"#
    );
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn init(rest: &[&str]) -> std::process::Output {
    run([&["init", "--device", "cpu"], rest].concat())
}

/// The bytes of every tensor of a file or folder.
fn tensors(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let of = |path: PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        tensors.tensors().into_iter().map(|(name, view)| (name, view.data().to_vec())).collect::<Vec<_>>()
    };
    let is_checkpoint = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "safetensors");
    if path.is_dir() {
        let files = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        return files.filter(is_checkpoint).flat_map(of).collect();
    }
    of(path.to_owned()).into_iter().collect()
}

const WTE: &str = "transformer.wte.weight";

/// Into a file and into a folder of several, from a file and from a folder: each tensor is what was there, what the model would have anyway,
/// or the rows of the one and then of the other.
#[test]
fn what_is_there_is_kept_and_the_rest_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = |name: &str| at(name).display().to_string();
    let (small, large) = (config(folder.path(), 100), config(folder.path(), 120));
    stdout(["init", &small, "--device", "cpu", "--seed", "1", "-o", &text("old.safetensors")]);
    stdout(["init", &small, "--device", "cpu", "--seed", "1", "--max-shard-size", "40KB", "-o", &text("parts/")]);
    stdout(["init", &large, "--device", "cpu", "--seed", "2", "-o", &text("all.safetensors")]);
    let (old, all) = (tensors(&at("old.safetensors")), tensors(&at("all.safetensors")));
    for (from, to) in [("old.safetensors", "new.safetensors"), ("parts", "new.2.safetensors"), ("parts", "folder/")] {
        let (from_path, to_path) = (text(from), text(to));
        let common = [&large, "--seed", "2", "--from", &from_path, "--redraw", "*.1.mlp.c_*.weight", "-o", &to_path];
        let sizes: &[&str] = if to.ends_with('/') { &["--max-shard-size", "40KB"] } else { &[] };
        let said = init(&[&common[..], sizes].concat());
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let notes = String::from_utf8(said.stderr).unwrap();
        assert!(notes.contains("3 tensors not kept from"), "{notes}");
        assert!(
            notes.contains(&format!("{WTE} (rows 100 to 120)")) && notes.contains("c_fc.weight (as asked for)"),
            "{notes}"
        );
        let new = tensors(&at(to.trim_end_matches('/')));
        assert_eq!(new.len(), 28);
        for (name, bytes) in &new {
            match name.as_str() {
                WTE => {
                    let rows = old[WTE].len();
                    assert!(bytes[..rows] == old[WTE] && bytes[rows..] == all[WTE][rows..], "{to}");
                }
                name if name.contains("1.mlp.c_") && name.ends_with("weight") => {
                    assert_eq!(bytes, &all[name], "{name}")
                }
                name => assert_eq!(bytes, &old[name], "{name}"),
            }
        }
        let verified = stdout(["verify", &text(to), "--device", "cpu"]);
        assert!(verified.contains("but for 20,992 parameters of 26 tensors from another checkpoint"), "{verified}");
        let verified = stdout(["verify", &text(to), "--device", "cpu", "--from", &text(from)]);
        assert!(!verified.contains("another checkpoint"), "{verified}");
        // And as the command line says.
        let redraw = ["--redraw", "*.1.mlp.c_*.weight", "--seed", "2"];
        let model = ["verify", &text(to), "--device", "cpu", "--from", &text(from), "--model", &large];
        stdout([&model[..], &redraw].concat());
        let differs = failure([&model[..], &redraw[..2]].concat());
        assert!(differs.contains("differs"), "{differs}");
    }
    // A kept number that is not what was kept.
    let path = at("new.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let (length, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let place = 8 + length + header.info("transformer.h.0.ln_1.weight").unwrap().data_offsets.0;
    bytes[place] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    stdout(["verify", &text("new.safetensors"), "--device", "cpu"]);
    let differs = failure(["verify", &text("new.safetensors"), "--device", "cpu", "--from", &text("old.safetensors")]);
    assert!(differs.contains("tensor transformer.h.0.ln_1.weight, element 0"), "{differs}");
    // It cannot be made again without the other one, so nobody's is replaced.
    let again = failure(["init", &large, "--device", "cpu", "-o", &text("new.safetensors")]);
    assert!(again.contains("only with --overwrite") && again.contains("from another checkpoint"), "{again}");
    let same = ["init", &large, "--device", "cpu", "--overwrite", "--from", &text("old.safetensors")];
    let same = failure([&same[..], &["-o", &text("old.safetensors")]].concat());
    assert!(same.contains("is read from as well"), "{same}");
}

/// No rule needs to be for what is kept, whatever it holds; what rules skip stays away; a tied tensor is what the other one is.
#[test]
fn rules_are_for_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let data: Vec<u8> = (0..96u8).collect();
    let view = |dtype, shape: &[usize], data| TensorView::new(dtype, shape.to_vec(), data).unwrap();
    let old = [
        ("body.weight", view(safetensors::Dtype::F16, &[6, 8], &data)),
        ("body.counter", view(safetensors::Dtype::I64, &[], &data[..8])),
        ("wte", view(safetensors::Dtype::F32, &[6, 4], &data)),
        ("mask", view(safetensors::Dtype::F32, &[2, 2], &data[..16])),
        ("unused", view(safetensors::Dtype::F32, &[1], &data[..4])),
    ];
    std::fs::write(at("old.safetensors"), safetensors::serialize(old, None::<HashMap<_, _>>).unwrap()).unwrap();
    let manifest = r#"{"tensors": {
        "body.weight": {"shape": [6, 8], "dtype": "F32"}, "body.counter": {"shape": [], "dtype": "I64"},
        "wte": {"shape": [8, 4], "dtype": "F32"}, "head": {"shape": [8, 4], "dtype": "F32"},
        "mask": {"shape": [2, 2], "dtype": "F32"}, "new": {"shape": [3], "dtype": "F32"}}}"#;
    std::fs::write(at("model.json"), manifest).unwrap();
    let rules = "[[rule]]\nname = \"mask\"\nskip = true\n[[rule]]\nname = \"head\"\ntie = \"wte\"\n[[rule]]\nname = [\"new\", \"wte\"]\ninit = \"ones\"\n";
    std::fs::write(at("rules.toml"), rules).unwrap();
    let output = at("new.safetensors");
    let said =
        init(&[&at("model.json"), "--rules", &at("rules.toml"), "--from", &at("old.safetensors"), "-o", &output]);
    let notes = String::from_utf8(said.stderr).unwrap();
    assert!(said.status.success() && notes.contains("1 tensor of") && notes.contains("unused"), "{notes}");
    let new = tensors(Path::new(&output));
    let names: Vec<_> = new.keys().map(String::as_str).collect();
    assert_eq!(names, ["body.counter", "body.weight", "head", "new", "wte"]);
    assert!(new["body.weight"] == data && new["body.counter"] == data[..8], "also in the dtype that is there");
    assert!(new["head"] == new["wte"] && new["wte"][..96] == data && new["wte"][96..] == 1f32.to_le_bytes().repeat(8));
    stdout(["verify", &output, "--device", "cpu"]);
    // What is not kept needs one.
    std::fs::write(at("few.toml"), "[[rule]]\nname = \"wte\"\ninit = \"ones\"\n").unwrap();
    let few = ["init", &at("model.json"), "--rules", &at("few.toml"), "--from", &at("old.safetensors"), "--no-write"];
    let few = failure(few);
    assert!(few.contains("new") && few.contains("head"), "{few}");
}

#[test]
fn what_does_not_fit_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (small, large) = (config(folder.path(), 100), config(folder.path(), 120));
    stdout(["init", &large, "--device", "cpu", "-o", &at("old.safetensors")]);
    stdout(["init", "llama-tiny", "--device", "cpu", "-o", &at("llama.safetensors")]);
    let from = |model: &str, old: &str, more: &[&str]| {
        failure([&["init", model, "--device", "cpu", "--no-write", "--from", &at(old)], more].concat())
    };
    let fewer = from(&small, "old.safetensors", &[]);
    assert!(fewer.contains("has F32 [120, 32], the model [100, 32]; only rows can be added: --redraw"), "{fewer}");
    let narrow = from(&large, "old.safetensors", &["--dtype", "bf16"]);
    assert!(narrow.contains("--dtype says bf16: numbers are kept as they are"), "{narrow}");
    let other = from(&large, "llama.safetensors", &[]);
    assert!(other.contains("nothing is kept of") && other.contains("that checkpoint"), "{other}");
    let pattern = from(&large, "old.safetensors", &["--redraw", "*.head"]);
    assert!(pattern.contains("--redraw *.head: no tensor of the model has such a name"), "{pattern}");
    assert!(from(&large, "none.safetensors", &[]).contains("none.safetensors"));
    let shard = from(&large, "old.safetensors", &["--shard", "*wpe.weight=0:0/2"]);
    assert!(shard.contains("cannot be kept from another checkpoint"), "{shard}");
    let alone = failure(["init", &large, "--no-write", "--redraw", "*"]);
    assert!(alone.contains("--from"), "{alone}");
}
