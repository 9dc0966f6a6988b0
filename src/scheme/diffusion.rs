//! Diffusion transformers: `initialize_weights` of facebookresearch/DiT's `models.py`, Peebles and Xie 2022 (arXiv:2212.09748).
//!
//! Besides these: linear weights [`xavier_uniform`](crate::Initializer::xavier_uniform) with a gain of 1, their biases 0, labels and the
//! two layers of the time steps N(0, 0.02²).

use crate::Initializer;
use crate::fan::{Axes, Layout};

/// Zeros for weight and bias of the layer that gives shift, scale and gate of a block (adaLN-Zero, section 3.2), and of the final
/// layer: every block begins as the identity. Variance 0.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::adaln_zero(), Initializer::zeros());
/// ```
#[must_use]
pub const fn adaln_zero() -> Initializer {
    Initializer::zeros()
}

/// U(±√(6/(in·kh·kw + out))) for the patch embedding `[out, in, kh, kw]`: Xavier as for the linear layer that it is, with `out` and
/// not out·kh·kw outputs. Also MAE's (`initialize_weights` of facebookresearch/mae). Mean 0, variance 2/(in·kh·kw + out).
///
/// ```
/// use wgpu_init::{Shape, scheme};
/// let bound = (6.0f64 / (4.0 * 4.0 + 1152.0)).sqrt();
/// let patches = scheme::dit_patch_embedding().distribution(&Shape::new([1152, 4, 2, 2])?)?;
/// assert!((patches.parameters()[1].1 / bound - 1.0).abs() < 1e-15);
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[must_use]
pub fn dit_patch_embedding() -> Initializer {
    let input = Axes::one(1).and(2).and(3);
    Initializer::xavier_uniform(1.0).with_layout(Layout::Custom { input, output: Axes::one(0), batch: Axes::NONE })
}
