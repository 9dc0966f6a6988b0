//! Scales of language models by width and depth. Sources are the code of the projects named.

use super::count::{after, positive};
use crate::{Initializer, Result};

/// N(0, (std/√(branches·n_layer))²) for what is added to the residual stream, `branches` times in each layer: Megatron-LM's and
/// GPT-NeoX's `scaled_init_method_normal`, with 2 branches in a transformer and 1 in a Mamba. Mean 0.
///
/// For µP both projects divide `std` by √m, m the width over the base model's (`megatron/model/init_functions.py` of GPT-NeoX).
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::scaled_normal(0.02, 16, 1)?, Initializer::normal(0.0, 0.005));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn scaled_normal(std: f64, n_layer: u64, branches: u64) -> Result<Initializer> {
    let (n_layer, branches) =
        (positive("scaled_normal", "n_layer", n_layer)?, positive("scaled_normal", "branches", branches)?);
    Ok(Initializer::normal(0.0, std / (branches * n_layer).sqrt()))
}

/// N(0, (std/√(2·n_layer))²): [`scaled_normal`] with the two branches of a transformer's layer. GPT-2 (Radford et al. 2019,
/// section 2.3), nanoGPT. Mean 0, variance std²/(2·n_layer).
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::residual_normal(0.02, 12)?, Initializer::normal(0.0, 0.02 / 24f64.sqrt()));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn residual_normal(std: f64, n_layer: u64) -> Result<Initializer> {
    Ok(Initializer::normal(0.0, std / (2.0 * positive("residual_normal", "n_layer", n_layer)?).sqrt()))
}

/// N(0, s²) with s = std/√(2·(layer + 1)), cut at the absolute ±2: what torchtitan gives the output projections of layer
/// `layer`, counted from 0 (`depth_scaled_std` of `models/common/param_init.py` with `trunc_normal_`'s own bounds). Mean 0; for
/// s below 0.3 nothing is cut and the variance is s².
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::depth_scaled(0.02, 7), Initializer::trunc_normal(0.0, 0.005, -2.0, 2.0));
/// ```
#[must_use]
pub fn depth_scaled(std: f64, layer: u64) -> Initializer {
    Initializer::trunc_normal(0.0, std / (2.0 * after(layer)).sqrt(), -2.0, 2.0)
}

/// N(0, 2/(5·d_model)): Nguyen and Salazar 2019 (arXiv:1910.05895), GPT-NeoX's `small_init`. Mean 0.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::small_init(1024)?, Initializer::normal(0.0, (2.0 / 5120.0f64).sqrt()));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn small_init(d_model: u64) -> Result<Initializer> {
    Ok(Initializer::normal(0.0, (2.0 / (5.0 * positive("small_init", "d_model", d_model)?)).sqrt()))
}

/// N(0, (2/(n_layer·√d_model))²): GPT-NeoX's `wang_init`, for output projections beside [`small_init`]. Mean 0, variance
/// 4/(n_layer²·d_model).
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::wang_init(16, 1024)?, Initializer::normal(0.0, 2.0 / 16.0 / 32.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn wang_init(n_layer: u64, d_model: u64) -> Result<Initializer> {
    let (n_layer, d_model) = (positive("wang_init", "n_layer", n_layer)?, positive("wang_init", "d_model", d_model)?);
    Ok(Initializer::normal(0.0, 2.0 / n_layer / d_model.sqrt()))
}
