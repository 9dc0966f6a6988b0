//! Checkpoints that transformers made: recorded ones, and with `./check --audit` all models of the zoo, made anew in three dtypes.

use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use wgpu_init_models::audit::{Checkpoint, Expected, Options, Report, audit};
use wgpu_init_models::{Config, Recipe};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// The configurations of the zoo's models of transformers.
fn configurations() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(data("zoo.jsonl")).expect("the zoo");
    let model = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("JSON");
        let name = value["model"].as_str().expect("a name").to_owned();
        Some((name, value.get("config").filter(|_| value["library"] == "transformers")?.to_string()))
    };
    text.lines().filter_map(model).collect()
}

fn report(file: &Path, config: &str) -> Report {
    let (variables, _) = Config::any_variables(config).expect("a configuration");
    let listed = config.parse::<Config>().ok();
    let listed = listed.as_ref().map(Config::parameters);
    let checkpoint = Checkpoint::open([file]).expect("a checkpoint");
    let rules = Recipe::Transformers.rules(&variables).expect("rules");
    let expected = Expected::by_rules(&rules, &variables, &checkpoint, listed).expect("assigned");
    audit(&checkpoint, &expected, &Options::default(), &|_| ControlFlow::Continue(())).expect("audited")
}

/// Made by `models/upstream/make.py`: ALBERT in f32, BERT, Mamba and BEiT in bf16.
#[test]
fn recorded_checkpoints_are_clean() {
    let configurations = configurations();
    for name in ["albert", "bert_model", "mamba", "beit"] {
        let report = report(&data(&format!("recorded/{name}.safetensors")), &configurations[name]);
        assert!(report.findings.is_empty(), "{name}: {:?}", report.findings);
        assert!(report.tests > 100, "{name}: {}", report.tests);
    }
}

/// By another model's configuration they are not.
#[test]
fn recorded_checkpoints_are_not_clean_by_other_numbers() {
    let config = configurations()["bert_model"].replace("\"initializer_range\":0.02", "\"initializer_range\":0.022");
    let report = report(&data("recorded/bert_model.safetensors"), &config);
    let wrong = report.findings.iter().filter(|found| found.message.contains("explained by normal(0, 0.0"));
    assert!(wrong.count() >= 10, "{:?}", report.findings);
}

/// Models whose rules refuse some tensors, or have none for them.
const REFUSED: [&str; 4] = ["detr", "rwkv", "wav2vec2", "wav2vec2_pretraining"];

#[test]
#[ignore = "models are made first: ./check --audit"]
#[expect(clippy::print_stdout, reason = "the counts are what one reads")]
fn all_models_of_the_zoo_are_clean() {
    let folder = PathBuf::from(std::env::var_os("WGPU_INIT_ZOO").expect("WGPU_INIT_ZOO, a folder of dtypes"));
    let configurations = configurations();
    let (mut clean, mut tests, mut wrong) = (0, 0, Vec::new());
    for dtype in ["float32", "bfloat16", "float16"] {
        let mut made = 0;
        for (name, config) in &configurations {
            let file = folder.join(dtype).join(name).join("model.safetensors");
            if !file.exists() {
                println!("{dtype} {name}: was not made");
                continue;
            }
            let report = report(&file, config);
            made += 1;
            tests += report.tests;
            let kinds: Vec<String> =
                report.findings.iter().map(|found| format!("{}: {}", found.tensor, found.message)).collect();
            match (report.is_clean(), REFUSED.contains(&name.as_str())) {
                (true, _) => clean += 1,
                (false, true) => println!("{dtype} {name}: not all tensors have a rule, {} findings", kinds.len()),
                (false, false) => wrong.push(format!("{dtype} {name}:\n  {}", kinds.join("\n  "))),
            }
        }
        assert!(made >= 55, "{dtype}: {made} models were made");
    }
    println!("{clean} checkpoints are clean, by {tests} tests");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
