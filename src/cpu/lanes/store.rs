//! f32 bits → little-endian elements. The readable form is `src/value/narrow.rs`.

use super::{BATCH, Batch, Blocks};
use crate::value::narrow::narrow_bf16;

/// A dtype, as the type of a loop.
pub(super) trait Store {
    /// Bytes per element.
    const SIZE: usize;

    /// The bits of an element, in the low half for the 16-bit dtypes.
    fn narrow(bits: u32) -> u32;

    /// Stores a batch, for which `out` has the room.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "a 16-bit float stands in the low half")]
    fn store(bits: &Batch<u32>, out: &mut [u8]) {
        let (mut words, mut halves) = (Batch([0u32; BATCH]), Batch([0u16; BATCH]));
        let bytes: &[u8] = if Self::SIZE == 4 {
            for (word, bits) in words.0.iter_mut().zip(bits.0) {
                *word = Self::narrow(bits).to_le();
            }
            bytemuck::cast_slice(&words.0)
        } else {
            for (half, bits) in halves.0.iter_mut().zip(bits.0) {
                *half = (Self::narrow(bits) as u16).to_le();
            }
            bytemuck::cast_slice(&halves.0)
        };
        out.copy_from_slice(bytes);
    }

    /// Puts drawn elements where they belong.
    fn place(blocks: &Blocks, drawn: &[u8], bytes: &mut [u8]);
}

pub(super) struct F32;
pub(super) struct F16;
pub(super) struct Bf16;

impl Store for F32 {
    const SIZE: usize = 4;

    #[inline(always)]
    fn place(blocks: &Blocks, drawn: &[u8], bytes: &mut [u8]) {
        blocks.store::<4>(drawn, bytes);
    }

    #[inline(always)]
    fn narrow(bits: u32) -> u32 {
        bits
    }
}

impl Store for F16 {
    const SIZE: usize = 2;

    #[inline(always)]
    fn place(blocks: &Blocks, drawn: &[u8], bytes: &mut [u8]) {
        blocks.store::<2>(drawn, bytes);
    }

    #[inline(always)]
    fn narrow(bits: u32) -> u32 {
        narrow_f16(bits)
    }
}

impl Store for Bf16 {
    const SIZE: usize = 2;

    #[inline(always)]
    fn place(blocks: &Blocks, drawn: &[u8], bytes: &mut [u8]) {
        blocks.store::<2>(drawn, bytes);
    }

    #[inline(always)]
    fn narrow(bits: u32) -> u32 {
        narrow_bf16(bits)
    }
}

/// [`narrow_f16`](crate::value::narrow::narrow_f16) without branches or shifts by variable amounts.
#[inline(always)]
fn narrow_f16(bits: u32) -> u32 {
    let sign = (bits >> 16) & 0x8000;
    let magnitude = bits & 0x7FFF_FFFF;
    let normal = magnitude.wrapping_sub(0x3800_0000).wrapping_add(0xFFF + ((magnitude >> 13) & 1)) >> 13;
    // The last place of ½ is 2^-24, as that of a subnormal: one addition rounds.
    let subnormal = (f32::from_bits(magnitude) + 0.5).to_bits().wrapping_sub(0x3F00_0000);
    sign | if magnitude < 0x3880_0000 { subnormal } else { normal.min(0x7C00) }
}

#[cfg(test)]
mod tests {
    use super::narrow_f16;
    use crate::value::narrow;

    /// Every sign, exponent and kept mantissa, with every way to lie beside a tie.
    #[test]
    fn f16_is_that_of_the_value_contract() {
        for top in 0..1u32 << 19 {
            for low in [0, 1, 0xFFF, 0x1000, 0x1001, 0x1FFF] {
                let bits = top << 13 | low;
                if f32::from_bits(bits).is_nan() {
                    continue;
                }
                assert_eq!(narrow_f16(bits), narrow::narrow_f16(bits), "{bits:#010x}");
            }
        }
    }
}
