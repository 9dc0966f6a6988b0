//! Clamp of float bits in the order of integers: exact for every value, subnormals included.
//! Twin of `shaders/clamp.wgsl`.
//!
//! ```
//! use wgpu_init::value::clamp::{clamp_bits, order_key};
//! let [low, high] = [-1f32, 1.0].map(|bound| order_key(bound.to_bits()));
//! assert_eq!(clamp_bits(3f32.to_bits(), low, high), 1f32.to_bits());
//! assert!(order_key((-0f32).to_bits()) < order_key(0f32.to_bits()));
//! ```

/// Monotone map of f32 bits to u32, with −0 just below +0. A 16-bit float is mapped as its bits `<< 16`, one of 8 bits `<< 24`.
#[inline]
#[must_use]
pub const fn order_key(bits: u32) -> u32 {
    bits ^ ((bits.cast_signed() >> 31).cast_unsigned() | 0x8000_0000)
}

/// Inverse of [`order_key`].
#[inline]
#[must_use]
pub const fn from_order_key(key: u32) -> u32 {
    key ^ (((!key).cast_signed() >> 31).cast_unsigned() | 0x8000_0000)
}

/// `bits`, kept between two bounds given as order keys. `(0, u32::MAX)` changes nothing.
#[inline]
#[must_use]
pub fn clamp_bits(bits: u32, low_key: u32, high_key: u32) -> u32 {
    from_order_key(order_key(bits).max(low_key).min(high_key))
}
