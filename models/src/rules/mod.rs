//! Rules: how each parameter of a model is initialised.

mod condition;
mod file;
mod limits;
mod pattern;
mod resolve;
mod rule;
mod variables;

pub use pattern::NameGlob;
pub(crate) use resolve::{check_streams, parameter_error};

use crate::arithmetic::names;
use crate::{Error, Recipe, Result};
use core::str::FromStr;
use file::{File, Variable};
use limits::{MOST_BYTES, MOST_PATTERNS, MOST_RULES, MOST_VARIABLES, few};
use rule::Rule;
use std::collections::BTreeMap;

/// What rules without a name are called.
pub(crate) const UNNAMED: &str = "rules";

/// An ordered list of rules, read from TOML. The first rule whose conditions a parameter meets decides.
///
#[doc = include_str!("../../docs/rules.md")]
#[derive(Debug)]
pub struct Rules {
    name: String,
    variables: BTreeMap<String, Variable>,
    rules: Vec<Rule>,
}

impl Rules {
    /// The file's own name, `rules` if it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.name.is_empty() { UNNAMED } else { &self.name }
    }

    /// A rule in words: its number, counted from 1, and its conditions. Empty if there is no such rule.
    #[must_use]
    pub fn describe(&self, rule: usize) -> String {
        self.rules.get(rule).map_or_else(String::new, |found| format!("{} {}: {}", self.name(), rule + 1, found.text))
    }

    /// Whether a variable of this name, given by the caller, may matter: the file defines one or some expression reads one, and it is
    /// not a number of each parameter, such as `dim0`.
    #[must_use]
    pub fn reads(&self, variable: &str) -> bool {
        let of_variables = self.variables.values().filter_map(Variable::expression);
        let mut texts = of_variables.chain(self.rules.iter().flat_map(Rule::expressions));
        let mut is_read = || texts.any(|text| names(text).any(|name| name == variable));
        !variables::is_own(variable) && (self.variables.contains_key(variable) || is_read())
    }

    /// The variables that the file defines, each of which the caller may set.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// Rules that are asked after one's own, and variables that one's own go before.
    fn extend(&mut self, base: Self) {
        let of = |rule: Rule| Rule { text: format!("{}, of {}", rule.text, base.name), ..rule };
        self.rules.extend(base.rules.into_iter().map(of));
        for (name, variable) in base.variables {
            self.variables.entry(name).or_insert(variable);
        }
    }

    fn invalid(&self, rule: usize, reason: impl Into<String>) -> Error {
        Error::InvalidRules { place: self.describe(rule), reason: reason.into() }
    }
}

impl FromStr for Rules {
    type Err = Error;

    /// Reads TOML.
    fn from_str(text: &str) -> Result<Self> {
        let invalid = |place: String, reason| Error::InvalidRules { place, reason };
        let in_file = |reason| invalid("the file".into(), reason);
        few("it", "bytes", text.len(), MOST_BYTES).map_err(in_file)?;
        let file: File = toml::from_str(text).map_err(|error| in_file(with_place(&error, text)))?;
        few("it", "rules", file.rules.len(), MOST_RULES).map_err(in_file)?;
        limits::short("name", &file.name).map_err(in_file)?;
        few("it", "variables", file.variables.len(), MOST_VARIABLES).map_err(in_file)?;
        for (name, variable) in &file.variables {
            variable.check().map_err(|reason| invalid(format!("the variable {name}"), reason))?;
        }
        let mut rules = Vec::with_capacity(file.rules.len());
        let mut patterns = 0;
        for (index, rule) in file.rules.iter().enumerate() {
            let at = |reason| invalid(format!("rule {}", index + 1), reason);
            let rule = Rule::new(rule).map_err(at)?;
            patterns += rule.condition.patterns();
            // Checked while they are read: it is compiling them that takes long.
            few("the file up to here", "patterns", patterns, MOST_PATTERNS).map_err(at)?;
            rules.push(rule);
        }
        let mut read = Self { name: file.name, variables: file.variables, rules };
        if let Some(base) = &file.extends {
            let base =
                base.parse().and_then(Recipe::own_rules).map_err(|error| in_file(format!("extends: {error}")))?;
            read.extend(base);
        }
        Ok(read)
    }
}

/// toml's message with the line it shows, or the line's number where the line is too long to read.
fn with_place(error: &toml::de::Error, text: &str) -> String {
    const LONGEST: usize = 1000;
    let message = error.to_string();
    let start = error.span().and_then(|span| text.get(..span.start));
    match start.map(|before| before.matches('\n').count() + 1) {
        Some(_) if message.len() <= LONGEST => message,
        Some(line) => {
            format!("TOML parse error at line {line}: {}", error.message().chars().take(LONGEST).collect::<String>())
        }
        None => format!("TOML parse error: {}", message.chars().take(LONGEST).collect::<String>()),
    }
}
