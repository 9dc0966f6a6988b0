//! Recurrent language models: xLSTM, Griffin, RWKV.

use super::count::positive;
use crate::initializer::Asked;
use crate::value::computed::AxisLaw;
use crate::{Error, Initializer, Result};

/// From 3 to 6 in even steps: the biases of an mLSTM's forget gates, one for each of `heads`, with gate weights 0 and the input gates'
/// biases N(0, 0.1²). One head begins at 3. Beck et al. 2024 (arXiv:2405.04517), appendix; `reset_parameters` of NX-AI/xlstm's
/// `mlstm/cell.py`. Weights of xLSTM are [`small_init`](super::small_init) and [`wang_init`](super::wang_init).
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::mlstm_forget_bias(4)?, Initializer::ramp(3.0, 1.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`].
pub fn mlstm_forget_bias(heads: u64) -> Result<Initializer> {
    let steps = positive("mlstm_forget_bias", "heads", heads)? - 1.0;
    Ok(Initializer::ramp(3.0, 3.0 / steps.max(1.0)))
}

/// From 5 to −7, 5 − 12·(n/(N − 1))^(0.3 + 1.3·r) with r = block/(n_block − 1), or 0 if there is one block: an sLSTM's forget gates, for the last axis
/// of each head's N biases (`powerlaw_blockdependent` of NX-AI/xlstm's `slstm/cell.py`); all other gates begin with 0.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::slstm_forget_bias(0, 8)?, Initializer::power_law(5.0, -7.0, 0.3));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`]; [`Error::OutOfRange`] for a block that there is not.
pub fn slstm_forget_bias(block: u64, n_block: u64) -> Result<Initializer> {
    Ok(Initializer::power_law(5.0, -7.0, 0.3 + 1.3 * depth("slstm_forget_bias", "block", block, n_block)?))
}

/// From −5 to 3, −5 + 8·(n/(N − 1))^(0.7 + 1.3·r) with r = layer/(n_layer − 1): RWKV-4's `time_decay`, `[N]`. `RWKV-v4/src/model.py` of
/// BlinkDL/RWKV-LM; Peng et al. 2023 (arXiv:2305.13048), appendix. Its `time_first` is [`rwkv4_bonus`]; most of its matrices are orthogonal or zeros.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::rwkv4_decay(23, 24)?, Initializer::power_law(-5.0, 3.0, 2.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`]; [`Error::OutOfRange`] for a layer that there is not.
pub fn rwkv4_decay(layer: u64, n_layer: u64) -> Result<Initializer> {
    Ok(Initializer::power_law(-5.0, 3.0, 0.7 + 1.3 * depth("rwkv4_decay", "layer", layer, n_layer)?))
}

/// ln 0.3 + 0.5·((n + 1) mod 3 − 1): RWKV-4's `time_first`. Transformers' class has 1 for all of them instead.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::rwkv4_bonus(), Initializer::zigzag(-1.203_972_804_325_936, -1.203_972_804_325_936, 0.5));
/// ```
#[must_use]
pub const fn rwkv4_bonus() -> Initializer {
    // ln 0.3 to the nearest f64.
    let start = -1.203_972_804_325_936;
    Initializer::zigzag(start, start, 0.5)
}

/// From −6 to −1, −6 + 5·(n/(N − 1))^(0.7 + 1.3·r) with r = layer/(n_layer − 1) and N `channels`: `time_decay` of RWKV-5, `[head, N/head]`, and of
/// RWKV-6, `[1, 1, N]`, where n counts through all heads. `RWKV-v5/src/model.py` of BlinkDL/RWKV-LM; Peng et al. 2024 (arXiv:2404.05892).
///
/// ```
/// use wgpu_init::{Shape, scheme};
/// let decay = scheme::rwkv5_decay(0, 24, 1024)?.distribution(&Shape::new([16, 64])?)?;
/// assert_eq!(decay.to_string(), "power_law(-6,-1,0.7,1024)");
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`]; [`Error::OutOfRange`] for a layer that there is not.
pub fn rwkv5_decay(layer: u64, n_layer: u64, channels: u64) -> Result<Initializer> {
    let exponent = 0.7 + 1.3 * depth("rwkv5_decay", "layer", layer, n_layer)?;
    Ok(along(AxisLaw::PowerLaw { start: -6.0, end: -1.0, exponent }, channels))
}

/// r·(1 − n/(N − 1)) + 0.1·((n + 1) mod 3 − 1) with r = layer/(n_layer − 1) and N `channels`: `time_faaaa` of RWKV-5 and 6, `[head, N/head]`.
///
/// ```
/// use wgpu_init::{Shape, scheme};
/// let bonus = scheme::rwkv5_bonus(23, 24, 1024)?.distribution(&Shape::new([16, 64])?)?;
/// assert_eq!(bonus.to_string(), "zigzag(1,0,0.1,1024)");
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`]; [`Error::OutOfRange`] for a layer that there is not.
pub fn rwkv5_bonus(layer: u64, n_layer: u64, channels: u64) -> Result<Initializer> {
    let start = depth("rwkv5_bonus", "layer", layer, n_layer)?;
    Ok(along(AxisLaw::Zigzag { start, end: 0.0, wave: 0.1 }, channels))
}

/// −5.5 + 6·(n/(N − 1))^(1 + r^0.3) + 2.5·z·|z| with r = layer/(n_layer − 1) and z from −1 to 1 along each head of `head` channels: RWKV-7's `w0`, `[1, 1, N]`.
/// `RWKV-v7/train_temp/src/model.py` of BlinkDL/RWKV-LM; Peng et al. 2025 (arXiv:2503.14456). Its `a0` is `power_law_heads(-0.39, 0.01, 1, 0.3, head)`,
/// `v0` `power_law(0.93, 0.53, 1)`, `k_k` `power_law(0.76, 0.66, 1)`.
///
/// ```
/// use wgpu_init::{Initializer, scheme};
/// assert_eq!(scheme::rwkv7_decay(23, 24, 64)?, Initializer::power_law_heads(-5.5, 0.5, 2.0, 2.5, 64));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
///
/// # Errors
/// [`Error::ZeroCount`]; [`Error::OutOfRange`] for a layer that there is not.
pub fn rwkv7_decay(layer: u64, n_layer: u64, head: u64) -> Result<Initializer> {
    let exponent = 1.0 + libm::pow(depth("rwkv7_decay", "layer", layer, n_layer)?, 0.3);
    Ok(Initializer::power_law_heads(-5.5, 0.5, exponent, 2.5, head))
}

/// How deep a layer stands, from 0 for the first to 1 for the last; 0 for the only one.
#[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
fn depth(scheme: &'static str, parameter: &'static str, layer: u64, layers: u64) -> Result<f64> {
    let last = positive(scheme, "the number of layers", layers)? - 1.0;
    let value = layer as f64;
    if layer >= layers {
        let expected = "below the number of layers: they count from 0";
        return Err(Error::OutOfRange { distribution: scheme, parameter, value, expected });
    }
    Ok(value / last.max(1.0))
}

/// A law along so many elements, however the tensor divides them into rows.
const fn along(law: AxisLaw, length: u64) -> Initializer {
    Initializer(Asked::Axis { law, length: Some(length) })
}
