//! f32 bits → bits of the stored element, clamped in the stored format. Twin of `shaders/finish.wgsl`.
//!
//! ```
//! use wgpu_init::DType;
//! use wgpu_init::value::{clamp::order_key, finish::finish};
//! // 0.3 as bf16, at most 0.25.
//! let [low, high] = [-0.25f32, 0.25].map(|bound| order_key(bound.to_bits()));
//! assert_eq!(finish(DType::Bf16, 0.3f32.to_bits(), low, high), 0x3E80);
//! ```

use super::clamp::clamp_bits;
use super::narrow::narrow;
use crate::DType;

/// Rounds `bits` (of an f32) to `dtype` and clamps to the bounds, order keys of the stored format.
#[inline]
#[must_use]
pub fn finish(dtype: DType, bits: u32, low_key: u32, high_key: u32) -> u32 {
    let shift = dtype.key_shift();
    clamp_bits(narrow(dtype, bits) << shift, low_key, high_key) >> shift
}
