//! Schemes: from the shape of a weight, or a model's sizes, to the initializer that keeps the variance of activations or gradients.
//!
//! The same name means different laws in different libraries. Here:
//!
//! | name | library that means this | law of the normal form |
//! | --- | --- | --- |
//! | `xavier_*`, `kaiming_*` | PyTorch, MLX, candle, Burn | N(0, variance), not truncated; weights `[out, in, k…]` |
//! | `glorot_*`, `he_*`, `lecun_*` | JAX, Flax, Keras, TensorFlow | truncated at ±2σ, variance restored; weights `[k…, in, out]` |
//!
//! The uniform forms agree. The layout of either can be changed: [`Initializer::with_layout`](crate::Initializer::with_layout).
//!
//! | initializer | variance |
//! | --- | --- |
//! | `xavier_*` | gain² · 2 / (fan_in + fan_out) |
//! | `kaiming_*` | gain² / fan, gain of the [`Nonlinearity`] |
//! | `variance_scaling`, `glorot_*`, `he_*`, `lecun_*` | scale / fan |
//!
//! Constants are computed in f64 in the order of operations of `torch.nn.init` (Xavier, Kaiming) and `jax.nn.initializers`
//! (variance scaling), so that they equal those libraries' to the last bit where their own are f64.
//!
//! ```
//! use wgpu_init::{Initializer, scheme};
//! // GPT-2 small's residual projections.
//! assert_eq!(scheme::residual_normal(0.02, 12)?, Initializer::normal(0.0, 0.02 / 24f64.sqrt()));
//! # Ok::<(), wgpu_init::Error>(())
//! ```

mod adapter;
mod count;
mod depth;
mod diffusion;
mod field;
mod mup;
mod olmo;
mod recurrent;
mod residual;
mod truncated;
mod vision;
mod width;

pub use crate::fan::{Axes, FanMode, Fans, Layout};
pub use crate::initializer::{GELU_GAIN, Nonlinearity, SILU_GAIN, Spread, TRUNCATED_STD};
pub use crate::value::stft::{Scaling, Side, Window};
pub use adapter::{lora_a, lora_a_gaussian, lora_b, zero_convolution};
pub use depth::{depth_scaled, residual_normal, scaled_normal, small_init, wang_init};
pub use diffusion::{adaln_zero, dit_patch_embedding};
pub use field::{hash_grid, siren, siren_first};
pub use mup::Mup;
pub use olmo::{fan_in_normal, full_megatron, full_megatron_residual, mitchell, mitchell_residual};
pub use recurrent::{
    mlstm_forget_bias, rwkv4_bonus, rwkv4_decay, rwkv5_bonus, rwkv5_decay, rwkv7_decay, slstm_forget_bias,
};
pub use residual::{deepnet, deepnet_decoder, deepnet_encoder, fixup};
pub use truncated::{logits_head, switch_normal, truncated_sigmas};
pub use vision::{moco_qkv, negative_log_bias, vit_mlp_bias};
pub use width::{complete_p, spectral_normal, spectral_orthogonal};
