//! Values that need exp, log or sine: computed on the host in f64 with the `libm` crate, the same code on every platform, and
//! carried to a device as data (`docs/decisions/0007`). No shader is a twin of this file.

use super::stft::Stft;
use super::uniform::uniform_unit;
use crate::distribution::finite;
use crate::{Error, Result};

/// A law of values that are computed on the host. `P` is the length of the last axis: `Option<u64>` in what a user asks for, where
/// `None` is the shape's own, and `u64` in what a tensor gets.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Computed<P = Option<u64>> {
    /// exp(U(ln low, ln high)), in [low, high). Density 1 / (x·ln(high/low)), mean (high − low) / ln(high/low).
    LogUniform {
        /// Lower bound, above 0.
        low: f64,
        /// Upper bound, exclusive.
        high: f64,
    },
    /// The inverse of softplus, x + ln(−expm1(−x)), of max(log-uniform(min, max), floor): so that softplus of the bias is a
    /// log-uniform time step. Gu and Dao 2023 (Mamba), `mamba_simple.py` of state-spaces/mamba.
    DtBias {
        /// `dt_min`, above 0.
        min: f64,
        /// `dt_max`.
        max: f64,
        /// `dt_init_floor`.
        floor: f64,
    },
    /// ln U(low, high): `A_log` of Mamba-2, `mamba2.py` of state-spaces/mamba, where the bounds are 1 and 16.
    LogOfUniform {
        /// Lower bound, above 0.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// ln(n + 1) for position n of the last axis: `A_log` of Mamba (S4D-Real), every row the same.
    ALog {
        /// Length of the last axis.
        period: P,
    },
    /// start + step·n for position n of the last axis. S4D-Lin's imaginary part is 0 + π·n (Gu et al. 2022, arXiv:2206.11893).
    Ramp {
        /// Value at position 0.
        start: f64,
        /// Difference of neighbours.
        step: f64,
        /// Length of the last axis.
        period: P,
    },
    /// N/π · (N/(2n + 1) − 1) for position n of a last axis of N/2: S4D-Inv's imaginary part (Gu et al. 2022), half of the N conjugate
    /// pairs' members being stored.
    S4dInv {
        /// Length of the last axis, N/2.
        period: P,
    },
    /// Whisper's positions for `[length, channels]`: sin(row/t(n)) in the first half of the channels, cos in the second, with
    /// t(n) = max_timescale^(n / (channels/2 − 1)). Radford et al. 2022.
    Sinusoids {
        /// The longest wave over 2π.
        max_timescale: f64,
        /// Length of the last axis: even, at least 4.
        period: P,
    },
    /// Vaswani et al. 2017 (arXiv:1706.03762), section 3.5: sin(row/t(i)) in channel 2i, cos(row/t(i)) in 2i + 1, with
    /// t(i) = max_timescale^(2i / channels).
    SinusoidsInterleaved {
        /// 10000 in the paper.
        max_timescale: f64,
        /// Length of the last axis: even.
        period: P,
    },
    /// A kernel of the short-time Fourier transform for `[frame_length, 1, bins]`: `keras.initializers.STFT`.
    Stft {
        /// The kernel for the frame's length.
        kernel: Stft,
        /// Length of the last axis, bins: at least 2.
        period: P,
    },
}

impl<P: Copy> Computed<P> {
    /// Whether a value depends on its word.
    pub(crate) const fn is_random(&self) -> bool {
        matches!(self, Self::LogUniform { .. } | Self::DtBias { .. } | Self::LogOfUniform { .. })
    }

    /// The name in expressions.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::LogUniform { .. } => "log_uniform",
            Self::DtBias { .. } => "dt_bias",
            Self::LogOfUniform { .. } => "log_of_uniform",
            Self::ALog { .. } => "a_log",
            Self::Ramp { .. } => "ramp",
            Self::S4dInv { .. } => "s4d_inv",
            Self::Sinusoids { .. } => "sinusoids",
            Self::SinusoidsInterleaved { .. } => "sinusoids_interleaved",
            Self::Stft { .. } => "stft",
        }
    }

    /// The numbers, with their names.
    pub(crate) fn numbers(&self) -> Vec<(&'static str, f64)> {
        match *self {
            Self::LogUniform { low, high } | Self::LogOfUniform { low, high } => vec![("low", low), ("high", high)],
            Self::DtBias { min, max, floor } => vec![("min", min), ("max", max), ("floor", floor)],
            Self::ALog { .. } | Self::S4dInv { .. } | Self::Stft { .. } => vec![],
            Self::Ramp { start, step, .. } => vec![("start", start), ("step", step)],
            Self::Sinusoids { max_timescale, .. } | Self::SinusoidsInterleaved { max_timescale, .. } => {
                vec![("max_timescale", max_timescale)]
            }
        }
    }

    /// The length of the last axis; `None` for a law that does not look at it.
    #[must_use]
    pub const fn period(&self) -> Option<P> {
        match *self {
            Self::LogUniform { .. } | Self::DtBias { .. } | Self::LogOfUniform { .. } => None,
            Self::ALog { period }
            | Self::Ramp { period, .. }
            | Self::S4dInv { period }
            | Self::Sinusoids { period, .. }
            | Self::SinusoidsInterleaved { period, .. }
            | Self::Stft { period, .. } => Some(period),
        }
    }

    /// The same law with other numbers, in the order of [`numbers`](Self::numbers).
    pub(crate) fn with_numbers(&self, numbers: &[f64]) -> Self {
        match (*self, numbers) {
            (Self::LogUniform { .. }, &[low, high]) => Self::LogUniform { low, high },
            (Self::DtBias { .. }, &[min, max, floor]) => Self::DtBias { min, max, floor },
            (Self::LogOfUniform { .. }, &[low, high]) => Self::LogOfUniform { low, high },
            (Self::Ramp { period, .. }, &[start, step]) => Self::Ramp { start, step, period },
            (Self::Sinusoids { period, .. }, &[max_timescale]) => Self::Sinusoids { max_timescale, period },
            (Self::SinusoidsInterleaved { period, .. }, &[max_timescale]) => {
                Self::SinusoidsInterleaved { max_timescale, period }
            }
            (law, _) => law,
        }
    }

    /// The same law along a last axis of another length.
    #[must_use]
    pub fn with_period<Q>(&self, period: Q) -> Computed<Q> {
        match *self {
            Self::LogUniform { low, high } => Computed::LogUniform { low, high },
            Self::DtBias { min, max, floor } => Computed::DtBias { min, max, floor },
            Self::LogOfUniform { low, high } => Computed::LogOfUniform { low, high },
            Self::ALog { .. } => Computed::ALog { period },
            Self::Ramp { start, step, .. } => Computed::Ramp { start, step, period },
            Self::S4dInv { .. } => Computed::S4dInv { period },
            Self::Sinusoids { max_timescale, .. } => Computed::Sinusoids { max_timescale, period },
            Self::SinusoidsInterleaved { max_timescale, .. } => {
                Computed::SinusoidsInterleaved { max_timescale, period }
            }
            Self::Stft { kernel, .. } => Computed::Stft { kernel, period },
        }
    }
}

impl Computed<u64> {
    /// Whether every value is a number, for every index and word.
    pub(crate) fn check(&self) -> Result<()> {
        let distribution = self.name();
        finite(distribution, self.numbers())?;
        let positive = |parameter, value| {
            if value > 0.0 { Ok(()) } else { Err(Error::NotPositive { distribution, parameter, value }) }
        };
        let axis = |length, fits, expected| {
            if fits { Ok(()) } else { Err(Error::UnsuitableLastAxis { distribution, length, expected }) }
        };
        let (low, high) = match *self {
            Self::LogUniform { low, high } | Self::LogOfUniform { low, high } => (("low", low), high),
            Self::DtBias { min, max, .. } => (("min", min), max),
            Self::ALog { period } | Self::Ramp { period, .. } | Self::S4dInv { period } => {
                return axis(period, period > 0, "at least one is needed");
            }
            Self::Sinusoids { max_timescale, period } => {
                positive("max_timescale", max_timescale)?;
                return axis(period, period >= 4 && period % 2 == 0, "an even number of at least 4 is needed");
            }
            Self::SinusoidsInterleaved { max_timescale, period } => {
                positive("max_timescale", max_timescale)?;
                return axis(period, period > 0 && period % 2 == 0, "an even number is needed");
            }
            Self::Stft { period, .. } => return axis(period, period >= 2, "at least two are needed"),
        };
        positive(low.0, low.1)?;
        if low.1 > high {
            return Err(Error::BoundsOutOfOrder { distribution, low: low.1, high });
        }
        Ok(())
    }

    /// The f64 value of element `index`, drawn from `word` where the law is random.
    #[must_use]
    pub fn value(&self, index: u64, word: u32) -> f64 {
        match *self {
            Self::LogUniform { low, high } => log_uniform(low, high, word),
            Self::DtBias { min, max, floor } => {
                let step = log_uniform(min, max, word).max(floor);
                step + libm::log(-libm::expm1(-step))
            }
            Self::LogOfUniform { low, high } => libm::log(low + unit(word) * (high - low)),
            Self::ALog { period } => libm::log(real(index % period) + 1.0),
            Self::Ramp { start, step, period } => start + step * real(index % period),
            Self::S4dInv { period } => {
                let size = 2.0 * real(period);
                size / core::f64::consts::PI * (size / (2.0 * real(index % period) + 1.0) - 1.0)
            }
            Self::Sinusoids { max_timescale, period } => {
                let (row, channel, half) = (real(index / period), index % period, period / 2);
                let decay = libm::log(max_timescale) / real(half - 1);
                let angle = row * libm::exp(-decay * real(channel % half));
                if channel < half { libm::sin(angle) } else { libm::cos(angle) }
            }
            Self::SinusoidsInterleaved { max_timescale, period } => {
                let (row, channel) = (real(index / period), index % period);
                let decay = libm::log(max_timescale) / real(period);
                let angle = row * libm::exp(-decay * real(channel & !1));
                if channel & 1 == 0 { libm::sin(angle) } else { libm::cos(angle) }
            }
            Self::Stft { kernel, period } => kernel.value(index / period, index % period, period),
        }
    }
}

fn log_uniform(low: f64, high: f64, word: u32) -> f64 {
    let (low, high) = (libm::log(low), libm::log(high));
    libm::exp(low + unit(word) * (high - low))
}

/// The uniform unit value of a word, moved from (−1, 1) to (0, 1): an odd multiple of 2^-25, exact.
fn unit(word: u32) -> f64 {
    (f64::from(uniform_unit(word)) + f64::from(1 << 24)) / f64::from(1 << 25)
}

#[expect(clippy::cast_precision_loss, reason = "positions above 2^53 are rounded as in Python")]
fn real(n: u64) -> f64 {
    n as f64
}
