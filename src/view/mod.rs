//! Boxes of a tensor, and how they lie in memory.

mod window;

use crate::lattice::{Axis, Lattice};
use crate::{DType, Error, Result, Shape};
use core::ops::Range;

/// Which elements of a whole tensor are written, a range on each of its axes, and where each of them lies in memory.
///
/// A fill with a view writes the numbers that its elements have in the whole tensor: a column shard, a transposed weight and a padded
/// row differ in what is written where, and in no number. Fans are those of the whole shape too.
///
/// Memory is packed in row-major order of the box unless [`permuted`](Self::permuted), [`pitch`](Self::pitch) or
/// [`strides`](Self::strides) say otherwise. Distances are in elements; where the first element goes is the byte offset of the
/// fill. Bytes between the elements stay as they are.
///
/// ```
/// use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape, View};
/// let shape = Shape::new([3, 4])?;
/// let fill = Fill::new(shape.clone(), Initializer::normal(0.0, 0.02))?.named(Seed::new(42), "weight");
/// let (mut whole, mut columns, mut transposed) = ([0f32; 12], [0f32; 6], [0f32; 12]);
/// CpuExecutor::new().run([(&mut whole, &fill)])?;
/// CpuExecutor::new().run([(&mut columns, fill.clone().view(View::new(&shape).shard(1, 1, 2)?))])?;
/// CpuExecutor::new().run([(&mut transposed, fill.view(View::new(&shape).permuted([1, 0])?))])?;
/// assert_eq!(columns, [whole[2], whole[3], whole[6], whole[7], whole[10], whole[11]]);
/// assert_eq!(transposed[..4], [whole[0], whole[4], whole[8], whole[1]]);
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    rank: usize,
    /// Sizes of the whole tensor, and the range of each axis.
    sizes: [u64; Shape::MAX_RANK],
    bounds: [(u64, u64); Shape::MAX_RANK],
    layout: Layout,
}

/// How the elements of a box lie in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Layout {
    /// One axis behind the other, the last one fastest; rows of the last one this far apart, or packed.
    Packed { order: [usize; Shape::MAX_RANK], pitch: Option<u64> },
    /// A distance for each axis.
    Strided([i64; Shape::MAX_RANK]),
}

impl View {
    /// All of a tensor, packed in row-major order.
    #[must_use]
    pub fn new(shape: &Shape) -> Self {
        let (mut sizes, mut bounds) = ([1; Shape::MAX_RANK], [(0, 1); Shape::MAX_RANK]);
        for (axis, size) in shape.dims().iter().enumerate() {
            (sizes[axis], bounds[axis]) = (*size, (0, *size));
        }
        let order = core::array::from_fn(|axis| axis);
        Self { rank: shape.dims().len(), sizes, bounds, layout: Layout::Packed { order, pitch: None } }
    }

    /// Only these positions of an axis, counted from the first that the view has.
    ///
    /// # Errors
    /// [`Error::NoSuchAxis`], [`Error::PartOutOfBounds`].
    pub fn part(mut self, axis: usize, positions: Range<u64>) -> Result<Self> {
        let (first, size) = (self.axis(axis)?, self.size(axis));
        let Range { start, end } = positions;
        if start > end || end > size {
            return Err(Error::PartOutOfBounds { axis, start, end, size });
        }
        self.bounds[axis] = (first + start, first + end);
        Ok(self)
    }

    /// One of `of` shards of an axis as `torch.chunk` and DTensor's `Shard` cut it: each of ⌈size / of⌉ positions, the last ones shorter
    /// or empty. Several axes, or one axis several times, make the shards of a device mesh.
    ///
    /// ```
    /// use wgpu_init::{Shape, View};
    /// let view = View::new(&Shape::new([7, 4])?);
    /// let rows = [0, 1, 2, 3].map(|rank| view.clone().shard(0, rank, 4).expect("a shard").ranges()[0].clone());
    /// assert_eq!(rows, [0..2, 2..4, 4..6, 6..7]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSuchAxis`], [`Error::NoSuchShard`].
    pub fn shard(self, axis: usize, index: u64, of: u64) -> Result<Self> {
        self.axis(axis)?;
        if index >= of {
            return Err(Error::NoSuchShard { index, of });
        }
        let size = self.size(axis);
        let each = size.div_ceil(of);
        let bound = |index: u64| each.saturating_mul(index).min(size);
        self.part(axis, bound(index)..bound(index + 1))
    }

    /// One of `of` shards whose lengths differ by one at most, as `torch.tensor_split` and `numpy.array_split` cut an axis: the first
    /// `size mod of` of them have one more.
    ///
    /// ```
    /// use wgpu_init::{Shape, View};
    /// let view = View::new(&Shape::new([7, 4])?);
    /// assert_eq!(view.shard_balanced(0, 3, 4)?.ranges()[0], 6..7);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`shard`](Self::shard).
    pub fn shard_balanced(self, axis: usize, index: u64, of: u64) -> Result<Self> {
        self.axis(axis)?;
        if index >= of {
            return Err(Error::NoSuchShard { index, of });
        }
        let (each, longer) = (self.size(axis) / of, self.size(axis) % of);
        let bound = |index: u64| each * index + index.min(longer);
        self.part(axis, bound(index)..bound(index + 1))
    }

    /// Packed in another order of the axes: the outermost first, the last one fastest, as `tensor.permute(order).contiguous()` of
    /// PyTorch. `[1, 0]` is the transposed matrix.
    ///
    /// # Errors
    /// [`Error::NotAPermutation`].
    pub fn permuted(mut self, order: impl AsRef<[usize]>) -> Result<Self> {
        let order = order.as_ref();
        let mut all = [0; Shape::MAX_RANK];
        let distinct = (0..self.rank).all(|axis| order.contains(&axis));
        if order.len() != self.rank || !distinct {
            return Err(Error::NotAPermutation { order: order.to_vec(), rank: self.rank });
        }
        all[..self.rank].copy_from_slice(order);
        let pitch = if let Layout::Packed { pitch, .. } = self.layout { pitch } else { None };
        self.layout = Layout::Packed { order: all, pitch };
        Ok(self)
    }

    /// Rows of the fastest axis begin this many elements apart: a matrix with padded rows. Axes further out are packed on these rows.
    #[must_use]
    pub const fn pitch(mut self, elements: u64) -> Self {
        if let Layout::Packed { pitch, .. } = &mut self.layout {
            *pitch = Some(elements);
        }
        self
    }

    /// The distance in memory, in elements, between neighbours of each axis of the tensor, whatever the order: the strides of an engine's
    /// tensor. Those of axes with one position do not matter.
    ///
    /// # Errors
    /// [`Error::StridesNeedRank`]. Layouts in which elements share memory, or rows lie inside each other's span, are errors of
    /// the fill: [`Error::UnsuitableStrides`].
    pub fn strides(mut self, strides: impl AsRef<[i64]>) -> Result<Self> {
        let strides = strides.as_ref();
        if strides.len() != self.rank {
            return Err(Error::StridesNeedRank { strides: strides.len(), rank: self.rank });
        }
        let mut all = [1; Shape::MAX_RANK];
        all[..self.rank].copy_from_slice(strides);
        self.layout = Layout::Strided(all);
        Ok(self)
    }

    /// The range of each axis of the whole tensor.
    #[must_use]
    pub fn ranges(&self) -> Vec<Range<u64>> {
        self.bounds[..self.rank].iter().map(|(start, end)| *start..*end).collect()
    }

    /// How many elements are in the box.
    #[must_use]
    pub fn elements(&self) -> u64 {
        if (0..self.rank).any(|axis| self.size(axis) == 0) {
            return 0;
        }
        // No product overflows: the whole tensor's does not.
        (0..self.rank).map(|axis| self.size(axis)).product()
    }

    /// Elements of memory from the first to the last of the box, both included: what a target has to hold.
    ///
    /// ```
    /// use wgpu_init::{Shape, View};
    /// assert_eq!(View::new(&Shape::new([3, 5])?).pitch(8).span()?, 8 + 8 + 5);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnsuitableStrides`], [`Error::PitchTooSmall`], [`Error::OffsetOverflow`].
    pub fn span(&self) -> Result<u64> {
        // Bytes of one element: its dtype does not matter here.
        let lattice = self.place(1, 0, DType::F32)?;
        Ok(lattice.map_or(0, |lattice| lattice.bytes().end))
    }

    /// Elements of the whole tensor.
    pub(crate) fn tensor(&self) -> u64 {
        let sizes = &self.sizes[..self.rank];
        if sizes.contains(&0) { 0 } else { sizes.iter().product() }
    }

    /// The box in numbers, with elements of `size` bytes, the first of them at byte `offset`; none if it is empty.
    pub(crate) fn lattice(&self, dtype: DType, offset: u64) -> Result<Option<Lattice>> {
        self.place(dtype.size(), offset, dtype)
    }

    fn place(&self, size: u64, offset: u64, dtype: DType) -> Result<Option<Lattice>> {
        let strides = self.distances()?;
        if self.elements() == 0 {
            return Ok(None);
        }
        let (mut step, mut first) = (1, 0);
        let mut axes = [Axis::default(); Shape::MAX_RANK];
        let mut end = u128::from(offset) + u128::from(size);
        for axis in (0..self.rank).rev() {
            let count = self.size(axis);
            first += self.bounds[axis].0 * step;
            end += u128::from(strides[axis]) * u128::from(count - 1) * u128::from(size);
            axes[axis] = Axis { count, step, stride: strides[axis].saturating_mul(size) };
            step *= self.sizes[axis];
        }
        if u64::try_from(end).is_err() {
            return Err(Error::OffsetOverflow { offset, elements: self.elements(), dtype });
        }
        let lattice = Lattice::new(first, offset, size, &axes[..self.rank]);
        let unsuitable = || Error::UnsuitableStrides { strides: self.explicit(), dims: self.dims() };
        lattice.map(Some).ok_or_else(unsuitable)
    }

    /// Distances in elements; those of axes with one position are 0.
    fn distances(&self) -> Result<[u64; Shape::MAX_RANK]> {
        let mut distances = [0; Shape::MAX_RANK];
        match &self.layout {
            Layout::Packed { order, pitch } => {
                let mut distance = 1u64;
                for (inner, axis) in order[..self.rank].iter().rev().enumerate() {
                    let count = self.size(*axis);
                    distances[*axis] = if count > 1 { distance } else { 0 };
                    let length = match pitch {
                        Some(pitch) if inner == 0 && self.rank > 1 && *pitch < count => {
                            return Err(Error::PitchTooSmall { pitch: *pitch, row: count });
                        }
                        Some(pitch) if inner == 0 => *pitch,
                        _ => count,
                    };
                    distance = distance.saturating_mul(length);
                }
            }
            Layout::Strided(strides) => {
                for (axis, stride) in strides[..self.rank].iter().enumerate().filter(|(axis, _)| self.size(*axis) > 1) {
                    let positive = u64::try_from(*stride).ok().filter(|stride| *stride > 0);
                    let error = || Error::UnsuitableStrides { strides: self.explicit(), dims: self.dims() };
                    distances[axis] = positive.ok_or_else(error)?;
                }
            }
        }
        Ok(distances)
    }

    fn explicit(&self) -> Vec<i64> {
        match &self.layout {
            Layout::Strided(strides) => strides[..self.rank].to_vec(),
            Layout::Packed { .. } => Vec::new(),
        }
    }

    fn dims(&self) -> Vec<u64> {
        (0..self.rank).map(|axis| self.size(axis)).collect()
    }

    /// Positions of an axis.
    const fn size(&self, axis: usize) -> u64 {
        self.bounds[axis].1 - self.bounds[axis].0
    }

    /// The first position of an axis that the tensor has.
    const fn axis(&self, axis: usize) -> Result<u64> {
        if axis < self.rank { Ok(self.bounds[axis].0) } else { Err(Error::NoSuchAxis { axis, rank: self.rank }) }
    }
}
