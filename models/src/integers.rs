//! The values of parameters that hold no random numbers: positions, masks, counters.

use crate::IntegerDType;
use core::fmt;
use core::ops::Range;
use wgpu_init::{Distribution, Shape};

/// The values of a tensor of integers or bools, each of which the dtype holds. They are made on the host, where a file is written.
///
/// ```
/// use wgpu_init::Shape;
/// use wgpu_init_models::{IntegerDType, Integers};
/// let positions = Integers::arange(IntegerDType::I64, &Shape::new([1, 512])?)?;
/// assert_eq!(positions.to_string(), "arange");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integers {
    dtype: IntegerDType,
    law: Law,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Law {
    Constant(i64),
    /// The position on the last axis, which has so many.
    Arange {
        length: u64,
    },
}

impl Integers {
    /// What rules call the values of [`arange`](Self::arange).
    pub const ARANGE: &str = "arange";

    /// Every element the same.
    ///
    /// # Errors
    /// [`IntegersError::NotHeld`] for a number that the dtype does not hold exactly.
    pub fn constant(dtype: IntegerDType, value: f64) -> Result<Self, IntegersError> {
        // 2^63 is no i64, and the cast would give the one below it.
        #[expect(clippy::cast_possible_truncation, reason = "whole, and in the range of i64")]
        let whole = (value.fract() == 0.0 && (-TWO_63..TWO_63).contains(&value)).then_some(value as i64);
        match whole.filter(|whole| dtype.range().contains(whole)) {
            Some(whole) => Ok(Self { dtype, law: Law::Constant(whole) }),
            None => Err(IntegersError::NotHeld { dtype, value }),
        }
    }

    /// 0, 1, 2, … along the last axis, the same for each place on the others: what `position_ids` hold.
    ///
    /// # Errors
    /// [`IntegersError::TooLong`] for an axis with more places than the dtype has numbers.
    pub fn arange(dtype: IntegerDType, shape: &Shape) -> Result<Self, IntegersError> {
        let length = shape.dims().last().copied().unwrap_or(1);
        let last = i64::try_from(length.saturating_sub(1));
        if last.is_ok_and(|last| dtype.range().contains(&last)) {
            Ok(Self { dtype, law: Law::Arange { length } })
        } else {
            Err(IntegersError::TooLong { dtype, length })
        }
    }

    /// The values of a distribution that is a constant.
    ///
    /// # Errors
    /// [`IntegersError::Law`] for any other distribution; those of [`constant`](Self::constant).
    pub fn of(dtype: IntegerDType, distribution: &Distribution) -> Result<Self, IntegersError> {
        match (distribution.name(), distribution.parameters().as_slice()) {
            ("constant", [(_, value)]) => Self::constant(dtype, *value),
            _ => Err(IntegersError::Law { dtype, law: distribution.to_string() }),
        }
    }

    /// The element type.
    #[must_use]
    pub const fn dtype(&self) -> IntegerDType {
        self.dtype
    }

    /// The bytes of `elements`, row-major positions in the whole tensor, little-endian.
    pub fn bytes(&self, elements: Range<u64>) -> impl Iterator<Item = u8> {
        let (law, size) = (self.law, usize::try_from(self.dtype.size()).unwrap_or(8));
        elements.flat_map(move |element| {
            let value = match law {
                Law::Constant(value) => value,
                // Checked where the law was made: at most the greatest number of the dtype.
                Law::Arange { length } => element.checked_rem(length).unwrap_or(0).cast_signed(),
            };
            value.to_le_bytes().into_iter().take(size)
        })
    }
}

const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// As rules write it.
impl fmt::Display for Integers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.law {
            Law::Constant(value) => write!(f, "constant({value})"),
            Law::Arange { .. } => f.write_str(Self::ARANGE),
        }
    }
}

/// Why a tensor of integers or bools cannot have the values that are asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IntegersError {
    /// A law that gives no whole numbers.
    #[error(
        "{law} gives no {dtype}: integers and bools take a constant or arange; write one of these, a dtype of floating-point numbers, or skip = true"
    )]
    Law {
        /// The dtype.
        dtype: IntegerDType,
        /// What is asked for.
        law: String,
    },
    /// A number that the dtype does not hold.
    #[error(
        "{value} is no {dtype}, which holds whole numbers from {} to {}",
        dtype.range().start(),
        dtype.range().end()
    )]
    NotHeld {
        /// The dtype.
        dtype: IntegerDType,
        /// The number.
        value: f64,
    },
    /// An axis whose positions the dtype does not hold.
    #[error(
        "arange along an axis of {length} goes beyond {dtype}, which ends at {}: choose another dtype",
        dtype.range().end()
    )]
    TooLong {
        /// The dtype.
        dtype: IntegerDType,
        /// Places on the last axis.
        length: u64,
    },
}
