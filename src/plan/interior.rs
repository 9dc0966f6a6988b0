//! Interiors of fills: whole 16-byte groups, of one kernel in one window.

use super::batch::Batch;
use super::dispatch::{Planner, small};
use super::grid::most_workgroups;
use super::path::Path;
use super::record::{ConstantRecord, DeltaRecord, DrawRecord, JobRecord, ListedRecord, SparseRecord};
use super::window::GROUP;
use crate::Result;
use crate::fill::Job;
use crate::value::program::Elementwise;
use crate::wgsl::Kernel;
use bytemuck::bytes_of;
use core::ops::Range;

impl Batch {
    fn push_job(&mut self, job: &Job<Elementwise>, head: &JobRecord) {
        self.count(head.groups);
        self.records.extend_from_slice(bytes_of(head));
        match &job.program {
            Elementwise::Constant(word) => self.records.extend_from_slice(bytes_of(&ConstantRecord { word: *word })),
            Elementwise::Affine(affine) => {
                let draw = DrawRecord::new(job.first, &job.source, affine);
                self.records.extend_from_slice(bytes_of(&draw));
            }
            Elementwise::Computed(..) => {
                let first_group = small(self.list.len() as u64 / GROUP);
                self.records.extend_from_slice(bytes_of(&ListedRecord { first_group }));
                let start = self.list.len();
                self.list.resize(start + head.groups as usize * 16, 0);
                job.write(&mut self.list[start..]);
            }
            Elementwise::Delta(delta, word) => {
                self.records.extend_from_slice(bytes_of(&DeltaRecord::new(job, delta, *word)));
            }
            Elementwise::Sparse(sparse, scale) => {
                self.records.extend_from_slice(bytes_of(&SparseRecord::new(job, sparse, *scale)));
            }
        }
    }
}

impl Planner<'_> {
    /// Dispatches for the interior pieces of one path in one window: more than one only if the grid or the table of
    /// records would be too large.
    pub(super) fn interior(
        &mut self,
        path: Path,
        buffer: usize,
        window: &Range<u64>,
        pieces: &[(Range<u64>, &Job<Elementwise>)],
    ) -> Result<()> {
        let device = self.device;
        let groups = pieces.iter().map(|(bytes, _)| (bytes.end - bytes.start) / GROUP).sum();
        let tile = device.tile_groups(path.kernel, groups);
        let most_tiles = most_workgroups(device.max_workgroups_per_dimension);
        if path.kernel == Kernel::FillListed {
            // Before anything is computed: a list as long as a model's largest tensors would take the host minutes.
            self.table_size(groups * GROUP)?;
        }
        let mut batch = Batch::new(tile);
        for (bytes, job) in pieces {
            let mut bytes = bytes.clone();
            while !bytes.is_empty() {
                let room = (most_tiles - batch.tiles).saturating_mul(tile.into()).saturating_mul(GROUP);
                if room == 0 || batch.records.len() as u64 + LARGEST > device.largest_records() {
                    self.batch(path, buffer, window, &mut batch, [0; 3])?;
                    continue;
                }
                let now = bytes.start..bytes.end.min(bytes.start.saturating_add(room));
                let groups = (now.end - now.start) / GROUP;
                let head = JobRecord {
                    first_tile: small(batch.tiles),
                    tile_groups: tile,
                    groups: small(groups),
                    first_group: small((now.start - window.start) / GROUP),
                };
                batch.push_job(&job.part(now.clone()), &head);
                bytes.start = now.end;
            }
        }
        self.batch(path, buffer, window, &mut batch, [0; 3])
    }
}

/// Bytes of the largest job.
const LARGEST: u64 = (size_of::<JobRecord>() + size_of::<SparseRecord>()) as u64;
