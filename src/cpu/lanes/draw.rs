//! Words → f32 bits of values, clamped. The readable form is `src/value/draw.rs`; normals are in `normal.rs`.
//!
//! Two things differ from it, and no bit: the exclusive ors of `affine`, which cancel, are left out, since Rust contracts nothing;
//! and values are clamped before they are rounded to the dtype, which gives the same as clamping afterwards, because rounding keeps
//! the order and the bounds are numbers of the dtype.

use super::beside::Alone;
use super::store::Store;
use super::{BATCH, Batch, words};
use crate::DType;
use crate::value::clamp::from_order_key;
use crate::value::program::{Affine, Source};

/// A law with its constants.
pub(super) trait Draw: Copy {
    /// Values of a batch of words.
    fn draw(self, words: &Batch<u32>) -> Batch<u32>;

    /// Writes batches of the elements of blocks, as many as there is room for. `batches` gives the blocks of each by lane.
    #[inline(always)]
    fn fill<S: Store, B: Fn(usize) -> u64>(self, source: Source, batches: impl Iterator<Item = B>, bytes: &mut [u8]) {
        self.one_by_one::<S, B>(source, batches, bytes);
    }

    /// Whole batches; the last one, of which less may be asked, beside its place. One loop, as all of a law is inlined into it.
    #[inline(always)]
    fn one_by_one<S: Store, B: Fn(usize) -> u64>(
        self,
        source: Source,
        batches: impl Iterator<Item = B>,
        bytes: &mut [u8],
    ) {
        let size = BATCH * S::SIZE;
        let (whole, rest) = bytes.split_at_mut(bytes.len() / size * size);
        let mut last = [0; 4 * BATCH];
        for (at, blocks) in (0..whole.len() + rest.len()).step_by(size).zip(batches) {
            let out = if at < whole.len() { &mut whole[at..at + size] } else { &mut last[..size] };
            S::store(&self.draw(&words::batch::<4>(source, blocks, &mut Alone)), out);
        }
        rest.copy_from_slice(&last[..rest.len()]);
    }
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
    pub(super) fn apply(self, unit: f32) -> u32 {
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

#[cfg(test)]
mod tests {
    use super::super::normal::{AllWords, Normal, Window};
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
        let draws = (
            Normal { values: values(&normal), window: AllWords },
            Uniform(values(&uniform)),
            Normal { values: values(&truncated), window: Window { low, range } },
        );
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
