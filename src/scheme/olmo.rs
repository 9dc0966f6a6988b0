//! OLMo's schemes: `InitFnType` of `olmo/config.py`, `reset_parameters` of `olmo/model.py` in allenai/OLMo. Its `normal` is
//! [`Initializer::normal`], its `fan_in` [`fan_in_normal`], its `kaiming_normal` PyTorch's. Groen et al. 2024 (arXiv:2402.00838).

use super::count::{after, positive};
use super::truncated::three_sigmas;
use crate::fan::FanMode;
use crate::initializer::Nonlinearity;
use crate::{Initializer, Result};

/// N(0, 1/d_in) cut at ±3σ: OLMo's `mitchell` for projections and embeddings that do not write to the residual stream, `d_in` the
/// number of inputs (`d_model` for embeddings). Mean 0, variance 0.9733/d_in.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::mitchell(4096)?, Initializer::trunc_normal(0.0, 1.0 / 64.0, -3.0 / 64.0, 3.0 / 64.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn mitchell(d_in: u64) -> Result<Initializer> {
    Ok(three_sigmas(1.0 / positive("mitchell", "d_in", d_in)?.sqrt()))
}

/// N(0, 1/(2·d_in·(layer + 1))) cut at ±3σ: OLMo's `mitchell` for the output projections of layer `layer`, counted from 0, where
/// `d_in` is the number of inputs: `d_model` for attention's, the hidden size for the feed-forward's. Mean 0, variance 0.9733 of
/// that.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::mitchell_residual(2048, 3)?, Initializer::trunc_normal(0.0, 1.0 / 128.0, -3.0 / 128.0, 3.0 / 128.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn mitchell_residual(d_in: u64, layer: u64) -> Result<Initializer> {
    Ok(three_sigmas(1.0 / (2.0 * positive("mitchell_residual", "d_in", d_in)? * after(layer)).sqrt()))
}

/// N(0, std²) cut at ±3σ: OLMo's `full_megatron` for everything but output projections and [logits](super::logits_head); with
/// `scale_emb_init` the embedding's std is √d_model times as large. Mean 0, variance 0.9733·std².
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::full_megatron(0.02), Initializer::trunc_normal(0.0, 0.02, -0.06, 0.06));
/// ```
#[must_use]
pub fn full_megatron(std: f64) -> Initializer {
    three_sigmas(std)
}

/// N(0, std²/(2·n_layer)) cut at ±3σ: OLMo's `full_megatron` for output projections. Mean 0, variance 0.9733 of that.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::full_megatron_residual(0.02, 8)?, Initializer::trunc_normal(0.0, 0.005, -0.015, 0.015));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn full_megatron_residual(std: f64, n_layer: u64) -> Result<Initializer> {
    Ok(three_sigmas(std / (2.0 * positive("full_megatron_residual", "n_layer", n_layer)?).sqrt()))
}

/// N(0, 1/fan_in), not truncated: OLMo's `fan_in`, "fan-in variance scaling"; for weights `[out, in, k…]`. Mean 0. LeCun's
/// variance; JAX's and Keras' `lecun_normal` is [truncated](Initializer::lecun_normal).
///
/// ```
/// use wgpu_init::{Distribution, Shape, scheme};
/// assert_eq!(scheme::fan_in_normal().distribution(&Shape::new([10, 64])?)?, Distribution::normal(0.0, 0.125)?);
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[must_use]
pub const fn fan_in_normal() -> Initializer {
    Initializer::kaiming_normal(FanMode::FanIn, Nonlinearity::Linear)
}
