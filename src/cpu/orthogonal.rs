//! Orthogonal matrices, in the order of memory and on all threads. `src/value/orthogonal.rs` is the readable form; integer sums do not
//! care about order, so the bits are the same.

use super::chunk::fill_affine;
use super::parallel::each;
use crate::fill::Job;
use crate::lattice::Lattice;
use crate::value::finish;
use crate::value::orthogonal::{
    BLOCK, Frames, ONE, Orthonormal, Scale, fixed_normal, flip_columns, round_shift, scaled_entry, transformed,
    triangular,
};
use crate::value::program::{Affine, Bounds, Orthogonal, Source, Unit};
use crate::{DType, Error, Result};
use core::ops::Range;
use multiversion::multiversion;

/// Columns that one thread works on at a time.
const TILE: usize = 128;
/// Rows that one thread updates at a time.
const ROWS: usize = 64;
/// Rows of a tile whose products are summed together.
const TOGETHER_ROWS: usize = 32;
/// Entries of matrices that are in memory at a time, unless one alone has more: 8 bytes each while it is made.
pub(super) const TOGETHER: u64 = 16 << 20;

/// Why a matrix cannot be made, if there is no memory for its reflectors and itself: later a lack of it would end the process.
pub(super) fn check_memory(frames: &Frames) -> Result<()> {
    reserve(frames.entries())
}

fn reserve(entries: u64) -> Result<()> {
    let error = Error::NoHostMemory { purpose: "an orthogonal matrix", bytes: entries.saturating_mul(8) };
    let reserved = usize::try_from(entries).map(|entries| Vec::<[i32; 2]>::new().try_reserve_exact(entries).is_ok());
    if reserved == Ok(true) { Ok(()) } else { Err(error) }
}

/// Writes the elements of `job`, a batch of matrices or a part of one, into `bytes`.
pub(super) fn fill(job: &Job<Orthogonal>, bytes: &mut [u8]) {
    let frames = &job.program.frames;
    let size = size(job.dtype);
    let mut pieces = Vec::new();
    let mut index = job.first - job.source.origin;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (matrix, start) = (index / frames.elements(), index % frames.elements());
        let left = usize::try_from(frames.elements() - start).unwrap_or(usize::MAX).saturating_mul(size);
        let (now, after) = rest.split_at_mut(left.min(rest.len()));
        index += (now.len() / size) as u64;
        pieces.push((matrix, start, now));
        rest = after;
    }
    // Small matrices side by side, large ones one after the other, each by all threads: memory does not grow with threads.
    let mut pieces = pieces.into_iter();
    loop {
        let group: Vec<_> = pieces.by_ref().take(together(frames)).collect();
        if group.is_empty() {
            return;
        }
        each(group, |(matrix, start, bytes)| {
            let frame = orthonormal(job, job.source.origin + matrix * frames.entries());
            write(job, &frame, start, bytes);
        });
    }
}

fn write(job: &Job<Orthogonal>, frame: &Orthonormal, start: u64, bytes: &mut [u8]) {
    for (place, out) in (start..).zip(bytes.chunks_exact_mut(size(job.dtype))) {
        write_element(job, frame, place, out);
    }
}

/// The element at this place of a matrix.
fn write_element(job: &Job<Orthogonal>, frame: &Orthonormal, place: u64, out: &mut [u8]) {
    #[expect(clippy::cast_possible_truncation, reason = "rows and columns have 32 bits")]
    let entry = job.program.frames.entry(place).map_or(0, |(row, column)| frame.entry(row as usize, column as usize));
    let bits = finish::finish(job.dtype, scaled_entry(entry, job.program.gain), 0, u32::MAX);
    out.copy_from_slice(&bits.to_le_bytes()[..out.len()]);
}

/// Writes the elements of boxes into `bytes`, from the first byte of the job's to the last.
pub(super) fn fill_boxes(job: &Job<Orthogonal>, boxes: &[Lattice], bytes: &mut [u8]) {
    let (frames, size, origin) = (&job.program.frames, size(job.dtype), job.source.origin);
    let elements = |matrix: u64| origin + matrix * frames.elements()..origin + (matrix + 1) * frames.elements();
    let touched = |lattice: &Lattice| {
        let Range { start, end } = lattice.span();
        (start - origin) / frames.elements()..(end - origin).div_ceil(frames.elements())
    };
    let (first, last) = boxes
        .iter()
        .map(touched)
        .fold((u64::MAX, 0), |(first, last), matrices| (first.min(matrices.start), last.max(matrices.end)));
    let inside = |matrix: u64| boxes.iter().flat_map(|lattice| lattice.within(&elements(matrix))).collect::<Vec<_>>();
    let mut wanted = (first..last).map(|matrix| (matrix, inside(matrix))).filter(|(_, boxes)| !boxes.is_empty());
    loop {
        let mut group: Vec<(u64, Vec<Lattice>, Option<Orthonormal>)> =
            wanted.by_ref().take(together(frames)).map(|(matrix, boxes)| (matrix, boxes, None)).collect();
        if group.is_empty() {
            return;
        }
        each(group.iter_mut().collect(), |(matrix, _, frame)| {
            *frame = Some(orthonormal(job, origin + *matrix * frames.entries()));
        });
        // On this thread: boxes of two matrices may lie inside each other.
        for (matrix, boxes, frame) in &group {
            for (byte, element) in boxes.iter().flat_map(Lattice::places) {
                let at = usize::try_from(byte - job.bytes.start).unwrap_or(usize::MAX);
                let Some(frame) = frame else { continue };
                write_element(job, frame, element - elements(*matrix).start, &mut bytes[at..at + size]);
            }
        }
    }
}

/// Entries of a job's matrices that are in memory at a time.
pub(super) fn entries_at_a_time(job: &Job<Orthogonal>) -> u64 {
    let frames = &job.program.frames;
    let start = job.first - job.source.origin;
    let end = start + (job.bytes.end - job.bytes.start) / job.dtype.size();
    let matrices = end.div_ceil(frames.elements()) - start / frames.elements();
    frames.entries().saturating_mul(matrices.min(together(frames) as u64))
}

/// How many matrices are in memory at a time.
fn together(frames: &Frames) -> usize {
    usize::try_from((TOGETHER / frames.entries()).max(1)).unwrap_or(usize::MAX)
}

fn size(dtype: DType) -> usize {
    usize::try_from(dtype.size()).unwrap_or(usize::MAX)
}

/// The matrix whose first Gaussian has the word of element `first`.
fn orthonormal(job: &Job<Orthogonal>, first: u64) -> Orthonormal {
    let (rows, columns) = job.program.frames.tall();
    let (rows, columns) = (rows as usize, columns as usize);
    let (v, flipped) = reflectors(&job.source, rows, columns, first);
    let mut q = vec![0; rows * columns];
    for k in 0..columns {
        q[k * columns + k] = ONE;
    }
    for first in (0..columns).step_by(BLOCK).rev() {
        let block = Block { v: &v, rows, columns, first, width: BLOCK.min(columns - first) };
        let y = block.project(&q);
        block.update(&mut q, &y);
    }
    flip_columns(&mut q, &flipped);
    Orthonormal { columns, entries: q }
}

/// All reflectors, column k in column k from row k on, and which columns change sign.
fn reflectors(source: &Source, rows: usize, columns: usize, first: u64) -> (Vec<i32>, Vec<bool>) {
    let mut v = vec![0; rows * columns];
    let standard = Affine { unit: Unit::Normal, scale: 1.0, shift: 0.0, bounds: Bounds::NONE };
    each(v.chunks_mut(columns).enumerate().collect(), |(row, line)| {
        // Nothing is drawn above the diagonal.
        let line = &mut line[..(row + 1).min(columns)];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(line);
        let (first, bytes_end) = (first + (row * columns) as u64, bytes.len() as u64);
        let job = Job { program: standard, dtype: DType::F32, source: *source, first, bytes: 0..bytes_end };
        fill_affine(&job, bytes);
        for x in line {
            *x = fixed_normal(i32::from_le(*x).cast_unsigned());
        }
    });
    let mut sums = vec![0u64; columns];
    for line in v.chunks(columns) {
        for (sum, x) in sums.iter_mut().zip(line) {
            *sum += u64::from(x.unsigned_abs()) * u64::from(x.unsigned_abs());
        }
    }
    let scales: Vec<(Scale, bool)> = (0..columns)
        .map(|k| {
            let leading = &mut v[k * columns + k];
            let negative = *leading < 0;
            if sums[k] == 0 {
                *leading = 1;
                sums[k] = 1;
            }
            // A vector of length 1 keeps its sign.
            (Scale::new(sums[k], leading.unsigned_abs()), if k + 1 == rows { negative } else { !negative })
        })
        .collect();
    each(v.chunks_mut(columns).enumerate().collect(), |(row, line)| {
        for (k, (x, (scale, _))) in line.iter_mut().zip(&scales).take(row + 1).enumerate() {
            *x = if k + 1 == rows { 0 } else { scale.entry(k == row, *x) };
        }
    });
    (v, scales.into_iter().map(|(_, flip)| flip).collect())
}

/// Where the numbers of a factor are: from one to the next, and from one step of a sum to the next.
#[derive(Clone, Copy)]
struct Factor<'a> {
    numbers: &'a [i32],
    next: usize,
    step: usize,
}

/// Rows and columns of sums that stay in registers: eight vectors of 512 bits, or sixteen of 256.
const HIGH: usize = 4;
const WIDE: usize = 16;

/// Sums over `steps` of the products of `R` numbers of `a` and `C` of `b`, which follow each other there.
#[inline(always)]
fn products<const R: usize, const C: usize>(a: Factor<'_>, b: &[i32], step: usize, steps: usize) -> [[i64; C]; R] {
    let mut sums = [[0; C]; R];
    for at in 0..steps {
        let entries: [i64; C] = core::array::from_fn(|column| i64::from(b[at * step..][..C][column]));
        for (row, sums) in sums.iter_mut().enumerate() {
            let factor = i64::from(a.numbers[row * a.next + at * a.step]);
            for (sum, entry) in sums.iter_mut().zip(entries) {
                *sum += factor * entry;
            }
        }
    }
    sums
}

/// Adds to `sums`, of `high` rows and as many columns as there are sums, the products of `a` and `b` over `steps`.
#[multiversion(targets = "simd")]
fn add_products(sums: &mut [i64], high: usize, a: Factor<'_>, b: &[i32], step: usize, steps: usize) {
    let wide = sums.len() / high;
    for row in (0..high).step_by(HIGH) {
        let rows = HIGH.min(high - row);
        for column in (0..wide).step_by(WIDE) {
            let columns = WIDE.min(wide - column);
            let (of, b) = (Factor { numbers: &a.numbers[row * a.next..], ..a }, &b[column..]);
            if (rows, columns) == (HIGH, WIDE) {
                let more = products::<HIGH, WIDE>(of, b, step, steps);
                for (at, more) in more.iter().enumerate() {
                    for (sum, more) in sums[(row + at) * wide + column..][..WIDE].iter_mut().zip(more) {
                        *sum += more;
                    }
                }
            } else {
                for at in 0..rows {
                    let of = Factor { numbers: &of.numbers[at * a.next..], ..a };
                    for (place, sum) in sums[(row + at) * wide + column..][..columns].iter_mut().enumerate() {
                        let [[more]] = products::<1, 1>(of, &b[place..], step, steps);
                        *sum += more;
                    }
                }
            }
        }
    }
}

/// A block of reflectors.
#[derive(Clone, Copy)]
struct Block<'a> {
    v: &'a [i32],
    rows: usize,
    columns: usize,
    first: usize,
    width: usize,
}

impl Block<'_> {
    /// Adds VᵀM to as many columns of sums as there are, a row for each reflector; M begins with the first column's first row.
    fn project_on(&self, sums: &mut [i64], matrix: &[i32]) {
        // As many rows at a time as the nearest cache holds of a tile.
        for row in (self.first..self.rows).step_by(TOGETHER_ROWS) {
            let a = Factor { numbers: &self.v[row * self.columns + self.first..], next: 1, step: self.columns };
            let steps = TOGETHER_ROWS.min(self.rows - row);
            add_products(sums, self.width, a, &matrix[row * self.columns..], self.columns, steps);
        }
    }

    /// T of the block.
    fn triangular(&self) -> Vec<i32> {
        let width = self.width;
        let mut sums = vec![0i64; width * width];
        self.project_on(&mut sums, &self.v[self.first..]);
        triangular(width, |i, j| round_shift(sums[i * width + j], 30))
    }

    /// Y = T VᵀQ: a row for each reflector, a column for each of Q from the block's first on.
    fn project(&self, q: &[i32]) -> Vec<i32> {
        let t = self.triangular();
        let wide = self.columns - self.first;
        let mut tiles: Vec<(usize, Vec<i32>)> =
            (0..wide).step_by(TILE).map(|start| (start, vec![0; self.width * TILE.min(wide - start)])).collect();
        each(tiles.iter_mut().collect(), |(start, tile)| self.project_tile(q, &t, *start, tile));
        let mut y = vec![0; self.width * wide];
        for (start, tile) in tiles {
            let width = tile.len() / self.width;
            for (i, line) in tile.chunks(width).enumerate() {
                y[i * wide + start..][..width].copy_from_slice(line);
            }
        }
        y
    }

    fn project_tile(&self, q: &[i32], t: &[i32], start: usize, tile: &mut [i32]) {
        let width = tile.len() / self.width;
        let mut sums = vec![0i64; tile.len()];
        self.project_on(&mut sums, &q[self.first + start..]);
        for column in 0..width {
            let w: Vec<i32> = (0..self.width).map(|i| round_shift(sums[i * width + column], 30)).collect();
            for (i, y) in transformed(t, &w).into_iter().enumerate() {
                tile[i * width + column] = y;
            }
        }
    }

    /// Q −= V Y.
    fn update(&self, q: &mut [i32], y: &[i32]) {
        let wide = self.columns - self.first;
        let bands = q[self.first * self.columns..].chunks_mut(ROWS * self.columns).enumerate().collect();
        each(bands, |(band, lines): (usize, &mut [i32])| {
            let row = self.first + band * ROWS;
            let high = lines.len() / self.columns;
            let a = Factor { numbers: &self.v[row * self.columns + self.first..], next: self.columns, step: 1 };
            for start in (0..wide).step_by(TILE) {
                let width = TILE.min(wide - start);
                let mut sums = vec![0i64; high * width];
                add_products(&mut sums, high, a, &y[start..], wide, self.width);
                for (line, sums) in lines.chunks_mut(self.columns).zip(sums.chunks(width)) {
                    for (entry, sum) in line[self.first + start..].iter_mut().zip(sums) {
                        *entry = entry.wrapping_sub(round_shift(*sum, 29));
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_no_host_has_is_an_error() {
        assert_eq!(reserve(1 << 20), Ok(()));
        let error = reserve(1 << 58).expect_err("2^61 bytes");
        assert_eq!(error, Error::NoHostMemory { purpose: "an orthogonal matrix", bytes: 1 << 61 });
    }
}
