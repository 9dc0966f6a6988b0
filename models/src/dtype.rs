//! Element types of parameters: those that a device writes, and those that only a file has.

use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;
use wgpu_init::DType;

/// An element type that a parameter can be stored in.
///
/// ```
/// use wgpu_init_models::{FloatDType, IntegerDType, StoredDType};
/// assert_eq!("I64".parse(), Ok(StoredDType::Integer(IntegerDType::I64)));
/// assert_eq!("f64".parse(), Ok(StoredDType::Float(FloatDType::F64)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoredDType {
    /// Drawn from a distribution.
    Float(FloatDType),
    /// Without random numbers: see [`Integers`](crate::Integers).
    Integer(IntegerDType),
}

/// A floating-point type: what executors write, or made of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FloatDType {
    /// As executors write it.
    Drawn(DType),
    /// The f32 value widened, exactly: there are no more random bits in it than in f32. Executors fill such a parameter in f32.
    F64,
}

/// Integers and bools, which only files have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IntegerDType {
    /// Eight bytes, signed.
    I64,
    /// Four bytes, signed.
    I32,
    /// One byte, unsigned.
    U8,
    /// One byte, 0 or 1.
    Bool,
}

impl StoredDType {
    /// Bytes per element.
    #[must_use]
    pub const fn size(self) -> u64 {
        match self {
            Self::Float(FloatDType::Drawn(dtype)) => dtype.size(),
            Self::Float(FloatDType::F64) => 8,
            Self::Integer(dtype) => dtype.size(),
        }
    }

    /// The name in rules, e.g. `bf16`, `f8_e4m3fn`, `f64`, `bool`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float(FloatDType::Drawn(dtype)) => dtype.name(),
            Self::Float(FloatDType::F64) => "f64",
            Self::Integer(dtype) => dtype.name(),
        }
    }

    /// The number that the low bytes of `bits` stand for, as text.
    #[cfg(feature = "checkpoint")]
    pub(crate) fn number(self, bits: u64) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "the low bytes are meant")]
        match self {
            Self::Float(FloatDType::Drawn(dtype)) => dtype.decode(bits as u32).to_string(),
            Self::Float(FloatDType::F64) => f64::from_bits(bits).to_string(),
            Self::Integer(IntegerDType::I64) => bits.cast_signed().to_string(),
            Self::Integer(IntegerDType::I32) => (bits as u32).cast_signed().to_string(),
            Self::Integer(IntegerDType::U8 | IntegerDType::Bool) => (bits as u8).to_string(),
        }
    }
}

impl FloatDType {
    /// What executors fill it in.
    #[must_use]
    pub const fn drawn(self) -> DType {
        match self {
            Self::Drawn(dtype) => dtype,
            Self::F64 => DType::F32,
        }
    }
}

impl IntegerDType {
    /// All of them.
    pub const ALL: &[Self] = &[Self::I64, Self::I32, Self::U8, Self::Bool];

    /// Bytes per element.
    #[must_use]
    pub const fn size(self) -> u64 {
        match self {
            Self::I64 => 8,
            Self::I32 => 4,
            Self::U8 | Self::Bool => 1,
        }
    }

    /// The name in rules.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::I64 => "i64",
            Self::I32 => "i32",
            Self::U8 => "u8",
            Self::Bool => "bool",
        }
    }

    /// The least and the greatest number.
    pub(crate) const fn range(self) -> RangeInclusive<i64> {
        match self {
            Self::I64 => i64::MIN..=i64::MAX,
            Self::I32 => i32::MIN as i64..=i32::MAX as i64,
            Self::U8 => 0..=255,
            Self::Bool => 0..=1,
        }
    }
}

impl From<DType> for FloatDType {
    fn from(dtype: DType) -> Self {
        Self::Drawn(dtype)
    }
}

impl fmt::Display for StoredDType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for IntegerDType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name of no element type that a parameter can be stored in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown dtype {text:?}: write {}, f64, or for constants and arange {}", floats(), integers())]
pub struct UnknownDType {
    /// Text given.
    pub text: String,
}

fn floats() -> String {
    DType::ALL.iter().map(|dtype| dtype.name()).collect::<Vec<_>>().join(", ")
}

fn integers() -> String {
    IntegerDType::ALL.iter().map(|dtype| dtype.name()).collect::<Vec<_>>().join(", ")
}

impl FromStr for StoredDType {
    type Err = UnknownDType;

    /// Reads the names in either case, as rules and safetensors write them.
    fn from_str(text: &str) -> Result<Self, UnknownDType> {
        let drawn = text.parse().ok().map(|dtype| Self::Float(FloatDType::Drawn(dtype)));
        let wide = || Some(Self::Float(FloatDType::F64));
        let whole = || IntegerDType::ALL.iter().map(|dtype| Self::Integer(*dtype));
        let named = |dtype: &Self| dtype.name().eq_ignore_ascii_case(text);
        let found = drawn.or_else(|| wide().into_iter().chain(whole()).find(named));
        found.ok_or_else(|| UnknownDType { text: text.to_owned() })
    }
}
