//! Lists that `models/upstream/lists.py` read from transformers: `tests/data/architectures`.

use serde_json::Value;
use std::path::Path;

/// A tensor of a model of the library.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<u64>,
    pub(crate) module: Option<String>,
}

/// One class with one configuration.
pub(crate) struct Row {
    /// The `model_type`.
    pub(crate) kind: String,
    pub(crate) class: String,
    /// The fields that were given.
    pub(crate) config: String,
    /// Whether they are only how many layers there are.
    pub(crate) is_by_default: bool,
    /// The `config.json` that was saved, where it is kept.
    pub(crate) saved: Option<String>,
    /// What is saved, or its beginning. In the model's order, or sorted by name where memory has other names.
    pub(crate) tensors: Vec<Tensor>,
    /// How many are saved.
    pub(crate) length: usize,
    /// What the model has in memory, or its beginning; empty where it is the same.
    pub(crate) memory: Vec<Tensor>,
    pub(crate) memory_length: usize,
}

/// Undoes the front coding: each line begins with how many parts of the name are those of the line before, and ends with the class of
/// the module if it is another than before.
fn tensors(lines: &Value) -> (Vec<Tensor>, usize) {
    let mut tensors = Vec::new();
    let (mut before, mut module): (Vec<String>, _) = (Vec::new(), None);
    for line in lines.as_array().expect("a list") {
        let line = line.as_str().expect("a text");
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_else(|| panic!("{line:?} is cut"));
        let first = word();
        if first == "..." {
            return (tensors, word().parse().expect("a number"));
        }
        before.truncate(first.parse().expect("a number"));
        before.extend(word().split('.').map(str::to_owned));
        let shape = match word() {
            "-" => Vec::new(),
            sizes => sizes.split('x').map(|size| size.parse().expect("a size")).collect(),
        };
        if let Some(other) = words.next() {
            module = Some(other).filter(|module| *module != "-").map(str::to_owned);
        }
        tensors.push(Tensor { name: before.join("."), shape, module: module.clone() });
    }
    let length = tensors.len();
    (tensors, length)
}

/// All rows of all families.
pub(crate) fn rows() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/architectures");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let kind = file.file_stem().expect("a name").to_string_lossy().into_owned();
    // The first line says where the data are from, and what the configurations have in common.
    let mut values: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let base = values.remove(0)["base"].take();
    let row = |value: &Value| {
        let same = value["tensors"].as_str().and_then(|text| text.strip_prefix("as "));
        let source = same.map_or(value, |row| &values[row.parse::<usize>().expect("a number")]);
        let (tensors_of, length) = tensors(&source["tensors"]);
        let (memory, memory_length) = source.get("memory").map_or((Vec::new(), 0), tensors);
        let mut config = value.get("fields").unwrap_or(&base).clone();
        for (field, change) in value.get("change").and_then(Value::as_object).into_iter().flatten() {
            config[field] = change.clone();
        }
        config["model_type"] = kind.as_str().into();
        config["architectures"] = vec![value["class"].clone()].into();
        Row {
            kind: kind.clone(),
            class: value["class"].as_str().expect("a class").to_owned(),
            config: config.to_string(),
            is_by_default: value.get("fields").is_some(),
            saved: value.get("saved").map(Value::to_string),
            tensors: tensors_of,
            length,
            memory,
            memory_length,
        }
    };
    values.iter().map(row).collect()
}
