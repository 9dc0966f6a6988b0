//! `recipes`: what is built in, and its rules as text.

use crate::args::RecipesArguments;
use crate::terminal;
use anyhow::{Result, bail};
use std::io::Write;
use wgpu_init_models::{Family, Recipe};

/// What stands before a kind of model whose name is a recipe's too.
const FAMILY: &str = "transformers/";

pub(crate) fn run(arguments: &RecipesArguments) -> Result<()> {
    let mut out = terminal::stdout();
    match &arguments.name {
        None => {
            for recipe in Recipe::ALL.iter().copied() {
                writeln!(out, "{:<14} {}", recipe.name(), about(recipe))?;
            }
        }
        Some(name) => write!(out, "{}", text(name)?)?,
    }
    out.flush()?;
    Ok(())
}

/// The comment that a recipe's text begins with.
fn about(recipe: Recipe) -> String {
    if recipe == Recipe::Transformers {
        let kinds: usize = Family::all().map(|family| family.types().count()).sum();
        return format!(
            "{kinds} kinds of models, by the model_type of their config.json; with this name all are listed"
        );
    }
    if recipe.architectures().next().is_some() {
        let number = recipe.architectures().count();
        return format!("{number} architectures and classes of that library; with this name all are listed");
    }
    let comment = recipe.text().lines().map_while(|line| line.strip_prefix('#'));
    comment.map(str::trim).collect::<Vec<_>>().join(" ")
}

fn text(name: &str) -> Result<String> {
    if name == Recipe::Transformers.name() {
        let mut types: Vec<_> = Family::all().flat_map(Family::types).collect();
        types.sort_unstable();
        return Ok(types.join("\n") + "\n");
    }
    if let Some((library, architecture)) = name.split_once('/')
        && let Some(rules) = library.parse::<Recipe>().ok().and_then(|recipe| recipe.rules_of(architecture))
    {
        return Ok(rules);
    }
    if let Ok(recipe) = name.parse::<Recipe>() {
        if recipe.architectures().next().is_some() {
            let mut names: Vec<_> = recipe.architectures().collect();
            names.sort_unstable();
            return Ok(names.join("\n") + "\n");
        }
        return Ok(recipe.text().to_owned());
    }
    match Family::named(name.strip_prefix(FAMILY).unwrap_or(name)) {
        Some(family) => Ok(family.text().to_owned()),
        None => bail!(
            "no recipe and no kind of model is called {name:?}: `recipes` lists the recipes, `recipes transformers` the kinds"
        ),
    }
}
