//! Steps of orthogonal matrices: what to dispatch in which order, over a workspace that all matrices of a plan share.

use super::dispatch::{Dispatch, Planner, small};
use super::grid::{grid, most_workgroups};
use super::record::{StepRecord, WriteRecord};
use super::window::{GROUP, pack};
use crate::fill::Job;
use crate::value::orthogonal::{BLOCK, Frames};
use crate::value::word::halves;
use crate::wgsl::Kernel;
use crate::{Error, Result};
use core::ops::Range;

const BLOCK_SIZE: u64 = BLOCK as u64;
/// Invocations of a workgroup; the shaders' tiles are made for it.
const WORKGROUP: u32 = 256;
/// Bytes of small matrices that are worked on together.
const TOGETHER: u64 = 64 << 20;

/// Matrices that are worked on together.
struct Chunk<'a> {
    target: usize,
    job: &'a Job,
    frames: &'a Frames,
    /// The first matrix' first element in the tensor's words.
    first_word: u64,
    matrices: u64,
}

impl Chunk<'_> {
    fn step(&self, block: u64) -> StepRecord {
        let (rows, columns) = self.frames.tall();
        StepRecord {
            rows,
            columns,
            block: small(block),
            entries: small(self.matrices * self.frames.entries()),
            index: halves(self.first_word),
            stream: halves(self.job.stream),
            seed: halves(self.job.seed),
        }
    }
}

/// Bytes of the three buffers of the workspace for one matrix.
fn workspace(frames: &Frames) -> [u64; 3] {
    let columns = u64::from(frames.tall().1);
    let blocks = columns.div_ceil(BLOCK_SIZE);
    let entries = 4 * frames.entries();
    [entries, entries, 4 * (columns + blocks * BLOCK_SIZE * BLOCK_SIZE + BLOCK_SIZE * columns)]
}

impl Planner<'_> {
    /// Dispatches for the elements of a job: its matrices in chunks, one chunk after the other in the same workspace.
    pub(super) fn orthogonal(&mut self, target: usize, job: &Job, frames: &Frames, origin: u64) -> Result<()> {
        let one = workspace(frames);
        let per_dimension = u64::from(self.device.max_workgroups_per_dimension);
        let (rows, _) = frames.tall();
        for (limit, got, needed) in [
            (
                "max_storage_buffer_binding_size (for an orthogonal matrix)",
                self.device.max_binding_size,
                one[0].max(one[2]),
            ),
            ("max_buffer_size (for an orthogonal matrix)", self.device.max_buffer_size, one[0].max(one[2])),
            ("max_compute_workgroups_per_dimension (for an orthogonal matrix)", per_dimension, rows.into()),
            ("max_compute_invocations_per_workgroup", self.device.max_workgroup_size.into(), WORKGROUP.into()),
        ] {
            if got < needed {
                return Err(Error::DeviceLimit { limit, got, needed });
            }
        }
        let largest = self.device.max_binding_size.min(self.device.max_buffer_size);
        // Positions in a chunk's elements and words are 32-bit.
        let most = (TOGETHER.min(largest) / one[0].max(one[2]))
            .min(per_dimension)
            .min(u64::from(u32::MAX) / frames.elements())
            .max(1);
        let size = job.constants.dtype.size();
        let elements = (job.bytes.end - job.bytes.start) / size;
        let (start, end) = (job.first - origin, job.first - origin + elements);
        let mut first = start / frames.elements();
        let last = (end - 1) / frames.elements();
        while first <= last {
            let matrices = most.min(last + 1 - first);
            let first_word = origin + first * frames.entries();
            let chunk = Chunk { target, job, frames, first_word, matrices };
            for (have, need) in self.plan.workspace.iter_mut().zip(one) {
                *have = (*have).max(need * matrices);
            }
            self.steps(&chunk)?;
            let chunk_start = first * frames.elements();
            let now = start.max(chunk_start)..end.min(chunk_start + matrices * frames.elements());
            let at = job.bytes.start + (now.start - start) * size;
            let bytes = at..at + (now.end - now.start) * size;
            self.writes(&chunk, &bytes, now.start - chunk_start)?;
            first += matrices;
        }
        Ok(())
    }

    fn steps(&mut self, chunk: &Chunk<'_>) -> Result<()> {
        let (rows, columns) = chunk.frames.tall();
        let (rows, columns) = (u64::from(rows), u64::from(columns));
        let matrices = small(chunk.matrices);
        let blocks = columns.div_ceil(BLOCK_SIZE);
        let record = self.append(bytemuck::bytes_of(&chunk.step(0)))?;
        self.step(chunk, Kernel::OrthogonalReflectors, &record, [small(columns), 1, matrices]);
        self.step(chunk, Kernel::OrthogonalTriangular, &record, [small(blocks), 1, matrices]);
        let words = (chunk.matrices * chunk.frames.entries()).div_ceil(WORKGROUP.into());
        let workgroups = words.min(most_workgroups(self.device.max_workgroups_per_dimension)).min(1 << 14);
        let identity = grid(workgroups, self.device.max_workgroups_per_dimension);
        self.step(chunk, Kernel::OrthogonalIdentity, &record, identity);
        for block in (0..blocks).rev() {
            let first = block * BLOCK_SIZE;
            let record = self.append(bytemuck::bytes_of(&chunk.step(first)))?;
            let [wide, high] = [columns, rows].map(|size| small((size - first).div_ceil(BLOCK_SIZE)));
            self.step(chunk, Kernel::OrthogonalProject, &record, [wide, 1, matrices]);
            self.step(chunk, Kernel::OrthogonalUpdate, &record, [wide, high, matrices]);
        }
        Ok(())
    }

    fn step(&mut self, chunk: &Chunk<'_>, kernel: Kernel, record: &Range<u64>, grid: [u32; 3]) {
        let (target, window, records) = (chunk.target, 0..0, record.clone());
        self.plan.dispatches.push(Dispatch {
            kernel,
            target,
            window,
            records,
            list: None,
            workgroup_size: WORKGROUP,
            grid,
        });
    }

    /// Elements from `element` of the chunk on, to these bytes of the target.
    fn writes(&mut self, chunk: &Chunk<'_>, bytes: &Range<u64>, element: u64) -> Result<()> {
        let alignment = self.device.offset_alignment.max(GROUP);
        let most = self.device.max_binding_size.min(1 << 31) / GROUP * GROUP;
        let (frames, size) = (chunk.frames, chunk.job.constants.dtype.size());
        for (window, pieces) in pack([(bytes.clone(), ())], alignment, most) {
            for (piece, ()) in pieces {
                let elements = (piece.end - piece.start) / size;
                let record = WriteRecord {
                    rows: frames.rows,
                    columns: frames.columns,
                    taps: frames.taps,
                    centre: frames.centre,
                    flags: u32::from(frames.taps_first),
                    dtype: chunk.job.constants.dtype as u32,
                    gain: chunk.job.constants.scale,
                    element: small(element + (piece.start - bytes.start) / size),
                    elements: small(elements),
                    position: small((piece.start - window.start) / size),
                };
                let records = self.append(bytemuck::bytes_of(&record))?;
                let workgroups = elements.div_ceil(u64::from(WORKGROUP)).min(1 << 14);
                let most = most_workgroups(self.device.max_workgroups_per_dimension);
                self.plan.dispatches.push(Dispatch {
                    kernel: Kernel::FillOrthogonal,
                    target: chunk.target,
                    window: window.start..window.end.next_multiple_of(4),
                    records,
                    list: None,
                    workgroup_size: WORKGROUP,
                    grid: grid(workgroups.min(most), self.device.max_workgroups_per_dimension),
                });
            }
        }
        Ok(())
    }
}
