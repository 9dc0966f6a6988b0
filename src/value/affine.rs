//! Scale and shift of a unit value. Twin of `shaders/affine.wgsl`.
//!
//! ```
//! use wgpu_init::value::affine::affine;
//! assert_eq!(affine(0.5, 0x1234_5678, 2.0, 1.0), 2.0);
//! ```

/// `fl(shift + fl(scale · unit))`: one rounded product, one rounded sum, never contracted.
///
/// The two exclusive ors with bit 31 of the word cancel mathematically (negation commutes with rounding); in a shader
/// they stand between product and sum, so no compiler can fuse them. `shift` = 0 changes no bit, because the product
/// of a unit value is never zero.
#[inline]
#[must_use]
pub fn affine(unit: f32, word: u32, scale: f32, shift: f32) -> f32 {
    let flip = word & 0x8000_0000;
    let product = scale * f32::from_bits(unit.to_bits() ^ flip);
    f32::from_bits(product.to_bits() ^ flip) + shift
}
