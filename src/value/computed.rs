//! Values that need exp, log or sine: computed on the host in f64 with the `libm` crate, the same code on every platform, and
//! carried to a device as data (`docs/decisions/0007`). No shader is a twin of this file.

use super::stft::Kernel;
use super::uniform::uniform_unit;

/// A law of values that are computed on the host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Computed {
    /// exp(U(ln low, ln high)), in [low, high). Density 1 / (x·ln(high/low)), mean (high − low) / ln(high/low).
    LogUniform { low: f64, high: f64 },
    /// The inverse of softplus, x + ln(−expm1(−x)), of max(log-uniform(min, max), floor): so that softplus of the bias is a
    /// log-uniform time step. Gu and Dao 2023 (Mamba), `mamba_simple.py` of state-spaces/mamba.
    DtBias { min: f64, max: f64, floor: f64 },
    /// ln U(low, high): `A_log` of Mamba-2, `mamba2.py` of state-spaces/mamba, where the bounds are 1 and 16.
    LogOfUniform { low: f64, high: f64 },
    /// Λ of the RG-LRU: ln(expm1(−½·ln s)) with s = min² + 1e-8 + u·(max² − min²), so that exp(−softplus(Λ)) is uniform on a ring by
    /// its area. De et al. 2024 (Griffin, arXiv:2402.19427), section 2.4; the 1e-8 is `rnn_param_init`'s of google-deepmind/recurrentgemma.
    RgLru { min: f64, max: f64 },
    /// A function of the position on the last axis, which has this length.
    Axis { law: AxisLaw, length: u64 },
    /// A kernel of the short-time Fourier transform for `[frame_length, 1, bins]`.
    Stft { kernel: Kernel, bins: u64 },
}

/// A function of the position n on the last axis, of `length` elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum AxisLaw {
    /// ln(n + 1): `A_log` of Mamba (S4D-Real), every row the same.
    ALog,
    /// start + step·n. S4D-Lin's imaginary part is 0 + π·n (Gu et al. 2022, arXiv:2206.11893).
    Ramp { start: f64, step: f64 },
    /// N/π · (N/(2n + 1) − 1) for a length of N/2: S4D-Inv's imaginary part (Gu et al. 2022), half of the N conjugate pairs'
    /// members being stored.
    S4dInv,
    /// Whisper's positions for `[rows, channels]`: sin(row/t(n)) in the first half of the channels, cos in the second, with
    /// t(n) = max_timescale^(n / (channels/2 − 1)). Radford et al. 2022.
    Sinusoids { max_timescale: f64 },
    /// Vaswani et al. 2017 (arXiv:1706.03762), section 3.5: sin(row/t(i)) in channel 2i, cos(row/t(i)) in 2i + 1, with
    /// t(i) = max_timescale^(2i / channels).
    SinusoidsInterleaved { max_timescale: f64 },
    /// The angles of the interleaved, sines in the first half of the channels and cosines in the second. Pegasus, Marian.
    SinusoidsConcatenated { max_timescale: f64 },
    /// start + (end − start)·x^exponent with x = n/(length − 1), so that it ends at `end`. RWKV's decays, sLSTM's forget gates.
    PowerLaw { start: f64, end: f64, exponent: f64 },
    /// The same with x = n/length: `end` is what would come next. RWKV's mixing of neighbours.
    PowerLawOpen { start: f64, end: f64, exponent: f64 },
    /// start + (end − start)·n/(length − 1) + wave·((n + 1) mod 3 − 1). RWKV's bonus.
    Zigzag { start: f64, end: f64, wave: f64 },
    /// The power law plus wave·z·|z| with z from −1 to 1 along each head of `head` elements. RWKV-7's decays.
    PowerLawHeads { start: f64, end: f64, exponent: f64, wave: f64, head: u64 },
}

impl Computed {
    /// Whether a value depends on its word.
    pub(crate) const fn is_random(&self) -> bool {
        matches!(self, Self::LogUniform { .. } | Self::DtBias { .. } | Self::LogOfUniform { .. } | Self::RgLru { .. })
    }

    /// The f64 value at a place, counted from where the law begins, drawn from `word` where the law is random.
    pub(crate) fn value(&self, place: u64, word: u32) -> f64 {
        match *self {
            Self::LogUniform { low, high } => log_uniform(low, high, word),
            Self::DtBias { min, max, floor } => {
                let step = log_uniform(min, max, word).max(floor);
                step + libm::log(-libm::expm1(-step))
            }
            Self::LogOfUniform { low, high } => libm::log(low + unit(word) * (high - low)),
            Self::RgLru { min, max } => {
                let square = min * min + 1e-8 + unit(word) * (max * max - min * min);
                libm::log(libm::expm1(-0.5 * libm::log(square)))
            }
            Self::Axis { law, length } => law.value(place / length, place % length, length),
            Self::Stft { kernel, bins } => kernel.value(place / bins, place % bins, bins),
        }
    }
}

impl AxisLaw {
    /// A number that no value exceeds in magnitude, for a law whose largest need not stand at an end.
    pub(crate) fn most(self) -> Option<f64> {
        match self {
            Self::Zigzag { start, end, wave } | Self::PowerLawHeads { start, end, wave, .. } => {
                Some(start.abs().max(end.abs()) + wave.abs())
            }
            Self::ALog
            | Self::Ramp { .. }
            | Self::S4dInv
            | Self::Sinusoids { .. }
            | Self::SinusoidsInterleaved { .. }
            | Self::SinusoidsConcatenated { .. }
            | Self::PowerLaw { .. }
            | Self::PowerLawOpen { .. } => None,
        }
    }

    fn value(self, row: u64, position: u64, length: u64) -> f64 {
        match self {
            Self::ALog => libm::log(real(position) + 1.0),
            Self::Ramp { start, step } => start + step * real(position),
            Self::S4dInv => {
                let size = 2.0 * real(length);
                size / core::f64::consts::PI * (size / (2.0 * real(position) + 1.0) - 1.0)
            }
            Self::Sinusoids { max_timescale } => {
                let half = length / 2;
                let decay = libm::log(max_timescale) / real(half - 1);
                let angle = real(row) * libm::exp(-decay * real(position % half));
                if position < half { libm::sin(angle) } else { libm::cos(angle) }
            }
            Self::SinusoidsInterleaved { max_timescale } => {
                let decay = libm::log(max_timescale) / real(length);
                let angle = real(row) * libm::exp(-decay * real(position & !1));
                if position & 1 == 0 { libm::sin(angle) } else { libm::cos(angle) }
            }
            Self::SinusoidsConcatenated { max_timescale } => {
                let half = length / 2;
                let decay = libm::log(max_timescale) / real(length);
                let angle = real(row) * libm::exp(-decay * real(2 * (position % half)));
                if position < half { libm::sin(angle) } else { libm::cos(angle) }
            }
            Self::PowerLaw { start, end, exponent } => {
                start + (end - start) * libm::pow(real(position) / real(length - 1), exponent)
            }
            Self::PowerLawOpen { start, end, exponent } => {
                start + (end - start) * libm::pow(real(position) / real(length), exponent)
            }
            Self::Zigzag { start, end, wave } => {
                let along = start + (end - start) * (real(position) / real(length - 1));
                along + wave * (real((position % 3 + 1) % 3) - 1.0)
            }
            Self::PowerLawHeads { start, end, exponent, wave, head } => {
                let along = start + (end - start) * libm::pow(real(position) / real(length - 1), exponent);
                let half = (real(head) - 1.0) / 2.0;
                let place = (real(position % head) - half) / half;
                along + wave * (place * place.abs())
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Initializer;
    use crate::distribution::Law;
    use crate::initializer::Asked;

    fn law(text: &str) -> Computed {
        let initializer: Initializer = text.parse().expect("an initializer");
        match initializer.0 {
            Asked::Law(Law::Computed(law)) => law,
            // A law without a length of its own is asked for its first row only.
            Asked::Axis { law, length } => Computed::Axis { law, length: length.unwrap_or(u64::MAX) },
            other => panic!("{other:?} is computed"),
        }
    }

    /// Against 60 digits. The f64 value is good to some units in its last place, f32 keeps 29 bits less.
    #[test]
    fn values_are_those_of_the_formulas() {
        let points: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/computed_points.json")).expect("the file is JSON");
        let rows = points["rows"].as_array().expect("a list of points");
        for row in rows {
            let word = u32::try_from(row[2].as_u64().expect("a word")).expect("32 bits");
            let exact: f64 = row[3].as_str().and_then(|text| text.parse().ok()).expect("a number");
            let value = law(row[0].as_str().expect("text")).value(row[1].as_u64().expect("an index"), word);
            // The sines of large angles are as exact as the angle: 1500 radians of 2^-53.
            let error = (value - exact).abs() / exact.abs().max(1e-3);
            assert!(error <= 2e-13, "{row}: {value}, off by {error:e}");
        }
        assert!(rows.len() >= 50);
    }
}
