//! Recurrent language models: xLSTM, Griffin, RWKV.

use super::count::positive;
use crate::{Initializer, Result};

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
/// [`Error::ZeroCount`](crate::Error::ZeroCount).
pub fn mlstm_forget_bias(heads: u64) -> Result<Initializer> {
    let steps = positive("mlstm_forget_bias", "heads", heads)? - 1.0;
    Ok(Initializer::ramp(3.0, 3.0 / steps.max(1.0)))
}
