//! Classes told from names and shapes alone, against the classes that the libraries' modules have: what is decided must have the law of the
//! true class.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use wgpu_init::Shape;
use wgpu_init_models::infer::{Inference, Reading};
use wgpu_init_models::{Parameter, torch_default};

/// A model as its library lists it, with classes.
struct Model {
    name: String,
    parameters: Vec<Parameter>,
}

fn shape(value: &Value) -> Shape {
    let dims: Vec<u64> = value.as_array().expect("a shape").iter().filter_map(Value::as_u64).collect();
    Shape::new(dims).expect("a shape")
}

fn zoo() -> Vec<Model> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/zoo.jsonl");
    let text = std::fs::read_to_string(path).expect("the zoo");
    let model = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("JSON");
        let parameter = |(name, row): (&String, &Value)| {
            Parameter::new(name, shape(&row[0])).in_module(row[2].as_str().unwrap_or_default())
        };
        let parameters = value["tensors"].as_object().expect("tensors").iter().map(parameter).collect();
        let of = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        (of("library") != "transformers").then(|| Model { name: of("model"), parameters })
    };
    text.lines().filter_map(model).collect()
}

/// How the parameters of some models fared.
#[derive(Debug, Default)]
struct Count {
    right: usize,
    undecided: usize,
    bare: usize,
    /// Of classes that PyTorch does not have, taken for one that it has.
    imitations: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

fn count(models: &[Model]) -> Count {
    let mut count = Count::default();
    for model in models {
        let plain: Vec<Parameter> =
            model.parameters.iter().map(|one| Parameter::new(one.name.clone(), one.shape.clone())).collect();
        let inference = Inference::new(&plain, &[]);
        let (got, expected) = (torch_default(&inference.parameters()), torch_default(&model.parameters));
        for (at, decision) in inference.decisions().iter().enumerate() {
            let class = model.parameters[at].module.as_deref().unwrap_or_default();
            match (&decision.reading, &got[at], &expected[at]) {
                (Reading::Several(_), ..) => count.undecided += 1,
                (Reading::Bare, ..) => count.bare += 1,
                (_, got, Some(expected)) if got.as_ref() == Some(expected) => count.right += 1,
                // Counters and the like have no law.
                (_, None, _) => count.bare += 1,
                (reading, Some(_), None) => {
                    *count.imitations.entry(format!("{class} taken for {reading}")).or_default() += 1;
                }
                (reading, ..) => {
                    let name = &decision.name;
                    count.wrong.push(format!("{} {name}: {reading}, and it is {class}", model.name));
                }
            }
        }
    }
    count
}

#[test]
#[expect(clippy::print_stdout, reason = "the counts are what one reads")]
fn classes_of_the_zoo_have_the_laws_of_their_true_classes() {
    let count = count(&zoo());
    println!(
        "right {}, undecided {}, bare {}, imitations {:?}",
        count.right, count.undecided, count.bare, count.imitations
    );
    assert!(count.wrong.is_empty(), "{}:\n{}", count.wrong.len(), count.wrong.join("\n"));
    assert!(count.right >= LEAST_RIGHT, "{count:?}");
}

/// How many parameters were right when this was written.
const LEAST_RIGHT: usize = 2000;

/// Lists that `models/upstream/plain.py` wrote: of all models that the libraries make.
#[test]
#[ignore = "WGPU_INIT_PLAIN=\"a.jsonl b.jsonl\" cargo test -p wgpu-init-models --test inference -- --ignored --nocapture"]
#[expect(clippy::print_stdout, reason = "the counts are what one reads")]
fn classes_of_the_libraries_models_have_the_laws_of_their_true_classes() {
    let files = std::env::var("WGPU_INIT_PLAIN").expect("WGPU_INIT_PLAIN says which files");
    for file in files.split_whitespace() {
        let text = std::fs::read_to_string(file).expect("a file");
        let model = |line: &str| {
            let value: Value = serde_json::from_str(line).expect("JSON");
            let parameter = |(name, row): (&String, &Value)| {
                let class = row["torch"].as_str().or(row["module"].as_str()).unwrap_or_default();
                Parameter::new(name, shape(&row["shape"])).in_module(class)
            };
            let parameters = value.get("tensors")?.as_object()?.iter().map(parameter).collect();
            Some(Model { name: value["name"].as_str().unwrap_or_default().to_owned(), parameters })
        };
        let models: Vec<Model> = text.lines().filter_map(model).collect();
        let count = count(&models);
        println!(
            "{file}: {} models: right {}, undecided {}, bare {}, wrong {}\n{:#?}",
            models.len(),
            count.right,
            count.undecided,
            count.bare,
            count.wrong.len(),
            count.imitations
        );
        println!("{}", count.wrong.join("\n"));
        assert!(count.wrong.is_empty(), "{} are wrong", count.wrong.len());
    }
}
