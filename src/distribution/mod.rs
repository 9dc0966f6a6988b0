//! The concrete distributions an executor can draw from, and their validation.

mod bounds;
mod resolve;
mod structured;

pub(crate) use structured::Structured;

use crate::value::computed::{AxisLaw, Computed};
use crate::value::delta::Delta;
use crate::value::orthogonal::Frames;
use crate::value::sparse::Sparse;
use crate::value::stft::Stft;
use crate::{Error, Result, Shape};

/// A distribution with concrete numbers: what an [`Initializer`](crate::Initializer) becomes for one tensor.
///
/// A value of this type has valid parameters. Whether they fit a [`DType`](crate::DType) shows when a fill is planned, or by
/// [`fits`](Self::fits). Parameters are f64; each constant that reaches a device is rounded once to f32.
#[derive(Clone, Copy, PartialEq)]
pub struct Distribution(pub(crate) Law);

/// The laws. Kept private so that a [`Distribution`] cannot be built around its validation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Law {
    Constant {
        value: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        std: f64,
    },
    TruncatedNormal {
        mean: f64,
        std: f64,
        low: f64,
        high: f64,
    },
    Computed(Computed),
    /// `value` at some places, zeros at the others.
    Delta {
        asked: Structured,
        places: Delta,
        value: f64,
        extent: u64,
    },
    /// N(0, std²), zero at some places.
    Sparse {
        asked: Structured,
        places: Sparse,
        std: f64,
        extent: u64,
    },
    Orthogonal {
        asked: Structured,
        frames: Frames,
        gain: f64,
        extent: u64,
    },
}

impl Law {
    /// The same law, if its parameters are valid.
    pub(crate) fn checked(self) -> Result<Distribution> {
        match self {
            Self::Constant { value } => Distribution::constant(value),
            Self::Uniform { low, high } => Distribution::uniform(low, high),
            Self::Normal { mean, std } => Distribution::normal(mean, std),
            Self::TruncatedNormal { mean, std, low, high } => Distribution::truncated_normal(mean, std, low, high),
            Self::Computed(law) => Distribution::computed(law),
            // Made for a shape, by what checks them.
            Self::Delta { .. } | Self::Sparse { .. } | Self::Orthogonal { .. } => Ok(Distribution(self)),
        }
    }
}

impl Distribution {
    /// Every element is `value`, rounded to f32 and then to the dtype.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn constant(value: f64) -> Result<Self> {
        finite("constant", [("value", value)])?;
        Ok(Self(Law::Constant { value }))
    }

    /// U[low, high): `x = mid + half · s` with s one of 2^24 equally likely odd multiples of 2^-24 in (−1, 1).
    ///
    /// `low ≤ x < high` in every dtype. For `low = −high` in f32 neither 0 nor ±high occurs and no element is clamped; the
    /// smaller dtypes round, so that 0 and `low` can occur and what rounds to `high` becomes the number below it.
    /// Mean (low + high)/2, variance (high − low)²/12. One word per element. `low = high` gives the constant.
    ///
    /// # Errors
    /// [`Error::NotFinite`]; [`Error::BoundsOutOfOrder`] if low > high.
    pub fn uniform(low: f64, high: f64) -> Result<Self> {
        finite("uniform", [("low", low), ("high", high)])?;
        if low > high {
            return Err(Error::BoundsOutOfOrder { distribution: "uniform", low, high });
        }
        Ok(Self(if low == high { Law::Constant { value: low } } else { Law::Uniform { low, high } }))
    }

    /// N(mean, std²): `x = mean + std · z`, z the quantile of one of 2^32 equally spaced probabilities.
    ///
    /// |z| ≤ 6.337958; see [`value::normal`](crate::value::normal). One word per element. `std = 0` gives the constant.
    ///
    /// # Errors
    /// [`Error::NotFinite`]; [`Error::NegativeStd`].
    pub fn normal(mean: f64, std: f64) -> Result<Self> {
        finite("normal", [("mean", mean), ("std", std)])?;
        non_negative("normal", std)?;
        Ok(Self(if std == 0.0 { Law::Constant { value: mean } } else { Law::Normal { mean, std } }))
    }

    /// N(mean, std²) conditioned on `[low, high]`: absolute bounds, both inclusive, as `torch.nn.init.trunc_normal_`.
    ///
    /// By inversion on the probabilities of [`Distribution::normal`]: one word, one sample, no rejection, `low ≤ x ≤ high` in
    /// every dtype, exactly antisymmetric for symmetric windows. The window must hold 2^16 of the 2^32 probabilities;
    /// from 2^20 (a probability of 2.4e-4) they are fine enough for any test of a million samples. The variance is
    /// that of the truncated law, not `std²`.
    ///
    /// # Errors
    /// [`Error::NotFinite`]; [`Error::NegativeStd`]; [`Error::BoundsOutOfOrder`] if low ≥ high;
    /// [`Error::WindowTooNarrow`] if `std = 0` and the mean lies outside (otherwise that shows at planning).
    pub fn truncated_normal(mean: f64, std: f64, low: f64, high: f64) -> Result<Self> {
        let distribution = "trunc_normal";
        finite(distribution, [("mean", mean), ("std", std), ("low", low), ("high", high)])?;
        non_negative(distribution, std)?;
        if low >= high {
            return Err(Error::BoundsOutOfOrder { distribution, low, high });
        }
        if std > 0.0 {
            Ok(Self(Law::TruncatedNormal { mean, std, low, high }))
        } else if (low..=high).contains(&mean) {
            Ok(Self(Law::Constant { value: mean }))
        } else {
            Err(Error::WindowTooNarrow { low, high, words: 0 })
        }
    }

    /// A law of values that the host computes.
    pub(crate) fn computed(law: Computed) -> Result<Self> {
        let name = computed_name(&law);
        let positive = |parameter, value: f64| {
            let error = Error::NotPositive { distribution: name, parameter, value };
            if value > 0.0 { Ok(()) } else { Err(error) }
        };
        let axis = |length, fits, expected| {
            let error = Error::UnsuitableLastAxis { distribution: name, length, expected };
            if fits { Ok(()) } else { Err(error) }
        };
        let bounds = |(low_name, low), (high_name, high)| {
            finite(name, [(low_name, low), (high_name, high)])?;
            positive(low_name, low)?;
            if low > high { Err(Error::BoundsOutOfOrder { distribution: name, low, high }) } else { Ok(()) }
        };
        // So small a scale would make angles infinite, whose sine is no number.
        let timescale = |value: f64| {
            finite(name, [("max_timescale", value)])?;
            positive("max_timescale", value)?;
            let error = Error::OutOfRange {
                distribution: name,
                parameter: "max_timescale",
                value,
                expected: "at least 1e-280",
            };
            if value >= 1e-280 { Ok(()) } else { Err(error) }
        };
        match law {
            Computed::LogUniform { low, high } => {
                bounds(("low", low), ("high", high))?;
                if low == high {
                    return Self::constant(low);
                }
            }
            Computed::LogOfUniform { low, high } => bounds(("low", low), ("high", high))?,
            Computed::DtBias { min, max, floor } => {
                finite(name, [("floor", floor)])?;
                bounds(("min", min), ("max", max))?;
            }
            Computed::RgLru { min, max } => {
                bounds(("min", min), ("max", max))?;
                if max > 0.999_999_99 {
                    let (parameter, value, expected) = ("max", max, "at most 0.99999999");
                    return Err(Error::OutOfRange { distribution: name, parameter, value, expected });
                }
            }
            Computed::Axis { law: AxisLaw::ALog | AxisLaw::S4dInv, length } => {
                axis(length, length > 0, "at least one is needed")?;
            }
            Computed::Axis { law: AxisLaw::Ramp { start, step }, length } => {
                finite(name, [("start", start), ("step", step)])?;
                axis(length, length > 0, "at least one is needed")?;
            }
            Computed::Axis { law: AxisLaw::Sinusoids { max_timescale }, length } => {
                timescale(max_timescale)?;
                axis(length, length >= 4 && length % 2 == 0, "an even number of at least 4 is needed")?;
            }
            Computed::Axis {
                law: AxisLaw::SinusoidsInterleaved { max_timescale } | AxisLaw::SinusoidsConcatenated { max_timescale },
                length,
            } => {
                timescale(max_timescale)?;
                axis(length, length > 0 && length % 2 == 0, "an even number is needed")?;
            }
            Computed::Axis { law: law @ AxisLaw::PowerLawOpen { exponent, .. }, length } => {
                finite(name, axis_numbers(law))?;
                positive("exponent", exponent)?;
                axis(length, length > 0, "at least one is needed")?;
            }
            Computed::Axis { law: law @ AxisLaw::PowerLaw { exponent, .. }, length } => {
                finite(name, axis_numbers(law))?;
                positive("exponent", exponent)?;
                axis(length, length > 1, "at least two are needed")?;
            }
            Computed::Axis { law: law @ AxisLaw::Zigzag { .. }, length } => {
                finite(name, axis_numbers(law))?;
                axis(length, length > 1, "at least two are needed")?;
            }
            Computed::Axis { law: law @ AxisLaw::PowerLawHeads { exponent, head, .. }, length } => {
                finite(name, axis_numbers(law))?;
                positive("exponent", exponent)?;
                if head < 2 {
                    #[expect(clippy::cast_precision_loss, reason = "0 or 1")]
                    let value = head as f64;
                    let (parameter, expected) = ("head", "at least 2");
                    return Err(Error::OutOfRange { distribution: name, parameter, value, expected });
                }
                axis(length, length > 0 && length % head == 0, "whole heads are needed")?;
            }
            Computed::Stft { bins, .. } => axis(bins, (2..1 << 32).contains(&bins), "from 2 to 2^32 - 1 are needed")?,
        }
        Ok(Self(Law::Computed(law)))
    }

    /// A function of the position on the last axis, whose length is the shape's own unless another is given.
    pub(crate) fn along_axis(law: AxisLaw, length: Option<u64>, shape: &Shape) -> Result<Self> {
        // A tensor without elements has no law and gets zeros.
        if shape.elements() == 0 {
            return Self::constant(0.0);
        }
        let own = shape.dims().last().copied().unwrap_or(0);
        Self::computed(Computed::Axis { law, length: length.unwrap_or(own) })
    }

    /// A kernel of the short-time Fourier transform for `[frame_length, 1, bins]`.
    pub(crate) fn stft(stft: Stft, shape: &Shape) -> Result<Self> {
        let refuse = |expected: &str| {
            let (initializer, dims) = (stft_name(stft), shape.dims().to_vec());
            Err(Error::UnsuitableShape { initializer, dims, expected: expected.to_owned() })
        };
        let &[frame_length, 1, bins] = shape.dims() else {
            return refuse("three axes are needed, [frame_length, 1, bins]");
        };
        // The window's scale is a sum over the frame.
        if !(1..=1 << 24).contains(&frame_length) {
            return refuse("the frame must have from 1 to 2^24 values");
        }
        let kernel = stft.kernel(frame_length);
        if kernel.scale == 0.0 {
            return refuse("the window is zero everywhere: take a longer frame or a periodic window");
        }
        Self::computed(Computed::Stft { kernel, bins })
    }

    /// Whether values of a dtype can hold what is drawn. A fill checks the same.
    ///
    /// ```
    /// use wgpu_init::{DType, Distribution};
    /// let wide = Distribution::normal(0.0, 60_000.0)?;
    /// assert!(wide.fits(DType::F32).is_ok() && wide.fits(DType::F16).is_err());
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ScaleTooSmall`], [`Error::ShiftTooSmall`], [`Error::Overflow`], [`Error::NoValueBetween`],
    /// [`Error::WindowTooNarrow`].
    pub fn fits(&self, dtype: crate::DType) -> Result<()> {
        self.resolve(dtype).map(|_| ())
    }

    /// How many elements there are, for a law whose values depend on their place; `None` for one that fills any tensor.
    #[must_use]
    pub const fn extent(&self) -> Option<u64> {
        match self.0 {
            Law::Delta { extent, .. } | Law::Sparse { extent, .. } | Law::Orthogonal { extent, .. } => Some(extent),
            Law::Computed(Computed::Stft { kernel, bins }) => Some(kernel.frame_length * bins),
            Law::Constant { .. }
            | Law::Uniform { .. }
            | Law::Normal { .. }
            | Law::TruncatedNormal { .. }
            | Law::Computed(_) => None,
        }
    }

    /// The law's numbers with their names, as in its expression: `mean` and `std` of a normal, for instance.
    ///
    /// ```
    /// use wgpu_init::Distribution;
    /// assert_eq!(Distribution::normal(0.0, 0.02)?.parameters(), [("mean", 0.0), ("std", 0.02)]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        match self.0 {
            Law::Constant { value } => vec![("value", value)],
            Law::Uniform { low, high }
            | Law::Computed(Computed::LogUniform { low, high } | Computed::LogOfUniform { low, high }) => {
                vec![("low", low), ("high", high)]
            }
            Law::Normal { mean, std } => vec![("mean", mean), ("std", std)],
            Law::TruncatedNormal { mean, std, low, high } => {
                vec![("mean", mean), ("std", std), ("low", low), ("high", high)]
            }
            Law::Computed(Computed::DtBias { min, max, floor }) => vec![("min", min), ("max", max), ("floor", floor)],
            Law::Computed(Computed::RgLru { min, max }) => vec![("min", min), ("max", max)],
            Law::Computed(Computed::Axis { law, .. }) => axis_numbers(law),
            Law::Computed(Computed::Stft { .. }) => vec![],
            Law::Delta { value, .. } => vec![("gain", value)],
            Law::Sparse { std, .. } => vec![("std", std)],
            Law::Orthogonal { gain, .. } => vec![("gain", gain)],
        }
    }

    /// Whether the values depend on seed and stream.
    #[must_use]
    pub const fn is_random(&self) -> bool {
        match self.0 {
            Law::Constant { .. } | Law::Delta { .. } => false,
            Law::Computed(law) => law.is_random(),
            Law::Uniform { .. }
            | Law::Normal { .. }
            | Law::TruncatedNormal { .. }
            | Law::Sparse { .. }
            | Law::Orthogonal { .. } => true,
        }
    }

    /// Whether an element costs as much as all of its matrix, so that a tensor is best drawn in one piece.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self.0, Law::Orthogonal { .. })
    }

    /// The name in expressions, e.g. `constant`, `trunc_normal`, `orthogonal`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match &self.0 {
            Law::Constant { .. } => "constant",
            Law::Uniform { .. } => "uniform",
            Law::Normal { .. } => "normal",
            Law::TruncatedNormal { .. } => "trunc_normal",
            Law::Computed(law) => computed_name(law),
            Law::Delta { asked, .. } | Law::Sparse { asked, .. } | Law::Orthogonal { asked, .. } => asked.name(),
        }
    }
}

const fn computed_name(law: &Computed) -> &'static str {
    match law {
        Computed::LogUniform { .. } => "log_uniform",
        Computed::DtBias { .. } => "dt_bias",
        Computed::LogOfUniform { .. } => "log_of_uniform",
        Computed::RgLru { .. } => "rg_lru",
        Computed::Axis { law, .. } => axis_name(*law),
        Computed::Stft { kernel, .. } => stft_name(kernel.stft),
    }
}

pub(crate) const fn axis_name(law: AxisLaw) -> &'static str {
    match law {
        AxisLaw::ALog => "a_log",
        AxisLaw::Ramp { .. } => "ramp",
        AxisLaw::S4dInv => "s4d_inv",
        AxisLaw::Sinusoids { .. } => "sinusoids",
        AxisLaw::SinusoidsInterleaved { .. } => "sinusoids_interleaved",
        AxisLaw::SinusoidsConcatenated { .. } => "sinusoids_concatenated",
        AxisLaw::PowerLaw { .. } => "power_law",
        AxisLaw::PowerLawOpen { .. } => "power_law_open",
        AxisLaw::Zigzag { .. } => "zigzag",
        AxisLaw::PowerLawHeads { .. } => "power_law_heads",
    }
}

pub(crate) fn axis_numbers(law: AxisLaw) -> Vec<(&'static str, f64)> {
    match law {
        AxisLaw::ALog | AxisLaw::S4dInv => vec![],
        AxisLaw::Ramp { start, step } => vec![("start", start), ("step", step)],
        AxisLaw::Sinusoids { max_timescale }
        | AxisLaw::SinusoidsInterleaved { max_timescale }
        | AxisLaw::SinusoidsConcatenated { max_timescale } => vec![("max_timescale", max_timescale)],
        AxisLaw::PowerLaw { start, end, exponent } | AxisLaw::PowerLawOpen { start, end, exponent } => {
            vec![("start", start), ("end", end), ("exponent", exponent)]
        }
        AxisLaw::Zigzag { start, end, wave } => vec![("start", start), ("end", end), ("wave", wave)],
        AxisLaw::PowerLawHeads { start, end, exponent, wave, head } => {
            #[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
            let head = head as f64;
            vec![("start", start), ("end", end), ("exponent", exponent), ("wave", wave), ("head", head)]
        }
    }
}

pub(crate) const fn stft_name(stft: Stft) -> &'static str {
    match stft.side {
        crate::value::stft::Side::Real => "stft_real",
        crate::value::stft::Side::Imag => "stft_imag",
    }
}

fn finite(distribution: &'static str, parameters: impl IntoIterator<Item = (&'static str, f64)>) -> Result<()> {
    match parameters.into_iter().find(|(_, value)| !value.is_finite()) {
        Some((parameter, value)) => Err(Error::NotFinite { distribution, parameter, value }),
        None => Ok(()),
    }
}

fn non_negative(distribution: &'static str, std: f64) -> Result<()> {
    if std < 0.0 { Err(Error::NegativeStd { distribution, std }) } else { Ok(()) }
}
