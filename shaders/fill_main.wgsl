// Entry point of the fills: a grid of tiles over a table of jobs, sixteen bytes per store.
// Twins: src/plan/record.rs (layout), src/plan/tiling.rs (tiles). Depends on: Draw, tiles_of, find_job, next_job, prepare_table, fill_groups.

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
    let last = arrayLength(&jobs) - 1u;
    let count = jobs[last].first_tile + (jobs[last].groups - 1u) / jobs[last].tile_groups + 1u;
    let tiles = tiles_of(workgroup, grid, count);
    var number = find_job(tiles.first);
    for (var tile = tiles.first; tile < tiles.end; tile += 1u) {
        number = next_job(number, tile);
        let job = jobs[number];
        let first = (tile - job.first_tile) * job.tile_groups;
        let end = min(first + job.tile_groups, job.groups);
        fill_groups(job.draw, job.first_group, first + local_index, end, workgroup_size);
    }
}
