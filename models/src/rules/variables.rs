//! Numbers that expressions may use.

use super::file::{Count, Size, Variable};
use super::pattern::{glob, regex};
use crate::Parameter;
use crate::arithmetic::evaluate;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use wgpu_init::scheme::{Fans, Layout};

#[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
fn real(n: u64) -> f64 {
    n as f64
}

/// The variables of one model: the caller's go before the file's.
pub(super) struct ModelVariables<'a> {
    file: &'a BTreeMap<String, Variable>,
    caller: &'a BTreeMap<String, f64>,
    parameters: &'a [Parameter],
    /// The file's, as far as they were needed: `None` while one is being worked out.
    known: RefCell<BTreeMap<&'a str, Option<f64>>>,
    /// What was wrong with one, for the message.
    problem: RefCell<Option<String>>,
}

impl<'a> ModelVariables<'a> {
    pub(super) fn new(
        file: &'a BTreeMap<String, Variable>,
        caller: &'a BTreeMap<String, f64>,
        parameters: &'a [Parameter],
    ) -> Self {
        Self { file, caller, parameters, known: RefCell::default(), problem: RefCell::default() }
    }

    fn get(&self, name: &str) -> Option<f64> {
        if let Some(value) = self.caller.get(name) {
            return Some(*value);
        }
        let (name, variable) = self.file.get_key_value(name)?;
        let known = self.known.borrow().get(name.as_str()).copied();
        match known {
            Some(Some(value)) => return Some(value),
            Some(None) => return self.fail(format!("the variable {name} is defined by itself")),
            None => {}
        }
        self.known.borrow_mut().insert(name, None);
        let value = match variable {
            Variable::Number(value) => Ok(*value),
            Variable::Expression(text) => self.evaluate(text, |_| None),
            Variable::Count(Count { count }) => self.count(count),
            Variable::Size(Size { size, axis }) => self.size(size, *axis),
        };
        match value {
            Ok(value) => {
                self.known.borrow_mut().insert(name, Some(value));
                Some(value)
            }
            Err(reason) => self.fail(format!("the variable {name}: {reason}")),
        }
    }

    fn fail<T>(&self, reason: String) -> Option<T> {
        // The innermost reason is the one to mend.
        self.problem.borrow_mut().get_or_insert(reason);
        None
    }

    fn evaluate(&self, text: &str, first: impl Fn(&str) -> Option<f64>) -> Result<f64, String> {
        let value = evaluate(text, &|name| first(name).or_else(|| self.get(name)));
        match self.problem.borrow_mut().take() {
            Some(problem) => Err(problem),
            None => value,
        }
    }

    fn count(&self, text: &str) -> Result<f64, String> {
        let regex = regex(text)?;
        if regex.captures_len() < 2 {
            return Err(format!("the regex {text:?} needs a group: what is in parentheses is counted"));
        }
        let captures = self.parameters.iter().filter_map(|parameter| regex.captures(&parameter.name)?.get(1));
        let different: HashSet<&str> = captures.map(|capture| capture.as_str()).collect();
        Ok(real(different.len() as u64))
    }

    fn size(&self, text: &str, axis: usize) -> Result<f64, String> {
        let glob = glob(text)?;
        let found = self.parameters.iter().find(|parameter| glob.is_match(&parameter.name));
        let parameter = found.ok_or_else(|| format!("no parameter matches {text:?}"))?;
        let dims = parameter.shape.dims();
        dims.get(axis).map(|dim| real(*dim)).ok_or_else(|| format!("{} has no axis {axis}: {dims:?}", parameter.name))
    }
}

/// The variables of one parameter: captures of the rule's regex, its own sizes, then the model's.
pub(super) struct Names<'a> {
    pub(super) model: &'a ModelVariables<'a>,
    pub(super) parameter: &'a Parameter,
    pub(super) captures: BTreeMap<String, f64>,
}

impl Names<'_> {
    fn get(&self, name: &str) -> Option<f64> {
        let shape = &self.parameter.shape;
        let fans = || Fans::of(shape, Layout::OutIn).ok();
        self.captures.get(name).copied().or_else(|| match name {
            "elements" => Some(real(shape.elements())),
            "rank" => Some(real(shape.dims().len() as u64)),
            "fan_in" => fans().map(|fans| real(fans.fan_in)),
            "fan_out" => fans().map(|fans| real(fans.fan_out)),
            _ => {
                let axis: usize = name.strip_prefix("dim")?.parse().ok()?;
                shape.dims().get(axis).map(|dim| real(*dim))
            }
        })
    }

    /// The value of an expression.
    pub(super) fn evaluate(&self, text: &str) -> Result<f64, String> {
        self.model.evaluate(text, |name| self.get(name))
    }
}
