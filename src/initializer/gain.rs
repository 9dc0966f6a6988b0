//! Gains: by how much a layer's variance must be raised to make up for the nonlinearity behind it.

use crate::{Error, Result};
use core::{fmt, str::FromStr};

/// A nonlinearity, for its gain.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Nonlinearity {
    /// None: gain 1. Also `conv1d` … `conv_transpose3d` of `torch.nn.init.calculate_gain`.
    Linear,
    /// Gain 1, as in PyTorch.
    Sigmoid,
    /// Gain 5/3, as in PyTorch.
    Tanh,
    /// Gain √2 (He et al. 2015, arXiv:1502.01852).
    Relu,
    /// Gain √(2 / (1 + slope²)).
    LeakyRelu {
        /// Slope for negative inputs; PyTorch's default for the gain is 0.01, for `kaiming_*_` it is 0.
        slope: f64,
    },
    /// Gain 3/4, as in PyTorch.
    Selu,
    /// A gain of your own, e.g. [`GELU_GAIN`] or [`SILU_GAIN`], which PyTorch refuses to name.
    Gain {
        /// The gain.
        gain: f64,
    },
}

/// 1/√E[gelu(z)²] for z ~ N(0, 1): keeps the second moment behind a GELU (erf form). Not PyTorch's; by the derivation of He et
/// al. 2015 with the nonlinearity replaced, as in Brock et al. 2021 (arXiv:2101.08692, without their centring).
pub const GELU_GAIN: f64 = 1.533_530_441_195_535_2;
/// 1/√E[silu(z)²] for z ~ N(0, 1); see [`GELU_GAIN`].
pub const SILU_GAIN: f64 = 1.676_532_470_331_091;

impl Nonlinearity {
    /// The gain, as `torch.nn.init.calculate_gain`; f64 operations in PyTorch's order.
    ///
    /// ```
    /// use wgpu_init::scheme::Nonlinearity;
    /// assert_eq!(Nonlinearity::Relu.gain(), 2f64.sqrt());
    /// assert_eq!(Nonlinearity::LeakyRelu { slope: 1.0 }.gain(), 1.0);
    /// ```
    #[must_use]
    pub fn gain(self) -> f64 {
        match self {
            Self::Linear | Self::Sigmoid => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Relu => core::f64::consts::SQRT_2,
            Self::LeakyRelu { slope } => (2.0 / (1.0 + slope * slope)).sqrt(),
            Self::Selu => 0.75,
            Self::Gain { gain } => gain,
        }
    }
}
impl Nonlinearity {
    /// `leaky_relu` or `gain` with its number.
    pub(crate) fn with_number(name: &str, number: f64) -> Option<Self> {
        match name.trim() {
            "leaky_relu" => Some(Self::LeakyRelu { slope: number }),
            "gain" => Some(Self::Gain { gain: number }),
            _ => None,
        }
    }
}

impl fmt::Display for Nonlinearity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linear => f.write_str("linear"),
            Self::Sigmoid => f.write_str("sigmoid"),
            Self::Tanh => f.write_str("tanh"),
            Self::Relu => f.write_str("relu"),
            Self::LeakyRelu { slope } => write!(f, "leaky_relu={slope}"),
            Self::Selu => f.write_str("selu"),
            Self::Gain { gain } => write!(f, "gain={gain}"),
        }
    }
}

impl FromStr for Nonlinearity {
    type Err = Error;

    /// PyTorch's names; `leaky_relu` alone has slope 0.01, `leaky_relu=0.2` another; `gain=1.5` is any gain.
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || Error::UnknownNonlinearity { text: text.to_owned() };
        if let Some((name, number)) = text.split_once('=') {
            let number = number.trim().parse().map_err(|_| unknown())?;
            return Self::with_number(name, number).ok_or_else(unknown);
        }
        match text {
            "linear" | "conv1d" | "conv2d" | "conv3d" | "conv_transpose1d" | "conv_transpose2d"
            | "conv_transpose3d" => Ok(Self::Linear),
            "sigmoid" => Ok(Self::Sigmoid),
            "tanh" => Ok(Self::Tanh),
            "relu" => Ok(Self::Relu),
            "leaky_relu" => Ok(Self::LeakyRelu { slope: 0.01 }),
            "selu" => Ok(Self::Selu),
            _ => Err(unknown()),
        }
    }
}
