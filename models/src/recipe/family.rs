//! The families of the recipe `transformers`: rules for one or more kinds of models.

use crate::{Error, Result, Rules, Variables};

/// All families: before the rules of each stands a line with the model types that they are for. Written by
/// `models/upstream/` from what transformers itself does.
pub(super) const TEXT: &str = include_str!("transformers.txt");

/// What a line with model types begins with.
const HEADER: &str = "## ";

/// The transformers whose initialisation the rules are.
const VERSION: &str = "5.24.0";

/// The rules of the recipe `transformers` for some kinds of models that are initialised alike.
///
/// Each rule is what transformers 5.24 does to a tensor of that name, with the configuration's numbers as they stand in its code, and
/// what a configuration may leave out set to what that version fills in. A name that no class of the kind has is refused.
///
/// ```
/// use wgpu_init_models::Family;
/// let family = Family::named("gemma2").expect("a kind of transformers");
/// assert!(family.text().contains("zeros"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    types: &'static str,
    text: &'static str,
}

impl Family {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let blocks = TEXT.split(HEADER).skip(1).filter_map(|block| block.split_once('\n'));
        blocks.map(|(types, text)| Self { types, text })
    }

    /// The family of a `model_type`.
    #[must_use]
    pub fn named(model_type: &str) -> Option<Self> {
        Self::all().find(|family| family.types().any(|known| known == model_type))
    }

    /// The family of the model that the variables are of.
    ///
    /// # Errors
    /// [`Error::NoModelType`], [`Error::UnknownFamily`].
    pub fn of(variables: &Variables) -> Result<Self> {
        let got = variables.text("model_type").ok_or(Error::NoModelType)?;
        let known = || Self::all().map(|family| family.types().count()).sum();
        Self::named(got).ok_or_else(|| Error::UnknownFamily { got: got.to_owned(), known: known(), version: VERSION })
    }

    /// The kinds of models, as `model_type` of a `config.json` has them.
    pub fn types(self) -> impl Iterator<Item = &'static str> {
        self.types.split(' ')
    }

    /// The kind that the family is called by, the first of [`types`](Self::types).
    #[must_use]
    pub fn name(self) -> &'static str {
        self.types().next().unwrap_or_default()
    }

    /// The rules as TOML.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.text
    }

    /// The rules, for a model with these variables.
    ///
    /// # Errors
    /// [`Error::ScaleOfZero`].
    pub(super) fn rules_for(self, variables: &Variables) -> Result<Rules> {
        let is_range = |name: &str| name.starts_with("config.") && name.ends_with("initializer_range");
        if let Some((field, _)) = variables.numbers().find(|(name, value)| is_range(name) && *value == 0.0) {
            return Err(Error::ScaleOfZero { field: field.to_owned() });
        }
        self.text.parse()
    }
}
