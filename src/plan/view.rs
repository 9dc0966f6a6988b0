//! Views: boxes of tensors at any places in memory. Units in the order of memory, all views of one kernel in one stretch of a buffer in
//! one dispatch.

use super::batch::Batch;
use super::device::limit;
use super::dispatch::{Planner, small};
use super::grid::most_workgroups;
use super::path::Path;
use super::record::{
    AxisRecord, DeltaRecord, DrawRecord, SparseRecord, ViewConstantRecord, ViewListedRecord, ViewMatrixRecord,
    ViewRecord,
};
use super::window::GROUP;
use crate::fill::Job;
use crate::lattice::{Axis, Lattice};
use crate::value::program::{Elementwise, mask};
use crate::value::word::halves;
use crate::wgsl::Kernel;
use crate::{DType, Result, Shape};
use bytemuck::bytes_of;
use core::ops::Range;

/// No axis.
const NONE: u32 = 8;
/// Bytes of the largest record with its `Draw`.
const LARGEST: u64 = (size_of::<ViewRecord>() + size_of::<SparseRecord>()) as u64;
/// Elements of one record, so that its units are below 2^31.
const MOST_ELEMENTS: u64 = 1 << 30;

/// What a view's elements are drawn from.
#[derive(Clone, Copy)]
pub(super) enum Drawn<'a> {
    Elementwise(&'a Job<Elementwise>),
    Matrix(DType, ViewMatrixRecord),
}

/// A view that is to be planned.
#[derive(Clone, Copy)]
pub(super) struct Planned<'a> {
    pub(super) lattice: &'a Lattice,
    pub(super) drawn: Drawn<'a>,
}

impl<'a> Planned<'a> {
    pub(super) const fn elementwise(lattice: &'a Lattice, job: &'a Job<Elementwise>) -> Self {
        Self { lattice, drawn: Drawn::Elementwise(job) }
    }

    /// Of a piece.
    fn path(&self, lattice: &Lattice) -> Path {
        let path = match self.drawn {
            Drawn::Elementwise(job) => Path::of_view(&job.program, job.dtype, has_whole_groups(lattice)),
            Drawn::Matrix(dtype, _) => Path::plain(Kernel::ViewOrthogonal(dtype)),
        };
        path.of_axes(lattice.axes().len())
    }
}

/// What one dispatch can write of a view: all of it, or a piece.
struct Piece<'a> {
    bytes: Range<u64>,
    view: &'a Planned<'a>,
    cut: Option<Box<Lattice>>,
}

impl Piece<'_> {
    fn lattice(&self) -> &Lattice {
        self.cut.as_deref().unwrap_or(self.view.lattice)
    }
}

/// Whether the view consists of rows of two or more 16-byte groups that begin at multiples of 16 bytes with the first element of a Philox block.
fn has_whole_groups(lattice: &Lattice) -> bool {
    let [Axis { count, step: 1, stride }, outer @ ..] = lattice.axes() else { return false };
    *stride == lattice.size
        && (count * lattice.size).is_multiple_of(GROUP)
        && count * lattice.size > GROUP
        && lattice.byte.is_multiple_of(GROUP)
        && lattice.begins_blocks()
        && outer.iter().all(|axis| axis.stride.is_multiple_of(GROUP))
}

impl Planner<'_> {
    /// Dispatches for views of one buffer, which may lie inside each other.
    pub(super) fn views(&mut self, buffer: usize, views: &[Planned<'_>], workspace: [u64; 3]) -> Result<()> {
        let device = self.device;
        let mut by_path: Vec<(Path, Vec<Piece<'_>>)> = Vec::new();
        // A window starts up to one alignment before its first byte.
        let most_bytes = device.largest_window() - device.alignment();
        let workgroups = most_workgroups(device.max_workgroups_per_dimension);
        let mut cut = Vec::new();
        for view in views {
            let whole = view.path(view.lattice);
            let workgroup_size = u64::from(device.workgroup_size(whole.kernel));
            let most = MOST_ELEMENTS.min(workgroups.saturating_mul(workgroup_size));
            let most = if is_listed(whole) { most.min(device.max_binding_size / GROUP) } else { most };
            view.lattice.pieces(most, most_bytes, &mut cut);
            let pieces = cut.len();
            for lattice in cut.drain(..) {
                // A piece may be less than whole groups, or have fewer axes.
                let path = if pieces == 1 { whole } else { view.path(&lattice) };
                let at = by_path.iter().position(|(known, ..)| *known == path).unwrap_or(by_path.len());
                if at == by_path.len() {
                    by_path.push((path, Vec::new()));
                }
                let bytes = lattice.bytes();
                let cut = (pieces > 1).then(|| Box::new(lattice));
                by_path[at].1.push(Piece { bytes, view, cut });
            }
        }
        for (path, mut pieces) in by_path {
            pieces.sort_by_cached_key(|piece| piece.bytes.start);
            let (mut first, mut window) = (0, 0..0);
            for (at, Piece { bytes, .. }) in pieces.iter().enumerate() {
                if at == first || bytes.end > window.start + device.largest_window() {
                    self.window(path, buffer, &window, &pieces[first..at], workspace)?;
                    first = at;
                    let start = bytes.start / device.alignment() * device.alignment();
                    window = start..start;
                }
                window.end = window.end.max(bytes.end);
            }
            self.window(path, buffer, &window, &pieces[first..], workspace)?;
        }
        Ok(())
    }

    fn window(
        &mut self,
        path: Path,
        buffer: usize,
        window: &Range<u64>,
        pieces: &[Piece<'_>],
        workspace: [u64; 3],
    ) -> Result<()> {
        let device = self.device;
        if pieces.is_empty() {
            return Ok(());
        }
        limit("max_storage_buffer_binding_size", Some("a view"), device.largest_records(), LARGEST)?;
        let units = pieces.iter().map(|piece| units(piece.lattice(), path)).sum();
        let tile = device.tile_groups(path.kernel, units);
        let most_tiles = most_workgroups(device.max_workgroups_per_dimension);
        if is_listed(path) {
            // Before anything is computed.
            self.table_size(units * GROUP)?;
        }
        let mut batch = Batch::new(tile);
        for piece in pieces {
            let mut record = record(piece.lattice(), path, window);
            let tiles = u64::from(record.units.div_ceil(tile));
            let list = if is_listed(path) { u64::from(record.units) * GROUP } else { 0 };
            if batch.tiles + tiles > most_tiles
                || batch.records.len() as u64 + LARGEST > device.largest_records()
                || batch.list.len() as u64 + list > device.max_binding_size
            {
                self.batch(path, buffer, window, &mut batch, workspace)?;
            }
            (record.first_tile, record.tile_units) = (small(batch.tiles), tile);
            batch.push_view(&record, piece.view);
        }
        self.batch(path, buffer, window, &mut batch, workspace)
    }
}

impl Batch {
    fn push_view(&mut self, record: &ViewRecord, view: &Planned<'_>) {
        self.count(record.units);
        self.records.extend_from_slice(bytes_of(record));
        let job = match view.drawn {
            Drawn::Matrix(_, matrix) => return self.records.extend_from_slice(bytes_of(&matrix)),
            Drawn::Elementwise(job) => job,
        };
        // What counts from the first element of a stretch counts from the first of the tensor.
        let from_0 = || Job { first: 0, ..job.clone() };
        match &job.program {
            Elementwise::Constant(word) => {
                let word = word & mask(job.dtype);
                self.records.extend_from_slice(bytes_of(&ViewConstantRecord { word, padding: 0 }));
            }
            Elementwise::Affine(affine) => {
                self.records.extend_from_slice(bytes_of(&DrawRecord::new(0, &job.source, affine)));
            }
            Elementwise::Computed(..) => {
                let first_unit = small(self.list.len() as u64 / GROUP);
                self.records.extend_from_slice(bytes_of(&ViewListedRecord { first_unit, padding: 0 }));
                for unit in 0..record.units {
                    self.list.extend_from_slice(bytemuck::cast_slice(&four(record, unit, job)));
                }
            }
            Elementwise::Delta(delta, word) => {
                let word = word & mask(job.dtype);
                self.records.extend_from_slice(bytes_of(&DeltaRecord::new(&from_0(), delta, word)));
            }
            Elementwise::Sparse(sparse, scale) => {
                self.records.extend_from_slice(bytes_of(&SparseRecord::new(&from_0(), sparse, *scale)));
            }
        }
    }
}

fn is_listed(path: Path) -> bool {
    matches!(path.kernel, Kernel::ViewListed(_))
}

/// What an axis of a view counts, by how much a unit takes of it.
struct Units {
    /// Which axis' neighbours are neighbours in the tensor.
    neighbours: Option<usize>,
    /// Positions of the first axis that a unit takes.
    wide: u64,
    /// Elements of a unit along the neighbours, or none where runs begin anywhere in a block.
    whole: Option<u64>,
}

impl Units {
    fn new(lattice: &Lattice, path: Path) -> Self {
        let rows = path.kernel.writes_groups();
        let neighbours = lattice.axes().iter().position(|axis| axis.step == 1);
        // A list has four values for each unit.
        let wide = if rows || is_listed(path) { 1 } else { wide(lattice, neighbours) };
        let whole = lattice.begins_blocks().then_some(if rows { GROUP / lattice.size } else { 4 });
        Self { neighbours, wide, whole }
    }

    fn count(&self, at: usize, axis: &Axis) -> u64 {
        match self.whole {
            Some(whole) if self.neighbours == Some(at) => axis.count.div_ceil(whole),
            // As many blocks as so many neighbours touch, wherever they begin.
            None if self.neighbours == Some(at) => (axis.count + 2) / 4 + 1,
            _ if at == 0 => axis.count / self.wide,
            _ => axis.count,
        }
    }
}

fn units(lattice: &Lattice, path: Path) -> u64 {
    let units = Units::new(lattice, path);
    lattice.axes().iter().enumerate().map(|(at, axis)| units.count(at, axis)).product()
}

/// All but the tiles.
fn record(lattice: &Lattice, path: Path, window: &Range<u64>) -> ViewRecord {
    let (size, rows) = (lattice.size, path.kernel.writes_groups());
    let unit = if rows { GROUP } else { size };
    let units = Units::new(lattice, path);
    let run = units.neighbours.map_or(Axis { count: 1, step: 1, stride: 0 }, |at| lattice.axes()[at]);
    let mut record = ViewRecord {
        position: small((lattice.byte - window.start) / unit),
        index: halves(lattice.first),
        run: small(run.count),
        run_stride: small(run.stride / size),
        run_axis: NONE,
        wide: small(units.wide),
        wide_step: halves(if units.wide > 1 { lattice.axes()[0].step } else { 0 }),
        units: 1,
        first_tile: 0,
        tile_units: 0,
        axes: [AxisRecord::default(); Shape::MAX_RANK],
    };
    let mut rank = 0;
    for (at, axis) in lattice.axes().iter().enumerate() {
        let count = small(units.count(at, axis));
        if count == 1 {
            continue;
        }
        let together = if at == 0 { units.wide } else { 1 };
        let (stride, step) = if units.neighbours == Some(at) {
            record.run_axis = small(rank as u64);
            (u64::from(rows), 0)
        } else {
            (axis.stride * together / unit, axis.step * together)
        };
        let (magic, shift) = divisor(count);
        record.axes[rank] = AxisRecord { count, magic, shift, stride: small(stride), step: halves(step) };
        record.units *= count;
        rank += 1;
    }
    record
}

/// How many positions of the first axis share each word of memory, if words are theirs alone and all begin alike in their blocks.
fn wide(lattice: &Lattice, neighbours: Option<usize>) -> u64 {
    let Some((first, outer)) = lattice.axes().split_first().filter(|_| neighbours != Some(0)) else { return 1 };
    let wide = 4 / lattice.size;
    let words = lattice.byte.is_multiple_of(4)
        && outer.iter().all(|axis| axis.stride.is_multiple_of(4))
        && first.count.is_multiple_of(wide);
    let alike = first.stride == lattice.size && first.step.is_multiple_of(4);
    if words && alike { wide } else { 1 }
}

/// What replaces a division of numbers below 2^31 by `count`, 2 or more: ⌈2^p / count⌉ with p = 31 + ⌈log₂ count⌉, and p − 32. Granlund and
/// Montgomery, "Division by invariant integers using multiplication", PLDI'94, theorem 4.2.
fn divisor(count: u32) -> (u32, u32) {
    let log = u32::BITS - (count - 1).leading_zeros();
    let magic = (1u64 << (31 + log)).div_ceil(u64::from(count));
    (small(magic), log - 1)
}

/// The stored bits of the elements of a unit, as the shader counts them; those that are not of the view are zero.
fn four(record: &ViewRecord, unit: u32, job: &Job<Elementwise>) -> [u32; 4] {
    let wide = |[low, high]: [u32; 2]| u64::from(low) | u64::from(high) << 32;
    let (mut index, mut block, mut rest) = (wide(record.index), 0, unit);
    for (number, axis) in (0..).zip(record.axes).take_while(|(_, axis)| axis.count > 0) {
        let at = u64::from(rest % axis.count);
        rest /= axis.count;
        if number == record.run_axis {
            block = at;
        } else {
            index += at * wide(axis.step);
        }
    }
    let (phase, first) = (index & 3, (index & !3) + 4 * block);
    let words = job.source.words(first);
    let mut four = [0; 4];
    for (element, (bits, word)) in (0..).zip(four.iter_mut().zip(words)) {
        // Before the first neighbour this wraps to a large number.
        if (4 * block + element).wrapping_sub(phase) < u64::from(record.run) {
            *bits = job.program.element(job.dtype, &job.source, first + element, word);
        }
    }
    four
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_numbers_divide() {
        let counts = (2..70).chain([127, 128, 129, 65_535, 65_537, 641, (1 << 30) + 7, (1 << 31) - 1]);
        for count in counts {
            let (magic, shift) = divisor(count);
            let edges =
                (1..200u32).flat_map(|times| [(count.wrapping_mul(times)).wrapping_sub(1), count.wrapping_mul(times)]);
            for number in edges.chain([0, 1, (1 << 31) - 1, (1 << 31) - 2]).filter(|number| number >> 31 == 0) {
                let quotient = ((u64::from(number) * u64::from(magic)) >> 32) >> shift;
                assert_eq!(quotient, u64::from(number / count), "{number} / {count}");
            }
        }
    }
}
