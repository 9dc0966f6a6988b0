//! `config.json`: the whole list, or what is known beside a checkpoint.

use super::{Entry, Model, Name};
use crate::{read, terminal};
use anyhow::Result;
use std::collections::HashMap;
use std::path::Path;
use wgpu_init::DType;
use wgpu_init_models::{Config, Error, Naming, Recipe};

/// The model that a configuration describes.
pub(super) fn read(name: Name, text: &str) -> Result<Model> {
    let config: Config = text.parse()?;
    let dtype = config.dtype().unwrap_or(DType::F32).to_string();
    let entries = config.parameters().iter();
    let entries = entries.map(|parameter| Entry { parameter: parameter.clone(), dtype: dtype.clone() }).collect();
    let variables = config.variables().clone();
    let (recipe, config) = (Some(config.recipe().to_string()), Some(text.to_owned()));
    Ok(Model { variables, recipe, config, ..Model::new(name, entries) })
}

/// The model of a checkpoint, with what a `config.json` in the same folder adds: recipe, variables, module classes. One of a model
/// that is not built in adds the numbers that recipes read, e.g. whether the head is the embedding.
pub(super) fn beside(checkpoint: &Path, mut model: Model) -> Model {
    let path = checkpoint.with_file_name("config.json");
    if !path.exists() {
        return model;
    }
    model.sources.push(path.clone());
    let text = match read::text(&path, read::MOST_TEXT) {
        Ok(text) => text,
        Err(error) => {
            terminal::say("warning", format_args!("{} is not used: {error:#}", path.display()));
            return model;
        }
    };
    model.config = Some(text.clone());
    let config: Config = match text.parse() {
        Ok(config) => config,
        Err(error) => {
            if let Error::UnknownModelType { got, .. } = &error {
                model.unknown_type = Some(got.clone());
            }
            let of = |problem: &Error| format!("{}: {problem}", path.display());
            let is_known = !matches!(error, Error::UnknownModelType { .. });
            match Config::any_variables(&text) {
                Ok((numbers, problems)) => {
                    // Those of diffusers and timm have no model_type.
                    let is_known = is_known && Recipe::of_library(&numbers).is_none();
                    model.variables = numbers;
                    for problem in is_known.then_some(&error).into_iter().chain(&problems) {
                        terminal::say("warning", format_args!("not all is used of {}", of(problem)));
                    }
                }
                Err(problem) => {
                    terminal::say("warning", format_args!("nothing is used of {}", of(&problem)));
                    model.doubt = Some(of(&problem));
                }
            }
            return model;
        }
    };
    // Under the names of files, and under those that the library has in memory.
    let namings = [Naming::InMemory, Naming::Saved].map(|naming| Config::with_naming(&text, naming));
    let known = namings.iter().flatten().flat_map(Config::parameters);
    let mut classes: HashMap<_, _> = known.map(|known| (known.name.as_str(), known)).collect();
    for Entry { parameter, .. } in &mut model.entries {
        if let Some(known) = classes.remove(parameter.name.as_str()).filter(|known| known.shape == parameter.shape) {
            parameter.module.clone_from(&known.module);
        }
    }
    model.variables.clone_from(config.variables());
    model.recipe = Some(config.recipe().to_string());
    model
}
