//! A distribution and a dtype become the 32-bit constants that an executor draws with.
//!
//! f64 arithmetic of correctly rounded operations and integer searches only, but for computed laws, which bring their own maths
//! library: the result does not depend on a platform's.

use crate::distribution::{Distribution, Law};
use crate::scheme::{Place, Structured};
use crate::value::computed::Computed;
use crate::value::{clamp, draw, finish, narrow};
use crate::{DType, Error, Result};

/// The smallest half-width, std, |midpoint| or |mean| above zero: 2^-96. No product or sum then leaves the normal
/// range of f32, since unit values are at least 2^-30 in magnitude.
const SMALLEST: f32 = f32::from_bits((127 - 96) << 23);
/// A truncation window must hold this many lattice points.
const LEAST_WINDOW: u64 = 1 << 16;
/// Order keys that clamp nothing.
const UNBOUNDED: (u32, u32) = (0, u32::MAX);

/// Which function turns words into values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Kind {
    /// No words are drawn.
    Constant = 0,
    /// [`value::draw::draw_uniform`](crate::value::draw::draw_uniform).
    Uniform = 1,
    /// [`value::draw::draw_normal`](crate::value::draw::draw_normal).
    Normal = 2,
    /// [`value::draw::draw_truncated`](crate::value::draw::draw_truncated).
    Truncated = 3,
    /// [`value::computed`](crate::value::computed): evaluated on the host, element by element.
    Computed = 4,
    /// [`value::delta`](crate::value::delta): a constant at some places, zero elsewhere.
    Delta = 5,
    /// [`value::sparse`](crate::value::sparse): normal values, zero at some places.
    Sparse = 6,
    /// [`value::orthogonal`](crate::value::orthogonal): the whole matrix is computed.
    Orthogonal = 7,
}

/// What an executor needs to draw a distribution in a dtype.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constants {
    /// Which function turns words into values.
    pub kind: Kind,
    /// The element type.
    pub dtype: DType,
    /// f32 bits of the factor (std; half-width · 2^-24). For a constant the storage word: a 16-bit value in both halves.
    pub scale: u32,
    /// f32 bits of the summand (mean; midpoint), +0 if none.
    pub shift: u32,
    /// Least value as an order key of the stored format, see [`value::clamp`](crate::value::clamp).
    pub low_key: u32,
    /// Greatest value as an order key of the stored format.
    pub high_key: u32,
    /// First word of a truncated normal's lattice window.
    pub window_low: u32,
    /// Number of words of that window; 0 stands for 2^32.
    pub window_range: u32,
    /// The law of [`Kind::Computed`], for which only the clamp's keys stand in the fields above.
    pub(crate) computed: Option<Computed<u64>>,
    /// Where values are, for the last three kinds, and the element that the structure begins at.
    pub(crate) place: Option<(Place, u64)>,
}

impl Constants {
    /// Rounds, checks and searches the constants of `distribution` in `dtype`.
    ///
    /// # Errors
    /// [`Error::ScaleTooSmall`], [`Error::ShiftTooSmall`], [`Error::Overflow`], [`Error::NoValueBetween`],
    /// [`Error::WindowTooNarrow`].
    pub fn new(distribution: &Distribution, dtype: DType) -> Result<Self> {
        let name = distribution.name();
        match distribution.0 {
            Law::Constant { value } => Self::constant(value, dtype),
            Law::Uniform { low, high } => Self::uniform(name, low, high, dtype),
            Law::Normal { mean, std } => {
                let constants = Self::affine(name, Kind::Normal, dtype, ("std", std), ("mean", mean))?;
                constants.check_finite(name, [0, u32::MAX])?;
                Ok(constants)
            }
            Law::TruncatedNormal { mean, std, low, high } => Self::truncated(name, mean, std, low, high, dtype),
            Law::Computed(law) => Self::computed(name, law, dtype),
            Law::Structured { asked, place, origin } => Self::structured(asked, place, origin, dtype),
        }
    }

    /// The stored bits of element `index`, drawn from its `word`; the low 16 bits for the 16-bit dtypes. Only some of the
    /// computed laws look at the index. Of a structure, what a place has that is not zero; an orthogonal matrix has no such value.
    #[inline]
    #[must_use]
    pub fn element(&self, index: u64, word: u32) -> u32 {
        let (scale, shift) = (f32::from_bits(self.scale), f32::from_bits(self.shift));
        let bits = match self.kind {
            Kind::Constant | Kind::Delta => return self.scale & mask(self.dtype),
            Kind::Uniform => draw::draw_uniform(word, scale, shift),
            Kind::Normal | Kind::Sparse => draw::draw_normal(word, scale, shift),
            Kind::Orthogonal => return 0,
            Kind::Truncated => draw::draw_truncated(word, scale, shift, self.window_low, self.window_range),
            Kind::Computed => self.computed.map_or(0, |law| round(law.value(index, word)).to_bits()),
        };
        finish::finish(self.dtype, bits, self.low_key, self.high_key)
    }

    /// Whether any value of a uniform or a truncated normal is clamped. Values are monotone in the word, so the two ends say it.
    pub(crate) fn clamps(&self) -> bool {
        let (low_key, high_key) = UNBOUNDED;
        let free = Self { low_key, high_key, ..*self };
        [0, u32::MAX].into_iter().any(|word| self.element(0, word) != free.element(0, word))
    }

    fn constant(value: f64, dtype: DType) -> Result<Self> {
        let bits = round(value).to_bits();
        let scale = match dtype {
            DType::F32 => bits,
            DType::F16 => narrow::narrow_f16(bits) * 0x1_0001,
            DType::Bf16 => narrow::narrow_bf16(bits) * 0x1_0001,
        };
        if !dtype.decode(scale & mask(dtype)).is_finite() {
            return Err(Error::Overflow { distribution: "constant", value, dtype });
        }
        let (low_key, high_key) = UNBOUNDED;
        let kind = Kind::Constant;
        Ok(Self {
            kind,
            dtype,
            scale,
            shift: 0,
            low_key,
            high_key,
            window_low: 0,
            window_range: 0,
            computed: None,
            place: None,
        })
    }

    fn uniform(name: &'static str, low: f64, high: f64, dtype: DType) -> Result<Self> {
        for value in [low, high] {
            if value.abs() > dtype.max_finite() {
                return Err(Error::Overflow { distribution: name, value, dtype });
            }
        }
        // Halved before the difference: no overflow, and exact but for subnormals, which are refused anyway.
        let half = ("(high - low) / 2", high / 2.0 - low / 2.0);
        let mid = ("(low + high) / 2", low / 2.0 + high / 2.0);
        let mut constants = Self::affine(name, Kind::Uniform, dtype, half, mid)?;
        // The unit value is k * 2^-24; the power of two goes into the factor, exactly.
        constants.scale = (f32::from_bits(constants.scale) * f32::from_bits((127 - 24) << 23)).to_bits();
        constants.clamp_to(name, low, high, |value| value < high)?;
        Ok(constants)
    }

    fn truncated(name: &'static str, mean: f64, std: f64, low: f64, high: f64, dtype: DType) -> Result<Self> {
        let mut constants = Self::affine(name, Kind::Normal, dtype, ("std", std), ("mean", mean))?;
        let (scale, shift) = (f32::from_bits(constants.scale), f32::from_bits(constants.shift));
        let value = |word| f64::from(f32::from_bits(draw::draw_normal(word, scale, shift)));
        // Numbers of words whose value lies below the window, and at or below its end.
        let below = count_words(|word| value(word) < low);
        let through = count_words(|word| value(word) <= high);
        let words = through.saturating_sub(below);
        if words < LEAST_WINDOW {
            return Err(Error::WindowTooNarrow { low, high, words });
        }
        #[expect(clippy::cast_possible_truncation, reason = "below < 2^32 since words > 0; 2^32 words become 0")]
        let (first, range) = (below as u32, words as u32);
        constants.check_finite(name, [first, first.wrapping_add(range).wrapping_sub(1)])?;
        constants.kind = Kind::Truncated;
        constants.window_low = first;
        constants.window_range = range;
        constants.clamp_to(name, low, high, |value| value <= high)?;
        Ok(constants)
    }

    fn computed(name: &'static str, law: Computed<u64>, dtype: DType) -> Result<Self> {
        let (low_key, high_key) = UNBOUNDED;
        let (kind, computed) = (Kind::Computed, Some(law));
        let mut constants = Self {
            kind,
            dtype,
            scale: 0,
            shift: 0,
            low_key,
            high_key,
            window_low: 0,
            window_range: 0,
            computed,
            place: None,
        };
        let last = law.period().map_or(0, |period| period - 1);
        for (index, word) in [(0, 0), (0, u32::MAX), (last, 0)] {
            if !dtype.decode(constants.element(index, word)).is_finite() {
                return Err(Error::Overflow { distribution: name, value: law.value(index, word), dtype });
            }
        }
        if let Computed::LogUniform { low, high } = law {
            constants.clamp_to(name, low, high, |value| value < high)?;
        }
        Ok(constants)
    }

    fn structured(asked: Structured, place: Place, origin: u64, dtype: DType) -> Result<Self> {
        let name = asked.name();
        let constants = match asked {
            Structured::Eye { gain } => Self { kind: Kind::Delta, ..Self::constant(gain, dtype)? },
            Structured::Dirac { .. } | Structured::Stft { .. } => {
                Self { kind: Kind::Delta, ..Self::constant(1.0, dtype)? }
            }
            Structured::Sparse { std, .. } => {
                let constants = Self::affine(name, Kind::Sparse, dtype, ("std", std), ("mean", 0.0))?;
                constants.check_finite(name, [0, u32::MAX])?;
                constants
            }
            Structured::Orthogonal { gain, .. } | Structured::DeltaOrthogonal { gain, .. } => {
                // No entry is above 1 + 2^-24 in magnitude.
                Self::constant(gain * (1.0 + 1e-6), dtype).map_err(|error| match error {
                    Error::Overflow { .. } => Error::Overflow { distribution: name, value: gain, dtype },
                    other => other,
                })?;
                let magnitude = Self::affine(name, Kind::Orthogonal, dtype, ("gain", gain.abs()), ("mean", 0.0))?;
                Self { scale: round(gain).to_bits(), ..magnitude }
            }
        };
        Ok(Self { place: Some((place, origin)), ..constants })
    }

    /// Rounds scale and shift once to f32 and refuses what would touch subnormals.
    fn affine(
        distribution: &'static str,
        kind: Kind,
        dtype: DType,
        (scale_name, scale): (&'static str, f64),
        (shift_name, shift): (&'static str, f64),
    ) -> Result<Self> {
        let (scale32, shift32) = (round(scale), round(shift));
        if scale32 < SMALLEST {
            return Err(Error::ScaleTooSmall { distribution, parameter: scale_name, value: scale });
        }
        if shift != 0.0 && shift32.abs() < SMALLEST {
            return Err(Error::ShiftTooSmall { distribution, parameter: shift_name, value: shift });
        }
        for (rounded, value) in [(scale32, scale), (shift32, shift)] {
            if !rounded.is_finite() {
                return Err(Error::Overflow { distribution, value, dtype });
            }
        }
        let (low_key, high_key) = UNBOUNDED;
        // Adding +0 turns a mean of -0 into +0.
        let (scale, shift) = (scale32.to_bits(), (shift32 + 0.0).to_bits());
        Ok(Self {
            kind,
            dtype,
            scale,
            shift,
            low_key,
            high_key,
            window_low: 0,
            window_range: 0,
            computed: None,
            place: None,
        })
    }

    /// Values are monotone in the word: if those of the extreme words are finite, all are.
    fn check_finite(&self, distribution: &'static str, words: [u32; 2]) -> Result<()> {
        for word in words {
            if !self.dtype.decode(self.element(0, word)).is_finite() {
                let bits = draw::draw_normal(word, f32::from_bits(self.scale), f32::from_bits(self.shift));
                let value = f64::from(f32::from_bits(bits));
                return Err(Error::Overflow { distribution, value, dtype: self.dtype });
            }
        }
        Ok(())
    }

    /// Bounds in the stored format: the least number ≥ low and the greatest that is `inside`.
    fn clamp_to(
        &mut self,
        distribution: &'static str,
        low: f64,
        high: f64,
        inside: impl Fn(f64) -> bool,
    ) -> Result<()> {
        let dtype = self.dtype;
        let (least, greatest) = (lower_bound(dtype, |value| value >= low), lower_bound(dtype, |value| !inside(value)));
        if least >= greatest {
            return Err(Error::NoValueBetween { distribution, low, high, dtype });
        }
        self.low_key = stored_key(dtype, least);
        self.high_key = stored_key(dtype, greatest - 1);
        Ok(())
    }
}

/// RN32: f64 to f32, to nearest even.
#[expect(clippy::cast_possible_truncation, reason = "the one rounding of a constant")]
fn round(value: f64) -> f32 {
    value as f32
}

const fn mask(dtype: DType) -> u32 {
    match dtype {
        DType::F32 => u32::MAX,
        DType::F16 | DType::Bf16 => 0xFFFF,
    }
}

/// Number of leading words for which the monotone `holds` is true: 0 to 2^32.
fn count_words(holds: impl Fn(u32) -> bool) -> u64 {
    let (mut low, mut high) = (0u64, 1u64 << 32);
    while low < high {
        let middle = low.midpoint(high);
        #[expect(clippy::cast_possible_truncation, reason = "middle < high <= 2^32")]
        if holds(middle as u32) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The finite numbers of a dtype in order, numbered by `u64` keys (0 is -infinity); -0 stands just before +0.
fn number(dtype: DType, key: u64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "keys have 16 or 32 bits")]
    let key = key as u32;
    match dtype {
        DType::F32 => dtype.decode(clamp::from_order_key(key)),
        DType::F16 | DType::Bf16 => dtype.decode(clamp::from_order_key(key << 16 | 0xFFFF) >> 16),
    }
}

/// The key, among finite numbers, of the first for which the monotone `holds`; one past the last if there is none.
fn lower_bound(dtype: DType, holds: impl Fn(f64) -> bool) -> u64 {
    let infinity: u64 = match dtype {
        DType::F32 => 0xFF80_0000,
        DType::F16 => 0xFC00,
        DType::Bf16 => 0xFF80,
    };
    let last: u64 = mask(dtype).into();
    let (mut low, mut high) = (last - infinity + 1, infinity);
    while low < high {
        let middle = low.midpoint(high);
        if holds(number(dtype, middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// A key of [`number`] as the order key that [`clamp::clamp_bits`] compares with.
fn stored_key(dtype: DType, key: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "keys have 16 or 32 bits")]
    let key = key as u32;
    match dtype {
        DType::F32 => key,
        // The key of `half << 16`: the low bits are 0 for positive numbers and 1 for negative ones.
        DType::F16 | DType::Bf16 if key & 0x8000 != 0 => key << 16,
        DType::F16 | DType::Bf16 => key << 16 | 0xFFFF,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Initializer, Shape};

    /// Where the ends say that nothing is clamped, nothing in between is; and both answers occur.
    #[test]
    fn what_is_not_clamped_needs_no_clamp() {
        let mut seen = [0, 0];
        for initializer in [
            Initializer::uniform(-0.02, 0.02),
            Initializer::uniform(-0.7, 0.7),
            Initializer::uniform(0.0, 1.0),
            Initializer::uniform(-1.0, 0.0),
            Initializer::uniform(0.1, 0.2),
            Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
            Initializer::trunc_normal(0.0, 1.0, -0.7, 0.7),
            Initializer::trunc_normal(1.0, 1.0, 0.999, 9.0),
        ] {
            let distribution = initializer.distribution(&Shape::new([1]).expect("a shape")).expect("a law");
            for dtype in DType::ALL {
                let constants = Constants::new(&distribution, dtype).expect("parameters fit");
                let (low_key, high_key) = UNBOUNDED;
                let free = Constants { low_key, high_key, ..constants };
                let words = (0..=0xFFFFu32).flat_map(|top| [top << 16, top << 16 | 0xFFFF]);
                let clamped = words.filter(|word| constants.element(0, *word) != free.element(0, *word)).count();
                assert_eq!(constants.clamps(), clamped > 0, "{initializer} {dtype}: {clamped}");
                seen[usize::from(clamped > 0)] += 1;
            }
        }
        assert!(seen[0] > 3 && seen[1] > 3, "{seen:?}");
    }
}
