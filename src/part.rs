//! Stretches of a tensor that have distributions of their own.

use crate::{Distribution, Error, Fill, Initializer, Result, Shape, Stream};
use core::ops::Range;

/// A stretch of a tensor's elements with a distribution of its own: one gate of a recurrent weight, the row of a padding token.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    elements: Range<u64>,
    distribution: Distribution,
    /// The element that the distribution begins at: the part's first, or 0 for what is left of a whole tensor's law.
    origin: u64,
    /// What it is drawn from instead of the tensor's stream, as if its first element were a tensor's first.
    own: Option<Stream>,
}

impl Part {
    /// Whole rows of a tensor, that is, positions of its first axis. Fans and structures are those of the rows alone.
    ///
    /// ```
    /// use wgpu_init::{Initializer, Part, Shape};
    /// let second = Part::rows(&Shape::new([12, 4])?, 3..6, &Initializer::orthogonal(1.0))?;
    /// assert_eq!(*second.elements(), 12..24);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::RowsOutOfBounds`] for rows that the shape does not have; those of [`Initializer::distribution`].
    pub fn rows(shape: &Shape, rows: Range<u64>, initializer: &Initializer) -> Result<Self> {
        let dims = shape.dims();
        let inside = |first: &&u64| rows.start <= rows.end && rows.end <= **first;
        let Some(first) = dims.first().filter(inside) else {
            return Err(Error::RowsOutOfBounds { start: rows.start, end: rows.end, dims: dims.to_vec() });
        };
        // Rows may have more than 2^64 elements where there are none of them.
        let row = shape.elements().checked_div(*first).unwrap_or(0);
        let block = Shape::new([&[rows.end - rows.start], &dims[1..]].concat())?;
        let (start, end) = (rows.start * row, rows.end * row);
        Ok(Self { elements: start..end, distribution: initializer.distribution(&block)?, origin: start, own: None })
    }

    /// A stretch that is a tensor of its own: its elements have the values that a tensor of this distribution and this stream has, its
    /// first one that of element 0. So a stacked tensor and the tensors that it is made of are the same numbers.
    #[must_use]
    pub const fn own(elements: Range<u64>, distribution: Distribution, stream: Stream) -> Self {
        let origin = elements.start;
        Self { elements, distribution, origin, own: Some(stream) }
    }

    /// All of a tensor that stacks the weights of experts, `[expert, out, in…]`, where a weight of `[out/blocks, in…]` has a stream of its
    /// own: the numbers are those of the weights one by one, and no expert's depend on how many there are. With two blocks a tensor that holds
    /// gate and up projections, one behind the other, of each expert. Fans and structures are those of one weight.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Part, Seed, Shape, Stream, scheme};
    /// let (seed, init) = (Seed::new(42), scheme::fan_in_normal());
    /// let name = |expert, block| format!("experts.{expert}.w{}.weight", [1, 3][block as usize]);
    /// let stacked = Shape::new([4, 2 * 6, 5])?;
    /// let parts = Part::experts(&stacked, 2, &init, |expert, block| Stream::from_name(&name(expert, block)))?;
    /// let mut all = [0f32; 4 * 2 * 6 * 5];
    /// let fills = Part::fills(&parts, 240, &(0..240), 0, |fill| fill.keyed(seed, Stream::from_name("experts")));
    /// CpuExecutor::new().run_in(&mut all, &fills)?;
    /// // Expert 2's second weight, by itself.
    /// let mut one = [0f32; 30];
    /// CpuExecutor::new().run([(&mut one, Fill::new(Part::expert(&stacked, 2)?, init)?.named(seed, "experts.2.w3.weight"))])?;
    /// assert_eq!(all[150..180], one);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnsuitableShape`] for fewer than two axes, or a second one that `blocks` does not divide; those of
    /// [`Initializer::distribution`].
    pub fn experts(
        shape: &Shape,
        blocks: u64,
        initializer: &Initializer,
        stream: impl Fn(u64, u64) -> Stream,
    ) -> Result<Vec<Self>> {
        let weight = Self::expert(shape, blocks)?;
        let (distribution, length) = (initializer.distribution(&weight)?, weight.elements());
        if length == 0 {
            return Ok(Vec::new());
        }
        let experts = shape.dims().first().copied().unwrap_or(0);
        let all = (0..experts).flat_map(|expert| (0..blocks).map(move |block| (expert, block)));
        let part = |(expert, block)| {
            let start = (expert * blocks + block) * length;
            Self::own(start..start + length, distribution, stream(expert, block))
        };
        Ok(all.map(part).collect())
    }

    /// The shape of one of the weights that [`experts`](Self::experts) finds in a tensor: `[out/blocks, in…]`.
    ///
    /// # Errors
    /// [`Error::UnsuitableShape`].
    pub fn expert(shape: &Shape, blocks: u64) -> Result<Shape> {
        let refuse = |expected: String| {
            let (initializer, dims) = ("experts", shape.dims().to_vec());
            Err(Error::UnsuitableShape { initializer, dims, expected })
        };
        let &[_, outputs, ref inputs @ ..] = shape.dims() else {
            return refuse("two or more axes are needed, [expert, out, in…]".to_owned());
        };
        if outputs.checked_rem(blocks) != Some(0) {
            return refuse(format!("the second axis must be divisible by the {blocks} weights of an expert"));
        }
        Shape::new([&[outputs / blocks], inputs].concat())
    }

    /// Several such blocks, sorted; empty ones are left out.
    ///
    /// # Errors
    /// Those of [`rows`](Self::rows); [`Error::RowsOverlap`].
    pub fn blocks(shape: &Shape, blocks: impl IntoIterator<Item = (Range<u64>, Initializer)>) -> Result<Vec<Self>> {
        let mut sorted: Vec<_> = blocks.into_iter().collect();
        sorted.sort_by_cached_key(|(rows, _)| rows.start);
        let mut parts = Vec::with_capacity(sorted.len());
        let mut taken = 0;
        for (rows, initializer) in sorted {
            let part = Self::rows(shape, rows.clone(), &initializer)?;
            if rows.is_empty() {
                continue;
            }
            if rows.start < taken {
                return Err(Error::RowsOverlap { row: rows.start });
            }
            taken = rows.end;
            if !part.elements.is_empty() {
                parts.push(part);
            }
        }
        Ok(parts)
    }

    /// Disjoint stretches that cover a tensor of `elements`, in order: `parts`, sorted and disjoint, and `rest`, the whole tensor's
    /// distribution, between them.
    #[must_use]
    pub fn cover(parts: &[Self], rest: Distribution, elements: u64) -> Vec<Self> {
        let mut stretches = Vec::new();
        let mut at = 0;
        let mut push = |part: Self| {
            if !part.elements.is_empty() {
                stretches.push(part);
            }
        };
        for part in parts {
            push(Self { elements: at..part.elements.start, distribution: rest, origin: 0, own: None });
            push(part.clone());
            at = part.elements.end;
        }
        push(Self { elements: at..elements, distribution: rest, origin: 0, own: None });
        stretches
    }

    /// The fills of `elements` of a tensor of `tensor` elements, the first of them at byte `at`; `draw` says key and dtype of each.
    ///
    /// An element keeps its place in the whole tensor, hence its random word, whatever part it is in, unless the part is a tensor
    /// [of its own](Self::own). Of a [`View`](crate::View), give each
    /// fill the view and its byte: `fill.view(view.clone()).at(at)`.
    pub fn fills(
        stretches: &[Self],
        tensor: u64,
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

    /// The stream that it is drawn from if that is not the tensor's: a part that is a tensor [of its own](Self::own).
    #[must_use]
    pub const fn stream(&self) -> Option<Stream> {
        self.own
    }

    pub(crate) const fn origin(&self) -> u64 {
        self.origin
    }
}
