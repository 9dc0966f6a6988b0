// Entry point of views: a grid of tiles over a table of jobs. Depends on: View, along, is_run, find_job, prepare_table, write_unit.

@compute @workgroup_size(workgroup_size)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    prepare_table(local_index, workgroup_size);
    let tile = workgroup.y * grid.x + workgroup.x;
    let job = find_job(tile);
    let units = jobs[job].units;
    let tile_units = jobs[job].tile_units;
    let first = (tile - jobs[job].first_tile) * tile_units;
    // Tiles past the last one (the grid is a rectangle) do nothing; their `first` may have wrapped.
    let is_past = tile - jobs[job].first_tile > (units - 1u) / tile_units;
    let end = select(min(first + tile_units, units), 0u, is_past);
    // Read once: most views have three axes or fewer.
    let draw = jobs[job].draw;
    let start = Unit(jobs[job].index, jobs[job].position, 0u, 0u);
    let run_axis = jobs[job].run_axis;
    let axis_0 = jobs[job].axes[0];
    let axis_1 = jobs[job].axes[1];
    let axis_2 = jobs[job].axes[2];
    let place = Place(jobs[job].run, jobs[job].run_stride, jobs[job].wide, jobs[job].wide_step);
    for (var number = first + local_index; number < end; number += workgroup_size) {
        var unit = along(Unit(start.index, start.position, 0u, number), axis_0, is_run(0u, run_axis));
        if axes == 2u {
            unit = along_last(unit, axis_1, is_run(1u, run_axis));
        } else {
            unit = along(unit, axis_1, is_run(1u, run_axis));
            if axes == 3u {
                unit = along_last(unit, axis_2, is_run(2u, run_axis));
            } else {
                for (var axis = 2u; unit.rest > 0u; axis += 1u) {
                    unit = along(unit, jobs[job].axes[axis], is_run(axis, run_axis));
                }
            }
        }
        write_unit(draw, place, number, unit);
    }
}
