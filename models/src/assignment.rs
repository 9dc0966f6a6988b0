//! How one parameter of a model is filled.

use crate::rules::check_streams;
use crate::{Error, Parameter, Result};
use core::ops::Range;
use std::collections::HashSet;
use wgpu_init::{DType, Distribution, Fill, Initializer, Part, Seed};

/// A parameter with everything that decides its values but the model's seed and the dtype it is listed with.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The parameter.
    pub parameter: Parameter,
    /// What it is drawn from; `None` if the rules skip it.
    pub drawn: Option<Drawn>,
    /// Another dtype than the one it is listed with.
    pub dtype: Option<DType>,
    /// Another seed than the model's.
    pub seed: Option<Seed>,
    /// Index of the rule that decided; larger than any for a parameter that no rule is for and that is left out.
    pub rule: usize,
}

/// What a parameter is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The initializer with all its numbers.
    pub initializer: Initializer,
    /// What it is for this shape.
    pub distribution: Distribution,
    /// Rows with distributions of their own.
    pub parts: Vec<Part>,
    /// The name that selects the stream: the parameter's own, another's for tied parameters, or what a rule says.
    pub stream: String,
    /// The parameter that this one is identical to.
    pub tied_to: Option<String>,
}

impl Drawn {
    /// Disjoint stretches that cover the tensor, in order.
    #[must_use]
    pub fn stretches(&self, elements: u64) -> Vec<Part> {
        Part::cover(&self.parts, self.distribution, elements)
    }
}

impl Assignment {
    /// The fills of `elements` (row-major positions in the whole tensor), the first of them at byte `at`: none if the parameter
    /// is skipped, several if it has parts.
    #[must_use]
    pub fn fills(&self, seed: Seed, dtype: DType, elements: Range<u64>, at: u64) -> Vec<Fill> {
        let Some(drawn) = &self.drawn else { return Vec::new() };
        let tensor = self.parameter.shape.elements();
        let seed = self.seed.unwrap_or(seed);
        let draw = |fill: Fill| fill.named(seed, &drawn.stream).dtype(dtype);
        Part::fills(&drawn.stretches(tensor), tensor, &elements, at, draw)
    }
}

/// What a list of rules makes of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignments {
    /// One per parameter, in order.
    pub list: Vec<Assignment>,
    /// Rules that decided nothing.
    pub dead: Vec<DeadRule>,
    /// Positions of parameters that are not drawn because the caller said so, and not because a rule skips them.
    pub left_out: Vec<usize>,
}

impl Assignments {
    /// The same initializer for every parameter that is wanted, by its position.
    ///
    /// # Errors
    /// [`Error::DuplicateParameter`]; [`Error::Parameter`] around what is wrong with a shape; [`Error::StreamCollision`].
    pub fn of_all(initializer: Initializer, parameters: &[Parameter], wanted: &dyn Fn(usize) -> bool) -> Result<Self> {
        let mut names = HashSet::with_capacity(parameters.len());
        if let Some(twice) = parameters.iter().find(|parameter| !names.insert(parameter.name.as_str())) {
            return Err(Error::DuplicateParameter { name: twice.name.clone() });
        }
        let mut left_out = Vec::new();
        let assign = |(index, parameter): (usize, &Parameter)| {
            let parameter = parameter.clone();
            if !wanted(index) {
                left_out.push(index);
                return Ok(Assignment { parameter, drawn: None, dtype: None, seed: None, rule: 0 });
            }
            let in_parameter = |source| Error::Parameter { name: parameter.name.clone(), cause: Box::new(source) };
            let distribution = initializer.distribution(&parameter.shape).map_err(in_parameter)?;
            let (stream, parts, tied_to) = (parameter.name.clone(), Vec::new(), None);
            let drawn = Some(Drawn { initializer, distribution, parts, stream, tied_to });
            Ok(Assignment { parameter, drawn, dtype: None, seed: None, rule: 0 })
        };
        let list = parameters.iter().enumerate().map(assign).collect::<Result<Vec<_>>>()?;
        check_streams(&list)?;
        Ok(Self { list, dead: Vec::new(), left_out })
    }
}

/// A rule that decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadRule {
    /// Its index.
    pub rule: usize,
    /// An earlier rule that took what this one is for; `None` if no parameter meets its conditions.
    pub shadowed_by: Option<usize>,
}
