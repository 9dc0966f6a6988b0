//! Views: elements whose places in memory are not in the order of the tensor.

use super::chunk;
use super::dispatch::fill_batch;
use super::lanes::LANES;
use crate::Shape;
use crate::fill::Job;
use crate::lattice::{Axis, Lattice};
use crate::value::program::{Affine, Elementwise};

/// Writes the little-endian elements of `lattice` by `job`'s program into `bytes`, those of the lattice.
pub(super) fn fill(job: &Job<Elementwise>, lattice: &Lattice, bytes: &mut [u8]) {
    let (run, outer) = match lattice.axes() {
        [Axis { count, step: 1, stride }, outer @ ..] if *stride == lattice.size => (*count, outer),
        axes => (1, axes),
    };
    match &job.program {
        Elementwise::Affine(affine) if !suits_runs(run, lattice) => fill_affine(&job.with(*affine), lattice, bytes),
        _ => {
            let length = run * lattice.size;
            let mut rows = Odometer::new(outer);
            loop {
                let start = lattice.byte + rows.byte;
                let run = Job { first: lattice.first + rows.element, bytes: start..start + length, ..job.clone() };
                chunk::fill(&run, &mut bytes[index(rows.byte)..index(rows.byte + length)]);
                if !rows.advance() {
                    break;
                }
            }
        }
    }
}

/// Whether runs of so many elements are best filled one by one, each by whole batches with a ragged start. Blocks from anywhere are
/// stored twice, which takes about a fifth more time.
fn suits_runs(run: u64, lattice: &Lattice) -> bool {
    const BATCH: u64 = 4 * LANES as u64;
    /// What an element of a ragged start costs, in elements of a batch.
    const RAGGED: u64 = 10;
    let ragged = if lattice.begins_blocks() { 0 } else { 3 };
    run > 1 && run.next_multiple_of(BATCH) + RAGGED * ragged <= run + run / 5
}

/// A position on some axes: the element and the byte, counted from the first.
struct Odometer<'a> {
    axes: &'a [Axis],
    at: [u64; Shape::MAX_RANK],
    element: u64,
    byte: u64,
}

impl<'a> Odometer<'a> {
    fn new(axes: &'a [Axis]) -> Self {
        Self { axes, at: [0; Shape::MAX_RANK], element: 0, byte: 0 }
    }

    /// To the next position in the order of memory; false after the last.
    fn advance(&mut self) -> bool {
        for (at, Axis { count, step, stride }) in self.at.iter_mut().zip(self.axes) {
            if *at + 1 < *count {
                *at += 1;
                (self.element, self.byte) = (self.element + step, self.byte + stride);
                return true;
            }
            (self.element, self.byte) = (self.element - *at * step, self.byte - *at * stride);
            *at = 0;
        }
        false
    }
}

/// Elements of a batch that are neighbours in the tensor.
#[derive(Clone, Copy, Default)]
struct Neighbours {
    /// Where the first of them goes.
    byte: usize,
    /// Which of the batch it is, and how many there are.
    first: usize,
    count: usize,
}

/// Blocks that one call draws: what is done once for a call is shared by many.
pub(super) const MOST: usize = 8 * LANES;

/// Blocks that are drawn together, and where their elements go.
pub(super) struct Batch {
    blocks: [u64; MOST],
    drawn: usize,
    places: [Neighbours; MOST],
    used: usize,
    /// Bytes from a neighbour to the next.
    stride: usize,
}

impl Batch {
    /// The blocks to draw, as many at a time as are drawn side by side; those past the last are any.
    pub(super) fn blocks(&self) -> impl ExactSizeIterator<Item = &[u64; LANES]> {
        let (blocks, _) = self.blocks.as_chunks::<LANES>();
        blocks.iter().take(self.drawn.div_ceil(LANES))
    }

    /// Stores the elements, which stand side by side in `drawn`.
    #[inline(always)]
    pub(super) fn store<const SIZE: usize>(&self, drawn: &[u8], bytes: &mut [u8]) {
        let (drawn, _) = drawn.as_chunks::<SIZE>();
        for Neighbours { byte, first, count } in &self.places[..self.used] {
            let elements = &drawn[*first..first + count];
            if self.stride == SIZE {
                bytes[*byte..byte + count * SIZE].copy_from_slice(elements.as_flattened());
            } else {
                let mut at = *byte;
                for element in elements {
                    bytes[at..at + SIZE].copy_from_slice(element);
                    at += self.stride;
                }
            }
        }
    }

    /// Draws neighbours, the first of which is element `first` and goes to `byte`, or keeps them until the batch is full.
    fn push(&mut self, job: &Job<Affine>, bytes: &mut [u8], first: u64, count: u64, byte: u64) {
        let (mut at, end) = (first, first + count);
        while at < end {
            let room = (MOST - self.drawn) as u64;
            let now = ((at >> 2) + room).saturating_mul(4).min(end) - at;
            let start = 4 * self.drawn + index(at & 3);
            let place = index(byte) + index(at - first) * self.stride;
            self.places[self.used] = Neighbours { byte: place, first: start, count: index(now) };
            self.used += 1;
            let count = index(((at + now - 1) >> 2) + 1 - (at >> 2));
            for (number, block) in self.blocks[self.drawn..][..count].iter_mut().enumerate() {
                *block = (at >> 2) + number as u64;
            }
            self.drawn += count;
            at += now;
            if self.drawn == MOST {
                self.draw(job, bytes);
            }
        }
    }

    /// Keeps neighbours of one block, of which there are `count` from its element `first` on.
    #[inline]
    fn push_block(&mut self, block: u64, first: u64, count: u64, byte: u64) {
        self.blocks[self.drawn] = block;
        let first = 4 * self.drawn + index(first);
        self.places[self.used] = Neighbours { byte: index(byte), first, count: index(count) };
        (self.drawn, self.used) = (self.drawn + 1, self.used + 1);
    }

    fn draw(&mut self, job: &Job<Affine>, bytes: &mut [u8]) {
        fill_batch(job, self, bytes);
        (self.drawn, self.used) = (0, 0);
    }
}

/// Blocks from anywhere, as many at a time as one batch has.
fn fill_affine(job: &Job<Affine>, lattice: &Lattice, bytes: &mut [u8]) {
    let axes = lattice.axes();
    let neighbours = axes.iter().position(|axis| axis.step == 1);
    let run = neighbours.map_or(Axis { count: 1, step: 1, stride: 0 }, |at| axes[at]);
    let (blocks, places) = ([0; MOST], [Neighbours::default(); MOST]);
    let mut batch = Batch { blocks, drawn: 0, places, used: 0, stride: index(run.stride) };
    match neighbours {
        // Runs of neighbours one after the other.
        Some(0) => {
            let mut rows = Odometer::new(&axes[1..]);
            loop {
                batch.push(job, bytes, lattice.first + rows.element, run.count, rows.byte);
                if !rows.advance() {
                    break;
                }
            }
        }
        // All along memory, then the next block of each: what is stored together lies together.
        _ => {
            let (inner, outer) =
                axes.split_first().map_or((Axis { count: 1, step: 0, stride: 0 }, axes), |(a, b)| (*a, b));
            let mut outer_axes = [Axis::default(); Shape::MAX_RANK];
            outer_axes[..outer.len()].copy_from_slice(outer);
            let outer = &mut outer_axes[..outer.len()];
            let number = neighbours.map(|at| at - 1);
            if let Some(at) = number {
                // As many blocks as so many neighbours touch, wherever they begin in the first.
                outer[at] = Axis { count: (run.count + 2) / 4 + 1, step: 0, stride: 0 };
            }
            let mut rows = Odometer::new(outer);
            loop {
                let number = number.map_or(0, |at| rows.at[at]);
                let (mut element, mut byte) = (lattice.first + rows.element, rows.byte);
                for _ in 0..inner.count {
                    // Of the neighbours, counted from the first element of the first one's block.
                    let before = element & 3;
                    let (start, end) = ((4 * number).max(before), (4 * number + 4).min(before + run.count));
                    if start < end {
                        let place = byte + (start - before) * run.stride;
                        batch.push_block((element >> 2) + number, start & 3, end - start, place);
                        if batch.drawn == MOST {
                            batch.draw(job, bytes);
                        }
                    }
                    element += inner.step;
                    byte += inner.stride;
                }
                if !rows.advance() {
                    break;
                }
            }
        }
    }
    if batch.drawn > 0 {
        batch.draw(job, bytes);
    }
}

/// A position in host memory.
fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
