//! Stretches of a tensor that have distributions of their own.

use crate::{Distribution, Fill, FillSpec};
use core::ops::Range;

/// A stretch of a tensor's elements with a distribution of its own: one gate of a recurrent weight, the row of a padding token.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Row-major positions in the whole tensor.
    pub elements: Range<u64>,
    /// What they are drawn from.
    pub distribution: Distribution,
}

impl Part {
    /// Disjoint stretches that cover a tensor of `elements`, in order: `parts`, sorted and disjoint, and `rest` between them.
    #[must_use]
    pub fn cover(parts: &[Self], rest: Distribution, elements: u64) -> Vec<Self> {
        let mut stretches = Vec::new();
        let mut at = 0;
        let mut push = |elements: Range<u64>, distribution| {
            if !elements.is_empty() {
                stretches.push(Self { elements, distribution });
            }
        };
        for part in parts {
            push(at..part.elements.start, rest);
            push(part.elements.clone(), part.distribution);
            at = part.elements.end;
        }
        push(at..elements, rest);
        stretches
    }

    /// The fills of `elements`, the first of them at byte `at`; `fill` makes the fill of a whole tensor.
    ///
    /// An element keeps its place in the whole tensor, hence its random word, whatever part it is in.
    pub fn fills(
        stretches: Vec<Self>,
        elements: &Range<u64>,
        at: u64,
        fill: impl Fn(Distribution) -> Fill<()>,
    ) -> Vec<FillSpec> {
        let inside = stretches.into_iter().filter_map(|stretch| {
            let (start, end) = (stretch.elements.start.max(elements.start), stretch.elements.end.min(elements.end));
            let fill = fill(stretch.distribution);
            let size = fill.spec().dtype().size();
            (start < end).then(|| fill.elements(start..end).at(at + (start - elements.start) * size).into_parts().1)
        });
        inside.collect()
    }
}
