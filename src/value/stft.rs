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
pub enum Scaling {
    /// 1.
    None,
    /// The root of the sum of its squares.
    Density,
    /// Its sum.
    Spectrum,
}

/// The kernel of one side: for time t of `frame_length` and bin b, cos or sin of −2π·t·b/F, times the window's value at t over the scale,
/// F = 2·(bins − 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stft {
    side: Side,
    window: Window,
    scaling: Scaling,
    /// Whether a window of n values ends one before its start comes again, and not at it.
    periodic: bool,
    frame_length: u64,
    scale: f64,
}

impl Stft {
    /// The kernel for frames of this length. Without a window nothing is scaled.
    #[must_use]
    pub fn new(side: Side, window: Window, scaling: Scaling, periodic: bool, frame_length: u64) -> Self {
        let mut stft = Self { side, window, scaling, periodic, frame_length, scale: 1.0 };
        if window != Window::None {
            // In order: the same sum on every platform.
            let sum = |power: i32| (0..frame_length).fold(0.0, |sum, time| sum + stft.weight(time).powi(power));
            stft.scale = match scaling {
                Scaling::None => 1.0,
                Scaling::Density => sum(2).sqrt(),
                Scaling::Spectrum => sum(1),
            };
        }
        stft
    }

    /// The frame's length that it was made for.
    #[must_use]
    pub const fn frame_length(&self) -> u64 {
        self.frame_length
    }

    /// What the window is divided by.
    #[must_use]
    pub const fn scale(&self) -> f64 {
        self.scale
    }

    /// The window's value at a time, not scaled.
    #[expect(clippy::cast_precision_loss, reason = "frames are far shorter than 2^53")]
    fn weight(&self, time: u64) -> f64 {
        let length = if self.periodic { self.frame_length } else { self.frame_length.saturating_sub(1) };
        // A window of one value is 1, as in SciPy.
        if self.frame_length <= 1 {
            return 1.0;
        }
        let turn = libm::cos(2.0 * PI * (time as f64 / length as f64));
        match self.window {
            Window::None => 1.0,
            Window::Hann => 0.5 - 0.5 * turn,
            Window::Hamming => 0.54 - 0.46 * turn,
        }
    }

    /// The value at a time and bin of so many bins, which are at least 2.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "below F, which is far below 2^53")]
    #[expect(clippy::cast_possible_truncation, reason = "below F")]
    pub fn value(&self, time: u64, bin: u64, bins: u64) -> f64 {
        let length = 2 * (bins - 1);
        // Whole turns change nothing, and a small angle is exact.
        let turn = (u128::from(time) * u128::from(bin) % u128::from(length)) as u64;
        let angle = -2.0 * PI * (turn as f64 / length as f64);
        let wave = match self.side {
            Side::Real => libm::cos(angle),
            Side::Imag => libm::sin(angle),
        };
        wave * self.weight(time) / self.scale
    }

    /// `stft_real(hann,density)`, with `,periodic` where it is.
    pub(crate) fn text(&self) -> String {
        text(self.side, self.window, self.scaling, self.periodic)
    }
}

const SIDES: [(&str, Side); 2] = [("stft_real", Side::Real), ("stft_imag", Side::Imag)];
const WINDOWS: [(&str, Window); 3] = [("none", Window::None), ("hann", Window::Hann), ("hamming", Window::Hamming)];
const SCALINGS: [(&str, Scaling); 3] =
    [("none", Scaling::None), ("density", Scaling::Density), ("spectrum", Scaling::Spectrum)];

fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, known)| known == value).map_or("", |(name, _)| *name)
}

pub(crate) fn name(side: Side) -> &'static str {
    name_of(&SIDES, &side)
}

pub(crate) fn text(side: Side, window: Window, scaling: Scaling, periodic: bool) -> String {
    let (side, window, scaling) = (name(side), name_of(&WINDOWS, &window), name_of(&SCALINGS, &scaling));
    format!("{side}({window},{scaling}{})", if periodic { ",periodic" } else { "" })
}

/// Side, window, scaling and periodicity of an expression; `None` if the name belongs to none.
pub(crate) fn parse(name: &str, arguments: &[&str]) -> Result<Option<(Side, Window, Scaling, bool)>, String> {
    let Some((_, side)) = SIDES.iter().find(|(known, _)| *known == name) else { return Ok(None) };
    let takes = || format!("{name} takes none|hann|hamming, none|density|spectrum and, if it is, periodic");
    let (periodic, arguments) = match arguments.split_last() {
        Some((&"periodic", rest)) => (true, rest),
        _ => (false, arguments),
    };
    let (window, scaling) = match arguments {
        [] => ("hann", "density"),
        [window] => (*window, "density"),
        [window, scaling] => (*window, *scaling),
        _ => return Err(takes()),
    };
    let window = WINDOWS.iter().find(|(known, _)| *known == window).ok_or_else(takes)?.1;
    let scaling = SCALINGS.iter().find(|(known, _)| *known == scaling).ok_or_else(takes)?.1;
    Ok(Some((*side, window, scaling, periodic)))
}
