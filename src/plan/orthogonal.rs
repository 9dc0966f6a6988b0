//! Steps of orthogonal matrices: what to dispatch in which order, over a workspace that all matrices of a plan share.
//!
//! Matrices of one size are worked on together, whichever tensors they are of: one dispatch for each step of all of them.

use super::Matrices;
use super::device::limit;
use super::dispatch::{Planner, Stretches, small};
use super::path::Path;
use super::record::{MatricesRecord, StepRecord, ViewMatrixRecord, WriteRecord};
use super::view::{Drawn, Planned};
use super::window::{Pieces, pack};
use crate::Result;
use crate::lattice::Lattice;
use crate::value::orthogonal::{BLOCK, Frames};
use crate::value::word::halves;
use crate::wgsl::Kernel;
use core::ops::Range;

const BLOCK_SIZE: u64 = BLOCK as u64;
/// Invocations of a workgroup; the shaders' tiles are made for it.
const WORKGROUP: u64 = 256;
/// Bytes of small matrices that are worked on together.
const TOGETHER: u64 = 64 << 20;
/// More workgroups of a loop than this keep no device busier.
const ENOUGH: u64 = 1 << 14;

/// Matrices of a job, next to each other in the tensor and in the workspace.
struct Run<'a> {
    of: &'a Matrices,
    matrices: Range<u64>,
}

/// Bytes of the three buffers of the workspace for one matrix.
fn workspace(frames: &Frames) -> [u64; 3] {
    let columns = u64::from(frames.tall().1);
    let blocks = columns.div_ceil(BLOCK_SIZE);
    let entries = 4 * frames.entries();
    [entries, entries, 4 * (columns + blocks * BLOCK_SIZE * BLOCK_SIZE + BLOCK_SIZE * columns)]
}

impl Planner<'_> {
    /// Why the device cannot make a matrix, if it cannot.
    pub(super) fn check_orthogonal(&self, frames: &Frames) -> Result<()> {
        let (one, purpose) = (workspace(frames), Some("an orthogonal matrix"));
        let largest = one[0].max(one[2]);
        let device = self.device;
        limit("max_storage_buffer_binding_size", purpose, device.max_binding_size, largest)?;
        limit("max_buffer_size", purpose, device.max_buffer_size, largest)?;
        // The largest grid: a workgroup for each 32 rows.
        let workgroups = frames.tall().0.div_ceil(32);
        let per_dimension = device.max_workgroups_per_dimension;
        limit("max_compute_workgroups_per_dimension", purpose, per_dimension.into(), workgroups.into())?;
        limit("max_compute_invocations_per_workgroup", purpose, device.max_workgroup_size.into(), WORKGROUP)
    }

    /// Dispatches for the elements of all jobs.
    pub(super) fn orthogonal<'a>(&mut self, jobs: &'a [Matrices]) -> Result<()> {
        let run = |of: &'a Matrices| {
            let elements = of.job.program.frames.elements();
            let places = places(of);
            Run { of, matrices: places.start / elements..places.end.div_ceil(elements) }
        };
        let mut runs: Vec<Run<'_>> = jobs.iter().map(run).collect();
        let size = |run: &Run<'_>| {
            let (rows, columns) = run.of.job.program.frames.tall();
            u64::from(rows) << 32 | u64::from(columns)
        };
        runs.sort_by_cached_key(size);
        for runs in runs.chunk_by(|one, next| size(one) == size(next)) {
            let mut chunk: Vec<Run<'_>> = Vec::new();
            let mut room = 0;
            for run in runs {
                let mut left = run.matrices.clone();
                while !left.is_empty() {
                    if room == 0 {
                        self.chunk(&core::mem::take(&mut chunk))?;
                        room = self.most_matrices(&run.of.job.program.frames);
                    }
                    let now = left.start..left.end.min(left.start.saturating_add(room));
                    room -= now.end - now.start;
                    left.start = now.end;
                    chunk.push(Run { of: run.of, matrices: now });
                }
            }
            self.chunk(&chunk)?;
        }
        Ok(())
    }

    /// Matrices that are worked on together.
    fn most_matrices(&self, frames: &Frames) -> u64 {
        let one = workspace(frames);
        let largest = self.device.max_binding_size.min(self.device.max_buffer_size);
        let records = self.device.largest_records() / size_of::<StepRecord>() as u64;
        (TOGETHER.min(largest) / one[0].max(one[2]))
            .min(self.device.max_workgroups_per_dimension.into())
            // Positions in the workspace are 32-bit.
            .min(u64::from(u32::MAX) / frames.entries())
            .min(records)
            .max(1)
    }

    /// The steps of matrices that are worked on together, then their elements.
    fn chunk(&mut self, runs: &[Run<'_>]) -> Result<()> {
        let Some(first) = runs.first() else { return Ok(()) };
        let matrices: u64 = runs.iter().map(|run| run.matrices.end - run.matrices.start).sum();
        let bytes = workspace(&first.of.job.program.frames).map(|one| one * matrices);
        for (have, need) in self.plan.workspace.iter_mut().zip(bytes) {
            *have = (*have).max(need);
        }
        let (rows, columns) = first.of.job.program.frames.tall();
        let (rows, columns, matrices) = (u64::from(rows), u64::from(columns), small(matrices));
        let blocks = columns.div_ceil(BLOCK_SIZE);
        let records = self.append(bytemuck::cast_slice(&steps(runs, 0)))?;
        let mut stretches = Stretches { records, workspace: bytes, ..Stretches::default() };
        let per_dimension = u64::from(self.device.max_workgroups_per_dimension);
        // Philox blocks: of each matrix all its entries', which need not begin with one.
        let drawn = (rows * columns / 4 + 1).div_ceil(WORKGROUP).min(ENOUGH).min(per_dimension);
        for (kernel, x) in [
            (Kernel::OrthogonalGaussians, drawn),
            (Kernel::OrthogonalReflectors, blocks),
            (Kernel::OrthogonalTriangular, blocks),
        ] {
            self.push(Path::plain(kernel), first.of.buffer, &stretches, [small(x), 1, matrices]);
        }
        for block in (0..blocks).rev() {
            let start = block * BLOCK_SIZE;
            stretches.records = self.append(bytemuck::cast_slice(&steps(runs, small(start))))?;
            let [wide, high] = [columns, rows].map(|size| small((size - start).div_ceil(BLOCK_SIZE)));
            self.push(Path::plain(Kernel::OrthogonalProject), first.of.buffer, &stretches, [wide, 1, matrices]);
            self.push(Path::plain(Kernel::OrthogonalUpdate), first.of.buffer, &stretches, [wide, high, matrices]);
        }
        self.writes(runs, &stretches)
    }

    /// The elements, one dispatch for each window of a buffer.
    fn writes(&mut self, runs: &[Run<'_>], stretches: &Stretches) -> Result<()> {
        let mut pieces: Pieces<(u64, &Run<'_>)> = Vec::with_capacity(runs.len());
        let mut matrix = 0;
        let mut views: Vec<(usize, Vec<(Lattice, Drawn<'_>)>)> = Vec::new();
        for run in runs {
            if run.of.boxes.is_some() {
                let buffer = run.of.buffer;
                match views.iter_mut().find(|(known, _)| *known == buffer) {
                    Some((_, views)) => run.views(matrix, views),
                    None => {
                        views.push((buffer, Vec::new()));
                        run.views(matrix, &mut views.last_mut().expect("pushed now").1);
                    }
                }
            } else {
                pieces.push((run.bytes(), (matrix, run)));
            }
            matrix += run.matrices.end - run.matrices.start;
        }
        for (buffer, views) in views {
            let planned = views.iter().map(|(lattice, drawn)| Planned { lattice, drawn: *drawn });
            self.views(buffer, &planned.collect::<Vec<_>>(), stretches.workspace)?;
        }
        pieces.sort_by_cached_key(|(bytes, _)| bytes.start);
        pieces.sort_by_cached_key(|(_, (_, run))| run.of.buffer as u64);
        let buffer = |piece: &(Range<u64>, (u64, &Run<'_>))| piece.1.1.of.buffer;
        for pieces in pieces.chunk_by(|one, next| buffer(one) == buffer(next)) {
            let buffer = buffer(&pieces[0]);
            for (window, pieces) in pack(pieces.iter().cloned(), self.device.alignment(), self.device.largest_window())
            {
                let records: Vec<WriteRecord> =
                    pieces.iter().map(|(bytes, (matrix, run))| run.write(*matrix, bytes, &window)).collect();
                let per_dimension = self.device.max_workgroups_per_dimension;
                let most = (self.device.largest_records() / size_of::<WriteRecord>() as u64).min(per_dimension.into());
                for records in records.chunks(usize::try_from(most).unwrap_or(usize::MAX)) {
                    let elements = records.iter().map(|record| u64::from(record.elements)).max().unwrap_or(0);
                    let x = elements.div_ceil(WORKGROUP).clamp(1, ENOUGH).min(per_dimension.into());
                    let grid = [small(x), 1, small(records.len() as u64)];
                    let records = self.append(bytemuck::cast_slice(records))?;
                    let stretches = Stretches { records, target: window.clone(), ..stretches.clone() };
                    self.push(Path::plain(Kernel::FillOrthogonal), buffer, &stretches, grid);
                }
            }
        }
        Ok(())
    }
}

/// The elements of a job, from the first of its first matrix on: those that it writes, and with boxes those between them.
fn places(Matrices { job, boxes, .. }: &Matrices) -> Range<u64> {
    if let Some(boxes) = boxes {
        let spans = || boxes.iter().map(Lattice::span);
        let start = spans().map(|span| span.start).min().unwrap_or(0);
        let end = spans().map(|span| span.end).max().unwrap_or(start);
        return start - job.source.origin..end - job.source.origin;
    }
    let start = job.first - job.source.origin;
    start..start + (job.bytes.end - job.bytes.start) / job.dtype.size()
}

/// The records of a step, one for each matrix.
fn steps(runs: &[Run<'_>], block: u32) -> Vec<StepRecord> {
    let all = runs.iter().flat_map(|run| run.matrices.clone().map(move |number| (run, number)));
    let record = |(matrix, (run, number)): (u32, (&Run<'_>, u64))| {
        let (source, frames) = (&run.of.job.source, &run.of.job.program.frames);
        let (rows, columns) = frames.tall();
        StepRecord {
            index: halves(source.origin + number * frames.entries()),
            stream: halves(source.stream),
            seed: halves(source.seed),
            rows,
            columns,
            block,
            matrix,
        }
    };
    (0..).zip(all).map(record).collect()
}

impl Run<'_> {
    /// The elements of these matrices that the job writes.
    fn places(&self) -> Range<u64> {
        let (all, elements) = (places(self.of), self.of.job.program.frames.elements());
        all.start.max(self.matrices.start * elements)..all.end.min(self.matrices.end * elements)
    }

    /// The bytes of the buffer that they go to.
    fn bytes(&self) -> Range<u64> {
        let (job, size) = (&self.of.job, self.of.job.dtype.size());
        let at = |place: u64| job.bytes.start + (place - (job.first - job.source.origin)) * size;
        let places = self.places();
        at(places.start)..at(places.end)
    }

    /// The record of a piece of them; the first matrix has this place in the workspace.
    fn write(&self, matrix: u64, bytes: &Range<u64>, window: &Range<u64>) -> WriteRecord {
        let (frames, size) = (&self.of.job.program.frames, self.of.job.dtype.size());
        let skipped = (bytes.start - self.bytes().start) / size;
        let element = self.places().start + skipped - self.matrices.start * frames.elements();
        WriteRecord {
            // Counted from the piece's own matrix: one matrix has fewer than 2^32 elements.
            element: small(element % frames.elements()),
            elements: small((bytes.end - bytes.start) / size),
            position: small((bytes.start - window.start) / size),
            matrices: MatricesRecord::new(&self.of.job, small(matrix + element / frames.elements())),
        }
    }

    /// The elements of boxes that are in these matrices, each matrix by itself; the first has this place in the workspace.
    fn views(&self, matrix: u64, views: &mut Vec<(Lattice, Drawn<'_>)>) {
        let Matrices { job, boxes, .. } = self.of;
        let elements = job.program.frames.elements();
        for (place, number) in (matrix..).zip(self.matrices.clone()) {
            let first = job.source.origin + number * elements;
            let record = ViewMatrixRecord { matrices: MatricesRecord::new(job, small(place)), first: halves(first) };
            let inside = boxes
                .iter()
                .flat_map(|boxes| boxes.iter())
                .flat_map(|lattice| lattice.within(&(first..first + elements)));
            views.extend(inside.map(|lattice| (lattice, Drawn::Matrix(job.dtype, record))));
        }
    }
}
