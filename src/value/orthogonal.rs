//! Random orthogonal matrices in fixed point: the same bits on every device, because sums of integers are exact.
//!
//! ```
//! use wgpu_init::value::{orthogonal::orthonormal, word::value_word};
//! let q = orthonormal(5, 2, |row, column| value_word(42, 7, (row * 2 + column) as u64));
//! let entry = |row: usize, column| f64::from(q.entries[row * 2 + column]) / f64::from(1 << 30);
//! let product: f64 = (0..5).map(|row| entry(row, 0) * entry(row, 1)).sum();
//! let length: f64 = (0..5).map(|row| entry(row, 0).powi(2)).sum();
//! assert!(product.abs() < 1e-8 && (length - 1.0).abs() < 1e-8);
//! ```
//!
//! Stewart's construction (1980, SIAM J. Numer. Anal. 17): for a matrix of m rows and n ≤ m columns, a Gaussian vector x of length m − k
//! for each column k, and the reflector H = I − 2vvᵀ that takes it to a multiple of e₁. The first n columns of H₀H₁…Hₙ₋₁, with column
//! signs, have the law of the Q of a Gaussian matrix with positive diag R: uniform (Haar) on the orthonormal n-frames. No matrix is
//! factorised. `docs/decisions/0011` has the formats, their bounds and the measured accuracy.
//!
//! | numbers | format |
//! | --- | --- |
//! | Gaussian x | multiples of 2^-20 |
//! | reflectors v, matrix Q, products VᵀV, W = VᵀQ | multiples of 2^-30 |
//! | T of a block: H…H = I − V T Vᵀ | multiples of 2^-28 |
//! | Y = T W | multiples of 2^-29 |
//!
//! Every dot product is summed exactly and rounded once, to nearest, halves up. Reflectors are applied in blocks of 32,
//! from the last to the first. Twin of `shaders/orthogonal_*.wgsl`.

use super::normal::normal_unit;

/// Reflectors that are applied together. Part of the contract: products are rounded once per block.
pub(crate) const BLOCK: usize = 32;
/// The most rows: sums on a device are kept in pieces that have room for as many.
pub(crate) const MOST_ROWS: u64 = 1 << 16;

/// How matrices lie in a tensor: a batch of `rows` × `columns`, each entry with `taps` elements of which one, `centre`, holds it and the
/// others are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frames {
    /// Rows of a matrix, above 0.
    pub(crate) rows: u32,
    /// Columns of a matrix, above 0.
    pub(crate) columns: u32,
    /// Elements for each entry, above 0; 1 but for kernels of convolutions.
    pub(crate) taps: u32,
    /// Which of them holds the entry.
    pub(crate) centre: u32,
    /// Whether taps are the outer axes: `[k…, in, out]` and not `[out, in, k…]`.
    pub(crate) taps_first: bool,
}

impl Frames {
    /// Elements of one matrix with its taps.
    pub(crate) fn elements(&self) -> u64 {
        self.entries() * u64::from(self.taps)
    }

    /// Entries of one matrix.
    pub(crate) fn entries(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }

    /// Rows and columns of the matrix with orthonormal columns: the longer side, then the shorter.
    pub(crate) fn tall(&self) -> (u32, u32) {
        (self.rows.max(self.columns), self.rows.min(self.columns))
    }

    /// The row and column, in that matrix, of the element at this place of one matrix; none for a zero tap.
    #[inline]
    pub(crate) fn entry(&self, index: u64) -> Option<(u64, u64)> {
        let taps = u64::from(self.taps);
        let (tap, entry) = if self.taps_first {
            (index / self.entries(), index % self.entries())
        } else {
            (index % taps, index / taps)
        };
        let (row, column) = (entry / u64::from(self.columns), entry % u64::from(self.columns));
        let place = if self.rows < self.columns { (column, row) } else { (row, column) };
        (tap == u64::from(self.centre)).then_some(place)
    }
}

/// A matrix with orthonormal columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orthonormal {
    /// Columns.
    pub columns: usize,
    /// Row by row, in multiples of 2^-30.
    pub entries: Vec<i32>,
}

/// The matrix of `rows` × `columns`, `rows` ≥ `columns`, whose Gaussians have the words `word(row, column)`.
#[must_use]
pub fn orthonormal(rows: usize, columns: usize, word: impl Fn(usize, usize) -> u32) -> Orthonormal {
    let mut v = vec![0; rows * columns];
    let mut flipped = vec![false; columns];
    for k in 0..columns {
        let x: Vec<i32> = (k..rows).map(|row| fixed_normal(normal_unit(word(row, k)))).collect();
        let (reflector, flip) = reflector(x);
        flipped[k] = flip;
        for (row, entry) in (k..rows).zip(reflector) {
            v[row * columns + k] = entry;
        }
    }
    let mut q = vec![0; rows * columns];
    for k in 0..columns {
        q[k * columns + k] = ONE;
    }
    for first in (0..columns).step_by(BLOCK).rev() {
        let width = BLOCK.min(columns - first);
        let dot = |a: usize, b: usize| {
            let product = |row| i64::from(v[row * columns + a]) * i64::from(v[row * columns + b]);
            round_shift((first..rows).map(product).sum(), 30)
        };
        let t = triangular(width, |i, j| dot(first + i, first + j));
        for column in first..columns {
            let product = |i, row| i64::from(v[row * columns + first + i]) * i64::from(q[row * columns + column]);
            let w: Vec<i32> =
                (0..width).map(|i| round_shift((first..rows).map(|row| product(i, row)).sum(), 30)).collect();
            let y = transformed(&t, &w);
            for row in first..rows {
                let product = |i: usize| i64::from(v[row * columns + first + i]) * i64::from(y[i]);
                let entry = &mut q[row * columns + column];
                // The product may be 2, one more than i32 has; the difference is an entry again.
                *entry = entry.wrapping_sub(round_shift((0..width).map(product).sum(), 29));
            }
        }
    }
    flip_columns(&mut q, &flipped);
    Orthonormal { columns, entries: q }
}

/// 1 as an entry.
pub(crate) const ONE: i32 = 1 << 30;

/// A standard normal's f32 bits as a multiple of 2^-20, to nearest, halves away from zero.
#[inline]
pub(crate) fn fixed_normal(bits: u32) -> i32 {
    let magnitude = bits & 0x7FFF_FFFF;
    let mantissa = (magnitude & 0x7F_FFFF) | 0x80_0000;
    // The value is mantissa · 2^(exponent - 150); below 8, so that the shift is at least 1.
    let shift = (130 - (magnitude >> 23)).min(31);
    let fixed = ((mantissa + (1 << (shift - 1))) >> shift).cast_signed();
    if bits >> 31 == 1 { -fixed } else { fixed }
}

/// The reflector of a Gaussian vector, in multiples of 2^-30, and whether its column changes sign at the end.
///
/// v = (x + s‖x‖e₁) / ‖x + s‖x‖e₁‖ with s the sign of x₀, and ‖x + s‖x‖e₁‖² = 2‖x‖(‖x‖ + |x₀|). The column's sign is −s, but s for a
/// vector of length 1, which needs no reflector. A vector of zeros counts as e₁.
pub(crate) fn reflector(mut x: Vec<i32>) -> (Vec<i32>, bool) {
    let negative = x[0] < 0;
    if x.len() == 1 {
        return (vec![0], negative);
    }
    let square = |x: &i32| u64::from(x.unsigned_abs()) * u64::from(x.unsigned_abs());
    let mut sum: u64 = x.iter().map(square).sum();
    if sum == 0 {
        x[0] = 1;
        sum = 1;
    }
    let scale = Scale::new(sum, x[0].unsigned_abs());
    let entries = x.iter().enumerate().map(|(row, x)| scale.entry(row == 0, *x)).collect();
    (entries, !negative)
}

/// The numbers that turn x into v.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Every x is multiplied by 2^shift.
    shift: u32,
    /// (‖x‖ + |x₀|) · 2^shift.
    first: u32,
    /// ‖x + s‖x‖e₁‖ · 2^shift.
    norm: u32,
}

impl Orthonormal {
    /// The entry of a row and column.
    #[must_use]
    pub fn entry(&self, row: usize, column: usize) -> i32 {
        self.entries[row * self.columns + column]
    }
}

impl Scale {
    /// From ‖x‖² > 0 and |x₀|.
    pub(crate) fn new(sum: u64, first: u32) -> Self {
        // ‖x‖ gets 31 bits: ‖x‖² · 4^shift is in [2^60, 2^62).
        let shift = (sum.leading_zeros() - 2) / 2;
        let norm = rounded_root(sum << (2 * shift));
        // Below 2^32: |x₀| · 2^shift is below 2^31.
        let first = norm + (first << shift);
        Self { shift, first, norm: rounded_root(2 * u64::from(norm) * u64::from(first)) }
    }

    /// An entry of v.
    #[inline]
    pub(crate) fn entry(&self, is_first: bool, x: i32) -> i32 {
        let numerator = if is_first { self.first } else { x.unsigned_abs() << self.shift };
        let divisor = u64::from(self.norm);
        #[expect(clippy::cast_possible_truncation, reason = "at most 2^30: no entry is larger than the vector")]
        let quotient = (((u64::from(numerator) << 30) + divisor / 2) / divisor) as u32;
        if x < 0 { -quotient.cast_signed() } else { quotient.cast_signed() }
    }
}

/// √x to nearest; x ≥ 2^60 that is not so near to 2^64 that the root would be 2^32.
fn rounded_root(x: u64) -> u32 {
    let root = x.isqrt();
    let up = x - root * root > root;
    #[expect(clippy::cast_possible_truncation, reason = "the square root of 64 bits has 32")]
    let root = root as u32;
    root + u32::from(up)
}

/// T of a block, row by row: 2 on the diagonal, T[..j, j] = −2 · T[..j, ..j] · (VᵀV)[..j, j] above it. No entry is above 4 in magnitude,
/// since it is 2 or −4·vᵢᵀHᵢ₊₁…Hⱼ₋₁vⱼ.
pub(crate) fn triangular(width: usize, gram: impl Fn(usize, usize) -> i32) -> Vec<i32> {
    let mut t = vec![0; width * width];
    for j in 0..width {
        for i in 0..j {
            let sum: i64 = (i..j).map(|l| i64::from(t[i * width + l]) * i64::from(gram(l, j))).sum();
            t[i * width + j] = -round_shift(sum, 29);
        }
        t[j * width + j] = 1 << 29;
    }
    t
}

/// T w.
pub(crate) fn transformed(t: &[i32], w: &[i32]) -> Vec<i32> {
    let row = |i: usize| (i..w.len()).map(|l| i64::from(t[i * w.len() + l]) * i64::from(w[l])).sum();
    (0..w.len()).map(|i| round_shift(row(i), 29)).collect()
}

/// `sum · 2^-shift` to nearest, halves up, modulo 2^32.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "modulo 2^32 on purpose; no sum is above 2^61")]
pub(crate) fn round_shift(sum: i64, shift: u32) -> i32 {
    ((sum + (1 << (shift - 1))) >> shift) as i32
}

pub(crate) fn flip_columns(q: &mut [i32], flipped: &[bool]) {
    for row in q.chunks_exact_mut(flipped.len()) {
        for (entry, flip) in row.iter_mut().zip(flipped) {
            if *flip {
                *entry = -*entry;
            }
        }
    }
}

/// An entry times the gain, as f32 bits: the entry is rounded to f32, to nearest even, then multiplied. Zero is +0.
#[inline]
pub(crate) fn scaled_entry(entry: i32, gain: f32) -> u32 {
    if entry == 0 {
        return 0;
    }
    let magnitude = entry.unsigned_abs();
    let top = magnitude.leading_zeros();
    // 24 bits, the leading one included; 2^24 after rounding up is the next power of two, and so it comes out below.
    let mantissa = if top >= 8 {
        magnitude << (top - 8)
    } else {
        let shift = 8 - top;
        (magnitude + (1 << (shift - 1)) - 1 + ((magnitude >> shift) & 1)) >> shift
    };
    // Of the leading bit: 2^(31 - top - 30).
    let value = f32::from_bits(((127 - top) << 23) + mantissa);
    let product = value * f32::from_bits(gain.to_bits() & 0x7FFF_FFFF);
    product.to_bits() | ((entry.cast_unsigned() ^ gain.to_bits()) & 0x8000_0000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::word::value_word;

    fn gram_error(rows: usize, columns: usize) -> f64 {
        let matrix = orthonormal(rows, columns, |r, c| value_word(5, 7, (r * columns + c) as u64));
        let real: Vec<f64> = matrix.entries.iter().map(|x| f64::from(*x) / f64::from(ONE)).collect();
        let mut worst: f64 = 0.0;
        for a in 0..columns {
            for b in 0..=a {
                let dot: f64 = (0..rows).map(|r| real[r * columns + a] * real[r * columns + b]).sum();
                worst = worst.max((dot - if a == b { 1.0 } else { 0.0 }).abs());
            }
        }
        worst
    }

    #[test]
    fn columns_are_orthonormal() {
        for (rows, columns) in
            [(1, 1), (2, 1), (2, 2), (3, 2), (31, 31), (33, 33), (64, 64), (100, 37), (256, 256), (300, 1)]
        {
            let error = gram_error(rows, columns);
            assert!(error <= 2e-8, "{rows} x {columns}: {error}");
        }
    }

    #[test]
    fn entries_round_to_the_nearest_f32() {
        for entry in
            [0, 1, -1, 2, 3, 0xFF_FFFF, 0x100_0001, 0x100_0003, -0x3FFF_FFFF, ONE, ONE + 1, 0x1234_5678, 0x2AAA_AAAB]
        {
            #[expect(clippy::cast_possible_truncation, reason = "the rounding that is meant")]
            let expected = (f64::from(entry) / f64::from(ONE)) as f32;
            assert_eq!(f32::from_bits(scaled_entry(entry, 1.0)).to_bits(), (expected + 0.0).to_bits(), "{entry}");
            assert_eq!(f32::from_bits(scaled_entry(entry, -3.0)), -3.0 * expected, "{entry}");
        }
    }

    #[test]
    fn fixed_normals_are_the_nearest() {
        for word in [0, 1, 77, 0x1234_5678, 0x7FFF_FFFF, 0x8000_0000, 0x9ABC_DEF0, u32::MAX] {
            let z = f64::from(f32::from_bits(normal_unit(word)));
            assert_eq!(f64::from(fixed_normal(normal_unit(word))), (z * 1_048_576.0).round(), "{word}");
        }
    }
}
