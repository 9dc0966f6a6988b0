//! The lists that configurations give against those of transformers' own classes: what `state_dict` has, and what `save_pretrained`
//! writes, of every class of the families with several configurations each (`models/upstream/lists.py`).

#![expect(clippy::print_stdout, reason = "the counts are the report")]

#[path = "support/document.rs"]
mod document;
#[path = "support/listed.rs"]
mod listed;

use listed::{Row, Tensor, rows};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use wgpu_init::Distribution;
use wgpu_init_models::{Assignment, Config, Error, Naming, Parameter, Recipe};

/// Buffers of batch norms are saved, but are no parameters; the lists of ResNet do not have them.
fn is_listed(tensor: &Tensor) -> bool {
    !["running_mean", "running_var", "num_batches_tracked"].iter().any(|buffer| tensor.name.ends_with(buffer))
}

fn of(parameter: &Parameter) -> Tensor {
    Tensor { name: parameter.name.clone(), shape: parameter.shape.dims().to_vec(), module: parameter.module.clone() }
}

/// What is different, if something is. Without an order both are sorted by name; a class that the library's list does not say is not
/// compared.
fn difference(got: &Config, expected: &[Tensor], in_order: bool, length: usize) -> Option<String> {
    let mut got: Vec<Tensor> = got.parameters().iter().map(of).collect();
    if got.len() != length {
        let names = |list: &[Tensor]| list.iter().map(|tensor| tensor.name.clone()).collect::<Vec<_>>();
        let (got, expected) = (names(&got), names(expected));
        let more: Vec<_> = got.iter().filter(|name| !expected.contains(name)).take(6).collect();
        let fewer: Vec<_> = expected.iter().filter(|name| !got.contains(name)).take(6).collect();
        return Some(format!("{} tensors, expected {length}: ours alone {more:?}, theirs {fewer:?}", got.len()));
    }
    if !in_order {
        got.sort_by(|one, two| one.name.cmp(&two.name));
    }
    let differs = |(got, expected): &(&Tensor, &Tensor)| {
        let module = expected.module.is_some() && got.module != expected.module;
        got.name != expected.name || got.shape != expected.shape || module
    };
    got.iter().zip(expected).find(differs).map(|(got, expected)| format!("{got:?}, expected {expected:?}"))
}

/// Families whose sizes a file must state.
const STATED: [&str; 9] = ["bert", "gpt2", "llama", "mamba", "mixtral", "resnet", "t5", "vit", "whisper"];

/// What a configuration is refused for on purpose, if it is: part of the message.
fn refusal(row: &Row) -> Option<&'static str> {
    if row.config.contains("add_cross_attention") {
        return Some("add_cross_attention is true");
    }
    (row.is_by_default && STATED.contains(&row.kind.as_str())).then_some("missing field")
}

/// The head of T5 1.1, which transformers 5 ties whatever the file says.
fn has_a_head_of_its_own(row: &Row) -> bool {
    row.class.ends_with("T5ForConditionalGeneration") && row.config.contains("\"tie_word_embeddings\":false")
}

#[derive(Default)]
struct Counts {
    classes: BTreeSet<String>,
    lists: usize,
    tensors: usize,
    refused: usize,
}

#[test]
fn lists_are_those_of_the_library() {
    let mut failures = Vec::new();
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    for row in rows() {
        let count = counts.entry(row.kind.clone()).or_default();
        if let Some(reason) = refusal(&row) {
            count.refused += 1;
            match Config::with_naming(&row.config, Naming::Saved) {
                Err(Error::InvalidConfig { reason: got, .. }) if got.contains(reason) => {}
                other => failures.push(format!("{} {}\n    {other:?}, expected {reason}", row.kind, row.config)),
            }
            continue;
        }
        count.classes.insert(row.class.clone());
        let mut check = |what: &str, text: &str, naming: Naming, expected: &[Tensor], in_order: bool, length: usize| {
            let problem = match Config::with_naming(text, naming) {
                Ok(config) if config.class() != row.class => Some(format!("the class is {}", config.class())),
                Ok(config) => difference(&config, expected, in_order, length),
                Err(error) => Some(error.to_string()),
            };
            count.lists += 1;
            count.tensors += length;
            if let Some(problem) = problem {
                failures.push(format!("{} {what} {text}\n    {problem}", row.kind));
            }
        };
        let mut saved: Vec<_> = row.tensors.iter().filter(|tensor| is_listed(tensor)).cloned().collect();
        let mut length = row.length + saved.len() - row.tensors.len();
        if has_a_head_of_its_own(&row) {
            let shape = saved[0].shape.clone();
            saved.push(Tensor { name: "lm_head.weight".into(), shape, module: Some("Linear".into()) });
            length += 1;
        }
        let one_naming = row.memory.is_empty();
        check("saved", &row.config, Naming::Saved, &saved, one_naming, length);
        if let Some(text) = &row.saved {
            check("config.json", text, Naming::Saved, &saved, one_naming, length);
        }
        if one_naming {
            check("in memory", &row.config, Naming::InMemory, &saved, true, length);
        } else {
            check("in memory", &row.config, Naming::InMemory, &row.memory, true, row.memory_length);
        }
    }
    for failure in failures.iter().take(40) {
        println!("{failure}");
    }
    let mut sum = (0, 0, 0);
    for (kind, Counts { classes, lists, tensors, refused }) in &counts {
        println!("{kind}: {} classes, {lists} lists, {tensors} tensors, {refused} refused", classes.len());
        sum = (sum.0 + classes.len(), sum.1 + lists, sum.2 + tensors);
    }
    println!("{} families, {} classes, {} lists, {} tensors", counts.len(), sum.0, sum.1, sum.2);
    assert!(failures.is_empty(), "{} of {} lists are wrong", failures.len(), sum.1);
    assert!(sum.0 >= 229 && sum.1 > 2400, "{sum:?}");
    let with_data: Vec<_> = counts.keys().map(String::as_str).collect();
    assert_eq!(with_data, Config::types(), "a family without data");
}

/// The recipe that a configuration names has a rule for every tensor of every class, under the names of files and under those in memory.
#[test]
fn every_list_has_a_recipe() {
    let mut failures = BTreeMap::new();
    let mut count = 0;
    // The library computes these from the start on; a rule for them is another.
    let computed = "sinusoidal_pos_embds changes the initialisation";
    for row in rows().iter().filter(|row| refusal(row).is_none()) {
        for naming in [Naming::Saved, Naming::InMemory] {
            let config = Config::with_naming(&row.config, naming).unwrap_or_else(|error| panic!("{error}"));
            count += 1;
            if let Err(error) = config.recipe().assign(config.parameters(), config.variables()) {
                let text = error.to_string().chars().take(400).collect::<String>();
                if row.config.contains("\"sinusoidal_pos_embds\":true") && text.contains(computed) {
                    continue;
                }
                failures.entry((row.class.clone(), text)).or_insert_with(|| row.config.clone());
            }
        }
    }
    for ((class, error), config) in &failures {
        println!("{class}: {error}\n    {config}");
    }
    println!("{count} lists");
    assert!(failures.is_empty(), "{}", failures.len());
}

/// Name and numbers of a law; a truncation that cuts nothing is none.
fn law(distribution: &Distribution) -> (&'static str, Vec<f64>) {
    let numbers: Vec<f64> = distribution.parameters().iter().map(|(_, value)| *value).collect();
    match (distribution.name(), &numbers[..]) {
        ("trunc_normal", [mean, std, low, high]) if low.abs().min(high.abs()) > 10.0 * std => {
            ("normal", vec![*mean, *std])
        }
        (name, _) => (name, numbers),
    }
}

fn is_near(one: &(&str, Vec<f64>), other: &(&str, Vec<f64>)) -> bool {
    let near = |(one, other): (&f64, &f64)| (one - other).abs() <= 1e-12 * one.abs();
    one.0 == other.0 && one.1.len() == other.1.len() && one.1.iter().zip(&other.1).all(near)
}

/// Families with a recipe of their own say the same of each tensor as the recipe `transformers`, heads and all.
#[test]
fn own_recipes_agree_with_that_of_the_library() {
    let laws = |recipe: Recipe, config: &Config| {
        let assigned = recipe.assign(config.parameters(), config.variables())?;
        let drawn = |assignment: Assignment| {
            let drawn = assignment.drawn().expect("drawn");
            let parts = drawn.parts.iter().map(|part| (part.elements().clone(), part.distribution().to_string()));
            (assignment.parameter.name.clone(), law(&drawn.distribution), parts.collect::<Vec<_>>())
        };
        Ok::<_, Error>(assigned.list.into_iter().map(drawn).collect::<Vec<_>>())
    };
    let mut different = BTreeMap::new();
    let (mut count, mut untraced) = (0, 0);
    for row in rows().iter().filter(|row| refusal(row).is_none()) {
        let config = Config::with_naming(&row.config, Naming::Saved).unwrap_or_else(|error| panic!("{error}"));
        if config.recipe() == Recipe::Transformers {
            continue;
        }
        let own = laws(config.recipe(), &config).unwrap_or_else(|error| panic!("{error}"));
        let Ok(theirs) = laws(Recipe::Transformers, &config) else {
            untraced += 1;
            continue;
        };
        for (own, theirs) in own.into_iter().zip(theirs) {
            count += 1;
            if !is_near(&own.1, &theirs.1) || own.2 != theirs.2 {
                different.entry((row.class.clone(), own.0.clone())).or_insert((own, theirs));
            }
        }
    }
    for ((class, name), (own, theirs)) in different.iter().take(40) {
        println!("{class} {name}: {own:?}, by the library {theirs:?}");
    }
    println!("{count} tensors; {untraced} lists have options that were not traced");
    assert!(different.is_empty(), "{} of {count}", different.len());
    assert!(count > 9000 && untraced < 10, "{count}, {untraced}");
}

fn lines(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Published models, by their sizes: as many parameters, and as many tensors in a file, as transformers' own class has.
#[test]
fn published_models_have_their_number_of_parameters() {
    let models = lines("public-models.jsonl");
    for model in &models {
        let (name, text) = (&model["name"], model["config"].to_string());
        let config = Config::with_naming(&text, Naming::Saved).unwrap_or_else(|error| panic!("{name}: {error}"));
        let tensors: Vec<_> = config.parameters().iter().map(of).collect();
        // The router's bias is saved, but no parameter.
        let is_parameter = |tensor: &&Tensor| !tensor.name.ends_with("e_score_correction_bias");
        let count: u64 = tensors.iter().filter(is_parameter).map(|tensor| tensor.shape.iter().product::<u64>()).sum();
        assert_eq!(Some(count), model["parameters"].as_u64(), "{name}");
        // The running statistics of ResNet's 53 batch norms.
        let buffers = if config.class().starts_with("ResNet") { 3 * 53 } else { 0 };
        assert_eq!(Some(tensors.len() as u64 + buffers), model["tensors"].as_u64(), "{name}");
    }
    assert!(models.len() >= 56, "{}", models.len());
}

/// The models of the zoo that have a configuration of these kinds, as the library made and saved them.
#[test]
fn the_zoos_models_are_listed() {
    let mut kinds = BTreeSet::new();
    for model in lines("zoo.jsonl") {
        let Some(text) = model.get("config").filter(|config| config["model_type"].is_string()).map(Value::to_string)
        else {
            continue;
        };
        let config = match Config::with_naming(&text, Naming::Saved) {
            Ok(config) => config,
            Err(Error::UnknownModelType { .. }) => continue,
            Err(error) => panic!("{}: {error}", model["model"]),
        };
        let mut got: Vec<_> = config.parameters().iter().map(of).map(|tensor| (tensor.name, tensor.shape)).collect();
        got.sort();
        let tensors = model["tensors"].as_object().expect("tensors");
        let shape = |tensor: &Value| tensor[0].as_array().expect("a shape").iter().filter_map(Value::as_u64).collect();
        let all =
            tensors.iter().map(|(name, tensor)| Tensor { name: name.clone(), shape: shape(tensor), module: None });
        let mut expected: Vec<_> = all.filter(is_listed).map(|tensor| (tensor.name, tensor.shape)).collect();
        expected.sort();
        assert_eq!(got, expected, "{}", model["model"]);
        kinds.insert(model["config"]["model_type"].to_string());
    }
    println!("{} kinds of the zoo: {kinds:?}", kinds.len());
    assert!(kinds.len() >= 41, "{kinds:?}");
}

/// Whatever a field of a family holds, the configuration is listed, or refused in words that name the field.
#[test]
fn a_wrong_field_of_a_family_is_named() {
    let odd = [
        Value::Null,
        json!(-1),
        json!(0),
        json!(1.5),
        json!(1e300),
        json!(u32::MAX),
        json!(true),
        json!("x"),
        json!([]),
        json!([1, 2, 3]),
        json!({"a": 1}),
    ];
    let mut seen = BTreeSet::new();
    let (mut refused, mut listed) = (0, 0);
    for row in rows() {
        if !seen.insert(row.kind.clone()) {
            continue;
        }
        let good: Value = serde_json::from_str(&row.config).expect("JSON");
        let mut places: Vec<String> =
            good.as_object().expect("an object").keys().map(|key| format!("/{key}")).collect();
        for part in ["text_config", "vision_config"] {
            let keys = good.get(part).and_then(Value::as_object).into_iter().flat_map(|object| object.keys());
            places.extend(keys.map(|key| format!("/{part}/{key}")));
        }
        for place in places.iter().filter(|place| *place != "/model_type") {
            let key = place.rsplit('/').next().expect("a key");
            // As many experts are listed one by one until there are too many: a row of tests/validation.
            let is_count = |value: &&Value| !(key.contains("expert") && **value == json!(u32::MAX));
            for value in odd.iter().filter(is_count) {
                let mut bad = good.clone();
                *bad.pointer_mut(place).expect("the field") = value.clone();
                match Config::with_naming(&bad.to_string(), Naming::Saved) {
                    Ok(_) => listed += 1,
                    Err(Error::InvalidConfig { reason, .. }) => {
                        refused += 1;
                        // Sizes that are too large together are said of the tensor.
                        let named = reason.contains(key) || value == &json!(u32::MAX);
                        assert!(named, "{} {place} = {value}: {reason}", row.kind);
                    }
                    Err(error) => panic!("{} {place} = {value}: {error}", row.kind),
                }
            }
        }
    }
    println!("{refused} refused, {listed} listed");
    assert!(refused > 3000, "{refused}");
}

const START: &str = "<!-- table: written by models/tests/architectures.rs, do not edit -->\n";

/// The table of the documentation has the families of the data. `WGPU_INIT_WRITE_DOCS=1` writes it.
#[test]
fn the_table_of_families_is_fresh() {
    let mut table = "\n| `model_type` | classes | names in memory | recipe |\n| --- | --- | --- | --- |\n".to_owned();
    let mut families: BTreeMap<String, (BTreeSet<String>, bool, String)> = BTreeMap::new();
    let mut counts = (0, 0);
    for row in rows().iter().filter(|row| refusal(row).is_none()) {
        let config = Config::with_naming(&row.config, Naming::Saved).unwrap_or_else(|error| panic!("{error}"));
        let family = families.entry(row.kind.clone()).or_default();
        family.0.insert(row.class.clone());
        family.1 |= !row.memory.is_empty();
        family.2 = config.recipe().to_string();
        counts = (counts.0 + 1, counts.1 + config.parameters().len());
    }
    let mut classes = 0;
    for (kind, (names, has_others, recipe)) in &families {
        let others = if *has_others { "others" } else { "the same" };
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(table, "| `{kind}` | {} | {others} | `{recipe}` |", names.join(", "));
        classes += names.len();
    }
    let (lists, tensors) = counts;
    let _ = writeln!(
        table,
        "\n{} model types, {classes} classes: {lists} configurations of them, with {tensors} tensors.\n",
        families.len()
    );
    document::holds("docs/architectures.md", START, &table);
}
