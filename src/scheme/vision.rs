//! Vision transformers as timm initialises them: `init_weights_vit_*` of `timm/models/vision_transformer.py`.
//!
//! `timm` mode: linear weights N(0, 0.02²) cut at the **absolute** ±2, biases 0. `jax` mode: linear weights
//! [`xavier_uniform`](crate::Initializer::xavier_uniform), the patch embedding [`lecun_normal`](crate::Initializer::lecun_normal) in
//! PyTorch's layout, MLP biases [`vit_mlp_bias`], head 0. `moco` mode: as `jax`, but `qkv` by [`moco_qkv`] and biases 0.

use super::count::positive;
use crate::fan::{FanMode, Fans, Layout};
use crate::{Initializer, Result, Shape};

/// N(0, 1e-12): the biases of a vision transformer's MLPs in JAX's reference code and timm's `jax` mode. Mean 0.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::vit_mlp_bias(), Initializer::normal(0.0, 1e-6));
/// ```
#[must_use]
pub const fn vit_mlp_bias() -> Initializer {
    Initializer::normal(0.0, 1e-6)
}

/// The constant −ln(classes): the bias of a classifier whose sigmoids begin with one class in `classes`; timm's `jax_nlhb` mode,
/// the "negative log head bias" of Beyer et al. 2020 (arXiv:2006.07159). Variance 0.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::negative_log_bias(1000)?, Initializer::constant(-6.907_755_278_982_137));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn negative_log_bias(classes: u64) -> Result<Initializer> {
    Ok(Initializer::constant(-libm::log(positive("negative_log_bias", "classes", classes)?)))
}

/// U(±√(6/(⌊out/3⌋ + in))) for stacked queries, keys and values `[3·d, in]`, each of the three Xavier-uniform by itself: MoCo v3
/// (Chen et al. 2021, arXiv:2104.02057), timm's `moco` mode. Mean 0, variance 2/(⌊out/3⌋ + in).
///
/// ```
/// use wgpu_init::{Initializer, Shape, scheme};
/// let bound = (6.0f64 / 1536.0).sqrt();
/// assert_eq!(scheme::moco_qkv(&Shape::new([2304, 768])?)?, Initializer::uniform(-bound, bound));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// Those of [`Fans::of`].
pub fn moco_qkv(shape: &Shape) -> Result<Initializer> {
    let fans = Fans::of(shape, Layout::OutIn)?;
    let block = Fans { fan_in: fans.fan_in, fan_out: fans.fan_out / 3 };
    let bound = (6.0 / (2.0 * block.of_mode(FanMode::FanAvg))).sqrt();
    Ok(Initializer::uniform(-bound, bound))
}
