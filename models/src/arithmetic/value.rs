//! What an expression may be on its way to a number.

use super::number;
use std::borrow::Cow;

/// A number, or a text of a configuration to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// A number; conditions are 1 or 0.
    Number(f64),
    /// One text, e.g. `'gemma2'` or `model_type`.
    Text(Cow<'a, str>),
    /// Several, e.g. `architectures`, or what stands in parentheses after `in`.
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    pub(super) fn flag(flag: bool) -> Self {
        Self::Number(f64::from(u8::from(flag)))
    }

    /// The same, of no text that is read.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::Text(text.into_owned().into()),
            Self::List(entries) => Value::List(entries.into_iter().map(Value::into_owned).collect()),
        }
    }

    /// A number to calculate with.
    pub(super) fn number(&self) -> Result<f64, String> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => Err(format!("the text '{text}' is no number: texts are compared, by ==, != and in")),
            Self::List(_) => Err("a list is no number: write X in LIST".to_owned()),
        }
    }

    /// Whether the two are the same number or text.
    pub(super) fn is(&self, other: &Self) -> Result<bool, String> {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => Ok(one == two),
            (Self::Text(one), Self::Text(two)) => Ok(one == two),
            _ => Err(format!(
                "{} and {} cannot be compared: one is {}, the other {}",
                self.shown(),
                other.shown(),
                self.kind(),
                other.kind()
            )),
        }
    }

    /// Whether a list has it.
    pub(super) fn is_in(&self, list: &Self) -> Result<bool, String> {
        let Self::List(entries) = list else {
            return Err(format!(
                "{} is {}: after in stands a list, e.g. ('gpt2', 'gpt_neo')",
                list.shown(),
                list.kind()
            ));
        };
        for entry in entries {
            if self.is(entry)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An entry of a list, counted from 0.
    pub(super) fn entry(self, index: f64) -> Result<Self, String> {
        let (shown, kind) = (self.shown(), self.kind());
        let Self::List(entries) = self else { return Err(format!("{shown} is {kind}: brackets stand after a list")) };
        let length = entries.len();
        let found = entries.into_iter().enumerate().find(|(at, _)| *at as f64 == index);
        found
            .map(|(_, entry)| entry)
            .ok_or_else(|| format!("the list has {length} entries, counted from 0, and none at {}", number(index)))
    }

    /// The entries of a list, which the function takes.
    pub(super) fn entries(&self, function: &str) -> Result<&[Self], String> {
        match self {
            Self::List(entries) => Ok(entries),
            _ => Err(format!("{} is {}: {function} takes a list", self.shown(), self.kind())),
        }
    }

    /// The numbers of a list, which the function takes.
    pub(super) fn numbers(&self, function: &str) -> Result<Vec<f64>, String> {
        self.entries(function)?.iter().map(Self::number).collect()
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Number(value) => number(*value),
            Self::Text(text) => format!("'{text}'"),
            Self::List(_) => "the list".to_owned(),
        }
    }
}
