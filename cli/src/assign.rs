//! Which initializer each tensor of a model gets: from the command line to the library's assignments.

use crate::args::{DTypeChoice, SchemeArguments};
use crate::model::Model;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use wgpu_init::{Initializer, Shape};
use wgpu_init_models::checkpoint::{self, Tensor};
use wgpu_init_models::{Assignment, Drawn, Parameter, Recipe, Rules};

/// What decides.
#[derive(Debug)]
pub(crate) enum Scheme {
    /// All tensors the same.
    Init(Initializer),
    /// Built-in rules.
    Recipe(Recipe, Rules),
    /// Rules of a file.
    Rules(Rules),
}

impl Scheme {
    /// What the arguments say, or the recipe that the model itself points to.
    pub(crate) fn choose(arguments: &SchemeArguments, model: &Model) -> Result<Self> {
        if let Some(initializer) = arguments.init {
            return Ok(Self::Init(initializer));
        }
        if let Some(path) = &arguments.rules {
            return rules_file(path).map(Self::Rules);
        }
        if let Some(recipe) = arguments.recipe {
            return Ok(Self::Recipe(recipe, recipe.rules()));
        }
        let own = model.recipe.as_deref().unwrap_or(&model.name);
        match own.parse::<Recipe>() {
            Ok(recipe) => Ok(Self::Recipe(recipe, recipe.rules())),
            Err(_) => bail!("no recipe is called {own:?}: say --init, --recipe or --rules"),
        }
    }

    /// What a checkpoint's metadata say.
    pub(crate) fn stored(&self) -> checkpoint::Scheme {
        match self {
            Self::Init(initializer) => checkpoint::Scheme::Init(*initializer),
            Self::Recipe(recipe, _) => checkpoint::Scheme::Recipe(*recipe),
            Self::Rules(rules) => checkpoint::Scheme::Rules(rules.name().to_owned()),
        }
    }

    /// A rule in words.
    pub(crate) fn describe(&self, rule: usize) -> String {
        match self {
            Self::Init(_) => "--init".to_owned(),
            Self::Recipe(_, rules) | Self::Rules(rules) => rules.describe(rule),
        }
    }

    /// One assignment per parameter. Rules of a file that decide nothing are said on standard error.
    fn assign(&self, parameters: Vec<Parameter>, variables: &BTreeMap<String, f64>) -> Result<Vec<Assignment>> {
        let rules = match self {
            Self::Init(initializer) => {
                return parameters.into_iter().map(|parameter| with(*initializer, parameter)).collect();
            }
            Self::Recipe(_, rules) | Self::Rules(rules) => rules,
        };
        let assignments = rules.assign(&parameters, variables)?;
        // Recipes also cover what this model does not have.
        if let Self::Rules(_) = self {
            for dead in &assignments.dead {
                let reason = match dead.shadowed_by {
                    Some(earlier) => format!("everything it is for is taken by {}", rules.describe(earlier)),
                    None => "no parameter meets its conditions".to_owned(),
                };
                eprintln!("warning: {} decides nothing: {reason}", rules.describe(dead.rule));
            }
        }
        Ok(assignments.list)
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Init(initializer) => write!(f, "{initializer}"),
            Self::Recipe(recipe, _) => write!(f, "recipe {recipe}"),
            Self::Rules(rules) => write!(f, "rules {}", rules.name()),
        }
    }
}

fn rules_file(path: &Path) -> Result<Rules> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the rules {}", path.display()))?;
    text.parse().with_context(|| format!("the rules {}", path.display()))
}

/// The assignment of one initializer to a parameter.
fn with(initializer: Initializer, parameter: Parameter) -> Result<Assignment> {
    let distribution =
        initializer.distribution(&parameter.shape).with_context(|| format!("tensor {}", parameter.name))?;
    let (stream, parts, tied_to) = (parameter.name.clone(), Vec::new(), None);
    let drawn = Some(Drawn { initializer, distribution, parts, stream, tied_to });
    Ok(Assignment { parameter, drawn, dtype: None, seed: None, rule: 0 })
}

/// Every tensor with its assignment and dtype; tensors that the rules skip have `drawn: None`. Everything that can be wrong with a
/// tensor shows here.
pub(crate) fn tensors(
    model: Model,
    scheme: &Scheme,
    arguments: &SchemeArguments,
    dtype: DTypeChoice,
) -> Result<Vec<Tensor>> {
    let mut variables = model.variables;
    variables.extend(arguments.set.iter().cloned());
    let (parameters, listed): (Vec<Parameter>, Vec<String>) =
        model.entries.into_iter().map(|entry| (entry.parameter, entry.dtype)).unzip();
    let assignments = scheme.assign(parameters, &variables)?;
    let mut tensors = Vec::with_capacity(assignments.len());
    for (assignment, listed) in assignments.into_iter().zip(listed) {
        let name = || format!("tensor {}", assignment.parameter.name);
        let dtype = match dtype.fixed().or(assignment.dtype) {
            Some(dtype) => dtype,
            // What is not drawn may have any dtype, e.g. a counter of batches.
            None if assignment.drawn.is_none() => wgpu_init::DType::F32,
            None => listed.parse().with_context(|| format!("{}: say --dtype to choose another", name()))?,
        };
        tensors.push(Tensor::new(assignment, dtype)?);
    }
    Ok(tensors)
}

/// A shape as `768 x 3072`; `scalar` for rank 0.
pub(crate) fn shape_text(shape: &Shape) -> String {
    let dims: Vec<_> = shape.dims().iter().map(u64::to_string).collect();
    if dims.is_empty() { "scalar".to_owned() } else { dims.join("x") }
}
