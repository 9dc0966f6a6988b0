//! The box of a whole tensor that a file holds.

use super::{Error, Result};
use core::fmt;
use core::ops::Range;
use wgpu_init::{Shape, View};

/// A box of a whole tensor, in row-major order: what one rank of a tensor-parallel group has of it, or any other part. The numbers, and the
/// fans, are those of the whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Shard {
    whole: Shape,
    view: View,
    /// Of the box.
    shape: Shape,
}

impl Shard {
    /// A range for each axis of the whole; none if they are all of it.
    pub(super) fn new(whole: &Shape, ranges: &[Range<u64>]) -> Result<Option<Self>> {
        let dims = whole.dims();
        if ranges.len() != dims.len() {
            return Err(Error::ShardNeedsRank { ranges: ranges.len(), rank: dims.len() });
        }
        let mut view = View::new(whole);
        for (axis, range) in ranges.iter().enumerate() {
            view = view.part(axis, range.clone())?;
        }
        let shape = Shape::new(ranges.iter().map(|range| range.end - range.start).collect::<Vec<_>>())?;
        Ok((shape != *whole).then(|| Self { whole: whole.clone(), view, shape }))
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

    /// The shape of the box.
    pub(super) const fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(super) const fn view(&self) -> &View {
        &self.view
    }

    /// The row-major position in the whole tensor of an element of the box.
    pub(super) fn position(&self, element: u64) -> u64 {
        let (mut position, mut step, mut rest) = (0, 1, element);
        for (range, size) in self.view.ranges().iter().zip(self.whole.dims()).rev() {
            let count = range.end - range.start;
            position += (range.start + rest % count) * step;
            rest /= count;
            step *= size;
        }
        position
    }
}

/// As Python slices: `[:, 768:1536] of [768, 3072]`.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (axis, (Range { start, end }, size)) in self.view.ranges().iter().zip(self.whole.dims()).enumerate() {
            f.write_str(if axis > 0 { ", " } else { "" })?;
            match (*start, end == size) {
                (0, true) => f.write_str(":")?,
                _ => write!(f, "{start}:{end}")?,
            }
        }
        write!(f, "] of {:?}", self.whole.dims())
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
        let shard = Shard::new(&Shape::new([4, 3, 5]).unwrap(), &[1..3, 0..3, 2..4]).unwrap().unwrap();
        let positions: Vec<_> = (0..12).map(|element| shard.position(element)).collect();
        assert_eq!(positions, [17, 18, 22, 23, 27, 28, 32, 33, 37, 38, 42, 43]);
        assert_eq!(shard.to_string(), "[1:3, :, 2:4] of [4, 3, 5]");
    }

    #[test]
    fn all_of_a_tensor_is_no_shard() {
        let shape = Shape::new([4, 0]).unwrap();
        assert_eq!(Shard::new(&shape, &[0..4, 0..0]).unwrap(), None);
        assert!(Shard::new(&shape, &[0..2, 0..0]).unwrap().is_some(), "empty, and yet another shape");
        assert_eq!(Shard::new(&Shape::new([]).unwrap(), &[]).unwrap(), None);
    }

    #[test]
    fn ranges_that_do_not_fit() {
        let shape = Shape::new([4, 3]).unwrap();
        let rank = Shard::new(&shape, &[0..2]).unwrap_err();
        assert!(matches!(rank, Error::ShardNeedsRank { ranges: 1, rank: 2 }), "{rank}");
        let (start, end) = (2, 1);
        for ranges in [[0..5, 0..3], [0..4, start..end]] {
            let error = Shard::new(&shape, &ranges).unwrap_err();
            assert!(matches!(error, Error::Core(wgpu_init::Error::PartOutOfBounds { .. })), "{error}");
        }
    }
}
