//! Views: boxes of tensors at any places in memory. Units in the order of memory, all views of one kernel in one stretch of a buffer in
//! one dispatch.

use super::dispatch::{Planner, Stretches, small};
use super::grid::{grid, most_workgroups};
use super::path::Path;
use super::record::{
    AxisRecord, DeltaRecord, DrawRecord, SparseRecord, ViewConstantRecord, ViewListedRecord, ViewMatrixRecord,
    ViewRecord,
};
use super::window::{GROUP, Pieces};
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
    Matrix(ViewMatrixRecord),
}

/// A view that is to be planned: on which pipeline, and where.
#[derive(Clone, Copy)]
pub(super) struct Planned<'a> {
    path: Path,
    lattice: Lattice,
    drawn: Drawn<'a>,
}

impl<'a> Planned<'a> {
    pub(super) fn elementwise(lattice: Lattice, job: &'a Job<Elementwise>) -> Self {
        let rows = has_whole_groups(&lattice);
        let path = Path::of_view(&job.program, job.dtype, rows);
        Self { path, lattice, drawn: Drawn::Elementwise(job) }
    }

    pub(super) fn matrix(lattice: Lattice, dtype: DType, matrix: ViewMatrixRecord) -> Self {
        Self { path: Path::plain(Kernel::ViewOrthogonal(dtype)), lattice, drawn: Drawn::Matrix(matrix) }
    }

    fn is_listed(&self) -> bool {
        matches!(self.path.kernel, Kernel::ViewListed(_))
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
        let mut by_path: Vec<(Path, Pieces<&Planned<'_>>, Vec<Lattice>)> = Vec::new();
        // A window starts up to one alignment before its first byte.
        let most_bytes = device.largest_window() - device.alignment();
        let workgroups = most_workgroups(device.max_workgroups_per_dimension);
        for view in views {
            let workgroup_size = u64::from(device.workgroup_size(view.path.kernel));
            let most = MOST_ELEMENTS.min(workgroups.saturating_mul(workgroup_size));
            let most = if view.is_listed() { most.min(device.max_binding_size / GROUP) } else { most };
            // Pieces have as many axes, or fewer.
            let path = view.path.of_axes(view.lattice.axes().len());
            let known = by_path.iter().position(|(known, ..)| *known == path);
            let known = known.unwrap_or_else(|| {
                by_path.push((path, Vec::new(), Vec::new()));
                by_path.len() - 1
            });
            let (_, pieces, lattices) = &mut by_path[known];
            let before = lattices.len();
            view.lattice.pieces(most, most_bytes, lattices);
            pieces.extend(lattices[before..].iter().map(|lattice| (lattice.bytes(), view)));
        }
        for (path, pieces, lattices) in by_path {
            let mut order: Vec<usize> = (0..pieces.len()).collect();
            order.sort_by_cached_key(|at| pieces[*at].0.start);
            let mut open: Vec<(Lattice, &Planned<'_>)> = Vec::new();
            let mut window = 0..0;
            for at in order {
                let (bytes, view) = &pieces[at];
                if open.is_empty() || bytes.end > window.start + device.largest_window() {
                    self.window(path, buffer, &window, &open, workspace)?;
                    open.clear();
                    let start = bytes.start / device.alignment() * device.alignment();
                    window = start..start;
                }
                window.end = window.end.max(bytes.end);
                open.push((lattices[at], view));
            }
            self.window(path, buffer, &window, &open, workspace)?;
        }
        Ok(())
    }

    fn window(
        &mut self,
        path: Path,
        buffer: usize,
        window: &Range<u64>,
        views: &[(Lattice, &Planned<'_>)],
        workspace: [u64; 3],
    ) -> Result<()> {
        let device = self.device;
        super::device::limit(
            "max_storage_buffer_binding_size",
            Some("a view"),
            device.largest_records(),
            if views.is_empty() { 0 } else { LARGEST },
        )?;
        let records: Vec<(ViewRecord, &Planned<'_>)> =
            views.iter().map(|(lattice, view)| (record(lattice, view, window), *view)).collect();
        let units = records.iter().map(|(record, _)| u64::from(record.units)).sum();
        let tile = device.tiling.tile_groups(units, device.workgroup_size(path.kernel));
        let most_tiles = most_workgroups(device.max_workgroups_per_dimension);
        if views.iter().any(|(_, view)| view.is_listed()) {
            // Before anything is computed.
            self.table_size(units * GROUP)?;
        }
        let mut batch = Batch::default();
        for (mut record, view) in records {
            let tiles = u64::from(record.units.div_ceil(tile));
            let list = if view.is_listed() { u64::from(record.units) * GROUP } else { 0 };
            if batch.tiles + tiles > most_tiles
                || batch.records.len() as u64 + LARGEST > device.largest_records()
                || batch.list.len() as u64 + list > device.max_binding_size
            {
                self.batch(path, buffer, window, &core::mem::take(&mut batch), workspace)?;
            }
            (record.first_tile, record.tile_units) = (small(batch.tiles), tile);
            batch.tiles += tiles;
            batch.push(&record, view);
        }
        self.batch(path, buffer, window, &batch, workspace)
    }

    fn batch(
        &mut self,
        path: Path,
        buffer: usize,
        window: &Range<u64>,
        batch: &Batch,
        workspace: [u64; 3],
    ) -> Result<()> {
        if batch.records.is_empty() {
            return Ok(());
        }
        let records = self.append(&batch.records)?;
        let list = if batch.list.is_empty() { 0..0 } else { self.append(&batch.list)? };
        let stretches = Stretches { records, target: window.clone(), list, workspace };
        self.push(path, buffer, &stretches, grid(batch.tiles, self.device.max_workgroups_per_dimension));
        Ok(())
    }
}

/// Views that one dispatch will write.
#[derive(Default)]
struct Batch {
    records: Vec<u8>,
    list: Vec<u8>,
    tiles: u64,
}

impl Batch {
    fn push(&mut self, record: &ViewRecord, view: &Planned<'_>) {
        self.records.extend_from_slice(bytes_of(record));
        let job = match view.drawn {
            Drawn::Matrix(matrix) => return self.records.extend_from_slice(bytes_of(&matrix)),
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

/// All but the tiles.
fn record(lattice: &Lattice, view: &Planned<'_>, window: &Range<u64>) -> ViewRecord {
    let (size, rows) = (lattice.size, view.path.kernel.writes_groups());
    let (unit, per_block) = if rows { (GROUP, GROUP / size) } else { (size, 4) };
    let neighbours = lattice.axes().iter().position(|axis| axis.step == 1);
    let run = neighbours.map_or(Axis { count: 1, step: 1, stride: 0 }, |at| lattice.axes()[at]);
    // A list has four values for each unit.
    let wide = if rows || view.is_listed() { 1 } else { wide(lattice, &run) };
    let mut record = ViewRecord {
        position: small((lattice.byte - window.start) / unit),
        index: halves(lattice.first),
        run: small(run.count),
        run_stride: small(run.stride / size),
        run_axis: NONE,
        wide: small(wide),
        wide_step: halves(if wide > 1 { lattice.axes()[0].step } else { 0 }),
        units: 1,
        first_tile: 0,
        tile_units: 0,
        axes: [AxisRecord::default(); Shape::MAX_RANK],
    };
    let mut rank = 0;
    for (at, axis) in lattice.axes().iter().enumerate() {
        let (count, stride, step) = if neighbours == Some(at) {
            // As many blocks as the run touches; one more than fit, where it does not begin with a block everywhere.
            let blocks =
                if lattice.begins_blocks() { axis.count.div_ceil(per_block) } else { (axis.count + 2) / 4 + 1 };
            (blocks, u64::from(rows), 0)
        } else if at == 0 {
            (axis.count / wide, axis.stride * wide / unit, axis.step * wide)
        } else {
            (axis.count, axis.stride / unit, axis.step)
        };
        if count > 1 {
            if neighbours == Some(at) {
                record.run_axis = small(rank as u64);
            }
            let (magic, shift) = divisor(small(count));
            record.axes[rank] =
                AxisRecord { count: small(count), magic, shift, stride: small(stride), step: halves(step) };
            record.units *= small(count);
            rank += 1;
        }
    }
    record
}

/// How many positions of the first axis share each word of memory, if words are theirs alone and all begin alike in their blocks.
fn wide(lattice: &Lattice, run: &Axis) -> u64 {
    let Some((first, outer)) = lattice.axes().split_first() else { return 1 };
    let wide = 4 / lattice.size;
    let words = lattice.byte.is_multiple_of(4)
        && run.stride.is_multiple_of(4)
        && outer.iter().all(|axis| axis.stride.is_multiple_of(4))
        && first.count.is_multiple_of(wide);
    let alike = first.stride == lattice.size && first.step != 1 && first.step.is_multiple_of(4);
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
