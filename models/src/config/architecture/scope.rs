//! The names that expressions of an architecture may use.

use super::{Model, Naming};
use crate::arithmetic::{self, Value, number};
use core::cell::{Cell, RefCell};

/// How deep what is derived may rest on what is derived.
const MOST_NESTED: usize = 32;
/// The greatest whole number up to which all are numbers of 64 bits.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// A configuration with the counters and names of the lists around the place.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) model: &'a Model,
    locals: Option<&'a Local<'a>>,
}

/// A name that one list gives to those in it.
pub(super) struct Local<'a> {
    name: &'a str,
    value: Value<'static>,
    outer: Option<&'a Local<'a>>,
}

impl<'a> Scope<'a> {
    pub(super) const fn new(model: &'a Model) -> Self {
        Self { model, locals: None }
    }

    /// A name for what is inside.
    pub(super) const fn local(self, name: &'a str, value: Value<'static>) -> Local<'a> {
        Local { name, value, outer: self.locals }
    }

    pub(super) const fn inside<'b>(self, local: &'b Local<'b>) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope { model: self.model, locals: Some(local) }
    }

    /// The value of an expression.
    pub(super) fn value(self, text: &str) -> Result<Value<'static>, String> {
        self.value_at(text, &Cell::new(0))
    }

    fn value_at(self, text: &str, depth: &Cell<usize>) -> Result<Value<'static>, String> {
        if depth.get() > MOST_NESTED {
            return Err(format!("{text:?} rests on itself, or is nested more than {MOST_NESTED} deep"));
        }
        depth.set(depth.get() + 1);
        let problem = RefCell::new(None);
        let value = arithmetic::value(text, &|name| match self.get(name, depth) {
            Ok(value) => value,
            Err(reason) => {
                problem.borrow_mut().get_or_insert(reason);
                None
            }
        });
        depth.set(depth.get() - 1);
        problem.into_inner().map_or_else(|| value.map(Value::into_owned), Err)
    }

    /// The value of a name, if it is known.
    fn get(self, name: &str, depth: &Cell<usize>) -> Result<Option<Value<'static>>, String> {
        let mut local = self.locals;
        while let Some(found) = local {
            if found.name == name {
                return Ok(Some(found.value.clone()));
            }
            local = found.outer;
        }
        let model = self.model;
        if let Some((part, rest)) = name.split_once('.')
            && let Some(nested) = model.nested.get(part)
        {
            return Scope::new(nested).get(rest, depth);
        }
        if let Some(given) = model.values.get(name) {
            return match (given, model.null(name)) {
                (Some(value), _) => Ok(Some(value.clone())),
                (None, Some(text)) => self.value_at(text, depth).map(Some),
                (None, None) => Ok(None),
            };
        }
        match (name, model.file.derived.get(name)) {
            (_, Some(text)) => self.value_at(&text.0, depth).map(Some),
            ("class", None) => Ok(Some(Value::Text(model.kind.class.clone().into()))),
            ("model_type", None) => Ok(Some(Value::Text(model.model_type.clone().into()))),
            ("saved", None) => Ok(Some(Value::Number(f64::from(u8::from(model.naming == Naming::Saved))))),
            _ => Ok(None),
        }
    }

    /// A number.
    pub(super) fn number(self, text: &str) -> Result<f64, String> {
        match self.value(text)? {
            Value::Number(value) if value.is_finite() => Ok(value),
            other => Err(format!("{text} is {}, expected a finite number", shown(&other))),
        }
    }

    /// Whether it is not 0.
    pub(super) fn holds(self, text: &str) -> Result<bool, String> {
        self.number(text).map(|value| value != 0.0)
    }

    /// A size or a number of repetitions.
    pub(super) fn whole(self, text: &str) -> Result<u64, String> {
        let value = self.number(text)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 2^53")]
        if value.fract() == 0.0 && (0.0..=MOST_EXACT).contains(&value) {
            Ok(value as u64)
        } else {
            Err(format!("{text} is {}, expected a whole number up to 2^53", number(value)))
        }
    }

    /// A text with values in the place of `{EXPRESSION}`.
    pub(super) fn filled(self, template: &str) -> Result<String, String> {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (expression, after) = after.split_once('}').ok_or_else(|| format!("{template}: a }} is missing"))?;
            text.push_str(before);
            text.push_str(&shown(&self.value(expression)?));
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Number(value) => number(*value),
        Value::Text(text) => text.clone().into_owned(),
        Value::List(entries) => entries.iter().map(shown).collect::<Vec<_>>().join(", "),
    }
}
