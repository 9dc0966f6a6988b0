//! Runs a plan's writes without a device: which bytes of which buffer each dispatch stores, by the arithmetic of the shaders, u32 with
//! its wrapping included.

use std::ops::Range;
use wgpu_init::DType;
use wgpu_init::plan::{
    ConstantRecord, DeltaRecord, Device, Dispatch, DrawRecord, EdgeRecord, JobRecord, ListedRecord, Plan, SparseRecord,
    ViewConstantRecord, ViewListedRecord, ViewMatrixRecord, ViewRecord, WriteRecord,
};
use wgpu_init::wgsl::{Kernel, Resource};

/// Which tiles a workgroup does, of how many workgroups and tiles there are.
pub(crate) type Tiles = fn(workgroup: u32, workgroups: u32, tiles: u32) -> Range<u32>;

/// As `shaders/find_job.wgsl` has them.
pub(crate) fn tiles_of(workgroup: u32, workgroups: u32, tiles: u32) -> Range<u32> {
    let together = (tiles - 1) / workgroups + 1;
    let first = workgroup * together;
    first..tiles.min(first + together)
}

/// The same with the quotient rounded down.
pub(crate) fn tiles_rounded_down(workgroup: u32, workgroups: u32, tiles: u32) -> Range<u32> {
    let together = (tiles / workgroups).max(1);
    let first = workgroup * together;
    first..tiles.min(first + together)
}

/// The groups of a tile, as `shaders/fill_main.wgsl` has them.
fn groups_of(tile: u32, job: &JobRecord) -> Range<u32> {
    let first = (tile - job.first_tile).wrapping_mul(job.tile_groups);
    first..first.wrapping_add(job.tile_groups).min(job.groups)
}

/// Every tile of a dispatch with its job's number.
fn tiles_with_jobs(dispatch: &Dispatch, jobs: &[JobRecord], tiles: Tiles) -> Vec<(u32, usize)> {
    let [x, y, z] = dispatch.grid;
    let last = jobs.last().expect("a job");
    let count = last.first_tile + (last.groups - 1) / last.tile_groups + 1;
    assert_eq!(z, 1);
    let workgroups = (0..y).flat_map(|row| (0..x).map(move |column| row * x + column));
    let tiles = workgroups.flat_map(|workgroup| tiles(workgroup, x * y, count));
    tiles.map(|tile| (tile, jobs.partition_point(|job| job.first_tile <= tile) - 1)).collect()
}

/// Every stretch of bytes that is written, once for each time, sorted, with its buffer.
pub(crate) fn writes(plan: &Plan, tiles: Tiles) -> Vec<(usize, Range<u64>)> {
    let mut writes = Vec::new();
    for dispatch in &plan.dispatches {
        let Some(target) = bytes(dispatch, Resource::Target) else { continue };
        let records = bytes(dispatch, Resource::Records).expect("records");
        let records = &plan.records[index(records.start)..index(records.end)];
        let mut push = |start: u64, end: u64| {
            assert!(target.start + end <= target.end, "{start}..{end} is not inside the window {target:?}");
            writes.push((dispatch.buffer, target.start + start..target.start + end));
        };
        match dispatch.kernel {
            Kernel::FillEdge => edges(dispatch, records, &mut push),
            Kernel::FillOrthogonal => matrices(dispatch, records, &mut push),
            kernel if kernel.name().starts_with("view_") || kernel.name().starts_with("rows_") => {
                views(dispatch, records, size_of::<ViewRecord>() + view_draw_size(kernel), tiles, &mut push);
            }
            kernel => fills(dispatch, records, size_of::<JobRecord>() + draw_size(kernel), tiles, &mut push),
        }
    }
    writes.retain(|(_, bytes)| !bytes.is_empty());
    writes.sort_by_key(|(buffer, bytes)| (*buffer, bytes.start));
    writes
}

fn index(byte: u64) -> usize {
    usize::try_from(byte).expect("small")
}

fn bytes(dispatch: &Dispatch, resource: Resource) -> Option<Range<u64>> {
    dispatch.bindings.iter().find(|bound| bound.resource == resource).map(|bound| bound.bytes.clone())
}

fn draw_size(kernel: Kernel) -> usize {
    match kernel {
        Kernel::FillConstant => size_of::<ConstantRecord>(),
        Kernel::FillListed => size_of::<ListedRecord>(),
        Kernel::FillDelta => size_of::<DeltaRecord>(),
        Kernel::FillSparse(_) => size_of::<SparseRecord>(),
        Kernel::FillUniform(_) | Kernel::FillNormal(_) | Kernel::FillTruncated(_) => size_of::<DrawRecord>(),
        other => panic!("{} writes no tiles", other.name()),
    }
}

fn fills(dispatch: &Dispatch, records: &[u8], stride: usize, tiles: Tiles, push: &mut impl FnMut(u64, u64)) {
    assert_eq!(records.len() % stride, 0);
    let jobs: Vec<JobRecord> =
        records.chunks(stride).map(|job| bytemuck::pod_read_unaligned(&job[..size_of::<JobRecord>()])).collect();
    for (tile, job) in tiles_with_jobs(dispatch, &jobs, tiles) {
        let groups = groups_of(tile, &jobs[job]);
        if groups.start < groups.end {
            let at = |group: u32| u64::from(jobs[job].first_group.wrapping_add(group)) * 16;
            push(at(groups.start), at(groups.end));
        }
    }
}

fn view_draw_size(kernel: Kernel) -> usize {
    match kernel {
        Kernel::ViewConstant(_) | Kernel::RowsConstant(_) => size_of::<ViewConstantRecord>(),
        Kernel::ViewListed(_) => size_of::<ViewListedRecord>(),
        Kernel::ViewDelta(_) => size_of::<DeltaRecord>(),
        Kernel::ViewSparse(_) => size_of::<SparseRecord>(),
        Kernel::ViewOrthogonal(_) => size_of::<ViewMatrixRecord>(),
        _ => size_of::<DrawRecord>(),
    }
}

/// The units of every tile, as `shaders/view_main.wgsl`, `view_rows_*.wgsl` and `view_units_*.wgsl` have them.
fn views(dispatch: &Dispatch, records: &[u8], stride: usize, tiles: Tiles, push: &mut impl FnMut(u64, u64)) {
    assert_eq!(records.len() % stride, 0);
    let views: Vec<ViewRecord> =
        records.chunks(stride).map(|view| bytemuck::pod_read_unaligned(&view[..size_of::<ViewRecord>()])).collect();
    let job = |view: &ViewRecord| {
        let mut job: JobRecord = bytemuck::Zeroable::zeroed();
        (job.first_tile, job.tile_groups, job.groups) = (view.first_tile, view.tile_units, view.units);
        job
    };
    let jobs: Vec<JobRecord> = views.iter().map(job).collect();
    for (tile, number) in tiles_with_jobs(dispatch, &jobs, tiles) {
        for unit in groups_of(tile, &jobs[number]) {
            write_unit(&views[number], unit, dispatch.kernel.name(), push);
        }
    }
}

fn write_unit(view: &ViewRecord, unit: u32, kernel: &str, push: &mut impl FnMut(u64, u64)) {
    let (mut rest, mut position, mut index, mut block) = (unit, view.position, view.index[0], 0);
    for (number, axis) in (0..).zip(view.axes) {
        let left = u32::try_from((u64::from(rest) * u64::from(axis.magic)) >> 32).expect("32 bits") >> axis.shift;
        let at = rest - left * axis.count;
        rest = left;
        position += at * axis.stride;
        if number == view.run_axis {
            block = at;
        } else {
            index = index.wrapping_add(at.wrapping_mul(axis.step[0]));
        }
    }
    assert_eq!(rest, 0, "unit {unit} is past the last axis");
    if kernel.starts_with("rows_") {
        return push(u64::from(position) * 16, u64::from(position) * 16 + 16);
    }
    let dtype = DType::ALL.iter().find(|dtype| kernel.ends_with(&format!("_{dtype}"))).expect("a kernel of a dtype");
    let size = dtype.size();
    for element in 0..4 {
        let neighbour = (block * 4 + element).wrapping_sub(index & 3);
        if neighbour < view.run {
            let start = u64::from(position + neighbour * view.run_stride) * size;
            push(start, start + size * u64::from(view.wide));
        }
    }
}

fn edges(dispatch: &Dispatch, records: &[u8], push: &mut impl FnMut(u64, u64)) {
    let [x, y, z] = dispatch.grid;
    let edges: Vec<EdgeRecord> = records.chunks(size_of::<EdgeRecord>()).map(bytemuck::pod_read_unaligned).collect();
    let threads = u64::from(x) * u64::from(y) * u64::from(dispatch.workgroup_size);
    assert!(z == 1 && threads >= edges.len() as u64, "{threads} threads for {} words", edges.len());
    for EdgeRecord { position, mask, .. } in edges {
        let first = u64::from(position) * 4;
        for byte in (0..4).filter(|byte| mask >> (8 * byte) & 0xFF == 0xFF) {
            push(first + byte, first + byte + 1);
        }
        assert!((0..4).all(|byte| matches!(mask >> (8 * byte) & 0xFF, 0 | 0xFF)), "{mask:x} is no mask of bytes");
    }
}

fn matrices(dispatch: &Dispatch, records: &[u8], push: &mut impl FnMut(u64, u64)) {
    let records: Vec<WriteRecord> =
        records.chunks(size_of::<WriteRecord>()).map(bytemuck::pod_read_unaligned).collect();
    assert_eq!(dispatch.grid[2] as usize, records.len());
    for record in records {
        let size = DType::ALL[record.matrices.dtype as usize].size();
        let start = u64::from(record.position) * size;
        push(start, start + u64::from(record.elements) * size);
    }
}

/// The number of each byte that a plan of one buffer writes, in ascending order: twice where it is written twice.
pub(crate) fn written(plan: &Plan) -> Vec<u64> {
    let mut bytes: Vec<u64> = writes(plan, tiles_of).into_iter().flat_map(|(_, bytes)| bytes).collect();
    bytes.sort_unstable();
    bytes
}

/// That a plan keeps to what its device can do.
pub(crate) fn keeps_to(plan: &Plan, device: &Device) {
    assert!(plan.records.len() as u64 <= device.max_buffer_size, "{} bytes of records", plan.records.len());
    for dispatch in &plan.dispatches {
        assert!(dispatch.grid.iter().all(|size| *size <= device.max_workgroups_per_dimension), "{:?}", dispatch.grid);
        assert!(dispatch.grid.iter().all(|size| *size > 0) && dispatch.workgroup_size > 0);
        assert!(dispatch.workgroup_size <= device.max_workgroup_size, "{}", dispatch.workgroup_size);
        for bound in dispatch.bindings.iter().filter(|bound| bound.resource != Resource::Table) {
            let length = bound.bytes.end - bound.bytes.start;
            assert!((1..=device.max_binding_size).contains(&length), "{bound:?}");
            assert!(bound.bytes.start.is_multiple_of(device.offset_alignment.max(4)), "{bound:?}");
            if matches!(bound.resource, Resource::Records | Resource::List) {
                assert!(bound.bytes.end <= plan.records.len() as u64, "{bound:?}");
            }
        }
    }
}
