//! Layers that are put into a trained model and must leave its outputs as they are at first.

use super::count::positive;
use crate::fan::FanMode;
use crate::initializer::Nonlinearity;
use crate::{Initializer, Result};

/// U(±1/√fan_in) for LoRA's `A`, `[rank, in, k…]`: what `torch.nn.Linear` does, √5 as PyTorch's slope. Mean 0, variance
/// 1/(3·fan_in). Hu et al. 2021 (arXiv:2106.09685); `loralib/layers.py` of microsoft/LoRA, and `reset_lora_parameters` of
/// huggingface/peft where `init_lora_weights` is `True`. `B` is [`lora_b`].
///
/// ```
/// use wgpu_init::scheme::{self, FanMode, Nonlinearity};
/// use wgpu_init::Initializer;
/// let slope = 5f64.sqrt();
/// assert_eq!(scheme::lora_a(), Initializer::kaiming_uniform(FanMode::FanIn, Nonlinearity::LeakyRelu { slope }));
/// ```
#[must_use]
pub const fn lora_a() -> Initializer {
    // √5 to the nearest f64; its square root is no constant expression.
    let slope = 2.236_067_977_499_79;
    Initializer::kaiming_uniform(FanMode::FanIn, Nonlinearity::LeakyRelu { slope })
}

/// N(0, 1/rank²) for LoRA's `A`: a Gaussian, as the paper has it (section 4.1), with the standard deviation of peft's
/// `init_lora_weights="gaussian"` and of diffusers. Mean 0.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::lora_a_gaussian(8)?, Initializer::normal(0.0, 0.125));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn lora_a_gaussian(rank: u64) -> Result<Initializer> {
    Ok(Initializer::normal(0.0, 1.0 / positive("lora_a_gaussian", "rank", rank)?))
}

/// Zeros for LoRA's `B`, `[out, rank]`, so that B·A is 0 at first. For an embedding it is the other way round: `A` begins with
/// zeros and `B` with N(0, 1), as in `loralib` and peft. Variance 0.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::lora_b(), Initializer::zeros());
/// ```
#[must_use]
pub const fn lora_b() -> Initializer {
    Initializer::zeros()
}

/// Zeros for weight and bias of `ControlNet`'s zero convolutions, which join its copy to the trained model. Variance 0. Zhang et al.
/// 2023 (arXiv:2302.05543), section 3.1; `zero_module` of lllyasviel/ControlNet.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::zero_convolution(), Initializer::zeros());
/// ```
#[must_use]
pub const fn zero_convolution() -> Initializer {
    Initializer::zeros()
}
