//! A fill: one tensor's job for an executor.

use crate::scheme::Place;
use crate::{Constants, DType, Distribution, Error, Initializer, Result, Seed, Shape, Stream};
use core::ops::Range;

/// One tensor's job: which values, and where they go in a target of type `T`.
///
/// `T` is `&wgpu::Buffer` for the GPU executor and `&mut [u8]` for the CPU executor. Making a fill checks the initializer's
/// parameters; everything that depends on target, dtype and device is checked when it is recorded or run.
///
/// ```
/// use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape};
/// let mut bytes = vec![0; 6 * 2];
/// let fill = Fill::new(bytes.as_mut_slice(), Shape::new([2, 3])?, Initializer::normal(0.0, 0.02))?
///     .named(Seed::new(42), "h.0.mlp.up.weight")
///     .dtype(DType::Bf16);
/// CpuExecutor::new().run([fill])?;
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a fill does nothing until an executor records or runs it"]
pub struct Fill<T> {
    target: T,
    spec: FillSpec,
}

/// A [`Fill`] without its target: everything the values depend on, and the byte offset they are written at.
#[derive(Clone, Debug, PartialEq)]
pub struct FillSpec {
    distribution: Distribution,
    key: Option<(Seed, Stream)>,
    name: Option<String>,
    dtype: DType,
    /// Elements of the whole tensor.
    tensor: u64,
    /// The slice of them that is written.
    elements: Range<u64>,
    offset: u64,
}

impl<T> Fill<T> {
    /// All elements of a tensor of this shape, as f32, from byte 0 of the target.
    ///
    /// # Errors
    /// Those of the initializer's [`Distribution`].
    #[expect(clippy::needless_pass_by_value, reason = "a shape is usually made in place: Shape::new([..])?")]
    pub fn new(target: T, shape: Shape, initializer: Initializer) -> Result<Self> {
        Ok(Self::of(target, shape.elements(), initializer.distribution(&shape)?))
    }

    /// All of a tensor's elements, `tensor` of them, from a distribution that is known already.
    pub const fn of(target: T, tensor: u64, distribution: Distribution) -> Self {
        let (key, name, dtype, offset) = (None, None, DType::F32, 0);
        Self { target, spec: FillSpec { distribution, key, name, dtype, tensor, elements: 0..tensor, offset } }
    }

    /// The fill of a specification into a target; see [`into_parts`](Self::into_parts).
    pub const fn from_parts(target: T, spec: FillSpec) -> Self {
        Self { target, spec }
    }

    /// Draws from the stream of a parameter's name: two names give independent numbers under one seed.
    pub fn named(mut self, seed: Seed, name: &str) -> Self {
        self.spec.name = Some(name.to_owned());
        self.keyed(seed, Stream::from_name(name))
    }

    /// Draws from an explicit stream.
    pub fn keyed(mut self, seed: Seed, stream: Stream) -> Self {
        self.spec.key = Some((seed, stream));
        self
    }

    /// The element type. Default: f32.
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.spec.dtype = dtype;
        self
    }

    /// Byte offset in the target of the first element written: a multiple of the element size. Default: 0.
    pub fn at(mut self, byte_offset: u64) -> Self {
        self.spec.offset = byte_offset;
        self
    }

    /// Writes only these elements (row-major positions in the whole tensor): a shard, a page, a chunk of a stream.
    ///
    /// They have the values that they have in the whole tensor; the first of them is written at the byte offset.
    pub fn elements(mut self, elements: Range<u64>) -> Self {
        self.spec.elements = elements;
        self
    }

    /// Where the values go.
    pub fn target(&self) -> &T {
        &self.target
    }

    /// Everything but the target.
    pub const fn spec(&self) -> &FillSpec {
        &self.spec
    }

    /// The two parts.
    pub fn into_parts(self) -> (T, FillSpec) {
        (self.target, self.spec)
    }
}

impl FillSpec {
    /// The distribution drawn from.
    #[must_use]
    pub const fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// The parameter's name, if the fill was [`named`](Fill::named).
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The element type.
    #[must_use]
    pub const fn dtype(&self) -> DType {
        self.dtype
    }

    /// The logical elements written.
    #[must_use]
    pub const fn elements(&self) -> &Range<u64> {
        &self.elements
    }

    /// Checks everything that does not depend on a target and gives what an executor works with.
    pub(crate) fn resolve(&self) -> Result<Job> {
        let Range { start, end } = self.elements;
        if start > end || end > self.tensor {
            return Err(Error::SliceOutOfBounds { start, end, elements: self.tensor });
        }
        let (dtype, offset, elements) = (self.dtype, self.offset, end - start);
        if offset % dtype.size() != 0 {
            return Err(Error::Misaligned { offset, needed: dtype.size(), dtype });
        }
        let overflow = Error::OffsetOverflow { offset, elements, dtype };
        let bytes_end =
            elements.checked_mul(dtype.size()).and_then(|bytes| bytes.checked_add(offset)).ok_or(overflow)?;
        let (seed, stream) = match self.key {
            Some((seed, stream)) => (seed.get(), stream.get()),
            None if self.distribution.is_random() => {
                return Err(Error::MissingKey { distribution: self.distribution.name() });
            }
            None => (0, 0),
        };
        let constants = Constants::new(&self.distribution, dtype)?;
        Ok(Job { constants, seed, stream, first: start, bytes: offset..bytes_end })
    }
}

/// A checked fill in numbers: the elements from `first` on go to `bytes` of the target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    pub(crate) constants: Constants,
    pub(crate) seed: u64,
    pub(crate) stream: u64,
    pub(crate) first: u64,
    pub(crate) bytes: Range<u64>,
}

impl Job {
    /// The stored bits of an element of a job that is not of orthogonal matrices; the low 16 bits for the 16-bit dtypes.
    #[inline]
    pub(crate) fn element(&self, index: u64, word: u32) -> u32 {
        let is_zero = match self.constants.place {
            Some((Place::Delta(delta), origin)) => !delta.is_one(index - origin),
            Some((Place::Sparse(sparse), origin)) => sparse.is_zero(self.seed, self.stream, origin, index - origin),
            Some((Place::Frames(_), _)) | None => false,
        };
        if is_zero { 0 } else { self.constants.element(index, word) }
    }

    /// The index of the element that starts at `byte`, which lies inside the job's bytes.
    pub(crate) fn element_at(&self, byte: u64) -> u64 {
        self.first + (byte - self.bytes.start) / self.constants.dtype.size()
    }

    /// The part of this job that writes `bytes`, which lie inside its own and start at an element.
    pub(crate) fn part(&self, bytes: Range<u64>) -> Self {
        Self { first: self.element_at(bytes.start), bytes, ..self.clone() }
    }
}

/// Two jobs of one target that write the same byte, as [`Error::Overlap`]. `jobs` are sorted by their first byte.
pub(crate) fn check_overlap(jobs: &[(usize, Job)]) -> Result<()> {
    for pair in jobs.windows(2) {
        if let [(a, before), (b, after)] = pair {
            if after.bytes.start < before.bytes.end {
                let (first, second) = ((*a).min(*b), (*a).max(*b));
                let (start, end) = (after.bytes.start, before.bytes.end.min(after.bytes.end));
                return Err(Error::Overlap { first, second, start, end });
            }
        }
    }
    Ok(())
}
