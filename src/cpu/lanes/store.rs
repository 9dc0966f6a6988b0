//! f32 bits → little-endian elements. The readable form is `src/value/narrow.rs`.

use super::{BATCH, Batch, Blocks};
use crate::value::narrow::narrow_bf16;

/// A dtype, as the type of a loop.
pub(super) trait Store {
    /// Bytes per element.
    const SIZE: usize;

    /// The bits of an element, in the lowest bits for the smaller dtypes.
    fn narrow(bits: u32) -> u32;

    /// Stores a batch, for which `out` has the room.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "a smaller float stands in the lowest bits")]
    fn store(bits: &Batch<u32>, out: &mut [u8]) {
        let (mut words, mut halves, mut bytes) = (Batch([0u32; BATCH]), Batch([0u16; BATCH]), Batch([0u8; BATCH]));
        let stored: &[u8] = match Self::SIZE {
            4 => {
                for (word, bits) in words.0.iter_mut().zip(bits.0) {
                    *word = Self::narrow(bits).to_le();
                }
                bytemuck::cast_slice(&words.0)
            }
            2 => {
                for (half, bits) in halves.0.iter_mut().zip(bits.0) {
                    *half = (Self::narrow(bits) as u16).to_le();
                }
                bytemuck::cast_slice(&halves.0)
            }
            _ => {
                for (byte, bits) in bytes.0.iter_mut().zip(bits.0) {
                    *byte = Self::narrow(bits) as u8;
                }
                &bytes.0
            }
        };
        out.copy_from_slice(stored);
    }

    /// Puts drawn elements where they belong.
    fn place(blocks: &Blocks, drawn: &[u8], bytes: &mut [u8]);
}

pub(super) struct F32;
pub(super) struct F16;
pub(super) struct Bf16;
pub(super) struct F8E4M3Fn;
pub(super) struct F8E5M2;

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

impl Store for F8E4M3Fn {
    const SIZE: usize = 1;

    #[inline(always)]
    fn place(blocks: &Blocks, drawn: &[u8], bytes: &mut [u8]) {
        blocks.store::<1>(drawn, bytes);
    }

    #[inline(always)]
    fn narrow(bits: u32) -> u32 {
        narrow_f8_e4m3fn(bits)
    }
}

impl Store for F8E5M2 {
    const SIZE: usize = 1;

    #[inline(always)]
    fn place(blocks: &Blocks, drawn: &[u8], bytes: &mut [u8]) {
        blocks.store::<1>(drawn, bytes);
    }

    #[inline(always)]
    fn narrow(bits: u32) -> u32 {
        narrow_f8_e5m2(bits)
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

/// [`narrow_f8_e4m3fn`](crate::value::narrow::narrow_f8_e4m3fn) in the same way; the last place of 2^14 is 2^-9.
#[inline(always)]
fn narrow_f8_e4m3fn(bits: u32) -> u32 {
    let sign = (bits >> 24) & 0x80;
    let magnitude = bits & 0x7FFF_FFFF;
    let normal = magnitude.wrapping_sub(0x3C00_0000).wrapping_add(0x7_FFFF + ((magnitude >> 20) & 1)) >> 20;
    let subnormal = (f32::from_bits(magnitude) + 16384.0).to_bits().wrapping_sub(0x4680_0000);
    sign | if magnitude < 0x3C80_0000 { subnormal } else { normal.min(0x7E) }
}

/// [`narrow_f8_e5m2`](crate::value::narrow::narrow_f8_e5m2) in the same way; the last place of 2^7 is 2^-16.
#[inline(always)]
fn narrow_f8_e5m2(bits: u32) -> u32 {
    let sign = (bits >> 24) & 0x80;
    let magnitude = bits & 0x7FFF_FFFF;
    let normal = magnitude.wrapping_sub(0x3800_0000).wrapping_add(0xF_FFFF + ((magnitude >> 21) & 1)) >> 21;
    let subnormal = (f32::from_bits(magnitude) + 128.0).to_bits().wrapping_sub(0x4300_0000);
    sign | if magnitude < 0x3880_0000 { subnormal } else { normal.min(0x7B) }
}

#[cfg(test)]
mod tests {
    use super::{narrow_f8_e4m3fn, narrow_f8_e5m2, narrow_f16};
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

    /// The same for 8 bits, of which more are cut off.
    #[test]
    fn f8_is_that_of_the_value_contract() {
        for top in 0..1u32 << 12 {
            for low in [0, 1, 0x7_FFFF, 0x8_0000, 0x8_0001, 0xF_FFFF] {
                let bits = top << 20 | low;
                if f32::from_bits(bits).is_nan() {
                    continue;
                }
                assert_eq!(narrow_f8_e4m3fn(bits), narrow::narrow_f8_e4m3fn(bits), "{bits:#010x}");
                assert_eq!(narrow_f8_e5m2(bits), narrow::narrow_f8_e5m2(bits), "{bits:#010x}");
            }
        }
    }
}
