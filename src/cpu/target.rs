//! Where values go in host memory.

use crate::{DType, Error, Result};

/// Host memory that a fill writes: bytes, which take elements of any dtype, or a slice of numbers, which takes its own dtype only.
///
/// Made from `&mut [u8]`, `&mut [f32]`, and with the feature `half` from `&mut [half::f16]` and `&mut [half::bf16]`; also from arrays
/// and `Vec`s of them. Elements are little-endian in bytes.
///
/// ```
/// use wgpu_init::{CpuExecutor, DType, Error, Fill, Initializer, Shape};
/// let fill = Fill::new(Shape::new([2])?, Initializer::constant(0.5))?;
/// let (mut numbers, mut bytes) = ([0f32; 2], [0u8; 4]);
/// CpuExecutor::new().run([(&mut numbers, &fill)])?;
/// CpuExecutor::new().run([(&mut bytes, fill.clone().dtype(DType::Bf16))])?;
/// assert_eq!((numbers, bytes), ([0.5; 2], [0, 0x3F, 0, 0x3F]));
///
/// let refused = CpuExecutor::new().run([(&mut numbers, fill.dtype(DType::Bf16))]).unwrap_err();
/// assert!(matches!(refused.root(), Error::OtherDType { .. }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Target<'a> {
    pub(super) bytes: &'a mut [u8],
    /// What the memory is made of; `None` for bytes.
    holds: Option<DType>,
}

impl Target<'_> {
    /// That the memory holds elements of this dtype.
    pub(super) fn check(&self, dtype: DType) -> Result<()> {
        match self.holds {
            Some(target) if target != dtype => Err(Error::OtherDType { target, fill: dtype }),
            _ => Ok(()),
        }
    }
}

macro_rules! targets {
    ($number:ty, $holds:expr) => {
        impl<'a> From<&'a mut [$number]> for Target<'a> {
            fn from(numbers: &'a mut [$number]) -> Self {
                Self { bytes: bytemuck::cast_slice_mut(numbers), holds: $holds }
            }
        }

        impl<'a, const N: usize> From<&'a mut [$number; N]> for Target<'a> {
            fn from(numbers: &'a mut [$number; N]) -> Self {
                numbers.as_mut_slice().into()
            }
        }

        impl<'a> From<&'a mut Vec<$number>> for Target<'a> {
            fn from(numbers: &'a mut Vec<$number>) -> Self {
                numbers.as_mut_slice().into()
            }
        }
    };
}

targets!(u8, None);
targets!(f32, Some(DType::F32));
#[cfg(feature = "half")]
targets!(half::f16, Some(DType::F16));
#[cfg(feature = "half")]
targets!(half::bf16, Some(DType::Bf16));
