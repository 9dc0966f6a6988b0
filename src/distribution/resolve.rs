//! A distribution and a dtype become the program that every executor runs.
//!
//! f64 arithmetic of correctly rounded operations and integer searches only, but for computed laws, which bring their own maths
//! library: the result does not depend on a platform's.

use super::bounds::{between, first_of};
use super::{Distribution, Law};
use crate::value::computed::Computed;
use crate::value::narrow::narrow;
use crate::value::program::{Affine, Bounds, Elementwise, Orthogonal, Program, Unit, mask, round};
use crate::{DType, Error, Result};

/// The smallest half-width, std, |midpoint| or |mean| above zero: 2^-96. No product or sum then leaves the normal
/// range of f32, since unit values are at least 2^-30 in magnitude.
const SMALLEST: f32 = f32::from_bits((127 - 96) << 23);
/// A truncation window must hold this many of the 2^32 words.
const LEAST_WINDOW: u64 = 1 << 16;

/// What an executor needs of a distribution in a dtype.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Resolved {
    pub(crate) program: Program,
    pub(crate) dtype: DType,
    /// How many elements the law describes, from where it begins.
    pub(crate) extent: u64,
}

impl Distribution {
    /// Rounds, checks and searches the constants in `dtype`.
    pub(crate) fn resolve(&self, dtype: DType) -> Result<Resolved> {
        let to = Target { name: self.name(), dtype };
        let elementwise = match self.0 {
            Law::Constant { value } => Elementwise::Constant(to.constant(value)?),
            Law::Uniform { low, high } => Elementwise::Affine(to.uniform(low, high)?),
            Law::Normal { mean, std } => Elementwise::Affine(to.normal(("std", std), ("mean", mean))?),
            Law::TruncatedNormal { mean, std, low, high } => Elementwise::Affine(to.truncated(mean, std, low, high)?),
            Law::Computed(law) => to.computed(law)?,
            Law::Delta { places, value, .. } => Elementwise::Delta(places, to.constant(value)?),
            Law::Sparse { places, std, .. } => {
                Elementwise::Sparse(places, to.normal(("std", std), ("mean", 0.0))?.scale)
            }
            Law::Orthogonal { frames, gain, .. } => {
                to.gain(gain)?;
                let program = Program::Orthogonal(Orthogonal { frames, gain: round(gain) });
                return Ok(self.resolved(program, dtype));
            }
        };
        Ok(self.resolved(Program::Elementwise(elementwise), dtype))
    }

    fn resolved(&self, program: Program, dtype: DType) -> Resolved {
        Resolved { program, dtype, extent: self.extent().unwrap_or(u64::MAX) }
    }
}

/// What numbers are rounded to, and for whom.
#[derive(Clone, Copy)]
struct Target {
    name: &'static str,
    dtype: DType,
}

impl Target {
    fn overflow<T>(self, value: f64) -> Result<T> {
        Err(Error::Overflow { distribution: self.name, value, dtype: self.dtype })
    }

    /// That a dtype which saturates has room for a parameter: rounding would make the largest number of it, and tell nobody.
    fn parameter(self, value: f64) -> Result<()> {
        if self.dtype.saturates() && value.abs() > self.dtype.max_finite() { self.overflow(value) } else { Ok(()) }
    }

    /// The storage word of a value.
    fn constant(self, value: f64) -> Result<u32> {
        self.parameter(value)?;
        let stored = narrow(self.dtype, round(value).to_bits());
        if !self.dtype.decode(stored).is_finite() {
            return self.overflow(value);
        }
        // As often as a word has room.
        Ok(stored * (u32::MAX / mask(self.dtype)))
    }

    /// Rounds scale and shift once to f32 and refuses what would touch subnormals.
    fn affine(
        self,
        unit: Unit,
        (scale_name, scale): (&'static str, f64),
        (shift_name, shift): (&'static str, f64),
    ) -> Result<Affine> {
        let distribution = self.name;
        self.parameter(scale)?;
        self.parameter(shift)?;
        let (scale32, shift32) = (round(scale), round(shift));
        if scale32 < SMALLEST {
            return Err(Error::ScaleTooSmall { distribution, parameter: scale_name, value: scale });
        }
        if shift != 0.0 && shift32.abs() < SMALLEST {
            return Err(Error::ShiftTooSmall { distribution, parameter: shift_name, value: shift });
        }
        if let Some((_, value)) = [(scale32, scale), (shift32, shift)].iter().find(|(rounded, _)| !rounded.is_finite())
        {
            return self.overflow(*value);
        }
        // Adding +0 turns a mean of -0 into +0.
        Ok(Affine { unit, scale: scale32, shift: shift32 + 0.0, bounds: Bounds::NONE })
    }

    fn uniform(self, low: f64, high: f64) -> Result<Affine> {
        if let Some(value) = [low, high].into_iter().find(|value| value.abs() > self.dtype.max_finite()) {
            return self.overflow(value);
        }
        // Halved before the difference: no overflow, and exact but for subnormals, which are refused anyway.
        let half = ("(high - low) / 2", high / 2.0 - low / 2.0);
        let mid = ("(low + high) / 2", low / 2.0 + high / 2.0);
        let affine = self.affine(Unit::Uniform, half, mid)?;
        // The unit value is k * 2^-24; the power of two goes into the factor, exactly.
        let scale = affine.scale * f32::from_bits((127 - 24) << 23);
        Ok(self.inside(Affine { scale, bounds: self.bounds(low, high, |value| value < high)?, ..affine }))
    }

    fn normal(self, std: (&'static str, f64), mean: (&'static str, f64)) -> Result<Affine> {
        self.finite(self.affine(Unit::Normal, std, mean)?, [0, u32::MAX])
    }

    fn truncated(self, mean: f64, std: f64, low: f64, high: f64) -> Result<Affine> {
        self.parameter(low)?;
        self.parameter(high)?;
        let normal = self.affine(Unit::Normal, ("std", std), ("mean", mean))?;
        #[expect(clippy::cast_possible_truncation, reason = "searched below 2^32")]
        let value = |word: u64| f64::from(f32::from_bits(normal.value(word as u32)));
        // Numbers of words whose value lies below the window, and at or below its end.
        let below = first_of(0, 1 << 32, |word| value(word) >= low);
        let through = first_of(0, 1 << 32, |word| value(word) > high);
        let words = through.saturating_sub(below);
        if words < LEAST_WINDOW {
            return Err(Error::WindowTooNarrow { low, high, words });
        }
        #[expect(clippy::cast_possible_truncation, reason = "below < 2^32 since words > 0; 2^32 words become 0")]
        let (first, range) = (below as u32, words as u32);
        let normal = self.finite(normal, [first, first.wrapping_add(range).wrapping_sub(1)])?;
        let bounds = self.bounds(low, high, |value| value <= high)?;
        Ok(self.inside(Affine { unit: Unit::Truncated { low: first, range }, bounds, ..normal }))
    }

    fn computed(self, law: Computed) -> Result<Elementwise> {
        let last = match law {
            Computed::Axis { length, .. } => length - 1,
            Computed::LogUniform { .. }
            | Computed::DtBias { .. }
            | Computed::LogOfUniform { .. }
            | Computed::RgLru { .. }
            | Computed::Stft { .. } => 0,
        };
        for (place, word) in [(0, 0), (0, u32::MAX), (last, 0)] {
            let value = law.value(place, word);
            if self.constant(value).is_err() {
                return self.overflow(value);
            }
        }
        if let Computed::Axis { law, .. } = law
            && let Some(most) = law.most()
        {
            self.parameter(most)?;
            if self.constant(most).is_err() {
                return self.overflow(most);
            }
        }
        let bounds = match law {
            Computed::LogUniform { low, high } => self.bounds(low, high, |value| value < high)?,
            Computed::DtBias { .. }
            | Computed::LogOfUniform { .. }
            | Computed::RgLru { .. }
            | Computed::Axis { .. }
            | Computed::Stft { .. } => Bounds::NONE,
        };
        Ok(Elementwise::Computed(law, bounds))
    }

    fn gain(self, gain: f64) -> Result<()> {
        // No entry is above 1 + 2^-24 in magnitude; what that is too much for saturates or overflows.
        if !self.dtype.saturates() && self.constant(gain * (1.0 + 1e-6)).is_err() {
            return self.overflow(gain);
        }
        self.affine(Unit::Normal, ("gain", gain.abs()), ("mean", 0.0)).map(|_| ())
    }

    /// Values are monotone in the word: if those of the extreme words are finite, all are.
    fn finite(self, affine: Affine, words: [u32; 2]) -> Result<Affine> {
        match words.into_iter().find(|word| !self.dtype.decode(affine.element(self.dtype, *word)).is_finite()) {
            Some(word) => self.overflow(f64::from(f32::from_bits(affine.value(word)))),
            None => Ok(affine),
        }
    }

    /// The same without bounds where they change nothing: values are monotone in the word, so the least and the greatest tell.
    fn inside(self, affine: Affine) -> Affine {
        let free = Affine { bounds: Bounds::NONE, ..affine };
        let same = |word| affine.element(self.dtype, word) == free.element(self.dtype, word);
        if same(0) && same(u32::MAX) { free } else { affine }
    }

    /// Bounds in the stored format: the least number ≥ low and the greatest that is `inside`.
    fn bounds(self, low: f64, high: f64, inside: impl Fn(f64) -> bool) -> Result<Bounds> {
        let none = Error::NoValueBetween { distribution: self.name, low, high, dtype: self.dtype };
        between(self.dtype, low, inside).ok_or(none)
    }
}
