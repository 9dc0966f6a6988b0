//! Numbers that expressions may use.

use super::file::{Count, Size, Variable};
use super::limits::Work;
use super::pattern::{Found, NameGlob};
use crate::Parameter;
use crate::arithmetic::{evaluate, names};
use std::cell::RefCell;
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
    caller: &'a BTreeMap<String, f64>,
    parameters: &'a [Parameter],
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
        caller: &'a BTreeMap<String, f64>,
        parameters: &'a [Parameter],
        groups: HashSet<&'a str>,
    ) -> Self {
        let (known, same, problem) = Default::default();
        Self { file, caller, parameters, groups, work: Work::new(), known, same, problem }
    }

    fn get(&self, name: &str) -> Option<f64> {
        if let Some(value) = self.caller.get(name) {
            return Some(*value);
        }
        let (name, _) = self.file.get_key_value(name)?;
        let known = self.known.borrow().get(name.as_str()).copied();
        known.or_else(|| match self.work_out(name) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.problem.borrow_mut().get_or_insert(reason);
                None
            }
        })
    }

    /// The value of one of the file's variables, after those that it is defined by. A chain may be longer than the call stack is
    /// deep.
    fn work_out(&self, name: &'a str) -> Result<f64, String> {
        let mut stack = vec![name];
        let mut begun = HashSet::new();
        while let Some(&top) = stack.last() {
            let variable = &self.file[top];
            if let Variable::Expression(text) = variable
                && begun.insert(top)
            {
                self.work.spend(FOR_A_BYTE * text.len())?;
                let before = stack.len();
                for needed in names(text).filter(|needed| !self.caller.contains_key(*needed)) {
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
            Variable::Expression(text) => {
                self.work.spend(FOR_A_TEXT + FOR_A_BYTE * text.len())?;
                let known = |name: &str| self.caller.get(name).or(self.known.borrow().get(name)).copied();
                evaluate(text, &known)
            }
            Variable::Count(Count { count }) => self.count(count),
            Variable::Size(Size { size, axis }) => self.size(size, *axis),
        }
    }

    fn evaluate(&self, text: &str, first: impl Fn(&str) -> Option<f64>) -> Result<f64, String> {
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

    fn size(&self, text: &str, axis: usize) -> Result<f64, String> {
        let glob = NameGlob::new(text)?;
        for parameter in self.parameters {
            if glob.is_match_within(&parameter.name, &self.work)? {
                let dims = parameter.shape.dims();
                let none = || format!("{} has no axis {axis}: {dims:?}", parameter.name);
                return dims.get(axis).map(|dim| real(*dim)).ok_or_else(none);
            }
        }
        Err(format!("no parameter matches {text:?}"))
    }
}

/// Whether a parameter may have a number of its own by this name.
fn is_own(name: &str) -> bool {
    matches!(name, "elements" | "rank" | "fan_in" | "fan_out") || name.starts_with("dim")
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
