// Entry point of the fills: a grid of tiles over a table of jobs, sixteen bytes per store.
// Twins: src/plan/record.rs (layout), src/plan/grid.rs (tiles). Depends on: Draw, find_job, prepare_table, fill_groups.

// A run of whole 16-byte groups with one set of constants. Jobs are sorted by first_tile.
struct Job {
    first_tile: u32,
    tile_groups: u32,  // groups per tile
    groups: u32,       // groups in all
    first_group: u32,  // position in the output, in groups
    draw: Draw,
}

override workgroup_size: u32 = 256u;

@group(0) @binding(0) var<storage, read> jobs: array<Job>;

@compute @workgroup_size(workgroup_size)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    prepare_table(local_index, workgroup_size);
    let tile = workgroup.y * grid.x + workgroup.x;
    let job = jobs[find_job(tile)];
    let first = (tile - job.first_tile) * job.tile_groups;
    // Tiles past the last one (the grid is a rectangle) do nothing; their `first` may have wrapped.
    let is_past = tile - job.first_tile > (job.groups - 1u) / job.tile_groups;
    let end = select(min(first + job.tile_groups, job.groups), 0u, is_past);
    fill_groups(job.draw, job.first_group, first + local_index, end, workgroup_size);
}
