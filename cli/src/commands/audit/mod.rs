//! `audit`: is a checkpoint that anybody wrote what its rules say at step 0?

mod json;
mod table;

use crate::args::{AuditArguments, SchemeArguments};
use crate::assign::Scheme;
use crate::model::{self, Model};
use crate::{error, interrupt, progress, read, terminal};
use anyhow::{Context, Result, bail, ensure};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use wgpu_init_models::audit::{Checkpoint, Expected, Options, Report, audit};
use wgpu_init_models::{Config, Parameter};

/// Something was found, and what could not be done.
const FOUND: u8 = 1;
const NOT_DONE: u8 = 2;

/// 0 for a checkpoint that is clean, 1 for one in which something was found, 2 where that could not be told.
pub(crate) fn run(arguments: &AuditArguments) -> ExitCode {
    match report(arguments) {
        Ok(report) if report.is_clean() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(FOUND),
        Err(error) => {
            let code = error::report(&error);
            // A signal's code stays as it is, and so does the success of a pipe that nobody reads.
            if interrupt::requested().is_some() || terminal::reader_is_gone() { code } else { ExitCode::from(NOT_DONE) }
        }
    }
}

fn report(arguments: &AuditArguments) -> Result<Report> {
    ensure!((0.0..=1.0).contains(&arguments.level), "--level {} is no chance: say one from 0 to 1", arguments.level);
    let mut model = model::load(&arguments.checkpoint)?;
    let files: Vec<PathBuf> = model.sources.iter().filter(|path| is_safetensors(path)).cloned().collect();
    ensure!(
        !files.is_empty(),
        "{} has no safetensors files: a checkpoint is audited, a file or a folder of them",
        arguments.checkpoint
    );
    let listed = listed(&mut model, arguments)?;
    let checkpoint = Checkpoint::open(&files).with_context(|| format!("cannot read {}", arguments.checkpoint))?;
    let scheme = SchemeArguments {
        init: arguments.init,
        recipe: arguments.recipe.clone(),
        rules: arguments.rules.clone(),
        set: arguments.set.clone(),
        infer: arguments.infer,
        class: arguments.class.clone(),
    };
    let expected = expected(&scheme, &mut model, &checkpoint, listed.as_deref())?;
    let mut options = Options::default();
    options.level = arguments.level;
    let bar = progress::Bytes::new(checkpoint.size());
    let report = audit(&checkpoint, &expected, &options, &|more| bar.observe(more))?;
    bar.finish();
    let mut out = terminal::stdout();
    if arguments.json {
        json::write(&mut out, &arguments.checkpoint, &report)?;
    } else {
        table::write(&mut out, &report, arguments.verbose)?;
    }
    out.flush()?;
    Ok(report)
}

fn is_safetensors(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors"))
}

/// The parameters that the model should have, if its configuration is one that can be listed; and everything else that it says.
fn listed(model: &mut Model, arguments: &AuditArguments) -> Result<Option<Vec<Parameter>>> {
    let text = match &arguments.from_config {
        Some(path) => Some(read::text(path, read::MOST_TEXT)?),
        None => model.config.clone(),
    };
    let Some(text) = text else { return Ok(None) };
    let config = text.parse::<Config>();
    if let Some(path) = &arguments.from_config {
        let (variables, problems) =
            Config::any_variables(&text).with_context(|| format!("the configuration {}", path.display()))?;
        for problem in problems {
            terminal::say("warning", format_args!("not all is used of {}: {problem}", path.display()));
        }
        model.variables = config.as_ref().map_or(variables, |config| config.variables().clone());
        model.recipe = config.as_ref().ok().map(|config| config.recipe().to_string());
        model.doubt = None;
        model.config = Some(text);
    }
    Ok(config.ok().map(|config| config.parameters().to_vec()))
}

fn expected(
    arguments: &SchemeArguments,
    model: &mut Model,
    checkpoint: &Checkpoint,
    listed: Option<&[Parameter]>,
) -> Result<Expected> {
    let scheme = Scheme::choose(arguments, model)?;
    let infers = scheme.infers(arguments, &model.variables);
    let rules = match scheme {
        Scheme::Init(initializer) => {
            let text = format!("[[rule]]\nname = \"*\"\ninit = \"{initializer}\"\n");
            text.parse().with_context(|| format!("--init {initializer}"))?
        }
        Scheme::Recipe(recipe, _) if model.doubt.is_some() => {
            let doubt = model.doubt.as_deref().unwrap_or_default();
            bail!(
                "the recipe {recipe} depends on what the model's own configuration says, which cannot be read: {doubt}"
            );
        }
        Scheme::Recipe(_, rules) | Scheme::Rules(rules) => rules,
    };
    if let Some((unknown, _)) = arguments.set.iter().find(|(name, _)| !rules.reads(name)) {
        bail!("--set {unknown}: {} has no variable of that name", rules.name());
    }
    model.variables.extend(arguments.set.iter().cloned());
    if infers {
        return Ok(Expected::by_classes(&rules, &model.variables, checkpoint, listed, &arguments.class)?);
    }
    Ok(Expected::by_rules(&rules, &model.variables, checkpoint, listed)?)
}
