//! What of a whole tensor a file holds, and in which order of its axes.

use super::{Error, Result};
use core::fmt;
use core::ops::Range;
use wgpu_init::{Shape, View};

/// A box of a whole tensor, packed in some order of its axes: what one rank of a tensor-parallel group has of it, a matrix as an engine
/// stores it, or any other part. The numbers, and the fans, are those of the whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Shard {
    whole: Shape,
    view: View,
    /// The axes of the whole as they lie in the file, the outermost first.
    order: Vec<usize>,
    /// In the file: of the box, in this order.
    shape: Shape,
}

impl Shard {
    /// A range for each axis of the whole, and the axes in the order of the file; none if that is all of it in row-major order.
    pub(super) fn new(whole: &Shape, ranges: &[Range<u64>], order: &[usize]) -> Result<Option<Self>> {
        let dims = whole.dims();
        if ranges.len() != dims.len() {
            return Err(Error::ShardNeedsRank { ranges: ranges.len(), rank: dims.len() });
        }
        let mut view = View::new(whole);
        for (axis, range) in ranges.iter().enumerate() {
            view = view.part(axis, range.clone())?;
        }
        let view = view.permuted(order)?;
        let length = |axis: &usize| ranges[*axis].end - ranges[*axis].start;
        let shape = Shape::new(order.iter().map(length).collect::<Vec<_>>())?;
        let shard = Self { whole: whole.clone(), view, order: order.to_vec(), shape };
        Ok((shard.is_part() || shard.is_permuted()).then_some(shard))
    }

    /// The shape of the whole tensor.
    #[must_use]
    pub const fn whole(&self) -> &Shape {
        &self.whole
    }

    /// The positions of each axis of the whole that are in the box.
    #[must_use]
    pub fn ranges(&self) -> Vec<Range<u64>> {
        self.view.ranges()
    }

    /// The axes of the whole in the order in which they lie in the file, the outermost first: `[1, 0]` is the transposed matrix.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Whether the file lacks some of the whole.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.axes().any(|(Range { start, end }, size)| end - start != size)
    }

    /// Whether the axes lie in another order than that of the whole.
    #[must_use]
    pub fn is_permuted(&self) -> bool {
        !self.order.is_sorted()
    }

    /// What the box has of each axis of the whole, and the size of that.
    fn axes(&self) -> impl DoubleEndedIterator<Item = (Range<u64>, u64)> {
        self.view.ranges().into_iter().zip(self.whole.dims().iter().copied())
    }

    /// The shape in the file.
    pub(super) const fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(super) const fn view(&self) -> &View {
        &self.view
    }

    /// The row-major position in the whole tensor of an element of the file.
    pub(super) fn position(&self, element: u64) -> u64 {
        let (dims, ranges) = (self.whole.dims(), self.view.ranges());
        let (mut position, mut rest) = (0, element);
        for axis in self.order.iter().copied().rev() {
            let count = ranges[axis].end - ranges[axis].start;
            position += (ranges[axis].start + rest % count) * dims[axis + 1..].iter().product::<u64>();
            rest /= count;
        }
        position
    }
}

/// As Python slices, and the order as the command reads it: `[:, 768:1536] of [768, 3072] permuted 1,0`.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slice = |(Range { start, end }, size)| match (start, end == size) {
            (0, true) => ":".to_owned(),
            _ => format!("{start}:{end}"),
        };
        if self.is_part() {
            write!(f, "[{}] of ", self.axes().map(slice).collect::<Vec<_>>().join(", "))?;
        }
        write!(f, "{:?}", self.whole.dims())?;
        if self.is_permuted() {
            write!(f, " permuted {}", self.order.iter().map(usize::to_string).collect::<Vec<_>>().join(","))?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
#[expect(clippy::single_range_in_vec_init, reason = "a range for each axis")]
mod tests {
    use super::Shard;
    use crate::checkpoint::Error;
    use wgpu_init::Shape;

    #[test]
    fn positions_are_those_of_the_whole() {
        let shard = Shard::new(&Shape::new([4, 3, 5]).unwrap(), &[1..3, 0..3, 2..4], &[0, 1, 2]).unwrap().unwrap();
        let positions: Vec<_> = (0..12).map(|element| shard.position(element)).collect();
        assert_eq!(positions, [17, 18, 22, 23, 27, 28, 32, 33, 37, 38, 42, 43]);
        assert_eq!(shard.to_string(), "[1:3, :, 2:4] of [4, 3, 5]");
        assert!(shard.is_part() && !shard.is_permuted());
    }

    #[test]
    fn an_order_is_that_of_the_file() {
        let (shape, order) = (Shape::new([4, 3, 5]).unwrap(), [2, 0, 1]);
        let shard = Shard::new(&shape, &[1..3, 0..3, 2..4], &order).unwrap().unwrap();
        let positions: Vec<_> = (0..12).map(|element| shard.position(element)).collect();
        assert_eq!(positions, [17, 22, 27, 32, 37, 42, 18, 23, 28, 33, 38, 43]);
        assert_eq!((shard.shape().dims(), shard.order()), (&[2, 2, 3][..], &order[..]));
        assert_eq!(shard.to_string(), "[1:3, :, 2:4] of [4, 3, 5] permuted 2,0,1");
        let whole = Shard::new(&shape, &[0..4, 0..3, 0..5], &order).unwrap().unwrap();
        assert!(whole.is_permuted() && !whole.is_part());
        assert_eq!(whole.to_string(), "[4, 3, 5] permuted 2,0,1");
        for order in [&[0, 1][..], &[0, 1, 1], &[0, 1, 3], &[0, 1, 2, 2]] {
            let error = Shard::new(&shape, &[0..4, 0..3, 0..5], order).unwrap_err();
            assert!(matches!(error, Error::Core(wgpu_init::Error::NotAPermutation { rank: 3, .. })), "{error}");
        }
    }

    #[test]
    fn all_of_a_tensor_is_no_shard() {
        let shape = Shape::new([4, 0]).unwrap();
        assert_eq!(Shard::new(&shape, &[0..4, 0..0], &[0, 1]).unwrap(), None);
        assert!(Shard::new(&shape, &[0..2, 0..0], &[0, 1]).unwrap().is_some(), "empty, and yet another shape");
        assert_eq!(Shard::new(&Shape::new([]).unwrap(), &[], &[]).unwrap(), None);
    }

    #[test]
    fn ranges_that_do_not_fit() {
        let shape = Shape::new([4, 3]).unwrap();
        let rank = Shard::new(&shape, &[0..2], &[0, 1]).unwrap_err();
        assert!(matches!(rank, Error::ShardNeedsRank { ranges: 1, rank: 2 }), "{rank}");
        let (start, end) = (2, 1);
        for ranges in [[0..5, 0..3], [0..4, start..end]] {
            let error = Shard::new(&shape, &ranges, &[0, 1]).unwrap_err();
            assert!(matches!(error, Error::Core(wgpu_init::Error::PartOutOfBounds { .. })), "{error}");
        }
    }
}
