//! What a rules file may say: the TOML as it stands.

use crate::arithmetic::number;
use crate::one_or_more::OneOrMore;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) name: String,
    pub(super) extends: Option<String>,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Variable>,
    #[serde(default, rename = "rule")]
    pub(super) rules: Vec<RuleText>,
}

/// A number for expressions.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "write a number, an expression, { count = REGEX }, { size = GLOB, axis = N } or { value = EXPRESSION, default = NUMBER }"
)]
pub(super) enum Variable {
    Number(f64),
    Expression(String),
    Count(Count),
    Size(Size),
    Usual(Usual),
}

impl Variable {
    /// Whether its text is short enough.
    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Self::Number(_) => Ok(()),
            Self::Expression(text)
            | Self::Count(Count { count: text })
            | Self::Size(Size { size: text, .. })
            | Self::Usual(Usual { value: text, .. }) => super::limits::short("its text", text),
        }
    }

    /// The expression that it is worked out from, if it is.
    pub(super) fn expression(&self) -> Option<&str> {
        match self {
            Self::Expression(text) | Self::Usual(Usual { value: text, .. }) => Some(text),
            Self::Number(_) | Self::Count(_) | Self::Size(_) => None,
        }
    }
}

/// How many different texts the regex's first group captures in the names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Count {
    pub(super) count: String,
}

/// The value of an expression, or a number where one of its variables is not known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Usual {
    pub(super) value: String,
    pub(super) default: f64,
}

/// The size of an axis of the first parameter that the glob matches, or a number where none does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Size {
    pub(super) size: String,
    pub(super) axis: usize,
    pub(super) default: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    pub(super) name: Option<OneOrMore>,
    pub(super) regex: Option<String>,
    pub(super) module: Option<OneOrMore>,
    pub(super) rank: Option<usize>,
    pub(super) shape: Option<Vec<Number>>,
    pub(super) when: Option<Number>,
    pub(super) init: Option<String>,
    pub(super) tie: Option<String>,
    #[serde(default)]
    pub(super) skip: bool,
    pub(super) refuse: Option<String>,
    pub(super) dtype: Option<String>,
    pub(super) seed: Option<SeedText>,
    pub(super) stream: Option<String>,
    pub(super) experts: Option<OneOrMore>,
    pub(super) padding_row: Option<Number>,
    #[serde(default)]
    pub(super) parts: Vec<PartText>,
}

/// A number, or an expression for one.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "write a number or an expression")]
pub(super) enum Number {
    Value(f64),
    Expression(String),
}

impl Number {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Value(value) => number(*value),
            Self::Expression(text) => text.clone(),
        }
    }
}

/// TOML's integers end at 2^63; a larger seed is a text.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "write a seed: a whole number, or a text such as \"0xfeed\"")]
pub(super) enum SeedText {
    Number(u64),
    Text(String),
}

/// Rows from `rows[0]` up to but without `rows[1]`, along the first axis.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartText {
    pub(super) rows: [Number; 2],
    pub(super) init: String,
}
