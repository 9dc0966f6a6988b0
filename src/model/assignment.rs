//! How one parameter of a model is filled.

use super::Parameter;
use crate::{DType, Distribution, Fill, FillSpec, Initializer, Result, Seed, Shape};
use core::ops::Range;

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
    /// Index of the rule that decided.
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

/// A stretch of elements with a distribution of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Row-major positions in the whole tensor.
    pub elements: Range<u64>,
    /// What they are drawn from.
    pub distribution: Distribution,
}

impl Drawn {
    /// Disjoint stretches that cover the tensor, in order.
    #[must_use]
    pub fn stretches(&self, elements: u64) -> Vec<Part> {
        let mut stretches = Vec::new();
        let mut at = 0;
        let mut push = |elements: Range<u64>, distribution| {
            if !elements.is_empty() {
                stretches.push(Part { elements, distribution });
            }
        };
        for part in &self.parts {
            push(at..part.elements.start, self.distribution);
            push(part.elements.clone(), part.distribution);
            at = part.elements.end;
        }
        push(at..elements, self.distribution);
        stretches
    }
}

impl Assignment {
    /// The fills of `elements` (row-major positions in the whole tensor), the first of them at byte `at`: none if the parameter
    /// is skipped, several if it has parts.
    ///
    /// # Errors
    /// Those of [`Fill::new`].
    pub fn fills(&self, seed: Seed, dtype: DType, elements: Range<u64>, at: u64) -> Result<Vec<FillSpec>> {
        let Some(drawn) = &self.drawn else { return Ok(Vec::new()) };
        let mut fills = Vec::new();
        for stretch in drawn.stretches(self.parameter.shape.elements()) {
            let (start, end) = (stretch.elements.start.max(elements.start), stretch.elements.end.min(elements.end));
            if start < end {
                let shape = Shape::new(self.parameter.shape.dims())?;
                let fill = Fill::new((), shape, Initializer::from(stretch.distribution))?
                    .named(self.seed.unwrap_or(seed), &drawn.stream)
                    .dtype(dtype)
                    .elements(start..end)
                    .at(at + (start - elements.start) * dtype.size());
                fills.push(fill.into_parts().1);
            }
        }
        Ok(fills)
    }
}

/// What a list of rules makes of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignments {
    /// One per parameter, in order.
    pub list: Vec<Assignment>,
    /// Rules that decided nothing.
    pub dead: Vec<DeadRule>,
}

/// A rule that decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadRule {
    /// Its index.
    pub rule: usize,
    /// An earlier rule that took what this one is for; `None` if no parameter meets its conditions.
    pub shadowed_by: Option<usize>,
}
