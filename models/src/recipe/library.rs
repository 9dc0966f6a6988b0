//! The recipes of libraries: rules for each architecture, or class, that torchvision, timm and diffusers make.

use super::Recipe;
use crate::{Error, Result, Rules, Variables};

/// What a line with names begins with.
const HEADER: &str = "## ";
/// Instead of names, before rules that are asked after those of every other block.
const COMMON: &str = "*";

/// Rules of one library: before those of each family stands a line with the architectures that they are for. Written by
/// `models/upstream/write_plain.py` from what the library itself does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Library {
    recipe: Recipe,
    text: &'static str,
    /// The release whose models were looked at.
    version: &'static str,
    /// The field of a `config.json` that names the architecture.
    field: Option<&'static str>,
}

impl Library {
    pub(super) const fn of(recipe: Recipe) -> Option<Self> {
        let (version, field) = match recipe {
            Recipe::Torchvision => ("0.29.2", None),
            Recipe::Timm => ("1.0.31", Some("config.architecture")),
            Recipe::Diffusers => ("0.42.1", Some("config._class_name")),
            _ => return None,
        };
        Some(Self { recipe, text: recipe.text(), version, field })
    }

    /// Each family's names, and its rules as TOML.
    fn blocks(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.text.split(HEADER).skip(1).filter_map(|block| block.split_once('\n'))
    }

    pub(super) fn architectures(self) -> impl Iterator<Item = &'static str> {
        self.blocks().flat_map(|(names, _)| names.split(' ')).filter(|name| *name != COMMON)
    }

    /// The rules of an architecture as TOML.
    pub(super) fn rules_of(self, architecture: &str) -> Option<String> {
        let (_, own) = self.blocks().find(|(names, _)| names.split(' ').any(|name| name == architecture))?;
        let common = self.blocks().find(|(names, _)| *names == COMMON).map_or("", |(_, text)| text);
        Some(format!("{own}{common}"))
    }

    /// What the variables say: `architecture`, which a caller sets, or the field of a `config.json`.
    pub(super) fn architecture(self, variables: &Variables) -> Option<&str> {
        let told = variables.text("architecture").or_else(|| variables.text(self.field?))?;
        // Of timm's names a tag stands behind a dot: which weights, not which architecture.
        Some(if self.recipe == Recipe::Timm { told.split('.').next().unwrap_or(told) } else { told })
    }

    pub(super) fn rules(self, variables: &Variables) -> Result<Rules> {
        let recipe = self.recipe.name();
        let got = self.architecture(variables).ok_or(Error::NoArchitecture { recipe })?;
        let text = self.rules_of(got).ok_or_else(|| Error::UnknownArchitecture {
            recipe,
            got: got.chars().take(200).collect(),
            known: self.architectures().count(),
            version: self.version,
        })?;
        text.parse()
    }
}
