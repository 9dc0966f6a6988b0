//! Words → f32 bits of normal and truncated normal values, clamped. The readable forms are `src/value/normal.rs` and
//! `src/value/truncated.rs`.

use super::beside::Beside;
use super::draw::{Draw, Values};
use super::words::high_halves;
use super::{BATCH, Batch};
use crate::value::normal::{TABLE, TABLE_ROWS};
use core::ops::Range;
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::Relaxed;

#[derive(Clone, Copy)]
pub(super) struct Normal(pub(super) Values);

/// A batch of words on its way.
pub(super) struct Looked {
    words: Batch<u32>,
    /// The complements of tails, rotated until the leading bit is gone.
    lefts: Batch<u32>,
    /// Which rows. Atomic, though no other thread sees them, as the compiler makes no vectors of atomic loads: it would gather rows by an
    /// instruction that is slower than a load for each.
    indices: [AtomicU32; BATCH],
    rows: Batch<u64>,
}

impl Default for Looked {
    fn default() -> Self {
        let indices = [const { AtomicU32::new(0) }; BATCH];
        Self { words: Batch::default(), lefts: Batch::default(), indices, rows: Batch::default() }
    }
}

impl Draw for Normal {
    type Begun = Looked;
    const LOOKS_UP: bool = true;

    #[inline(always)]
    #[expect(clippy::cast_precision_loss, reason = "at most 24 bits in a row")]
    fn begin(self, words: &Batch<u32>, begun: &mut Looked) {
        for lane in 0..BATCH {
            let word = words.0[lane];
            let complement = word.cast_signed().min((!word).cast_signed()).cast_unsigned();
            let tail = !complement;
            // Index of the leading bit, as the exponent of a float: no bit next to the leading one is left to round it up, and the
            // half makes the exponent of 0 be −1, which is 31 modulo 32. Not every vector unit counts zeros.
            let octave = ((tail & !(tail >> 1)).cast_signed() as f32 + 0.5).to_bits() >> 23;
            let octave = octave.wrapping_sub(127);
            let left = complement.rotate_right(octave);
            begun.lefts.0[lane] = left;
            *begun.indices[lane].get_mut() = (octave << 6) | (left >> 26);
        }
        begun.words = *words;
    }

    #[inline(always)]
    fn look_up(begun: &mut Looked) -> impl Beside {
        LookUp { indices: &begun.indices, rows: &mut begun.rows }
    }

    #[inline(always)]
    fn finish(self, Looked { words, lefts, rows, .. }: &Looked) -> Batch<u32> {
        let rows: [u32; 2 * BATCH] = bytemuck::cast(rows.0);
        let (mut a, mut b) = (Batch([0; BATCH]), Batch([0; BATCH]));
        // Both halves in one loop: a shuffle each. A loop that takes one half only reads element by element where rows end. (Words are
        // little-endian: no other target is built.)
        for lane in 0..BATCH {
            (a.0[lane], b.0[lane]) = (rows[2 * lane], rows[2 * lane + 1]);
        }
        let (mut slopes, mut locals) = (Batch([0; BATCH]), Batch([0; BATCH]));
        for lane in 0..BATCH {
            let (left, b) = (lefts.0[lane], b.0[lane]);
            slopes.0[lane] = b.wrapping_add((b & 0xFFF).wrapping_mul(left >> 14));
            locals.0[lane] = left << 6;
        }
        let offsets = high_halves(&slopes, &locals);
        let mut bits = Batch([0; BATCH]);
        for lane in 0..BATCH {
            let magnitude = f32::from_bits(a.0[lane]) + f32::from_bits((offsets.0[lane] >> 9) + 0x3C80_0000);
            bits.0[lane] =
                self.0.apply(f32::from_bits((magnitude.to_bits() & 0x7FFF_FFFF) | (!words.0[lane] & 0x8000_0000)));
        }
        bits
    }
}

/// Reads rows of the quantile table, one by one.
struct LookUp<'a> {
    indices: &'a [AtomicU32; BATCH],
    rows: &'a mut Batch<u64>,
}

impl Beside for LookUp<'_> {
    #[inline(always)]
    fn part(&mut self, part: Range<usize>) {
        for lane in part {
            self.rows.0[lane] = row(self.indices[lane].load(Relaxed) as usize % TABLE_ROWS);
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

#[derive(Clone, Copy)]
pub(super) struct Truncated {
    pub(super) normal: Normal,
    pub(super) low: u32,
    /// Not 0, which stands for 2^32.
    pub(super) range: u32,
}

impl Draw for Truncated {
    type Begun = Looked;
    const LOOKS_UP: bool = true;

    #[inline(always)]
    fn begin(self, words: &Batch<u32>, begun: &mut Looked) {
        let words: [u64; BATCH / 2] = bytemuck::cast(words.0);
        // The low end of the window comes with the half: 64 bits wrap as the 32 above do.
        let (range, start) = (u64::from(self.range), u64::from(self.low) << 32 | u64::from(self.range >> 1));
        let mut inside = [0; BATCH / 2];
        // Every other lane apart, as in `high_halves`.
        for (pair, words) in inside.iter_mut().zip(words) {
            let [a, b] = [words & 0xFFFF_FFFF, words >> 32].map(|word| (word * range).wrapping_add(start));
            *pair = (a >> 32) | (b & !0xFFFF_FFFF);
        }
        let inside = Batch(bytemuck::cast(inside));
        self.normal.begin(&inside, begun);
    }

    #[inline(always)]
    fn look_up(begun: &mut Looked) -> impl Beside {
        Normal::look_up(begun)
    }

    #[inline(always)]
    fn finish(self, begun: &Looked) -> Batch<u32> {
        self.normal.finish(begun)
    }
}
