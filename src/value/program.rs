//! What a distribution becomes for one dtype: the constants of 32 bits from which every executor draws the same stored bits.

use super::computed::Computed;
use super::delta::Delta;
use super::draw::{draw_normal, draw_truncated, draw_uniform};
use super::finish::finish;
use super::orthogonal::Frames;
use super::sparse::Sparse;
use super::word::{Purpose, block_words};
use crate::DType;

/// How the elements of a tensor are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Program {
    /// Each by itself.
    Elementwise(Elementwise),
    /// Whole matrices.
    Orthogonal(Orthogonal),
}

/// How an element is made from its place and its word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Elementwise {
    /// The same storage word everywhere: a value of 16 bits stands in both halves, one of 8 in all four bytes.
    Constant(u32),
    /// A unit value times a scale plus a shift.
    Affine(Affine),
    /// Evaluated on the host; a device gets a list.
    Computed(Computed, Bounds),
    /// A storage word at some places, zeros at the others.
    Delta(Delta, u32),
    /// N(0, scale²), zero at some places.
    Sparse(Sparse, f32),
}

/// Orthogonal matrices: where they lie, and what their entries are multiplied by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Orthogonal {
    pub(crate) frames: Frames,
    pub(crate) gain: f32,
}

/// `shift + scale · unit(word)`, rounded to the dtype and kept inside bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Affine {
    pub(crate) unit: Unit,
    /// The standard deviation; for uniforms the half-width · 2^-24.
    pub(crate) scale: f32,
    /// The mean or the midpoint, +0 if none.
    pub(crate) shift: f32,
    pub(crate) bounds: Bounds,
}

/// Which unit value a word stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Uniform,
    Normal,
    /// Words `low` to `low + range − 1` of the normal's; a range of 0 stands for all 2^32.
    Truncated {
        low: u32,
        range: u32,
    },
}

/// The least and the greatest value as order keys of the stored format, see [`value::clamp`](super::clamp).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) low_key: u32,
    pub(crate) high_key: u32,
}

impl Bounds {
    /// Nothing is clamped.
    pub(crate) const NONE: Self = Self { low_key: 0, high_key: u32::MAX };

    /// f32 bits as the bits of the stored element.
    #[inline]
    fn finish(self, dtype: DType, bits: u32) -> u32 {
        finish(dtype, bits, self.low_key, self.high_key)
    }
}

impl Affine {
    /// The f32 bits of a word's value, before rounding to the dtype.
    #[inline]
    pub(crate) fn value(&self, word: u32) -> u32 {
        match self.unit {
            Unit::Uniform => draw_uniform(word, self.scale, self.shift),
            Unit::Normal => draw_normal(word, self.scale, self.shift),
            Unit::Truncated { low, range } => draw_truncated(word, self.scale, self.shift, low, range),
        }
    }

    /// The stored bits of a word's value.
    #[inline]
    pub(crate) fn element(&self, dtype: DType, word: u32) -> u32 {
        self.bounds.finish(dtype, self.value(word))
    }
}

/// Which numbers are drawn, and where in its tensor a law begins: 0, or the first element of a block with a law of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) seed: u64,
    pub(crate) stream: u64,
    pub(crate) origin: u64,
}

impl Source {
    /// The words of the block in which an element of the tensor stands.
    #[inline]
    pub(crate) const fn words(&self, index: u64) -> [u32; 4] {
        block_words(self.seed, self.stream, Purpose::Values, index >> 2)
    }
}

impl Elementwise {
    /// The stored bits of element `index` of the tensor, whose word is known; in the lowest bits for the smaller dtypes.
    #[inline]
    pub(crate) fn element(&self, dtype: DType, source: &Source, index: u64, word: u32) -> u32 {
        let place = index.wrapping_sub(source.origin);
        match self {
            Self::Constant(stored) => stored & mask(dtype),
            Self::Affine(affine) => affine.element(dtype, word),
            Self::Computed(law, bounds) => bounds.finish(dtype, round(law.value(place, word)).to_bits()),
            Self::Delta(delta, stored) if delta.is_one(place) => stored & mask(dtype),
            Self::Sparse(sparse, scale) if !sparse.is_zero(source.seed, source.stream, source.origin, place) => {
                Bounds::NONE.finish(dtype, draw_normal(word, *scale, 0.0))
            }
            Self::Delta(..) | Self::Sparse(..) => 0,
        }
    }
}

/// The bits of an element in a storage word.
pub(crate) const fn mask(dtype: DType) -> u32 {
    u32::MAX >> dtype.key_shift()
}

/// RN32: f64 to f32, to nearest even.
#[expect(clippy::cast_possible_truncation, reason = "the one rounding of a constant")]
pub(crate) fn round(value: f64) -> f32 {
    value as f32
}
