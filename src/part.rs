//! Stretches of a tensor that have distributions of their own.

use crate::{Distribution, Fill};
use core::ops::Range;

/// A stretch of a tensor's elements with a distribution of its own: one gate of a recurrent weight, the row of a padding token.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    elements: Range<u64>,
    distribution: Distribution,
    /// The element that the distribution begins at: the part's first, or 0 for what is left of a whole tensor's law.
    origin: u64,
}

impl Part {
    /// Row-major positions in the whole tensor.
    #[must_use]
    pub const fn elements(&self) -> &Range<u64> {
        &self.elements
    }

    /// What they are drawn from.
    #[must_use]
    pub const fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    pub(crate) const fn origin(&self) -> u64 {
        self.origin
    }
}

/// Disjoint stretches that cover a tensor of `elements`, in order: `parts`, sorted and disjoint, and `rest` between them.
pub(crate) fn stretches(rest: Distribution, parts: &[Part], elements: u64) -> Vec<Part> {
    let mut stretches = Vec::new();
    let mut at = 0;
    let mut push = |part: Part| {
        if !part.elements.is_empty() {
            stretches.push(part);
        }
    };
    for part in parts {
        push(Part { elements: at..part.elements.start, distribution: rest, origin: 0 });
        push(part.clone());
        at = part.elements.end;
    }
    push(Part { elements: at..elements, distribution: rest, origin: 0 });
    stretches
}

/// The fills of `elements`, the first of them at byte `at`; `draw` says key and dtype of the fill of a stretch.
///
/// An element keeps its place in the whole tensor, hence its random word, whatever part it is in.
pub(crate) fn fills(
    tensor: u64,
    stretches: &[Part],
    elements: &Range<u64>,
    at: u64,
    draw: impl Fn(Fill) -> Fill,
) -> Vec<Fill> {
    let inside = stretches.iter().filter_map(|stretch| {
        let (start, end) = (stretch.elements.start.max(elements.start), stretch.elements.end.min(elements.end));
        let fill = draw(Fill::of_part(tensor, stretch));
        let size = fill.element_type().size();
        (start < end).then(|| fill.elements(start..end).at(at + (start - elements.start) * size))
    });
    inside.collect()
}
