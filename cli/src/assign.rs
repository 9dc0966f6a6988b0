//! Which initializer each tensor of a model gets: from the command line to the library's assignments.

use crate::args::{ContentsArguments, DTypeChoice, SchemeArguments};
use crate::listed::Listed;
use crate::model::{Model, Name};
use crate::other::{Has, Other};
use crate::{read, terminal};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use wgpu_init::{DType, Initializer, Shape};
use wgpu_init_models::checkpoint::{self, Tensor};
use wgpu_init_models::infer::Inference;
use wgpu_init_models::{
    Assignment, Assignments, Error, Family, FloatDType, Parameter, Recipe, Rules, Values, Variables,
};

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
        if let Some(name) = &arguments.recipe {
            return Ok(Self::Recipe(name.recipe, name.recipe.rules(&name.variables(&model.variables))?));
        }
        let recipe = own_recipe(model)?;
        Ok(Self::Recipe(recipe, recipe.rules(&model.variables)?))
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

    /// A rule's number, counted from 1, and its conditions; none under one initializer for all.
    pub(crate) fn rule(&self, rule: usize) -> Option<(usize, String)> {
        let (Self::Recipe(_, rules) | Self::Rules(rules)) = self else { return None };
        let text = rules.describe(rule);
        let conditions = text.strip_prefix(&format!("{} {}: ", rules.name(), rule.checked_add(1)?))?;
        Some((rule + 1, conditions.to_owned()))
    }

    /// Whether classes of modules are told from names and shapes: rules of a file may count on there being none.
    pub(crate) fn infers(&self, arguments: &SchemeArguments, variables: &Variables) -> bool {
        let always = match self {
            Self::Recipe(recipe, _) => recipe.infers(variables),
            Self::Init(_) | Self::Rules(_) => false,
        };
        always || arguments.infer || !arguments.class.is_empty()
    }

    /// One assignment per parameter. No rule needs to be for what is `kept`. Rules of a file that decide nothing are said on standard
    /// error.
    fn assign(
        &self,
        parameters: &[Parameter],
        variables: Variables,
        arguments: &SchemeArguments,
        is_float: &[bool],
        kept: &BTreeSet<&str>,
        doubt: Option<&str>,
    ) -> Result<Assignments> {
        let rules = match self {
            Self::Init(initializer) => {
                return Ok(Assignments::of_all(*initializer, parameters, &|index| is_float[index])?);
            }
            Self::Recipe(_, rules) | Self::Rules(rules) => rules,
        };
        if let (Self::Recipe(recipe, _), Some(doubt)) = (self, doubt) {
            bail!(
                "the recipe {recipe} depends on what the model's own configuration says, which cannot be read: {doubt}; mend that file, or take it away"
            );
        }
        let set = &arguments.set;
        if let Some((unknown, _)) = set.iter().find(|(name, _)| !rules.reads(name)) {
            let known = rules.variables().collect::<Vec<_>>().join(", ");
            let known = if known.is_empty() { "it defines none".to_owned() } else { format!("it defines {known}") };
            bail!("--set {unknown}: {} has no variable of that name; {known}", rules.name());
        }
        let mut variables = variables;
        variables.extend(set.iter().cloned());
        let inference = self.infers(arguments, &variables).then(|| Inference::new(parameters, &arguments.class));
        let with_classes = inference.as_ref().map(Inference::parameters);
        let parameters = with_classes.as_deref().unwrap_or(parameters);
        let explain = |error: Error| {
            inference.as_ref().map_or_else(|| error.clone(), |inference| inference.explain(error.clone()))
        };
        // First with what is kept: others may be tied to it.
        let assignments = match rules.assign_some(parameters, &variables, &|index| is_float[index]) {
            Err(Error::UnmatchedParameters { names, .. }) if names.iter().all(|name| kept.contains(name.as_str())) => {
                let names: BTreeSet<_> = names.into_iter().collect();
                rules
                    .assign_some(parameters, &variables, &|at| is_float[at] && !names.contains(&parameters[at].name))?
            }
            assignments => assignments.map_err(explain)?,
        };
        // Recipes also cover what this model does not have.
        if let Self::Rules(_) = self {
            for dead in &assignments.dead {
                let reason = match dead.shadowed_by {
                    // A rule is passed over where it asks for PyTorch's default.
                    Some(later) if later > dead.rule => format!(
                        "it asks for torch_default, and the classes of the modules it is for are not known; {} decides",
                        rules.describe(later)
                    ),
                    Some(earlier) => format!("everything it is for is taken by {}", rules.describe(earlier)),
                    None => "no parameter meets its conditions".to_owned(),
                };
                terminal::say("warning", format_args!("{} decides nothing: {reason}", rules.describe(dead.rule)));
            }
        }
        Ok(assignments)
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.stored())
    }
}

/// The recipe of the model's architecture, or of its name. What a file happens to be called says little, so that is told.
fn own_recipe(model: &Model) -> Result<Recipe> {
    if let Some(recipe) = &model.recipe {
        return Ok(recipe.parse()?);
    }
    if let Ok(family) = Family::of(&model.variables) {
        terminal::say(
            "note",
            format_args!("recipe transformers, by the model_type of the config.json ({})", family.name()),
        );
        return Ok(Recipe::Transformers);
    }
    if let Some(recipe) = Recipe::of_library(&model.variables) {
        terminal::say("note", format_args!("recipe {recipe}, by the config.json"));
        return Ok(recipe);
    }
    let (name, whose) = match &model.name {
        Name::Manifest(name) => (name.as_deref().unwrap_or_default(), None),
        Name::File(name) => (&**name, Some("file")),
        Name::Folder(name) => (&**name, Some("folder")),
    };
    if let Ok(recipe) = name.parse::<Recipe>() {
        if let Some(whose) = whose {
            terminal::say("note", format_args!("recipe {recipe}, by the {whose}'s name"));
        }
        return Ok(recipe);
    }
    if let Some(kind) = &model.unknown_type {
        bail!(
            "no recipe is built in for the model_type {kind:?} of the config.json beside the checkpoint: say --recipe NAME, --rules FILE \
             or --init INIT"
        );
    }
    let what = format!("how {} is to be initialised is not known", model.file.display());
    let say = "say --recipe NAME, --rules FILE or --init INIT";
    match &model.name {
        Name::Manifest(Some(name)) => {
            bail!("{what}, and no recipe is called {name:?}, as its \"model\" says: {say}")
        }
        Name::Manifest(None) => bail!("{what}: {say}, or name a recipe as its \"model\""),
        _ => bail!("{what}: {say}, or put its config.json beside it"),
    }
}

fn rules_file(path: &Path) -> Result<Rules> {
    let text = read::text(path, read::MOST_TEXT)?;
    text.parse().with_context(|| format!("the rules {}", path.display()))
}

/// What a checkpoint of a model holds, and by which scheme; `other` is another checkpoint, of which is kept what fits.
pub(crate) fn contents(
    model: Model,
    arguments: &ContentsArguments,
    other: Option<&Other>,
) -> Result<(Vec<Tensor>, Scheme)> {
    let scheme = Scheme::choose(&arguments.scheme, &model)?;
    let tensors = tensors(model, &scheme, &arguments.scheme, arguments.dtype, other)?;
    Ok((arguments.views.of(tensors)?, scheme))
}

/// Every tensor with its assignment and dtype; tensors that the rules skip have `drawn: None`. Everything that can be wrong with a
/// tensor shows here.
pub(crate) fn tensors(
    model: Model,
    scheme: &Scheme,
    arguments: &SchemeArguments,
    dtype: DTypeChoice,
    other: Option<&Other>,
) -> Result<Vec<Tensor>> {
    let (parameters, listed): (Vec<Parameter>, Vec<String>) =
        model.entries.into_iter().map(|entry| (entry.parameter, entry.dtype)).unzip();
    // Positions, masks, packed weights: no dtype makes random numbers of them.
    let is_float: Vec<bool> = listed.iter().map(|listed| Listed::of(listed) != Listed::NoFloat).collect();
    let has = |parameter| other.map_or(Ok(Has::Nothing), |other| other.has(parameter, dtype));
    let has = parameters.iter().map(has).collect::<Result<Vec<_>>>()?;
    let all = |(parameter, has): (_, &Has<'_>)| matches!(has, Has::All(_)).then_some(parameter);
    let names = parameters.iter().map(|parameter| parameter.name.as_str());
    let kept: BTreeSet<&str> = names.clone().zip(&has).filter_map(all).collect();
    let Assignments { list, left_out, .. } =
        scheme.assign(&parameters, model.variables, arguments, &is_float, &kept, model.doubt.as_deref())?;
    let by_name: BTreeMap<&str, Has<'_>> = names.zip(has.iter().copied()).collect();
    // What no rule decided may be kept all the same, unlike what a rule skips.
    let (kept, left_out): (BTreeSet<usize>, BTreeSet<usize>) =
        left_out.into_iter().partition(|at| matches!(has[*at], Has::All(_)));
    let mut tensors = Vec::with_capacity(list.len());
    for (at, (assignment, listed)) in list.into_iter().zip(&listed).enumerate() {
        // A tied parameter is what that one is, also where only that one is there.
        let tied = assignment.drawn().and_then(|drawn| by_name.get(drawn.tied_to.as_deref()?));
        let has = if let (Has::Nothing, Some(tied)) = (has[at], tied) { *tied } else { has[at] };
        let is_skipped = matches!(assignment.values, Values::Skipped) && !kept.contains(&at);
        let dtype = dtype.fixed().map(FloatDType::Drawn);
        tensors.push(match has {
            _ if is_skipped => Tensor::new(assignment, DType::F32)?,
            Has::All(other) => Tensor::kept(assignment.parameter, other)?,
            Has::Rows(other) => {
                let dtype = dtype.or(assignment.dtype);
                decided(assignment, &other.dtype, dtype)?.keeping(other)?
            }
            Has::Nothing | Has::Redrawn => {
                let dtype = dtype.or(assignment.dtype);
                decided(assignment, listed, dtype)?
            }
        });
    }
    if let Some(other) = other {
        other.say(&parameters, &has, &|at| tensors[at].is_stored() && tensors[at].assignment().drawn().is_some())?;
    }
    let left_out: Vec<_> = left_out.iter().map(|at| format!("{} ({})", parameters[*at].name, listed[*at])).collect();
    say_left_out(&left_out);
    if !left_out.is_empty() && !tensors.iter().any(Tensor::is_stored) {
        bail!("the model has no tensor of floating-point numbers: {} is not drawn", left_out[0]);
    }
    Ok(tensors)
}

/// A tensor in the dtype that was decided on, or in the one it is listed with.
fn decided(assignment: Assignment, listed: &str, dtype: Option<FloatDType>) -> Result<Tensor> {
    let name = &assignment.parameter.name;
    let dtype = match (assignment.drawn(), Listed::of(listed), dtype) {
        // What is not drawn may have any dtype, e.g. a counter of batches.
        (None, ..) => DType::F32.into(),
        (Some(_), Listed::Unknown | Listed::NoFloat, _) => {
            bail!("tensor {name}: the dtype {listed:?} is not known; safetensors calls them F32, BF16, I64 and so on");
        }
        (Some(_), _, Some(dtype)) | (Some(_), Listed::Drawn(dtype), None) => dtype,
        (Some(_), Listed::OtherFloat, None) => {
            bail!("tensor {name}: {listed} is not written: say --dtype, e.g. f8_e4m3fn or bf16");
        }
    };
    Ok(Tensor::new(assignment, dtype)?)
}

fn say_left_out(left_out: &[String]) {
    const MOST: usize = 10;
    if left_out.is_empty() {
        return;
    }
    let mut names: String = left_out.iter().take(MOST).map(|name| format!("\n  {name}")).collect();
    if left_out.len() > MOST {
        names = format!("{names}\n  and {} more", left_out.len() - MOST);
    }
    let what = "hold no floating-point numbers and are left out; what reads the checkpoint must have them from elsewhere, or a rule must say \
         them, by a dtype such as i64 and a constant or arange";
    terminal::say("note", format_args!("tensors that {what}:{names}"));
}

/// A shape as `768 x 3072`; `scalar` for rank 0.
pub(crate) fn shape_text(shape: &Shape) -> String {
    let dims: Vec<_> = shape.dims().iter().map(u64::to_string).collect();
    if dims.is_empty() { "scalar".to_owned() } else { dims.join("x") }
}
