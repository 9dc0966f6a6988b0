//! The classes of modules, told from a list's names and shapes.

mod error;
mod judge;
mod module;
mod reading;
mod said;
mod words;

pub use error::{InferError, Undecided};
pub use reading::{Decision, Reading};
pub use said::ClassOf;

use crate::{Assignments, Error, Parameter, Result, Rules, Variables};
use module::Modules;

#[doc = include_str!("../../docs/inference.md")]
#[derive(Clone, Debug, PartialEq)]
pub struct Inference {
    decisions: Vec<Decision>,
}

impl Inference {
    /// Takes the classes of `parameters`, in order, from what is listed. Buffers belong into the list: they are evidence.
    ///
    /// A class that the list says stands; `said` goes before everything, the first pattern that a name matches.
    ///
    /// Never fails and never guesses: what cannot be told is [`Reading::Several`] or [`Reading::Bare`].
    #[must_use]
    pub fn new(parameters: &[Parameter], said: &[ClassOf]) -> Self {
        let modules = Modules::of(parameters);
        let decide = |parameter: &Parameter| {
            let (reading, evidence) = if let Some(of) = said.iter().find(|of| of.is_for(&parameter.name)) {
                (Reading::Said(of.class().to_owned()), "you say so".to_owned())
            } else if let Some(class) = &parameter.module {
                (Reading::Listed(class.clone()), "the list says so".to_owned())
            } else {
                modules.judge(&parameter.name)
            };
            let (name, shape) = (parameter.name.clone(), parameter.shape.clone());
            Decision { name, shape, reading, evidence }
        };
        Self { decisions: parameters.iter().map(decide).collect() }
    }

    /// One for each parameter, in order.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// The parameters with the classes that were decided; the others have none.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let with_class = |decision: &Decision| {
            let parameter = Parameter::new(decision.name.clone(), decision.shape.clone());
            match decision.reading.class() {
                Some(class) => parameter.in_module(class),
                None => parameter,
            }
        };
        self.decisions.iter().map(with_class).collect()
    }

    /// [`Rules::assign_some`] of [`parameters`](Self::parameters).
    ///
    /// # Errors
    /// As there; [`Error::Infer`] in place of [`Error::UnmatchedParameters`] where a class that rules would need could not be told: with
    /// each such parameter, its readings and what to say.
    pub fn assign(&self, rules: &Rules, variables: &Variables, wanted: &dyn Fn(usize) -> bool) -> Result<Assignments> {
        rules.assign_some(&self.parameters(), variables, wanted).map_err(|error| self.explain(error))
    }

    /// The error of [`Rules::assign`] with what is known of the parameters that rules do not match:
    /// [`Error::UnmatchedParameters`] as [`Error::Infer`] where a class that the rules would need could not be told, any other as it is.
    #[must_use]
    pub fn explain(&self, error: Error) -> Error {
        let Error::UnmatchedParameters { rules, names, without_class, .. } = &error else { return error };
        if *without_class == 0 {
            return error;
        }
        let names: std::collections::HashSet<&str> = names.iter().map(String::as_str).collect();
        let is_open = |decision: &&Decision| names.contains(&*decision.name) && decision.reading.class().is_none();
        let undecided: Vec<_> = self.decisions.iter().filter(is_open).map(Undecided::from).collect();
        if undecided.is_empty() { error } else { InferError::Undecided { rules: rules.clone(), undecided }.into() }
    }
}

#[cfg(test)]
mod tests;
