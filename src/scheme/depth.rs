//! Scales of large language models, by width and depth. Sources are the code of the projects named.

use crate::Initializer;

#[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
fn real(n: u64) -> f64 {
    n as f64
}

/// N(0, (std/√(2·n_layer))²) for what is added to the residual stream: GPT-2 (Radford et al. 2019, section 2.3), Megatron-LM,
/// GPT-NeoX's `scaled_init_method_normal`. Two residual branches for each layer.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::residual_normal(0.02, 12), Initializer::normal(0.0, 0.02 / 24f64.sqrt()));
/// ```
#[must_use]
pub fn residual_normal(std: f64, n_layer: u64) -> Initializer {
    Initializer::normal(0.0, std / (2.0 * real(n_layer)).sqrt())
}

/// N(0, 2/(5·d_model)): Nguyen and Salazar 2019 (arXiv:1910.05895), GPT-NeoX's `small_init`.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::small_init(1024), Initializer::normal(0.0, (2.0 / 5120.0f64).sqrt()));
/// ```
#[must_use]
pub fn small_init(d_model: u64) -> Initializer {
    Initializer::normal(0.0, (2.0 / (5.0 * real(d_model))).sqrt())
}

/// N(0, (2/(n_layer·√d_model))²): GPT-NeoX's `wang_init`, for output projections beside [`small_init`].
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::wang_init(16, 1024), Initializer::normal(0.0, 2.0 / 16.0 / 32.0));
/// ```
#[must_use]
pub fn wang_init(n_layer: u64, d_model: u64) -> Initializer {
    Initializer::normal(0.0, 2.0 / real(n_layer) / real(d_model).sqrt())
}

/// N(mean, std²) cut at `low` and `high` **standard deviations** from the mean, the variance not restored: TensorFlow's and
/// Keras' `TruncatedNormal` and timm's `trunc_normal_tf_` with −2 and 2. PyTorch's bounds are absolute.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::truncated_sigmas(0.0, 0.5, -2.0, 2.0), Initializer::trunc_normal(0.0, 0.5, -1.0, 1.0));
/// ```
#[must_use]
pub fn truncated_sigmas(mean: f64, std: f64, low: f64, high: f64) -> Initializer {
    Initializer::trunc_normal(mean, std, mean + std * low, mean + std * high)
}
