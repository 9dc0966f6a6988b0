// Entry point of views: a grid of tiles over a table of jobs.
// Depends on: View, Place, tiles_of, find_job, next_job, prepare_table, write_units.

@compute @workgroup_size(workgroup_size)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    prepare_table(local_index, workgroup_size);
    let last = arrayLength(&jobs) - 1u;
    let count = jobs[last].first_tile + (jobs[last].units - 1u) / jobs[last].tile_units + 1u;
    let tiles = tiles_of(workgroup, grid, count);
    var job = find_job(tiles.first);
    for (var tile = tiles.first; tile < tiles.end; tile += 1u) {
        job = next_job(job, tile);
        let tile_units = jobs[job].tile_units;
        let first = (tile - jobs[job].first_tile) * tile_units;
        let end = min(first + tile_units, jobs[job].units);
        let place = Place(
            Unit(jobs[job].index, jobs[job].position, 0u, 0u),
            jobs[job].run_axis,
            jobs[job].axes[0],
            jobs[job].axes[1],
            jobs[job].axes[2],
            job,
            jobs[job].run,
            jobs[job].run_stride,
            jobs[job].wide,
            jobs[job].wide_step,
        );
        write_units(jobs[job].draw, place, first, end, local_index, workgroup_size);
    }
}
