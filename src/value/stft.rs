//! Kernels of the short-time Fourier transform, computed on the host in f64 with the `libm` crate (`docs/decisions/0007`).

use core::f64::consts::PI;

/// Which part of the complex kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Cosines.
    Real,
    /// Minus sines.
    Imag,
}

/// The window over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Window {
    /// 1 everywhere.
    None,
    /// 0.5 − 0.5·cos(2πt/n).
    Hann,
    /// 0.54 − 0.46·cos(2πt/n).
    Hamming,
}

/// What the window is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scaling {
    /// 1.
    None,
    /// The root of the sum of its squares.
    Density,
    /// Its sum.
    Spectrum,
}

/// What a kernel is asked to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stft {
    pub(crate) side: Side,
    pub(crate) window: Window,
    pub(crate) scaling: Scaling,
    /// Whether a window of n values ends one before its start comes again, and not at it.
    pub(crate) periodic: bool,
}

/// The kernel for frames of one length: for time t and bin b, cos or sin of −2π·t·b/F, times the window's value at t over the scale,
/// F = 2·(bins − 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kernel {
    pub(crate) stft: Stft,
    pub(crate) frame_length: u64,
    /// What the window is divided by.
    pub(crate) scale: f64,
}

impl Stft {
    /// The kernel for frames of this length. Without a window nothing is scaled.
    pub(crate) fn kernel(self, frame_length: u64) -> Kernel {
        // In order: the same sum on every platform.
        let sum =
            |term: fn(f64) -> f64| (0..frame_length).fold(0.0, |sum, time| sum + term(self.weight(time, frame_length)));
        let scale = match (self.window, self.scaling) {
            (Window::None, _) | (_, Scaling::None) => 1.0,
            (_, Scaling::Density) => sum(|weight| weight * weight).sqrt(),
            (_, Scaling::Spectrum) => sum(|weight| weight),
        };
        Kernel { stft: self, frame_length, scale }
    }

    /// The window's value at a time, not scaled.
    #[expect(clippy::cast_precision_loss, reason = "frames are far shorter than 2^53")]
    fn weight(self, time: u64, frame_length: u64) -> f64 {
        // A window of one value is 1, as in SciPy.
        if frame_length <= 1 {
            return 1.0;
        }
        let length = if self.periodic { frame_length } else { frame_length - 1 };
        let turn = libm::cos(2.0 * PI * (time as f64 / length as f64));
        match self.window {
            Window::None => 1.0,
            Window::Hann => 0.5 - 0.5 * turn,
            Window::Hamming => 0.54 - 0.46 * turn,
        }
    }
}

impl Kernel {
    /// The value at a time and bin of so many bins, which are at least 2.
    #[expect(clippy::cast_precision_loss, reason = "below F, which is far below 2^53")]
    #[expect(clippy::cast_possible_truncation, reason = "below F")]
    pub(crate) fn value(&self, time: u64, bin: u64, bins: u64) -> f64 {
        let length = 2 * (bins - 1);
        // Whole turns change nothing, and a small angle is exact.
        let turn = (u128::from(time) * u128::from(bin) % u128::from(length)) as u64;
        let angle = -2.0 * PI * (turn as f64 / length as f64);
        let wave = match self.stft.side {
            Side::Real => libm::cos(angle),
            Side::Imag => libm::sin(angle),
        };
        wave * self.stft.weight(time, self.frame_length) / self.scale
    }
}
