//! A fill: one tensor's job for an executor.

use crate::lattice::Lattice;
use crate::value::program::{Elementwise, Program, Source};
use crate::{DType, Distribution, Error, Initializer, Part, Result, Seed, Shape, Stream, View};
use core::ops::Range;
use std::sync::Arc;

/// One tensor's job: everything that its values depend on, and the byte offset in a target that they are written at.
///
/// An executor writes it into a target: `GpuExecutor` into bytes of a `wgpu::Buffer`,
/// [`CpuExecutor`](crate::CpuExecutor) into `&mut [u8]`. Making a fill checks the initializer's parameters; everything that depends
/// on target, dtype and device is checked when it is recorded or run.
///
/// ```
/// use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape};
/// let fill = Fill::new(Shape::new([2, 3])?, Initializer::normal(0.0, 0.02))?
///     .named(Seed::new(42), "h.0.mlp.up.weight")
///     .dtype(DType::Bf16);
/// let mut bytes = [0; 6 * 2];
/// CpuExecutor::new().run([(&mut bytes[..], fill)])?;
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a fill does nothing until an executor records or runs it"]
pub struct Fill {
    distribution: Distribution,
    /// The element of the tensor that the distribution begins at.
    origin: u64,
    /// What is drawn from instead of the key's stream; places are then counted from the origin.
    own: Option<Stream>,
    key: Option<(Seed, Stream)>,
    name: Option<String>,
    dtype: DType,
    /// Elements of the whole tensor.
    tensor: u64,
    /// The slice of them that is written.
    elements: Range<u64>,
    offset: u64,
    view: Option<Box<View>>,
}

impl Fill {
    /// All elements of a tensor of this shape, as f32, from byte 0 of the target.
    ///
    /// # Errors
    /// Those of [`Initializer::distribution`].
    #[expect(clippy::needless_pass_by_value, reason = "a shape is usually made in place: Shape::new([..])?")]
    pub fn new(shape: Shape, initializer: Initializer) -> Result<Self> {
        Ok(Self::of(shape.elements(), initializer.distribution(&shape)?))
    }

    /// All of a tensor's elements, `tensor` of them, from a distribution that is known already.
    pub const fn of(tensor: u64, distribution: Distribution) -> Self {
        let (key, name, dtype, offset, view) = (None, None, DType::F32, 0, None);
        Self { distribution, origin: 0, own: None, key, name, dtype, tensor, elements: 0..tensor, offset, view }
    }

    /// A stretch of a tensor of `tensor` elements, with a distribution of its own. A stream that the part has goes before the
    /// fill's key.
    pub fn of_part(tensor: u64, part: &Part) -> Self {
        let (origin, own, elements) = (part.origin(), part.stream(), part.elements().clone());
        Self { origin, own, elements, ..Self::of(tensor, *part.distribution()) }
    }

    /// Draws from the stream of a parameter's name: two names give independent numbers under one seed.
    pub fn named(mut self, seed: Seed, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self.keyed(seed, Stream::from_name(name))
    }

    /// Draws from an explicit stream.
    pub const fn keyed(mut self, seed: Seed, stream: Stream) -> Self {
        self.key = Some((seed, stream));
        self
    }

    /// The element type. Default: f32.
    pub const fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = dtype;
        self
    }

    /// Byte offset in the target of the first element written: a multiple of the element size. Default: 0.
    pub const fn at(mut self, byte_offset: u64) -> Self {
        self.offset = byte_offset;
        self
    }

    /// Writes only these elements (row-major positions in the whole tensor): a shard, a page, a chunk of a stream.
    ///
    /// They have the values that they have in the whole tensor; the first of them is written at the byte offset. With a
    /// [`view`](Self::view), those of them that are in its box are written, at the places that it gives them.
    pub const fn elements(mut self, elements: Range<u64>) -> Self {
        self.elements = elements;
        self
    }

    /// Writes only a box of the tensor, each element to its place in the view's memory: column shards, transposed and padded
    /// tensors, those with an engine's strides. The view's first element goes to the byte offset.
    pub fn view(mut self, view: View) -> Self {
        self.view = Some(Box::new(view));
        self
    }

    /// The distribution drawn from.
    #[must_use]
    pub const fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// The parameter's name, if the fill was [`named`](Self::named).
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The element type.
    #[must_use]
    pub const fn element_type(&self) -> DType {
        self.dtype
    }

    /// The logical elements written.
    #[must_use]
    pub const fn range(&self) -> &Range<u64> {
        &self.elements
    }

    /// Checks everything that does not depend on a target and gives what an executor works with.
    pub(crate) fn resolve(&self) -> Result<Work> {
        let Range { start, end } = self.elements;
        if start > end || end > self.tensor {
            return Err(Error::SliceOutOfBounds { start, end, elements: self.tensor });
        }
        let (dtype, offset) = (self.dtype, self.offset);
        if offset % dtype.size() != 0 {
            return Err(Error::Misaligned { offset, needed: dtype.size(), dtype });
        }
        let places = self.places()?;
        let distribution = self.distribution.name();
        let (seed, stream) = match self.key {
            Some((seed, stream)) => (seed.get(), self.own.unwrap_or(stream).get()),
            None if self.distribution.is_random() => return Err(Error::MissingKey { distribution }),
            None => (0, 0),
        };
        let resolved = self.distribution.resolve(dtype)?;
        let (first, last) = (self.origin, self.origin.saturating_add(resolved.extent));
        if start < end && (start < first || end > last) {
            return Err(Error::OutsideDistribution { distribution, start, end, first, last });
        }
        // The element that has the first word.
        let base = if self.own.is_some() { self.origin } else { 0 };
        let place = |element: u64| element.saturating_sub(base);
        let source = Source { seed, stream, origin: place(self.origin) };
        let job = Job { program: resolved.program, dtype, source, first: place(start), bytes: places.bytes() };
        Ok(match places {
            Places::Run(_, first) => Work { job: Job { first: place(first), ..job }, boxes: None },
            Places::Boxes(mut boxes) => {
                for lattice in &mut boxes {
                    lattice.first = place(lattice.first);
                }
                Work { job, boxes: Some(boxes.into()) }
            }
        })
    }

    /// Where the elements lie in the target.
    pub(crate) fn places(&self) -> Result<Places> {
        let (Range { start, end }, dtype, offset) = (self.elements.clone(), self.dtype, self.offset);
        let Some(view) = &self.view else {
            let elements = end - start;
            let bytes = elements.checked_mul(dtype.size()).and_then(|bytes| bytes.checked_add(offset));
            let bytes_end = bytes.ok_or(Error::OffsetOverflow { offset, elements, dtype })?;
            return Ok(Places::Run(offset..bytes_end, start));
        };
        if view.tensor() != self.tensor {
            return Err(Error::OtherTensor { view: view.tensor(), tensor: self.tensor });
        }
        let boxes = match view.lattice(dtype, offset)? {
            None => Vec::new(),
            Some(lattice) if start == 0 && end == self.tensor => vec![lattice],
            Some(lattice) => lattice.within(&self.elements),
        };
        Ok(match &boxes[..] {
            [] => Places::Run(offset..offset, start),
            [lattice] if lattice.is_run() => Places::Run(lattice.bytes(), lattice.first),
            _ => Places::Boxes(boxes),
        })
    }
}

/// Where the elements of a fill lie in its target.
pub(crate) enum Places {
    /// One behind the other in these bytes, from this element on.
    Run(Range<u64>, u64),
    /// In one box or more of a view.
    Boxes(Vec<Lattice>),
}

impl Places {
    /// From the first byte to the last.
    fn bytes(&self) -> Range<u64> {
        match self {
            Self::Run(bytes, _) => bytes.clone(),
            Self::Boxes(boxes) => {
                let start = boxes.iter().map(|lattice| lattice.byte).min().unwrap_or(0);
                start..boxes.iter().map(|lattice| lattice.bytes().end).max().unwrap_or(start)
            }
        }
    }
}

/// A checked fill: a run of elements, or boxes of a view, whose bytes lie inside the job's.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) job: Job,
    pub(crate) boxes: Option<Boxes>,
}

/// Shared by all that look at them: a model has thousands.
pub(crate) type Boxes = Arc<[Lattice]>;

impl Work {
    /// What fill number `fill` writes.
    pub(crate) fn claim(&self, fill: usize, claims: &mut Vec<Claim>) {
        match &self.boxes {
            None if self.job.bytes.is_empty() => {}
            None => claims.push(Claim { fill, bytes: self.job.bytes.clone(), places: None }),
            Some(boxes) => claims.extend(boxes.iter().enumerate().map(|(at, lattice)| {
                let places = Some((Arc::clone(boxes), at));
                Claim { fill, bytes: lattice.bytes(), places }
            })),
        }
    }
}

/// A checked fill in numbers: the elements from `first` on go to `bytes` of the target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job<P = Program> {
    pub(crate) program: P,
    pub(crate) dtype: DType,
    pub(crate) source: Source,
    pub(crate) first: u64,
    pub(crate) bytes: Range<u64>,
}

impl<P: Clone> Job<P> {
    /// The index of the element that starts at `byte`, which lies inside the job's bytes.
    pub(crate) fn element_at(&self, byte: u64) -> u64 {
        self.first + (byte - self.bytes.start) / self.dtype.size()
    }

    /// The part of this job that writes `bytes`, which lie inside its own and start at an element.
    pub(crate) fn part(&self, bytes: Range<u64>) -> Self {
        Self { first: self.element_at(bytes.start), bytes, ..self.clone() }
    }

    /// The same job by another program.
    pub(crate) fn with<Q>(&self, program: Q) -> Job<Q> {
        let Self { dtype, source, first, .. } = *self;
        Job { program, dtype, source, first, bytes: self.bytes.clone() }
    }
}

impl Job<Elementwise> {
    /// Writes the little-endian elements into `out`, which has the length of the job's bytes: one element after the other.
    pub(crate) fn write(&self, out: &mut [u8]) {
        match self.dtype {
            DType::F32 => self.write_sized::<4>(out),
            DType::F16 | DType::Bf16 => self.write_sized::<2>(out),
            DType::F8E4M3Fn | DType::F8E5M2 => self.write_sized::<1>(out),
        }
    }

    #[inline]
    fn write_sized<const SIZE: usize>(&self, out: &mut [u8]) {
        let mut out = out.chunks_exact_mut(SIZE);
        self.elements(&self.bytes, |_, element| {
            if let Some(out) = out.next() {
                out.copy_from_slice(&element.to_le_bytes()[..SIZE]);
            }
        });
    }

    /// Gives `take` the stored bits of each element of `bytes`, which lie inside the job's own, with the byte it starts at.
    #[inline]
    pub(crate) fn elements(&self, bytes: &Range<u64>, mut take: impl FnMut(u64, u32)) {
        let mut index = self.element_at(bytes.start);
        let mut words = [0; 4];
        let mut byte = bytes.start;
        while byte < bytes.end {
            if index & 3 == 0 || byte == bytes.start {
                words = self.source.words(index);
            }
            take(byte, self.program.element(self.dtype, &self.source, index, words[(index & 3) as usize]));
            index = index.wrapping_add(1);
            byte += self.dtype.size();
        }
    }
}

/// What a fill of a list writes.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// The fill's position in the list.
    pub(crate) fill: usize,
    /// From the first byte to the last.
    pub(crate) bytes: Range<u64>,
    /// Which of them, where it is not all.
    pub(crate) places: Option<(Boxes, usize)>,
}

impl Claim {
    fn places(&self) -> Option<&Lattice> {
        self.places.as_ref().map(|(boxes, at)| &boxes[*at])
    }

    /// A byte that both write.
    fn meets(&self, other: &Self) -> Option<Range<u64>> {
        let both = self.bytes.start.max(other.bytes.start)..self.bytes.end.min(other.bytes.end);
        let all = |bytes: &Range<u64>| Lattice::run(0, bytes.clone(), 1);
        let byte = match (self.places(), other.places()) {
            (None, None) => return (!both.is_empty()).then_some(both),
            (Some(places), None) => places.meets(&all(&other.bytes)),
            (None, Some(places)) => all(&self.bytes).meets(places),
            (Some(places), Some(others)) => places.meets(others),
        };
        byte.map(|byte| byte..byte + 1)
    }
}

/// Two fills of one target that write the same byte, as [`Error::Overlap`].
pub(crate) fn check_overlap(claims: &mut [Claim]) -> Result<()> {
    claims.sort_by_cached_key(|claim| claim.bytes.start);
    // Of those before, what ends behind the start of the next: none or one, but for views that lie inside each other.
    let mut open: Vec<&Claim> = Vec::new();
    for claim in &*claims {
        open.retain(|before| before.bytes.end > claim.bytes.start);
        for before in &open {
            if let Some(Range { start, end }) = before.meets(claim) {
                let (first, second) = (before.fill.min(claim.fill), before.fill.max(claim.fill));
                return Err(Error::Overlap { first, second, start, end });
            }
        }
        open.push(claim);
    }
    Ok(())
}
