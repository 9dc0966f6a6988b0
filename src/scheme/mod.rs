//! Schemes: from the shape of a weight to the distribution that keeps the variance of activations or gradients.
//!
//! The same name means different laws in different libraries. Here:
//!
//! | name | library that means this | law of the normal form |
//! | --- | --- | --- |
//! | `xavier_*`, `kaiming_*` | PyTorch, MLX, candle, Burn | N(0, variance), not truncated; weights `[out, in, k…]` |
//! | `glorot_*`, `he_*`, `lecun_*` | JAX, Flax, Keras, TensorFlow | truncated at ±2σ, variance restored; weights `[k…, in, out]` |
//!
//! The uniform forms agree. The layout of either can be changed: [`Initializer::with_layout`](crate::Initializer::with_layout).

mod computed;
mod count;
mod depth;
mod fan;
mod gain;
mod mup;
mod named;
mod olmo;
mod structured;
mod text;
mod truncated;
mod variance;
mod vision;

pub use depth::{depth_scaled, residual_normal, scaled_normal, small_init, wang_init};
pub use fan::{Axes, FanMode, Fans, Layout};
pub use gain::{GELU_GAIN, Nonlinearity, SILU_GAIN};
pub use mup::Mup;
pub(crate) use named::named;
pub use olmo::{fan_in_normal, full_megatron, full_megatron_residual, mitchell, mitchell_residual};
pub(crate) use structured::Place;
pub use structured::Structured;
pub use truncated::{logits_head, truncated_sigmas};
pub use variance::{Scheme, Spread, TRUNCATED_STD};
pub use vision::{moco_qkv, negative_log_bias, vit_mlp_bias};
