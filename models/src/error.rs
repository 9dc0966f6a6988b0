//! What can be wrong with rules, recipes and configurations.

/// What was wrong, with what was got, what was expected and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A rules file that cannot be read, or a rule that cannot be evaluated.
    #[error("{place}: {reason}")]
    InvalidRules {
        /// Which rule, and for which parameter where that matters.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// No rule says how to initialise some parameters.
    #[error(
        "{rules}: no rule for the parameters{}{}\nadd rules, e.g. one with name = \"*\" at the end",
        first_ten(names),
        about_classes(unknown_classes, *without_class)
    )]
    UnmatchedParameters {
        /// The name of the rules or the recipe.
        rules: String,
        /// The parameters' names.
        names: Vec<String>,
        /// Classes of their modules that `torch_default` was asked about and does not know.
        unknown_classes: Vec<String>,
        /// How many of the parameters have no module class, where `torch_default` would need one.
        without_class: usize,
    },
    /// A rule that refuses a parameter: no rules of this kind are right for it.
    #[error("{}: {reason} ({rule})", name.escape_debug())]
    Refused {
        /// The rule, in words.
        rule: String,
        /// The parameter's name.
        name: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The recipe `transformers` without the kind of the model, which it goes by.
    #[error(
        "the recipe transformers goes by the model_type of a config.json, and none is known: have the model's config.json beside its \
         checkpoint, or read it with Config::any_variables"
    )]
    NoModelType,
    /// The recipe of a library without the architecture, which it goes by.
    #[error("the recipe {recipe} goes by the architecture or class of a model, and none is known: {}", example(recipe))]
    NoArchitecture {
        /// The recipe.
        recipe: &'static str,
    },
    /// An architecture that the recipe of a library has no rules for.
    #[error(
        "the recipe {recipe} has no rules for {got:?}; it has them for {known} architectures and classes of {recipe} {version}. Write \
         rules, e.g. from those of a similar one"
    )]
    UnknownArchitecture {
        /// The recipe.
        recipe: &'static str,
        /// What was asked for.
        got: String,
        /// How many there are.
        known: usize,
        /// The release of the library whose models were looked at.
        version: &'static str,
    },
    /// PyTorch's defaults for a model of a library that initialises it in a way of its own.
    #[error(
        "the recipe {recipe} is for layers of torch.nn alone, and the model's config.json says that it is of {library}: say the recipe {library}"
    )]
    OfLibrary {
        /// The recipe.
        recipe: &'static str,
        /// The recipe of the library.
        library: &'static str,
    },
    /// A recipe for a kind of model that transformers initialises in another way.
    #[error(
        "the recipe {recipe} is for the model_type {}, and the model's is {got:?}, which transformers initialises in another way: say the \
         recipe transformers",
        known.join(", ")
    )]
    OtherModel {
        /// The recipe.
        recipe: &'static str,
        /// What the configuration says.
        got: String,
        /// The kinds that the recipe is for.
        known: &'static [&'static str],
    },
    /// A scale of 0 that transformers reads in two ways.
    #[error(
        "{field} is 0, which transformers reads as 0.02 for some weights and as 0 for others: write a number above 0, or rules"
    )]
    ScaleOfZero {
        /// The field.
        field: String,
    },
    /// A `model_type` that the recipe `transformers` has no rules for.
    #[error(
        "the recipe transformers has no rules for the model_type {got:?}; it has them for {known} kinds of models of transformers \
         {version}. Write rules, e.g. from those of a similar model"
    )]
    UnknownFamily {
        /// What the configuration says.
        got: String,
        /// How many kinds there are.
        known: usize,
        /// The version whose source the rules are from.
        version: &'static str,
    },
    /// A pattern of names that cannot be read.
    #[error("{reason}")]
    InvalidGlob {
        /// What is wrong with it.
        reason: String,
    },
    /// A model that lists a name twice.
    #[error("the parameter {} is listed twice; values are drawn by name, so names must differ", name.escape_debug())]
    DuplicateParameter {
        /// The name.
        name: String,
    },
    /// Two parameters that would get the same random numbers.
    #[error(
        "the parameters {first} and {second} would be drawn from the same stream, {stream:#018x}; tie them if that is meant, else give one of them another stream or seed"
    )]
    StreamCollision {
        /// The name of one parameter.
        first: String,
        /// The name of the other.
        second: String,
        /// The stream.
        stream: u64,
    },
    /// A parameter of a model is at fault: what is asked for does not suit its shape, as a rule.
    #[error("parameter {} of the shape {shape:?}{}: {cause}", name.escape_debug(), by(rule))]
    Parameter {
        /// The name.
        name: String,
        /// The shape's sizes.
        shape: Vec<u64>,
        /// The rule that decided, in words; empty if there are no rules.
        rule: String,
        /// What is wrong with it. The message has it, so it is no `source`: a chain of errors would print it twice.
        cause: Box<wgpu_init::Error>,
    },
    /// A parameter of integers or bools is at fault.
    #[error("parameter {}: {cause}", name.escape_debug())]
    Integers {
        /// The name.
        name: String,
        /// What is wrong with it.
        cause: crate::IntegersError,
    },
    /// A `config.json` of a model that is not built in.
    #[error("model_type is {got:?}, what is built in is {}; list the parameters in a manifest instead", known.join(", "))]
    UnknownModelType {
        /// What the file says.
        got: String,
        /// What exists.
        known: Vec<&'static str>,
    },
    /// A `config.json` that does not describe a model.
    #[error("the configuration ({model_type}): {reason}")]
    InvalidConfig {
        /// The file's `model_type`, or `config.json` if it has none.
        model_type: String,
        /// What is wrong.
        reason: String,
    },
    /// A recipe name that is not known.
    #[error("unknown recipe {text:?}: the recipes are {}", known.join(", "))]
    UnknownRecipe {
        /// Text given.
        text: String,
        /// What exists.
        known: Vec<&'static str>,
    },
    /// What cannot be told of a list's modules.
    #[error(transparent)]
    Infer(#[from] crate::infer::InferError),
    /// What the core crate refuses.
    #[error(transparent)]
    Core(#[from] wgpu_init::Error),
}

fn example(recipe: &str) -> &'static str {
    match recipe {
        "timm" => "say it, e.g. timm/vit_base_patch16_224, or have the model's config.json beside its checkpoint",
        "diffusers" => {
            "say it, e.g. diffusers/FluxTransformer2DModel, or have the model's config.json beside its checkpoint"
        }
        _ => "say it, e.g. torchvision/resnet50",
    }
}

fn by(rule: &str) -> String {
    if rule.is_empty() { String::new() } else { format!(", by {rule}") }
}

fn about_classes(unknown: &[String], without: usize) -> String {
    let mut text = String::new();
    if without > 0 {
        text.push_str(&format!(
            "\ntorch_default goes by the class of a parameter's module, which {without} of them lack: say it, e.g. \"module\": \
             \"Linear\" in a manifest, or have the model's config.json beside its checkpoint"
        ));
    }
    if !unknown.is_empty() {
        text.push_str(&format!("\ntorch_default does not know the module classes{}", first_ten(unknown)));
    }
    text
}

/// The names, one a line; of many the first ten, and how many there are besides.
fn first_ten(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let mut lines: String = names.iter().take(SHOWN).map(|name| format!("\n  {}", name.escape_debug())).collect();
    if let Some(more @ 1..) = names.len().checked_sub(SHOWN) {
        lines.push_str(&format!("\n  and {more} more"));
    }
    lines
}

/// Result of this crate's calls.
pub type Result<T, E = Error> = core::result::Result<T, E>;
