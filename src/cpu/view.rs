//! Views: elements whose places in memory are not in the order of the tensor.

use super::chunk;
use super::dispatch::fill_units;
use super::lanes::LANES;
use crate::Shape;
use crate::fill::Job;
use crate::lattice::{Axis, Lattice};
use crate::value::program::{Affine, Elementwise};

/// Runs of so many elements are filled one by one; shorter ones, and elements that are no neighbours in memory, by blocks from anywhere.
const LONG: u64 = 1024;

/// Writes the little-endian elements of `lattice` by `job`'s program into `bytes`, those of the lattice.
pub(super) fn fill(job: &Job<Elementwise>, lattice: &Lattice, bytes: &mut [u8]) {
    let (run, outer) = match lattice.axes() {
        [Axis { count, step: 1, stride }, outer @ ..] if *stride == lattice.size => (*count, outer),
        axes => (1, axes),
    };
    match &job.program {
        Elementwise::Affine(affine) if run < LONG => fill_affine(&job.with(*affine), lattice, bytes),
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

/// Some elements of one Philox block, neighbours in the tensor.
#[derive(Clone, Copy, Default)]
struct Unit {
    /// Where the first of them goes.
    byte: usize,
    /// Which of the block's four it is.
    first: u8,
    count: u8,
}

/// Units that are drawn together.
pub(super) struct Units {
    blocks: [u64; LANES],
    places: [Unit; LANES],
    count: usize,
    /// Bytes from a neighbour to the next.
    stride: usize,
}

impl Units {
    /// The blocks to draw; those past the last unit are any.
    pub(super) const fn blocks(&self) -> &[u64; LANES] {
        &self.blocks
    }

    /// Stores elements, of which those of each block stand side by side in `drawn`.
    #[inline(always)]
    pub(super) fn store<const SIZE: usize>(&self, drawn: &[u8], bytes: &mut [u8]) {
        let (drawn, _) = drawn.as_chunks::<SIZE>();
        for (Unit { byte, first, count }, drawn) in self.places[..self.count].iter().zip(drawn.chunks_exact(4)) {
            let (first, count) = (usize::from(*first), usize::from(*count));
            if self.stride == SIZE {
                let (out, _) = bytes[*byte..*byte + count * SIZE].as_chunks_mut::<SIZE>();
                // As a constant, four are one store.
                match out {
                    [_, _, _, _] => out[..4].copy_from_slice(&drawn[..4]),
                    _ => out.copy_from_slice(&drawn[first..first + count]),
                }
            } else {
                let mut at = *byte;
                for element in &drawn[first..first + count] {
                    bytes[at..at + SIZE].copy_from_slice(element);
                    at += self.stride;
                }
            }
        }
    }
}

/// Blocks from anywhere, as many at a time as one batch has.
fn fill_affine(job: &Job<Affine>, lattice: &Lattice, bytes: &mut [u8]) {
    // Along the axis on which elements are neighbours in the tensor, units share blocks; each position of the others has its own.
    let neighbours = lattice.axes().iter().position(|axis| axis.step == 1);
    let (length, stride) = neighbours.map_or((1, 0), |at| (lattice.axes()[at].count, lattice.axes()[at].stride));
    let mut axes = [Axis { count: 1, step: 0, stride: 0 }; Shape::MAX_RANK];
    axes[..lattice.axes().len()].copy_from_slice(lattice.axes());
    if let Some(at) = neighbours {
        // As many blocks as so many neighbours touch, wherever they begin in the first.
        axes[at] = Axis { count: (length + 2) / 4 + 1, step: 0, stride: 0 };
    }
    let [inner, outer @ ..] = &axes[..lattice.axes().len().max(1)] else { return };
    let next_block = u64::from(neighbours == Some(0));
    let mut units = Units { blocks: [0; LANES], places: [Unit::default(); LANES], count: 0, stride: index(stride) };
    let mut rows = Odometer::new(outer);
    loop {
        let (mut element, mut byte) = (lattice.first + rows.element, rows.byte);
        let mut number = neighbours.and_then(|at| at.checked_sub(1)).map_or(0, |at| rows.at[at]);
        for _ in 0..inner.count {
            // Of the neighbours, counted from the first element of the first one's block.
            let before = element & 3;
            let (start, end) = ((4 * number).max(before), (4 * number + 4).min(before + length));
            if start < end {
                units.blocks[units.count] = (element >> 2) + number;
                #[expect(clippy::cast_possible_truncation, reason = "at most four")]
                let (first, count) = ((start & 3) as u8, (end - start) as u8);
                units.places[units.count] = Unit { byte: index(byte + (start - before) * stride), first, count };
                units.count += 1;
                if units.count == LANES {
                    fill_units(job, &units, bytes);
                    units.count = 0;
                }
            }
            number += next_block;
            element += inner.step;
            byte += inner.stride;
        }
        if !rows.advance() {
            break;
        }
    }
    if units.count > 0 {
        fill_units(job, &units, bytes);
    }
}

/// A position in host memory.
fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
