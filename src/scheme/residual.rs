//! Deep residual networks: weights that shrink with the number of layers.

use super::count::positive;
use crate::fan::FanMode;
use crate::initializer::Nonlinearity;
use crate::{Error, Initializer, Result};

/// N(0, β²·2/(fan_in + fan_out)) with β = (8·n_layer)^(−1/4): `DeepNet`'s Xavier for feed-forward, value and output projections of a
/// model of one stack, encoder or decoder; queries and keys have β = 1. Mean 0. `DeepNorm` multiplies the residual stream by
/// (2·n_layer)^(1/4), which is no weight. Wang et al. 2022 (arXiv:2203.00555), figure 2 and table 2; torchscale's `decoder.py` divides by
/// 1/β.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::deepnet(32)?, Initializer::xavier_normal(0.25));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`].
pub fn deepnet(n_layer: u64) -> Result<Initializer> {
    Ok(Initializer::xavier_normal((8.0 * positive("deepnet", "n_layer", n_layer)?).powf(-0.25)))
}

/// [`deepnet`] for the encoder of a model of `encoder` and `decoder` layers: β = 0.87·(encoder⁴·decoder)^(−1/16). The residual stream is
/// multiplied by 0.81·(encoder⁴·decoder)^(1/16). Torchscale has 1/1.15 for 0.87, which is 0.05 % less.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::deepnet_encoder(16, 1)?, Initializer::xavier_normal(0.87 / 2.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`].
pub fn deepnet_encoder(encoder: u64, decoder: u64) -> Result<Initializer> {
    let scheme = "deepnet_encoder";
    let (encoder, decoder) = (positive(scheme, "encoder", encoder)?, positive(scheme, "decoder", decoder)?);
    Ok(Initializer::xavier_normal(0.87 * (encoder.powi(4) * decoder).powf(-0.0625)))
}

/// [`deepnet`] for the decoder of a model that has an encoder too: β = (12·decoder)^(−1/4). The residual stream is multiplied by
/// (3·decoder)^(1/4).
///
/// ```
/// use wgpu_init::scheme;
/// // Twelve for eight: as a stack of 18 layers.
/// assert_eq!(scheme::deepnet_decoder(12)?, scheme::deepnet(18)?);
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`].
pub fn deepnet_decoder(decoder: u64) -> Result<Initializer> {
    Ok(Initializer::xavier_normal((12.0 * positive("deepnet_decoder", "decoder", decoder)?).powf(-0.25)))
}

/// N(0, (√(2/fan_out)·n_block^(−1/(2m − 2)))²), for weights `[out, in, k…]`: Fixup's for all but the last of the `m` layers of each of `n_block`
/// residual branches; the last, and the classifier, begin with zeros, and so do the scalar biases, the scalar multipliers with 1.
/// Mean 0. With `m` = 2 He's standard deviation is divided by √n_block, with 3 by its fourth root. Zhang et al. 2019 (arXiv:1901.09321), section 3;
/// `fixup_resnet_imagenet.py` of hongyi-zhang/Fixup, which takes He's variance by the outputs.
///
/// ```
/// use wgpu_init::scheme::{self, FanMode, Nonlinearity};
/// use wgpu_init::Initializer;
/// let he = |gain| Initializer::kaiming_normal(FanMode::FanOut, Nonlinearity::Gain { gain });
/// assert_eq!(scheme::fixup(16, 2)?, he(2f64.sqrt() / 4.0));
/// assert_eq!(scheme::fixup(16, 3)?, he(2f64.sqrt() / 2.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`]; [`Error::OutOfRange`] for fewer than two layers.
pub fn fixup(n_block: u64, m: u64) -> Result<Initializer> {
    let (n_block, layers) = (positive("fixup", "n_block", n_block)?, positive("fixup", "m", m)?);
    if m < 2 {
        let expected = "2 or more layers in a branch";
        return Err(Error::OutOfRange { distribution: "fixup", parameter: "m", value: layers, expected });
    }
    let gain = core::f64::consts::SQRT_2 * n_block.powf(-1.0 / (2.0 * layers - 2.0));
    Ok(Initializer::kaiming_normal(FanMode::FanOut, Nonlinearity::Gain { gain }))
}
