//! What of a tensor is not made here but comes from another checkpoint.

use super::{Error, Result, StoredTensor};
use wgpu_init::Shape;

/// The first elements of a tensor, which another checkpoint has: all of them, or its first rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    name: String,
    elements: u64,
}

impl Kept {
    /// What `other` has of a tensor of this dtype and shape.
    pub(super) fn new(dtype: safetensors::Dtype, shape: &Shape, other: &StoredTensor) -> Result<Self> {
        let (rows, others) = (shape.dims(), other.shape.dims());
        let fits = match (rows, others) {
            ([rows, row @ ..], [others, other @ ..]) => row == other && others <= rows,
            (rows, others) => rows == others,
        };
        let expected = dtype.to_string();
        if !fits || other.dtype != expected {
            let found = format!("{} {others:?}", other.dtype);
            return Err(Error::KeptTensor { found, expected: format!("{expected} {rows:?}") });
        }
        Ok(Self { name: other.name.clone(), elements: other.shape.elements() })
    }

    /// As the metadata of a checkpoint have it, which are anybody's: of a tensor of so many elements.
    pub(super) fn stored(name: String, elements: u64, shape: &Shape) -> Option<Self> {
        let all = shape.elements();
        let row = shape.dims().first().and_then(|rows| all.checked_div(*rows)).unwrap_or(all);
        let is_rows = elements == all || elements.checked_rem(row) == Some(0);
        (is_rows && elements <= all).then_some(Self { name, elements })
    }

    /// What the tensor is called in the other checkpoint.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many elements, in row-major order from the first one on.
    #[must_use]
    pub const fn elements(&self) -> u64 {
        self.elements
    }
}
