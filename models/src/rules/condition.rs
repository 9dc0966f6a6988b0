//! Which parameters a rule is for.

use super::file::{Number, OneOrMore, RuleText};
use super::pattern::{glob, regex};
use super::variables::Names;
use crate::Parameter;
use globset::GlobMatcher;
use regex::Regex;

/// All that are given must hold.
#[derive(Debug)]
pub(super) struct Condition {
    names: Option<Vec<GlobMatcher>>,
    regex: Option<Regex>,
    modules: Option<Vec<GlobMatcher>>,
    rank: Option<usize>,
    /// `*` is any size.
    shape: Option<Vec<Option<String>>>,
}

fn globs(texts: Option<&OneOrMore>) -> Result<Option<Vec<GlobMatcher>>, String> {
    texts.map(|texts| texts.as_slice().iter().map(|text| glob(text)).collect()).transpose()
}

impl Condition {
    pub(super) fn new(rule: &RuleText) -> Result<Self, String> {
        let size = |size: &Number| match size.text() {
            text if text == "*" => None,
            text => Some(text),
        };
        let condition = Self {
            names: globs(rule.name.as_ref())?,
            regex: rule.regex.as_deref().map(regex).transpose()?,
            modules: globs(rule.module.as_ref())?,
            rank: rule.rank,
            shape: rule.shape.as_ref().map(|sizes| sizes.iter().map(size).collect()),
        };
        let none = condition.names.is_none() && condition.regex.is_none() && condition.modules.is_none();
        if none && condition.rank.is_none() && condition.shape.is_none() {
            return Err(
                "there is no condition: write name, regex, module, rank or shape (name = \"*\" is for all)".into()
            );
        }
        Ok(condition)
    }

    /// Whether a parameter meets the condition. `names` are the variables that `shape` may use.
    pub(super) fn holds(&self, parameter: &Parameter, names: &Names<'_>) -> Result<bool, String> {
        let any = |globs: &[GlobMatcher], text: &str| globs.iter().any(|glob| glob.is_match(text));
        let dims = parameter.shape.dims();
        let fits = self.names.as_deref().is_none_or(|globs| any(globs, &parameter.name))
            && self.regex.as_ref().is_none_or(|regex| regex.is_match(&parameter.name))
            && self
                .modules
                .as_deref()
                .is_none_or(|globs| parameter.module.as_ref().is_some_and(|class| any(globs, class)))
            && self.rank.is_none_or(|rank| rank == dims.len())
            && self.shape.as_ref().is_none_or(|sizes| sizes.len() == dims.len());
        if !fits {
            return Ok(false);
        }
        for (size, dim) in self.shape.iter().flatten().zip(dims) {
            if let Some(text) = size {
                #[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
                if names.evaluate(text)? != *dim as f64 {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// The captures of the regex in a name that it matches.
    pub(super) fn captures<'a>(&self, name: &'a str) -> Option<regex::Captures<'a>> {
        self.regex.as_ref().and_then(|regex| regex.captures(name))
    }

    /// The names of the regex's groups.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.regex.iter().flat_map(|regex| regex.capture_names().flatten())
    }
}
