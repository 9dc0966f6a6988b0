//! Neural fields: networks of a position.

use super::count::positive;
use crate::fan::FanMode;
use crate::initializer::Nonlinearity;
use crate::{Error, Initializer, Result};

/// U(±√(6/fan_in)/ω) for weights `[out, in]` behind sines sin(ω·x): SIREN's, with ω = 30. Mean 0, variance 2/(ω²·fan_in). The first layer
/// is [`siren_first`], biases are PyTorch's default for a linear layer, U(±1/√fan_in). Sitzmann et al. 2020 (arXiv:2006.09661), section 3.2 and
/// supplement 1.5; `sine_init` of vsitzmann/siren.
///
/// ```
/// use wgpu_init::{Shape, scheme};
/// let hidden = scheme::siren(30.0)?.distribution(&Shape::new([256, 256])?)?;
/// assert!((hidden.parameters()[1].1 * 30.0 / (6.0f64 / 256.0).sqrt() - 1.0).abs() < 1e-15);
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotPositive`] and [`Error::NotFinite`] for ω.
pub fn siren(omega: f64) -> Result<Initializer> {
    let (distribution, parameter, value) = ("siren", "omega", omega);
    if !omega.is_finite() {
        return Err(Error::NotFinite { distribution, parameter, value });
    }
    if omega <= 0.0 {
        return Err(Error::NotPositive { distribution, parameter, value });
    }
    let gain = core::f64::consts::SQRT_2 / omega;
    Ok(Initializer::kaiming_uniform(FanMode::FanIn, Nonlinearity::Gain { gain }))
}

/// U(±1/d_in) for SIREN's first layer, of `d_in` inputs: `first_layer_sine_init` of vsitzmann/siren. Mean 0, variance 1/(3·d_in²).
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::siren_first(2)?, Initializer::uniform(-0.5, 0.5));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`].
pub fn siren_first(d_in: u64) -> Result<Initializer> {
    let bound = 1.0 / positive("siren_first", "d_in", d_in)?;
    Ok(Initializer::uniform(-bound, bound))
}

/// U(±10⁻⁴) for the features of a multiresolution hash grid, all levels alike. Mean 0, variance 10⁻⁸/3. Müller et al. 2022
/// (arXiv:2201.05989), section 4; `grid.h` of NVlabs/tiny-cuda-nn.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::hash_grid(), Initializer::uniform(-1e-4, 1e-4));
/// ```
#[must_use]
pub const fn hash_grid() -> Initializer {
    Initializer::uniform(-1e-4, 1e-4)
}
