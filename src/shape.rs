//! Tensor shapes.

use crate::{Error, Result};

/// The dimensions of a tensor, row-major. Rank 0 is a scalar (one element); a zero dimension makes a tensor empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    dims: Vec<u64>,
    elements: u64,
}

impl Shape {
    /// The most dimensions a shape may have.
    pub const MAX_RANK: usize = 8;

    /// A shape of at most [`Self::MAX_RANK`] dimensions and at most 2^64 − 1 elements.
    ///
    /// # Errors
    /// [`Error::RankTooLarge`], [`Error::TooManyElements`].
    ///
    /// ```
    /// use wgpu_init::Shape;
    /// assert_eq!(Shape::new([4096, 1024])?.elements(), 4_194_304);
    /// assert!(Shape::new([1 << 33, 1 << 33]).is_err());
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    pub fn new(dims: impl Into<Vec<u64>>) -> Result<Self> {
        let dims = dims.into();
        if dims.len() > Self::MAX_RANK {
            return Err(Error::RankTooLarge { rank: dims.len(), max: Self::MAX_RANK });
        }
        // A zero anywhere empties the tensor, also beside dimensions whose product alone would not fit.
        let elements = if dims.contains(&0) {
            Some(0)
        } else {
            dims.iter().try_fold(1u64, |product, &dim| product.checked_mul(dim))
        };
        match elements {
            Some(elements) => Ok(Self { dims, elements }),
            None => Err(Error::TooManyElements { dims }),
        }
    }

    /// The dimensions, outermost first.
    #[must_use]
    pub fn dims(&self) -> &[u64] {
        &self.dims
    }

    /// The product of the dimensions.
    #[must_use]
    pub const fn elements(&self) -> u64 {
        self.elements
    }
}
