//! Variance scaling: Xavier/Glorot, Kaiming/He, LeCun and the general form.

use super::Nonlinearity;
use crate::fan::{FanMode, Fans, Layout};
use crate::{Distribution, Error, Result, Shape};

/// The standard deviation of N(0, 1) conditioned on [−2, 2]: what JAX and Keras divide by to restore the variance.
pub const TRUNCATED_STD: f64 = 0.879_625_661_034_239_8;

/// Which family of distributions has the wanted variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spread {
    /// U[−√(3·variance), √(3·variance)).
    Uniform,
    /// N(0, variance), not truncated: what PyTorch, MLX, candle and Burn call normal.
    Normal,
    /// N(0, σ²) conditioned on ±2σ with σ = √variance / [`TRUNCATED_STD`], so that the variance is the wanted one: what JAX and
    /// Keras call normal in `glorot_normal`, `he_normal` and `lecun_normal`.
    TruncatedNormal,
}

/// A rule that gives a weight its variance from its fans. Mean 0.
///
/// | scheme | variance |
/// | --- | --- |
/// | Xavier | gain² · 2 / (fan_in + fan_out) |
/// | Kaiming | gain² / fan, gain of the nonlinearity |
/// | variance scaling | scale / fan |
///
/// Constants are computed in f64 in the order of operations of `torch.nn.init` (Xavier, Kaiming) and `jax.nn.initializers`
/// (variance scaling), so that they equal those libraries' to the last bit where their own are f64.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scheme {
    /// Glorot and Bengio 2010, as `torch.nn.init.xavier_uniform_` and `xavier_normal_`.
    Xavier { gain: f64, spread: Spread, layout: Layout },
    /// He et al. 2015 (arXiv:1502.01852), as `torch.nn.init.kaiming_uniform_` and `kaiming_normal_`.
    Kaiming { mode: FanMode, nonlinearity: Nonlinearity, spread: Spread, layout: Layout },
    /// `jax.nn.initializers.variance_scaling` and `keras.initializers.VarianceScaling`.
    VarianceScaling { scale: f64, mode: FanMode, spread: Spread, layout: Layout },
}

impl Scheme {
    pub(crate) const fn spread(self) -> Spread {
        match self {
            Self::Xavier { spread, .. } | Self::Kaiming { spread, .. } | Self::VarianceScaling { spread, .. } => spread,
        }
    }

    /// The same scheme for weights whose axes mean something else.
    pub(crate) const fn with_layout(self, new: Layout) -> Self {
        match self {
            Self::Xavier { gain, spread, layout: _ } => Self::Xavier { gain, spread, layout: new },
            Self::Kaiming { mode, nonlinearity, spread, layout: _ } => {
                Self::Kaiming { mode, nonlinearity, spread, layout: new }
            }
            Self::VarianceScaling { scale, mode, spread, layout: _ } => {
                Self::VarianceScaling { scale, mode, spread, layout: new }
            }
        }
    }

    /// The distribution for a weight of this shape. A tensor without elements has none and gets zeros.
    ///
    /// # Errors
    /// [`Error::NotFinite`] and [`Error::NegativeScale`] for the scheme's own number; those of [`Fans::of`]; those of the
    /// distribution.
    pub(crate) fn distribution(self, shape: &Shape) -> Result<Distribution> {
        let (name, parameter, value, layout, spread) = match self {
            Self::Xavier { gain, layout, spread } => ("xavier", "gain", gain, layout, spread),
            Self::Kaiming { nonlinearity, layout, spread, .. } => {
                ("kaiming", "gain", nonlinearity.gain(), layout, spread)
            }
            Self::VarianceScaling { scale, layout, spread, .. } => ("variance_scaling", "scale", scale, layout, spread),
        };
        if !value.is_finite() {
            return Err(Error::NotFinite { distribution: name, parameter, value });
        }
        // A slope whose square is infinite; a gain of 0 that was asked for is one.
        if value == 0.0 && matches!(self, Self::Kaiming { nonlinearity: Nonlinearity::LeakyRelu { .. }, .. }) {
            return Err(Error::ScaleTooSmall { distribution: name, parameter, value });
        }
        if value < 0.0 {
            return Err(Error::NegativeScale { scheme: name, parameter, value });
        }
        if shape.elements() == 0 {
            return Distribution::constant(0.0);
        }
        let fans = Fans::of(shape, layout)?;
        match self {
            Self::Xavier { gain, .. } => {
                let sum = fans.of_mode(FanMode::FanAvg) * 2.0;
                spread.with_std(gain * (2.0 / sum).sqrt())
            }
            Self::Kaiming { mode, nonlinearity, .. } => {
                spread.with_std(nonlinearity.gain() / fans.of_mode(mode).sqrt())
            }
            Self::VarianceScaling { scale, mode, .. } => spread.with_variance(scale / fans.of_mode(mode)),
        }
    }
}

impl Spread {
    /// In PyTorch's order: √3 · std.
    fn with_std(self, std: f64) -> Result<Distribution> {
        match self {
            Self::Uniform => symmetric(3f64.sqrt() * std),
            Self::Normal => Distribution::normal(0.0, std),
            Self::TruncatedNormal => truncated(std),
        }
    }

    /// In JAX's and Keras' order: √(3 · variance).
    fn with_variance(self, variance: f64) -> Result<Distribution> {
        match self {
            Self::Uniform => symmetric((3.0 * variance).sqrt()),
            Self::Normal => Distribution::normal(0.0, variance.sqrt()),
            Self::TruncatedNormal => truncated(variance.sqrt()),
        }
    }
}

fn symmetric(bound: f64) -> Result<Distribution> {
    Distribution::uniform(-bound, bound)
}

/// ±2σ with the variance restored.
fn truncated(std: f64) -> Result<Distribution> {
    if std == 0.0 {
        return Distribution::constant(0.0);
    }
    let sigma = std / TRUNCATED_STD;
    Distribution::truncated_normal(0.0, sigma, -2.0 * sigma, 2.0 * sigma)
}
