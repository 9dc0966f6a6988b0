//! `normal.rs` for WebAssembly: batch by batch, in the forms that are quickest after a browser has compiled them again. What `normal.rs` does for
//! processors takes 8 to 12 % longer there. `web/check` compares the two.

use super::draw::{Draw, Values};
use super::words::high_halves;
use super::{BATCH, Batch};
use crate::value::normal::{TABLE, TABLE_ROWS};

/// A normal law, of the words of a window.
#[derive(Clone, Copy)]
pub(super) struct Normal<W> {
    pub(super) values: Values,
    pub(super) window: W,
}

/// Words → words of a window.
pub(super) trait Inside: Copy {
    fn inside(self, words: &Batch<u32>) -> Batch<u32>;
}

#[derive(Clone, Copy)]
pub(super) struct AllWords;

impl Inside for AllWords {
    #[inline(always)]
    fn inside(self, words: &Batch<u32>) -> Batch<u32> {
        *words
    }
}

#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) low: u32,
    /// Not 0, which stands for 2^32.
    pub(super) range: u32,
}

impl Inside for Window {
    #[inline(always)]
    fn inside(self, words: &Batch<u32>) -> Batch<u32> {
        let mut inside = Batch([0; BATCH]);
        for (out, word) in inside.0.iter_mut().zip(words.0) {
            let product = u64::from(word) * u64::from(self.range) + u64::from(self.range >> 1);
            *out = self.low.wrapping_add((product >> 32) as u32);
        }
        inside
    }
}

impl<W: Inside> Draw for Normal<W> {
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "halves of a row; at most 24 bits in a row"
    )]
    fn draw(self, words: &Batch<u32>) -> Batch<u32> {
        let words = &self.window.inside(words);
        let (mut lefts, mut indices) = (Batch([0; BATCH]), Batch([0; BATCH]));
        for lane in 0..BATCH {
            let word = words.0[lane];
            let complement = word.cast_signed().min((!word).cast_signed()).cast_unsigned();
            let tail = !complement;
            // Index of the leading bit, as the exponent of a float: no bit next to the leading one is left to round it up, and the
            // half makes the exponent of 0 be −1, which is 31 modulo 32. Not every vector unit counts zeros.
            let octave = ((tail & !(tail >> 1)).cast_signed() as f32 + 0.5).to_bits() >> 23;
            let octave = octave.wrapping_sub(127) & 31;
            let left = complement.rotate_right(octave);
            lefts.0[lane] = left;
            indices.0[lane] = (octave << 6) | (left >> 26);
        }
        let mut rows = Batch([0; BATCH]);
        for lane in 0..BATCH {
            // A page waits for each copy of the table in a module: it is read where all other code reads it.
            let [a, b] = TABLE[indices.0[lane] as usize % TABLE_ROWS];
            rows.0[lane] = u64::from(a) | u64::from(b) << 32;
        }
        let (mut slopes, mut locals) = (Batch([0; BATCH]), Batch([0; BATCH]));
        for lane in 0..BATCH {
            let (left, b) = (lefts.0[lane], (rows.0[lane] >> 32) as u32);
            slopes.0[lane] = b.wrapping_add((b & 0xFFF).wrapping_mul(left >> 14));
            locals.0[lane] = left << 6;
        }
        let offsets = high_halves(&slopes, &locals);
        let mut bits = Batch([0; BATCH]);
        for lane in 0..BATCH {
            let a = f32::from_bits(rows.0[lane] as u32);
            let magnitude = a + f32::from_bits((offsets.0[lane] >> 9) + 0x3C80_0000);
            bits.0[lane] = self.values.apply(f32::from_bits(magnitude.to_bits() ^ (!words.0[lane] & 0x8000_0000)));
        }
        bits
    }
}
