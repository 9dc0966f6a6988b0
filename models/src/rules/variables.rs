//! Numbers that expressions may use.

use super::file::{Count, Size, Usual, Variable};
use super::limits::Work;
use super::pattern::{Found, NameGlob};
use crate::arithmetic::{Value, evaluate, names};
use crate::{Parameter, Variables};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use wgpu_init::scheme::{Fans, Layout};

/// Steps of working an expression out, for each of its bytes and besides.
const FOR_A_BYTE: usize = 32;
const FOR_A_TEXT: usize = 128;

#[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
fn real(n: u64) -> f64 {
    n as f64
}

/// The variables of one model: the caller's go before the file's.
pub(super) struct ModelVariables<'a> {
    file: &'a BTreeMap<String, Variable>,
    caller: &'a Variables,
    parameters: &'a [Parameter],
    /// The parameters by name, once one asks for a sibling.
    by_name: OnceCell<HashMap<&'a str, &'a Parameter>>,
    /// Names of the rules' groups, which are other numbers for each parameter.
    groups: HashSet<&'a str>,
    pub(super) work: Work,
    /// The file's, as far as they were needed.
    known: RefCell<HashMap<&'a str, f64>>,
    /// Values of expressions that are the same for all parameters; `None` for the others.
    same: RefCell<HashMap<String, Option<f64>>>,
    /// What was wrong with a variable, for the message.
    problem: RefCell<Option<String>>,
}

impl<'a> ModelVariables<'a> {
    pub(super) fn new(
        file: &'a BTreeMap<String, Variable>,
        caller: &'a Variables,
        parameters: &'a [Parameter],
        groups: HashSet<&'a str>,
    ) -> Self {
        let (known, same, problem) = Default::default();
        let (work, by_name) = (Work::new(), OnceCell::new());
        Self { file, caller, parameters, by_name, groups, work, known, same, problem }
    }

    fn get(&self, name: &str) -> Option<Value<'a>> {
        if let Some(value) = self.of_caller(name) {
            return Some(value);
        }
        let (name, _) = self.file.get_key_value(name)?;
        let known = self.known.borrow().get(name.as_str()).copied();
        known.map(Value::Number).or_else(|| match self.work_out(name) {
            Ok(value) => Some(Value::Number(value)),
            Err(reason) => {
                self.problem.borrow_mut().get_or_insert(reason);
                None
            }
        })
    }

    fn of_caller(&self, name: &str) -> Option<Value<'a>> {
        if let Some(number) = self.caller.number(name) {
            return Some(Value::Number(number));
        }
        if let Some(text) = self.caller.text(name) {
            return Some(Value::Text(text.into()));
        }
        let entries = self.caller.list(name)?.iter().map(|text| Value::Text(text.as_str().into()));
        Some(Value::List(entries.collect()))
    }

    /// The parameter of this name.
    fn parameter(&self, name: &str) -> Option<&'a Parameter> {
        let all = || self.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter)).collect();
        self.by_name.get_or_init(all).get(name).copied()
    }

    /// The value of one of the file's variables, after those that it is defined by. A chain may be longer than the call stack is
    /// deep.
    fn work_out(&self, name: &'a str) -> Result<f64, String> {
        let mut stack = vec![name];
        let mut begun = HashSet::new();
        while let Some(&top) = stack.last() {
            let variable = &self.file[top];
            if let Some(text) = variable.expression()
                && begun.insert(top)
            {
                self.work.spend(FOR_A_BYTE * text.len())?;
                let before = stack.len();
                for needed in names(text).filter(|needed| !self.caller.contains(needed)) {
                    let Some((needed, _)) = self.file.get_key_value(needed) else { continue };
                    if self.known.borrow().contains_key(needed.as_str()) {
                        continue;
                    }
                    if begun.contains(needed.as_str()) {
                        return Err(format!("the variable {needed} is defined by itself"));
                    }
                    stack.push(needed);
                }
                if stack.len() > before {
                    continue;
                }
            }
            stack.pop();
            if !self.known.borrow().contains_key(top) {
                let value = self.value(variable).map_err(|reason| format!("the variable {top}: {reason}"))?;
                self.known.borrow_mut().insert(top, value);
            }
        }
        Ok(self.known.borrow()[name])
    }

    /// The value of a variable; those that an expression needs are known.
    fn value(&self, variable: &Variable) -> Result<f64, String> {
        match variable {
            Variable::Number(value) => Ok(*value),
            Variable::Expression(text) => self.expression(text),
            Variable::Count(Count { count }) => self.count(count),
            Variable::Size(Size { size, axis, default }) => match (self.size(size, *axis)?, default) {
                (Some(size), _) => Ok(size),
                (None, Some(usual)) => Ok(*usual),
                (None, None) => Err(format!("no parameter matches {size:?}; write a default for models without it")),
            },
            Variable::Usual(Usual { value, default }) => {
                let is_known = |name: &str| self.caller.contains(name) || self.known.borrow().contains_key(name);
                if names(value).all(is_known) { self.expression(value) } else { Ok(*default) }
            }
        }
    }

    /// The value of an expression whose variables are known.
    fn expression(&self, text: &str) -> Result<f64, String> {
        self.work.spend(FOR_A_TEXT + FOR_A_BYTE * text.len())?;
        let known = |name: &str| self.of_caller(name).or_else(|| Some(Value::Number(*self.known.borrow().get(name)?)));
        evaluate(text, &known)
    }

    fn evaluate(&self, text: &str, first: impl Fn(&str) -> Option<Value<'a>>) -> Result<f64, String> {
        self.work.spend(FOR_A_TEXT + text.len())?;
        let same = self.same.borrow().get(text).copied();
        if let Some(Some(value)) = same {
            return Ok(value);
        }
        self.work.spend(FOR_A_BYTE * text.len())?;
        let value = evaluate(text, &|name| first(name).or_else(|| self.get(name)));
        let value = self.problem.borrow_mut().take().map_or(value, Err)?;
        if same.is_none() {
            let own = names(text).any(|name| is_own(name) || self.groups.contains(name));
            self.same.borrow_mut().insert(text.to_owned(), (!own).then_some(value));
        }
        Ok(value)
    }

    fn count(&self, text: &str) -> Result<f64, String> {
        let regex = Found::new(text)?;
        self.work.spend(regex.compiling())?;
        if !regex.has_group() {
            return Err(format!("the regex {text:?} needs a group: what is in parentheses is counted"));
        }
        let mut different = HashSet::new();
        for parameter in self.parameters {
            if let Some(group) = regex.captures(&parameter.name, &self.work)?.and_then(|captures| captures.get(1)) {
                different.insert(group.as_str());
            }
        }
        Ok(real(different.len() as u64))
    }

    /// The size of an axis of the first parameter that the glob matches, if there is one.
    fn size(&self, text: &str, axis: usize) -> Result<Option<f64>, String> {
        let glob = NameGlob::new(text)?;
        for parameter in self.parameters {
            if glob.is_match_within(&parameter.name, &self.work)? {
                let dims = parameter.shape.dims();
                let none = || format!("{} has no axis {axis}: {dims:?}", parameter.name);
                return dims.get(axis).map(|dim| Some(real(*dim))).ok_or_else(none);
            }
        }
        Ok(None)
    }
}

/// What a name begins with that asks for a number of another parameter of the same module: `sibling.weight.fan_in`.
const SIBLING: &str = "sibling.";

/// Whether a parameter may have a number of its own by this name.
pub(super) fn is_own(name: &str) -> bool {
    let is_axis = |axis: &str| axis.parse::<usize>().is_ok();
    matches!(name, "elements" | "rank" | "fan_in" | "fan_out")
        || name.strip_prefix("dim").is_some_and(is_axis)
        || name.starts_with(SIBLING)
}

/// A number of a parameter by its name.
fn own(parameter: &Parameter, name: &str) -> Option<f64> {
    let shape = &parameter.shape;
    let fans = || Fans::of(shape, Layout::OutIn).ok();
    match name {
        "elements" => Some(real(shape.elements())),
        "rank" => Some(real(shape.dims().len() as u64)),
        "fan_in" => fans().map(|fans| real(fans.fan_in)),
        "fan_out" => fans().map(|fans| real(fans.fan_out)),
        _ => {
            let axis: usize = name.strip_prefix("dim")?.parse().ok()?;
            shape.dims().get(axis).map(|dim| real(*dim))
        }
    }
}

/// The variables of one parameter: captures of the rule's regex, its own sizes, then the model's.
pub(super) struct Names<'a> {
    pub(super) model: &'a ModelVariables<'a>,
    pub(super) parameter: &'a Parameter,
    pub(super) captures: BTreeMap<String, f64>,
}

impl<'a> Names<'a> {
    fn get(&self, name: &str) -> Option<Value<'a>> {
        let captured = self.captures.get(name).copied();
        captured.or_else(|| own(self.parameter, name)).or_else(|| self.sibling(name)).map(Value::Number)
    }

    /// A number of another parameter of the same module, e.g. of the weight that a bias goes with.
    fn sibling(&self, name: &str) -> Option<f64> {
        let (last, number) = name.strip_prefix(SIBLING)?.rsplit_once('.')?;
        let full = match self.parameter.name.rsplit_once('.') {
            Some((module, _)) => format!("{module}.{last}"),
            None => last.to_owned(),
        };
        own(self.model.parameter(&full)?, number)
    }

    /// The value of an expression.
    pub(super) fn evaluate(&self, text: &str) -> Result<f64, String> {
        self.model.evaluate(text, |name| self.get(name))
    }
}
