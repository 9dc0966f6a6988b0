//! The lists that configurations give against those of transformers' own classes: what `state_dict` has, and what `save_pretrained`
//! writes, of every class of the families with several configurations each (`models/upstream/lists.py`).

#![expect(clippy::print_stdout, reason = "the counts are the report")]

#[path = "support/listed.rs"]
mod listed;

use listed::{Row, Tensor, rows};
use std::collections::{BTreeMap, BTreeSet};
use wgpu_init_models::{Config, Error, Naming, Parameter};

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
    row.class == "T5ForConditionalGeneration" && row.config.contains("\"tie_word_embeddings\":false")
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
    assert!(sum.0 > 180 && sum.1 > 2000, "{sum:?}");
}

/// The recipe that a configuration names has a rule for every tensor of every class, under the names that are saved.
#[test]
fn every_list_has_a_recipe() {
    let mut failures = BTreeMap::new();
    let mut count = 0;
    // The library computes these from the start on; a rule for them is another.
    let computed = "sinusoidal_pos_embds changes the initialisation";
    for row in rows().iter().filter(|row| refusal(row).is_none()) {
        let config = Config::with_naming(&row.config, Naming::Saved).unwrap_or_else(|error| panic!("{error}"));
        count += 1;
        if let Err(error) = config.recipe().assign(config.parameters(), config.variables()) {
            let text = error.to_string().chars().take(400).collect::<String>();
            if row.config.contains("\"sinusoidal_pos_embds\":true") && text.contains(computed) {
                continue;
            }
            failures.entry((row.class.clone(), text)).or_insert_with(|| row.config.clone());
        }
    }
    for ((class, error), config) in &failures {
        println!("{class}: {error}\n    {config}");
    }
    println!("{count} lists");
    assert!(failures.is_empty(), "{}", failures.len());
}
