//! Jobs or views that one dispatch will do.

use super::dispatch::{Planner, Stretches};
use super::grid::grid;
use super::path::Path;
use crate::Result;
use core::ops::Range;

/// Records of one kernel in one window, tile after tile.
pub(super) struct Batch {
    /// Groups or units of a tile.
    pub(super) tile: u32,
    /// Tiles so far.
    pub(super) tiles: u64,
    /// Groups or units so far.
    units: u64,
    pub(super) records: Vec<u8>,
    /// Computed values.
    pub(super) list: Vec<u8>,
}

impl Batch {
    pub(super) const fn new(tile: u32) -> Self {
        Self { tile, tiles: 0, units: 0, records: Vec::new(), list: Vec::new() }
    }

    /// Counts the tiles of a record of so many groups or units.
    pub(super) fn count(&mut self, units: u32) {
        self.tiles += u64::from(units.div_ceil(self.tile));
        self.units += u64::from(units);
    }
}

impl Planner<'_> {
    /// A dispatch for what is in the batch, which is empty then.
    pub(super) fn batch(
        &mut self,
        path: Path,
        buffer: usize,
        window: &Range<u64>,
        batch: &mut Batch,
        workspace: [u64; 3],
    ) -> Result<()> {
        let Batch { tile, tiles, units, records, list } = core::mem::replace(batch, Batch::new(batch.tile));
        if records.is_empty() {
            return Ok(());
        }
        let records = self.append(&records)?;
        let list = if list.is_empty() { 0..0 } else { self.append(&list)? };
        let stretches = Stretches { records, target: window.clone(), list, workspace };
        let workgroups = self.device.tiling.workgroups(tiles, units, tile);
        self.push(path, buffer, &stretches, grid(workgroups, self.device.max_workgroups_per_dimension));
        Ok(())
    }
}
