//! A tensor of a checkpoint and how it is initialised.

use super::header::METADATA;
use super::{Error, Result};
use crate::Assignment;
use wgpu_init::{DType, Part, Shape};

/// A tensor of a checkpoint and how it is initialised. A value of this type can be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    assignment: Assignment,
    dtype: DType,
    /// The dtype in safetensors' spelling.
    stored: safetensors::Dtype,
}

impl Tensor {
    /// # Errors
    /// [`Error::Tensor`] around what does not fit the dtype, and [`Error::UnwritableDtype`]; [`Error::ReservedName`].
    pub fn new(assignment: Assignment, dtype: DType) -> Result<Self> {
        // Decided: whatever a rule said.
        let assignment = Assignment { dtype: Some(dtype), ..assignment };
        if assignment.parameter.name == METADATA {
            return Err(Error::ReservedName { name: METADATA });
        }
        let stored = match dtype {
            DType::F32 => safetensors::Dtype::F32,
            DType::F16 => safetensors::Dtype::F16,
            DType::Bf16 => safetensors::Dtype::BF16,
            _ => return Err(Error::UnwritableDtype { dtype }.in_tensor(&assignment.parameter.name)),
        };
        let tensor = Self { assignment, dtype, stored };
        for part in tensor.stretches() {
            let fits = part.distribution().fits(dtype).map_err(Error::from);
            fits.map_err(|error| error.in_tensor(tensor.name()))?;
        }
        Ok(tensor)
    }

    pub(super) const fn stored_dtype(&self) -> safetensors::Dtype {
        self.stored
    }

    /// What the tensor is drawn from.
    #[must_use]
    pub const fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// The element type.
    #[must_use]
    pub const fn dtype(&self) -> DType {
        self.dtype
    }

    /// The parameter's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.assignment.parameter.name
    }

    /// The parameter's shape.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.assignment.parameter.shape
    }

    /// Size in bytes.
    pub(super) fn size(&self) -> Result<u64> {
        let size = self.shape().elements().checked_mul(self.dtype.size());
        size.ok_or_else(|| Error::TooLarge { what: "tensor" }.in_tensor(self.name()))
    }

    /// Whether it should be in one chunk: each chunk that holds a part of an orthogonal matrix costs as much as all of it.
    pub(super) fn is_whole(&self) -> bool {
        self.stretches().iter().any(|part| part.distribution().is_whole())
    }

    fn stretches(&self) -> Vec<Part> {
        let elements = self.shape().elements();
        self.assignment.drawn.iter().flat_map(|drawn| drawn.stretches(elements)).collect()
    }
}
