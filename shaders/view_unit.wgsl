// A unit of a view by its number. Depends on: Place, along, along_last, is_run, jobs.

fn unit_at(place: Place, number: u32) -> Unit {
    let first = Unit(place.first.index, place.first.position, 0u, number);
    var unit = along(first, place.axis_0, is_run(0u, place.run_axis));
    if axes == 2u {
        return along_last(unit, place.axis_1, is_run(1u, place.run_axis));
    }
    unit = along(unit, place.axis_1, is_run(1u, place.run_axis));
    if axes == 3u {
        return along_last(unit, place.axis_2, is_run(2u, place.run_axis));
    }
    for (var axis = 2u; unit.rest > 0u; axis += 1u) {
        unit = along(unit, jobs[place.job].axes[axis], is_run(axis, place.run_axis));
    }
    return unit;
}
