//! Real initialisations of many libraries' models (`tests/data/zoo.jsonl`) against what each is given here from its own files: the list of
//! tensors as saved and the `config.json`. Every tensor of a model must be a plausible draw, or the model is refused; the counts and the
//! table of `docs/recipes.md` are of this test.

#[path = "support/document.rs"]
mod document;
#[path = "support/measured.rs"]
#[expect(dead_code, reason = "other tests read lists of the same form")]
mod measured;

use measured::Measured;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use wgpu_init::Shape;
use wgpu_init_models::infer::Inference;
use wgpu_init_models::{Assignment, Config, Error, Family, Parameter, Recipe, Variables};

/// One tensor as the library made it several times.
struct Made {
    parameter: Parameter,
    is_float: bool,
    measured: Measured,
    /// Elements that had one value in all initialisations.
    fixed: u64,
}

struct Model {
    name: String,
    class: String,
    library: String,
    config: Option<String>,
    tensors: Vec<Made>,
}

/// How a model fared.
#[derive(Debug, PartialEq)]
enum Outcome {
    Right,
    Refused(String),
    /// The tensors that are no plausible draws.
    Wrong(Vec<String>),
}

fn zoo() -> Vec<Model> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/zoo.jsonl");
    std::fs::read_to_string(path).expect("the zoo").lines().map(model).collect()
}

fn model(line: &str) -> Model {
    let value: Value = serde_json::from_str(line).expect("JSON");
    let text = |key: &str| value[key].as_str().expect("a text").to_owned();
    let made = |(name, row): (&String, &Value)| {
        let dims: Vec<u64> = row[0].as_array().expect("a shape").iter().filter_map(Value::as_u64).collect();
        let number = |at: usize| row[at].as_f64().unwrap_or(f64::NAN);
        Made {
            parameter: Parameter::new(name, Shape::new(dims).expect("a shape")),
            is_float: row[1].as_str().is_some_and(|dtype| dtype.contains('F')),
            measured: Measured::of([number(4), number(5), number(6), number(7)], number(3) * looked_at(&row[0])),
            fixed: row[8].as_u64().unwrap_or(0),
        }
    };
    Model {
        name: text("model"),
        class: text("class"),
        library: text("library"),
        config: value.get("config").map(Value::to_string),
        tensors: value["tensors"].as_object().expect("tensors").iter().map(made).collect(),
    }
}

/// What part of a tensor the statistics are of: of large ones of a sample, whose means scatter as those of 100,000 elements do.
fn looked_at(shape: &Value) -> f64 {
    const SAMPLE: f64 = 1e5;
    let elements: f64 = shape.as_array().expect("a shape").iter().filter_map(Value::as_f64).product();
    if elements > SAMPLE { SAMPLE / elements } else { 1.0 }
}

impl Model {
    fn variables(&self) -> Variables {
        let text = self.config.as_deref().expect("a configuration");
        Config::any_variables(text).unwrap_or_else(|error| panic!("{}: {error}", self.name)).0
    }

    fn outcome(&self, recipe: Recipe, variables: &Variables) -> Outcome {
        let mut parameters: Vec<Parameter> = self.tensors.iter().map(|made| made.parameter.clone()).collect();
        if recipe.infers(variables) {
            parameters = Inference::new(&parameters, &[]).parameters();
        }
        let rules = recipe.rules(variables);
        let list =
            match rules.and_then(|rules| rules.assign_some(&parameters, variables, &|at| self.tensors[at].is_float)) {
                Ok(assignments) => assignments.list,
                Err(error) => return Outcome::Refused(first_line(&error)),
            };
        let wrong = |(made, assignment): (&Made, Assignment)| made.check(&assignment).err();
        let wrong: Vec<String> = self.tensors.iter().zip(list).filter_map(wrong).collect();
        if wrong.is_empty() { Outcome::Right } else { Outcome::Wrong(wrong) }
    }
}

fn first_line(error: &Error) -> String {
    match error {
        Error::UnmatchedParameters { names, .. } => format!("no rule for {}", names.join(", ")),
        Error::Refused { name, reason, .. } => format!("{name}: {}", reason.trim_end_matches(": write rules")),
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

impl Made {
    /// Whether the assignment can have given these statistics.
    fn check(&self, assignment: &Assignment) -> Result<(), String> {
        let Some(drawn) = assignment.drawn() else { return Ok(()) };
        let (name, shape) = (&self.parameter.name, &self.parameter.shape);
        let elements = shape.elements();
        let stretches = drawn.stretches(elements);
        let fixed: u64 = stretches
            .iter()
            .filter(|part| !part.distribution().is_random())
            .map(|part| part.elements().end - part.elements().start)
            .sum();
        // A drawn value comes twice once in millions.
        if fixed != self.fixed && elements > 1 {
            return Err(format!("{name}: {fixed} elements are fixed, {} were", self.fixed));
        }
        let random = drawn.distribution.is_random();
        let zeros = if random { fixed as f64 / elements as f64 } else { 0.0 };
        let of_drawn = self.measured.without_zeros(zeros);
        of_drawn
            .check(&drawn.distribution, shape)
            .map_err(|reason| format!("{name}: {} but {reason}", drawn.distribution))
    }
}

/// Each model of transformers with how it fared.
fn outcomes() -> Vec<(Model, Outcome)> {
    let models = zoo().into_iter().filter(|model| model.library == "transformers");
    let fared = |model: Model| {
        let outcome = model.outcome(Recipe::Transformers, &model.variables());
        (model, outcome)
    };
    models.map(fared).collect()
}

#[test]
#[expect(clippy::print_stdout, reason = "the counts are what one reads")]
fn every_model_of_transformers_is_right_from_its_own_files_or_refused() {
    let list = outcomes();
    let count = |wanted: fn(&Outcome) -> bool| list.iter().filter(|(_, outcome)| wanted(outcome)).count();
    let right = count(|outcome| *outcome == Outcome::Right);
    let refused = count(|outcome| matches!(outcome, Outcome::Refused(_)));
    println!("right {right}, refused {refused}, wrong {}", list.len() - right - refused);
    let mut wrong = Vec::new();
    for (model, outcome) in &list {
        match outcome {
            Outcome::Right => {}
            Outcome::Refused(reason) => println!("refused {} ({}): {reason}", model.name, model.class),
            Outcome::Wrong(which) => wrong.push(format!("{} ({}):\n  {}", model.name, model.class, which.join("\n  "))),
        }
    }
    assert!(wrong.is_empty(), "{} models are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(right >= LEAST_RIGHT, "{right} models are right, {LEAST_RIGHT} were");
}

/// Each model of torchvision, timm, diffusers and PyTorch with the recipe that one would say, and how it fared: the library's with the
/// architecture's name, or its class where it is a size of one's own.
fn plain_outcomes(zoo: Vec<Model>) -> Vec<(Model, String, Outcome)> {
    let fared = |model: Model| {
        let recipe = match &*model.library {
            "torchvision" => Recipe::Torchvision,
            "timm" => Recipe::Timm,
            "diffusers" => Recipe::Diffusers,
            _ => Recipe::TorchDefault,
        };
        let mut variables = if model.config.is_some() { model.variables() } else { Variables::new() };
        let mut told = recipe.to_string();
        if model.config.is_none() && recipe != Recipe::TorchDefault {
            let name = model.name.split_once('_').map_or("", |(_, name)| name);
            let is_known = recipe.architectures().any(|known| known == name);
            let architecture = if is_known { name } else { &model.class };
            variables.set_text("architecture", architecture);
            told = format!("{recipe}/{architecture}");
        }
        let outcome = model.outcome(recipe, &variables);
        (model, told, outcome)
    };
    // open_clip has laws of its own, which no recipe here knows: nothing of its files says so, and one would have to say torch-default.
    zoo.into_iter().filter(|model| !matches!(&*model.library, "transformers" | "open_clip")).map(fared).collect()
}

#[expect(clippy::print_stdout, reason = "the counts are what one reads")]
fn judge(list: &[(Model, String, Outcome)]) -> usize {
    let (mut right, mut wrong) = (0, Vec::new());
    for (model, told, outcome) in list {
        match outcome {
            Outcome::Right => right += 1,
            Outcome::Refused(reason) => println!("refused {} by {told}: {reason}", model.name),
            Outcome::Wrong(which) => wrong.push(format!("{} by {told}:\n  {}", model.name, which.join("\n  "))),
        }
    }
    println!("right {right}, refused {}, wrong {}", list.len() - right - wrong.len(), wrong.len());
    assert!(wrong.is_empty(), "{} models are wrong:\n{}", wrong.len(), wrong.join("\n"));
    right
}

#[test]
fn every_plain_model_is_right_by_its_librarys_recipe_or_refused() {
    let right = judge(&plain_outcomes(zoo()));
    assert!(right >= LEAST_RIGHT_PLAIN, "{right} models are right, {LEAST_RIGHT_PLAIN} were");
}

/// How many plain models were right when this was written.
const LEAST_RIGHT_PLAIN: usize = 15;

/// Models that `models/upstream/measure_plain.py` made.
#[test]
#[ignore = "WGPU_INIT_MEASURED=measured.jsonl cargo test -p wgpu-init-models --test zoo measured -- --ignored --nocapture"]
fn measured_models_are_right_or_refused() {
    let file = std::env::var("WGPU_INIT_MEASURED").expect("WGPU_INIT_MEASURED says which file");
    let models = std::fs::read_to_string(file).expect("a file").lines().map(model).collect();
    assert!(judge(&plain_outcomes(models)) > 0);
}

/// How many models were right when this was written.
const LEAST_RIGHT: usize = 55;

const START: &str = "<!-- table: written by models/tests/zoo.rs, do not edit -->\n";

/// The table of the documentation is what this test finds. `WGPU_INIT_WRITE_DOCS=1` writes it.
#[test]
fn the_table_of_models_is_fresh() {
    let list = outcomes();
    let mut table = "\n| class | tensors | by the recipe `transformers` |\n| --- | --- | --- |\n".to_owned();
    for (model, outcome) in &list {
        let told = match outcome {
            Outcome::Right => "right".to_owned(),
            Outcome::Refused(reason) => format!("refused: {}", reason.chars().take(200).collect::<String>()),
            Outcome::Wrong(_) => "wrong".to_owned(),
        };
        // Some classes are there with several configurations.
        let _ = writeln!(table, "| `{}` (`{}`) | {} | {told} |", model.class, model.name, model.tensors.len());
    }
    let right = list.iter().filter(|(_, outcome)| *outcome == Outcome::Right);
    let (models, tensors) =
        right.fold((0, 0), |(models, tensors), (model, _)| (models + 1, tensors + model.tensors.len()));
    let _ = writeln!(table, "\n{models} of {} models are right, in all of their {tensors} tensors.\n", list.len());
    document::holds("docs/recipes.md", START, &table);
}

const START_PLAIN: &str = "<!-- plain models: written by models/tests/zoo.rs, do not edit -->\n";

/// As above, for the models without a `model_type`.
#[test]
fn the_table_of_plain_models_is_fresh() {
    let list = plain_outcomes(zoo());
    let mut table = "\n| class | tensors | recipe | |\n| --- | --- | --- | --- |\n".to_owned();
    for (model, recipe, outcome) in &list {
        let told = match outcome {
            Outcome::Right => "right".to_owned(),
            Outcome::Refused(reason) => format!("refused: {}", reason.chars().take(200).collect::<String>()),
            Outcome::Wrong(_) => "wrong".to_owned(),
        };
        let _ =
            writeln!(table, "| `{}` (`{}`) | {} | `{recipe}` | {told} |", model.class, model.name, model.tensors.len());
    }
    let right = list.iter().filter(|(.., outcome)| *outcome == Outcome::Right).count();
    let _ = writeln!(table, "\n{right} of {} models are right.\n", list.len());
    document::holds("docs/recipes.md", START_PLAIN, &table);
}

/// Every family can be read, and no kind of model is in two.
#[test]
fn every_family_is_read_and_names_that_no_class_has_are_refused() {
    let mut seen = BTreeSet::new();
    for family in Family::all() {
        let mut variables = Variables::new();
        for kind in family.types() {
            assert!(seen.insert(kind), "{kind} is in two families");
            assert!(Family::named(kind).is_some_and(|found| found == family), "{kind}");
            variables.set_text("model_type", kind);
        }
        let rules = Recipe::Transformers.rules(&variables).unwrap_or_else(|error| panic!("{}: {error}", family.text()));
        let name = "model.layers.0.self_attn.q_proj.lora_B.default.weight";
        let error = rules.assign(&[Parameter::new(name, Shape::new([8, 8]).expect("a shape"))], &variables);
        assert!(error.is_err(), "{name} is known to {}", rules.name());
    }
    assert!(seen.len() > 300, "{} kinds", seen.len());
}

#[test]
fn a_model_of_an_unknown_kind_or_with_a_scale_of_zero_is_refused() {
    let of = |text: &str| {
        let (variables, _) = Config::any_variables(text).expect("a configuration");
        Recipe::Transformers.rules(&variables).map(|_| ()).expect_err("refused")
    };
    assert_eq!(of("{}"), Error::NoModelType);
    let Error::UnknownFamily { got, known, .. } = of(r#"{"model_type": "my-model"}"#) else { panic!("another error") };
    assert!(got == "my-model" && known > 300, "{known}");
    let error = of(r#"{"model_type": "llama", "initializer_range": 0}"#);
    assert_eq!(error, Error::ScaleOfZero { field: "config.initializer_range".to_owned() });
    // Another recipe, for a model that it is wrong for.
    let (gemma, _) = Config::any_variables(r#"{"model_type": "gemma"}"#).expect("a configuration");
    let error = Recipe::Llama.rules(&gemma).map(|_| ()).expect_err("refused").to_string();
    assert!(error.contains("\"gemma\"") && error.contains("say the recipe transformers"), "{error}");
}

/// A recipe that is named for a model of another kind must not be wrong without a word.
#[test]
fn no_recipe_is_silently_wrong_for_a_model_of_another_kind() {
    let mut wrong = Vec::new();
    for model in zoo().iter().filter(|model| model.config.is_some()) {
        for recipe in Recipe::ALL.iter().copied() {
            if let Outcome::Wrong(which) = model.outcome(recipe, &model.variables()) {
                wrong.push(format!("{recipe} for {}: {}", model.name, which[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
