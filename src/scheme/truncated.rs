//! Normals that are cut in units of their standard deviation.

use super::count::positive;
use crate::{Initializer, Result};

/// N(mean, std²) cut at `low` and `high` **standard deviations** from the mean, the variance not restored: TensorFlow's and
/// Keras' `TruncatedNormal` and timm's `trunc_normal_tf_` with −2 and 2, where the variance is 0.7737·std². PyTorch's bounds are
/// absolute: [`Initializer::trunc_normal`].
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::truncated_sigmas(0.0, 0.5, -2.0, 2.0), Initializer::trunc_normal(0.0, 0.5, -1.0, 1.0));
/// ```
#[must_use]
pub fn truncated_sigmas(mean: f64, std: f64, low: f64, high: f64) -> Initializer {
    Initializer::trunc_normal(mean, std, mean + std * low, mean + std * high)
}

/// N(0, 1/d_model) cut at ±3σ, for the final projection to logits: torchtitan (`models/llama3/__init__.py`), and OLMo's
/// `ff_out` under both [`mitchell`](super::mitchell) and [`full_megatron`](super::full_megatron). Mean 0, variance 0.9733/d_model.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::logits_head(4096)?, Initializer::trunc_normal(0.0, 1.0 / 64.0, -3.0 / 64.0, 3.0 / 64.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn logits_head(d_model: u64) -> Result<Initializer> {
    Ok(three_sigmas(1.0 / positive("logits_head", "d_model", d_model)?.sqrt()))
}

/// N(0, 0.1/d_in) cut at ±2σ: Switch Transformer's, of `d_in` inputs, ten times less variance than usual so that training is stable. Mean 0,
/// variance 0.07737/d_in. Fedus, Zoph and Shazeer 2021 (arXiv:2101.03961), section 2.4; Mesh TensorFlow's
/// `VarianceScalingInitializer`, which does not restore what the cut takes, with a scale of 0.1. Mixtral's experts are N(0, 0.02²). For a stream for
/// each expert see [`Part::experts`](crate::Part::experts).
///
/// ```
/// use wgpu_init::scheme;
/// assert_eq!(scheme::switch_normal(1000)?, scheme::truncated_sigmas(0.0, 0.01, -2.0, 2.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn switch_normal(d_in: u64) -> Result<Initializer> {
    let std = (0.1 / positive("switch_normal", "d_in", d_in)?).sqrt();
    Ok(truncated_sigmas(0.0, std, -2.0, 2.0))
}

pub(super) fn three_sigmas(std: f64) -> Initializer {
    truncated_sigmas(0.0, std, -3.0, 3.0)
}
