//! What the command reads a model's list of parameters from: a manifest, a folder with an index of shards, a checkpoint with a `config.json`
//! beside it. It must name each tensor once, be read from nowhere else, and make a checkpoint that says the same; or there is an error.

use crate::model::{self, Model};
use crate::target::{edited, number};
use arbitrary::{Result, Unstructured};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use wgpu_init::{DType, Initializer, Seed, Shape};
use wgpu_init_models::checkpoint::{Header, Layout, Origin, Scheme, Tensor};
use wgpu_init_models::infer::Inference;
use wgpu_init_models::{Assignments, Parameter};

const MANIFEST: &str = r#"{"model": "torch-default", "tensors": {
  "fc.weight": {"dtype": "F32", "shape": [10, 64], "module": "Linear"},
  "fc.bias": {"dtype": "F32", "shape": [10], "module": "Linear"},
  "norm.weight": {"dtype": "BF16", "shape": [64]},
  "h.0.count": {"dtype": "I64", "shape": []},
  "h.10.attn.weight": {"dtype": "F16", "shape": [4, 0, 3]}}}"#;
const INDEX: &str = r#"{"metadata": {"total_size": 48}, "weight_map": {
  "a.weight": "model-00001-of-00002.safetensors", "a.bias": "model-00001-of-00002.safetensors",
  "b.weight": "model-00002-of-00002.safetensors"}}"#;
const CONFIG: &str = r#"{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": 1, "n_embd": 8, "n_head": 2,
  "n_positions": 4, "vocab_size": 5, "initializer_range": 0.02, "tie_word_embeddings": true}"#;
const WORDS: &[&str] = &[
    "null",
    "{}",
    "[]",
    "\"\"",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"tensors\":{",
    "\"weight_map\":{",
    "\"model_type\":\"llama\",",
    "\"../outside.safetensors\"",
    "\"./model-00001-of-00002.safetensors\"",
    "\"/dev/zero\"",
    "\"shape\": [4294967296, 4294967296]",
    "\"module\": \"LSTM\",",
    "NaN",
    "\\ud800",
    "é",
];
/// Members of a manifest's list, and of an index's.
const TENSORS: &[&str] = &[
    "\"fc.weight\": {\"dtype\": \"F32\", \"shape\": [2]},",
    "\"fc\\u002ebias\": {\"dtype\": \"F8_E4M3\", \"shape\": []},",
    "\"\": {\"dtype\": \"?\", \"shape\": [1, 2, 3, 4, 5, 6, 7, 8, 9]},",
];
const FILES_OF: &[&str] = &[
    "\"a.weight\": \"model-00002-of-00002.safetensors\",",
    "\"b.weight\": \"model-00002-of-00002.safetensors\",",
    "\"c\": \"../outside.safetensors\",",
    "\"c\": \"../model/../outside.safetensors\",",
];
/// The one file outside of the model's folder.
const OUTSIDE: &str = "outside.safetensors";

/// A checkpoint's bytes, all of them zeros.
static FILES: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| {
    let header = |tensors: &[(&str, u64)]| {
        let mut at = 0;
        let listed = tensors.iter().map(|(name, elements)| {
            let start = at;
            at += 4 * elements;
            format!("\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{elements}],\"data_offsets\":[{start},{at}]}}")
        });
        format!("{{{}}}", listed.collect::<Vec<_>>().join(","))
    };
    BTreeMap::from([
        ("model-00001-of-00002.safetensors", header(&[("a.weight", 6), ("a.bias", 2)])),
        ("model-00002-of-00002.safetensors", header(&[("b.weight", 4)])),
        ("model.safetensors", header(&[("wte.weight", 40), ("wpe.weight", 32), ("ln_f.bias", 8)])),
        (OUTSIDE, header(&[("c", 1)])),
    ])
});

pub(crate) fn target(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let _ = read(&mut Unstructured::new(bytes), folder.path());
}

fn read(u: &mut Unstructured<'_>, outer: &Path) -> Result<()> {
    let folder = outer.join("model");
    fs::create_dir(&folder).expect("a folder");
    write(&outer.join(OUTSIDE), &FILES[OUTSIDE]);
    let kind = u.int_in_range(0..=3)?;
    let path = match kind {
        // Most inputs: nothing else has so many forms.
        0 | 1 => {
            let path = folder.join("list.json");
            fs::write(&path, tensors_edited(u, MANIFEST)?).expect("written");
            path
        }
        2 => {
            fs::write(folder.join("model.safetensors.index.json"), tensors_edited(u, INDEX)?).expect("written");
            for name in ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] {
                let header = if u.ratio(1, 8)? { edited(u, &FILES[name], WORDS)? } else { FILES[name].clone() };
                write(&folder.join(name), &header);
            }
            folder.clone()
        }
        _ => {
            write(&folder.join("model.safetensors"), &FILES["model.safetensors"]);
            folder.clone()
        }
    };
    if kind >= 2 && u.ratio(3, 4)? {
        fs::write(folder.join("config.json"), edited(u, CONFIG, WORDS)?).expect("written");
    }
    match model::load(&path.to_string_lossy()) {
        Ok(model) => check(&model, &folder),
        Err(error) => assert!(!format!("{error:#}").is_empty()),
    }
    Ok(())
}

/// With another member of the list, or another size, in many cases: these get past the first check.
fn tensors_edited(u: &mut Unstructured<'_>, text: &str) -> Result<String> {
    let mut text = edited(u, text, WORDS)?;
    if u.ratio(1, 3)? {
        let lists = [("\"tensors\": {", TENSORS), ("\"weight_map\": {", FILES_OF)];
        for (start, members) in lists {
            if let Some(at) = text.find(start) {
                text.insert_str(at + start.len(), u.choose(members)?);
            }
        }
    }
    if u.ratio(1, 3)? {
        let places: Vec<_> = text.match_indices("\"shape\": [").map(|(at, found)| at + found.len()).collect();
        if let Ok(place) = u.choose_iter(places.iter()) {
            let number = number(u)?;
            text.insert_str(*place, &format!("{number}, "));
        }
    }
    Ok(text)
}

/// A checkpoint of which only the header is read.
fn write(path: &Path, header: &str) {
    fs::write(path, [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat()).expect("written");
}

fn check(model: &Model, folder: &Path) {
    for source in &model.sources {
        assert_eq!(source.parent(), Some(folder), "{} is elsewhere", source.display());
    }
    let parameters: Vec<Parameter> = model.entries.iter().map(|entry| entry.parameter.clone()).collect();
    let names: HashSet<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names.len(), parameters.len(), "two parameters have one name: {parameters:?}");
    assert_eq!(Inference::new(&parameters, &[]).decisions().len(), parameters.len());
    let init = Initializer::normal(0.0, 0.02);
    let Ok(all) = Assignments::of_all(init, &parameters, &|_| true) else { return };
    let tensors: wgpu_init_models::checkpoint::Result<Vec<_>> =
        all.list.into_iter().map(|one| Tensor::new(one, DType::Bf16)).collect();
    let Ok(layout) = tensors.and_then(Layout::new) else { return };
    let origin = Origin::new(Seed::new(1), None, &Scheme::Init(init), &layout);
    let Ok(bytes) = origin.metadata().and_then(|metadata| layout.header(&metadata)) else { return };
    let header = Header::read(bytes.as_slice()).expect("what was written is read");
    let listed: BTreeMap<&str, &Shape> =
        header.tensors().iter().map(|tensor| (tensor.name.as_str(), &tensor.shape)).collect();
    let asked = parameters.iter().map(|parameter| (parameter.name.as_str(), &parameter.shape)).collect();
    assert_eq!(listed, asked, "the checkpoint has other tensors than the list");
}
