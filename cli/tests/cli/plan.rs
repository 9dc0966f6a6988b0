//! `plan`, and rules files through `init` and `verify`.

use super::{command, failure, run, stdout};
use safetensors::SafeTensors;
use serde_json::Value;
use std::path::{Path, PathBuf};
use wgpu_init::cpu::reference;
use wgpu_init::{DType, Fill, Initializer, Seed, Shape};

/// Four tensors in the format of a manifest.
const MODEL: &str = r#"{"model": "tiny", "tensors": {
    "wte.weight": {"dtype": "F32", "shape": [6, 4], "module": "Embedding"},
    "h.0.up.weight": {"dtype": "F32", "shape": [4, 16], "module": "Linear"},
    "h.0.up.bias": {"dtype": "F16", "shape": [16], "module": "Linear"},
    "h.0.mask": {"dtype": "BOOL", "shape": [8, 8], "module": "Attention"},
    "lm_head.weight": {"dtype": "F32", "shape": [6, 4], "module": "Linear"}}}"#;

const RULES: &str = r#"
name = "tiny-rules"
[variables]
std = 0.5
n_layer = { count = 'h\.(\d+)\.' }
[[rule]]
name = "lm_head.weight"
tie = "wte.weight"
[[rule]]
name = "wte.weight"
init = "normal(0, std)"
padding_row = 1
seed = 99
[[rule]]
name = "*.mask"
skip = true
[[rule]]
name = "*.weight"
init = "normal(0, std / sqrt(2 * n_layer))"
stream = "old.name"
dtype = "bf16"
[[rule]]
name = "*.bias"
init = "uniform(-0.25, 0.25)"
[[rule]]
name = "never.*"
init = "ones"
"#;

fn files(folder: &Path) -> [PathBuf; 3] {
    let paths = ["model.json", "rules.toml", "out.safetensors"].map(|name| folder.join(name));
    std::fs::write(&paths[0], MODEL).unwrap();
    std::fs::write(&paths[1], RULES).unwrap();
    paths
}

#[test]
fn the_json_says_what_each_parameter_is_drawn_from_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let [model, rules, _] = files(folder.path());
    let arguments = ["plan".as_ref(), model.as_os_str(), "--json".as_ref(), "--rules".as_ref(), rules.as_os_str()];
    let rows: Vec<Value> = serde_json::from_str(&stdout(arguments)).unwrap();
    let of = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name} is missing"));
    assert_eq!(rows.len(), 5);
    let std = 0.5 / 2f64.sqrt();
    for (name, shape, dtype, init, rule) in [
        ("wte.weight", vec![6, 4], "f32", "normal(0,0.5)", "tiny-rules 2: wte.weight"),
        ("h.0.up.weight", vec![4, 16], "bf16", &format!("normal(0,{std})"), "tiny-rules 4: *.weight"),
        ("h.0.up.bias", vec![16], "f16", "uniform(-0.25,0.25)", "tiny-rules 5: *.bias"),
        ("lm_head.weight", vec![6, 4], "f32", "normal(0,0.5)", "tiny-rules 1: lm_head.weight"),
    ] {
        let row = of(name);
        assert_eq!(row["shape"], serde_json::json!(shape), "{name}");
        assert_eq!((row["dtype"].as_str(), row["rule"].as_str()), (Some(dtype), Some(rule)), "{name}");
        assert_eq!(row["init"].as_str(), Some(init), "{name}");
        // It can be pasted back.
        assert!(row["init"].as_str().unwrap().parse::<Initializer>().is_ok(), "{name}");
    }
    assert_eq!((&of("h.0.mask")["init"], &of("h.0.mask")["dtype"]), (&Value::Null, &Value::Null));
    assert_eq!((&of("lm_head.weight")["stream"], &of("lm_head.weight")["seed"]), (&"wte.weight".into(), &99.into()));
    assert_eq!(of("wte.weight")["parts"], serde_json::json!([{"elements": [4, 8], "init": "constant(0)"}]));
    assert_eq!(of("h.0.up.bias").get("stream"), None);
}

#[test]
fn the_table_shows_the_same_and_warns_of_a_rule_that_decides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [model, rules, _] = files(folder.path());
    let output = run(["plan".as_ref(), model.as_os_str(), "--rules".as_ref(), rules.as_os_str()]);
    let (table, warnings) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{warnings}");
    for needed in ["= wte.weight", "row 1: zeros", "stream of old.name", "seed 99", "left out", "  *.bias"] {
        assert!(table.contains(needed), "{needed}:\n{table}");
    }
    assert!(table.contains("4 tensors, 128 parameters, 352 B (bf16 128 B, f16 32 B, f32 192 B)"), "{table}");
    assert!(table.contains("values: rules tiny-rules"), "{table}");
    assert_eq!(warnings.trim(), "warning: tiny-rules 6: never.* decides nothing: no parameter meets its conditions");
}

#[test]
fn a_checkpoint_made_by_rules_holds_what_they_say_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let [model, rules, out] = files(folder.path());
    let status = |member: &str| {
        let mut init = command();
        init.arg("init").arg(&model).arg("--rules").arg(&rules).args(["--seed", "3", "--device", "cpu"]);
        init.args(["--member", member, "--set", "std=1.5", "-o"]).arg(&out).output().unwrap().status
    };
    assert!(status("7").success());
    let bytes = std::fs::read(&out).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.len(), 4, "the mask is left out");
    let expected = |dims: &[u64], init: Initializer, seed: Seed, name: &str, dtype| {
        let fill = Fill::new(Shape::new(dims).unwrap(), init).unwrap().named(seed, name).dtype(dtype);
        reference::bytes(&fill).unwrap()
    };
    let seed = Seed::new(3).fold_in(7);
    let std = 1.5 / 2f64.sqrt();
    let up = expected(&[4, 16], Initializer::normal(0.0, std), seed, "old.name", DType::Bf16);
    assert_eq!(tensors.tensor("h.0.up.weight").unwrap().data(), up);
    let bias = expected(&[16], Initializer::uniform(-0.25, 0.25), seed, "h.0.up.bias", DType::F16);
    assert_eq!(tensors.tensor("h.0.up.bias").unwrap().data(), bias);
    let mut embedding = expected(&[6, 4], Initializer::normal(0.0, 1.5), Seed::new(99), "wte.weight", DType::F32);
    embedding[16..32].fill(0);
    for name in ["wte.weight", "lm_head.weight"] {
        assert_eq!(tensors.tensor(name).unwrap().data(), embedding, "{name}");
    }

    for device in ["cpu", "gpu"] {
        let text = stdout(["verify".as_ref(), out.as_os_str(), "--device".as_ref(), device.as_ref()]);
        assert!(text.contains("4 tensors") && text.contains("rules tiny-rules, seed 3, member 7"), "{text}");
    }
    // Another member is another draw, and one bit of the tied copy counts.
    let mut changed = bytes.clone();
    let at = changed.len() - 5;
    changed[at] ^= 1;
    std::fs::write(&out, changed).unwrap();
    let text = failure(["verify".as_ref(), out.as_os_str(), "--device".as_ref(), "cpu".as_ref()]);
    assert!(text.contains("differs"), "{text}");
    std::fs::write(&out, &bytes).unwrap();
    assert!(status("8").success());
    assert!(std::fs::read(&out).unwrap() != bytes);
}

#[test]
fn what_is_wrong_with_rules_is_said_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let [model, rules, out] = files(folder.path());
    for (text, says) in [
        (
            "[[rule]]\nname = \"*.weight\"\ninit = \"ones\"",
            "no rule for the parameters\n  |   h.0.up.bias\n  | add rules",
        ),
        ("[[rule]]\nname = \"*\"\ninit = \"normal(0,stdd)\"", "the variable \"stdd\" is not known"),
        ("[[rule]\n", "TOML parse error at line 1"),
    ] {
        std::fs::write(&rules, text).unwrap();
        for command in ["plan", "init"] {
            let mut arguments = vec![command.as_ref(), model.as_os_str(), "--rules".as_ref(), rules.as_os_str()];
            if command == "init" {
                arguments.extend(["-o".as_ref(), out.as_os_str()]);
            }
            let error = failure(arguments);
            assert!(error.contains(says), "{command} {text}: {error}");
        }
    }
    assert!(!out.exists());
    let error = failure(["plan".as_ref(), model.as_os_str()]);
    let says = "is not known, and no recipe is called \"tiny\", as its \"model\" says: say --recipe NAME, --rules FILE or --init INIT";
    assert!(error.contains(says), "{error}");
    for (arguments, says) in [
        (vec!["plan", "gpt2", "--set", "n_layer"], "write NAME=NUMBER"),
        (vec!["plan", "gpt2", "--set", "n_layer=x"], "\"x\" is not a number"),
        (vec!["plan", "gpt2", "--set", "n_layers=3"], "--set n_layers: gpt2 has no variable of that name; it defines"),
        (vec!["plan", "gpt2", "--set", "dim0=3"], "--set dim0"),
        (vec!["plan", "gpt2", "--init", "zeros", "--set", "n_layer=3"], "cannot be used"),
        (vec!["plan", "gpt2", "--recipe", "gpt2", "--init", "zeros"], "cannot be used"),
        (vec!["plan", "gpt2", "--rules", "nowhere.toml"], "cannot read nowhere.toml"),
    ] {
        let error = failure(&arguments);
        assert!(error.contains(says), "{arguments:?}: {error}");
    }
}

/// Structures of whole tensors and of parts go through rules, the checkpoint's metadata and back.
#[test]
fn structured_initializers_go_through_rules_and_verify() {
    let folder = tempfile::tempdir().unwrap();
    let [model, rules, out] = files(folder.path());
    let text = r#"
name = "structures"
[[rule]]
name = "h.0.up.weight"
parts = [{ rows = [0, 2], init = "eye(2)" }, { rows = [2, 4], init = "orthogonal(1)" }]
init = "zeros"
[[rule]]
name = "wte.weight"
init = "orthogonal(0.5)"
[[rule]]
name = "lm_head.weight"
init = "sparse(0.5, 1)"
[[rule]]
name = "*.bias"
init = "zeros"
[[rule]]
name = "*.mask"
skip = true
"#;
    std::fs::write(&rules, text).unwrap();
    let arguments = ["init".as_ref(), model.as_os_str(), "--rules".as_ref(), rules.as_os_str(), "-o".as_ref()];
    stdout(arguments.into_iter().chain([out.as_os_str(), "--device".as_ref(), "gpu".as_ref()]));
    let bytes = std::fs::read(&out).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let up = tensors.tensor("h.0.up.weight").unwrap();
    let up: Vec<f32> = up.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    assert!((0..32).all(|at| up[at] == if at == 0 || at == 17 { 2.0 } else { 0.0 }));
    let dot = |a: usize, b: usize| (0..16).map(|at| f64::from(up[a * 16 + at] * up[b * 16 + at])).sum::<f64>();
    assert!((dot(2, 2) - 1.0).abs() < 1e-6 && dot(2, 3).abs() < 1e-6);
    let embedding = Fill::new(Shape::new([6, 4]).unwrap(), Initializer::orthogonal(0.5)).unwrap();
    let expected = reference::bytes(&embedding.named(Seed::new(0), "wte.weight")).unwrap();
    assert_eq!(tensors.tensor("wte.weight").unwrap().data(), expected);
    let text = stdout(["verify".as_ref(), out.as_os_str(), "--device".as_ref(), "cpu".as_ref()]);
    assert!(text.contains("4 tensors"), "{text}");
}

#[test]
fn what_plan_says_is_what_sample_draws() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("resnet50.safetensors");
    let init = ["init", "resnet50", "--recipe", "resnet50", "--device", "cpu", "-o"];
    stdout(init.iter().map(AsRef::as_ref).chain([out.as_os_str()]));
    let bytes = std::fs::read(&out).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let plan = stdout(["plan", "resnet50", "--json"]);
    let rows: Vec<Value> = serde_json::from_str(&plan).unwrap();
    assert_eq!(rows.len(), 161);
    for row in rows
        .iter()
        .filter(|row| ["conv1.weight", "fc.weight", "fc.bias", "bn1.weight"].contains(&row["name"].as_str().unwrap()))
    {
        let (name, init) = (row["name"].as_str().unwrap(), row["init"].as_str().unwrap());
        let sample = run(["sample", "--init", init, "--name", name, "--count", "50", "--format", "raw"]);
        assert_eq!(sample.stdout, tensors.tensor(name).unwrap().data()[..200], "{name}");
    }
}

/// A file's name is a guess: what it decides is told, and where it decides nothing nobody is said to have named a recipe.
#[test]
fn a_recipe_by_the_name_of_a_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let weights = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![1], &[0; 4]).unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["t5.safetensors", "model.safetensors"] {
        std::fs::write(path(name), safetensors::serialize([("final_layer_norm.weight", &weights)], None).unwrap())
            .unwrap();
    }
    let output = run(["plan".as_ref(), path("t5.safetensors").as_os_str()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("note: recipe t5, by the file's name"), "{said}");
    let said = failure(["plan".as_ref(), path("model.safetensors").as_os_str()]);
    let says = "model.safetensors is to be initialised is not known: say --recipe NAME, --rules FILE or --init INIT, or put its \
                config.json beside it";
    assert!(said.contains(says) && !said.contains("is called"), "{said}");
    // A manifest has no configuration beside it, and may name a recipe.
    let manifest = r#"{"tensors": {"fc.weight": {"dtype": "F32", "shape": [10, 64], "module": "Linear"}}}"#;
    std::fs::write(path("m.json"), manifest).unwrap();
    let said = failure(["plan".as_ref(), path("m.json").as_os_str()]);
    assert!(said.contains("--init INIT, or name a recipe as its \"model\""), "{said}");
    std::fs::write(path("m.json"), manifest.replacen('{', r#"{"model": "torch-default", "#, 1)).unwrap();
    assert!(stdout(["plan".as_ref(), path("m.json").as_os_str()]).contains("fc.weight"));
}

/// Shapes and sizes are those of the file, laws those of the whole.
#[test]
fn parts_and_orders_are_planned_as_init_writes_them() {
    let folder = tempfile::tempdir().unwrap();
    let [model, rules, out] = files(folder.path());
    let views = ["--shard", "*.up.*=-1:1/3", "--part", "wte.weight=:5", "--permute", "{wte,h.0.up}.weight=1,0"];
    let arguments = |command: &str, more: &[&str]| -> Vec<std::ffi::OsString> {
        let front = [command.as_ref(), model.as_os_str(), "--rules".as_ref(), rules.as_os_str()];
        front.into_iter().map(Into::into).chain(views.iter().chain(more).map(Into::into)).collect()
    };
    let rows: Vec<Value> = serde_json::from_str(&stdout(arguments("plan", &["--json"]))).unwrap();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name} is missing"));
    let up = serde_json::json!({"shape": [6, 4], "ranges": [[0, 4], [6, 12]], "order": [1, 0]});
    assert_eq!((&row("h.0.up.weight")["stored"], &row("h.0.up.weight")["bytes"]), (&up, &48.into()));
    assert_eq!(row("h.0.up.weight")["shape"], serde_json::json!([4, 16]));
    assert_eq!((row("lm_head.weight").get("stored"), &row("lm_head.weight")["bytes"]), (None, &96.into()));
    assert_eq!(row("h.0.mask")["bytes"], Value::Null);

    let table = stdout(arguments("plan", &[]));
    for needed in [
        " 6x4  ",
        "    [:, 6:12] of [4, 16] permuted 1,0: 48 B\n",
        "    [0:5, :] of [6, 4] permuted 1,0: 80 B\n",
        "    [6:12] of [16]: 12 B\n",
        "4 tensors (3 in part, 2 permuted), 74 parameters (of 128), 236 B (bf16 48 B, f16 12 B, f32 176 B)",
    ] {
        assert!(table.contains(needed), "{needed}:\n{table}");
    }
    // As many bytes as the file has.
    stdout(arguments("init", &["--device", "cpu", "-o", out.to_str().unwrap()]));
    let bytes = std::fs::read(&out).unwrap();
    for (name, tensor) in SafeTensors::deserialize(&bytes).unwrap().tensors() {
        assert_eq!(row(&name)["bytes"], tensor.data().len(), "{name}");
        let stored = row(&name).get("stored").map_or(&row(&name)["shape"], |stored| &stored["shape"]);
        assert_eq!(*stored, serde_json::json!(tensor.shape()), "{name}");
    }
}
