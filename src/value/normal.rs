//! Word → standard normal value: the inverse of the normal distribution function, by an octave quadratic ("Q6").
//! Twin of `shaders/normal.wgsl`.
//!
//! ```
//! use wgpu_init::value::normal::normal_unit;
//! let median = [0x7FFF_FFFF, 0x8000_0000].map(|word| f32::from_bits(normal_unit(word)));
//! assert_eq!(median[0], -median[1]);
//! ```
//!
//! Properties over all 2^32 words (`tests/exhaustive.rs` checks them): monotone in the word; z(!w) = −z(w) bit for bit;
//! 2^-30 ≤ |z| ≤ 6.337958; |error| ≤ 2^-22.97 for |z| ≤ 2 and ≤ 1.007 ulp above.

use super::mulhi::mulhi;

/// Number of rows of the quantile table.
pub const TABLE_ROWS: usize = 2048;

/// The table as shipped: 2048 rows of two little-endian u32. These bytes are normative; their SHA-256 is
/// `2494917357240194100bafded0e3fe5d973754447e8849d7675e3f37be0b9315`.
pub const TABLE_BYTES: &[u8; TABLE_ROWS * 8] = include_bytes!("normal_quantile_v1.bin");

/// Rows (A, B): A holds f32 bits, B a linear (20 bits) and a quadratic (12 bits) coefficient.
pub static TABLE: [[u32; 2]; TABLE_ROWS] = parse_table();

const fn parse_table() -> [[u32; 2]; TABLE_ROWS] {
    let mut table = [[0; 2]; TABLE_ROWS];
    let mut at = 0;
    while at < TABLE_ROWS * 2 {
        let b = TABLE_BYTES;
        table[at / 2][at % 2] = u32::from_le_bytes([b[4 * at], b[4 * at + 1], b[4 * at + 2], b[4 * at + 3]]);
        at += 1;
    }
    table
}

/// Bits of the standard normal quantile of (word + ½) / 2^32.
///
/// Integers, and one f32 addition that rounds. ±0, infinities, NaN and subnormals do not occur.
///
/// ```
/// use wgpu_init::value::normal::normal_unit;
/// assert_eq!(f32::from_bits(normal_unit(u32::MAX)), 6.337958);
/// assert_eq!(f32::from_bits(normal_unit(0)), -6.337958);
/// ```
#[inline]
#[must_use]
pub fn normal_unit(word: u32) -> u32 {
    // Complemented tail word: bit 31 is always set. 2^32 · (tail probability) = tail + ½.
    let complement = word.cast_signed().min((!word).cast_signed()).cast_unsigned();
    let tail = !complement;
    // Index of the leading bit, modulo 32: 31 for tail = 0.
    let octave = 31u32.wrapping_sub(tail.leading_zeros()) & 31;
    let left = complement.rotate_right(octave);
    let [a, b] = TABLE[(((octave << 6) | (left >> 26)) & 2047) as usize];
    let slope = b.wrapping_add((b & 0xFFF).wrapping_mul(left >> 14));
    let offset = mulhi(slope, left << 6);
    // As f32 bits: 2^-6 + (offset >> 9) · 2^-29, in [2^-6, 2^-5).
    let local = f32::from_bits((offset >> 9) + 0x3C80_0000);
    let magnitude = f32::from_bits(a) + local;
    magnitude.to_bits() ^ (!word & 0x8000_0000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_vectors() {
        for (word, bits) in [
            (0x0000_0000, 0xc0ca_d08d),
            (0x0000_0001, 0xc0c5_5364),
            (0x0000_0002, 0xc0c2_b92d),
            (0x0000_0100, 0xc0a9_6b4b),
            (0x1234_5678, 0xbfbb_d931),
            (0x3fff_ffff, 0xbf2c_ab5c),
            (0x4000_0000, 0xbf2c_ab5c),
            (0x7fff_ffff, 0xb080_0000),
            (0x8000_0000, 0x3080_0000),
            (0x9abc_def0, 0x3e87_9cc9),
            (0xc000_0000, 0x3f2c_ab5c),
            (0xffff_ffff, 0x40ca_d08d),
        ] {
            assert_eq!(normal_unit(word), bits, "word {word:#010x}");
        }
    }
}
