//! Where a parameter list can come from: configurations, shards, folders, and what ships with the command.

use super::{failure, run, stdout};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, serialize_to_file};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::Path;

/// A Llama of two layers, in f16.
const CONFIG: &str = r#"{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 10, "hidden_size": 8,
    "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
    "initializer_range": 0.5, "pad_token_id": 3, "torch_dtype": "float16"}"#;

fn plan(model: &Path, more: &[&str]) -> Vec<Value> {
    let arguments = [OsStr::new("plan"), model.as_os_str(), OsStr::new("--json")];
    serde_json::from_str(&stdout(arguments.into_iter().chain(more.iter().map(OsStr::new)))).unwrap()
}

fn row<'a>(rows: &'a [Value], name: &str) -> &'a Value {
    rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name} is missing"))
}

/// Writes a shard of f32 tensors.
fn shard(path: &Path, tensors: &[(&str, &[usize])]) {
    let data = vec![0; 4096];
    let views = tensors.iter().map(|(name, dims)| {
        let bytes = 4 * dims.iter().product::<usize>();
        (*name, TensorView::new(Dtype::F32, dims.to_vec(), &data[..bytes]).unwrap())
    });
    serialize_to_file(views, None, path).unwrap();
}

const SHARDS: [&str; 2] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

/// Two shards and their index.
fn sharded(folder: &Path) -> Value {
    shard(&folder.join(SHARDS[0]), &[("model.embed_tokens.weight", &[10, 8])]);
    shard(&folder.join(SHARDS[1]), &[("model.norm.weight", &[8]), ("lm_head.weight", &[10, 8])]);
    let index = json!({"metadata": {"total_size": 672}, "weight_map": {
        "lm_head.weight": SHARDS[1], "model.embed_tokens.weight": SHARDS[0], "model.norm.weight": SHARDS[1]}});
    write_index(folder, &index);
    index
}

fn write_index(folder: &Path, index: &Value) {
    std::fs::write(folder.join("model.safetensors.index.json"), index.to_string()).unwrap();
}

#[test]
fn every_bundled_model_plans_with_its_own_recipe() {
    for (model, tensors, parameters) in [
        ("gpt2", 148, "124439808"),
        ("gpt2-xl", 580, "1557611200"),
        ("llama-tiny", 57, "24407712"),
        ("llama-3.1-8b", 291, "8030261248"),
        ("llama-3.1-70b", 723, "70553706496"),
        ("mixtral-8x7b", 291, "46702792704"),
        ("bert-base", 202, "109514298"),
        ("t5-small", 131, "60506624"),
        ("vit-base", 200, "86567656"),
        ("whisper-tiny", 167, "37760640"),
        ("mamba-130m", 242, "129135360"),
        ("resnet50", 161, "25557032"),
    ] {
        let table = stdout(["plan", model]);
        let lines: Vec<_> = table.lines().collect();
        let [totals, values] = lines.last_chunk().unwrap();
        let plain = totals.replace(',', "");
        assert!(plain.starts_with(&format!("{tensors} tensors {parameters} parameters ")), "{model}: {totals}");
        assert!(values.starts_with("values: recipe "), "{model}: {values}");
    }
}

#[test]
fn a_configuration_gives_list_dtype_recipe_and_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    std::fs::write(&path, CONFIG).unwrap();
    for model in [path.as_path(), folder.path()] {
        let rows = plan(model, &[]);
        assert_eq!(rows.len(), 1 + 2 * 9 + 2);
        let embedding = row(&rows, "model.embed_tokens.weight");
        assert_eq!((&embedding["dtype"], &embedding["init"]), (&json!("f16"), &json!("normal(0,0.5)")));
        assert_eq!(embedding["parts"], json!([{"elements": [24, 32], "init": "constant(0)"}]));
        assert_eq!(row(&rows, "model.layers.1.self_attn.k_proj.weight")["shape"], json!([4, 8]));
    }
    // The configuration knows module classes; a variable on the command line goes before its own.
    let defaults = plan(&path, &["--recipe", "torch-default"]);
    assert_eq!(row(&defaults, "model.embed_tokens.weight")["init"], "normal(0,1)");
    let set = plan(&path, &["--set", "initializer_range=0.25"]);
    assert_eq!(row(&set, "lm_head.weight")["init"], "normal(0,0.25)");
}

#[test]
fn shards_are_read_through_their_index_alone_or_by_folder() {
    let folder = tempfile::tempdir().unwrap();
    sharded(folder.path());
    let index = folder.path().join("model.safetensors.index.json");
    for model in [index.as_path(), folder.path()] {
        let rows = plan(model, &["--init", "zeros"]);
        // Shard by shard.
        let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(names[0], "model.embed_tokens.weight");
        assert_eq!(names.len(), 3);
        assert_eq!(row(&rows, "lm_head.weight")["shape"], json!([10, 8]));
    }
    let text = failure([OsStr::new("plan"), index.as_os_str()]);
    let says = "is not known: say --recipe NAME, --rules FILE or --init INIT, or put its config.json beside it";
    assert!(text.contains(says), "{text}");
    // A configuration beside it says which recipe, and with which numbers.
    std::fs::write(folder.path().join("config.json"), CONFIG).unwrap();
    let rows = plan(folder.path(), &[]);
    assert_eq!(row(&rows, "lm_head.weight")["init"], "normal(0,0.5)");
    assert_eq!(
        row(&rows, "model.norm.weight")["rule"],
        "llama 1: /(^|\\.)(input_layernorm|post_attention_layernorm|norm|q_norm|k_norm)\\.weight$/"
    );
    assert_eq!(row(&rows, "lm_head.weight")["dtype"], "f32", "a checkpoint's own dtypes stay");
    // And the values are those of one file.
    let out = folder.path().join("out.safetensors");
    let init = ["init".as_ref(), folder.path().as_os_str(), "--device".as_ref(), "cpu".as_ref()];
    stdout(init.into_iter().chain(["-o".as_ref(), out.as_os_str()]));
    let sample = ["sample", "--init", "normal(0,0.5)", "--name", "lm_head.weight", "--count", "80", "--format", "raw"];
    let bytes = std::fs::read(&out).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.tensor("lm_head.weight").unwrap().data(), run(sample).stdout);
    assert!(stdout(["verify".as_ref(), out.as_os_str(), "--device".as_ref(), "cpu".as_ref()]).contains("3 tensors"));
}

#[test]
fn a_configuration_beside_a_checkpoint_that_is_of_no_use_is_let_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    shard(&path, &[("a.weight", &[4, 2])]);
    let config = folder.path().join("config.json");
    for (text, warning) in [
        (r#"{"model_type": "gpt_bigcode"}"#, None),
        (r#"{"model_type": "llama"}"#, Some("missing field `vocab_size`")),
        ("not JSON", Some("expected ident")),
    ] {
        std::fs::write(&config, text).unwrap();
        let output = run(["plan".as_ref(), folder.path().as_os_str(), "--init".as_ref(), "xavier_uniform(1)".as_ref()]);
        assert!(output.status.success(), "{text}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        match warning {
            None => assert_eq!(stderr, "", "{text}"),
            Some(says) => assert!(stderr.starts_with("warning: ") && stderr.contains(says), "{text}: {stderr}"),
        }
    }
}

/// Of a model that is not built in, and of one whose configuration is refused, the numbers that recipes read still count.
#[test]
fn a_configuration_beside_a_checkpoint_says_whether_its_head_is_tied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    shard(&path, &[("backbone.embeddings.weight", &[10, 8]), ("lm_head.weight", &[10, 8])]);
    let plan = |config: &str| {
        std::fs::write(folder.path().join("config.json"), config).unwrap();
        let rows = plan(folder.path(), &["--recipe", "mamba"]);
        let head = row(&rows, "lm_head.weight");
        (head["stream"] == "backbone.embeddings.weight", head["init"].clone())
    };
    for (config, tied, init) in [
        (r#"{"model_type": "x"}"#, true, "normal(0,0.1)"),
        (r#"{"model_type": "x", "tie_word_embeddings": true, "initializer_range": 0.5}"#, true, "normal(0,0.5)"),
        (r#"{"model_type": "x", "tie_word_embeddings": false, "initializer_range": 0.5}"#, false, "normal(0,0.5)"),
        (r#"{"model_type": "x", "text_config": {"tie_word_embeddings": false}}"#, false, "normal(0,0.1)"),
        (r#"{"model_type": "mamba2", "time_step_limit": [0.0, Infinity]}"#, false, "normal(0,0.1)"),
        (r#"{"model_type": "mamba", "tie_word_embeddings": false}"#, false, "normal(0,0.1)"),
    ] {
        assert_eq!(plan(config), (tied, json!(init)), "{config}");
    }
}

/// Python's `json` writes numbers that JSON does not have.
#[test]
fn a_configuration_with_bare_infinities_is_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    std::fs::write(&path, CONFIG.replacen('{', r#"{"time_step_limit": [0.0, Infinity], "#, 1)).unwrap();
    assert_eq!(plan(&path, &[]).len(), 1 + 2 * 9 + 2);
}

#[test]
fn what_is_wrong_with_an_index_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let good = sharded(folder.path());
    let error = |index: &Value| {
        write_index(folder.path(), index);
        failure(["plan".as_ref(), folder.path().as_os_str(), "--init".as_ref(), "zeros".as_ref()])
    };
    let changed = |name: &str, shard: Value| {
        let mut index = good.clone();
        match shard {
            Value::Null => drop(index["weight_map"].as_object_mut().unwrap().remove(name)),
            shard => index["weight_map"][name] = shard,
        }
        index
    };
    for (index, says) in [
        (changed("lm_head.weight", json!("absent.safetensors")), "absent.safetensors"),
        (changed("lm_head.weight", json!("../absent.safetensors")), "must be a file name without a folder"),
        (
            changed("lm_head.weight", json!(SHARDS[0])),
            "lm_head.weight is in model-00002-of-00002.safetensors, the index says",
        ),
        (changed("lm_head.weight", Value::Null), "the index does not list it"),
        (
            changed("more.weight", json!(SHARDS[0])),
            "not there:\n  |   more.weight (in model-00001-of-00002.safetensors)",
        ),
        (json!({"weight_map": {"a": 1}}), "expected a string"),
    ] {
        let text = error(&index);
        assert!(text.contains(says), "{says}: {text}");
    }
    shard(&folder.path().join(SHARDS[1]), &[("model.norm.weight", &[8]), ("lm_head.weight", &[10, 8])]);
    shard(&folder.path().join(SHARDS[0]), &[("model.embed_tokens.weight", &[10, 8]), ("lm_head.weight", &[10, 8])]);
    let mut both = HashMap::from([("model.embed_tokens.weight", SHARDS[0]), ("model.norm.weight", SHARDS[1])]);
    both.insert("lm_head.weight", SHARDS[0]);
    let text = error(&json!({ "weight_map": both }));
    assert!(text.contains("lm_head.weight is in model-00001-of-00002.safetensors and in model-00002"), "{text}");
}

#[test]
fn a_folder_or_file_that_is_no_model_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = failure(["plan".as_ref(), folder.path().as_os_str()]);
    assert!(text.contains("has none of model.safetensors.index.json, model.safetensors, config.json"), "{text}");
    for (content, says) in [
        ("{\"a\": 1}", "it has no \"tensors\""),
        ("{\"model_type\": \"gpt_bigcode\"}", "model_type is \"gpt_bigcode\", what is built in is albert, bart, bert"),
        ("{\"model_type\": \"gpt2\"}", "missing field `vocab_size`"),
    ] {
        let path = folder.path().join("config.json");
        std::fs::write(&path, content).unwrap();
        let text = failure(["plan".as_ref(), path.as_os_str()]);
        assert!(text.contains(says), "{content}: {text}");
    }
}

/// The `config.json` that transformers saved of a small model of each family, alone: planned, initialised and verified.
#[test]
fn every_family_is_initialised_from_its_configuration_alone() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/data/architectures");
    let folder = tempfile::tempdir().unwrap();
    let (config, out) = (folder.path().join("config.json"), folder.path().join("out.safetensors"));
    let mut families = 0;
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let saved: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
        let saved = &saved["saved"];
        assert!(saved.is_object(), "{}", path.display());
        std::fs::write(&config, saved.to_string()).unwrap();
        let rows = plan(&config, &[]);
        let init = ["init".as_ref(), config.as_os_str(), "--device".as_ref(), "cpu".as_ref(), "--overwrite".as_ref()];
        stdout(init.into_iter().chain(["-o".as_ref(), out.as_os_str()]));
        let verified = stdout(["verify".as_ref(), out.as_os_str(), "--device".as_ref(), "cpu".as_ref()]);
        assert!(verified.contains(&format!("{} tensors", rows.len())), "{}: {verified}", path.display());
        families += 1;
    }
    assert!(families >= 57, "{families}");
}

/// Files have names that the library does not have in memory: both are known beside a configuration.
#[test]
fn the_module_classes_of_either_names_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let config = json!({"model_type": "vit", "hidden_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 8, "image_size": 32, "patch_size": 16, "num_channels": 3});
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    for name in ["vit.layers.0.mlp.fc1.weight", "vit.encoder.layer.0.intermediate.dense.weight"] {
        shard(&path, &[(name, &[8, 6])]);
        let rows = plan(folder.path(), &["--recipe", "torch-default"]);
        // Of a Linear; without the class it would be an error.
        assert!(row(&rows, name)["init"].as_str().unwrap().starts_with("uniform("), "{rows:?}");
    }
}

#[test]
fn names_that_collide_are_refused_under_one_initializer_too() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    // Two names of one FNV-1a-64 hash: http://www.isthe.com/chongo/tech/comp/fnv has how they are found.
    let [first, second] = ["8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ"];
    let of = wgpu_init::Stream::from_name;
    assert_eq!(of(first), of(second), "they collide");
    let tensor = r#"{"dtype": "F32", "shape": [8]}"#;
    std::fs::write(&model, format!(r#"{{"tensors": {{"{first}": {tensor}, "{second}": {tensor}}}}}"#)).unwrap();
    let said = super::failure(["plan", model.to_str().unwrap(), "--init", "normal(0,1)"]);
    assert!(said.contains("same stream"), "{said}");
    super::stdout(["plan", model.to_str().unwrap(), "--init", "zeros"]);
}

/// A folder in the current directory is not what a bundled name means, nor the other way round: the command asks.
#[test]
fn a_bundled_name_does_not_hide_what_lies_here() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("gpt2")).unwrap();
    std::fs::write(
        folder.path().join("gpt2/config.json"),
        r#"{"model_type": "gpt2", "vocab_size": 8, "n_positions": 4, "n_embd": 4, "n_layer": 1, "n_head": 1}"#,
    )
    .unwrap();
    let plan = |model: &str| super::command().current_dir(&folder).args(["plan", model]).output().unwrap();
    let said = String::from_utf8(plan("gpt2").stderr).unwrap();
    assert!(said.contains("say ./gpt2"), "{said}");
    let local = String::from_utf8(plan("./gpt2").stdout).unwrap();
    assert!(local.contains("16 tensors"), "{local}");
    // The command without arguments means its own.
    assert!(String::from_utf8(plan("gpt2-xl").stdout).unwrap().contains("580 tensors"));
}

#[test]
fn a_negative_number_is_refused_as_one() {
    for arguments in [
        vec!["init", "gpt2", "--no-write", "--init", "zeros", "--seed", "-1"],
        vec!["init", "gpt2", "--no-write", "--init", "zeros", "--member", "-1"],
        vec!["words", "--count", "-1"],
        vec!["words", "--count", "1", "--offset", "-1"],
        vec!["sample", "--init", "zeros", "--format", "hex", "--count", "1", "--stream", "-1"],
    ] {
        let said = super::failure(&arguments);
        assert!(said.contains("must not be negative"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_checkpoint_of_an_unknown_kind_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let header = br#"{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#;
    let bytes = [&(header.len() as u64).to_le_bytes(), header.as_slice()].concat();
    std::fs::write(folder.path().join("model.safetensors"), bytes).unwrap();
    std::fs::write(folder.path().join("config.json"), r#"{"model_type": "retnet"}"#).unwrap();
    let said = super::failure(["plan".as_ref(), folder.path().as_os_str()]);
    assert!(said.contains("model_type \"retnet\"") && said.contains("--recipe"), "{said}");
}

/// A kind of model that has no recipe of its own, beside its config.json: by the rules of transformers.
#[test]
fn a_checkpoint_of_a_kind_that_transformers_has_is_initialised_as_there() {
    let folder = tempfile::tempdir().unwrap();
    let norm = r#"{"dtype":"F32","shape":[4],"data_offsets":[0,16]}"#;
    let write = |name: &str, config: &str| {
        let header = format!(r#"{{"{name}":{norm}}}"#);
        let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[0; 16]].concat();
        std::fs::write(folder.path().join("model.safetensors"), bytes).unwrap();
        std::fs::write(folder.path().join("config.json"), config).unwrap();
    };
    let plan = ["plan".as_ref(), folder.path().as_os_str()];
    for (kind, law) in [("gemma2", "zeros"), ("olmo2", "ones")] {
        write("model.layers.0.post_feedforward_layernorm.weight", &format!(r#"{{"model_type": "{kind}"}}"#));
        let said = super::stdout(plan);
        assert!(said.contains(law), "{kind}: {said}");
    }
    // Another recipe, and a name that no class of the kind has.
    write("model.norm.weight", r#"{"model_type": "gemma"}"#);
    let said = super::failure([plan[0], plan[1], "--recipe".as_ref(), "llama".as_ref()]);
    assert!(said.contains("say the recipe transformers"), "{said}");
    write("model.layers.0.lora_A.weight", r#"{"model_type": "gemma2"}"#);
    assert!(super::failure(plan).contains("no rule for the parameters\n  |   model.layers.0.lora_A.weight"));
}

#[test]
fn recipes_are_listed_and_printed() {
    let list = super::stdout(["recipes"]);
    assert!(list.lines().count() == 14 && list.contains("\ntransformers "), "{list}");
    assert!(super::stdout(["recipes", "gpt2"]).contains("name = \"gpt2\""));
    assert!(super::stdout(["recipes", "transformers"]).contains("\ngemma2\n"));
    assert!(super::stdout(["recipes", "gemma2"]).contains("init = \"zeros\""));
    assert!(super::stdout(["recipes", "transformers/gpt2"]).contains("name = \"transformers/gpt"));
    assert!(super::failure(["recipes", "gpt5000"]).contains("`recipes transformers` the kinds"));
}

/// Which head a model has is not guessed where its own configuration cannot be read.
#[test]
fn a_recipe_wants_to_know_whether_the_head_is_tied() {
    let folder = tempfile::tempdir().unwrap();
    let header = br#"{"lm_head.weight":{"dtype":"F32","shape":[4,2],"data_offsets":[0,32]},"transformer.wte.weight":{"dtype":"F32","shape":[4,2],"data_offsets":[32,64]}}"#;
    std::fs::write(
        folder.path().join("model.safetensors"),
        [&(header.len() as u64).to_le_bytes(), &header[..]].concat(),
    )
    .unwrap();
    let plan = |config: &str, scheme: [&str; 2]| {
        std::fs::write(folder.path().join("config.json"), config).unwrap();
        super::run(["plan", folder.path().to_str().unwrap(), scheme[0], scheme[1]])
    };
    for (config, tied) in [
        (r#"{"model_type": "foo", "tie_word_embeddings": false, "pad_token_id": 9, "vocab_size": 4}"#, false),
        (r#"{"model_type": "foo", "tie_word_embeddings": false, "initializer_range": "x"}"#, false),
        (r#"{"model_type": "gpt2", "tie_word_embeddings": false, "initializer_range": "x"}"#, false),
        (
            r#"{"model_type": "foo", "text_config": {"tie_word_embeddings": false}, "vision_config": {"tie_word_embeddings": true}}"#,
            false,
        ),
        (r#"{"model_type": "foo", "tie_word_embeddings": null, "llm_config": {"tie_word_embeddings": false}}"#, false),
        (r#"{"model_type": "foo", "tie_word_embeddings": true}"#, true),
        (r#"{"model_type": "foo"}"#, true),
    ] {
        let output = plan(config, ["--recipe", "gpt2"]);
        let table = String::from_utf8(output.stdout).unwrap();
        assert_eq!(table.contains("= transformer.wte.weight"), tied, "{config}: {table}");
    }
    for config in [
        r#"{"model_type": "foo", "tie_word_embeddings": "false"}"#,
        r#"{"model_type": "gpt2", "tie_word_embeddings": 0}"#,
        "{",
    ] {
        let output = plan(config, ["--recipe", "gpt2"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains("depends on"), "{config}: {said}");
        assert!(plan(config, ["--init", "zeros"]).status.success(), "{config}");
    }
}
