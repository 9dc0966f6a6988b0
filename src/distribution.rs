//! The concrete distributions an executor can draw from, and their validation.

use crate::scheme::{Place, Structured};
use crate::value::computed::Computed;
use crate::{Error, Result};
use core::fmt;

/// A distribution with concrete numbers: what an [`Initializer`](crate::Initializer) becomes for one tensor.
///
/// A value of this type has valid parameters. Whether they fit a [`DType`](crate::DType) shows when a fill is planned.
/// Parameters are f64; each constant that reaches a device is rounded once to f32.
#[derive(Clone, Copy, PartialEq)]
pub struct Distribution(pub(crate) Law);

impl fmt::Debug for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

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
    Computed(Computed<u64>),
    /// `origin`: the element of the tensor that the structure begins at.
    Structured {
        asked: Structured,
        place: Place,
        origin: u64,
    },
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
    /// 16-bit dtypes round, so that 0 and `low` can occur and what rounds to `high` becomes the number below it.
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
    /// By inversion on the lattice of [`Distribution::normal`]: one word, one sample, no rejection, `low ≤ x ≤ high` in
    /// every dtype, exactly antisymmetric for symmetric windows. The window must hold 2^16 of the 2^32 lattice points;
    /// from 2^20 (a probability of 2.4e-4) the lattice is fine enough for any test of a million samples. The variance is
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

    /// A law that needs exp, log or sine, or a position on the last axis: computed in f64 on the host, rounded to f32 and
    /// then to the dtype. A device gets such values as data, so they are for tensors of up to some million elements; all of
    /// a call's have to fit one buffer of the device.
    ///
    /// Bounds of a log-uniform hold in every dtype. `low = high` of a log-uniform gives the constant.
    ///
    /// ```
    /// use wgpu_init::{Distribution, value::computed::Computed};
    /// let bias = Distribution::computed(Computed::DtBias { min: 0.001, max: 0.1, floor: 1e-4 })?;
    /// assert_eq!(bias.to_string(), "dt_bias(0.001,0.1,0.0001)");
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFinite`]; [`Error::NotPositive`] for a lower bound, a `min` or a `max_timescale` of zero or less;
    /// [`Error::BoundsOutOfOrder`]; [`Error::UnsuitableLastAxis`] for a last axis that is empty or, for sinusoids, has no two
    /// halves.
    pub fn computed(law: Computed<u64>) -> Result<Self> {
        law.check()?;
        Ok(Self(match law {
            Computed::LogUniform { low, high } if low == high => Law::Constant { value: low },
            law => Law::Computed(law),
        }))
    }

    /// A structure for a tensor or a block of one that begins at element 0.
    pub(crate) fn structured(asked: Structured, place: Place) -> Result<Self> {
        let distribution = asked.name();
        let outside = |parameter, value, expected| Err(Error::OutOfRange { distribution, parameter, value, expected });
        match asked {
            Structured::Sparse { sparsity, std, .. } => {
                finite(distribution, [("sparsity", sparsity), ("std", std)])?;
                non_negative(distribution, std)?;
                if !(0.0..=1.0).contains(&sparsity) {
                    return outside("sparsity", sparsity, "from 0 to 1");
                }
            }
            Structured::Eye { gain }
            | Structured::Orthogonal { gain, .. }
            | Structured::DeltaOrthogonal { gain, .. } => finite(distribution, [("gain", gain)])?,
            Structured::Dirac { .. } | Structured::Stft { .. } => {}
        }
        let is_zero = matches!(asked, Structured::Eye { gain: 0.0 })
            | matches!(asked, Structured::Orthogonal { gain: 0.0, .. } | Structured::DeltaOrthogonal { gain: 0.0, .. })
            | matches!(asked, Structured::Sparse { std: 0.0, .. });
        Ok(Self(if is_zero { Law::Constant { value: 0.0 } } else { Law::Structured { asked, place, origin: 0 } }))
    }

    /// The same law for a block that begins at this element of its tensor; see [`Part`](crate::Part). Only structures, e.g. an
    /// orthogonal matrix for one gate, look at where they begin. Resolved from a shape, a distribution begins at 0.
    #[must_use]
    pub const fn starting_at(self, element: u64) -> Self {
        match self.0 {
            Law::Structured { asked, place, .. } => Self(Law::Structured { asked, place, origin: element }),
            _ => self,
        }
    }

    /// Whether the values depend on seed and stream.
    #[must_use]
    pub const fn is_random(&self) -> bool {
        match self.0 {
            Law::Constant { .. } => false,
            Law::Computed(law) => law.is_random(),
            Law::Structured { place: Place::Delta(_), .. } => false,
            _ => true,
        }
    }

    /// `constant`, `uniform`, `normal`, `trunc_normal`, or the name of a computed law or a structure.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.0 {
            Law::Constant { .. } => "constant",
            Law::Uniform { .. } => "uniform",
            Law::Normal { .. } => "normal",
            Law::TruncatedNormal { .. } => "trunc_normal",
            Law::Computed(law) => law.name(),
            Law::Structured { asked, .. } => asked.name(),
        }
    }
}

/// The expression that [`Initializer`](crate::Initializer) reads back to the same numbers, for a structure given the same shape.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Law::Constant { value } => write!(f, "constant({value})"),
            Law::Uniform { low, high } => write!(f, "uniform({low},{high})"),
            Law::Normal { mean, std } => write!(f, "normal({mean},{std})"),
            Law::TruncatedNormal { mean, std, low, high } => write!(f, "trunc_normal({mean},{std},{low},{high})"),
            Law::Computed(law) => write!(f, "{law}"),
            Law::Structured { asked, .. } => write!(f, "{asked}"),
        }
    }
}

pub(crate) fn finite(
    distribution: &'static str,
    parameters: impl IntoIterator<Item = (&'static str, f64)>,
) -> Result<()> {
    match parameters.into_iter().find(|(_, value)| !value.is_finite()) {
        Some((parameter, value)) => Err(Error::NotFinite { distribution, parameter, value }),
        None => Ok(()),
    }
}

fn non_negative(distribution: &'static str, std: f64) -> Result<()> {
    if std < 0.0 { Err(Error::NegativeStd { distribution, std }) } else { Ok(()) }
}
