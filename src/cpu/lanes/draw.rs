//! Words → f32 bits of values, clamped. The readable forms are `src/value/draw.rs` and `src/value/normal.rs`.
//!
//! Two things differ from them, and no bit: the exclusive ors of `affine`, which cancel, are left out, since Rust contracts nothing;
//! and values are clamped before they are rounded to the dtype, which gives the same as clamping afterwards, because rounding keeps
//! the order and the bounds are numbers of the dtype.

use super::words::high_halves;
use super::{BATCH, Batch};
use crate::DType;
use crate::value::clamp::from_order_key;
use crate::value::normal::{TABLE, TABLE_ROWS};
use crate::value::program::Affine;

/// A law with its constants.
pub(super) trait Draw: Copy {
    fn draw(self, words: &Batch<u32>) -> Batch<u32>;
}

/// Scale, shift and bounds of values.
#[derive(Clone, Copy)]
pub(super) struct Values {
    scale: f32,
    shift: f32,
    low: f32,
    high: f32,
}

impl Values {
    pub(super) fn new(affine: &Affine, dtype: DType) -> Self {
        let (low, high) = (bound(dtype, affine.bounds.low_key), bound(dtype, affine.bounds.high_key));
        Self { scale: affine.scale, shift: affine.shift, low, high }
    }

    /// Comparisons with NaN, which stands for no bound, are false. No value is −0 but a bound, so that zeros need no care.
    #[inline(always)]
    fn apply(self, unit: f32) -> u32 {
        let value = unit * self.scale + self.shift;
        let value = if value < self.low { self.low } else { value };
        let value = if self.high < value { self.high } else { value };
        value.to_bits()
    }
}

/// The number that an order key of the stored format stands for. The keys that clamp nothing are NaN.
#[expect(clippy::cast_possible_truncation, reason = "exact: every number of a dtype is one of f32")]
fn bound(dtype: DType, key: u32) -> f32 {
    let bits = from_order_key(key);
    dtype.decode(bits >> dtype.key_shift()) as f32
}

#[derive(Clone, Copy)]
pub(super) struct Uniform(pub(super) Values);

impl Draw for Uniform {
    #[inline(always)]
    fn draw(self, words: &Batch<u32>) -> Batch<u32> {
        let mut bits = Batch([0; BATCH]);
        for (out, word) in bits.0.iter_mut().zip(words.0) {
            // 2·(word >> 8) + 1 − 2^24
            #[expect(clippy::cast_precision_loss, reason = "exact: |k| < 2^24")]
            let k = ((word >> 7) | 1).cast_signed().wrapping_sub(1 << 24) as f32;
            *out = self.0.apply(k);
        }
        bits
    }
}

#[derive(Clone, Copy)]
pub(super) struct Normal(pub(super) Values);

/// The rows of the quantile table, each in one load: A in the low half, B in the high one.
static ROWS: [u64; TABLE_ROWS] = {
    let mut rows = [0; TABLE_ROWS];
    let mut at = 0;
    while at < TABLE_ROWS {
        rows[at] = TABLE[at][0] as u64 | (TABLE[at][1] as u64) << 32;
        at += 1;
    }
    rows
};

/// A row of the table. A page waits for each copy of the table in a module of WebAssembly: there it is read where all other code reads it.
#[inline(always)]
fn row(at: usize) -> u64 {
    if cfg!(target_family = "wasm") {
        let [a, b] = TABLE[at];
        u64::from(a) | u64::from(b) << 32
    } else {
        ROWS[at]
    }
}

impl Draw for Normal {
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "halves of a row; at most 24 bits in a row"
    )]
    fn draw(self, words: &Batch<u32>) -> Batch<u32> {
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
            rows.0[lane] = row(indices.0[lane] as usize % TABLE_ROWS);
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
            bits.0[lane] = self.0.apply(f32::from_bits(magnitude.to_bits() ^ (!words.0[lane] & 0x8000_0000)));
        }
        bits
    }
}

#[derive(Clone, Copy)]
pub(super) struct Truncated {
    pub(super) normal: Normal,
    pub(super) low: u32,
    /// Not 0, which stands for 2^32.
    pub(super) range: u32,
}

impl Draw for Truncated {
    #[inline(always)]
    fn draw(self, words: &Batch<u32>) -> Batch<u32> {
        let mut inside = Batch([0; BATCH]);
        for (out, word) in inside.0.iter_mut().zip(words.0) {
            let product = u64::from(word) * u64::from(self.range) + u64::from(self.range >> 1);
            *out = self.low.wrapping_add((product >> 32) as u32);
        }
        self.normal.draw(&inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::program::{Elementwise, Program, Unit};
    use crate::{Initializer, Shape};

    fn affine(initializer: Initializer) -> Affine {
        let distribution = initializer.distribution(&Shape::new([1]).expect("a shape")).expect("a law");
        let program = distribution.resolve(DType::F32).expect("parameters fit f32").program;
        let Program::Elementwise(Elementwise::Affine(affine)) = program else { panic!("{initializer} is not affine") };
        affine
    }

    /// Compares batches of words with the value contract, word by word.
    fn compare(words: impl Iterator<Item = u32>) {
        let normal = affine(Initializer::normal(0.0, 1.0));
        let uniform = affine(Initializer::uniform(-1.0, 1.0));
        let truncated = affine(Initializer::trunc_normal(0.0, 1.0, -2.0, 1.0));
        let Unit::Truncated { low, range } = truncated.unit else { panic!("a window") };
        let values = |affine| Values::new(affine, DType::F32);
        let cut = Truncated { normal: Normal(values(&truncated)), low, range };
        let draws = (Normal(values(&normal)), Uniform(values(&uniform)), cut);
        let mut words = words.peekable();
        while words.peek().is_some() {
            let batch = Batch(core::array::from_fn(|_| words.next().unwrap_or_default()));
            let got = [draws.0.draw(&batch), draws.1.draw(&batch), draws.2.draw(&batch)];
            for (lane, word) in batch.0.into_iter().enumerate() {
                let expected = [&normal, &uniform, &truncated].map(|affine| affine.element(DType::F32, word));
                assert_eq!(got.map(|bits| bits.0[lane]), expected, "{word:#010x}");
            }
        }
    }

    /// Words of both tails in every row of the table, at its ends and inside.
    #[test]
    fn words_of_every_row_are_drawn_as_in_the_value_contract() {
        let tails = (0..31u32).flat_map(|octave| {
            let leading = 1 << octave;
            let inside = (0..=256u64).flat_map(move |part| {
                let base = (part * u64::from(leading)) >> 8;
                [base.saturating_sub(1), base, base + 1]
            });
            inside.map(move |inside| leading + u32::try_from(inside).unwrap_or(0).min(leading - 1))
        });
        compare([0].into_iter().chain(tails).flat_map(|tail| [tail, !tail]));
    }

    #[test]
    #[ignore = "minutes, all 2^32 words: ./check --exhaustive"]
    fn all_words_are_drawn_as_in_the_value_contract() {
        compare(0..=u32::MAX);
    }
}
