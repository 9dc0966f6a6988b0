// A unit of any view: each of its elements of 32 bits goes where it belongs. Depends on: Draw, Unit, block_of, draw_four.

@group(0) @binding(1) var<storage, read_write> output: array<u32>;

fn is_run(axis: u32, run_axis: u32) -> bool {
    return axis == run_axis;
}

fn draw_unit(draw: Draw, place: Place, number: u32, unit: Unit) -> vec4<u32> {
    return draw_four(draw, number, add_wide(block_of(unit.index), unit.block));
}

fn store_unit(place: Place, unit: Unit, four: vec4<u32>) {
    // Below the first neighbour this wraps to a large number.
    let neighbour = unit.block * 4u - (unit.index.x & 3u);
    let position = unit.position + neighbour * place.run_stride;
    if neighbour < place.run {
        output[position] = four.x;
    }
    if neighbour + 1u < place.run {
        output[position + place.run_stride] = four.y;
    }
    if neighbour + 2u < place.run {
        output[position + place.run_stride * 2u] = four.z;
    }
    if neighbour + 3u < place.run {
        output[position + place.run_stride * 3u] = four.w;
    }
}
