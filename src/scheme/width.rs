//! Scales by a layer's own width, for hyperparameters that carry over. [`Mup`](super::Mup) takes the base model's shapes instead.

use super::count::positive;
use crate::{Initializer, Result};

/// N(0, std²·base/d_model) for hidden weights: `CompleteP`, the parametrisation of width and depth of Dey et al. 2025 (arXiv:2505.01618), table 1.
/// Mean 0. No weight depends on the depth: `CompleteP` divides what is added to the residual stream by n_layer/base layers instead. Embeddings and
/// unembeddings keep N(0, std²), [`scheme::residual_normal`](super::residual_normal) is not used. `model.py` of EleutherAI/nanoGPT-mup.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::complete_p(0.02, 1024, 256)?, Initializer::normal(0.0, 0.01));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn complete_p(std: f64, d_model: u64, base: u64) -> Result<Initializer> {
    let multiple = positive("complete_p", "d_model", d_model)? / positive("complete_p", "base", base)?;
    Ok(Initializer::normal(0.0, std / multiple.sqrt()))
}

/// N(0, σ²) with σ = min(1, √(d_out/d_in))/√d_in: a weight of `d_in` inputs and `d_out` outputs whose spectral norm is of the order √(d_out/d_in).
/// Mean 0. Yang, Simon and Bernstein 2023 (arXiv:2310.17813), condition 1 and parametrisation 1, with 1 for its constants. For Muon's
/// and other optimisers' updates of that norm.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::spectral_normal(256, 1024)?, Initializer::normal(0.0, 1.0 / 16.0));
/// assert_eq!(scheme::spectral_normal(1024, 256)?, Initializer::normal(0.0, 1.0 / 64.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn spectral_normal(d_in: u64, d_out: u64) -> Result<Initializer> {
    let scheme = "spectral_normal";
    let (d_in, d_out) = (positive(scheme, "d_in", d_in)?, positive(scheme, "d_out", d_out)?);
    Ok(Initializer::normal(0.0, (d_out / d_in).sqrt().min(1.0) / d_in.sqrt()))
}

/// √(d_out/d_in) times an orthogonal matrix: every singular value is √(d_out/d_in), exactly the norm of [`spectral_normal`]'s condition.
/// Mean 0, variance of an entry d_out/d_in over the larger of the two. Large et al. 2024 (arXiv:2405.14813); `Linear` of modula's `atom.py`.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::spectral_orthogonal(256, 1024)?, Initializer::orthogonal(2.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn spectral_orthogonal(d_in: u64, d_out: u64) -> Result<Initializer> {
    let scheme = "spectral_orthogonal";
    let (d_in, d_out) = (positive(scheme, "d_in", d_in)?, positive(scheme, "d_out", d_out)?);
    Ok(Initializer::orthogonal((d_out / d_in).sqrt()))
}
