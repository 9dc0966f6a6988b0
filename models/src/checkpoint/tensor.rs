//! A tensor of a checkpoint and how it is initialised.

use super::header::METADATA;
use super::{Error, Kept, Result, Shard, StoredTensor};
use crate::{Assignment, FloatDType, IntegerDType, Parameter, StoredDType, Values};
use std::ops::Range;
use wgpu_init::{CpuExecutor, DType, Fill, Part, Seed, Shape};

/// A tensor of a checkpoint and how it is initialised. A value of this type can be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    assignment: Assignment,
    dtype: StoredDType,
    /// The dtype in safetensors' spelling.
    stored: safetensors::Dtype,
    /// What of it the file holds, if that is not all in row-major order.
    shard: Option<Shard>,
    /// What of it is not made here but comes from another checkpoint.
    kept: Option<Kept>,
}

impl Tensor {
    /// A tensor of what `assignment` says, in `dtype` if it is drawn, whatever a rule says: `assignment.dtype.unwrap_or(dtype)` lets the
    /// rule's dtype decide. Integers and bools have a dtype of their own.
    ///
    /// # Errors
    /// [`Error::Tensor`] around what does not fit the dtype, and [`Error::UnwritableDtype`]; [`Error::ReservedName`].
    pub fn new(assignment: Assignment, dtype: impl Into<FloatDType>) -> Result<Self> {
        if assignment.parameter.name == METADATA {
            return Err(Error::ReservedName { name: METADATA });
        }
        let float = dtype.into();
        let dtype = match &assignment.values {
            Values::Integers(integers) => StoredDType::Integer(integers.dtype()),
            Values::Drawn(_) | Values::Skipped => StoredDType::Float(float),
        };
        let stored = spelling(dtype).map_err(|error| error.in_tensor(&assignment.parameter.name))?;
        // Decided: whatever a rule said.
        let assignment = Assignment { dtype: Some(float), ..assignment };
        let tensor = Self { assignment, dtype, stored, shard: None, kept: None };
        for part in tensor.stretches() {
            let fits = part.distribution().fits(float.drawn()).map_err(Error::from);
            fits.map_err(|error| error.in_tensor(tensor.name()))?;
        }
        Ok(tensor)
    }

    /// The same tensor, of which the file holds a box: a range for each axis, e.g. the `ranges` of a
    /// [`View::shard`](wgpu_init::View::shard). All of it is no shard.
    ///
    /// ```
    /// use wgpu_init::{DType, Shape, View};
    /// use wgpu_init_models::checkpoint::{Layout, Tensor};
    /// use wgpu_init_models::{Parameter, Rules};
    /// let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"xavier_normal\"".parse()?;
    /// let weight = Parameter::new("mlp.up.weight", Shape::new([4096, 1024])?);
    /// let assignment = rules.assign(&[weight], &Default::default())?.list.remove(0);
    /// let columns = View::new(&assignment.parameter.shape).shard(1, 3, 4)?;
    /// let tensor = Tensor::new(assignment, DType::Bf16)?.with_shard(&columns.ranges())?;
    /// assert_eq!(tensor.shape().dims(), [4096, 256]);
    /// let layout = Layout::new(vec![tensor])?; // and on as with whole tensors
    /// # assert_eq!(layout.size(), 4096 * 256 * 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Tensor`] around [`Error::ShardNeedsRank`] and [`wgpu_init::Error::PartOutOfBounds`].
    pub fn with_shard(self, ranges: &[Range<u64>]) -> Result<Self> {
        let rank = self.assignment.parameter.shape.dims().len();
        let order = self.shard.as_ref().map_or_else(|| (0..rank).collect(), |shard| shard.order().to_vec());
        self.stored_as(ranges, &order)
    }

    /// The same tensor, or the same [shard](Self::with_shard) of it, in another order of the axes: the outermost first, as
    /// [`View::permuted`](wgpu_init::View::permuted). The file has the shape that this gives.
    ///
    /// ```
    /// use wgpu_init::{DType, Initializer, Shape};
    /// use wgpu_init_models::checkpoint::Tensor;
    /// use wgpu_init_models::{Assignments, Parameter};
    /// let weight = Parameter::new("conv1.weight", Shape::new([64, 3, 7, 7])?); // out, in, height, width
    /// let mut all = Assignments::of_all(Initializer::he_normal(), &[weight], &|_| true)?;
    /// let tensor = Tensor::new(all.list.remove(0), DType::F32)?.permuted([2, 3, 1, 0])?;
    /// assert_eq!(tensor.shape().dims(), [7, 7, 3, 64]);
    /// let half = tensor.with_shard(&[0..32, 0..3, 0..7, 0..7])?; // in the axes of the whole, whatever the order
    /// assert_eq!(half.shape().dims(), [7, 7, 3, 32]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Tensor`] around [`wgpu_init::Error::NotAPermutation`].
    pub fn permuted(self, order: impl AsRef<[usize]>) -> Result<Self> {
        let all = || self.assignment.parameter.shape.dims().iter().map(|size| 0..*size).collect();
        let ranges: Vec<_> = self.shard.as_ref().map_or_else(all, Shard::ranges);
        self.stored_as(&ranges, order.as_ref())
    }

    fn stored_as(mut self, ranges: &[Range<u64>], order: &[usize]) -> Result<Self> {
        if self.kept.is_some() {
            return Err(Error::KeptShard.in_tensor(self.name()));
        }
        let shard = Shard::new(&self.assignment.parameter.shape, ranges, order);
        self.shard = shard.map_err(|error| error.in_tensor(self.name()))?;
        Ok(self)
    }

    /// A tensor that is what another checkpoint has, all of it: nothing of it is drawn, and no rule needs to be for it. `parameter` is
    /// what it is called here.
    ///
    /// # Errors
    /// As [`keeping`](Self::keeping); [`Error::ReservedName`]; [`Error::Tensor`] around [`Error::Dtype`] for one that this crate does not
    /// write.
    pub fn kept(parameter: Parameter, other: &StoredTensor) -> Result<Self> {
        let dtype = other.dtype.parse::<StoredDType>().map_err(Error::from).and_then(spelling);
        let kept = dtype.and_then(|dtype| Kept::new(dtype, &parameter.shape, other));
        let kept = kept.map_err(|error| error.in_tensor(&parameter.name))?;
        if kept.elements() != parameter.shape.elements() {
            let (found, expected) = (other.shape.dims(), parameter.shape.dims());
            let (found, expected) = (format!("{found:?}"), format!("all of {expected:?}"));
            return Err(Error::KeptTensor { found, expected }.in_tensor(&parameter.name));
        }
        Self::wholly_kept(parameter, &other.dtype, kept)
    }

    /// All of it kept.
    pub(super) fn wholly_kept(parameter: Parameter, dtype: &str, kept: Kept) -> Result<Self> {
        let dtype = dtype.parse::<StoredDType>().map_err(|error| Error::from(error).in_tensor(&parameter.name))?;
        let stored = spelling(dtype).map_err(|error| error.in_tensor(&parameter.name))?;
        let assignment = Assignment { parameter, values: Values::Skipped, dtype: None, seed: None, rule: 0 };
        // The dtype is not that of a law.
        Ok(Self { dtype, stored, kept: Some(kept), ..Self::new(assignment, DType::F32)? })
    }

    /// The same tensor with the rows that another checkpoint has of it, which come before those that are drawn: as where rows are added to
    /// a vocabulary. With all of them, nothing is drawn. The numbers drawn are those of the whole tensor in these places.
    ///
    /// [`write`](super::write()) reads them through [`Drawer::keeping`](super::Drawer::keeping); the metadata name them, so that
    /// [`verify`](super::verify()) passes over them.
    ///
    /// # Errors
    /// [`Error::Tensor`] around [`Error::KeptTensor`] where the other one has another dtype, more rows, or rows of another shape;
    /// [`Error::KeptShard`] for a part or another order of the axes.
    pub fn keeping(mut self, other: &StoredTensor) -> Result<Self> {
        if self.shard.is_some() {
            return Err(Error::KeptShard.in_tensor(self.name()));
        }
        let kept = Kept::new(self.stored, self.shape(), other).map_err(|error| error.in_tensor(self.name()))?;
        if kept.elements() == self.shape().elements() {
            self.assignment.values = Values::Skipped;
        }
        Ok(self.with_kept(kept))
    }

    /// The same with what another checkpoint has of it, which fits.
    pub(super) fn with_kept(self, kept: Kept) -> Self {
        Self { kept: Some(kept), ..self }
    }

    /// What of the tensor comes from another checkpoint.
    #[must_use]
    pub const fn from_elsewhere(&self) -> Option<&Kept> {
        self.kept.as_ref()
    }

    /// What of the whole tensor the file holds and in which order of its axes, if that is not all of it in row-major order.
    #[must_use]
    pub const fn shard(&self) -> Option<&Shard> {
        self.shard.as_ref()
    }

    pub(super) const fn stored_dtype(&self) -> safetensors::Dtype {
        self.stored
    }

    /// What the tensor holds.
    #[must_use]
    pub const fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// The element type.
    #[must_use]
    pub const fn dtype(&self) -> StoredDType {
        self.dtype
    }

    /// The parameter's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.assignment.parameter.name
    }

    /// The shape in the file: the parameter's, or that of its [shard](Self::shard).
    #[must_use]
    pub fn shape(&self) -> &Shape {
        self.shard.as_ref().map_or(&self.assignment.parameter.shape, Shard::shape)
    }

    /// Whether it has a place in a file: not if the rules skip it and no other checkpoint has it.
    #[must_use]
    pub const fn is_stored(&self) -> bool {
        !matches!(self.assignment.values, Values::Skipped) || self.kept.is_some()
    }

    /// What executors write where the file has it; none for elements that only the host can make.
    pub(super) const fn in_place(&self) -> Option<DType> {
        match self.dtype {
            StoredDType::Float(FloatDType::Drawn(dtype)) => Some(dtype),
            StoredDType::Float(FloatDType::F64) | StoredDType::Integer(_) => None,
        }
    }

    /// The bytes of `elements`, row-major positions in the [shape](Self::shape) of the file, as that has them: computed on the CPU, whatever the dtype.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]; those of the executor.
    pub fn bytes(&self, seed: Seed, elements: Range<u64>) -> Result<Vec<u8>> {
        let count = elements.end.saturating_sub(elements.start);
        let mut bytes = reserved(count, self.dtype.size())?;
        match (&self.assignment.values, self.dtype) {
            (Values::Integers(integers), _) => match &self.shard {
                None => bytes.extend(integers.bytes(elements)),
                Some(shard) => {
                    let places = elements.map(|element| shard.position(element));
                    bytes.extend(places.flat_map(|place| integers.bytes(place..place + 1)));
                }
            },
            (Values::Drawn(_) | Values::Skipped, StoredDType::Float(FloatDType::F64)) => {
                let narrow = self.drawn(seed, elements, DType::F32)?;
                let wide = |bits: &[u8; 4]| f64::from(f32::from_le_bytes(*bits)).to_le_bytes();
                bytes.extend(narrow.as_chunks().0.iter().flat_map(wide));
            }
            (Values::Drawn(_) | Values::Skipped, _) => {
                bytes = self.drawn(seed, elements, self.assignment.dtype_or(DType::F32))?;
            }
        }
        Ok(bytes)
    }

    /// The fills of `elements`, positions in what the file holds, the first of them at byte `at`.
    pub(super) fn fills(&self, seed: Seed, dtype: DType, elements: Range<u64>, at: u64) -> Result<Vec<Fill>> {
        let Some(shard) = &self.shard else { return Ok(self.assignment.fills(seed, dtype, elements, at)) };
        let (size, mut byte) = (self.assignment.dtype_or(dtype).size(), at);
        let mut fills = Vec::new();
        for view in shard.view().window(elements)? {
            fills.append(&mut self.assignment.view_fills(seed, dtype, &view, byte));
            byte += view.elements() * size;
        }
        Ok(fills)
    }

    /// As the CPU's executor draws them.
    fn drawn(&self, seed: Seed, elements: Range<u64>, dtype: DType) -> Result<Vec<u8>> {
        let count = elements.end.saturating_sub(elements.start);
        let mut bytes = reserved(count, dtype.size())?;
        let length = bytes.capacity().min(usize::try_from(count * dtype.size()).unwrap_or(usize::MAX));
        // Whole words, as executors want them.
        bytes.resize(length.next_multiple_of(4), 0);
        CpuExecutor::new().run_in(&mut bytes, self.fills(seed, dtype, elements, 0)?)?;
        bytes.truncate(length);
        Ok(bytes)
    }

    /// Size in bytes.
    pub(super) fn size(&self) -> Result<u64> {
        let (dims, bits) = (self.shape().dims(), 8 * self.dtype.size());
        // As readers do: a size of 0 behind an overflow does not help.
        let product = dims.iter().chain([&bits]).try_fold(1u64, |product, size| product.checked_mul(*size));
        let of_readers = || Error::UnreadableShape { dims: dims.to_vec(), bits }.in_tensor(self.name());
        product.map(|bits| bits / 8).ok_or_else(of_readers)
    }

    /// Whether it should be in one chunk: each chunk that holds a part of an orthogonal matrix costs as much as all of it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.stretches().iter().any(|part| part.distribution().is_whole())
    }

    fn stretches(&self) -> Vec<Part> {
        let elements = self.assignment.parameter.shape.elements();
        self.assignment.drawn().into_iter().flat_map(|drawn| drawn.stretches(elements)).collect()
    }
}

/// A dtype in safetensors' spelling.
fn spelling(dtype: StoredDType) -> Result<safetensors::Dtype> {
    Ok(match dtype {
        StoredDType::Float(FloatDType::Drawn(DType::F32)) => safetensors::Dtype::F32,
        StoredDType::Float(FloatDType::Drawn(DType::F16)) => safetensors::Dtype::F16,
        StoredDType::Float(FloatDType::Drawn(DType::Bf16)) => safetensors::Dtype::BF16,
        StoredDType::Float(FloatDType::Drawn(DType::F8E4M3Fn)) => safetensors::Dtype::F8_E4M3,
        StoredDType::Float(FloatDType::Drawn(DType::F8E5M2)) => safetensors::Dtype::F8_E5M2,
        StoredDType::Float(FloatDType::Drawn(dtype)) => return Err(Error::UnwritableDtype { dtype }),
        StoredDType::Float(FloatDType::F64) => safetensors::Dtype::F64,
        StoredDType::Integer(IntegerDType::I64) => safetensors::Dtype::I64,
        StoredDType::Integer(IntegerDType::I32) => safetensors::Dtype::I32,
        StoredDType::Integer(IntegerDType::U8) => safetensors::Dtype::U8,
        StoredDType::Integer(IntegerDType::Bool) => safetensors::Dtype::BOOL,
    })
}

/// An empty vector with room for so many elements: growing would end the process where there is no memory.
fn reserved(count: u64, size: u64) -> Result<Vec<u8>> {
    let length = count.checked_mul(size).ok_or(Error::TooLarge { what: "tensor" })?;
    let mut bytes = Vec::new();
    // And a word more, so that it can be filled up to whole words.
    let room = usize::try_from(length).ok().and_then(|length| length.checked_add(4));
    let is_there = room.is_some_and(|room| bytes.try_reserve_exact(room).is_ok());
    if is_there { Ok(bytes) } else { Err(Error::OutOfMemory { bytes: length }) }
}
