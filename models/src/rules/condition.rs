//! Which parameters a rule is for.

use super::file::{Number, RuleText};
use super::limits::{MOST_LISTED, Work, few, short};
use super::pattern::{Found, NameGlob};
use super::variables::Names;
use crate::Parameter;
use crate::one_or_more::OneOrMore;

/// All that are given must hold.
#[derive(Debug)]
pub(super) struct Condition {
    names: Option<Vec<NameGlob>>,
    regex: Option<Found>,
    modules: Option<Vec<NameGlob>>,
    rank: Option<usize>,
    /// `*` is any size.
    shape: Option<Vec<Option<String>>>,
    /// Holds where it is not 0.
    when: Option<String>,
}

fn globs(key: &str, texts: Option<&OneOrMore>) -> Result<Option<Vec<NameGlob>>, String> {
    let Some(texts) = texts.map(OneOrMore::as_slice) else { return Ok(None) };
    few(key, "globs", texts.len(), MOST_LISTED)?;
    texts.iter().map(|text| NameGlob::new(text)).collect::<Result<_, _>>().map(Some)
}

fn any(globs: Option<&[NameGlob]>, text: Option<&str>, work: &Work) -> Result<bool, String> {
    let (Some(globs), Some(text)) = (globs, text) else { return Ok(globs.is_none()) };
    for glob in globs {
        if glob.is_match_within(text, work)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Condition {
    pub(super) fn new(rule: &RuleText) -> Result<Self, String> {
        let size = |size: &Number| match size.text() {
            text if text == "*" => None,
            text => Some(text),
        };
        let condition = Self {
            names: globs("name", rule.name.as_ref())?,
            regex: rule.regex.as_deref().map(Found::new).transpose()?,
            modules: globs("module", rule.module.as_ref())?,
            rank: rule.rank,
            shape: rule.shape.as_ref().map(|sizes| sizes.iter().map(size).collect()),
            when: rule.when.as_ref().map(Number::text),
        };
        for text in condition.shape.iter().flatten().flatten() {
            short("a size of the shape", text)?;
        }
        short("when", condition.when.as_deref().unwrap_or_default())?;
        let none = condition.names.is_none() && condition.regex.is_none() && condition.modules.is_none();
        if none && condition.rank.is_none() && condition.shape.is_none() && condition.when.is_none() {
            return Err(
                "there is no condition: write name, regex, module, rank, shape or when (name = \"*\" is for all)"
                    .into(),
            );
        }
        Ok(condition)
    }

    /// Whether a parameter meets what needs no arithmetic.
    pub(super) fn fits(&self, parameter: &Parameter, work: &Work) -> Result<bool, String> {
        let rank = parameter.shape.dims().len();
        work.spend(8)?;
        Ok(self.rank.is_none_or(|wanted| wanted == rank)
            && self.shape.as_ref().is_none_or(|sizes| sizes.len() == rank)
            && any(self.modules.as_deref(), parameter.module.as_deref(), work)?
            && any(self.names.as_deref(), Some(&parameter.name), work)?
            && self.regex.as_ref().map_or(Ok(true), |regex| regex.is_match(&parameter.name, work))?)
    }

    /// Whether a parameter that fits also meets `when` and `shape`, which may use the variables `names`.
    pub(super) fn holds(&self, parameter: &Parameter, names: &Names<'_>) -> Result<bool, String> {
        if let Some(text) = &self.when
            && names.evaluate(text)? == 0.0
        {
            return Ok(false);
        }
        for (size, dim) in self.shape.iter().flatten().zip(parameter.shape.dims()) {
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
    pub(super) fn captures<'a>(&self, name: &'a str, work: &Work) -> Result<Option<regex::Captures<'a>>, String> {
        self.regex.as_ref().map_or(Ok(None), |regex| regex.captures(name, work))
    }

    /// How many patterns were compiled for it.
    pub(super) fn patterns(&self) -> usize {
        let globs = self.names.iter().chain(&self.modules).map(Vec::len).sum::<usize>();
        globs + self.regex.as_ref().map_or(0, Found::patterns)
    }

    /// Sizes, and the number that must not be 0.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &str> {
        self.shape.iter().flatten().flatten().chain(&self.when).map(String::as_str)
    }

    /// The names of the regex's groups.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.regex.iter().flat_map(Found::groups)
    }
}
