//! How a checkpoint was initialised: what `init` writes into the metadata and `verify` reads back.

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, HashMap};
use wgpu_init::model::{Parameter, Recipe};
use wgpu_init::{Initializer, Seed, VALUES_VERSION};

/// Which initializer each parameter gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scheme {
    /// All the same.
    Init(Initializer),
    /// By a recipe.
    Recipe(Recipe),
}

impl Scheme {
    /// One initializer per parameter, in order.
    pub(crate) fn initializers(&self, parameters: &[Parameter]) -> wgpu_init::Result<Vec<Initializer>> {
        match self {
            Self::Init(initializer) => Ok(vec![*initializer; parameters.len()]),
            Self::Recipe(recipe) => recipe.initializers(parameters),
        }
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Init(initializer) => write!(f, "{initializer}"),
            Self::Recipe(recipe) => write!(f, "recipe {recipe}"),
        }
    }
}

/// Everything that, besides names, shapes and dtypes, decides the bits of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Origin {
    pub(crate) seed: Seed,
    pub(crate) scheme: Scheme,
}

const SEED: &str = "wgpu_init.seed";
const INIT: &str = "wgpu_init.init";
const RECIPE: &str = "wgpu_init.recipe";
const VALUES: &str = "wgpu_init.values_version";
const CRATE: &str = "wgpu_init.crate_version";

impl Origin {
    /// The entries of `__metadata__`. `format` is what other tools ask for.
    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        let scheme = match self.scheme {
            Scheme::Init(initializer) => (INIT, initializer.to_string()),
            Scheme::Recipe(recipe) => (RECIPE, recipe.to_string()),
        };
        let entries = [
            ("format", "pt".to_owned()),
            (SEED, self.seed.get().to_string()),
            scheme,
            (VALUES, VALUES_VERSION.to_string()),
            (CRATE, env!("CARGO_PKG_VERSION").to_owned()),
        ];
        entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// Reads the entries back.
    pub(crate) fn from_metadata(metadata: &HashMap<String, String>) -> Result<Self> {
        let get = |key: &str| {
            let missing = || format!("the metadata has no {key}: this checkpoint was not written by `wgpu-init init`");
            metadata.get(key).with_context(missing)
        };
        let version = get(VALUES)?;
        if *version != VALUES_VERSION.to_string() {
            let crate_version = metadata.get(CRATE).map_or("another version", String::as_str);
            bail!(
                "the checkpoint has values version {version}, this program computes version {VALUES_VERSION}: verify it with \
                 wgpu-init {crate_version}"
            );
        }
        let seed = get(SEED)?.parse().context("the seed in the metadata is no number")?;
        let scheme = match (metadata.get(INIT), metadata.get(RECIPE)) {
            (Some(init), None) => Scheme::Init(init.parse()?),
            (None, Some(recipe)) => Scheme::Recipe(recipe.parse()?),
            _ => bail!("the metadata must have either {INIT} or {RECIPE}"),
        };
        Ok(Self { seed: Seed::new(seed), scheme })
    }
}
