//! What a user asks for: an initializer, which becomes a distribution for one tensor.

use crate::{Distribution, Error, Result, Shape};
use core::{fmt, str::FromStr};

/// A way to initialise a tensor, by the names that PyTorch, JAX and Keras use.
///
/// Validated when a [`Fill`](crate::Fill) is made of it. Reads and writes as an expression:
///
/// ```
/// use wgpu_init::Initializer;
/// let init: Initializer = "normal(0, 0.02)".parse()?;
/// assert_eq!(init, Initializer::normal(0.0, 0.02));
/// assert_eq!(init.to_string(), "normal(0,0.02)");
/// assert_eq!("zeros".parse::<Initializer>()?, Initializer::zeros());
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Initializer {
    /// Every element the same.
    Constant {
        /// The value.
        value: f64,
    },
    /// U[low, high), see [`Distribution::uniform`].
    Uniform {
        /// Lower bound, inclusive.
        low: f64,
        /// Upper bound, exclusive.
        high: f64,
    },
    /// N(mean, std²), see [`Distribution::normal`].
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
    /// N(mean, std²) conditioned on [low, high], see [`Distribution::truncated_normal`].
    TruncatedNormal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation.
        std: f64,
        /// Lower bound, absolute and inclusive.
        low: f64,
        /// Upper bound, absolute and inclusive.
        high: f64,
    },
}

impl Initializer {
    /// Zeros: `torch.nn.init.zeros_`.
    #[must_use]
    pub const fn zeros() -> Self {
        Self::constant(0.0)
    }

    /// Ones: `torch.nn.init.ones_`.
    #[must_use]
    pub const fn ones() -> Self {
        Self::constant(1.0)
    }

    /// `torch.nn.init.constant_`.
    #[must_use]
    pub const fn constant(value: f64) -> Self {
        Self::Constant { value }
    }

    /// U[low, high): `torch.nn.init.uniform_`.
    #[must_use]
    pub const fn uniform(low: f64, high: f64) -> Self {
        Self::Uniform { low, high }
    }

    /// N(mean, std²): `torch.nn.init.normal_`.
    #[must_use]
    pub const fn normal(mean: f64, std: f64) -> Self {
        Self::Normal { mean, std }
    }

    /// N(mean, std²) conditioned on [low, high], absolute bounds: `torch.nn.init.trunc_normal_`.
    #[must_use]
    pub const fn trunc_normal(mean: f64, std: f64, low: f64, high: f64) -> Self {
        Self::TruncatedNormal { mean, std, low, high }
    }

    /// The distribution for a tensor of this shape.
    ///
    /// # Errors
    /// Those of the [`Distribution`]'s constructor.
    pub fn distribution(&self, _shape: &Shape) -> Result<Distribution> {
        match *self {
            Self::Constant { value } => Distribution::constant(value),
            Self::Uniform { low, high } => Distribution::uniform(low, high),
            Self::Normal { mean, std } => Distribution::normal(mean, std),
            Self::TruncatedNormal { mean, std, low, high } => Distribution::truncated_normal(mean, std, low, high),
        }
    }
}

impl fmt::Display for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Constant { value } => write!(f, "constant({value})"),
            Self::Uniform { low, high } => write!(f, "uniform({low},{high})"),
            Self::Normal { mean, std } => write!(f, "normal({mean},{std})"),
            Self::TruncatedNormal { mean, std, low, high } => write!(f, "trunc_normal({mean},{std},{low},{high})"),
        }
    }
}

impl FromStr for Initializer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text).map_err(|reason| Error::ParseInitializer { text: text.to_owned(), reason })
    }
}

fn parse(text: &str) -> Result<Initializer, String> {
    let text = text.trim();
    let (name, arguments) = match text.split_once('(') {
        None => (text, Vec::new()),
        Some((name, rest)) => {
            let inner = rest.strip_suffix(')').ok_or("the closing parenthesis is missing")?;
            let numbers = inner.split(',').map(|number| {
                let number = number.trim();
                number.parse::<f64>().map_err(|_| format!("{number:?} is not a number"))
            });
            (name.trim_end(), numbers.collect::<Result<Vec<_>, _>>()?)
        }
    };
    match (name, arguments.as_slice()) {
        ("zeros", []) => Ok(Initializer::zeros()),
        ("ones", []) => Ok(Initializer::ones()),
        ("constant", &[value]) => Ok(Initializer::constant(value)),
        ("uniform", &[low, high]) => Ok(Initializer::uniform(low, high)),
        ("normal", &[mean, std]) => Ok(Initializer::normal(mean, std)),
        ("trunc_normal", &[mean, std, low, high]) => Ok(Initializer::trunc_normal(mean, std, low, high)),
        ("zeros" | "ones" | "constant" | "uniform" | "normal" | "trunc_normal", _) => {
            let expected = match name {
                "zeros" | "ones" => "no arguments",
                "constant" => "one argument, the value",
                "uniform" => "two arguments, low and high",
                "normal" => "two arguments, mean and std",
                _ => "four arguments: mean, std, low and high",
            };
            Err(format!("{name} takes {expected}, not {}", arguments.len()))
        }
        _ => Err(format!("{name:?} is not an initializer")),
    }
}
