//! Fills to dispatches.

use super::grid::{grid, most_workgroups};
use super::record::{DrawRecord, EdgeRecord, JobRecord};
use super::spread::Spread;
use super::window::{GROUP, pack, split};
use crate::cpu::bytes_of;
use crate::fill::{Job, check_overlap};
use crate::scheme::Place;
use crate::wgsl::{Clamp, Kernel, Phase};
use crate::{Error, FillSpec, Kind, Result};
use core::ops::Range;
use std::collections::BTreeMap;

/// The limits of a device that a plan must respect. [`Default`] is what every WebGPU device grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// `max_storage_buffer_binding_size`, bytes.
    pub max_binding_size: u64,
    /// `max_buffer_size`, bytes; bounds the table of jobs.
    pub max_buffer_size: u64,
    /// `min_storage_buffer_offset_alignment`, bytes, a power of two.
    pub offset_alignment: u64,
    /// `max_compute_workgroups_per_dimension`.
    pub max_workgroups_per_dimension: u32,
    /// The largest workgroup, at most 256: `max_compute_invocations_per_workgroup`, `max_compute_workgroup_size_x`.
    pub max_workgroup_size: u32,
    /// How the work is spread. The values do not depend on it.
    pub spread: Spread,
}

impl Device {
    /// Invocations of a workgroup of `kernel` on this device: the value of its override constant `workgroup_size`.
    #[must_use]
    pub const fn workgroup_size(&self, kernel: Kernel) -> u32 {
        let tiled =
            !matches!(kernel, Kernel::FillEdge | Kernel::CheckNormal | Kernel::CheckPhilox) && !kernel.uses_workspace();
        let size = if tiled { self.spread.workgroup_size } else { kernel.default_workgroup_size() };
        if size < self.max_workgroup_size { size } else { self.max_workgroup_size }
    }
}

impl Default for Device {
    fn default() -> Self {
        Self {
            max_binding_size: 128 << 20,
            max_buffer_size: 256 << 20,
            offset_alignment: 256,
            max_workgroups_per_dimension: 65_535,
            max_workgroup_size: 256,
            spread: Spread::PARALLEL,
        }
    }
}

/// One dispatch of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The shader.
    pub kernel: Kernel,
    /// Which target is bound as the output (binding 1), or will be by a later step.
    pub target: usize,
    /// The bytes of the target that are bound; starts at a multiple of the offset alignment. Empty for a step that works in the
    /// workspace alone.
    pub window: Range<u64>,
    /// The bytes of [`Plan::records`] that are bound (binding 0); starts at a multiple of the offset alignment.
    pub records: Range<u64>,
    /// For [`Kernel::FillListed`], the bytes of [`Plan::records`] that are bound as the list (binding 2); starts at a multiple
    /// of the offset alignment.
    pub list: Option<Range<u64>>,
    /// Value of the override constant `workgroup_size`.
    pub workgroup_size: u32,
    /// Workgroups in x, y and z.
    pub grid: [u32; 3],
}

/// A list of dispatches over a table of records. Those of orthogonal matrices ([`Kernel::uses_workspace`]) run in order; the others
/// may run at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// [`JobRecord`]s and [`EdgeRecord`]s, little-endian, one stretch for each dispatch, and lists of computed values.
    pub records: Vec<u8>,
    /// What to dispatch.
    pub dispatches: Vec<Dispatch>,
    /// Bytes of the three buffers of the workspace: reflectors, matrices, and signs with blocks and products.
    pub workspace: [u64; 3],
}

/// Plans fills into targets: `targets` are sizes in bytes, each fill names the target it writes to.
///
/// Pure: the same arguments give the same plan. A fill without elements is checked and then ignored.
///
/// # Errors
/// [`Error::Fill`] around what is wrong with a fill; [`Error::Overlap`]; [`Error::DeviceLimit`].
///
/// # Panics
/// If a fill names a target that is not in the list.
pub fn plan(targets: &[u64], fills: &[(usize, &FillSpec)], device: &Device) -> Result<Plan> {
    let most = window_limit(device)?;
    let mut jobs: Vec<Vec<(usize, Job)>> = vec![Vec::new(); targets.len()];
    for (index, (target, spec)) in fills.iter().enumerate() {
        let at_fill = |error: Error| error.in_fill(index, spec.name());
        let job = spec.resolve().map_err(at_fill)?;
        if job.bytes.is_empty() {
            continue;
        }
        check_range(&job.bytes, targets[*target]).map_err(at_fill)?;
        jobs[*target].push((index, job));
    }
    let mut planner = Planner { device, plan: Plan::default() };
    for (target, jobs) in jobs.iter_mut().enumerate() {
        jobs.sort_by_key(|(_, job)| job.bytes.start);
        check_overlap(jobs)?;
        let mut interiors: BTreeMap<Kernel, Vec<(Range<u64>, &Job)>> = BTreeMap::new();
        let mut edges = Vec::new();
        for (index, job) in jobs.iter() {
            if let (Kind::Orthogonal, Some((Place::Frames(frames), origin))) = (job.constants.kind, job.constants.place)
            {
                let name = fills[*index].1.name();
                planner.orthogonal(target, job, &frames, origin).map_err(|error| error.in_fill(*index, name))?;
                continue;
            }
            let (head, interior, tail) = split(&job.bytes);
            if !interior.is_empty() {
                let kernel = interior_kernel(job, job.element_at(interior.start));
                interiors.entry(kernel).or_default().push((interior, job));
            }
            edges.extend([(head, job), (tail, job)]);
        }
        for (kernel, pieces) in interiors {
            for (window, pieces) in pack(pieces, device.offset_alignment.max(GROUP), most) {
                planner.interior(kernel, target, &window, &pieces)?;
            }
        }
        for (window, pieces) in pack(edges, device.offset_alignment.max(GROUP), most) {
            planner.edges(target, &window, &pieces)?;
        }
    }
    Ok(planner.plan)
}

/// The largest window: whole groups, and positions inside it fit u32 with room to spare.
fn window_limit(device: &Device) -> Result<u64> {
    let least = |limit, got, needed| if got < needed { Err(Error::DeviceLimit { limit, got, needed }) } else { Ok(()) };
    let most = device.max_binding_size.min(1 << 31) / GROUP * GROUP;
    // A window starts up to one alignment before its first byte.
    least("max_storage_buffer_binding_size", most, device.offset_alignment.max(GROUP) + GROUP)?;
    least("max_compute_workgroups_per_dimension", device.max_workgroups_per_dimension.into(), 1)?;
    least("max_compute_invocations_per_workgroup", device.max_workgroup_size.into(), 1)?;
    Ok(most)
}

fn check_range(bytes: &Range<u64>, size: u64) -> Result<()> {
    let Range { start, end } = *bytes;
    if end > size {
        return Err(Error::TargetTooSmall { start, end, size });
    }
    if end > size / 4 * 4 {
        return Err(Error::IncompleteWord { start, end, size });
    }
    Ok(())
}

/// The kernel of an interior whose first element has this index.
fn interior_kernel(job: &Job, first: u64) -> Kernel {
    let dtype = job.constants.dtype;
    let phase = if first & 3 == 0 { Phase::Zero } else { Phase::Any };
    let clamp = || if job.constants.clamps() { Clamp::Bounds } else { Clamp::None };
    match job.constants.kind {
        Kind::Constant => Kernel::FillConstant,
        Kind::Uniform => Kernel::FillUniform(dtype, phase, clamp()),
        Kind::Normal => Kernel::FillNormal(dtype, phase),
        Kind::Truncated => Kernel::FillTruncated(dtype, phase, clamp()),
        Kind::Computed => Kernel::FillListed,
        Kind::Delta => Kernel::FillDelta,
        Kind::Sparse => Kernel::FillSparse(dtype, phase),
        Kind::Orthogonal => Kernel::FillOrthogonal,
    }
}

pub(super) struct Planner<'a> {
    pub(super) device: &'a Device,
    pub(super) plan: Plan,
}

impl Planner<'_> {
    /// Dispatches for the interior pieces of one kernel in one window: more than one only if the grid or the table of
    /// records would be too large.
    fn interior(
        &mut self,
        kernel: Kernel,
        target: usize,
        window: &Range<u64>,
        pieces: &[(Range<u64>, &Job)],
    ) -> Result<()> {
        let workgroup_size = self.device.workgroup_size(kernel);
        let groups = pieces.iter().map(|(bytes, _)| (bytes.end - bytes.start) / GROUP).sum();
        let tile = self.device.spread.tile_groups(groups, workgroup_size);
        let most_tiles = most_workgroups(self.device.max_workgroups_per_dimension);
        let listed = kernel == Kernel::FillListed;
        if listed {
            // Before anything is computed: a list as long as a model's largest tensors would take the host minutes.
            self.table_size(groups * GROUP)?;
        }
        let (mut records, mut list): (Vec<JobRecord>, Vec<u8>) = Default::default();
        let mut tiles = 0;
        for (bytes, job) in pieces {
            let mut bytes = bytes.clone();
            while !bytes.is_empty() {
                let room = (most_tiles - tiles).saturating_mul(tile.into()).saturating_mul(GROUP);
                if room == 0 || records.len() == self.most_records() {
                    self.push(kernel, target, window, [bytemuck::cast_slice(&records), &list], tiles)?;
                    records.clear();
                    list.clear();
                    tiles = 0;
                    continue;
                }
                let now = bytes.start..bytes.end.min(bytes.start.saturating_add(room));
                let groups = (now.end - now.start) / GROUP;
                let part = job.part(now.clone());
                let draw = if let Some((Place::Delta(delta), origin)) = &part.constants.place {
                    DrawRecord::delta(&part, delta, *origin)
                } else if let Some((Place::Sparse(sparse), origin)) = &part.constants.place {
                    DrawRecord::sparse(&part, sparse, *origin)
                } else if listed {
                    let first_group = small(list.len() as u64 / GROUP);
                    list.extend(bytes_of(&part));
                    DrawRecord::listed(first_group)
                } else {
                    DrawRecord::new(&part)
                };
                records.push(JobRecord {
                    first_tile: small(tiles),
                    tile_groups: tile,
                    groups: small(groups),
                    first_group: small((now.start - window.start) / GROUP),
                    draw,
                });
                tiles += groups.div_ceil(tile.into());
                bytes.start = now.end;
            }
        }
        self.push(kernel, target, window, [bytemuck::cast_slice(&records), &list], tiles)
    }

    /// Dispatches for the edges in one window, one invocation each.
    fn edges(&mut self, target: usize, window: &Range<u64>, pieces: &[(Range<u64>, &Job)]) -> Result<()> {
        let kernel = Kernel::FillEdge;
        let workgroup_size = u64::from(self.device.workgroup_size(kernel));
        let most_workgroups = most_workgroups(self.device.max_workgroups_per_dimension);
        let most = usize::try_from(most_workgroups.saturating_mul(workgroup_size)).unwrap_or(usize::MAX);
        let records: Vec<EdgeRecord> =
            pieces.iter().flat_map(|(bytes, job)| edge_records(window, bytes, job)).collect();
        for records in records.chunks(most.min(self.most_records())) {
            let workgroups = (records.len() as u64).div_ceil(workgroup_size);
            self.push(kernel, target, window, [bytemuck::cast_slice(records), &[]], workgroups)?;
        }
        Ok(())
    }

    /// Records that one binding can hold.
    fn most_records(&self) -> usize {
        let most = self.device.max_binding_size.min(1 << 26) / size_of::<JobRecord>() as u64;
        usize::try_from(most).unwrap_or(usize::MAX)
    }

    /// The size of the table after `more` bytes, or why the device cannot hold it.
    fn table_size(&self, more: u64) -> Result<u64> {
        let start = (self.plan.records.len() as u64).next_multiple_of(self.device.offset_alignment.max(GROUP));
        let (got, needed) = (self.device.max_buffer_size, start.saturating_add(more));
        let limit = "max_buffer_size (for the table of fills and computed values)";
        if needed > got { Err(Error::DeviceLimit { limit, got, needed }) } else { Ok(needed) }
    }

    /// Appends bytes to the table and says where they lie.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<Range<u64>> {
        let end = self.table_size(bytes.len() as u64)?;
        let start = end - bytes.len() as u64;
        let table = &mut self.plan.records;
        table.resize(usize::try_from(start).unwrap_or(usize::MAX), 0);
        table.extend_from_slice(bytes);
        Ok(start..end)
    }

    fn push(
        &mut self,
        kernel: Kernel,
        target: usize,
        window: &Range<u64>,
        [records, list]: [&[u8]; 2],
        workgroups: u64,
    ) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let records = self.append(records)?;
        let list = if list.is_empty() { None } else { Some(self.append(list)?) };
        self.plan.dispatches.push(Dispatch {
            kernel,
            target,
            window: window.start..window.end.next_multiple_of(4),
            records,
            list,
            workgroup_size: self.device.workgroup_size(kernel),
            grid: grid(workgroups, self.device.max_workgroups_per_dimension),
        });
        Ok(())
    }
}

/// One record for the few elements of an edge; values that are computed or depend on their place are one constant each.
fn edge_records(window: &Range<u64>, bytes: &Range<u64>, job: &Job) -> Vec<EdgeRecord> {
    let (dtype, part) = (job.constants.dtype, job.part(bytes.clone()));
    let position = small((bytes.start - window.start) / dtype.size());
    let elements = small((bytes.end - bytes.start) / dtype.size());
    let record = |kind: Kind, position, elements, draw| EdgeRecord {
        kind: kind as u32,
        dtype: dtype as u32,
        elements,
        position,
        draw,
    };
    if matches!(job.constants.kind, Kind::Constant | Kind::Uniform | Kind::Normal | Kind::Truncated) {
        return vec![record(job.constants.kind, position, elements, DrawRecord::new(&part))];
    }
    let values = bytes_of(&part);
    let size = values.len() / elements.max(1) as usize;
    let bits = values.chunks_exact(size.max(1)).map(|bytes| {
        let mut word = [0; 4];
        word[..bytes.len()].copy_from_slice(bytes);
        u32::from_le_bytes(word)
    });
    bits.zip(position..)
        .map(|(bits, position)| record(Kind::Constant, position, 1, DrawRecord::constant(bits)))
        .collect()
}

/// A position inside a window or a grid, all of which are below 2^32 by construction.
pub(super) fn small(x: u64) -> u32 {
    u32::try_from(x).expect("windows span at most 2^31 bytes and grids at most 2^31 workgroups")
}
