//! Words → f32 bits of normal and truncated normal values, clamped. The readable forms are `src/value/normal.rs` and
//! `src/value/truncated.rs`; WebAssembly's is `normal_wasm.rs`.
//!
//! A batch of words on its way is changed in place: as a value that functions return it is copied with AVX2, which costs a fifth.

use super::beside::{Alone, Beside};
use super::draw::{Draw, Values};
use super::store::Store;
use super::words::high_halves;
use super::{BATCH, Batch, words};
use crate::value::normal::{TABLE, TABLE_ROWS};
use crate::value::program::Source;
use core::ops::Range;
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::Relaxed;

/// A normal law, of the words of a window.
#[derive(Clone, Copy)]
pub(super) struct Normal<W> {
    pub(super) values: Values,
    pub(super) window: W,
}

/// Words → words of a window.
pub(super) trait Inside: Copy {
    /// Begins with words inside.
    fn begin(self, words: &Batch<u32>, begun: &mut Begun);
}

#[derive(Clone, Copy)]
pub(super) struct AllWords;

impl Inside for AllWords {
    #[inline(always)]
    fn begin(self, words: &Batch<u32>, begun: &mut Begun) {
        begun.begin(words);
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
    fn begin(self, words: &Batch<u32>, begun: &mut Begun) {
        let words: [u64; BATCH / 2] = bytemuck::cast(words.0);
        // The low end of the window comes with the half: 64 bits wrap as the 32 above do.
        let (range, start) = (u64::from(self.range), u64::from(self.low) << 32 | u64::from(self.range >> 1));
        let mut inside = [0; BATCH / 2];
        // Every other lane apart, as in `high_halves`.
        for (pair, words) in inside.iter_mut().zip(words) {
            let [a, b] = [words & 0xFFFF_FFFF, words >> 32].map(|word| (word * range).wrapping_add(start));
            *pair = (a >> 32) | (b & !0xFFFF_FFFF);
        }
        begun.begin(&Batch(bytemuck::cast(inside)));
    }
}

/// A batch of words on its way.
pub(super) struct Begun {
    words: Batch<u32>,
    /// The complements of tails, rotated until the leading bit is gone.
    lefts: Batch<u32>,
    /// Which rows. Atomic, though no other thread sees them, as the compiler makes no vectors of atomic loads: it would gather rows by an
    /// instruction that is slower than a load for each.
    indices: [AtomicU32; BATCH],
    rows: Batch<u64>,
}

impl Default for Begun {
    fn default() -> Self {
        let indices = [const { AtomicU32::new(0) }; BATCH];
        Self { words: Batch::default(), lefts: Batch::default(), indices, rows: Batch::default() }
    }
}

impl Begun {
    /// Up to the indices of rows.
    #[inline(always)]
    #[expect(clippy::cast_precision_loss, reason = "at most 24 bits in a row")]
    fn begin(&mut self, words: &Batch<u32>) {
        for lane in 0..BATCH {
            let word = words.0[lane];
            let complement = word.cast_signed().min((!word).cast_signed()).cast_unsigned();
            let tail = !complement;
            // Index of the leading bit, as the exponent of a float: no bit next to the leading one is left to round it up, and the
            // half makes the exponent of 0 be −1, which is 31 modulo 32. Not every vector unit counts zeros.
            let octave = ((tail & !(tail >> 1)).cast_signed() as f32 + 0.5).to_bits() >> 23;
            let octave = octave.wrapping_sub(127);
            let left = complement.rotate_right(octave);
            self.lefts.0[lane] = left;
            *self.indices[lane].get_mut() = (octave << 6) | (left >> 26);
        }
        self.words = *words;
    }

    /// All rows at once, by whatever the compiler takes for it.
    #[inline(always)]
    fn gather(&mut self) {
        for lane in 0..BATCH {
            self.rows.0[lane] = row(*self.indices[lane].get_mut());
        }
    }

    #[inline(always)]
    fn look_up(&mut self) -> LookUp<'_> {
        LookUp { indices: &self.indices, rows: &mut self.rows }
    }

    /// From the rows on.
    #[inline(always)]
    fn finish(&self, values: Values) -> Batch<u32> {
        let rows: [u32; 2 * BATCH] = bytemuck::cast(self.rows.0);
        let (mut a, mut b) = (Batch([0; BATCH]), Batch([0; BATCH]));
        // Both halves in one loop: a shuffle each. A loop that takes one half only reads element by element where rows end. (Words are
        // little-endian: no other target is built.)
        for lane in 0..BATCH {
            (a.0[lane], b.0[lane]) = (rows[2 * lane], rows[2 * lane + 1]);
        }
        let (mut slopes, mut locals) = (Batch([0; BATCH]), Batch([0; BATCH]));
        for lane in 0..BATCH {
            let (left, b) = (self.lefts.0[lane], b.0[lane]);
            slopes.0[lane] = b.wrapping_add((b & 0xFFF).wrapping_mul(left >> 14));
            locals.0[lane] = left << 6;
        }
        let offsets = high_halves(&slopes, &locals);
        let mut bits = Batch([0; BATCH]);
        for lane in 0..BATCH {
            let magnitude = f32::from_bits(a.0[lane]) + f32::from_bits((offsets.0[lane] >> 9) + 0x3C80_0000);
            let sign = !self.words.0[lane] & 0x8000_0000;
            bits.0[lane] = values.apply(f32::from_bits((magnitude.to_bits() & 0x7FFF_FFFF) | sign));
        }
        bits
    }
}

impl<W: Inside> Draw for Normal<W> {
    #[inline(always)]
    fn draw(self, words: &Batch<u32>) -> Batch<u32> {
        let mut begun = Begun::default();
        self.window.begin(words, &mut begun);
        begun.gather();
        begun.finish(self.values)
    }

    /// Rows of a batch are looked up while the words of the next one are computed, if there are some more.
    #[inline(always)]
    fn fill<S: Store, B: Fn(usize) -> u64>(
        self,
        source: Source,
        mut batches: impl Iterator<Item = B>,
        bytes: &mut [u8],
    ) {
        let size = BATCH * S::SIZE;
        if bytes.len() <= FEW * size {
            return self.one_by_one::<S, B>(source, batches, bytes);
        }
        // The last batch is that which the loop leaves, whole or not.
        let (whole, last) = bytes.split_at_mut(bytes.len().saturating_sub(1) / size * size);
        let Some(blocks) = batches.next() else { return };
        let mut begun = Begun::default();
        self.window.begin(&words::batch::<4>(source, blocks, &mut Alone), &mut begun);
        for (out, blocks) in whole.chunks_exact_mut(size).zip(batches) {
            let next = words::batch::<1>(source, blocks, &mut begun.look_up());
            S::store(&begun.finish(self.values), out);
            self.window.begin(&next, &mut begun);
        }
        begun.look_up().part(0..BATCH);
        let mut drawn = [0; 4 * BATCH];
        S::store(&begun.finish(self.values), &mut drawn[..size]);
        last.copy_from_slice(&drawn[..last.len()]);
    }
}

/// So few batches are drawn one by one: rows of the last one wait for nothing, and where elements go to memory that no cache holds, the stores
/// of rows wait for those of elements.
const FEW: usize = 4;

/// Reads rows of the quantile table, one by one.
struct LookUp<'a> {
    indices: &'a [AtomicU32; BATCH],
    rows: &'a mut Batch<u64>,
}

impl Beside for LookUp<'_> {
    #[inline(always)]
    fn part(&mut self, part: Range<usize>) {
        for lane in part {
            self.rows.0[lane] = row(self.indices[lane].load(Relaxed));
        }
    }
}

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

#[inline(always)]
fn row(index: u32) -> u64 {
    ROWS[index as usize % TABLE_ROWS]
}
